package vm

import (
	"fmt"

	"interp/ir"
	"interp/nnrt/tensor"
	"interp/stdlib"
)

// loop is a loop that is running: its variables are in every error.
type loop struct {
	in    *ir.Instr
	f     *frame
	index int
	total int
}

// collector gathers what a comprehension yields.
type collector struct {
	items []ir.Value
	maybe int  // branches that may run, where the comprehension stands
	open  bool // check does not know how many items there are
}

// truth decides a condition; known is false where check cannot.
func (m *Machine) truth(v ir.Value) (truth, known bool, err error) {
	if l, ok := v.(*ir.Lazy); ok {
		if l.Kind == ir.KArray && l.Type.Size() != 1 {
			return false, true, &ir.Error{Code: "E0302", Msg: fmt.Sprintf("the truth of an array of shape %s is not one answer", l.Type), Hint: "any(x) or all(x)"}
		}
		if m.check != nil {
			err := m.unknowable(v)
			return false, err != nil, err
		}
		if v, err = m.force(v); err != nil {
			return false, true, err
		}
	}
	truth, err = stdlib.Truth(v)
	return truth, true, err
}

func (m *Machine) truthOp(f *frame, in *ir.Instr) (ir.Value, error) {
	v, err := m.arg(f, in, 0)
	if err != nil {
		return nil, err
	}
	if in.Name == "model" {
		_, ok := v.(*modelValue)
		return ok, nil
	}
	if l, ok := v.(*ir.Lazy); ok { // not x of what is not known yet is not known yet
		if l.Kind == ir.KArray && l.Type.Size() != 1 {
			_, _, err := m.truth(v)
			return nil, err
		}
		return m.op(notRow, nil, in.Span, v)
	}
	t, _, err := m.truth(v)
	return !t, err
}

// notRow is the negated truth of a value.
var notRow = &ir.OpRow{Name: "not", Hidden: true, NoGrad: "a truth value has none",
	Infer: func(*ir.Call) (ir.Value, error) { return &ir.Lazy{Kind: ir.KBool}, nil },
	Eval: func(c *ir.Call) (ir.Value, error) {
		t, err := stdlib.Truth(c.Args[0])
		return !t, err
	},
}

// andOr gives an operand: the first that decides.
func (m *Machine) andOr(f *frame, in *ir.Instr) (control, error) {
	l, err := m.arg(f, in, 0)
	if err != nil {
		return goesOn, err
	}
	if v, err := m.undecided(f, in, l); v != nil || err != nil {
		f.regs[in.Dst] = v
		return goesOn, err
	}
	t, known, err := m.truth(l)
	if err != nil {
		return goesOn, err
	}
	if known && t == (in.Op == ir.OpOr) {
		f.regs[in.Dst] = l
		return goesOn, nil
	}
	if known {
		return m.block(f, in.Blocks[0])
	}
	m.check.maybe++
	c, err := m.block(f, in.Blocks[0])
	m.check.maybe--
	f.regs[in.Dst] = join(l, f.regs[in.Dst])
	return c, err
}

func (m *Machine) ifOp(f *frame, in *ir.Instr) (control, error) {
	v, err := m.arg(f, in, 0)
	if err != nil {
		return goesOn, err
	}
	t, known, err := m.truth(v)
	switch {
	case err != nil:
		return goesOn, err
	case !known:
		return m.both(f, in)
	case t:
		return m.block(f, in.Blocks[0])
	case len(in.Blocks) > 1:
		return m.block(f, in.Blocks[1])
	}
	return goesOn, nil
}

// sequence is what a loop runs over; known is false where check does not know it.
func (m *Machine) sequence(v ir.Value) (items []ir.Value, known bool, err error) {
	if l, ok := v.(*ir.Lazy); ok && l.Kind != ir.KArray {
		switch {
		case l.Kind == ir.KList && l.Elems != nil:
			return l.Elems, true, nil
		case m.check != nil && (l.Kind == ir.KAny || l.Kind == ir.KList || l.Kind == ir.KString || l.Kind == ir.KRecord):
			err := m.unknowable(v)
			return nil, err != nil, err
		case m.check == nil:
			if v, err = m.force(v); err != nil {
				return nil, true, err
			}
		}
	}
	if t, ok := ir.TypeOf(v); ok {
		items, err = m.entries(v, t)
		return items, true, err
	}
	items, ok := stdlib.Items(v)
	if !ok {
		hint := ""
		if ir.KindOf(v) == ir.KInt {
			hint = "for i in range(n)"
		}
		return nil, true, &ir.Error{Code: "E0305", Msg: "want a list, string, record or array to go through, got " + ir.KindOf(v).String(), Hint: hint}
	}
	return items, true, nil
}

