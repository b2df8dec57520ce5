package exec

import (
	"fmt"

	"interp/ir"
	"interp/nnrt/tensor"
)

// through differentiates a value by the reads under it, given its own gradient: nodes descending,
// arguments of a node in order.
func (q *gradient) through(root ir.NodeID, seed *tensor.Array) (map[ir.NodeID]*tensor.Array, error) {
	adj := map[ir.NodeID]*tensor.Array{root: seed}
	for _, id := range q.under(root) {
		d, n := adj[id], &q.g.Nodes[id]
		if d == nil || n.Kind == ir.NRead {
			continue
		}
		if err := q.opGrad(n, id, d, adj); err != nil {
			return nil, err
		}
		delete(adj, id)
	}
	return adj, nil
}

// opGrad adds an op's gradient to those of its arguments.
func (q *gradient) opGrad(n *ir.Node, id ir.NodeID, d *tensor.Array, adj map[ir.NodeID]*tensor.Array) error {
	out, call, err := q.called(n, id)
	if err != nil || out == nil {
		return err
	}
	for arg, v := range n.Call.Args {
		switch x := v.(type) {
		case *ir.Lazy:
			if !q.wantsGrad(x) {
				continue
			}
			if call.Row.Grad == nil {
				return noGrad(call.Row)
			}
			g, err := call.Row.Grad(call, arg, out, d)
			if err != nil {
				return err
			}
			if err := addGrad(adj, x.Node, g, call); err != nil {
				return err
			}
		case *ir.List:
			for item, e := range x.Items {
				if err := q.itemGrad(call, arg, item, e, out, d, adj); err != nil {
					return err
				}
			}
		default:
			if q.any(v) {
				return noGrad(call.Row)
			}
		}
	}
	return nil
}

func (q *gradient) itemGrad(call *ir.Call, arg, item int, v ir.Value, out, d *tensor.Array, adj map[ir.NodeID]*tensor.Array) error {
	x, ok := v.(*ir.Lazy)
	if !ok {
		if q.any(v) {
			return noGrad(call.Row)
		}
		return nil
	}
	if !q.wantsGrad(x) {
		return nil
	}
	if call.Row.GradItem == nil {
		return noGrad(call.Row)
	}
	g, err := call.Row.GradItem(call, arg, item, out, d)
	if err != nil {
		return err
	}
	return addGrad(adj, x.Node, g, call)
}

// called is a call with its values, and its result; no result if it is no numbers that could have a
// gradient.
func (q *gradient) called(n *ir.Node, id ir.NodeID) (*tensor.Array, *ir.Call, error) {
	v, err := q.fwd.Value(id)
	if err != nil {
		return nil, nil, err
	}
	out, ok := v.(*tensor.Array)
	if _, number := v.(float64); number {
		return nil, nil, noGrad(n.Call.Row)
	}
	if !ok || out.DT != tensor.F32 {
		return nil, nil, nil
	}
	f := filler{}
	for _, a := range n.Args {
		x, err := q.fwd.Value(a)
		if err != nil {
			return nil, nil, err
		}
		f.vals = append(f.vals, x)
	}
	call := *n.Call
	call.Args = f.each(n.Call.Args)
	return out, &call, nil
}

// wantsGrad says that an argument is numbers that follow from what is asked for.
func (q *gradient) wantsGrad(x *ir.Lazy) bool {
	return x.Node != ir.NoNode && q.follows(x.Node) && (x.Kind != ir.KArray || x.Type.DT == tensor.F32)
}

// follows says that a read under a value is of a row whose gradient is needed.
func (q *gradient) follows(id ir.NodeID) bool {
	if f, ok := q.needed[id]; ok {
		return f
	}
	f := false
	if q.depends(id) {
		for _, a := range q.g.Nodes[id].Args {
			f = q.follows(a) || f
		}
	}
	q.needed[id] = f
	return f
}

// markReads notes the reads of rows whose gradient is needed.
func (q *gradient) markReads() error {
	q.needed = map[ir.NodeID]bool{}
	note := func(reads []*readUse) {
		for _, u := range reads {
			for i, r := range u.runs {
				if r != nil && r.need[u.at[i]] {
					q.needed[u.node] = true
				}
			}
		}
	}
	note(q.reads)
	for _, r := range q.runs {
		for _, w := range r.written {
			note(w.reads)
		}
	}
	return nil
}

// any says that a lazy value is somewhere in v.
func (q *gradient) any(v ir.Value) bool {
	switch x := v.(type) {
	case *ir.Lazy:
		return q.wantsGrad(x)
	case *ir.List:
		for _, e := range x.Items {
			if q.any(e) {
				return true
			}
		}
	case *ir.Record:
		for _, e := range x.Vals {
			if q.any(e) {
				return true
			}
		}
	}
	return false
}

// NoGrad is the error of a row that has no gradient; nil: it has one.
func NoGrad(row *ir.OpRow) error {
	if row.Grad != nil || row.GradItem != nil {
		return nil
	}
	return noGrad(row)
}

func noGrad(row *ir.OpRow) error {
	why := row.NoGrad
	if why == "" {
		why = "it is not differentiable"
	}
	return &ir.Error{Code: "E0309", Msg: fmt.Sprintf("grad: there is no gradient through %s: %s", row.Name, why), Hint: "detach(x) takes x for a constant"}
}

// addGrad adds a contribution to a node's gradient. A nil one stands for zero.
func addGrad(adj map[ir.NodeID]*tensor.Array, id ir.NodeID, g *tensor.Array, c *ir.Call) error {
	old := adj[id]
	if g == nil {
		return nil
	}
	if old == nil {
		adj[id] = g
		return nil
	}
	a, b := old.F32(), g.F32()
	if len(a) != len(b) {
		return fmt.Errorf("grad: %s gives a gradient of shape %s, want %s", c.Row.Name, g.Shape(), old.Shape())
	}
	sum := make([]float32, len(a))
	for i := range sum {
		sum[i] = a[i] + b[i]
	}
	adj[id] = tensor.FromType(old.Type, sum)
	return nil
}
