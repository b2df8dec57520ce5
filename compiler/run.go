package compiler

import (
	"strings"

	"interp/grammar"
	"interp/internal/diag"
	"interp/ir"
)

// outside says that code surely runs in no invoke: it is the script's own, not a def's.
func (c *comp) outside() bool { return c.ctx.fn == nil && !c.ctx.invoke }

// needInvoke reports what speaks of an activation where there is none.
func (c *comp) needInvoke(at diag.Span, what string) {
	if c.outside() {
		c.errorf(at, "E0206", "invoke prompt { save x = "+what+" }", "%s belongs to a prompt: it is known inside an invoke", what)
	}
}

var runArgs = map[string][]string{
	"trace":    {"model"},
	"generate": {"max_new_tokens", "temperature", "top_k", "top_p", "seed", "stop", "model"},
}

// run compiles trace and generate.
func (c *comp) run(s *grammar.Run) {
	if c.ctx.run || c.ctx.edit {
		c.errorf(c.header(s.Span(), s.Body), "E0208", "close the run above first", "%s cannot stand in another run or in an edit", s.Kind)
	}
	in := &ir.Instr{Op: ir.OpTrace, Name: s.Kind, Site: c.place(), Span: c.header(s.Span(), s.Body)}
	if s.Args != nil {
		for _, a := range s.Args.List {
			c.runArg(s.Kind, a, in)
		}
	}
	ctx := c.ctx
	ctx.run, ctx.gen = true, s.Kind == "generate"
	c.within(ctx, func() { in.Blocks = []*ir.Block{c.block(s.Body.Stmts)} })
	if !c.ctx.run {
		in.Vars = c.endRun()
	}
	c.emit(in)
}

func (c *comp) runArg(kind string, a *grammar.Arg, in *ir.Instr) {
	r := c.expr(a.Value)
	names := runArgs[kind]
	if a.Name == nil {
		c.errorf(a.Span(), "E0211", "it takes "+strings.Join(names, "=, ")+"=", "%s takes its arguments by name", kind)
		return
	}
	for _, n := range names {
		if n == a.Name.ID {
			in.Keys, in.Args = append(in.Keys, n), append(in.Args, r)
			return
		}
	}
	hint := "it takes " + strings.Join(names, ", ")
	if near := Suggest(a.Name.ID, names); near != "" {
		hint = "did you mean " + near + "?"
	}
	c.errorf(a.Name.Span(), "E0211", hint, "%s has no argument %s", kind, a.Name.ID)
}

// header is a statement without its block.
func (c *comp) header(s diag.Span, b *grammar.Block) diag.Span {
	if b == nil {
		return s
	}
	text := c.src.Text
	end := min(b.Span().Start, len(text))
	for end > s.Start && (text[end-1] == ' ' || text[end-1] == '\n' || text[end-1] == '\t' || text[end-1] == '\r') {
		end--
	}
	return diag.Span{Start: s.Start, End: max(end, s.Start)}
}

func (c *comp) invoke(s *grammar.Invoke) {
	switch {
	case c.ctx.invoke:
		c.errorf(c.header(s.Span(), s.Body), "E0208", "values of one invoke can be used by name in the next", "invoke cannot stand in another invoke")
	case c.ctx.edit:
		c.errorf(c.header(s.Span(), s.Body), "E0212", "an edit is used by invoke prompt with name", "invoke cannot stand in an edit")
	}
	in := &ir.Instr{Op: ir.OpInvoke, Args: []ir.Reg{c.expr(s.Prompt)}, Site: c.place(), Span: c.header(s.Span(), s.Body)}
	for _, w := range s.With {
		in.Args = append(in.Args, c.expr(w))
	}
	ctx := c.ctx
	ctx.run, ctx.invoke = true, true
	c.within(ctx, func() { in.Blocks = []*ir.Block{c.block(s.Body.Stmts)} })
	if !c.ctx.run {
		in.Vars = c.endRun()
	}
	c.emit(in)
}

