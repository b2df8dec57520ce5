// Package parser turns bytes into the tree of package grammar, or says all that is wrong with them.
// It is the one package that imports participle.
//
//	grammar.Lex ─▶ tokens ─ splitter ─▶ statements, blocks folded ─ participle ─▶ nodes ─ refuse ─▶ tree
//	                                                                    └─ explain ─▶ diagnostics
//
// The lexer knows all brackets. The splitter cuts the tokens into statements and folds each block to
// one token, so that every statement is parsed alone: it fails alone, nothing is tried twice, and
// nothing recurses over blocks inside participle. A statement's first word chooses its production;
// expressions are read by precedence climbing, everything else by participle from the tags of the
// tree, with one token of lookahead. Explain finds the place in participle's error and words it
// anew. Refuse rejects what the tags are too wide to reject.
//
// Invariants: Parse never panics and needs memory in proportion to its input, whatever that is;
// nothing here recurses deeper than the lexer's limits; one statement yields at most one error.
package parser

import (
	"sync"

	"interp/grammar"
	"interp/internal/diag"
)

// Parse reads a script. The tree holds the statements that were sound; it is complete if the list
// has no errors. The list is in the order of the script.
func Parse(name string, src []byte) (*grammar.Script, diag.List) {
	f := grammar.Lex(name, string(src))
	out := &grammar.Script{File: f}
	errs := append(diag.List(nil), f.Errs...)
	if !f.Stopped {
		s := &splitter{machine: machines(), file: f, tokens: f.Tokens, errs: &errs, spoiled: starts(f.Errs)}
		out.Stmts = s.stmts()
	}
	if n := len(out.Stmts); n > 0 {
		out.Pos, out.EndPos = out.Stmts[0].At().Pos, out.Stmts[n-1].At().EndPos
	}
	errs.Sort()
	return out, errs
}

// ParseExpr reads a text that must be one expression, such as a value on the command line.
func ParseExpr(name string, src []byte) (grammar.Expr, diag.List) {
	s, errs := Parse(name, src)
	if errs.HasErrors() {
		return nil, errs
	}
	if len(s.Stmts) == 1 {
		if e, ok := s.Stmts[0].(*grammar.Simple); ok && e.Op == "" {
			return e.Left[0], nil
		}
	}
	errs.Errorf(s.Span(), "E0101", "", "expected one expression")
	return nil, errs
}

// machines builds the productions once, when first needed: it takes some milliseconds.
var machines = sync.OnceValue(newMachine)
