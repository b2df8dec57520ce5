package exec

import (
	"interp/ir"
	"interp/nnrt/arch"
)

// holding collects the rows and values that reverse passes read.
type holding struct {
	rows   []RowKey
	seen   map[RowKey]bool
	values map[ir.NodeID]bool
}

func (h *holding) add(k RowKey) {
	if !h.seen[k] {
		h.seen[k] = true
		h.rows = append(h.rows, k)
	}
}

// hold notes what this pass reads.
func (q *part) hold(h *holding) error {
	for _, id := range q.ids {
		r := q.runs[id]
		for p := range arch.Point(r.a.Points()) {
			if r.a.Row(p).Arrive {
				continue
			}
			reads, err := r.rt.BackReads(p)
			if err != nil {
				return err
			}
			for pos := range int32(r.n) {
				if r.need[r.state(p, pos, 0)] {
					r.holdRow(p, pos, reads, h.add)
				}
			}
		}
	}
	for _, id := range q.want {
		if err := q.holdParam(&q.g.Nodes[id], h.add); err != nil {
			return err
		}
	}
	if q.first {
		q.valuesOf(q.metric, h.values)
	}
	for _, id := range q.ids {
		r := q.runs[id]
		for s, w := range r.written {
			if r.need[s] {
				q.valuesOf(w.set.Val, h.values)
			}
		}
	}
	return nil
}

// valuesOf are the operands and results of the operations under a value that gradients go through.
func (q *gradient) valuesOf(root ir.NodeID, seen map[ir.NodeID]bool) {
	if !q.depends(root) {
		return
	}
	for _, id := range q.under(root) {
		if n := &q.g.Nodes[id]; n.Kind == ir.NOp {
			seen[id] = true
			for _, a := range n.Args {
				seen[a] = true
			}
		}
	}
}

func (r *gradRun) holdRow(p arch.Point, pos int32, reads []int, add func(RowKey)) {
	in := r.a.Inputs(p)
	for _, i := range reads {
		add(r.finalKey(in[i], pos))
	}
	if r.a.Row(p).Keys {
		kv := r.a.KV(r.a.Layer(p))
		for j := range pos + 1 {
			add(r.finalKey(kv, j))
		}
	}
}

func (q *part) holdParam(n *ir.Node, add func(RowKey)) error {
	rt, ok := n.Model.(Differentiable)
	if n.View != nil || !ok {
		return nil
	}
	points, err := rt.ParamPoints(n.Param)
	for _, p := range points {
		for _, id := range q.ids {
			r := q.runs[id]
			for pos := range int32(r.n) {
				if r.Model != n.Model || !r.need[r.state(p, pos, 0)] {
					continue
				}
				for _, in := range r.a.Inputs(p) {
					add(r.finalKey(in, pos))
				}
			}
		}
	}
	return err
}
