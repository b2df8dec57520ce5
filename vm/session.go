package vm

import (
	"context"
	"slices"

	"interp/ir"
)

// Mark is a session between two programs: what a program that fails is taken back to. What was
// computed stays computed.
type Mark struct {
	vars  []ir.Value
	names []string
	model ir.Model
	saves []string
	runs  runState
}

// Mark notes the session as it is. Values never change and saves of a later program make new cells,
// so the variables alone are copied.
func (m *Machine) Mark() Mark {
	return Mark{vars: slices.Clone(m.globals.vars), names: m.names, model: m.model, saves: slices.Clone(m.saves), runs: m.rs}
}

// Return takes the session back to a mark.
func (m *Machine) Return(k Mark) {
	m.globals.vars, m.names, m.model, m.saves, m.rs = slices.Clone(k.vars), k.names, k.model, slices.Clone(k.saves), k.runs
	m.tape = tape{}
}

// SetModel changes the default model of the programs that follow.
func (m *Machine) SetModel(model ir.Model) { m.model = model }

// HandOver puts out all saves of the session as results, computing those that nothing needed so far.
func (m *Machine) HandOver(ctx context.Context) error {
	m.ctx, m.steps, m.check = ctx, 0, nil
	m.wantResults()
	return m.finish(nil)
}
