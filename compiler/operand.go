package compiler

import (
	"fmt"

	"interp/grammar"
	"interp/internal/diag"
	"interp/ir"
)

// operand compiles a primary with its suffixes.
func (c *comp) operand(o *grammar.Operand) ir.Reg {
	r, rest, place, at := c.head(o)
	for i, s := range rest {
		at = at.To(s.Span())
		switch {
		case s.Attr != "" && i+1 < len(rest) && rest[i+1].Args != nil:
			continue // a method: the arguments come next
		case s.Attr != "":
			hint := methodHabits[s.Attr]
			if i == 0 && hint == "" {
				hint = c.hidingHint(o)
			}
			r = c.settle(r, place, at)
			r = c.value(&ir.Instr{Op: ir.OpAttr, Name: s.Attr, Args: []ir.Reg{r}, Hint: hint, Span: at})
		case s.Index != nil && place:
			c.tupleHabit(o, rest[i:])
			r = c.value(&ir.Instr{Op: ir.OpRead, Args: []ir.Reg{r}, Ix: c.items(s.Index), Span: at})
		case s.Index != nil:
			hint := ""
			if i == 0 {
				hint = c.hidingHint(o)
			}
			r = c.value(&ir.Instr{Op: ir.OpIndex, Args: []ir.Reg{r}, Ix: c.items(s.Index), Hint: hint, Span: at})
		case i > 0 && rest[i-1].Attr != "":
			r = c.method(c.settle(r, place, at), rest[i-1].Attr, s.Args, at)
		case place:
			r = c.apply(r, s.Args, at)
		default:
			r = c.callFunc(r, s.Args, at, "")
		}
		place = false
	}
	return c.settle(r, place, at)
}

// hidingHint says of a name that hides a site, a weight or a function what it hides and since when; "" of others.
func (c *comp) hidingHint(o *grammar.Operand) string {
	n, ok := o.X.(*grammar.Name)
	if !ok {
		return ""
	}
	e := c.find(n.ID)
	if e == nil || e.hides == "" {
		return ""
	}
	return fmt.Sprintf("%s hides %s here, since line %d", n.ID, e.hides, c.line(e.span))
}

// settle reads a place.
func (c *comp) settle(r ir.Reg, place bool, at diag.Span) ir.Reg {
	if !place {
		return r
	}
	return c.value(&ir.Instr{Op: ir.OpRead, Args: []ir.Reg{r}, Span: at})
}

// head compiles the beginning of an operand: a value, a place, a call of a named function. place says
// that the register holds a place.
func (c *comp) head(o *grammar.Operand) (r ir.Reg, rest []*grammar.Suffix, place bool, at diag.Span) {
	n, ok := o.X.(*grammar.Name)
	if !ok {
		return c.primary(o.X), o.Suffix, false, o.X.Span()
	}
	at = n.Span()
	if e := c.find(n.ID); e != nil {
		if _, again := c.scope.reads[n.ID]; e.v.Level < c.scope.fn.Level && !again {
			c.scope.reads[n.ID] = n.Span()
		}
		return c.variable(n, e, o.Suffix)
	}
	args, rest := call(o.Suffix)
	if args != nil {
		at = at.To(args.Span())
	}
	switch {
	case c.paths.roots[n.ID]:
		r, rest = c.site(n.ID, at, o.Suffix, ir.NoReg)
		if rest == nil && r != ir.NoReg && c.lastOp() != ir.OpSite {
			return r, nil, false, at
		}
		if len(rest) == 0 || rest[0].Args == nil { // SITE(e) is a call and reads no place
			whole := c.out.Instrs[len(c.out.Instrs)-1].Span
			c.needInvoke(whole, c.src.Text[whole.Start:whole.End])
		}
		return r, rest, true, c.out.Instrs[len(c.out.Instrs)-1].Span
	case modelVals[n.ID]:
		return c.value(&ir.Instr{Op: ir.OpModelVal, Name: n.ID, Span: n.Span()}), o.Suffix, false, n.Span()
	case constants[n.ID] != nil:
		return c.constant(constants[n.ID], n.Span()), o.Suffix, false, n.Span()
	case n.ID == "generated":
		c.needInvoke(n.Span(), "generated")
		return c.value(&ir.Instr{Op: ir.OpGenerated, Span: n.Span()}), o.Suffix, false, n.Span()
	case n.ID == "model" && args != nil:
		return c.openModel(args, at), rest, false, at
	}
	row, ok := c.look.Op(n.ID)
	switch {
	case !ok || row.Hidden:
		c.undefined(n, o.Suffix, c.paths.holding(n.ID))
		return c.poison(o), nil, false, at
	case row.Value:
		return c.weight(row, o.Suffix, n.Span())
	case args == nil:
		if row.Special || row.Output {
			c.errorf(n.Span(), "E0202", "", "%s is called: %s(...)", row.Name, row.Name)
			return c.poison(o), nil, false, at
		}
		return c.value(&ir.Instr{Op: ir.OpFuncRow, Row: row, Span: n.Span()}), o.Suffix, false, n.Span()
	case row.Special:
		r, place = c.special(row, args, at)
		return r, rest, place, at
	}
	return c.call(row, args, at), rest, false, at
}

