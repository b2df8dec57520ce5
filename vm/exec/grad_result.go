package exec

import (
	"fmt"

	"interp/ir"
	"interp/nnrt"
	"interp/nnrt/arch"
	"interp/nnrt/tensor"
)

// result is the gradient of one node, from the adjoints.
func (q *gradient) result(id ir.NodeID) (ir.Value, error) {
	n := &q.g.Nodes[id]
	if n.View == nil {
		return q.param(n)
	}
	var data []float32
	for _, p := range n.View.Pieces {
		a := q.g.Runs[p.Run].Model.Arch()
		width := a.Width(n.View.Pt, int(p.Pos))
		x := make([]float32, p.Sl.Len(width))
		if r := q.runs[p.Run]; r != nil && int(p.Pos) < r.n {
			if d := r.adj[r.final(n.View.Pt, p.Pos)]; d != nil {
				p.Sl.Take(x, d)
			}
		}
		data = append(data, x...)
	}
	if n.View.Scatter != nil {
		wide := make([]float32, n.Type.Size())
		for i, k := range n.View.Scatter {
			wide[k] = data[i]
		}
		data = wide
	}
	if len(data) != n.Type.Size() {
		return nil, fmt.Errorf("a gradient of %d numbers does not fill shape %s", len(data), n.Type.Shape())
	}
	return tensor.FromType(n.Type, data), nil
}

// param sums the gradient of a parameter: points ascending, runs in the order of the script, positions
// ascending.
func (q *gradient) param(n *ir.Node) (ir.Value, error) {
	acc := make([]float32, n.Type.Size())
	rt, ok := n.Model.(Differentiable)
	if !ok {
		return nil, fmt.Errorf("model %s has no gradients", n.Model.Name())
	}
	points, err := rt.ParamPoints(n.Param)
	if err != nil {
		return nil, err
	}
	for _, p := range points {
		for _, id := range q.ids {
			r := q.runs[id]
			if r.Model != n.Model {
				continue
			}
			if err := q.paramRows(r, n.Param, p, acc); err != nil {
				return nil, err
			}
		}
	}
	return tensor.FromType(n.Type, acc), nil
}

func (q *gradient) paramRows(r *gradRun, name string, p arch.Point, acc []float32) error {
	b := &nnrt.Back{}
	b.In = make([][][]float32, len(r.a.Inputs(p)))
	for pos := range int32(r.n) {
		d := r.adj[r.state(p, pos, 0)]
		if d == nil {
			continue
		}
		b.D = append(b.D, d)
		b.Tok, b.Pos = append(b.Tok, r.token(pos)), append(b.Pos, pos)
		for i, in := range r.a.Inputs(p) {
			b.In[i] = append(b.In[i], q.fwd.Row(r.finalKey(in, pos)))
		}
	}
	return r.rt.BackParam(name, p, b, acc)
}
