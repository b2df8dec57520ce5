package grammar

import (
	"errors"
	"strings"
	"unicode/utf8"
)

// Format lays a script out anew: indent 4, one blank line at most, two blanks before a comment,
// blanks around operators, braces on their header's line, else if for elif. Comments stay, line
// breaks inside brackets stay, blocks on one line stay. It is an error if the script does not lex;
// whether it parses, only the parser knows.
//
// It works on tokens and comments, not on the tree: nothing can get lost.
func Format(src string) (string, error) {
	f := Lex("", src)
	if f.Errs.HasErrors() {
		return "", errors.New(strings.TrimSpace(f.Errs.Text("script", src)))
	}
	return f.Format(), nil
}

// Format lays out a file that was lexed without errors.
func (s *File) Format() string {
	f := &formatter{oneLine: oneLineBlocks(s.Tokens)}
	for _, it := range merge(s) {
		f.item(it)
	}
	if f.out.Len() > 0 {
		f.out.WriteByte('\n')
	}
	return f.out.String()
}

// item is a token or a comment, and what lay before it.
type item struct {
	Token
	comment bool
	start   bool // begins a statement; of a comment: stands alone on its line
	lines   int  // newlines since the item before
	gap     bool // anything at all since the item before
}

// merge puts tokens and comments in one row, by place, without the ends of statements.
func merge(s *File) []item {
	out := make([]item, 0, len(s.Tokens)+len(s.Comments))
	end, start, comments := 0, true, s.Comments
	add := func(it item) {
		it.lines = strings.Count(s.Text[end:it.Pos.Offset], "\n")
		it.gap = it.Pos.Offset > end
		end = it.End()
		out = append(out, it)
	}
	for _, t := range s.Tokens {
		if t.Kind == Sep {
			start = true
			continue
		}
		for len(comments) > 0 && (comments[0].Pos.Offset < t.Pos.Offset || t.Kind == EOF) {
			c := comments[0]
			add(item{Token: Token{Text: c.Text, Pos: c.Pos}, comment: true, start: c.Own})
			comments = comments[1:]
		}
		if t.Kind != EOF {
			add(item{Token: t, start: start && t.Kind != BlockClose})
			start = t.Kind == BlockOpen
		}
	}
	return out
}

// oneLineBlocks finds the braces of blocks that the author wrote on one line, by offset.
func oneLineBlocks(tokens []Token) map[int]bool {
	one := map[int]bool{}
	var open []Token
	for _, t := range tokens {
		switch t.Kind {
		case BlockOpen:
			open = append(open, t)
		case BlockClose:
			o := open[len(open)-1]
			open = open[:len(open)-1]
			if o.Pos.Line == t.Pos.Line {
				one[o.Pos.Offset], one[t.Pos.Offset] = true, true
			}
		}
	}
	return one
}

// formatter writes items one after the other; what stands before an item depends on the one before
// it and on the innermost bracket.
type formatter struct {
	oneLine map[int]bool
	out     strings.Builder
	col     int // runes on the current line
	indent  int // of the current line
	depth   int // of blocks that have lines of their own
	open    []bracket
	prev    item
	unary   bool // prev is a sign before its operand
}

// bracket is an open bracket of the output.
type bracket struct {
	kind    Kind   // of its token
	text    string // of its token
	col     int    // the column after it
	base    int    // indent of its line
	hang    bool   // it ended its line: what is inside is indented, else aligned
	oneLine bool   // a block on one line
}

func (f *formatter) top() bracket {
	if len(f.open) == 0 {
		return bracket{kind: BlockOpen}
	}
	return f.open[len(f.open)-1]
}

func (f *formatter) item(it item) {
	if it.Kind == BlockClose && !f.oneLine[it.Pos.Offset] {
		f.depth--
	}
	if n := len(f.open); n > 0 && opens(f.prev) && !f.open[n-1].hang {
		f.open[n-1].hang = it.comment || f.breaks(it)
	}
	var closed bracket
	if closes(it) && len(f.open) > 0 {
		closed = f.top()
		f.open = f.open[:len(f.open)-1]
	}
	switch {
	case f.prev.Text == "" && !f.prev.comment: // the first of all
	case f.breaks(it):
		f.newline(it, closed)
	default:
		f.write(f.between(it))
	}
	if it.comment {
		f.write(it.Text)
		f.prev.comment = true
		return
	}
	f.unary = it.Kind == Op && (it.Text == "-" || it.Text == "+" || it.Text == "~") && (it.start || !EndsOperand(f.prev.Token))
	f.token(it)
}

func (f *formatter) token(it item) {
	if it.Kind == Keyword && it.Text == "elif" {
		f.write("else if")
	} else {
		f.write(it.Text)
	}
	if opens(it) {
		f.open = append(f.open, bracket{kind: it.Kind, text: it.Text, col: f.col, base: f.indent, oneLine: f.oneLine[it.Pos.Offset]})
	}
	if it.Kind == BlockOpen && !f.oneLine[it.Pos.Offset] {
		f.depth++
	}
	f.prev = it
}

func (f *formatter) write(t string) {
	f.col += utf8.RuneCountInString(t)
	f.out.WriteString(t)
}

func opens(it item) bool {
	switch it.Kind {
	case RecOpen, BlockOpen, FillOpen:
		return !it.comment
	}
	return it.Kind == Op && (it.Text == "(" || it.Text == "[") && !it.comment
}

func closes(it item) bool {
	switch it.Kind {
	case RecClose, BlockClose, FillClose:
		return true
	}
	return it.Kind == Op && (it.Text == ")" || it.Text == "]")
}

// breaks says whether the item begins a line.
func (f *formatter) breaks(it item) bool {
	t := f.top()
	switch {
	case f.prev.comment:
		return true
	case it.comment:
		return it.start && it.lines > 0
	case it.Kind == BlockClose:
		return !f.oneLine[it.Pos.Offset]
	case t.kind == BlockOpen && it.start:
		return !t.oneLine
	case t.kind == BlockOpen && (it.Kind == BlockOpen || f.prev.Kind == BlockClose && (it.Is("else") || it.Is("elif"))):
		return false
	}
	return it.lines > 0
}

// newline begins a line for the item, indented. closed is the bracket that it closes, if any.
func (f *formatter) newline(it item, closed bracket) {
	f.out.WriteByte('\n')
	t := f.top()
	if it.lines > 1 && it.start && t.kind == BlockOpen && !(f.prev.Kind == BlockOpen && !f.prev.comment) {
		f.out.WriteByte('\n')
	}
	n := 4 * f.depth
	switch {
	case closes(it) && it.Kind != BlockClose && closed.hang:
		n = closed.base
	case closes(it) && it.Kind != BlockClose:
		n = closed.col - 1
	case t.kind != BlockOpen && t.hang:
		n = t.base + 4
	case t.kind != BlockOpen:
		n = t.col
	case !it.start && !it.comment && it.Kind != BlockClose && it.Kind != BlockOpen && !it.Is("else") && !it.Is("elif"):
		n += 4
	}
	f.col, f.indent = 0, n
	f.write(strings.Repeat(" ", n))
}