// call splits off the arguments that suffixes begin with.
func call(suffix []*grammar.Suffix) (*grammar.Args, []*grammar.Suffix) {
	if len(suffix) > 0 && suffix[0].Args != nil {
		return suffix[0].Args, suffix[1:]
	}
	return nil, suffix
}

func (c *comp) lastOp() ir.Op {
	if n := len(c.out.Instrs); n > 0 {
		return c.out.Instrs[n-1].Op
	}
	return ir.OpConst
}

// poison visits what hangs on an operand that is wrong already, so that its own errors are found.
func (c *comp) poison(o *grammar.Operand) ir.Reg {
	for _, s := range o.Suffix {
		switch {
		case s.Args != nil:
			for _, a := range s.Args.List {
				c.expr(a.Value)
			}
		case s.Index != nil:
			c.items(s.Index)
		}
	}
	return c.none()
}

// variable compiles a name that has a value, the call of a def, or the path of a site in a model.
func (c *comp) variable(n *grammar.Name, e *entry, suffix []*grammar.Suffix) (ir.Reg, []*grammar.Suffix, bool, diag.Span) {
	e.read = true
	args, rest := call(suffix)
	if e.def != nil && args != nil {
		c.checkCall(e, args, n.Span())
	}
	if e.kind == defName || !e.ready {
		c.reference(e, n.Span())
	}
	r := c.value(&ir.Instr{Op: ir.OpLoad, Var: e.v, Span: n.Span()})
	if args != nil {
		at := n.Span().To(args.Span())
		return c.callFunc(r, args, at, c.hidingHint(&grammar.Operand{X: n})), rest, false, at
	}
	if len(suffix) > 0 && suffix[0].Attr != "" && c.paths.roots[suffix[0].Attr] {
		if path, layers, used := c.paths.match(suffix[0].Attr, suffix[1:]); c.whole(path) {
			at := n.Span().To(suffix[used].Span())
			return c.modelSite(r, path, layers, suffix[:used+1], at), suffix[used+1:], true, at
		}
	}
	return r, suffix, false, n.Span()
}

func (c *comp) whole(path string) bool { _, ok := c.paths.whole[path]; return ok }

