package main

import (
	"encoding/csv"
	"math/rand/v2"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"interp/internal/shared"
	"interp/nnrt/token"
)

func newWriter(seed uint64) *writer { return &writer{Rand: rand.New(rand.NewPCG(seed, 0))} }

func TestFill(t *testing.T) {
	value := func(slot string) string {
		return map[string]string{"1": "Ann", "PLACE": "park", "OBJECT": "cup of tea"}[slot]
	}
	for _, c := range []struct{ template, want, sure string }{
		{"After [1] went to the [PLACE], she! sat.", "After Ann went to the park, she sat.", " she"},
		{"[1], a [OBJECT!].", "Ann, a cup of tea.", " cup of tea"},
	} {
		words := fill(c.template, value)
		sure := ""
		for _, w := range words {
			if w.sure {
				sure += w.text
			}
		}
		if got := text(words); got != c.want || sure != c.sure {
			t.Errorf("fill(%q) = %q, sure of %q; want %q, %q", c.template, got, sure, c.want, c.sure)
		}
	}
}

func TestGivingSentences(t *testing.T) {
	w := newWriter(1)
	for range 2000 {
		k := w.give(false, false)
		said := text(k.words)
		if strings.Count(said, k.io) < 1 || !strings.HasSuffix(said, " to"+k.io+".") {
			t.Fatalf("%q does not end with the receiver%s", said, k.io)
		}
		if names := regexp.MustCompile(strings.TrimSpace(k.s)+`\b`).FindAllString(said, -1); len(names) != 2 {
			t.Fatalf("%q has the giver%s %d times, want 2", said, k.s, len(names))
		}
		if slip := k.words[k.answer()].slip; slip != k.s {
			t.Fatalf("%q: the slip is %q, want %q", said, slip, k.s)
		}
		if prompt := k.prompt(); prompt+k.io+"." != said {
			t.Fatalf("the prompt of %q is %q", said, prompt)
		}
	}
}

// The training never sees what the measure holds out.
func TestHeldOutSentencesAreNotTrained(t *testing.T) {
	if !heldPair("John", "Mary") || !heldPair("Mary", "John") {
		t.Error("the README's pair of names is trained on")
	}
	w := newWriter(2)
	for range 3000 {
		for _, held := range []bool{false, true} {
			k := w.give(held, held)
			if got := heldPair(strings.TrimSpace(k.io), strings.TrimSpace(k.s)); got != held {
				t.Fatalf("%q: names held out: %v, want %v", text(k.words), got, held)
			}
		}
	}
	name := regexp.MustCompile(`\b(` + strings.Join(names, "|") + `)\b`)
	for range 3000 {
		for _, words := range [][]word{w.stranger(), w.nobody(), w.bystander(), w.crowd()} {
			met := name.FindAllString(text(words), -1)
			for _, a := range met {
				for _, b := range met {
					if a != b && heldPair(a, b) {
						t.Fatalf("%q has %s and %s, which are held out", text(words), a, b)
					}
				}
			}
		}
	}
}

func TestHeldOutShare(t *testing.T) {
	held, all := 0, 0
	for i, a := range names {
		for _, b := range names[:i] {
			all++
			if heldPair(a, b) {
				held++
			}
		}
	}
	if share := float64(held) / float64(all); share < 0.05 || share > 0.15 {
		t.Errorf("%.3f of the pairs of names are held out, want about 0.1", share)
	}
	for template := range giving {
		held := 0
		for object := range objects {
			if heldObject(template, object) {
				held++
			}
		}
		if held < 2 || held > 3 {
			t.Errorf("template %d: %d objects are held out, want 2 or 3", template, held)
		}
	}
}

func TestNamesAreDifferent(t *testing.T) {
	seen := map[string]bool{}
	for _, n := range names {
		if seen[n] {
			t.Errorf("%s is in the list twice", n)
		}
		seen[n] = true
	}
}

// tokenizer is that of the corpus' vocabulary.
func tokenizer(t *testing.T) *token.Tokenizer {
	t.Helper()
	v := learn(corpusWords(1))
	tok, err := token.Load(fstest.MapFS{"vocab.json": {Data: []byte(v.vocabJSON())}, "merges.txt": {Data: []byte(v.mergesText())}})
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

// The tokenizer gives a sentence the tokens that the training gives it: one a word.
func TestEveryWordOfTheCorpusIsOneToken(t *testing.T) {
	tok, w := tokenizer(t), newWriter(5)
	m := mix{give: 0.3, stranger: 0.1, nobody: 0.1, bystander: 0.1, crowd: 0.2}
	for range 3000 {
		words := m.text(w)
		ids, err := tok.Encode(text(words))
		if err != nil {
			t.Fatal(err)
		}
		if len(ids) != len(words) {
			t.Fatalf("%q: %d tokens for %d words", text(words), len(ids), len(words))
		}
		for i, x := range words {
			if id, ok := tok.ID(x.text); !ok || id != ids[i] {
				t.Fatalf("%q: token %d is %d, want %d for %q", text(words), i, ids[i], id, x.text)
			}
		}
	}
}

// Published prompts of the task, and those of this project, are one token a word.
func TestWordsOfPublishedPromptsAreOneToken(t *testing.T) {
	tok := tokenizer(t)
	prompts := []string{clean, corrupted}
	f, err := os.Open(shared.Path(t, "data", "prompts", "eap_ig_ioi_llama.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records[1:] {
		prompts = append(prompts, r[1:4]...)
	}
	word := regexp.MustCompile(`[A-Za-z]+|[^\sA-Za-z]`)
	for _, text := range prompts {
		ids, err := tok.Encode(text)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(word.FindAllString(text, -1)); n != len(ids) {
			t.Errorf("%q: %d words and marks, %d tokens", text, n, len(ids))
		}
	}
}

func TestRowsRepeat(t *testing.T) {
	words := corpusWords(1)
	s, err := newSource(1, learn(words), words)
	if err != nil {
		t.Fatal(err)
	}
	row := s.row(newWriter(1), 40, mix{repeat: 1})
	from := 0
	for row[from].weight == 0 {
		from++
	}
	period := from
	if row[0].id == s.end {
		period--
	}
	for i := from; i < len(row); i++ {
		if row[i].id != row[i-period].id || row[i].weight == 0 {
			t.Fatalf("place %d of a row of period %d does not repeat", i, period)
		}
	}
}
