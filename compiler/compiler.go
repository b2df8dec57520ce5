// Package compiler resolves the names of a script over its whole tree and lowers it to a program.
//
//	Script ─ one walk ─▶ ir.Program
//	             │
//	             └─▶ findings: what is wrong with names, calls and the places of statements
//
// The walk does both at once: a scope knows which names stand at each line, so a name becomes a
// variable, a site, a row of the library or a finding where it is met. It goes on after a finding, and
// it visits code that never runs. What depends on values (shapes, ranges, models) is left to the
// machine, which runs the program on shapes before it runs it for real.
//
// Invariants: the program of a script without errors passes ir.Verify; at one place there is at most
// one error; a Session is unchanged by an entry that fails.
package compiler

import (
	"maps"

	"interp/grammar"
	"interp/internal/diag"
	"interp/ir"
)

// Lookup is the library as the compiler sees it.
type Lookup interface {
	Op(name string) (*ir.OpRow, bool) // operators and steps of the machine too
	Names() []string                  // of the language's functions and values
}

// Options say what a script is compiled for.
type Options struct {
	Session bool // an entry of a REPL: bare values are shown, nothing unused is reported
	Results bool // saves are written to files or handed to a caller: all of them are used
}

// Session compiles the entries of a REPL one after the other; they share the names of the script.
type Session struct {
	look   Lookup
	paths  *pathTable
	top    *scope
	calls  uint64
	before *Session // as it was before the last entry, as far as entries change it
}

// NewSession begins without names.
func NewSession(look Lookup) *Session {
	return &Session{look: look, paths: newPathTable(), top: newScope(nil, &ir.Func{Kind: ir.FuncMain})}
}

// Compile compiles one script.
func Compile(s *grammar.Script, look Lookup, o Options) (*ir.Program, diag.List) {
	return NewSession(look).Compile(s, o)
}

// Compile compiles an entry. With an error there is no program and the session is as before.
func (s *Session) Compile(script *grammar.Script, o Options) (*ir.Program, diag.List) {
	s.before = &Session{top: s.top.clone(), calls: s.calls}
	name := ""
	text := ""
	if script.File != nil {
		name, text = script.File.Name, script.File.Text
	}
	main := &ir.Func{Name: "main", Kind: ir.FuncMain, Span: script.Span()}
	s.top.fn = main
	c := &comp{Session: s, opts: o, scope: s.top, src: diag.NewSource(name, text),
		places: map[int]bool{}, prog: &ir.Program{Name: name, Main: main}}
	c.predeclare(script.Stmts)
	main.Body = c.block(script.Stmts)
	c.recursion()
	if !o.Session {
		c.unused(s.top)
		c.unusedAll()
	}
	s.top.forget()
	c.errs.Sort()
	if c.errs.HasErrors() {
		s.Undo()
		return nil, c.errs
	}
	main.Vars = nil
	c.prog.Globals = append([]string(nil), s.top.slots...)
	return c.prog, c.errs
}

// Undo takes the last entry back: its program failed, or was only looked at.
func (s *Session) Undo() {
	if s.before != nil {
		s.top, s.calls, s.before = s.before.top, s.before.calls, nil
	}
}

// InScope lists the names that the next entry may use: its variables, and those of the language, the
// library and the first words of sites.
func (s *Session) InScope() []string { return (&comp{Session: s, scope: s.top}).inScope() }

// comp is one walk.
type comp struct {
	*Session
	opts   Options
	src    *diag.Source
	prog   *ir.Program
	errs   diag.List
	places map[int]bool // where an error was reported

	scope *scope
	out   *ir.Block // instructions go here
	ctx   context
	inner []*scope   // of defs and edits, finished
	edges []callEdge // who calls whom
	loops []diag.Span
}

// context says where a statement stands.
type context struct {
	fn     *entry // the def or edit whose body this is
	edit   bool
	run    bool // in a trace, a generate or an invoke alone
	invoke bool
	gen    bool // in a generate
	iter   bool
}

// errorf reports an error, one a place.
func (c *comp) errorf(at diag.Span, code, hint, format string, args ...any) {
	if !c.places[at.Start] {
		c.places[at.Start] = true
		c.errs.Errorf(at, code, hint, format, args...)
	}
}

func (c *comp) warnf(at diag.Span, code, hint, format string, args ...any) {
	c.errs.Warnf(at, code, hint, format, args...)
}

func (c *comp) line(s diag.Span) int {
	line, _ := c.src.Pos(s.Start)
	return line
}

// emit appends an instruction without a result.
func (c *comp) emit(in *ir.Instr) *ir.Instr {
	in.Dst = ir.NoReg
	c.out.Instrs = append(c.out.Instrs, in)
	return in
}

// value appends an instruction and gives the register of its result.
func (c *comp) value(in *ir.Instr) ir.Reg {
	c.emit(in)
	in.Dst = c.reg()
	return in.Dst
}

func (c *comp) reg() ir.Reg {
	c.scope.fn.Regs++
	return ir.Reg(c.scope.fn.Regs - 1)
}

// into compiles f into a new block.
func (c *comp) into(f func()) *ir.Block {
	outer := c.out
	c.out = &ir.Block{}
	f()
	b := c.out
	c.out = outer
	return b
}

// within runs f in a changed context.
func (c *comp) within(ctx context, f func()) {
	old := c.ctx
	c.ctx = ctx
	f()
	c.ctx = old
}

// place is the ordinal of a call in the tree.
func (c *comp) place() uint64 {
	c.calls++
	return c.calls
}

func (s *scope) clone() *scope {
	n := *s
	n.names, n.gone, n.later = maps.Clone(s.names), maps.Clone(s.gone), map[string]*ahead{}
	for k, e := range n.names {
		copied := *e
		n.names[k] = &copied
	}
	n.slots = append([]string(nil), s.slots...)
	return &n
}
