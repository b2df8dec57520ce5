package vm

import (
	"fmt"

	"interp/ir"
)

func (m *Machine) traceOp(f *frame, in *ir.Instr) (control, error) {
	vals, err := m.args(f, in, 0)
	if err != nil {
		return goesOn, err
	}
	ghost := m.ghost
	if err := m.beginTrace(in.Name, &ir.Record{Keys: in.Keys, Vals: vals}, in.Span); err != nil {
		if m.check == nil || !m.check.report(m, m.fault(in, err)) {
			return goesOn, err
		}
		m.ghost = true
	}
	c, err := m.block(f, in.Blocks[0])
	if err != nil {
		return c, err
	}
	m.ghost = ghost
	m.forget(f, in.Vars)
	return c, m.endTrace(in.Span)
}

// forget ends the names of a run.
func (m *Machine) forget(f *frame, vars []ir.Var) {
	for _, v := range vars {
		*m.slot(f, v) = unset{}
	}
}

func (m *Machine) invokeOp(f *frame, in *ir.Instr) (control, error) {
	prompt, err := m.arg(f, in, 0)
	if err != nil {
		return goesOn, err
	}
	edits, err := m.args(f, in, 1)
	if err != nil {
		return goesOn, err
	}
	ghost, opener := m.ghost, m.inv
	if !ghost {
		if err := m.beginInvoke(prompt, in.Span); err != nil {
			if m.check == nil || !m.check.report(m, m.fault(in, err)) {
				return goesOn, err
			}
			m.ghost = true
		}
	}
	m.inv = f
	if !m.ghost {
		if err := m.reach(f, in, edits); err != nil {
			return goesOn, err
		}
	}
	if err := m.applyEdits(edits); err != nil {
		return goesOn, err
	}
	c, err := m.block(f, in.Blocks[0])
	if err != nil {
		return c, err
	}
	m.cur, m.inv = in, opener
	if !m.ghost {
		err = m.endInvoke(in.Span)
	}
	m.ghost = ghost
	m.forget(f, in.Vars)
	if err == nil {
		err = m.drainWindow()
	}
	return c, err
}

// applyEdits runs the bodies of edits, in the order written.
func (m *Machine) applyEdits(edits []ir.Value) error {
	for _, e := range edits {
		switch x := e.(type) {
		case *editCall:
			if err := m.applyEdit(x); err != nil {
				return err
			}
		case *funcValue:
			if x.fn.Kind != ir.FuncEdit {
				return &ir.Error{Code: "E0302", Msg: "with: " + x.fn.Name + " is a def, want an edit"}
			}
			args, err := bindParams(x, nil, nil)
			if err != nil {
				return err
			}
			if err := m.applyEdit(&editCall{edit: x, args: args, site: m.cur.Site, span: m.cur.Span}); err != nil {
				return err
			}
		case *ir.List:
			if err := m.applyEdits(x.Items); err != nil {
				return err
			}
		case *ir.Lazy:
			if m.check == nil {
				return &ir.Error{Code: "E0302", Msg: "with: want edits, got " + ir.KindOf(e).String()}
			}
		default:
			return &ir.Error{Code: "E0302", Msg: "with: want edits, got " + ir.KindOf(e).String(), Hint: "edit name(l) { set ... }, then invoke prompt with name(1)"}
		}
	}
	return nil
}

func (m *Machine) applyEdit(x *editCall) error {
	if len(m.stack) > maxCalls {
		return &ir.Error{Code: "E0412", Msg: fmt.Sprintf("more than %d calls inside one another", maxCalls)}
	}
	cur := m.cur
	g, err := m.enter(x.edit, x.args, x.site, x.span)
	if err == nil {
		_, err = m.block(g, x.edit.fn.Body)
	}
	m.leave()
	m.cur = cur
	return err
}

// iterOp runs its block at generation steps.
func (m *Machine) iterOp(f *frame, in *ir.Instr) (control, error) {
	if m.ghost {
		return m.once(f, in)
	}
	items, known, err := m.items(f, in.Ix)
	if err != nil {
		return goesOn, err
	}
	if !known {
		return goesOn, nil
	}
	it := items[0]
	if list, ok := listItems(it.lo); ok && it.kind == ir.IxEntry {
		steps, err := m.listedSteps(list)
		if err != nil {
			return goesOn, err
		}
		return m.eachStep(f, in, steps)
	}
	bounds := make([]*int64, 3)
	for i, v := range []ir.Value{it.lo, it.hi, it.step} {
		if v == nil {
			continue
		}
		n, ok := intOf(v)
		if !ok {
			if _, lazy := v.(*ir.Lazy); lazy {
				return goesOn, nil
			}
			return goesOn, &ir.Error{Code: "E0302", Msg: "iter: want whole numbers, got " + ir.KindOf(v).String()}
		}
		bounds[i] = &n
	}
	if it.kind == ir.IxDots {
		return goesOn, &ir.Error{Code: "E0302", Msg: "iter: want steps, got ...", Hint: "iter all { ... }"}
	}
	steps, err := m.iterSteps(bounds[0], bounds[1], bounds[2], it.kind == ir.IxEntry)
	if err != nil {
		return goesOn, err
	}
	return m.eachStep(f, in, steps)
}

// listedSteps are the steps of iter k in [0, 2].
func (m *Machine) listedSteps(list []ir.Value) ([]int, error) {
	var steps []int
	for _, v := range list {
		n, ok := intOf(v)
		if !ok {
			return nil, &ir.Error{Code: "E0302", Msg: "iter: want whole numbers, got " + ir.KindOf(v).String()}
		}
		one, err := m.iterSteps(&n, nil, nil, true)
		if err != nil {
			return nil, err
		}
		if k := len(steps); k > 0 && one[0] <= steps[k-1] {
			return nil, &ir.Error{Code: "E0303", Msg: fmt.Sprintf("iter: step %d after step %d: steps go forward", one[0], steps[k-1])}
		}
		steps = append(steps, one...)
	}
	return steps, nil
}

func (m *Machine) eachStep(f *frame, in *ir.Instr, steps []int) (control, error) {
	l := &loop{in: in, f: f, total: len(steps)}
	m.loops = append(m.loops, l)
	m.several = len(steps) > 1
	defer func() { m.loops, m.several = m.loops[:len(m.loops)-1], false }()
	for i, k := range steps {
		l.index = i
		if m.rs.inv != nil && m.rs.inv.left(k) {
			m.warnText("W0305", fmt.Sprintf("iter: step %d was not reached, every row had stopped: what is saved from there on is left out", k), in.Span)
			break
		}
		for _, v := range in.Vars {
			*m.slot(f, v) = int64(k)
		}
		err := m.inStep(k, func() error {
			_, err := m.block(f, in.Blocks[0])
			return err
		})
		if err != nil {
			return goesOn, err
		}
	}
	m.forget(f, in.Vars)
	return goesOn, nil
}
