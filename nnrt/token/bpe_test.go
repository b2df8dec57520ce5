package token

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// naive merges as OpenAI's encoder does: find the pair of lowest rank, merge it everywhere from the
// left, repeat.
func naive(m *bpe, word string) []int32 {
	var ids []int32
	for i := range len(word) {
		ids = append(ids, m.bytes[word[i]])
	}
	for {
		best, found := merge{}, pair{-1, -1}
		for i := 0; i+1 < len(ids); i++ {
			p := pair{ids[i], ids[i+1]}
			if to, ok := m.merges[p]; ok && (found.left < 0 || to.rank < best.rank) {
				best, found = to, p
			}
		}
		if found.left < 0 {
			return ids
		}
		var out []int32
		for i := 0; i < len(ids); i++ {
			if i+1 < len(ids) && ids[i] == found.left && ids[i+1] == found.right {
				out = append(out, best.id)
				i++
			} else {
				out = append(out, ids[i])
			}
		}
		ids = out
	}
}

func TestMergingAgreesWithTheNaiveTwin(t *testing.T) {
	m := gpt2(t).split.(*bpe)
	random := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		alphabet := []string{"abcdetnrs ", "aab", "-=_. ", "\u65e5\u672ct\xff"}[random.IntN(4)]
		word := make([]byte, 1+random.IntN(40))
		for i := range word {
			word[i] = alphabet[random.IntN(len(alphabet))]
		}
		got, err := m.merge(string(word), nil)
		if want := naive(m, string(word)); err != nil || !slices.Equal(got, want) {
			t.Fatalf("%q: got %v, %v, want %v", word, got, err, want)
		}
		for range 2 { // learnt or cached, then looked up
			if again, err := m.encode(string(word), nil); err != nil || !slices.Equal(again, got) {
				t.Fatalf("%q: encode gives %v, %v, merge %v", word, again, err, got)
			}
		}
	}
}

func TestATokenItsMergesDoNotReachIsNotTaken(t *testing.T) {
	// "bc" has no merge and "abc" is reached by "ab" alone, so the word bc stays two tokens.
	tok := load(t, vocabFile, `{"a": 0, "b": 1, "c": 2, "ab": 3, "bc": 4, "abc": 5}`, mergesFile, "a b\nab c\n")
	for text, want := range map[string][]int32{"bc": {1, 2}, "abc": {5}, "abcbc": {5, 1, 2}} {
		for range 2 {
			if got, err := tok.Encode(text); err != nil || !slices.Equal(got, want) {
				t.Errorf("%q: got %v, %v, want %v", text, got, err, want)
			}
		}
	}
}

func TestLongTextsTakeBoundedTime(t *testing.T) {
	tok := gpt2(t)
	for name, unit := range map[string]string{"one letter": "a", "spaces": " ", "hyphens": "-", "a half character": "\xe6", "special tokens": "<|endoftext|>", "nearly special": "<|endoftext|<"} {
		t.Run(name, func(t *testing.T) {
			text := strings.Repeat(unit, 1<<20/len(unit))
			start := time.Now()
			ids, err := tok.Encode(text)
			if took := time.Since(start); err != nil || took > 20*time.Second {
				t.Errorf("%v after %v", err, took)
			}
			if back, err := tok.Decode(ids); back != text {
				t.Errorf("it does not decode: %v", err)
			}
		})
	}
}

func FuzzRoundTrip(f *testing.F) {
	for _, s := range []string{"", " ", "After John and Mary", "it's I'LL", "a\n\n b  \t", "\u65e5\u672c \u2028x", "<|endoftext|>x", "\xff\xe6a", "\u00a0\u3000 \u0085", "1\u00bd\u2460"} {
		f.Add(s)
	}
	tok := bytesOnly(f)
	f.Fuzz(func(t *testing.T, text string) {
		ids, err := tok.Encode(text)
		if err != nil {
			t.Fatal(err)
		}
		back, err := tok.Decode(ids)
		if err != nil || back != text {
			t.Fatalf("%q decodes to %q, %v", text, back, err)
		}
		again, err := tok.Encode(back)
		if err != nil || !slices.Equal(again, ids) {
			t.Fatalf("%q: %v, then %v, %v", text, ids, again, err)
		}
		labels, err := labelsOf(tok, text)
		if err != nil || len(labels) != len(ids) {
			t.Fatalf("%d labels of %d ids, %v", len(labels), len(ids), err)
		}
		for _, l := range labels {
			if !utf8.ValidString(l) {
				t.Fatalf("the label %q is not UTF-8", l)
			}
		}
	})
}

func FuzzLoad(f *testing.F) {
	f.Add([]byte(tinyVocab), []byte(tinyMerges), []byte(nil))
	f.Add([]byte(`{"a":0}`), []byte(nil), []byte(nil))
	f.Add([]byte(nil), []byte(nil), []byte(tinyDocument(f, func(_, _ map[string]any) {})))
	f.Fuzz(func(t *testing.T, vocab, merges, document []byte) {
		var pairs []string
		for name, data := range map[string][]byte{vocabFile: vocab, mergesFile: merges, tokenizerFile: document} {
			if len(data) > 0 {
				pairs = append(pairs, name, string(data))
			}
		}
		tok, err := Load(files(pairs...))
		if err != nil {
			return
		}
		for id := range tok.Size() {
			if text, err := tok.Decode([]int32{int32(id)}); err != nil || text == "" {
				t.Fatalf("token %d is %q, %v", id, text, err)
			}
		}
		if ids, err := tok.Encode("ab c"); err == nil {
			if text, err := tok.Decode(ids); text != "ab c" {
				t.Fatalf("decodes to %q, %v", text, err)
			}
		}
	})
}

// bytesOnly has a token for every byte, a few merges and a special token.
func bytesOnly(t testing.TB) *Tokenizer {
	t.Helper()
	entries := &listing{ids: map[string]int64{}}
	for b, r := range ByteRunes() {
		if err := entries.add(entry{string(r), int64(b)}); err != nil {
			t.Fatal(err)
		}
	}
	var merges []written
	for i, p := range [][2]string{{"a", "n"}, {"Ġ", "a"}, {"a", "a"}, {"Ġ", "Ġ"}, {"æ", "Ĺ"}, {"an", "d"}} {
		if err := entries.add(entry{p[0] + p[1], int64(256 + i)}); err != nil {
			t.Fatal(err)
		}
		merges = append(merges, written{p[0], p[1], i})
	}
	v, err := newVocab(entries, []entry{{endOfText, 262}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	tok, err := v.tokenizer(func(yield func(written, error) bool) {
		for _, w := range merges {
			if !yield(w, nil) {
				return
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return tok
}
