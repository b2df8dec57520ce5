package token

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestEveryFormOfAFolderGivesTheSameIds(t *testing.T) {
	plain := func(doc, model map[string]any) {}
	for _, row := range []struct {
		name string
		tok  *Tokenizer
	}{
		{"vocab.json, merges.txt and a list of special tokens", tiny(t)},
		{"special tokens as objects", load(t, vocabFile, tinyVocab, mergesFile, tinyMerges, specialFile, `{"eos_token": {"content": "<end>"}, "pad_token": null}`)},
		{"added_tokens.json", load(t, vocabFile, strings.Replace(tinyVocab, `, "<end>": 7`, "", 1), mergesFile, tinyMerges, addedFile, `{"<end>": 7}`)},
		{"lines that end as on Windows", load(t, vocabFile, tinyVocab, mergesFile, strings.ReplaceAll(tinyMerges, "\n", "\r\n"), specialFile, `{"x": ["<end>"]}`)},
		{"tokenizer.json with merges as texts", load(t, tokenizerFile, tinyDocument(t, plain))},
		{"tokenizer.json with merges as pairs", load(t, tokenizerFile, tinyDocument(t, func(doc, model map[string]any) {
			model["merges"] = [][]string{{"a", "b"}, {"\u0120", "ab"}, {"ab", "c"}}
		}))},
		{"tokenizer.json before vocab.json", load(t, tokenizerFile, tinyDocument(t, plain), vocabFile, "{}", mergesFile, "")},
		{"an added token that the vocabulary has too", load(t, tokenizerFile, tinyDocument(t, func(doc, model map[string]any) {
			model["vocab"] = map[string]int{"a": 0, "b": 1, "c": 2, "\u0120": 3, "ab": 4, "\u0120ab": 5, "abc": 6, "<end>": 7}
		}))},
	} {
		t.Run(row.name, func(t *testing.T) {
			// By hand: "ab" merges first, then " ab"; "abc" stands only where no space comes before it.
			got, err := row.tok.Encode("abc abc<end>ba  a")
			want := []int32{6, 5, 2, 7, 1, 0, 3, 3, 0}
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("got %v, %v, want %v", got, err, want)
			}
		})
	}
}

