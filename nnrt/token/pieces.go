package token

import (
	"fmt"
	"strings"
)

// Piece is one token of a text: the text's bytes from Start up to Stop.
type Piece struct {
	ID          int32
	Text        string
	Start, Stop int
}

// Pieces is the tokens of a text with their places in it.
func (t *Tokenizer) Pieces(text string) ([]Piece, error) {
	ids, err := t.Encode(text)
	if err != nil {
		return nil, err
	}
	return t.PiecesOf(ids)
}

// PiecesOf is the tokens of ids with their places in the text they decode to.
func (t *Tokenizer) PiecesOf(ids []int32) ([]Piece, error) {
	if t.none() {
		return nil, ErrNone
	}
	out := make([]Piece, len(ids))
	at := 0
	for i, id := range ids {
		text, err := t.text(id)
		if err != nil {
			return nil, err
		}
		out[i] = Piece{id, text, at, at + len(text)}
		at += len(text)
	}
	return out, nil
}

// LabelsOf is the tokens of ids as the axis of a picture shows them: " John_1" is token 1.
func (t *Tokenizer) LabelsOf(ids []int32) ([]string, error) {
	pieces, err := t.PiecesOf(ids)
	if err != nil {
		return nil, err
	}
	out := make([]string, len(pieces))
	for i, p := range pieces {
		out[i] = fmt.Sprintf("%s_%d", printable(p.Text), i)
	}
	return out, nil
}

// Single is the id of a text that is one token; the error names the pieces of one that is not.
func (t *Tokenizer) Single(text string) (int32, error) {
	pieces, err := t.Pieces(text)
	if err != nil {
		return 0, err
	}
	if len(pieces) == 1 {
		return pieces[0].ID, nil
	}
	if len(pieces) == 0 {
		return 0, fmt.Errorf("token(%q): want one token, got an empty text", text)
	}
	return 0, fmt.Errorf("token(%s): want one token, got %d: %s%s", quote(text), len(pieces), quoteAll(pieces), t.respaced(text))
}

// respaced suggests the text with or without a space before it, where that is one token: words
// inside a sentence carry their space.
func (t *Tokenizer) respaced(text string) string {
	other, bare := strings.CutPrefix(text, " ")
	if !bare {
		other = " " + text
	}
	if other == "" {
		return ""
	}
	if ids, err := t.Encode(other); err != nil || len(ids) != 1 {
		return ""
	}
	return fmt.Sprintf("; %q is one", other)
}

// Span is the positions start up to stop of the ids that hold a text; ids that hold it in part are
// included. Occurrences are counted from 0, or from the end where nth is negative, and do not overlap.
func (t *Tokenizer) Span(ids []int32, text string, nth int) (start, stop int, err error) {
	pieces, err := t.PiecesOf(ids)
	if err != nil {
		return 0, 0, err
	}
	var prompt strings.Builder
	for _, p := range pieces {
		prompt.WriteString(p.Text)
	}
	at, err := occurrence(prompt.String(), text, nth)
	if err != nil {
		return 0, 0, err
	}
	for start < len(pieces) && pieces[start].Stop <= at {
		start++
	}
	stop = start
	for stop < len(pieces) && pieces[stop].Start < at+len(text) {
		stop++
	}
	return start, stop, nil
}

// occurrence is where the nth occurrence of a text begins, in bytes.
func occurrence(prompt, text string, nth int) (int, error) {
	if text == "" {
		return 0, fmt.Errorf("an empty text is everywhere in %s", quote(prompt))
	}
	n := strings.Count(prompt, text)
	if n == 0 {
		return 0, fmt.Errorf("%s is not in %s", quote(text), quote(prompt))
	}
	k := nth
	if k < 0 {
		k += n
	}
	if k < 0 || k >= n {
		return 0, fmt.Errorf("%s: there is no number %d in %s, which has %d of it (counted from 0, or from the end: -1)", quote(text), nth, quote(prompt), n)
	}
	at := 0
	for ; k > 0; k-- {
		at += strings.Index(prompt[at:], text) + len(text)
	}
	return at + strings.Index(prompt[at:], text), nil
}

// quote shows a text in an error, its middle left out where it is long.
func quote(text string) string {
	if len(text) <= 80 {
		return fmt.Sprintf("%q", text)
	}
	return fmt.Sprintf("%q...%q", printable(text[:40]), printable(text[len(text)-30:]))
}

// quoteAll shows the first pieces.
func quoteAll(pieces []Piece) string {
	var b strings.Builder
	for i, p := range pieces {
		if i == 12 {
			return b.String() + " ..."
		}
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(quote(p.Text))
	}
	return b.String()
}
