package token

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/sugarme/tokenizer"
)

// document is tokenizer.json: the library's outline of it, but for the model, which is read entry by
// entry so that what is wrong in it can be named. Padding, truncation and the post-processor are
// left alone: nothing is ever prepended to a prompt or cut from it.
type document struct {
	tokenizer.Config
	Model json.RawMessage `json:"model"`
}

// model is the part of tokenizer.json that holds the vocabulary.
type model struct {
	Type         string          `json:"type"`
	Dropout      *float64        `json:"dropout"`
	Prefix       string          `json:"continuing_subword_prefix"`
	Suffix       string          `json:"end_of_word_suffix"`
	ByteFallback bool            `json:"byte_fallback"`
	IgnoreMerges bool            `json:"ignore_merges"`
	Vocab        json.RawMessage `json:"vocab"`
	Merges       json.RawMessage `json:"merges"`
}

func parseTokenizer(text []byte) (*Tokenizer, error) {
	var doc document
	if err := json.Unmarshal(text, &doc); err != nil {
		return nil, fmt.Errorf("not JSON of the right form: %w", err)
	}
	var m model
	if doc.Model == nil {
		return nil, errors.New("there is no model")
	}
	if err := json.Unmarshal(doc.Model, &m); err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	for _, check := range []func(*document, *model) error{checkModel, checkSplitting, checkAdded} {
		if err := check(&doc, &m); err != nil {
			return nil, err
		}
	}
	return build(&doc, &m)
}

// build makes the tokenizer of a document whose parts are all known.
func build(doc *document, m *model) (*Tokenizer, error) {
	l, err := parseListing(m.Vocab)
	if err != nil {
		return nil, fmt.Errorf("model.vocab: %w", err)
	}
	var added []entry
	for _, a := range doc.AddedTokens {
		added = append(added, entry{a.Content, a.Id})
	}
	v, err := newVocab(l, added, nil)
	if err != nil {
		return nil, fmt.Errorf("model.vocab: %w", err)
	}
	merges, err := parsePairs(m.Merges)
	if err != nil {
		return nil, fmt.Errorf("model.merges: %w", err)
	}
	t, err := v.tokenizer(merges)
	if err != nil {
		return nil, fmt.Errorf("model.merges: %w", err)
	}
	return t, nil
}

// parsePairs reads the merges, which older files write as "a b" and newer ones as ["a", "b"].
func parsePairs(text json.RawMessage) (iter.Seq2[written, error], error) {
	var pairs [][]string
	if err := json.Unmarshal(text, &pairs); err != nil {
		var lines []string
		if err := json.Unmarshal(text, &lines); err != nil {
			return nil, fmt.Errorf("want a list of pairs or of texts: %w", err)
		}
		return splitLines(slices.All(lines)), nil
	}
	return func(yield func(written, error) bool) {
		for i, p := range pairs {
			if len(p) != 2 {
				yield(written{}, fmt.Errorf("line %d: want two tokens, got %q", i+1, p))
				return
			}
			if !yield(written{p[0], p[1], i + 1}, nil) {
				return
			}
		}
	}, nil
}

// checkModel refuses models that this package would tokenise otherwise than they were trained.
func checkModel(_ *document, m *model) error {
	switch {
	case m.Type != "BPE" && m.Type != "":
		return fmt.Errorf("model.type: got %q, want \"BPE\" on bytes", m.Type)
	case m.Dropout != nil && *m.Dropout != 0:
		return fmt.Errorf("model.dropout: got %g, want none", *m.Dropout)
	case m.Prefix != "":
		return fmt.Errorf("model.continuing_subword_prefix: got %q, want none", m.Prefix)
	case m.Suffix != "":
		return fmt.Errorf("model.end_of_word_suffix: got %q, want none", m.Suffix)
	case m.ByteFallback:
		return errors.New("model.byte_fallback: got true, want a byte-level vocabulary")
	case m.IgnoreMerges:
		return errors.New("model.ignore_merges: got true, want false")
	case m.Vocab == nil:
		return errors.New("model.vocab is missing")
	case m.Merges == nil:
		return errors.New("model.merges is missing")
	}
	return nil
}

// checkSplitting wants GPT-2's pattern on the text as it is.
func checkSplitting(doc *document, _ *model) error {
	if doc.Normalizer != nil {
		return fmt.Errorf("normalizer: got %v, want none", doc.Normalizer["type"])
	}
	pre := doc.PreTokenizer
	if kind, _ := pre["type"].(string); kind != "ByteLevel" {
		return fmt.Errorf("pre_tokenizer: got %v, want ByteLevel", pre["type"])
	}
	if on, _ := pre["add_prefix_space"].(bool); on {
		return errors.New("pre_tokenizer.add_prefix_space: got true, want false")
	}
	if on, ok := pre["use_regex"].(bool); ok && !on {
		return errors.New("pre_tokenizer.use_regex: got false, want true")
	}
	return nil
}

// checkAdded wants added tokens that stand for their own text.
func checkAdded(doc *document, _ *model) error {
	for _, a := range doc.AddedTokens {
		flag := ""
		switch {
		case a.SingleWord:
			flag = "single_word"
		case a.Lstrip:
			flag = "lstrip"
		case a.Rstrip:
			flag = "rstrip"
		default:
			continue
		}
		return fmt.Errorf("added_tokens: %q: %s: got true, want false", a.Content, flag)
	}
	return nil
}
