package compiler

import (
	"interp/grammar"
	"interp/ir"
)

// def compiles a function; its body is a scope of its own.
func (c *comp) def(s *grammar.Def) {
	if old := c.scope.names[s.Name.ID]; old != nil && old.kind == defName && old.ready && !c.opts.Session {
		c.errorf(s.Name.Span(), "E0218", "", "def %s is there twice (line %d)", s.Name.ID, c.line(old.span))
	}
	c.function(s.Name, s.Params, s.Body, ir.FuncDef, s)
}

func (c *comp) editDef(s *grammar.Edit) {
	c.function(s.Name, s.Params, s.Body, ir.FuncEdit, s)
	if c.ctx.run {
		c.errorf(c.header(s.Span(), s.Body), "E0212", "write it before the run", "edit cannot stand in a run")
		c.scope.names[s.Name.ID].read = true
	}
}

func (c *comp) function(name *grammar.Name, params []*grammar.Param, body *grammar.Block, kind ir.FuncKind, at grammar.Node) {
	fn := &ir.Func{Name: name.ID, Kind: kind, Level: c.scope.fn.Level + 1, Span: at.Span()}
	in := &ir.Instr{Op: ir.OpFunc, Fn: fn, Span: at.Span()}
	for _, p := range params {
		fn.Params = append(fn.Params, ir.FuncParam{Name: p.Name.ID, Default: p.Default != nil})
		switch {
		case p.Default != nil:
			in.Args = append(in.Args, c.expr(p.Default))
		case len(in.Args) > 0:
			c.errorf(p.Span(), "E0202", "parameters with defaults come last", "%s has no default and stands after one that has", p.Name.ID)
		}
	}
	c.prog.Funcs = append(c.prog.Funcs, fn)
	what := defName
	if kind == ir.FuncEdit {
		what = editName
	}
	e := c.fresh(name, what)
	e.def = &signature{name: name.ID, params: fn.Params}
	c.body(e, fn, params, body)
	r := c.value(in)
	c.emit(&ir.Instr{Op: ir.OpStore, Var: e.v, Args: []ir.Reg{r}, Span: name.Span()})
}

// body compiles the body of a def or an edit in a new scope.
func (c *comp) body(e *entry, fn *ir.Func, params []*grammar.Param, body *grammar.Block) {
	outer, out, loops, read := c.scope, c.out, c.loops, e.read
	c.scope, c.loops = newScope(outer, fn), nil
	for i, p := range params {
		for _, q := range params[:i] {
			if q.Name.ID == p.Name.ID {
				c.errorf(p.Span(), "E0218", "", "two parameters are named %s", p.Name.ID)
			}
		}
		c.declare(p.Name, paramName).read = true
	}
	c.predeclare(body.Stmts)
	c.within(context{fn: e, edit: fn.Kind == ir.FuncEdit}, func() { fn.Body = c.block(body.Stmts) })
	fn.Vars = c.scope.slots
	c.inner = append(c.inner, c.scope)
	c.scope, c.out, c.loops = outer, out, loops
	e.read = read // its own body does not make it used
}

func (c *comp) ret(s *grammar.Return) {
	switch {
	case c.ctx.fn == nil || c.ctx.edit:
		c.errorf(s.Span(), "E0212", "", "return stands in no def")
	case c.ctx.run:
		c.errorf(s.Span(), "E0212", "save the value, and return it after the run", "return cannot leave a run")
	case c.ctx.iter:
		c.errorf(s.Span(), "E0212", "name the value in the iter, and return it after", "return cannot leave an iter")
	}
	in := &ir.Instr{Op: ir.OpReturn, Span: s.Span()}
	switch len(s.Values) {
	case 0:
	case 1:
		in.Args = []ir.Reg{c.expr(s.Values[0])}
	default:
		in.Args = []ir.Reg{c.value(&ir.Instr{Op: ir.OpList, Args: c.exprs(s.Values), Span: s.Span()})}
	}
	c.emit(in)
}
