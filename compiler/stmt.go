package compiler

import (
	"interp/grammar"
	"interp/internal/diag"
	"interp/ir"
)

func (c *comp) block(stmts []grammar.Stmt) *ir.Block {
	return c.into(func() {
		for _, s := range stmts {
			c.stmt(s)
		}
	})
}

func (c *comp) stmt(s grammar.Stmt) {
	switch s := s.(type) {
	case *grammar.Simple:
		c.simple(s)
	case *grammar.Set:
		c.set(s)
	case *grammar.Save:
		c.save(s)
	case *grammar.Model:
		c.top(s.Span(), "model")
		c.emit(&ir.Instr{Op: ir.OpModel, Args: []ir.Reg{c.expr(s.Value)}, Span: s.Span()})
	case *grammar.Input:
		c.input(s)
	case *grammar.Print:
		c.emit(&ir.Instr{Op: ir.OpPrint, Args: c.printed(s.Args), Span: s.Span()})
	case *grammar.Assert:
		c.assert(s)
	case *grammar.Return:
		c.ret(s)
	case *grammar.Def:
		c.def(s)
	case *grammar.Edit:
		c.editDef(s)
	case *grammar.If:
		c.ifStmt(s)
	case *grammar.For:
		c.forStmt(s)
	case *grammar.Run:
		c.run(s)
	case *grammar.Invoke:
		c.invoke(s)
	case *grammar.Iter:
		c.iter(s)
	}
}

// top refuses a statement that belongs to the script itself.
func (c *comp) top(at diag.Span, what string) {
	if c.scope.outer != nil || c.ctx.run {
		c.errorf(at, "E0212", "write it before, at the top of the script", "%s cannot stand in a def, an edit or a run", what)
	}
}

// printed are the values of a print: those of print(a, b) one by one.
func (c *comp) printed(args []grammar.Expr) []ir.Reg {
	if len(args) == 1 {
		if o, ok := args[0].(*grammar.Operand); ok && len(o.Suffix) == 0 {
			if t, ok := o.X.(*grammar.Tuple); ok && !t.Grouping() {
				return c.exprs(t.Items)
			}
		}
	}
	return c.exprs(args)
}

func (c *comp) assert(s *grammar.Assert) {
	in := &ir.Instr{Op: ir.OpAssert, Args: []ir.Reg{c.expr(s.Cond)}, Span: s.Span()}
	if s.Message != nil {
		in.Args = append(in.Args, c.expr(s.Message))
	}
	c.emit(in)
}

func (c *comp) input(s *grammar.Input) {
	c.top(s.Span(), "input")
	in := &ir.Instr{Op: ir.OpInput, Span: s.Span()}
	var value ir.Reg
	var b *ir.Block
	if s.Default != nil {
		b = c.into(func() { value = c.expr(s.Default) })
	}
	if e := c.scope.names[s.Name.ID]; e != nil && e.kind == inputName && e.ready && !c.opts.Session {
		c.errorf(s.Name.Span(), "E0218", "", "input %s is there twice (line %d)", s.Name.ID, c.line(e.span))
	}
	in.Var = c.fresh(s.Name, inputName).v
	if b != nil {
		b.Instrs = append(b.Instrs, &ir.Instr{Op: ir.OpStore, Dst: ir.NoReg, Var: in.Var, Args: []ir.Reg{value}, Span: s.Span()})
		in.Blocks = []*ir.Block{b}
	}
	c.emit(in)
}

// fresh is a name given a value by a declaration: one that was only spoken of is taken.
func (c *comp) fresh(n *grammar.Name, kind entryKind) *entry {
	if e := c.scope.names[n.ID]; e != nil && (!e.ready || e.kind == kind) {
		e.ready, e.kind, e.span, e.hides = true, kind, n.Span(), c.hidden(n.ID)
		delete(c.scope.gone, n.ID)
		return e
	}
	return c.declare(n, kind)
}

// simple compiles an assignment or a bare expression.
func (c *comp) simple(s *grammar.Simple) {
	switch {
	case s.Op == "":
		for _, e := range s.Left {
			c.bare(e)
		}
	case len(s.Left) > 1:
		c.unpack(s)
	case len(s.Right) == 1:
		c.assign(s.Left[0], s.Op, s.Right[0], s.Span())
	default: // x = 1, 2 is a list
		r := c.value(&ir.Instr{Op: ir.OpList, Args: c.exprs(s.Right), Span: s.Span()})
		c.assignReg(s.Left[0], r, s.Span())
	}
}

