// Package token turns text into token ids and back, as the model's own tokenizer does.
//
//	text ── special tokens cut out ── split by GPT-2's pattern ── merged by rank ── ids
//	        <|endoftext|>             "After" " John" " and"      "ĠJ" "ohn"
//
// There are three kinds. A byte-level BPE comes from tokenizer.json or from vocab.json with merges.txt.
// A vocab.json alone is a vocabulary of characters, one id each. A folder with neither gives a tokenizer
// that knows ids only: every operation on text is ErrNone.
//
// Invariants: ids run from 0 without a hole; every merge joins two tokens into a third; the texts of
// an encoding's tokens, in order, are the text that was encoded, byte for byte, so offsets in the text
// are sums of lengths. A text that is not UTF-8 is taken as the bytes it has: a byte-level tokenizer
// encodes and decodes them unchanged, a vocabulary of characters has no token for them.
//
// The algorithm is our own and is proven against the ids of OpenAI's encoder. The library
// sugarme/tokenizer, whose types read tokenizer.json here and whose interface Sugarme offers to
// embedders, differs from it where left alone: its pattern lacks \s+(?!\S), its byte-level splitter
// drops added tokens, and merges of one rank are not taken from the left.
//
// A Tokenizer is safe for concurrent use.
package token

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// ErrNone is the error of every operation on text where the model came without a tokenizer.
var ErrNone = errors.New("this model has no tokenizer: give token ids")

// maxText bounds one text, so that positions fit 32 bits.
const maxText = 1 << 30

// Tokenizer is a vocabulary with its way of splitting text. A nil one knows ids only.
type Tokenizer struct {
	texts   []string         // the bytes of each id
	ids     map[string]int32 // the inverse, special tokens apart
	special *specials
	split   splitter // nil: ids only
}

// splitter encodes text that holds no special token.
type splitter interface {
	// next is the length of the first stretch of text that is encoded by itself, at least 1.
	next(text string) (length int)
	// encode appends the ids of one such stretch.
	encode(word string, out []int32) ([]int32, error)
}

// Size is the number of tokens; 0 where ids only are known.
func (t *Tokenizer) Size() int {
	if t == nil {
		return 0
	}
	return len(t.texts)
}

func (t *Tokenizer) none() bool { return t == nil || t.split == nil }

// ID is the token with this text, special or not; it does not encode.
func (t *Tokenizer) ID(text string) (int32, bool) {
	if t.none() {
		return 0, false
	}
	if id, ok := t.special.ids[text]; ok {
		return id, true
	}
	id, ok := t.ids[text]
	return id, ok
}

// Encode is the ids of a text. Nothing is prepended or cut off.
func (t *Tokenizer) Encode(text string) ([]int32, error) {
	if t.none() {
		return nil, ErrNone
	}
	if len(text) > maxText {
		return nil, fmt.Errorf("a text of %d bytes, want at most %d", len(text), maxText)
	}
	out := make([]int32, 0, len(text)/4+1)
	err := t.eachWord(text, func(word string, id int32) (err error) {
		if id >= 0 {
			out = append(out, id)
			return nil
		}
		out, err = t.split.encode(word, out)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// eachWord visits the stretches of a text that are encoded by themselves: id is that of a special
// token, or -1.
func (t *Tokenizer) eachWord(text string, visit func(word string, id int32) error) error {
	for len(text) > 0 {
		start, stop, id := t.special.find(text)
		for plain := text[:start]; len(plain) > 0; {
			n := t.split.next(plain)
			if err := visit(plain[:n], -1); err != nil {
				return err
			}
			plain = plain[n:]
		}
		if stop > start {
			if err := visit(text[start:stop], id); err != nil {
				return err
			}
		}
		text = text[stop:]
	}
	return nil
}

// Decode is the text of ids: the bytes of their tokens joined, as they are. Ids that end within a
// character therefore give a text that is not UTF-8 and that Encode takes back.
func (t *Tokenizer) Decode(ids []int32) (string, error) {
	b, err := t.DecodeBytes(ids)
	return string(b), err
}

// DecodeBytes is Decode without the copy into a string.
func (t *Tokenizer) DecodeBytes(ids []int32) ([]byte, error) {
	if t.none() {
		return nil, ErrNone
	}
	var b []byte
	for _, id := range ids {
		text, err := t.text(id)
		if err != nil {
			return nil, err
		}
		b = append(b, text...)
	}
	return b, nil
}

func (t *Tokenizer) text(id int32) (string, error) {
	if id < 0 || int(id) >= len(t.texts) {
		return "", fmt.Errorf("token id %d is not in the vocabulary of %d tokens", id, len(t.texts))
	}
	return t.texts[id], nil
}

// printable is a token's text for people: half characters are shown as U+FFFD.
func printable(text string) string {
	if utf8.ValidString(text) {
		return text
	}
	return strings.ToValidUTF8(text, "\uFFFD")
}
