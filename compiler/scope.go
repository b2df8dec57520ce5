package compiler

import (
	"fmt"
	"strings"

	"interp/grammar"
	"interp/internal/diag"
	"interp/ir"
)

// entry is a name of a scope.
type entry struct {
	v       ir.Var
	kind    entryKind
	span    diag.Span // where it got its value first
	read    bool
	ready   bool // has a value at the line at hand; a def may speak of names that get theirs later
	assigns int  // how many statements give it a value
	def     *signature
	hides   string // what of the language it hides, as "the function tokens"
}

type entryKind uint8

const (
	plainName entryKind = iota
	runName             // ends with its run
	loopName
	savedName
	paramName
	defName
	editName
	inputName
)

// signature is what calls of a def or an edit are checked against.
type signature struct {
	name   string
	params []ir.FuncParam
}

// lost says why a name is not there any more.
type lost struct {
	kind  entryKind
	span  diag.Span
	entry *entry // of a run's name
}

// scope has the names of the script, a def or an edit.
type scope struct {
	outer *scope
	fn    *ir.Func
	names map[string]*entry
	gone  map[string]lost
	later map[string]*ahead
	slots []string
	all   []*entry
	reads map[string]diag.Span // of outer names: where first
}

// ahead is what is known of a name before its line: where it gets values.
type ahead struct {
	span    diag.Span
	assigns int
	defs    int
	missed  bool // it is named before, which is reported
}

func newScope(outer *scope, fn *ir.Func) *scope {
	return &scope{outer: outer, fn: fn, names: map[string]*entry{}, gone: map[string]lost{}, later: map[string]*ahead{}, reads: map[string]diag.Span{}}
}

// forget drops what only one entry of a session needs.
func (s *scope) forget() {
	s.later, s.all = map[string]*ahead{}, nil
	for name, e := range s.names {
		if !e.ready {
			delete(s.names, name)
		}
	}
}

// slot makes a variable.
func (s *scope) slot(name string) ir.Var {
	s.slots = append(s.slots, name)
	if s.fn.Level > 0 {
		s.fn.Vars = s.slots
	}
	return ir.Var{Level: s.fn.Level, Slot: len(s.slots) - 1, Name: name}
}

// declare makes a name, in place of any other of that text.
func (c *comp) declare(name *grammar.Name, kind entryKind) *entry {
	s := c.scope
	e := &entry{v: s.slot(name.ID), kind: kind, span: name.Span(), ready: true, hides: c.hidden(name.ID)}
	if a := s.later[name.ID]; a != nil && kind != runName && kind != loopName {
		e.assigns = a.assigns
	}
	s.names[name.ID] = e
	s.all = append(s.all, e)
	delete(s.gone, name.ID)
	return e
}

// hidden says what a name hides.
func (c *comp) hidden(name string) string {
	switch {
	case c.paths.roots[name]:
		return "the site " + name
	case modelVals[name] || constants[name] != nil:
		return "the constant " + name
	case name == "model":
		return "the function model"
	}
	if r, ok := c.look.Op(name); ok && !r.Hidden {
		if r.Value {
			return "the weight " + name
		}
		return "the function " + name
	}
	return ""
}

// predeclare notes which names a scope's statements will give values to. Names that end with a run
// or a loop are not among them.
func (c *comp) predeclare(stmts []grammar.Stmt) { c.ahead(stmts, false) }

func (c *comp) ahead(stmts []grammar.Stmt, run bool) {
	for _, st := range stmts {
		switch st := st.(type) {
		case *grammar.Simple:
			if st.Op == "=" && !run {
				for _, l := range st.Left {
					if n := grammar.BareName(l); n != nil {
						c.note(n, false)
					}
				}
			}
		case *grammar.Save:
			c.note(st.Name, false)
		case *grammar.Input:
			c.note(st.Name, false)
		case *grammar.Def:
			c.note(st.Name, true)
			continue
		case *grammar.Edit:
			c.note(st.Name, true)
			continue
		case *grammar.Run, *grammar.Invoke:
			for _, b := range st.Blocks() {
				c.ahead(b.Stmts, true)
			}
			continue
		}
		for _, b := range st.Blocks() {
			c.ahead(b.Stmts, run)
		}
	}
}