// lastValue is the name that a session gives to the value it showed last.
const lastValue = "_"

// bare is an expression as a statement: a call may be one, any other value is lost.
func (c *comp) bare(e grammar.Expr) {
	r := c.expr(e)
	if c.opts.Session && c.scope.outer == nil {
		show := &ir.Instr{Op: ir.OpShow, Args: []ir.Reg{r}, Span: e.Span()}
		if !c.ctx.run { // names of a run end with it
			show.Vars = []ir.Var{c.assigned(&grammar.Name{Range: *e.At(), ID: lastValue}, false)}
		}
		c.emit(show)
		return
	}
	if !c.acts(e) {
		c.errorf(e.Span(), "E0219", "print it, or give it a name", "a value that nothing uses")
	}
}

// acts says that an expression may do something beside having a value.
func (c *comp) acts(e grammar.Expr) bool {
	o, ok := e.(*grammar.Operand)
	if !ok || len(o.Suffix) == 0 || o.Suffix[len(o.Suffix)-1].Args == nil {
		return false
	}
	name := ""
	if n, ok := o.X.(*grammar.Name); ok && len(o.Suffix) == 1 {
		if c.scopeHas(n.ID) {
			return true
		}
		name = n.ID
	} else if len(o.Suffix) > 1 {
		name = o.Suffix[len(o.Suffix)-2].Attr
	}
	row, known := c.look.Op(name)
	return !known || row.Output
}

func (c *comp) scopeHas(name string) bool {
	for s := c.scope; s != nil; s = s.outer {
		if s.names[name] != nil {
			return true
		}
	}
	return false
}

// assign compiles a = e and a += e.
func (c *comp) assign(target grammar.Expr, op string, value grammar.Expr, at diag.Span) {
	v := c.expr(value)
	if op == "=" {
		c.assignReg(target, v, at)
		return
	}
	n := grammar.BareName(target)
	if n == nil {
		c.assignTo(target, func(old ir.Reg) ir.Reg { return c.augment(op, old, v, at) }, at)
		return
	}
	if e := c.find(n.ID); e != nil && e == c.scope.names[n.ID] {
		e.read = true
	}
	x := c.assigned(n, true)
	old := c.value(&ir.Instr{Op: ir.OpLoad, Var: x, Span: n.Span()})
	c.emit(&ir.Instr{Op: ir.OpStore, Var: x, Args: []ir.Reg{c.augment(op, old, v, at)}, Span: at})
}

func (c *comp) augment(op string, old, v ir.Reg, at diag.Span) ir.Reg {
	return c.value(&ir.Instr{Op: ir.OpBinary, Name: op[:1], Args: []ir.Reg{old, v}, Site: c.place(), Span: at})
}

func (c *comp) assignReg(target grammar.Expr, v ir.Reg, at diag.Span) {
	if n := grammar.BareName(target); n != nil {
		c.emit(&ir.Instr{Op: ir.OpStore, Var: c.assigned(n, false), Args: []ir.Reg{v}, Span: at})
		return
	}
	c.assignTo(target, func(ir.Reg) ir.Reg { return v }, at)
}

// assignTo compiles x[i] = e and r.a = e, however deep: x is bound to a changed copy.
func (c *comp) assignTo(target grammar.Expr, value func(old ir.Reg) ir.Reg, at diag.Span) {
	o, ok := target.(*grammar.Operand)
	n, isName := (*grammar.Name)(nil), false
	if ok {
		n, isName = o.X.(*grammar.Name)
	}
	if !isName {
		c.errorf(target.Span(), "E0110", "a name stands left of =", "this cannot be assigned to")
		return
	}
	if c.startsSite(o) {
		c.errorf(target.Span(), "E0217", "write  set ... = ...", "an activation is changed by set")
		c.poison(o)
		return
	}
	for _, s := range o.Suffix {
		if s.Args != nil {
			c.errorf(target.Span(), "E0110", "", "a call cannot be assigned to")
			c.poison(o)
			return
		}
	}
	if e := c.find(n.ID); e != nil && e == c.scope.names[n.ID] {
		e.read = true
	}
	x := c.assigned(n, true)
	r := c.value(&ir.Instr{Op: ir.OpLoad, Var: x, Span: n.Span()})
	c.emit(&ir.Instr{Op: ir.OpStore, Var: x, Args: []ir.Reg{c.changed(r, o.Suffix, value, target.Span())}, Span: at})
}

