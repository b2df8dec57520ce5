package grammar

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// Dump prints a tree, one statement a line, blocks indented, operators before their operands and
// without places: two scripts mean the same tree if and only if their dumps are equal.
func Dump(w io.Writer, s *Script) error {
	d := &dumper{Writer: bufio.NewWriter(w)}
	d.stmts(s.Stmts)
	return d.Flush()
}

type dumper struct {
	*bufio.Writer
	depth int
}

func (d *dumper) put(parts ...any) {
	for _, p := range parts {
		switch p := p.(type) {
		case string:
			_, _ = d.WriteString(p) // Flush reports it
		case Expr:
			d.expr(p)
		case *Name:
			_, _ = d.WriteString(p.ID)
		}
	}
}

func (d *dumper) stmts(list []Stmt) {
	for _, s := range list {
		d.line()
		d.stmt(s)
	}
}

// line begins a line.
func (d *dumper) line() {
	d.put(strings.Repeat("    ", d.depth))
}

func (d *dumper) stmt(s Stmt) {
	switch s := s.(type) {
	case *Simple:
		d.simple(s)
	case *Set:
		d.put("set ", s.Op, " ", s.Target, " ", s.Value)
	case *Save:
		d.put("save ", s.Name)
		if len(s.Index) > 0 {
			d.put("[")
			d.exprs(s.Index)
			d.put("]")
		}
		d.put(" ", s.Value)
	case *Model:
		d.put("model ", s.Value)
	case *Input:
		d.put("input ", s.Name)
		d.maybe(" ", s.Default)
	case *Print:
		d.put("print")
		d.after(s.Args)
	case *Assert:
		d.put("assert ", s.Cond)
		d.maybe(" ", s.Message)
	case *Return:
		d.put("return")
		d.after(s.Values)
	default:
		d.header(s)
		return
	}
	d.put("\n")
}

func (d *dumper) simple(s *Simple) {
	if s.Op == "" {
		d.put("expr ")
		d.exprs(s.Left)
		return
	}
	d.put("assign ", s.Op, " ")
	d.exprs(s.Left)
	d.put(" <- ")
	d.exprs(s.Right)
}

func (d *dumper) header(s Stmt) {
	switch s := s.(type) {
	case *Def:
		d.put("def ", s.Name)
		d.params(s.Params)
		d.block(s.Body)
	case *If:
		d.branches(s)
	case *For:
		d.put("for ")
		d.names(s.Vars)
		d.put(" in ", s.In)
		d.block(s.Body)
	case *Run:
		d.put(s.Kind)
		if s.Args != nil {
			d.args(s.Args)
		}
		d.block(s.Body)
	case *Invoke:
		d.put("invoke ", s.Prompt)
		if len(s.With) > 0 {
			d.put(" with ")
			d.exprs(s.With)
		}
		d.block(s.Body)
	case *Iter:
		d.iter(s)
	case *Edit:
		d.put("edit ", s.Name)
		if len(s.Params) > 0 {
			d.params(s.Params)
		}
		d.block(s.Body)
	}
}

func (d *dumper) branches(s *If) {
	d.put("if ", s.Cond)
	d.block(s.Then)
	for _, e := range s.Elifs {
		d.line()
		d.put("else if ", e.Cond)
		d.block(e.Then)
	}
	if s.Else != nil {
		d.line()
		d.put("else")
		d.block(s.Else)
	}
}

func (d *dumper) iter(s *Iter) {
	d.put("iter ")
	if s.Var != nil {
		d.put(s.Var, " in ")
	}
	if s.All {
		d.put("all")
	} else {
		d.item(s.Steps)
	}
	d.block(s.Body)
}

func (d *dumper) block(b *Block) {
	d.put("\n")
	d.depth++
	d.stmts(b.Stmts)
	d.depth--
}

func (d *dumper) params(list []*Param) {
	d.put("(")
	for i, p := range list {
		d.comma(i)
		d.put(p.Name)
		d.maybe("=", p.Default)
	}
	d.put(")")
}

func (d *dumper) names(list []*Name) {
	for i, n := range list {
		d.comma(i)
		d.put(n)
	}
}

func (d *dumper) exprs(list []Expr) {
	for i, e := range list {
		d.comma(i)
		d.expr(e)
	}
}

// after prints what a word is followed by, if anything.
func (d *dumper) after(list []Expr) {
	if len(list) > 0 {
		d.put(" ")
		d.exprs(list)
	}
}

func (d *dumper) comma(i int) {
	if i > 0 {
		d.put(", ")
	}
}

// maybe prints e, if there is one, with what stands before it.
func (d *dumper) maybe(before string, e Expr) {
	if e != nil {
		d.put(before, e)
	}
}

func (d *dumper) quoted(t string) { fmt.Fprintf(d, "%q", t) }
