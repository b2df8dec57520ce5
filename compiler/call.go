package compiler

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"interp/grammar"
	"interp/internal/diag"
	"interp/ir"
)

// bound are a call's arguments in the order of a row's parameters; nil: left out.
type bound struct {
	args []grammar.Expr
	rest []grammar.Expr
}

// bind gives each parameter its argument and reports what does not fit. Parameters after one that
// takes all the rest are given by name.
func (c *comp) bind(row *ir.OpRow, args *grammar.Args, at diag.Span) (*bound, bool) {
	b := &bound{args: make([]grammar.Expr, len(row.Params))}
	ok := true
	for i, a := range args.List {
		k := i
		if a.Name != nil {
			if k = paramNamed(row, a.Name.ID); k < 0 {
				c.errorf(a.Name.Span(), "E0202", ArgHint(row, a.Name.ID), "%s has no argument %s", row.Name, a.Name.ID)
				c.expr(a.Value)
				ok = false
				continue
			}
		}
		if r := row.Rest(); a.Name == nil && r >= 0 && k >= r {
			b.rest = append(b.rest, a.Value)
			continue
		}
		switch {
		case k >= len(row.Params):
			if ok {
				c.errorf(a.Span(), "E0202", "it takes "+paramNames(row), "%s takes %s, got %d", row.Name, plural(len(row.Params), "argument"), len(args.List))
			}
			c.expr(a.Value)
			ok = false
		case b.args[k] != nil:
			c.errorf(a.Span(), "E0202", "", "%s: %s is given twice", row.Name, row.Params[k].Name)
			c.expr(a.Value)
			ok = false
		default:
			b.args[k] = a.Value
		}
	}
	for k, p := range row.Params {
		if b.args[k] == nil && !p.Optional && !p.Rest && ok {
			c.errorf(at, "E0202", "it takes "+paramNames(row), "%s: %s is missing", row.Name, p.Name)
			ok = false
		}
	}
	return b, ok
}

func paramNamed(row *ir.OpRow, name string) int {
	for k, p := range row.Params {
		if p.Name == name && !p.Rest {
			return k
		}
	}
	return -1
}

func paramNames(row *ir.OpRow) string {
	if len(row.Params) == 0 {
		return "none"
	}
	names := make([]string, len(row.Params))
	for i, p := range row.Params {
		names[i] = p.Name
		if p.Rest {
			names[i] += "..."
		}
	}
	return strings.Join(names, ", ")
}

