package token

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
)

// The files of a Hugging Face folder that describe a tokenizer.
const (
	tokenizerFile = "tokenizer.json"
	vocabFile     = "vocab.json"
	mergesFile    = "merges.txt"
	addedFile     = "added_tokens.json"
	specialFile   = "special_tokens_map.json"
)

// endOfText is special wherever it is in a vocabulary, as it is to GPT-2's tokenizer.
const endOfText = "<|endoftext|>"

// maxFile bounds each file; the largest vocabularies in use take half of it.
const maxFile = 64 << 20

// Load reads the tokenizer of a model's folder. tokenizer.json is taken where there is one, as
// Hugging Face does, then vocab.json with merges.txt, then vocab.json alone. A folder without them
// is no error: its tokenizer knows ids only.
func Load(fsys fs.FS) (*Tokenizer, error) {
	if text, err := read(fsys, tokenizerFile); text != nil || err != nil {
		return loadTokenizer(text, err)
	}
	vocab, err := read(fsys, vocabFile)
	if err != nil {
		return nil, err
	}
	merges, err := read(fsys, mergesFile)
	if err != nil {
		return nil, err
	}
	switch {
	case vocab == nil && merges == nil:
		return &Tokenizer{}, nil
	case vocab == nil:
		return nil, fmt.Errorf("%s without %s", mergesFile, vocabFile)
	}
	l, err := parseListing(vocab)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", vocabFile, err)
	}
	if merges == nil {
		return loadChars(l)
	}
	return loadBPE(fsys, l, merges)
}

func loadTokenizer(text []byte, err error) (*Tokenizer, error) {
	if err != nil {
		return nil, err
	}
	t, err := parseTokenizer(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", tokenizerFile, err)
	}
	return t, nil
}

func loadChars(l *listing) (*Tokenizer, error) {
	texts, err := number(l.entries)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", vocabFile, err)
	}
	return newChars(texts)
}

// loadBPE joins the vocabulary, its merges and what the optional files add to them.
func loadBPE(fsys fs.FS, l *listing, merges []byte) (*Tokenizer, error) {
	added, err := readAdded(fsys)
	if err != nil {
		return nil, err
	}
	special, err := readSpecial(fsys)
	if err != nil {
		return nil, err
	}
	v, err := newVocab(l, added, append(special, endOfText))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", vocabFile, err)
	}
	t, err := v.tokenizer(parseMerges(merges))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", mergesFile, err)
	}
	return t, nil
}

// readAdded is the tokens that were added to the vocabulary, with their ids.
func readAdded(fsys fs.FS) ([]entry, error) {
	text, err := read(fsys, addedFile)
	if text == nil || err != nil {
		return nil, err
	}
	l, err := parseListing(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", addedFile, err)
	}
	return l.entries, nil
}

// readSpecial is the texts that special_tokens_map.json names: each value is a text, an object that
// holds one, or a list of either.
func readSpecial(fsys fs.FS) ([]string, error) {
	text, err := read(fsys, specialFile)
	if text == nil || err != nil {
		return nil, err
	}
	var roles map[string]any
	if err := json.Unmarshal(text, &roles); err != nil {
		return nil, fmt.Errorf("%s: not JSON: %w", specialFile, err)
	}
	var out []string
	for _, v := range roles {
		list, ok := v.([]any)
		if !ok {
			list = []any{v}
		}
		for _, v := range list {
			if m, ok := v.(map[string]any); ok {
				v = m["content"]
			}
			if s, ok := v.(string); ok {
				out = append(out, s)
			}
		}
	}
	return out, nil
}

// read is a file's text; nil where there is no such file.
func read(fsys fs.FS, name string) ([]byte, error) {
	info, err := fs.Stat(fsys, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("not a regular file")
	}
	if err == nil && info.Size() > maxFile {
		err = fmt.Errorf("%d bytes, want at most %d", info.Size(), maxFile)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFile))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return text, nil
}
