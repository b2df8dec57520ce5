package token

import (
	"fmt"
	"maps"
	"strings"

	"github.com/sugarme/tokenizer"
	"github.com/sugarme/tokenizer/normalizer"
)

// Sugarme is the tokenizer behind the interface of the library sugarme/tokenizer, for programs that
// speak it: our splitting and merging are plugged in as its PreTokenizer, Model and Decoder, so its ids
// are ours, at a hundredth of the speed. Special tokens are not registered with the library, which
// would lose some of them; they are found by the splitter. Its EncodeBatch ends the program on an error:
// use Encode or EncodeSingle. It panics on text that is not UTF-8 before it calls us: check that first.
func (t *Tokenizer) Sugarme() (*tokenizer.Tokenizer, error) {
	if t.none() {
		return nil, ErrNone
	}
	m := newLibModel(t)
	lib := tokenizer.NewTokenizer(m)
	lib.WithPreTokenizer(libSplitter{m})
	lib.WithDecoder(libDecoder{m})
	return lib, nil
}

// libModel is the library's Model: it knows tokens as the files write them.
type libModel struct {
	t       *Tokenizer
	table   *byteTable // nil for a vocabulary of characters, whose tokens are written as they are
	written []string   // by id
	ids     map[string]int
}

func newLibModel(t *Tokenizer) *libModel {
	m := &libModel{t: t, written: make([]string, len(t.texts)), ids: make(map[string]int, len(t.texts))}
	if _, ok := t.split.(*bpe); ok {
		m.table = newByteTable()
	}
	for id, text := range t.texts {
		if special, ok := t.special.ids[text]; m.table != nil && (!ok || int(special) != id) {
			text = m.table.encode(text)
		}
		m.written[id], m.ids[text] = text, id
	}
	return m
}

// Tokenize encodes one word, written as the files write it, which the library's own byte-level
// splitter would hand over.
func (m *libModel) Tokenize(word string) ([]tokenizer.Token, error) {
	text := word
	if m.table != nil {
		var err error
		if text, err = m.table.decode(word); err != nil {
			return nil, fmt.Errorf("%q: %w", word, err)
		}
	}
	ids, err := m.t.split.encode(text, nil)
	if err != nil {
		return nil, err
	}
	return m.tokens(ids, func(id int32) int { return len(m.written[id]) }), nil
}

// tokens lists ids with their offsets, each as long as size says.
func (m *libModel) tokens(ids []int32, size func(int32) int) []tokenizer.Token {
	out := make([]tokenizer.Token, len(ids))
	at := 0
	for i, id := range ids {
		end := at + size(id)
		out[i] = tokenizer.NewToken(int(id), m.written[id], []int{at, end})
		at = end
	}
	return out
}

// TokenToId is the id of a token as the files write it.
func (m *libModel) TokenToId(written string) (int, bool) {
	id, ok := m.ids[written]
	return id, ok
}

// IdToToken is a token as the files write it.
func (m *libModel) IdToToken(id int) (string, bool) {
	if id < 0 || id >= len(m.written) {
		return "", false
	}
	return m.written[id], true
}

// GetVocab is every token as the files write it.
func (m *libModel) GetVocab() map[string]int { return maps.Clone(m.ids) }

// GetVocabSize is the number of tokens.
func (m *libModel) GetVocabSize() int { return len(m.written) }

// Save writes the files that Load reads; a prefix goes before their names.
func (m *libModel) Save(dir string, prefix ...string) error {
	return m.save(dir, strings.Join(prefix, ""))
}

// libSplitter is the library's PreTokenizer. It hands over words with their tokens, because the
// library would call the model on special tokens too.
type libSplitter struct{ m *libModel }

// PreTokenize splits what has no tokens yet.
func (s libSplitter) PreTokenize(p *tokenizer.PreTokenizedString) (*tokenizer.PreTokenizedString, error) {
	var failed error
	p = p.Split(func(_ int, n *normalizer.NormalizedString) []tokenizer.SplitIdx {
		out, err := s.split(n)
		if err != nil && failed == nil {
			failed = err
		}
		return out
	})
	return p, failed
}

func (s libSplitter) split(n *normalizer.NormalizedString) ([]tokenizer.SplitIdx, error) {
	var out []tokenizer.SplitIdx
	at := 0
	size := func(id int32) int { return len(s.m.t.texts[id]) }
	err := s.m.t.eachWord(n.GetNormalized(), func(word string, id int32) (err error) {
		ids := []int32{id}
		if id < 0 {
			if ids, err = s.m.t.split.encode(word, nil); err != nil {
				return err
			}
		}
		slice := n.Slice(normalizer.NewRange(at, at+len(word), normalizer.NormalizedTarget))
		out = append(out, tokenizer.SplitIdx{Normalized: slice, Tokens: s.m.tokens(ids, size)})
		at += len(word)
		return nil
	})
	return out, err
}

// libDecoder is the library's Decoder.
type libDecoder struct{ m *libModel }

// Decode joins the texts of written tokens; one that is not in the vocabulary stands for itself.
func (d libDecoder) Decode(written []string) string { return strings.Join(d.DecodeChain(written), "") }

// DecodeChain is the text of each written token.
func (d libDecoder) DecodeChain(written []string) []string {
	out := make([]string, len(written))
	for i, w := range written {
		out[i] = w
		if id, ok := d.m.ids[w]; ok {
			out[i] = d.m.t.texts[id]
		}
	}
	return out
}
