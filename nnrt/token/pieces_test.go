package token

import (
	"fmt"
	"strings"
	"testing"
)

const prompt = "After John and Mary went to the store, Mary gave a bottle of milk to"

func TestPiecesTileTheText(t *testing.T) {
	pieces, err := trained(t, "ioi-proto").Pieces(prompt)
	if err != nil || len(pieces) != 16 {
		t.Fatalf("%d pieces, %v", len(pieces), err)
	}
	at := 0
	for _, p := range pieces {
		if p.Start != at || prompt[p.Start:p.Stop] != p.Text {
			t.Errorf("%q is at %d to %d, which holds %q", p.Text, p.Start, p.Stop, prompt[p.Start:p.Stop])
		}
		at = p.Stop
	}
	if at != len(prompt) {
		t.Errorf("the pieces end at %d of %d", at, len(prompt))
	}
}

func TestLabelsAreTokensWithTheirIndex(t *testing.T) {
	tok := trained(t, "ioi-proto")
	labels, err := labelsOf(tok, "After John, Mary")
	if got := fmt.Sprintf("%q", labels); err != nil || got != `["After_0" " John_1" ",_2" " Mary_3"]` {
		t.Errorf("labels = %s, %v", got, err)
	}
	halves, err := labelsOf(gpt2(t), "\u65e5")
	for _, l := range halves {
		if err != nil || strings.ContainsAny(l, "\xe6\x97\xa5") {
			t.Errorf("labels of half characters = %q, %v", halves, err)
		}
	}
}

func TestSingleNamesThePieces(t *testing.T) {
	tok := gpt2(t)
	if id, err := tok.Single(" John"); err != nil || id != 1757 {
		t.Errorf("token(%q) = %d, %v, want 1757", " John", id, err)
	}
	for text, want := range map[string]string{
		" Johnnyx": `token(" Johnnyx"): want one token, got 2: " Johnny" "x"`,
		"":         `token(""): want one token, got an empty text`,
		"bottlen":  `token("bottlen"): want one token, got 2: "bott" "len"`,
	} {
		if _, err := tok.Single(text); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	_, err := trained(t, "ioi-proto").Single("milk")
	wantError(t, err, `token("milk"): `, `; " milk" is one`)
	_, err = tok.Single(strings.Repeat("x y ", 5000))
	wantError(t, err, "want one token", "...")
	if len(err.Error()) > 500 {
		t.Errorf("an error of %d bytes", len(err.Error()))
	}
}

func TestTextsAreFoundInPrompts(t *testing.T) {
	tok := trained(t, "ioi-proto")
	ids, err := tok.Encode(prompt)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		text        string
		nth         int
		start, stop int
	}{
		{" Mary", -1, 9, 10}, {" Mary", 0, 3, 4}, {" Mary", 1, 9, 10}, {" Mary", -2, 3, 4},
		{"Mary", 0, 3, 4}, {"ohn an", 0, 1, 3}, {" John and Mary", 0, 1, 4}, {"After", 0, 0, 1},
		{" to", -1, 15, 16}, {"milk to", -1, 14, 16}, {prompt, 0, 0, 16},
	} {
		t.Run(fmt.Sprintf("%q number %d", row.text, row.nth), func(t *testing.T) {
			start, stop, err := tok.Span(ids, row.text, row.nth)
			if err != nil || start != row.start || stop != row.stop {
				t.Errorf("got %d to %d, %v, want %d to %d", start, stop, err, row.start, row.stop)
			}
		})
	}
	for _, row := range []struct {
		text string
		nth  int
		want string
	}{
		{" Bob", -1, `" Bob" is not in "After John`}, {"", 0, "an empty text"},
		{" Mary", 2, `has 2 of it`}, {" Mary", -3, "no number -3"},
	} {
		t.Run(fmt.Sprintf("%q number %d is an error", row.text, row.nth), func(t *testing.T) {
			_, _, err := tok.Span(ids, row.text, row.nth)
			wantError(t, err, row.want)
		})
	}
}

func TestIdsOutsideTheVocabularyAreNamed(t *testing.T) {
	tok := trained(t, "ioi-proto")
	for _, id := range []int32{630, -1, 1 << 30} {
		_, err := tok.Decode([]int32{0, id})
		wantError(t, err, fmt.Sprintf("token id %d is not in the vocabulary of 630 tokens", id))
		_, err = tok.PiecesOf([]int32{id})
		wantError(t, err, fmt.Sprint(id))
	}
	if id, ok := tok.ID(endOfText); !ok || id != 629 {
		t.Errorf("%s is token %d, %v", endOfText, id, ok)
	}
}

func labelsOf(tok *Tokenizer, text string) ([]string, error) {
	ids, err := tok.Encode(text)
	if err != nil {
		return nil, err
	}
	return tok.LabelsOf(ids)
}
