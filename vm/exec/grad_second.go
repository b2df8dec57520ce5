package exec

import (
	"interp/ir"
)

// ErrSecond is the error of a second derivative.
var ErrSecond = &ir.Error{Code: "E0309", Msg: "grad: the metric depends on another gradient", Hint: "detach(grad(...)) takes it for a constant"}

// second refuses what is asked for where another gradient, that the metric is made from, follows from it:
// that is a second derivative. Any other gradient is a constant to this one, as in a loop of gradient
// ascent that sets each run by the gradients of the runs before.
func (q *gradient) second() error {
	seen, done := map[ir.NodeID]bool{}, map[ir.NodeID]bool{}
	todo := q.grads(seen, nil)
	for len(todo) > 0 {
		metric := q.g.Nodes[todo[len(todo)-1]].Args[0]
		todo = todo[:len(todo)-1]
		if done[metric] {
			continue
		}
		done[metric] = true
		inner, err := q.refuse(metric)
		if err != nil {
			return err
		}
		if inner != nil {
			todo = inner.grads(seen, todo)
		}
	}
	return nil
}

// refuse refuses what the metric of another gradient follows from, and gives its gradient without any
// numbers; nil: it is of earlier invokes than all that is asked for.
func (q *gradient) refuse(metric ir.NodeID) (*gradient, error) {
	var inner *gradient
	last := q.lastInvoke(metric)
	for _, id := range q.want {
		n := &q.g.Nodes[id]
		if last < q.firstInvoke(n) {
			continue
		}
		if inner == nil {
			inner = newGradient(q.g, q.fwd, metric, q.trace)
			if err := inner.find(); err != nil {
				return nil, err
			}
		}
		if err := inner.wanted(n, func(r *gradRun, s int32) {
			if r.live[s] {
				q.refused[id] = ErrSecond
			}
		}); err != nil {
			return nil, err
		}
	}
	return inner, nil
}

// grads appends the gradients that the metric is made from, by itself or by the sets of its runs.
func (q *gradient) grads(seen map[ir.NodeID]bool, out []ir.NodeID) []ir.NodeID {
	q.operations(seen, func(id ir.NodeID, n *ir.Node) {
		if n.Kind == ir.NGrad {
			out = append(out, id)
		}
	})
	return out
}

// operations calls f with the nodes that are not seen yet of those that the metric is made from, other
// than through detach: its own and those of the values set in its runs.
func (q *gradient) operations(seen map[ir.NodeID]bool, f func(id ir.NodeID, n *ir.Node)) {
	roots := []ir.NodeID{q.metric}
	for _, id := range q.ids {
		r := q.runs[id]
		for _, k := range r.of {
			if r.live[r.state(k.Pt, k.Pos, k.N)] {
				roots = append(roots, r.nth(k).Val)
			}
		}
	}
	q.g.Walk(roots, func(id ir.NodeID, n *ir.Node) []ir.NodeID {
		if seen[id] {
			return nil
		}
		seen[id] = true
		f(id, n)
		if n.Kind != ir.NOp || n.Call.Row.Name == "detach" {
			return nil
		}
		return n.Args
	})
}

// Weighted is what a call was resolved to where it computes with weights, outside of the rows of a run.
type Weighted interface {
	// Refuse is an error where the call computes with a parameter.
	Refuse(m ir.Model, param string) error
}

// outside refuses parameters that the metric is also made from outside of runs.
func (q *gradient) outside() error {
	var params []ir.NodeID
	for _, id := range q.want {
		if q.g.Nodes[id].View == nil {
			params = append(params, id)
		}
	}
	if len(params) == 0 {
		return nil
	}
	q.operations(map[ir.NodeID]bool{}, func(_ ir.NodeID, n *ir.Node) {
		if n.Kind != ir.NOp || n.Call.Row.Name == "detach" {
			return
		}
		w, ok := n.Call.Attrs.(Weighted)
		for _, id := range params {
			if p := &q.g.Nodes[id]; ok {
				if err := w.Refuse(p.Model, p.Param); err != nil {
					q.refused[id] = err
				}
			}
		}
	})
	return nil
}

// firstInvoke is the first whose runs are asked for; of a parameter's gradient any may be.
func (q *gradient) firstInvoke(n *ir.Node) int32 {
	if n.View == nil || len(n.View.Pieces) == 0 {
		return -1
	}
	return q.g.Runs[n.View.Pieces[0].Run].Invoke
}

// lastInvoke is the last that a value can follow from: sets rest on their own invoke and those before.
func (q *gradient) lastInvoke(root ir.NodeID) int32 {
	last := int32(-1)
	q.g.Walk([]ir.NodeID{root}, func(_ ir.NodeID, n *ir.Node) []ir.NodeID {
		if n.View != nil {
			for _, p := range n.View.Pieces {
				last = max(last, q.g.Runs[p.Run].Invoke)
			}
		}
		return n.Args
	})
	return last
}
