package parser

import "interp/grammar"

const (
	aName = "a name"
	aKey  = "a name or a string"
)

// missing finds the first place where an expression, a name or a record's colon must stand and does
// not, judging by neighbours only: participle does not say, for it stops a token early when a single
// token of an alternative matched. It is 0 if there is no such place.
func missing(tokens []grammar.Token) (i int, want string) {
	var open []byte // for every open bracket what it holds: index, record, parameters or else
	vars := variables(tokens)
	for i, t := range tokens {
		if i > 0 {
			if want := lacks(tokens, i, vars, open); want != "" {
				return i, want
			}
		}
		if opens(t) {
			open = append(open, holds(tokens, i))
		} else if closes(t) && len(open) > 0 {
			open = open[:len(open)-1]
		}
	}
	return 0, ""
}

// holds says what the bracket at i is: 'x' an index, 'r' a record, 'p' parameters, 'f' a field of an
// f-string, ' ' else.
func holds(tokens []grammar.Token, i int) byte {
	switch t := tokens[i]; {
	case t.Kind == grammar.RecOpen:
		return 'r'
	case t.Kind == grammar.FillOpen:
		return 'f'
	case i > 0 && t.Is("[") && grammar.EndsOperand(tokens[i-1]):
		return 'x'
	case i == 2 && (tokens[0].Is("def") || tokens[0].Is("edit")):
		return 'p'
	}
	return ' '
}

// lacks says what is missing between the token at i and the one before it, "" if nothing is. The
// first vars tokens are a for and its variables.
func lacks(tokens []grammar.Token, i, vars int, open []byte) string {
	p, t := tokens[i-1], tokens[i]
	in := byte(0)
	if len(open) > 0 {
		in = open[len(open)-1]
	}
	begins := p.Is(",") || opens(p)
	switch {
	case in == 'f' && p.Kind == grammar.FillOpen && (t.Kind == grammar.FillClose || t.Kind == grammar.FillSpec):
		return anExpression
	case t.Kind != grammar.Ident && (p.Is("for") || in == 0 && p.Is(",") && i < vars):
		return aName
	case in == 'p' && begins && t.Kind != grammar.Ident && !t.Is(")"):
		return aName
	case in == 'r' && begins && t.Kind != grammar.Ident && t.Kind != grammar.Str && !closes(t):
		return aKey
	case in == 'r' && i > 1 && (p.Kind == grammar.Ident || p.Kind == grammar.Str) && !t.Is(":") && (tokens[i-2].Is(",") || tokens[i-2].Kind == grammar.RecOpen):
		return "':'"
	case t.Is("..."), t.Is(":"), p.Is(":") && (in == 'x' || in == 0):
		return ""
	case p.Is(",") && (t.Is(",") || closes(t) && in == 0),
		p.Is("(") && t.Is(","),
		p.Is("[") && (t.Is(",") || t.Is("]") && in == 'x'),
		isOperator(p) && closes(t):
		return anExpression
	}
	return ""
}

// variables is how many tokens a for and its variables take, 0 for another statement.
func variables(tokens []grammar.Token) int {
	if !tokens[0].Is("for") {
		return 0
	}
	for i, t := range tokens {
		if t.Is("in") {
			return i
		}
	}
	return len(tokens)
}

// isOperator says that an operand must follow t.
func isOperator(t grammar.Token) bool {
	return t.Kind == grammar.Op && !t.Is(".") && !t.Is(",") && !opens(t) && !grammar.EndsOperand(t)
}

func opens(t grammar.Token) bool {
	return t.Is("(") || t.Is("[") || t.Kind == grammar.RecOpen || t.Kind == grammar.FillOpen
}

func closes(t grammar.Token) bool {
	return t.Is(")") || t.Is("]") || t.Kind == grammar.RecClose || t.Kind == grammar.FillClose
}
