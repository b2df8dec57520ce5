package compiler

import (
	"interp/grammar"
	"interp/internal/diag"
	"interp/ir"
)

// none is a register for what has no value because of an error.
func (c *comp) none() ir.Reg { return c.value(&ir.Instr{Op: ir.OpConst}) }

func (c *comp) constant(v ir.Value, at diag.Span) ir.Reg {
	return c.value(&ir.Instr{Op: ir.OpConst, Val: v, Span: at})
}

// expr compiles an expression to the register of its value.
func (c *comp) expr(e grammar.Expr) ir.Reg {
	switch e := e.(type) {
	case *grammar.Operand:
		return c.operand(e)
	case *grammar.Binary:
		return c.binary(e)
	case *grammar.Compare:
		return c.compare(e)
	case *grammar.Unary:
		return c.unary(e)
	case *grammar.Cond:
		return c.cond(e)
	}
	return c.none()
}

func (c *comp) exprs(list []grammar.Expr) []ir.Reg {
	out := make([]ir.Reg, len(list))
	for i, e := range list {
		out[i] = c.expr(e)
	}
	return out
}

// choose compiles e into dst inside a block of its own.
func (c *comp) choose(dst ir.Reg, f func() ir.Reg) *ir.Block {
	return c.into(func() {
		r := f()
		c.emit(&ir.Instr{Op: ir.OpMove, Args: []ir.Reg{r}}).Dst = dst
	})
}

func (c *comp) binary(e *grammar.Binary) ir.Reg {
	l := c.expr(e.L)
	switch e.Op {
	case "and", "or":
		op := ir.OpAnd
		if e.Op == "or" {
			op = ir.OpOr
		}
		dst := c.reg()
		b := c.choose(dst, func() ir.Reg { return c.expr(e.R) })
		c.emit(&ir.Instr{Op: op, Args: []ir.Reg{l}, Blocks: []*ir.Block{b}, Span: e.L.Span()}).Dst = dst
		return dst
	}
	r := c.expr(e.R)
	return c.value(&ir.Instr{Op: ir.OpBinary, Name: e.Op, Args: []ir.Reg{l, r}, Site: c.place(), Span: e.Span()})
}

// compare compiles a chain: each operand is computed once, and none after a comparison that fails.
func (c *comp) compare(e *grammar.Compare) ir.Reg {
	return c.chain(e, 0, c.expr(e.Args[0]))
}

func (c *comp) chain(e *grammar.Compare, i int, l ir.Reg) ir.Reg {
	r := c.expr(e.Args[i+1])
	res := c.value(&ir.Instr{Op: ir.OpBinary, Name: e.Ops[i], Args: []ir.Reg{l, r}, Site: c.place(), Span: e.Args[i].Span().To(e.Args[i+1].Span())})
	if i+1 == len(e.Ops) {
		return res
	}
	dst := c.reg()
	b := c.choose(dst, func() ir.Reg { return c.chain(e, i+1, r) })
	c.emit(&ir.Instr{Op: ir.OpAnd, Args: []ir.Reg{res}, Blocks: []*ir.Block{b}, Span: e.Span()}).Dst = dst
	return dst
}

func (c *comp) unary(e *grammar.Unary) ir.Reg {
	if n := number(e.X); n != nil && e.Op == "-" {
		if n.IsInt() {
			return c.constant(-n.Int(), e.Span())
		}
		return c.constant(-n.Float(), e.Span())
	}
	x := c.expr(e.X)
	if e.Op == "not" {
		return c.value(&ir.Instr{Op: ir.OpTruth, Name: "not", Args: []ir.Reg{x}, Span: e.Span()})
	}
	return c.value(&ir.Instr{Op: ir.OpUnary, Name: e.Op, Args: []ir.Reg{x}, Span: e.Span()})
}

// number is the literal that e consists of, or nil.
func number(e grammar.Expr) *grammar.Number {
	if o, ok := e.(*grammar.Operand); ok && len(o.Suffix) == 0 {
		n, _ := o.X.(*grammar.Number)
		return n
	}
	return nil
}

func (c *comp) cond(e *grammar.Cond) ir.Reg {
	test := c.expr(e.Test)
	dst := c.reg()
	then := c.choose(dst, func() ir.Reg { return c.expr(e.Then) })
	other := c.choose(dst, func() ir.Reg { return c.expr(e.Else) })
	c.emit(&ir.Instr{Op: ir.OpIf, Args: []ir.Reg{test}, Blocks: []*ir.Block{then, other}, Span: e.Test.Span()})
	return dst
}

