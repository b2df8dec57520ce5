package exec

import (
	"context"
	"errors"
	"io"
	"maps"
	"slices"

	"interp/compiler/plan"
	"interp/ir"
)

// Report is what was planned so far.
func (e *Batched) Report() *plan.Report {
	if e.table == nil {
		return &plan.Report{}
	}
	s := e.Stats()
	r := plan.NewReport(e.table, e.dense, e.cost)
	r.NoOps, r.Gradients = e.build.NoOps, e.grads
	r.Passes, r.Chunks, r.PeakBytes = s.Passes, s.Chunks, s.PeakBytes
	return r
}

// Explain plans the wanted nodes of a graph, one Eval after the other, and computes nothing: no weights are
// needed but for gradients, whose reverse passes say which rows they read. Tokens that are not generated yet
// are made up, so that their work is counted too. What the engine computed before counts as well; it is of no
// use after.
func (e *Batched) Explain(ctx context.Context, g *ir.Graph, evals ...[]ir.NodeID) (*plan.Report, error) {
	e.dry = true
	defer forgetTokens(g)()
	var failed error
	for _, want := range evals {
		err := e.Eval(ctx, g, want, func(_ ir.NodeID, _ ir.Value, err error) {
			if failed == nil {
				failed = err
			}
		})
		if err = errors.Join(err, failed); err != nil {
			return nil, err
		}
	}
	return e.Report(), nil
}

// Dump makes the engine print every plan.
func (e *Batched) Dump(w io.Writer) { e.dump = w }

// forgetTokens takes back what runs generate from now on.
func forgetTokens(g *ir.Graph) func() {
	before := make([]ir.Gen, len(g.Runs))
	for i, r := range g.Runs {
		if r.Gen != nil {
			before[i] = *r.Gen
		}
	}
	return func() {
		for i := range before {
			if g.Runs[i].Gen != nil {
				*g.Runs[i].Gen = before[i]
			}
		}
	}
}

// madeUp is a token that a run might choose from logits: the same from the same ones, unless it is drawn.
func madeUp(logits plan.ValID, id ir.RunID, g *ir.Gen) int32 {
	if g.Temperature > 0 {
		return -3 - 2*int32(id)
	}
	return -2 - 2*int32(logits)
}

// pretend counts a plan as if it had run: what it keeps for later ones is there, without numbers.
func (e *Batched) pretend(p *plan.Plan, c *plan.Chunk, s *sharing, deliver func(plan.ValID, result)) {
	x := e.run
	x.begin(p, s, nil)
	for i, id := range p.Cols {
		model, pos, _ := e.table.Place(id)
		m := &x.models[model]
		for pt := p.Lo[i]; pt <= p.Need[i] && int(pt) < m.a.Points(); pt++ {
			if p.Makes(int32(i), pt) && x.keeps(m, id, pt) {
				e.kept.set(x.keptCol(int32(i), m.a), pt, []float32{}, m.a.Width(pt, int(pos))) // that it is there is all that counts
			}
		}
	}
	x.end()
	for _, u := range p.Vals {
		if k := e.table.Kind(u.Val); k == plan.View || k == plan.Op {
			e.known.add(u.Val, result{size: e.table.Bytes(u.Val)})
		}
	}
	e.stats.PeakBytes = max(e.stats.PeakBytes, p.Peak()+e.kept.bytes+e.known.bytes)
	for _, v := range c.Want {
		deliver(v, result{})
	}
}

// pretendHeld adds to what a plan is to make the forward rows that reverse passes read.
func (e *Batched) pretendHeld(want []wanted) ([]wanted, error) {
	held, err := e.heldRows()
	if err != nil {
		return nil, err
	}
	all := make([]wanted, len(held), len(held)+len(want))
	for i, v := range held {
		all[i] = wanted{ir.NoNode, v}
	}
	return append(all, want...), nil
}

// heldRows are the forward rows and values that the reverse passes of the gradients met so far read.
func (e *Batched) heldRows() ([]plan.ValID, error) {
	f := &forward{e: e}
	var out []plan.ValID
	seen := map[plan.ValID]bool{}
	add := func(v plan.ValID, err error) error {
		if err == nil && !seen[v] {
			seen[v] = true
			out = append(out, v)
		}
		return err
	}
	for ids := e.build.Hosts(); len(ids) > 0; ids = e.build.Hosts() {
		e.grads += int64(len(ids))
		h := holding{seen: map[RowKey]bool{}, values: map[ir.NodeID]bool{}}
		for _, q := range metrics(e.g, f, ids, false) {
			if err := q.prepare(); err != nil {
				return nil, err
			}
			for _, p := range q.parts(gradBytes) {
				if err := p.hold(&h); err != nil {
					return nil, err
				}
			}
		}
		for _, k := range h.rows {
			if err := add(e.build.Read(k.Run, k.Pos, k.Pt, ir.Slice{}, f.after(k))); err != nil {
				return nil, err
			}
		}
		for _, id := range slices.Sorted(maps.Keys(h.values)) {
			if err := add(e.build.Node(id)); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}
