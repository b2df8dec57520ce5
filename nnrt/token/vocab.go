package token

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// entry is one line of a vocabulary as the file writes it.
type entry struct {
	text string
	id   int64
}

// parseVocab reads an object of texts and ids in the order of the file. A text that occurs twice is
// an error, which decoding into a map would hide.
func parseVocab(text []byte) ([]entry, error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, errors.New("not a JSON object of texts and ids")
	}
	var out []entry
	seen := map[string]bool{}
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return nil, fmt.Errorf("not JSON: %w", err)
		}
		e := entry{text: t.(string)} // the decoder allows nothing else before a colon
		if seen[e.text] {
			return nil, fmt.Errorf("%q occurs twice", e.text)
		}
		seen[e.text] = true
		if err := dec.Decode(&e.id); err != nil {
			return nil, fmt.Errorf("%q: want a whole number for its id: %w", e.text, err)
		}
		out = append(out, e)
	}
	if _, err := dec.Token(); err != nil {
		return nil, fmt.Errorf("not JSON: %w", err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, errors.New("goes on after its JSON object")
	}
	return out, nil
}

// number puts the entries in order of their ids, which must be 0, 1, 2 and so on.
func number(entries []entry) ([]string, error) {
	texts := make([]string, len(entries))
	taken := make([]bool, len(entries))
	beyond := -1
	for i, e := range entries {
		switch {
		case e.text == "":
			return nil, fmt.Errorf("an empty text has the id %d", e.id)
		case e.id < 0:
			return nil, fmt.Errorf("%q has the negative id %d", e.text, e.id)
		case e.id >= int64(len(entries)):
			beyond = i
		case taken[e.id]:
			return nil, fmt.Errorf("%q and %q have the same id %d", texts[e.id], e.text, e.id)
		default:
			texts[e.id], taken[e.id] = e.text, true
		}
	}
	for id, ok := range taken {
		if !ok {
			return nil, fmt.Errorf("there is a hole: no text has the id %d, while %q has the id %d", id, entries[beyond].text, entries[beyond].id)
		}
	}
	return texts, nil
}

// vocab is a byte-level vocabulary before its merges.
type vocab struct {
	texts   []string         // by id, decoded to bytes
	ids     map[string]int32 // the inverse for ordinary tokens
	special map[string]int32
	table   *byteTable
}

// newVocab joins the entries of a vocabulary with added ones, which may repeat entries of the first.
// Added tokens, and those whose text is listed as special, stand for their text as written.
func newVocab(entries, added []entry, special []string) (*vocab, error) {
	ids := make(map[string]int64, len(entries))
	for _, e := range entries {
		ids[e.text] = e.id
	}
	literal := map[string]bool{}
	for _, e := range added {
		if id, ok := ids[e.text]; !ok {
			entries = append(entries, e)
			ids[e.text] = e.id
		} else if id != e.id {
			return nil, fmt.Errorf("the added token %q has the id %d, the vocabulary gives it %d", e.text, e.id, id)
		}
		literal[e.text] = true
	}
	for _, text := range special {
		literal[text] = true
	}
	texts, err := number(entries)
	if err != nil {
		return nil, err
	}
	v := &vocab{texts: texts, ids: make(map[string]int32, len(texts)), special: map[string]int32{}, table: newByteTable()}
	return v, v.decode(literal)
}

// decode turns what the file wrote into bytes.
func (v *vocab) decode(literal map[string]bool) error {
	for id, text := range v.texts {
		if literal[text] {
			v.special[text] = int32(id)
			continue
		}
		b, err := v.table.decode(text)
		if err != nil {
			return fmt.Errorf("%q (id %d): %w", text, id, err)
		}
		v.texts[id], v.ids[b] = b, int32(id)
	}
	return nil
}

// written is one merge as the file has it, and where.
type written struct {
	left, right string
	line        int
}

// parseMerges reads merges.txt: two tokens a line, in order of rank, after a line with its version.
func parseMerges(text []byte) ([]written, error) {
	var lines []string
	for s := range strings.Lines(string(text)) {
		s = strings.TrimRight(s, "\r\n")
		if len(lines) == 0 && strings.HasPrefix(s, "#version") {
			s = "" // the line still counts
		}
		lines = append(lines, s)
	}
	return splitLines(lines)
}

// splitLines cuts each line into its two tokens; empty lines are passed over.
func splitLines(lines []string) ([]written, error) {
	out := make([]written, 0, len(lines))
	for i, s := range lines {
		if s == "" {
			continue
		}
		left, right, ok := strings.Cut(s, " ")
		if !ok || left == "" || right == "" || strings.Contains(right, " ") {
			return nil, fmt.Errorf("line %d: want two tokens with a space between, got %s", i+1, quote(s))
		}
		out = append(out, written{left, right, i + 1})
	}
	return out, nil
}

// tokenizer finishes a byte-level tokenizer; merges are in order of rank.
func (v *vocab) tokenizer(merges []written, ignoreMerges bool) (*Tokenizer, error) {
	table := make(map[pair]merge, len(merges))
	for rank, w := range merges {
		p, id, err := v.resolve(w)
		if err != nil {
			return nil, fmt.Errorf("line %d: %q %q: %w", w.line, w.left, w.right, err)
		}
		if _, ok := table[p]; ok {
			return nil, fmt.Errorf("line %d: %q %q: the merge occurs twice", w.line, w.left, w.right)
		}
		table[p] = merge{int32(rank), id}
	}
	return &Tokenizer{texts: v.texts, ids: v.ids, special: newSpecials(v.special),
		split: newBPE(v.ids, len(v.texts), table, ignoreMerges)}, nil
}

// resolve looks up the three tokens of a merge.
func (v *vocab) resolve(w written) (p pair, id int32, err error) {
	left, err := v.table.decode(w.left)
	if err != nil {
		return p, 0, err
	}
	right, err := v.table.decode(w.right)
	if err != nil {
		return p, 0, err
	}
	var ids [3]int32
	for i, text := range [...]string{left, right, left + right} {
		var ok bool
		if ids[i], ok = v.ids[text]; !ok {
			return p, 0, fmt.Errorf("%q is not in the vocabulary", v.table.encode(text))
		}
	}
	return pair{ids[0], ids[1]}, ids[2], nil
}
