package exec

import (
	"slices"

	"interp/ir"
	"interp/nnrt/tensor"
)

// use is a read of a row: by the metric, or by the value of a set.
type use struct {
	sl   ir.Slice
	set  *setState // whose value reads it; nil: the metric
	old  bool      // it reads what stood before a set of the site, if of another row
	data []float32 // the gradient of what was read, once it is known
}

// setState is the state after a set whose value reads rows.
type setState struct {
	run   *gradRun
	state int32
	set   *ir.Set
	reads []*readUse
}

// readUse ties a read node to the states it reads.
type readUse struct {
	node ir.NodeID
	runs []*gradRun // by piece; nil: a constant
	at   []int32    // state
	use  []int32    // place in its uses
}

// depends says that a node's value follows from a run of the trace, other than through detach or
// another gradient: that is a constant here, or refused (see second).
func (q *gradient) depends(id ir.NodeID) bool {
	if d, ok := q.dep[id]; ok {
		return d
	}
	n, d := &q.g.Nodes[id], false
	switch n.Kind {
	case ir.NRead:
		for _, p := range n.View.Pieces {
			d = d || q.g.Runs[p.Run].Trace == q.trace
		}
	case ir.NOp:
		if n.Call.Row.Name != "detach" {
			for _, a := range n.Args {
				d = q.depends(a) || d
			}
		}
	}
	q.dep[id] = d
	return d
}

// readsOf are the reads under a value that gradients go to, ascending.
func (q *gradient) readsOf(root ir.NodeID) []ir.NodeID {
	var out []ir.NodeID
	for _, id := range q.under(root) {
		if q.g.Nodes[id].Kind == ir.NRead {
			out = append(out, id)
		}
	}
	slices.Reverse(out)
	return out
}

// under are the nodes of a value that gradients go through, descending.
func (q *gradient) under(root ir.NodeID) []ir.NodeID {
	seen := map[ir.NodeID]bool{root: true}
	out := []ir.NodeID{root}
	for i := 0; i < len(out); i++ {
		for _, a := range q.g.Nodes[out[i]].Args {
			if !seen[a] && q.depends(a) {
				seen[a] = true
				out = append(out, a)
			}
		}
	}
	slices.Sort(out)
	slices.Reverse(out)
	return out
}

// bind notes a read among the uses of the states it reads.
func (q *gradient) bind(id ir.NodeID, set *setState) (*readUse, error) {
	v := q.g.Nodes[id].View
	n := len(v.Pieces)
	u := &readUse{node: id, runs: make([]*gradRun, n), at: make([]int32, n), use: make([]int32, n)}
	for i, p := range v.Pieces {
		if q.g.Runs[p.Run].Trace != q.trace {
			continue
		}
		r, err := q.run(p.Run)
		if err != nil {
			return nil, err
		}
		if int(p.Pos) >= r.n {
			continue
		}
		s := r.state(v.Pt, p.Pos, r.sets.count(v.Pt, p.Pos, p.After))
		u.runs[i], u.at[i], u.use[i] = r, s, int32(len(r.uses[s]))
		r.uses[s] = append(r.uses[s], use{sl: p.Sl, set: set, old: v.Old})
	}
	return u, nil
}

// bindSets notes the reads of the sets that are live, last run and last set first.
func (q *gradient) bindSets() error {
	for i := len(q.ids) - 1; i >= 0; i-- {
		r := q.runs[q.ids[i]]
		for k := len(r.Sets) - 1; k >= 0; k-- {
			s := &r.Sets[k]
			if int(s.Pos) >= r.n || !q.depends(s.Val) {
				continue
			}
			st := r.state(s.Pt, s.Pos, r.sets.count(s.Pt, s.Pos, int32(k))+1)
			if !r.live[st] {
				continue
			}
			set := &setState{run: r, state: st, set: s}
			for _, id := range q.readsOf(s.Val) {
				u, err := q.bind(id, set)
				if err != nil {
					return err
				}
				set.reads = append(set.reads, u)
			}
			r.written[st] = set
		}
	}
	return nil
}

// hand gives reads their gradients.
func (q *gradient) hand(reads []*readUse, grads map[ir.NodeID]*tensor.Array) {
	for _, u := range reads {
		if d := grads[u.node]; d != nil {
			q.fill(u, d)
		}
	}
}

// fill hands the gradient of a read to the uses of its pieces.
func (q *gradient) fill(u *readUse, d *tensor.Array) {
	v, data := q.g.Nodes[u.node].View, d.F32()
	if v.Scatter != nil {
		flat := make([]float32, len(v.Scatter))
		for i, k := range v.Scatter {
			flat[i] = data[k]
		}
		data = flat
	}
	for i, p := range v.Pieces {
		n := p.Sl.Len(q.g.Runs[p.Run].Model.Arch().Width(v.Pt, int(p.Pos)))
		if r := u.runs[i]; r != nil {
			r.uses[u.at[i]][u.use[i]].data = data[:n]
		}
		data = data[n:]
	}
}

func typeFloat(t tensor.Type) tensor.Type {
	t.DT = tensor.F32
	return t
}