func (c *comp) note(n *grammar.Name, def bool) {
	a := c.scope.later[n.ID]
	if a == nil {
		a = &ahead{span: n.Span()}
		c.scope.later[n.ID] = a
	}
	a.assigns++
	if def {
		a.defs++
	}
}

// find looks a name up from a scope outward. A name that its scope gives a value to later on is found
// from an inner scope, or where a loop may have run that line before.
func (c *comp) find(name string) *entry {
	for s := c.scope; s != nil; s = s.outer {
		if e := s.names[name]; e != nil && (e.ready || s != c.scope || c.looped(s.later[name])) {
			return e
		}
		a := s.later[name]
		if a == nil || s == c.scope && !c.looped(a) {
			continue
		}
		if s != c.scope && c.builtin(name) {
			continue
		}
		e := &entry{v: s.slot(name), span: a.span, assigns: a.assigns}
		s.names[name] = e
		s.all = append(s.all, e)
		return e
	}
	return nil
}

// looped says that a loop around the line at hand holds the line ahead too.
func (c *comp) looped(a *ahead) bool {
	for _, l := range c.loops {
		if a != nil && l.Start <= a.span.Start && a.span.End <= l.End {
			return true
		}
	}
	return false
}

func (c *comp) builtin(name string) bool { return c.hidden(name) != "" }

// assigned is the variable that a plain assignment writes.
func (c *comp) assigned(n *grammar.Name, augmented bool) ir.Var {
	e := c.scope.names[n.ID]
	switch {
	case e == nil && augmented:
		if out := c.find(n.ID); out != nil {
			c.errorf(n.Span(), "E0215", "a def reads outer names as they are; return the new value", "%s belongs to the script: a def cannot change it", n.ID)
			return out.v
		}
		c.undefined(n, nil, fmt.Sprintf("save %s[...] = ...  makes an array of cells; any other value has to be there first", n.ID))
		e := c.declare(n, plainName)
		e.read = true // what is wrong with it is said
		return e.v
	case e != nil && !e.ready:
		if c.ctx.run {
			break // the name of the script comes later: here one of the run
		}
		e.ready, e.span, e.hides = true, n.Span(), c.hidden(n.ID)
		return e.v
	case e != nil && c.ctx.run && e.kind != runName && e.kind != loopName:
		c.errorf(n.Span(), "E0215", "write  save "+n.ID+" = ...  or take another name", "%s exists outside the run (line %d): a plain name of a run ends with it", n.ID, c.line(e.span))
		return e.v
	case e != nil:
		if e.kind != loopName && e.kind != runName {
			e.kind = plainName
		}
		e.def = nil
		return e.v
	}
	if at, ok := c.scope.reads[n.ID]; ok {
		c.errorf(n.Span(), "E0215", "a def reads outer names as they are; give the new value a name of its own, and return it", "%s was read from outside (line %d): a def cannot change it", n.ID, c.line(at))
		e := c.declare(n, plainName)
		e.read = true // what is wrong with it is said
		return e.v
	}
	if c.ctx.run {
		return c.declare(n, runName).v
	}
	return c.declare(n, plainName).v
}