func (c *comp) iter(s *grammar.Iter) {
	switch {
	case c.ctx.iter:
		c.errorf(c.header(s.Span(), s.Body), "E0210", "", "iter cannot stand in another iter")
	case c.outside() || c.ctx.fn == nil && !c.ctx.gen:
		c.errorf(c.header(s.Span(), s.Body), "E0210", "generate(max_new_tokens=3) { invoke p { iter 1:3 { ... } } }", "iter speaks of generation steps: it stands in an invoke of a generate")
	}
	in := &ir.Instr{Op: ir.OpIter, Site: c.place(), Span: c.header(s.Span(), s.Body)}
	all := ir.IxItem{Kind: ir.IxSlice, Lo: ir.NoReg, Hi: ir.NoReg, Step: ir.NoReg}
	if !s.All && s.Steps != nil {
		all = c.item(s.Steps)
	}
	in.Ix = []ir.IxItem{all}
	ctx := c.ctx
	ctx.iter = true
	var names []*grammar.Name
	if s.Var != nil {
		names = []*grammar.Name{s.Var}
	}
	c.shadow(names, true, func(vars []ir.Var) {
		in.Vars = vars
		c.loops = append(c.loops, s.Body.Span())
		c.within(ctx, func() { in.Blocks = []*ir.Block{c.block(s.Body.Stmts)} })
		c.loops = c.loops[:len(c.loops)-1]
	})
	c.emit(in)
}

// set compiles the intervention.
func (c *comp) set(s *grammar.Set) {
	if c.outside() {
		c.errorf(s.Span(), "E0206", "invoke prompt { set SITE = e }", "set stands outside an invoke")
	}
	ctx := c.ctx
	ctx.invoke = true
	c.within(ctx, func() {
		if args := c.sliceCall(s.Target); args != nil {
			c.setSlice(s, args)
			return
		}
		place, ix, ok := c.placeOf(s.Target, "set")
		v := c.expr(s.Value)
		if ok {
			c.emit(&ir.Instr{Op: ir.OpSet, Name: s.Op, Args: []ir.Reg{place, v}, Ix: ix, Site: c.place(), Span: s.Target.Span()})
		}
	})
}

// sliceCall are the arguments of slice(SITE, axis, start, stop) as a place.
func (c *comp) sliceCall(e grammar.Expr) *grammar.Args {
	o, ok := e.(*grammar.Operand)
	if !ok || len(o.Suffix) != 1 || o.Suffix[0].Args == nil {
		return nil
	}
	if n, ok := o.X.(*grammar.Name); !ok || n.ID != "slice" || c.find("slice") != nil {
		return nil
	}
	return o.Suffix[0].Args
}

func (c *comp) setSlice(s *grammar.Set, args *grammar.Args) {
	row, ok := c.look.Op("slice")
	if !ok {
		return
	}
	b, ok := c.bind(row, args, s.Target.Span())
	if !ok {
		c.expr(s.Value)
		return
	}
	place, ix, ok := c.placeOf(b.args[0], "set")
	if ok && ix != nil {
		c.errorf(b.args[0].Span(), "E0216", "set SITE[...] = e", "set: slice takes a whole site")
	}
	in := &ir.Instr{Op: ir.OpSetSlice, Name: s.Op, Args: []ir.Reg{place}, Site: c.place(), Span: s.Target.Span()}
	for _, e := range b.args[1:] {
		r := ir.NoReg
		if e != nil {
			r = c.expr(e)
		}
		in.Args = append(in.Args, r)
	}
	in.Args = append(in.Args, c.expr(s.Value))
	if ok {
		c.emit(in)
	}
}

// save compiles save name[i, j] = e. An index that is a bare loop variable names its axis.
func (c *comp) save(s *grammar.Save) {
	if c.ctx.edit {
		c.errorf(s.Span(), "E0212", "save it in the body of the invoke", "save cannot stand in an edit")
	}
	in := &ir.Instr{Op: ir.OpSave, Span: s.Span()}
	for _, e := range s.Index {
		in.Args = append(in.Args, c.expr(e))
		key := ""
		if n := grammar.BareName(e); n != nil {
			if x := c.scope.names[n.ID]; x != nil && x.kind == loopName {
				key = n.ID
			}
		}
		in.Keys = append(in.Keys, key)
	}
	in.Args = append(in.Args, c.expr(s.Value))
	e := c.fresh(s.Name, savedName)
	e.read = e.read || c.ctx.edit // what is wrong with it is said above
	in.Var = e.v
	c.emit(in)
}