func TestBrokenFoldersSayWhat(t *testing.T) {
	vocab := func(text string) []string { return []string{vocabFile, text, mergesFile, ""} }
	merges := func(text string) []string { return []string{vocabFile, tinyVocab, mergesFile, text} }
	doc := func(change func(doc, model map[string]any)) []string {
		return []string{tokenizerFile, tinyDocument(t, change)}
	}
	pre := func(key string, value any) []string {
		return doc(func(doc, _ map[string]any) { doc["pre_tokenizer"].(map[string]any)[key] = value })
	}
	model := func(key string, value any) []string {
		return doc(func(_, model map[string]any) { model[key] = value })
	}
	added := func(key string, value any) []string {
		return doc(func(doc, _ map[string]any) { doc["added_tokens"].([]any)[0].(map[string]any)[key] = value })
	}
	for _, row := range []struct {
		name  string
		files []string
		want  []string
	}{
		{"an empty vocab.json", vocab(""), []string{vocabFile, "not a JSON object"}},
		{"a vocabulary that is a list", vocab(`["a"]`), []string{vocabFile, "not a JSON object"}},
		{"a vocabulary cut off", vocab(`{"a": 0, "b`), []string{vocabFile, "without its closing quote"}},
		{"a vocabulary cut off after a comma", vocab(`{"a": 0,`), []string{vocabFile, "want a text in quotes"}},
		{"a vocabulary cut off in an escape", vocab(`{"a\u01`), []string{vocabFile, "an escape without its end"}},
		{"a lone surrogate", vocab(`{"\udc00": 0}`), []string{vocabFile, "the escape"}},
		{"an unknown escape", vocab(`{"\q": 0}`), []string{vocabFile, "the escape"}},
		{"a line feed in a text", vocab("{\"\n\": 0}"), []string{vocabFile, "control character"}},
		{"a text that is not UTF-8", vocab("{\"\xff\": 0}"), []string{vocabFile, "not UTF-8"}},
		{"no colon", vocab(`{"a" 0}`), []string{vocabFile, `want a colon after "a"`}},
		{"no comma", vocab(`{"a": 0 "b": 1}`), []string{vocabFile, "want a comma"}},
		{"something after the object", vocab(`{"a": 0} {}`), []string{vocabFile, "want nothing after"}},
		{"an id that is a fraction", vocab(`{"a": 0.5}`), []string{vocabFile, "want a comma"}},
		{"an id that is a text", vocab(`{"a": "0"}`), []string{vocabFile, `whole number for the id of "a"`}},
		{"an id past 64 bits", vocab(`{"a": 99999999999999999999}`), []string{vocabFile, `whole number for the id of "a"`}},
		{"a text twice", vocab(`{"a": 0, "a": 1}`), []string{vocabFile, `"a" occurs twice`}},
		{"an id twice", vocab(`{"a": 0, "b": 0}`), []string{vocabFile, `"a" and "b" have the same id 0`}},
		{"a negative id", vocab(`{"a": 0, "b": -1}`), []string{vocabFile, `"b" has the negative id -1`}},
		{"a hole", vocab(`{"a": 0, "b": 2}`), []string{vocabFile, `no text has the id 1, while "b" has the id 2`}},
		{"a huge id", vocab(`{"a": 0, "b": 9223372036854775807}`), []string{vocabFile, "no text has the id 1"}},
		{"an empty text", vocab(`{"": 0}`), []string{vocabFile, "an empty text has the id 0"}},
		{"a character that stands for no byte", vocab(`{"a": 0, "日": 1}`), []string{vocabFile, `"日" (id 1)`, "stands for no byte"}},
		{"merges without a vocabulary", []string{mergesFile, ""}, []string{"merges.txt without vocab.json"}},
		{"a merge of one token", merges("ab\n"), []string{mergesFile, "line 1", "two tokens"}},
		{"a merge of three tokens", merges("#version\na b\na b c\n"), []string{mergesFile, "line 3", "two tokens"}},
		{"a merge of an unknown token", merges("a b\nx b\n"), []string{mergesFile, "line 2", `"x" is not in the vocabulary`}},
		{"a merge into an unknown token", merges("b a\n"), []string{mergesFile, `"ba" is not in the vocabulary`}},
		{"a merge twice", merges("a b\na b\n"), []string{mergesFile, "line 2", "occurs twice"}},
		{"a vocabulary of pieces without merges", []string{vocabFile, tinyVocab}, []string{vocabFile, `"ab" (id 4) is not one character`, "needs merges.txt"}},
		{"added tokens that are not JSON", []string{vocabFile, tinyVocab, mergesFile, tinyMerges, addedFile, "["}, []string{addedFile, "not a JSON object"}},
		{"an added token at an id that is taken", []string{vocabFile, tinyVocab, mergesFile, tinyMerges, addedFile, `{"<pad>": 3}`}, []string{vocabFile, `have the same id 3`}},
		{"an added token with two ids", []string{vocabFile, tinyVocab, mergesFile, tinyMerges, addedFile, `{"ab": 8}`}, []string{vocabFile, `"ab" has the id 8, the vocabulary gives it 4`}},
		{"special tokens that are not JSON", []string{vocabFile, tinyVocab, mergesFile, tinyMerges, specialFile, "x"}, []string{specialFile, "not JSON"}},
		{"tokenizer.json that is not JSON", []string{tokenizerFile, "{"}, []string{tokenizerFile, "not JSON"}},
		{"tokenizer.json without a model", []string{tokenizerFile, "{}"}, []string{tokenizerFile, "no model"}},
		{"another kind of model", model("type", "Unigram"), []string{tokenizerFile, `model.type: got "Unigram"`}},
		{"a model with a suffix", model("end_of_word_suffix", "</w>"), []string{`end_of_word_suffix: got "</w>"`}},
		{"a model with a prefix", model("continuing_subword_prefix", "##"), []string{`continuing_subword_prefix: got "##"`}},
		{"a model with dropout", model("dropout", 0.1), []string{"model.dropout: got 0.1"}},
		{"a model that falls back to bytes", model("byte_fallback", true), []string{"byte_fallback"}},
		{"a model that ignores its merges", model("ignore_merges", true), []string{"ignore_merges"}},
		{"a model without a vocabulary", doc(func(_, m map[string]any) { delete(m, "vocab") }), []string{"model.vocab is missing"}},
		{"a model without merges", doc(func(_, m map[string]any) { delete(m, "merges") }), []string{"model.merges is missing"}},
		{"a vocabulary that is null", model("vocab", nil), []string{"model.vocab"}},
		{"merges that are numbers", model("merges", []int{1}), []string{"model.merges: want a list of pairs or of texts"}},
		{"a merge of three in a list", model("merges", [][]string{{"a", "b", "c"}}), []string{"model.merges: line 1: want two tokens"}},
		{"another pre-tokenizer", pre("type", "Whitespace"), []string{"pre_tokenizer: got Whitespace"}},
		{"no pre-tokenizer", doc(func(d, _ map[string]any) { delete(d, "pre_tokenizer") }), []string{"pre_tokenizer: got <nil>, want ByteLevel"}},
		{"a space before every text", pre("add_prefix_space", true), []string{"add_prefix_space"}},
		{"no pattern", pre("use_regex", false), []string{"use_regex"}},
		{"a normalizer", doc(func(d, _ map[string]any) { d["normalizer"] = map[string]any{"type": "NFC"} }), []string{"normalizer: got NFC"}},
		{"an added token that strips", added("lstrip", true), []string{`"<end>": lstrip`}},
		{"an added token of single words", added("single_word", true), []string{`"<end>": single_word`}},
		{"an added token past a hole", added("id", 9), []string{"no text has the id 7"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := Load(files(row.files...))
			wantError(t, err, row.want...)
		})
	}
}

