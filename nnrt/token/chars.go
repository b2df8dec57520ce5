package token

import (
	"fmt"
	"unicode/utf8"
)

// chars is a vocabulary in which every character is a token.
type chars struct{ ids map[string]int32 }

func (c chars) next(text string) int {
	_, n := utf8.DecodeRuneInString(text)
	return n
}

func (c chars) encode(word string, out []int32) ([]int32, error) {
	id, ok := c.ids[word]
	if !ok {
		return out, fmt.Errorf("the character %q is not in the model's vocabulary of %d characters", word, len(c.ids))
	}
	return append(out, id), nil
}

// newChars makes a vocabulary of characters. Entries in angle brackets name tokens that are no
// character, like <eos> or <unk_61>; they are special.
func newChars(texts []string) (*Tokenizer, error) {
	t := &Tokenizer{texts: texts, ids: map[string]int32{}}
	special := map[string]int32{}
	for id, text := range texts {
		switch {
		case utf8.RuneCountInString(text) == 1:
			t.ids[text] = int32(id)
		case len(text) > 2 && text[0] == '<' && text[len(text)-1] == '>':
			special[text] = int32(id)
		default:
			return nil, fmt.Errorf("%s: %q (id %d) is not one character: a vocabulary of pieces needs %s beside it", vocabFile, text, id, mergesFile)
		}
	}
	t.special, t.split = newSpecials(special), chars{t.ids}
	return t, nil
}
