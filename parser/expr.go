package parser

import (
	"errors"

	"interp/grammar"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"
)

// level is how tightly a binary operator binds, as in Python; ** is right-associative.
var level = map[string]int{"or": 1, "and": 2, "|": 5, "&": 6, "+": 7, "-": 7, "*": 8, "/": 8, "//": 8, "%": 8, "@": 8, "**": 10}

const (
	anyLevel     = 1
	notLevel     = 3
	compareLevel = 4
	unaryLevel   = 9
	powerLevel   = 10
)

var comparisons = map[string]bool{"==": true, "!=": true, "<": true, "<=": true, ">": true, ">=": true, "in": true, "not in": true}

// failure is where an expression broke and what could have stood there.
type failure struct {
	at   lexer.Token
	want string
}

const anExpression = "an expression"

// Error is what was wanted.
func (f *failure) Error() string { return f.want }

// Message is what was wanted.
func (f *failure) Message() string { return f.want }

// Position is where.
func (f *failure) Position() lexer.Position { return f.at.Pos }

// expr reads Or ("if" Or "else" Expr)?.
func (m *machine) expr(lex *lexer.PeekingLexer) (grammar.Expr, error) {
	then, err := m.climb(lex, anyLevel, true)
	if err != nil || !isWord(lex.Peek(), "if") {
		return then, err
	}
	lex.Next()
	test, err := m.climb(lex, anyLevel, false)
	if err != nil {
		return nil, err
	}
	if !isWord(lex.Peek(), "else") {
		return nil, &failure{*lex.Peek(), "'else' of 'a if c else b'"}
	}
	lex.Next()
	other, err := m.expr(lex)
	if errors.Is(err, participle.NextMatch) {
		err = &failure{*lex.Peek(), anExpression}
	}
	if err != nil {
		return nil, err
	}
	return &grammar.Cond{Range: grammar.Range{Pos: then.At().Pos, EndPos: here(lex)}, Then: then, Test: test, Else: other}, nil
}

func (m *machine) orExpr(lex *lexer.PeekingLexer) (grammar.OrExpr, error) {
	return m.climb(lex, anyLevel, true)
}

// here is the place of the next token: the end of a node until trim corrects it.
func here(lex *lexer.PeekingLexer) grammar.Pos { return grammar.Pos(lex.Peek().Pos) }

func isWord(t *lexer.Token, w string) bool {
	return t.Type == lexer.TokenType(grammar.Keyword) && t.Value == w
}

// climb reads operators that bind at least as tightly as lowest. first says that nothing was read
// yet, so that a missing operand means that there is no expression, and is no error of it.
func (m *machine) climb(lex *lexer.PeekingLexer, lowest int, first bool) (grammar.Expr, error) {
	left, err := m.prefix(lex, lowest, first)
	if err != nil {
		return nil, err
	}
	for {
		t := lex.Peek()
		op := operator(lex, t)
		if comparisons[op] && lowest <= compareLevel {
			if left, err = m.compare(lex, left, op); err != nil {
				return nil, err
			}
			continue
		}
		l := level[op]
		if l == 0 || l < lowest {
			return left, nil
		}
		at := grammar.Pos(lex.Next().Pos)
		next := l + 1
		if l == powerLevel {
			next = unaryLevel // 2 ** -1, and a ** b ** c
		}
		right, err := m.climb(lex, next, false)
		if err != nil {
			return nil, err
		}
		left = &grammar.Binary{Range: grammar.Range{Pos: left.At().Pos, EndPos: here(lex)}, Op: op, OpPos: at, L: left, R: right}
	}
}

// operator is the operator at t, "" if it is none; "not in" is two words.
func operator(lex *lexer.PeekingLexer, t *lexer.Token) string {
	switch grammar.Kind(t.Type) {
	case grammar.Op:
		return t.Value
	case grammar.Keyword:
		if t.Value != "not" {
			return t.Value
		}
		back := lex.MakeCheckpoint()
		lex.Next()
		in := isWord(lex.Peek(), "in")
		lex.LoadCheckpoint(back)
		if in {
			return "not in"
		}
	}
	return ""
}

// compare reads the rest of a chain, a < b <= c.
func (m *machine) compare(lex *lexer.PeekingLexer, left grammar.Expr, op string) (grammar.Expr, error) {
	c := &grammar.Compare{Range: grammar.Range{Pos: left.At().Pos}, Args: []grammar.Expr{left}}
	for ; comparisons[op]; op = operator(lex, lex.Peek()) {
		lex.Next()
		if op == "not in" {
			lex.Next()
		}
		right, err := m.climb(lex, compareLevel+1, false)
		if err != nil {
			return nil, err
		}
		c.Ops, c.Args = append(c.Ops, op), append(c.Args, right)
	}
	c.EndPos = here(lex)
	return c, nil
}

// prefix reads signs and not before an operand.
func (m *machine) prefix(lex *lexer.PeekingLexer, lowest int, first bool) (grammar.Expr, error) {
	t := lex.Peek()
	inner := 0
	switch {
	case isWord(t, "not") && lowest <= notLevel:
		inner = notLevel
	case grammar.Kind(t.Type) == grammar.Op && (t.Value == "-" || t.Value == "+" || t.Value == "~"):
		inner = unaryLevel
	}
	if inner == 0 {
		return m.operand(lex, first)
	}
	t = lex.Next()
	x, err := m.climb(lex, inner, false)
	if err != nil {
		return nil, err
	}
	return &grammar.Unary{Range: grammar.Range{Pos: grammar.Pos(t.Pos), EndPos: here(lex)}, Op: t.Value, X: x}, nil
}
