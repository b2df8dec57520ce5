package grammar

import "interp/internal/diag"

// Pos is a place in a script. Its underlying type is that of participle's lexer.Position, so that
// the parser can fill Pos and EndPos fields although this package imports no library.
// Line and Column count from 1; Column and Offset count bytes.
type Pos struct {
	Filename string
	Offset   int
	Line     int
	Column   int
}

// Range is where a node stands: where its first token begins and where its last token ends.
// Every node embeds one.
type Range struct {
	Pos    Pos
	EndPos Pos
}

// Span is the node's place for diagnostics.
func (r *Range) Span() diag.Span { return diag.Span{Start: r.Pos.Offset, End: r.EndPos.Offset} }

// At is the node's place itself, which a pass over the tree may correct.
func (r *Range) At() *Range { return r }

// Node is any part of the tree.
type Node interface {
	Span() diag.Span
	At() *Range
}