// entries are those of an array along its first axis.
func (m *Machine) entries(v ir.Value, t tensor.Type) ([]ir.Value, error) {
	if t.Rank() == 0 || t.Dims[0] < 0 {
		return nil, &ir.Error{Code: "E0305", Msg: fmt.Sprintf("an array of shape %s has no entries to go through", t)}
	}
	if err := m.charge(t.Dims[0]); err != nil {
		return nil, err
	}
	out := make([]ir.Value, t.Dims[0])
	for i := range out {
		e, err := m.index(v, entries(i), m.cur.Span)
		if err != nil {
			return nil, err
		}
		out[i] = e
	}
	return out, nil
}

func (m *Machine) forOp(f *frame, in *ir.Instr) (control, error) {
	v, err := m.arg(f, in, 0)
	if err != nil {
		return goesOn, err
	}
	items, known, err := m.sequence(v)
	if err != nil {
		return goesOn, err
	}
	if !known {
		return m.once(f, in)
	}
	l := &loop{in: in, f: f, total: len(items)}
	m.loops = append(m.loops, l)
	defer func() { m.loops = m.loops[:len(m.loops)-1] }()
	for i, x := range items {
		l.index = i
		if err := m.charge(0); err != nil {
			return goesOn, err
		}
		if err := m.bind(f, in.Vars, x); err != nil {
			return goesOn, err
		}
		if c, err := m.block(f, in.Blocks[0]); c != goesOn || err != nil {
			return c, err
		}
	}
	for _, v := range in.Vars {
		*m.slot(f, v) = unset{}
	}
	return goesOn, nil
}

// bind gives variables their values: one takes the whole, several the parts.
func (m *Machine) bind(f *frame, vars []ir.Var, x ir.Value) error {
	if len(vars) == 1 {
		*m.slot(f, vars[0]) = x
		return nil
	}
	return m.unpack(f, vars, x)
}

func (m *Machine) unpackOp(f *frame, in *ir.Instr) error {
	v, err := m.arg(f, in, 0)
	if err != nil {
		return err
	}
	if err := m.unpack(f, in.Vars, v); err != nil {
		return err
	}
	for _, x := range in.Vars {
		m.shape(in, x.Name, *m.slot(f, x))
	}
	return nil
}

func (m *Machine) unpack(f *frame, vars []ir.Var, v ir.Value) error {
	items, known, err := m.sequence(v)
	if err != nil {
		return err
	}
	if known && len(items) != len(vars) {
		return &ir.Error{Code: "E0305", Msg: fmt.Sprintf("want %d values, one for each name, got %d", len(vars), len(items))}
	}
	for i, x := range vars {
		var e ir.Value = unknown()
		if known {
			e = items[i]
		}
		*m.slot(f, x) = e
	}
	return nil
}

func (m *Machine) compOp(f *frame, in *ir.Instr) (ir.Value, error) {
	c := &collector{}
	if m.check != nil {
		c.maybe = m.check.maybe
	}
	f.yield = append(f.yield, c)
	_, err := m.block(f, in.Blocks[0])
	f.yield = f.yield[:len(f.yield)-1]
	if c.open {
		return unknownOf(ir.KList), err
	}
	return &ir.List{Items: c.items}, err
}

func (m *Machine) yieldOp(f *frame, in *ir.Instr) error {
	v, err := m.arg(f, in, 0)
	if err != nil {
		return err
	}
	c := f.yield[len(f.yield)-1]
	if m.check != nil && m.check.maybe > c.maybe {
		c.open = true
		return nil
	}
	c.items = append(c.items, v)
	return m.charge(1)
}

func (m *Machine) returnOp(f *frame, in *ir.Instr) (control, error) {
	f.ret = nil
	if len(in.Args) > 0 {
		v, err := m.arg(f, in, 0)
		if err != nil {
			f.ret = unknown()
			return goesOn, err
		}
		f.ret = v
	}
	return returns, nil
}