// modelSite compiles m.transformer.h[0].input: a place if m is a model, else fields of a record.
func (c *comp) modelSite(m ir.Reg, path string, layers []*grammar.Item, suffix []*grammar.Suffix, at diag.Span) ir.Reg {
	test := c.value(&ir.Instr{Op: ir.OpTruth, Name: "model", Args: []ir.Reg{m}, Span: at})
	dst := c.reg()
	site := c.choose(dst, func() ir.Reg {
		in := &ir.Instr{Op: ir.OpSite, Name: path, Args: []ir.Reg{m}, Span: at}
		for _, it := range layers {
			in.Ix = append(in.Ix, c.item(it))
		}
		return c.value(in)
	})
	field := c.choose(dst, func() ir.Reg {
		r := m
		for _, s := range suffix {
			if s.Attr != "" {
				r = c.value(&ir.Instr{Op: ir.OpAttr, Name: s.Attr, Args: []ir.Reg{r}, Span: at})
			} else {
				r = c.value(&ir.Instr{Op: ir.OpIndex, Args: []ir.Reg{r}, Ix: c.items(s.Index), Span: at})
			}
		}
		return r
	})
	c.emit(&ir.Instr{Op: ir.OpIf, Args: []ir.Reg{test}, Blocks: []*ir.Block{site, field}, Span: at})
	return dst
}

// weight compiles W_Q[l, h]: only the part that is asked for is made.
func (c *comp) weight(row *ir.OpRow, suffix []*grammar.Suffix, at diag.Span) (ir.Reg, []*grammar.Suffix, bool, diag.Span) {
	in := &ir.Instr{Op: ir.OpWeight, Row: row, Site: c.place(), Span: at}
	if len(suffix) > 0 && suffix[0].Index != nil {
		in.Span = at.To(suffix[0].Span())
		in.Ix = c.items(suffix[0].Index)
		suffix = suffix[1:]
	}
	return c.value(in), suffix, false, in.Span
}

// tupleHabit warns of nnsight's h[l].output[0][:, -1]: there is no tuple to take apart.
func (c *comp) tupleHabit(o *grammar.Operand, rest []*grammar.Suffix) {
	if !takesTuple(rest) {
		return
	}
	c.warnf(o.Span(), "W0205", "leave [0] out: the first index of what follows is the batch", "the output is the array itself, [0] is prompt 0")
}

// takesTuple says that the indices of a site are [0] and then one of all prompts.
func takesTuple(rest []*grammar.Suffix) bool {
	if len(rest) < 2 || rest[0].Index == nil || rest[1].Index == nil || len(rest[0].Index.Items) != 1 {
		return false
	}
	it := rest[0].Index.Items[0]
	n := number(it.Lo)
	return !it.Colon && n != nil && n.IsInt() && n.Int() == 0 && rest[1].Index.Items[0].Colon
}

// placeOf compiles an operand that must be a place: what set, grad and slice speak of.
func (c *comp) placeOf(e grammar.Expr, what string) (r ir.Reg, ix []ir.IxItem, ok bool) {
	o, isOp := e.(*grammar.Operand)
	if !isOp {
		c.expr(e)
		c.errorf(e.Span(), "E0216", "", "%s: want a site, such as transformer.h[0].output", what)
		return c.none(), nil, false
	}
	if n, isName := o.X.(*grammar.Name); isName && c.paths.roots[n.ID] {
		if v := c.find(n.ID); v != nil {
			v.read = true
			c.errorf(n.Span(), "E0216", "give the variable another name", "%s: %s is a name of line %d here, not the site", what, n.ID, c.line(v.span))
			return c.poison(o), nil, false
		}
	}
	r, rest, place, at := c.head(o)
	if !place {
		hint := "set SITE = e changes an activation; a variable is assigned without set"
		if what != "set" {
			hint = "a variable holds a value: name the site itself, as in grad(metric, transformer.h[0].output)"
		}
		c.errorf(o.Span(), "E0216", hint, "%s: this is no site", what)
		return r, nil, false
	}
	hint := "one bracket holds all indices: SITE[0, pos, :]"
	if takesTuple(rest) {
		hint = "the output is the array itself, [0] is prompt 0: leave [0] out"
	}
	if len(rest) > 0 && rest[0].Index != nil {
		ix, rest = c.items(rest[0].Index), rest[1:]
	}
	if len(rest) > 0 {
		c.errorf(at.To(rest[0].Span()), "E0216", hint, "%s: a site takes one index", what)
		return r, nil, false
	}
	return r, ix, true
}
