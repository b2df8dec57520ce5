package token

import (
	"fmt"
	"iter"
	"strings"
)

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
	written map[string]int64 // ids by the text of the file
}

// newVocab joins the entries of a vocabulary with added ones, which may repeat entries of the first.
// Added tokens, and those whose text is listed as special, stand for their text as written.
func newVocab(l *listing, added []entry, special []string) (*vocab, error) {
	literal := map[string]bool{}
	for _, e := range added {
		literal[e.text] = true
		if id, ok := l.ids[e.text]; ok && id == e.id {
			continue
		}
		if err := l.add(e); err != nil {
			return nil, fmt.Errorf("the added token %q has the id %d, the vocabulary gives it %d", e.text, e.id, l.ids[e.text])
		}
	}
	for _, text := range special {
		literal[text] = true
	}
	texts, err := number(l.entries)
	if err != nil {
		return nil, err
	}
	v := &vocab{texts: texts, ids: make(map[string]int32, len(texts)), special: map[string]int32{}, written: l.ids}
	return v, v.decode(literal)
}

// decode turns what the file wrote into bytes.
func (v *vocab) decode(literal map[string]bool) error {
	table := newByteTable()
	for id, text := range v.texts {
		if literal[text] {
			v.special[text] = int32(id)
			delete(v.written, text) // no merge makes it
			continue
		}
		b, err := table.decode(text)
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
// They come one by one: a file of 15 million lines with a wrong one takes no memory.
func parseMerges(text []byte) iter.Seq2[written, error] {
	return splitLines(func(yield func(int, string) bool) {
		n := 0
		for s := range strings.Lines(string(text)) {
			s = strings.TrimRight(s, "\r\n")
			if n == 0 && strings.HasPrefix(s, "#version") {
				s = "" // the line still counts
			}
			if !yield(n, s) {
				return
			}
			n++
		}
	})
}

// splitLines cuts each line into its two tokens; empty lines are passed over.
func splitLines(lines iter.Seq2[int, string]) iter.Seq2[written, error] {
	return func(yield func(written, error) bool) {
		for i, s := range lines {
			if s == "" {
				continue
			}
			left, right, ok := strings.Cut(s, " ")
			if !ok || left == "" || right == "" || strings.Contains(right, " ") {
				yield(written{}, fmt.Errorf("line %d: want two tokens with a space between, got %s", i+1, quote(s)))
				return
			}
			if !yield(written{left, right, i + 1}, nil) {
				return
			}
		}
	}
}

// tokenizer finishes a byte-level tokenizer; merges are in order of rank.
func (v *vocab) tokenizer(merges iter.Seq2[written, error]) (*Tokenizer, error) {
	table := map[pair]merge{}
	for w, err := range merges {
		if err != nil {
			return nil, err
		}
		p, id, err := v.resolve(w)
		if err != nil {
			return nil, fmt.Errorf("line %d: %q %q: %w", w.line, w.left, w.right, err)
		}
		if _, ok := table[p]; ok {
			return nil, fmt.Errorf("line %d: %q %q: the merge occurs twice", w.line, w.left, w.right)
		}
		table[p] = merge{int32(len(table)), id}
	}
	return &Tokenizer{texts: v.texts, ids: v.ids, special: newSpecials(v.special),
		split: newBPE(v.ids, len(v.texts), table)}, nil
}

// resolve looks up the three tokens of a merge.
func (v *vocab) resolve(w written) (pair, int32, error) {
	var ids [3]int32
	for i, text := range [...]string{w.left, w.right, w.left + w.right} {
		id, ok := v.written[text]
		if !ok {
			return pair{}, 0, fmt.Errorf("%q is not in the vocabulary", text)
		}
		ids[i] = int32(id)
	}
	return pair{ids[0], ids[1]}, ids[2], nil
}
