package exec

import (
	"errors"
	"io"

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

// Explain plans the wanted nodes of a graph and computes nothing: no weights are needed. Tokens that
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
