package token

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"interp/internal/shared"
)

// tinyVocab writes eight tokens by hand: bytes a b c and space, two merges and a special token.
const (
	tinyVocab  = `{"a": 0, "b": 1, "c": 2, "\u0120": 3, "ab": 4, "\u0120ab": 5, "abc": 6, "<end>": 7}`
	tinyMerges = "#version: 0.2\na b\n\u0120 ab\nab c\n"
)

func files(pairs ...string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		fsys[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return fsys
}

func load(t testing.TB, pairs ...string) *Tokenizer {
	t.Helper()
	tok, err := Load(files(pairs...))
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

// trained is the tokenizer of a model of the repository.
func trained(t testing.TB, name string) *Tokenizer {
	t.Helper()
	tok, err := Load(os.DirFS(shared.Repo("testdata", "models", name)))
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

func tiny(t testing.TB) *Tokenizer {
	t.Helper()
	return load(t, vocabFile, tinyVocab, mergesFile, tinyMerges, specialFile, `{"eos_token": "<end>"}`)
}

// tinyDocument writes a tokenizer.json of the tiny vocabulary, some of its parts replaced.
func tinyDocument(t testing.TB, change func(doc, model map[string]any)) string {
	t.Helper()
	model := map[string]any{"type": "BPE", "vocab": json.RawMessage(strings.Replace(tinyVocab, `, "<end>": 7`, "", 1)), "merges": []string{"a b", "\u0120 ab", "ab c"}}
	doc := map[string]any{
		"version": "1.0", "model": model, "normalizer": nil,
		"pre_tokenizer": map[string]any{"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true},
		"added_tokens":  []any{map[string]any{"id": 7, "content": "<end>", "special": true, "lstrip": false}},
	}
	change(doc, model)
	text, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func wantError(t *testing.T, err error, texts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one that says %q", texts)
	}
	for _, text := range texts {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("error %q does not say %q", err, text)
		}
	}
}