func TestAFileTooLargeIsNotRead(t *testing.T) {
	_, err := Load(files(vocabFile, strings.Repeat(" ", maxFile+1)))
	wantError(t, err, vocabFile, "want at most 67108864")
}

func TestWithoutATokenizerTextIsAnError(t *testing.T) {
	empty, err := Load(files("config.json", "{}"))
	if err != nil {
		t.Fatal(err)
	}
	for name, tok := range map[string]*Tokenizer{"a folder without one": empty, "nil": nil} {
		t.Run(name, func(t *testing.T) {
			if tok.Size() != 0 {
				t.Errorf("Size = %d", tok.Size())
			}
			if _, ok := tok.ID("a"); ok {
				t.Error("it knows a text")
			}
			for what, call := range map[string]func() error{
				"Encode":   func() error { _, err := tok.Encode("a"); return err },
				"Decode":   func() error { _, err := tok.Decode([]int32{0}); return err },
				"Pieces":   func() error { _, err := tok.Pieces("a"); return err },
				"LabelsOf": func() error { _, err := tok.LabelsOf([]int32{0}); return err },
				"Single":   func() error { _, err := tok.Single("a"); return err },
				"Span":     func() error { _, _, err := tok.Span([]int32{0}, "a", 0); return err },
			} {
				if err := call(); !errors.Is(err, ErrNone) {
					t.Errorf("%s: %v, want %v", what, err, ErrNone)
				}
			}
		})
	}
}

func TestAVocabularyOfCharacters(t *testing.T) {
	tok := trained(t, "tinystories-char")
	ids, err := tok.Encode("Once<unk_61>\n")
	if want := fmt.Sprint([]int32{49, 79, 68, 70, 61, 1}); err != nil || fmt.Sprint(ids) != want {
		t.Errorf("got %v, %v, want %s", ids, err, want)
	}
	if text, err := tok.Decode(ids); text != "Once<unk_61>\n" {
		t.Errorf("decodes to %q, %v", text, err)
	}
	_, err = tok.Encode("日本")
	wantError(t, err, `"日"`, "not in the model's vocabulary")
	_, err = tok.Encode("a\xff")
	wantError(t, err, "not in the model's vocabulary")
	if ids, err := trained(t, "nano-sort").Encode("CAB"); err != nil || !slices.Equal(ids, []int32{2, 0, 1}) {
		t.Errorf("CAB = %v, %v", ids, err)
	}
}
