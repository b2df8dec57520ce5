package vm

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"interp/internal/diag"
	"interp/ir"
	"interp/nnrt/tensor"
	"interp/vm/exec"
)

// Report is what check found.
type Report struct {
	Findings diag.List // errors and warnings, one a place
	Shapes   []Shape   // of what each line gives a name to, in the order met
	Steps    int64
	Complete bool // the budget sufficed; else the rest is checked while running
}

// Shape is what a line makes: its name and its type.
type Shape struct {
	At   diag.Span
	Name string
	Text string // "[batch=1 pos=16 d_model=768]", or the kind of a value that is no array
}

// checker is the machine's state in check.
type checker struct {
	engine exec.Engine
	maybe  int // branches that may run, around the line at hand
	found  map[diag.Span]*finding
	order  []*finding
	shapes map[shapeKey]bool
	list   []Shape
}

// finding is an error at a place, with how often it was met.
type finding struct {
	d     diag.Diag
	times int
	maybe bool
}

// Check runs a program on shapes alone, on a copy of the session: nothing is computed or written.
func (m *Machine) Check(ctx context.Context, p *ir.Program) *Report {
	c := *m
	c.ctx, c.steps, c.opts.Out = ctx, 0, nil
	c.globals = m.globals.clone()
	c.b = m.b.clone()
	c.warned, c.warns = map[warning]bool{}, nil
	c.saves = nil
	c.check = &checker{engine: exec.NewBatched(exec.Options{}), found: map[diag.Span]*finding{}, shapes: map[shapeKey]bool{}}
	err := c.start(p)
	if err == nil && len(c.check.order) == 0 {
		c.warnUnread()
	}
	r := &Report{Steps: c.steps, Complete: err == nil, Shapes: c.check.list}
	if err != nil && !fatal(err) {
		c.check.report(&c, c.faultAt(p.Main.Span, err))
	}
	for _, f := range c.check.order {
		r.Findings.Add(f.diag())
	}
	for _, w := range c.warns {
		r.Findings.Add(w)
	}
	r.Findings.Sort()
	return r
}

// clone is a copy of the script's variables for check.
func (f *frame) clone() *frame {
	n := *f
	n.vars, n.saved = copyVars(f.vars), maps.Clone(f.saved)
	return &n
}

// clone is a copy of the graph that can grow by itself.
func (b *builder) clone() *builder {
	n := &builder{g: &ir.Graph{Nodes: slices.Clone(b.g.Nodes)}, scalars: maps.Clone(b.scalars), offsets: maps.Clone(b.offsets), views: maps.Clone(b.views)}
	for _, r := range b.g.Runs {
		c := *r
		n.g.Runs = append(n.g.Runs, &c)
	}
	return n
}

// diag words a finding: when it was met first, how often, and whether its branch may not run.
func (f *finding) diag() diag.Diag {
	d := f.d
	if f.times > 1 {
		first := fmt.Sprintf("first of %d times", f.times)
		if d.Note != "" {
			first = d.Note + ", " + first
		}
		d.Note = first
	}
	if f.maybe {
		d.Sev = diag.Warning
		if d.Note != "" {
			d.Note += ", "
		}
		d.Note += "if this branch runs"
	}
	return d
}

// report notes an error; false says that check cannot go on.
func (c *checker) report(m *Machine, err error) bool {
	var e *Error
	switch {
	case errors.Is(err, errUnknown):
		return true
	case fatal(err) || !errors.As(err, &e):
		return false
	}
	f := c.found[e.Diag.Span]
	if f == nil {
		if len(c.order) >= diag.Max {
			return false
		}
		f = &finding{d: e.Diag, maybe: c.maybe > 0}
		c.found[e.Diag.Span] = f
		c.order = append(c.order, f)
		if len(e.Stack) > 0 && f.d.Other == nil {
			at := e.Stack[0].At
			f.d.Other, f.d.OtherMsg = &at, e.Stack[0].Name+" is called here"
		}
	} else if f.maybe && c.maybe == 0 {
		f.maybe = false
	}
	f.times++
	return true
}

// shapeKey is a name that a line makes.
type shapeKey struct {
	at   diag.Span
	name string
}

// shape notes what a line makes.
func (m *Machine) shape(in *ir.Instr, name string, v ir.Value) {
	key := shapeKey{in.Span, name}
	if m.check == nil || m.check.shapes[key] {
		return
	}
	m.check.shapes[key] = true
	text := ir.KindOf(v).String()
	if t, ok := ir.TypeOf(v); ok {
		text = t.String()
	} else if l, ok := v.(*ir.List); ok {
		text = fmt.Sprintf("list of %d", len(l.Items))
	}
	m.check.list = append(m.check.list, Shape{At: in.Span, Name: name, Text: text})
}

// snapshot is what a branch may change.
type snapshot struct {
	vars  []ir.Value
	saved map[int]diag.Span
	sets  []int
}

func (m *Machine) snapshot(f *frame) snapshot {
	s := snapshot{vars: copyVars(f.vars), saved: maps.Clone(f.saved)}
	if m.rs.inv != nil {
		for _, id := range m.rs.inv.runs {
			s.sets = append(s.sets, len(m.b.g.Runs[id].Sets))
		}
	}
	return s
}

// copyVars copies variables; saved cells too, since saves fill them in place.
func copyVars(vars []ir.Value) []ir.Value {
	out := slices.Clone(vars)
	for i, v := range out {
		if c, ok := v.(*cells); ok {
			out[i] = c.clone()
		}
	}
	return out
}