// primary compiles what is no name.
func (c *comp) primary(p grammar.Primary) ir.Reg {
	switch p := p.(type) {
	case *grammar.Number:
		if p.IsInt() {
			return c.constant(p.Int(), p.Span())
		}
		return c.constant(p.Float(), p.Span())
	case *grammar.Const:
		return c.constant(map[string]ir.Value{"True": true, "False": false}[p.Text], p.Span())
	case *grammar.String:
		c.braces(p)
		return c.constant(p.Value(), p.Span())
	case *grammar.FString:
		return c.format(p)
	case *grammar.Tuple:
		if p.Grouping() {
			return c.expr(p.Items[0])
		}
		return c.value(&ir.Instr{Op: ir.OpList, Args: c.exprs(p.Items), Span: p.Span()})
	case *grammar.List:
		if len(p.For) > 0 {
			return c.comprehension(p)
		}
		return c.value(&ir.Instr{Op: ir.OpList, Args: c.exprs(p.Items), Span: p.Span()})
	case *grammar.Record:
		in := &ir.Instr{Op: ir.OpRecord, Span: p.Span()}
		for _, f := range p.Fields {
			in.Keys = append(in.Keys, f.Key())
			in.Args = append(in.Args, c.expr(f.Value))
		}
		return c.value(in)
	}
	return c.none()
}

// format compiles an f-string: texts and specifications between the values.
func (c *comp) format(p *grammar.FString) ir.Reg {
	in := &ir.Instr{Op: ir.OpFormat, Parts: []string{""}, Span: p.Span()}
	for _, part := range p.Parts {
		if part.Fill == nil {
			in.Parts[len(in.Parts)-1] += part.Literal()
			continue
		}
		spec := part.Spec
		if spec != "" && spec[0] == ':' {
			spec = spec[1:]
		}
		in.Args = append(in.Args, c.expr(part.Fill))
		in.Parts = append(in.Parts, spec, "")
	}
	return c.value(in)
}

// braces warns of a plain string that looks like an f-string.
func (c *comp) braces(p *grammar.String) {
	text := p.Text
	for i := 0; i < len(text); i++ {
		if text[i] != '{' {
			continue
		}
		j := i + 1
		for j < len(text) && (text[j] == '_' || text[j] >= 'a' && text[j] <= 'z' || text[j] >= 'A' && text[j] <= 'Z' || j > i+1 && text[j] >= '0' && text[j] <= '9') {
			j++
		}
		if j == i+1 || j == len(text) || text[j] != '}' && text[j] != ':' {
			continue
		}
		if e := c.scope.names[text[i+1:j]]; e != nil && e.ready && text[0] != 'r' {
			e.read = true
			c.warnf(p.Span(), "W0204", "write f"+string(text[0])+"...: a plain string keeps its braces", "%s is not filled in", text[i:j]+"}")
			return
		}
	}
}

// comprehension compiles [e for x in xs if c]: its names are its own.
func (c *comp) comprehension(p *grammar.List) ir.Reg {
	b := c.into(func() { c.compFor(p, 0) })
	return c.value(&ir.Instr{Op: ir.OpComp, Blocks: []*ir.Block{b}, Span: p.Span()})
}

func (c *comp) compFor(p *grammar.List, i int) {
	if i == len(p.For) {
		r := c.expr(p.Items[0])
		c.emit(&ir.Instr{Op: ir.OpYield, Args: []ir.Reg{r}, Span: p.Items[0].Span()})
		return
	}
	f := p.For[i]
	xs := c.expr(f.In)
	c.shadow(f.Vars, false, func(vars []ir.Var) {
		b := c.into(func() { c.compIf(p, i, 0) })
		c.emit(&ir.Instr{Op: ir.OpFor, Vars: vars, Args: []ir.Reg{xs}, Blocks: []*ir.Block{b}, Site: c.place(), Span: f.In.Span()})
	})
}

func (c *comp) compIf(p *grammar.List, i, k int) {
	if k == len(p.For[i].If) {
		c.compFor(p, i+1)
		return
	}
	test := c.expr(p.For[i].If[k])
	b := c.into(func() { c.compIf(p, i, k+1) })
	c.emit(&ir.Instr{Op: ir.OpIf, Args: []ir.Reg{test}, Blocks: []*ir.Block{b}, Span: p.For[i].If[k].Span()})
}

// item compiles one index item.
func (c *comp) item(it *grammar.Item) ir.IxItem {
	out := ir.IxItem{Lo: ir.NoReg, Hi: ir.NoReg, Step: ir.NoReg}
	if it.Axis != nil {
		out.Axis = it.Axis.ID
	}
	part := func(e grammar.Expr) ir.Reg {
		if e == nil {
			return ir.NoReg
		}
		return c.expr(e)
	}
	switch {
	case it.Dots:
		out.Kind = ir.IxDots
	case it.Colon:
		out.Kind = ir.IxSlice
		out.Lo, out.Hi, out.Step = part(it.Lo), part(it.Hi), part(it.Step)
	default:
		out.Lo = part(it.Lo)
	}
	return out
}

func (c *comp) items(x *grammar.Index) []ir.IxItem {
	out := make([]ir.IxItem, len(x.Items))
	for i, it := range x.Items {
		out[i] = c.item(it)
	}
	return out
}
