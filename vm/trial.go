package vm

import (
	"maps"
	"slices"

	"interp/ir"
)

// With stop, how many steps a row takes is known when it has taken them, and a step's sites hold the
// rows still running. So an invoke whose body speaks of later steps is described twice: once as if no
// row stopped, to generate its tokens, and then with the rows that each step really has. What the
// first time saved, printed and named is dropped; the second finds its tokens computed already.

// reach makes the invoke at hand know how many tokens each of its rows generates, where its body asks.
func (m *Machine) reach(f *frame, in *ir.Instr, edits []ir.Value) error {
	inv := m.rs.inv
	g := inv.trace.gen
	if m.check != nil || g == nil || len(g.stop) == 0 || g.n < 2 || !speaksOfSteps(in.Blocks) {
		return nil
	}
	trial, err := m.trial(f, in, edits)
	if err != nil {
		return err
	}
	v, err := m.compute(m.tokensOf(trial, in.Span))
	if err != nil {
		return err
	}
	rows := v.(*ir.List).Items
	if !trial.list {
		rows = []ir.Value{v}
	}
	inv.reached = make([]int, len(rows))
	for r, ids := range rows {
		inv.reached[r] = len(ids.(*ir.List).Items)
	}
	return nil
}

// trial describes the invoke at hand on runs of its own, and leaves everything else as it was.
func (m *Machine) trial(f *frame, in *ir.Instr, edits []ir.Value) (*invoke, error) {
	real, saves := m.rs.inv, slices.Clone(m.saves)
	before := make([]snapshot, len(m.stack))
	regs := make([][]ir.Value, len(m.stack))
	for i, g := range m.stack {
		before[i], regs[i] = snapshot{vars: g.vars, saved: g.saved}, g.regs
		g.vars, g.saved, g.regs = copyVars(g.vars), maps.Clone(g.saved), slices.Clone(g.regs)
	}
	t := &invoke{id: real.id, trace: real.trace, model: real.model, m: m, lens: real.lens, list: real.list, span: real.span, firstNode: len(m.b.g.Nodes)}
	for _, id := range real.runs {
		r := *m.b.g.Runs[id]
		r.ID, r.Gen = ir.RunID(len(m.b.g.Runs)), real.trace.gen.forRow(r.Row)
		m.b.g.Runs = append(m.b.g.Runs, &r)
		t.runs = append(t.runs, r.ID)
	}
	m.rs.inv, m.silent = t, true
	err := m.applyEdits(edits)
	if err == nil {
		_, err = m.block(f, in.Blocks[0])
	}
	if err == nil {
		err = m.endInvoke(in.Span)
	}
	m.silent, m.saves, m.cur = false, saves, in
	for i, g := range m.stack {
		g.vars, g.saved, g.regs = before[i].vars, before[i].saved, regs[i]
	}
	m.rs.inv = real
	return t, err
}

// speaksOfSteps says that blocks hold an iter.
func speaksOfSteps(blocks []*ir.Block) bool {
	for _, b := range blocks {
		for _, in := range b.Instrs {
			if in.Op == ir.OpIter || speaksOfSteps(in.Blocks) {
				return true
			}
		}
	}
	return false
}

// running are the rows of the invoke that have a generation step; nil: all.
func (inv *invoke) running(step int) []int {
	if inv.reached == nil || step == 0 {
		return nil
	}
	rows := []int{}
	for r, n := range inv.reached {
		if n > step {
			rows = append(rows, r)
		}
	}
	return rows
}

// left says that no row has the step.
func (inv *invoke) left(step int) bool {
	rows := inv.running(step)
	return rows != nil && len(rows) == 0
}