// undefined reports a name that nothing defines, and why if that is known. The suffixes are what follows
// it; the hint is for a name that is like no other.
func (c *comp) undefined(n *grammar.Name, suffix []*grammar.Suffix, hint string) {
	for s := c.scope; s != nil; s = s.outer {
		if l, ok := s.gone[n.ID]; ok {
			if l.kind == runName {
				l.entry.read = true // what is wrong with it is said here
				c.errorf(n.Span(), "E0214", fmt.Sprintf("write  save %s = ...  there", n.ID), "%s was not saved (line %d)", n.ID, c.line(l.span))
			} else {
				c.errorf(n.Span(), "E0213", "give the value a name of its own in the loop", "%s is the variable of the loop in line %d and ends with it", n.ID, c.line(l.span))
			}
			return
		}
		if a := s.later[n.ID]; a != nil {
			a.missed = true
			c.errorf(n.Span(), "E0213", "", "%s has no value yet: it gets one in line %d", n.ID, c.line(a.span))
			return
		}
	}
	if said := c.unprefixed(n.ID, suffix); said != "" {
		hint = said
	} else if said := habits[n.ID]; said != "" {
		hint = said
	} else if near := Suggest(n.ID, c.inScope()); near != "" {
		hint = "did you mean " + near + "?"
	}
	c.errorf(n.Span(), "E0201", hint, "undefined name %s", n.ID)
}

// inScope lists the names that could be meant.
func (c *comp) inScope() []string {
	var out []string
	for s := c.scope; s != nil; s = s.outer {
		for name, e := range s.names {
			if e.ready {
				out = append(out, name)
			}
		}
	}
	for r := range c.paths.roots {
		out = append(out, r)
	}
	for n := range modelVals {
		out = append(out, n)
	}
	for n := range constants {
		out = append(out, n)
	}
	return append(out, c.look.Names()...)
}

// endRun takes the run's own names away and lists their variables.
func (c *comp) endRun() []ir.Var {
	var vars []ir.Var
	for _, e := range c.scope.all {
		name := e.v.Name
		if e.kind != runName {
			continue
		}
		vars = append(vars, e.v)
		if c.scope.names[name] == e {
			delete(c.scope.names, name)
			c.scope.gone[name] = lost{runName, e.span, e}
		}
		e.kind = plainName // counted once
	}
	return vars
}

// shadow declares names for f alone: loop variables.
func (c *comp) shadow(names []*grammar.Name, gone bool, f func(vars []ir.Var)) {
	old := make([]*entry, len(names))
	vars := make([]ir.Var, len(names))
	for i, n := range names {
		for _, m := range names[:i] {
			if m.ID == n.ID {
				c.errorf(n.Span(), "E0218", "", "two loop variables are named %s", n.ID)
			}
		}
		old[i] = c.scope.names[n.ID]
		e := c.declare(n, loopName)
		e.read = true
		vars[i] = e.v
	}
	f(vars)
	for i := len(names) - 1; i >= 0; i-- {
		id := names[i].ID
		delete(c.scope.names, id)
		switch {
		case old[i] != nil:
			c.scope.names[id] = old[i]
		case gone:
			c.scope.gone[id] = lost{loopName, names[i].Span(), nil}
		}
	}
}

// unused warns of names that nothing reads.
func (c *comp) unused(s *scope) {
	for _, e := range s.all {
		if e.read || !e.ready || strings.HasPrefix(e.v.Name, "_") {
			continue
		}
		if m, ok := s.names[e.v.Name]; ok && m != e && m.read {
			continue
		}
		if a := s.later[e.v.Name]; a != nil && a.missed {
			continue
		}
		row := unusedRows[e.kind]
		if row.code == "" || e.kind == savedName && c.opts.Results {
			continue
		}
		c.warnf(e.span, row.code, row.hint, row.text, e.v.Name)
	}
}

var unusedRows = map[entryKind]struct{ code, text, hint string }{
	plainName: {"W0201", "%s is never used", ""},
	defName:   {"W0201", "def %s is never called", ""},
	editName:  {"W0203", "edit %s is used by no invoke", "invoke prompt with NAME { ... }"},
	savedName: {"W0202", "save %s: nothing reads it", "print it, or write the results to a file with -o"},
}

func (c *comp) unusedAll() {
	for _, s := range c.inner {
		c.unused(s)
	}
}
