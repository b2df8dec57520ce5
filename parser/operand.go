package parser

import (
	"interp/grammar"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"
)

// operand reads a primary with its suffixes. Each is chosen by its first token: letting participle
// try a union of eight costs twice the time.
func (m *machine) operand(lex *lexer.PeekingLexer, first bool) (grammar.Expr, error) {
	t := lex.Peek()
	if !startsOperand(t) {
		if first {
			return nil, participle.NextMatch
		}
		return nil, &failure{*t, anExpression}
	}
	o := &grammar.Operand{Range: grammar.Range{Pos: grammar.Pos(t.Pos)}}
	var err error
	if o.X, err = m.primary(lex); err != nil {
		return nil, err
	}
	for {
		if t = lex.Peek(); grammar.Kind(t.Type) != grammar.Op || t.Value != "." && t.Value != "(" && t.Value != "[" {
			break
		}
		s, err := m.suffix(lex, t)
		if err != nil {
			return nil, err
		}
		o.Suffix = append(o.Suffix, s)
	}
	o.EndPos = here(lex)
	return o, nil
}

func (m *machine) suffix(lex *lexer.PeekingLexer, open *lexer.Token) (s *grammar.Suffix, err error) {
	s = &grammar.Suffix{Range: grammar.Range{Pos: grammar.Pos(open.Pos)}}
	switch open.Value {
	case "(":
		s.Args, err = m.args(lex)
	case "[":
		s.Index, err = m.indexes(lex)
	default:
		lex.Next()
		t := lex.Peek()
		if grammar.Kind(t.Type) != grammar.Ident {
			return nil, &failure{*t, "a name"}
		}
		s.Attr = lex.Next().Value
	}
	s.EndPos = here(lex)
	return s, err
}

func (m *machine) primary(lex *lexer.PeekingLexer) (grammar.Primary, error) {
	t := lex.Peek()
	leaf := func() grammar.Range {
		lex.Next()
		return grammar.Range{Pos: grammar.Pos(t.Pos), EndPos: here(lex)}
	}
	switch grammar.Kind(t.Type) {
	case grammar.Ident:
		return &grammar.Name{Range: leaf(), ID: t.Value}, nil
	case grammar.Num:
		return &grammar.Number{Range: leaf(), Text: t.Value}, nil
	case grammar.Str:
		return &grammar.String{Range: leaf(), Text: t.Value}, nil
	case grammar.Keyword:
		return &grammar.Const{Range: leaf(), Text: t.Value}, nil
	case grammar.StrOpen:
		return m.strings(lex)
	case grammar.RecOpen:
		return m.records(lex)
	}
	if t.Value == "(" {
		return m.tuples(lex)
	}
	return m.lists(lex)
}

func startsOperand(t *lexer.Token) bool {
	switch grammar.Kind(t.Type) {
	case grammar.Ident, grammar.Num, grammar.Str, grammar.StrOpen, grammar.RecOpen:
		return true
	case grammar.Op:
		return t.Value == "(" || t.Value == "["
	case grammar.Keyword:
		return t.Value == "True" || t.Value == "False" || t.Value == "None"
	}
	return false
}