// ArgHint says what an argument of another library is called here, or which ones there are.
func ArgHint(row *ir.OpRow, name string) string {
	if h := argHabits[name]; h != "" && paramNamed(row, h) >= 0 {
		return "write " + h + "="
	}
	var names []string
	for _, p := range row.Params {
		names = append(names, p.Name)
	}
	if near := Suggest(name, names); near != "" {
		return "did you mean " + near + "?"
	}
	return "it takes " + paramNames(row)
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// call compiles a call of a row by name.
func (c *comp) call(row *ir.OpRow, args *grammar.Args, at diag.Span) ir.Reg {
	b, ok := c.bind(row, args, at)
	in := &ir.Instr{Op: ir.OpCall, Row: row, Site: c.place(), Span: at}
	for k, e := range b.args {
		switch {
		case row.Params[k].Rest:
			in.Args = append(in.Args, c.value(&ir.Instr{Op: ir.OpList, Args: c.exprs(b.rest), Span: at}))
		case e == nil:
			in.Args = append(in.Args, ir.NoReg)
		default:
			in.Args = append(in.Args, c.expr(e))
		}
	}
	if !ok {
		return c.none()
	}
	return c.value(in)
}

// arguments compiles arguments that are bound when the function is known.
func (c *comp) arguments(args *grammar.Args) (regs []ir.Reg, keys []string) {
	for _, a := range args.List {
		regs = append(regs, c.expr(a.Value))
		if a.Name != nil {
			keys = append(keys, a.Name.ID)
		}
	}
	return regs, keys
}

func (c *comp) callFunc(f ir.Reg, args *grammar.Args, at diag.Span, hint string) ir.Reg {
	regs, keys := c.arguments(args)
	return c.value(&ir.Instr{Op: ir.OpCallFunc, Args: append([]ir.Reg{f}, regs...), Keys: keys, Site: c.place(), Hint: hint, Span: at})
}

// method compiles v.f(a): a field of v, or the function f of the library with v in front.
func (c *comp) method(v ir.Reg, name string, args *grammar.Args, at diag.Span) ir.Reg {
	regs, keys := c.arguments(args)
	in := &ir.Instr{Op: ir.OpMethod, Name: name, Args: append([]ir.Reg{v}, regs...), Keys: keys, Site: c.place(), Span: at}
	if row, ok := c.look.Op(name); ok && !row.Hidden && !row.Special && !row.Value {
		in.Row = row
	} else if in.Hint = methodHabits[name]; in.Hint == "" {
		if near := Suggest(name, c.look.Names()); near != "" {
			in.Hint = "did you mean " + near + "?"
		}
	}
	return c.value(in)
}

// apply compiles SITE(e).
func (c *comp) apply(place ir.Reg, args *grammar.Args, at diag.Span) ir.Reg {
	if len(args.List) != 1 || args.List[0].Name != nil {
		c.errorf(at, "E0202", "lm_head(x)", "a module is applied to one value, got %s", plural(len(args.List), "argument"))
		for _, a := range args.List {
			c.expr(a.Value)
		}
		return c.none()
	}
	x := c.expr(args.List[0].Value)
	return c.value(&ir.Instr{Op: ir.OpApply, Args: []ir.Reg{place, x}, Span: at})
}

func (c *comp) openModel(args *grammar.Args, at diag.Span) ir.Reg {
	if len(args.List) != 1 || args.List[0].Name != nil {
		c.errorf(at, "E0202", `m = model("name")`, "model takes 1 argument, got %d", len(args.List))
		return c.none()
	}
	return c.value(&ir.Instr{Op: ir.OpModelOpen, Args: []ir.Reg{c.expr(args.List[0].Value)}, Span: at})
}

// special compiles the functions that speak of places.
func (c *comp) special(row *ir.OpRow, args *grammar.Args, at diag.Span) (ir.Reg, bool) {
	b, ok := c.bind(row, args, at)
	if !ok {
		return c.none(), false
	}
	if row.Name == "site" {
		in := &ir.Instr{Op: ir.OpSiteNamed, Span: at}
		for _, e := range b.args {
			if e != nil {
				in.Args = append(in.Args, c.expr(e))
			}
		}
		return c.value(in), true
	}
	c.needInvoke(at, "grad(metric, SITE)")
	metric := c.expr(b.args[0])
	if name, part, ok := c.paramCall(b.args[1]); ok {
		r := c.value(&ir.Instr{Op: ir.OpGradParam, Args: []ir.Reg{metric, c.expr(name)}, Span: at})
		for _, s := range part { // the gradient of a slice is the slice of the gradient
			r = c.value(&ir.Instr{Op: ir.OpIndex, Args: []ir.Reg{r}, Ix: c.items(s.Index), Span: at})
		}
		return r, false
	}
	if args := c.sliceCall(b.args[1]); args != nil {
		return c.gradSlice(metric, args, at), false
	}
	return c.gradSite(metric, b.args[1], at), false
}

func (c *comp) gradSite(metric ir.Reg, site grammar.Expr, at diag.Span) ir.Reg {
	place, ix, ok := c.placeOf(site, "grad")
	if !ok {
		return c.none()
	}
	return c.value(&ir.Instr{Op: ir.OpGrad, Args: []ir.Reg{metric, place}, Ix: ix, Span: at})
}

// gradSlice compiles grad(metric, slice(SITE, axis, start, stop)): the slice of the gradient.
func (c *comp) gradSlice(metric ir.Reg, args *grammar.Args, at diag.Span) ir.Reg {
	row, ok := c.look.Op("slice")
	if !ok {
		return c.none()
	}
	b, ok := c.bind(row, args, at)
	if !ok {
		return c.none()
	}
	in := &ir.Instr{Op: ir.OpCall, Row: row, Site: c.place(), Args: []ir.Reg{c.gradSite(metric, b.args[0], at)}, Span: at}
	for _, e := range b.args[1:] {
		r := ir.NoReg
		if e != nil {
			r = c.expr(e)
		}
		in.Args = append(in.Args, r)
	}
	return c.value(in)
}

// paramCall is the argument of param(name), and the indices after it.
func (c *comp) paramCall(e grammar.Expr) (name grammar.Expr, part []*grammar.Suffix, ok bool) {
	o, ok := e.(*grammar.Operand)
	if !ok {
		return nil, nil, false
	}
	args, part := call(o.Suffix)
	n, ok := o.X.(*grammar.Name)
	if !ok || n.ID != "param" || c.find("param") != nil || args == nil || len(args.List) != 1 {
		return nil, nil, false
	}
	indexed := !slices.ContainsFunc(part, func(s *grammar.Suffix) bool { return s.Index == nil })
	return args.List[0].Value, part, indexed
}

// checkCall checks a call of a def or an edit that a name surely stands for.
func (c *comp) checkCall(e *entry, args *grammar.Args, at diag.Span) {
	s := e.def
	if e.assigns > 1 {
		return
	}
	given := make([]bool, len(s.params))
	for i, a := range args.List {
		k := i
		if a.Name != nil {
			k = -1
			for j, p := range s.params {
				if p.Name == a.Name.ID {
					k = j
				}
			}
			if k < 0 {
				c.errorf(a.Name.Span(), "E0202", "it takes "+signatureText(s), "%s has no argument %s", s.name, a.Name.ID)
				return
			}
		}
		if k >= len(s.params) {
			c.errorf(a.Span(), "E0202", "it takes "+signatureText(s), "%s takes %s, got %d", s.name, plural(len(s.params), "argument"), len(args.List))
			return
		}
		if given[k] {
			c.errorf(a.Span(), "E0202", "", "%s: %s is given twice", s.name, s.params[k].Name)
			return
		}
		given[k] = true
	}
	for k, p := range s.params {
		if !given[k] && !p.Default {
			c.errorf(at.To(args.Span()), "E0202", "it takes "+signatureText(s), "%s: %s is missing", s.name, p.Name)
			return
		}
	}
}

func signatureText(s *signature) string {
	if len(s.params) == 0 {
		return "no arguments"
	}
	names := make([]string, len(s.params))
	for i, p := range s.params {
		names[i] = p.Name
	}
	return strings.Join(names, ", ")
}

// callEdge is a def that speaks of another.
type callEdge struct {
	from, to *entry
	at       diag.Span
}

func (c *comp) reference(e *entry, at diag.Span) {
	if c.ctx.fn != nil {
		c.edges = append(c.edges, callEdge{c.ctx.fn, e, at})
	}
}

// recursion reports defs that reach themselves through names.
func (c *comp) recursion() {
	next := map[*entry][]callEdge{}
	c.edges = slices.DeleteFunc(c.edges, func(e callEdge) bool { return e.to.kind != defName })
	for _, e := range c.edges {
		next[e.from] = append(next[e.from], e)
	}
	sort.SliceStable(c.edges, func(i, j int) bool { return c.edges[i].at.Start < c.edges[j].at.Start })
	reported := map[*entry]bool{}
	for _, e := range c.edges {
		path := c.reach(e.to, e.from, next, map[*entry]bool{})
		if path == nil || reported[e.from] {
			continue
		}
		text := e.from.v.Name + " calls itself"
		if len(path) > 1 {
			var names []string
			for _, p := range path {
				names = append(names, p.v.Name)
				reported[p] = true
			}
			text = e.from.v.Name + " calls itself through " + strings.Join(names[:len(names)-1], ", ")
		}
		reported[e.from] = true
		c.errorf(e.at, "E0203", "every script ends: loop over a range instead", "%s", text)
	}
}

// reach is the way from one def to another, both included at its end.
func (c *comp) reach(from, to *entry, next map[*entry][]callEdge, seen map[*entry]bool) []*entry {
	if from == to {
		return []*entry{to}
	}
	seen[from] = true
	for _, e := range next[from] {
		if seen[e.to] {
			continue
		}
		if path := c.reach(e.to, to, next, seen); path != nil {
			return append([]*entry{from}, path...)
		}
	}
	return nil
}
