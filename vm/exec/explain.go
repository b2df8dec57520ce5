package exec

import (
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
	r := plan.NewReport(e.table, e.dense, e.cost)
	r.NoOps = e.build.NoOps
	r.Passes, r.Chunks, r.PeakBytes = e.stats.Passes, e.stats.Chunks, e.stats.PeakBytes
	return r
}

// Explain plans the wanted nodes of a graph and computes nothing: no weights are needed but for
// gradients, whose reverse passes say which rows they read. Tokens that
// are not generated yet are made up, so that their work is counted too. dump, if not nil, gets every
// chunk's plan.
func Explain(g *ir.Graph, want []ir.NodeID, opts Options, dump io.Writer) (*plan.Report, error) {
	e := NewBatched(opts)
	e.attach(g)
	e.build.Lenient()
	var vals []plan.ValID
	seen := map[plan.ValID]bool{}
	for _, id := range want {
		v, err := e.build.Node(id)
		var u *plan.Unreached
		if errors.As(err, &u) {
			continue
		} else if err != nil {
			return nil, e.explain(err)
		}
		if !seen[v] {
			seen[v] = true
			vals = append(vals, v)
		}
	}
	held, err := e.heldRows()
	if err != nil {
		return nil, e.explain(err)
	}
	vals = append(held, vals...)
	e.countDense()
	chunks := e.planner.Chunks(vals, plan.Nothing, plan.Limit{Columns: e.opts.Columns, Bytes: e.bytes()})
	shared := e.share(chunks)
	for i := range chunks {
		p := e.planner.Make(chunks[i].Want, e.has())
		if dump != nil {
			if err := p.Fprint(dump); err != nil {
				return nil, err
			}
		}
		e.stats.Chunks++
		e.stats.Passes = max(e.stats.Passes, int64(p.Passes))
		e.stats.PeakBytes = max(e.stats.PeakBytes, p.Peak()+e.kept.bytes)
		e.cost.Add(p.Cost, 1)
		e.pretend(p, &chunks[i], shared)
		shared.close(i)
	}
	e.refresh()
	return e.Report(), nil
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

// pretend keeps what a run of the plan would keep for later chunks, without numbers.
func (e *Batched) pretend(p *plan.Plan, c *plan.Chunk, s *sharing) {
	x := e.run
	x.begin(p, s, nil)
	defer x.end()
	for _, v := range c.Carry {
		e.vals[v] = result{}
	}
	for i, id := range p.Cols {
		model, pos, _ := e.table.Place(id)
		m := &x.models[model]
		for pt := p.Lo[i]; pt <= p.Need[i] && int(pt) < m.a.Points(); pt++ {
			if p.Makes(int32(i), pt) && x.keeps(m, id, pt) {
				e.kept.set(x.keptCol(int32(i), m.a), pt, []float32{}, m.a.Width(pt, int(pos))) // that it is there is all that counts
			}
		}
	}
}