// changed is r with what the suffixes lead to replaced.
func (c *comp) changed(r ir.Reg, suffix []*grammar.Suffix, value func(old ir.Reg) ir.Reg, at diag.Span) ir.Reg {
	s := suffix[0]
	get, put := &ir.Instr{Op: ir.OpIndex, Args: []ir.Reg{r}, Span: at}, &ir.Instr{Op: ir.OpSetIndex, Span: at}
	if s.Attr != "" {
		get.Op, get.Name, put.Op, put.Name = ir.OpAttr, s.Attr, ir.OpSetField, s.Attr
	} else {
		get.Ix = c.items(s.Index)
		put.Ix = get.Ix
	}
	var v ir.Reg
	switch old := func() ir.Reg { return c.value(get) }; {
	case len(suffix) > 1:
		v = c.changed(old(), suffix[1:], value, at)
	default:
		before := len(c.out.Instrs)
		o := old()
		if v = value(o); len(c.out.Instrs) == before+1 { // the old value is not wanted: the field may be new
			c.out.Instrs = c.out.Instrs[:before]
		}
	}
	put.Args = []ir.Reg{r, v}
	return c.value(put)
}

// unpack compiles a, b = e.
func (c *comp) unpack(s *grammar.Simple) {
	if s.Op != "=" {
		c.errorf(s.Span(), "E0110", "", "%s changes one name", s.Op)
		return
	}
	if len(s.Right) > 1 {
		regs := c.exprs(s.Right)
		if len(regs) != len(s.Left) {
			c.errorf(s.Span(), "E0305", "", "want %s, one for each name, got %d", plural(len(s.Left), "value"), len(regs))
			return
		}
		for i, l := range s.Left {
			c.assignReg(l, regs[i], s.Span())
		}
		return
	}
	in := &ir.Instr{Op: ir.OpUnpack, Args: []ir.Reg{c.expr(s.Right[0])}, Span: s.Span()}
	hidden := map[int]ir.Var{}
	for i, l := range s.Left {
		if n := grammar.BareName(l); n != nil {
			in.Vars = append(in.Vars, c.assigned(n, false))
			continue
		}
		hidden[i] = c.scope.slot("")
		in.Vars = append(in.Vars, hidden[i])
	}
	c.emit(in)
	for i, l := range s.Left {
		if v, ok := hidden[i]; ok {
			c.assignReg(l, c.value(&ir.Instr{Op: ir.OpLoad, Var: v, Span: l.Span()}), s.Span())
		}
	}
}

func (c *comp) ifStmt(s *grammar.If) {
	c.branch(s.Cond, s.Then, s.Elifs, s.Else)
}

// branch compiles an if; else if is an if in the other block.
func (c *comp) branch(cond grammar.Expr, then *grammar.Block, elifs []*grammar.Elif, other *grammar.Block) {
	in := &ir.Instr{Op: ir.OpIf, Args: []ir.Reg{c.expr(cond)}, Span: cond.Span()}
	in.Blocks = []*ir.Block{c.block(then.Stmts)}
	switch {
	case len(elifs) > 0:
		in.Blocks = append(in.Blocks, c.into(func() { c.branch(elifs[0].Cond, elifs[0].Then, elifs[1:], other) }))
	case other != nil:
		in.Blocks = append(in.Blocks, c.block(other.Stmts))
	}
	c.emit(in)
}

func (c *comp) forStmt(s *grammar.For) {
	xs := c.expr(s.In)
	c.shadow(s.Vars, true, func(vars []ir.Var) {
		c.loops = append(c.loops, s.Body.Span())
		b := c.block(s.Body.Stmts)
		c.loops = c.loops[:len(c.loops)-1]
		c.emit(&ir.Instr{Op: ir.OpFor, Vars: vars, Args: []ir.Reg{xs}, Blocks: []*ir.Block{b}, Site: c.place(), Span: s.In.Span()})
	})
}