// restore takes the variables back and drops the sets of a branch: which branch runs is open.
func (m *Machine) restore(f *frame, s snapshot) {
	f.vars, f.saved = s.vars, s.saved
	m.dropSets(s)
}

func (m *Machine) dropSets(s snapshot) {
	if m.rs.inv == nil {
		return
	}
	for i, id := range m.rs.inv.runs {
		if i < len(s.sets) {
			m.b.g.Runs[id].Sets = m.b.g.Runs[id].Sets[:s.sets[i]]
		}
	}
}

// both runs the branches of an if that check cannot decide, each on a copy, and joins what they leave.
func (m *Machine) both(f *frame, in *ir.Instr) (control, error) {
	if err := m.charge(8 * len(f.vars)); err != nil {
		return goesOn, err
	}
	m.sets.open = true
	before, regs := m.snapshot(f), slices.Clone(f.regs)
	again := m.snapshot(f)
	m.check.maybe++
	defer func() { m.check.maybe-- }()
	c1, err := m.block(f, in.Blocks[0])
	if err != nil {
		return c1, err
	}
	ret1, then, thenRegs := f.ret, m.snapshot(f), f.regs
	m.restore(f, before)
	f.regs = regs
	c2 := goesOn
	if len(in.Blocks) > 1 {
		if c2, err = m.block(f, in.Blocks[1]); err != nil {
			return c2, err
		}
	}
	m.dropSets(again)
	switch {
	case c1 == returns && c2 == returns:
		f.ret = join(ret1, f.ret)
		return returns, nil
	case c1 == returns:
		f.rets = append(f.rets, ret1)
		return goesOn, nil
	case c2 == returns:
		f.rets = append(f.rets, f.ret)
		f.vars, f.saved, f.regs = then.vars, then.saved, thenRegs
		return goesOn, nil
	}
	m.join(f, then)
	for i := range f.regs {
		f.regs[i] = join(thenRegs[i], f.regs[i])
	}
	return goesOn, nil
}

// join makes of the frame's variables and those of another branch what both may leave.
func (m *Machine) join(f *frame, other snapshot) {
	for i := range f.vars {
		f.vars[i] = join(f.vars[i], other.vars[i])
	}
	for k, at := range other.saved {
		f.saved[k] = at
	}
}

// once runs the body of a loop over what check does not know.
func (m *Machine) once(f *frame, in *ir.Instr) (control, error) {
	m.sets.open = true
	before := m.snapshot(f)
	m.check.maybe++
	defer func() { m.check.maybe-- }()
	for _, v := range in.Vars {
		*m.slot(f, v) = unknown()
	}
	m.loops = append(m.loops, &loop{in: in, f: f, total: 1})
	c, err := m.block(f, in.Blocks[0])
	m.loops = m.loops[:len(m.loops)-1]
	if err != nil {
		return c, err
	}
	if c == returns {
		f.rets = append(f.rets, f.ret)
	}
	m.dropSets(before)
	m.join(f, before)
	m.forget(f, in.Vars)
	return goesOn, nil
}

// join is what is known of a value that is a or b.
func join(a, b ir.Value) ir.Value {
	_, noA := a.(unset)
	_, noB := b.(unset)
	switch {
	case noA && noB:
		return a
	case noA || noB:
		return unknown()
	}
	ca, okA := a.(*cells)
	cb, okB := b.(*cells)
	if okA && okB {
		return joinCells(ca, cb)
	}
	if okA || okB {
		return unknown()
	}
	if same(a, b) {
		return a
	}
	ta, okA := ir.TypeOf(a)
	tb, okB := ir.TypeOf(b)
	if okA && okB && ta.Equal(tb) {
		return &ir.Lazy{Node: ir.NoNode, Kind: ir.KArray, Type: ta}
	}
	if k := ir.KindOf(a); k == ir.KindOf(b) && k != ir.KArray && k <= ir.KList {
		return unknownOf(k)
	}
	return unknown()
}

func same(a, b ir.Value) bool {
	if x, ok := a.(*ir.Lazy); ok {
		y, ok := b.(*ir.Lazy)
		return ok && (x == y || x.Node != ir.NoNode && x.Node == y.Node)
	}
	if _, ok := b.(*ir.Lazy); ok {
		return false
	}
	if x, ok := a.(*tensor.Array); ok {
		y, ok := b.(*tensor.Array)
		return ok && x == y
	}
	return ir.KindOf(a) == ir.KindOf(b) && ir.IsKnown(a) && ir.IsKnown(b) && equal(a, b)
}

// joinCells has the cells of both.
func joinCells(a, b *cells) ir.Value {
	if len(a.dims) != len(b.dims) {
		return unknown()
	}
	out := a.clone()
	for _, x := range b.order {
		if old, ok := out.at[cellKey(x.idx)]; ok {
			old.val = join(old.val, x.val)
			continue
		}
		_ = out.put(x.idx, x.val, x.span) // it is not there yet
	}
	return out
}

// nanOf is an array of nan.
func nanOf(t tensor.Type) ir.Value {
	a := tensor.Zeros(t)
	f := a.F32()
	out := make([]float32, len(f))
	for i := range out {
		out[i] = math.Float32frombits(nan32bits)
	}
	return tensor.FromType(a.Type, out)
}
