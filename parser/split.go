package parser

import (
	"sort"

	"interp/grammar"
	"interp/internal/diag"

	"github.com/alecthomas/participle/v2/lexer"
)

// splitter walks a file's tokens once.
type splitter struct {
	*machine
	file    *grammar.File
	tokens  []grammar.Token // of file
	at      int
	errs    *diag.List
	spoiled []int // offsets of the lexer's errors, ascending
}

func starts(errs diag.List) []int {
	out := make([]int, len(errs))
	for i, e := range errs {
		out[i] = e.Start
	}
	sort.Ints(out)
	return out
}

// stmts reads statements up to the end of a block or of the file.
func (s *splitter) stmts() []grammar.Stmt {
	var out []grammar.Stmt
	for {
		switch s.tokens[s.at].Kind {
		case grammar.EOF, grammar.BlockClose:
			return out
		case grammar.Sep:
			s.at++
		default:
			if st := s.stmt(); st != nil {
				out = append(out, st)
			}
		}
	}
}

// body is a block that was folded to a token.
type body struct {
	stmts []grammar.Stmt
	end   grammar.Token // its closing brace
}

// cut is a statement's tokens: [from, to) of the file's, and the same with its blocks folded.
type cut struct {
	from, to int
	tokens   []grammar.Token
	end      grammar.Token // what follows it
	bodies   []body
}

// stmt cuts one statement out, reads the blocks in it and parses it: nil if it is in error.
func (s *splitter) stmt() grammar.Stmt {
	c := cut{from: s.at}
	for {
		t := s.tokens[s.at]
		if t.Kind == grammar.Sep || t.Kind == grammar.EOF || t.Kind == grammar.BlockClose {
			break
		}
		if t.Kind != grammar.BlockOpen {
			if c.tokens != nil {
				c.tokens = append(c.tokens, t)
			}
			s.at++
			continue
		}
		if c.tokens == nil {
			c.tokens = append(make([]grammar.Token, 0, s.at-c.from+2), s.tokens[c.from:s.at]...)
		}
		t.Kind = grammar.BlockTok
		c.tokens = append(c.tokens, t)
		s.at++
		b := body{stmts: s.stmts(), end: s.tokens[s.at]}
		c.bodies = append(c.bodies, b)
		if b.end.Kind == grammar.BlockClose {
			s.at++
		}
	}
	if c.tokens == nil {
		c.tokens = s.tokens[c.from:s.at]
	}
	c.to, c.end = s.at, s.tokens[s.at]
	return s.parse(&c)
}

// parse runs participle on one statement. One with an error of the lexer's is not parsed: one
// message is enough.
func (s *splitter) parse(c *cut) grammar.Stmt {
	if s.errs.Full() || s.isSpoiled(c.tokens) {
		return nil
	}
	lex, err := lexer.Upgrade(&feed{tokens: c.tokens, end: c.end.Pos})
	if err != nil {
		s.errs.Errorf(c.tokens[0].Span(), "E0101", "", "%v", err)
		return nil
	}
	st, err := s.production(c.tokens[0])(lex)
	if err != nil {
		s.errs.Add(explain(c, err))
		return nil
	}
	s.trim(st, s.tokens[c.from:c.to])
	before := len(*s.errs)
	refuse(st, s.errs)
	for i, b := range st.Blocks() {
		b.Stmts = c.bodies[i].stmts
		b.EndPos = endOf(c.bodies[i].end)
	}
	if len(*s.errs) > before {
		return nil
	}
	return st
}

// isSpoiled says that the lexer reported something in these tokens; blocks count by their brace.
func (s *splitter) isSpoiled(tokens []grammar.Token) bool {
	i := sort.SearchInts(s.spoiled, tokens[0].Pos.Offset)
	for _, t := range tokens {
		for i < len(s.spoiled) && s.spoiled[i] < t.Pos.Offset {
			i++
		}
		if i < len(s.spoiled) && s.spoiled[i] < max(t.End(), t.Pos.Offset+1) {
			return true
		}
	}
	return false
}

// trim moves the end of every node from the start of the next token, where participle sees it, to
// the end of its own last one.
func (s *splitter) trim(st grammar.Stmt, tokens []grammar.Token) {
	grammar.Walk(st, func(n grammar.Node) bool {
		r := n.At()
		next := r.EndPos.Offset
		if i := sort.Search(len(tokens), func(i int) bool { return tokens[i].Pos.Offset >= next }); i > 0 {
			r.EndPos = endOf(tokens[i-1])
		}
		return true
	})
}

func endOf(t grammar.Token) grammar.Pos {
	p := t.Pos
	p.Offset += len(t.Text)
	p.Column += len(t.Text)
	return p
}
