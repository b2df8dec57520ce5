package exec

import (
	"fmt"
	"slices"

	"interp/ir"
	"interp/nnrt"
	"interp/nnrt/arch"
	"interp/nnrt/tensor"
)

// collect takes what the wanted gradients need of a part's adjoints, while its rows are held.
func (p *part) collect() error {
	if p.err != nil {
		return nil
	}
	for _, id := range p.want {
		if n := &p.g.Nodes[id]; n.View != nil {
			p.pieces(id, n.View)
		} else if err := p.param(id, n); err != nil {
			return err
		}
	}
	return nil
}

// pieces takes the adjoints of a site's rows, piece by piece.
func (p *part) pieces(id ir.NodeID, v *ir.View) {
	if p.sums[id] == nil {
		p.sums[id] = make([][]float32, len(v.Pieces))
	}
	for i, x := range v.Pieces {
		if _, ok := slices.BinarySearch(p.ids, x.Run); !ok {
			continue
		}
		r := p.runs[x.Run]
		if int(x.Pos) >= r.n {
			continue
		}
		s := r.asked(v.Pt, x)
		d := r.adj[s]
		if flow, ok := r.flow[s]; ok && x.After > 0 {
			d = flow
		}
		if d != nil {
			p.sums[id][i] = make([]float32, x.Sl.Len(len(d)))
			x.Sl.Take(p.sums[id][i], d)
		}
	}
}

// param adds to the gradient of a parameter, for each point that uses it by itself: runs in the order of
// the script, positions ascending.
func (p *part) param(id ir.NodeID, n *ir.Node) error {
	rt, ok := n.Model.(Differentiable)
	if !ok {
		return fmt.Errorf("model %s has no gradients", n.Model.Name())
	}
	points, err := rt.ParamPoints(n.Param)
	if err != nil {
		return err
	}
	if p.sums[id] == nil {
		p.sums[id] = make([][]float32, len(points))
	}
	for i, pt := range points {
		for _, run := range p.ids {
			r := p.runs[run]
			if r.Model != n.Model {
				continue
			}
			b := p.paramRows(r, pt)
			if len(b.D) == 0 {
				continue
			}
			if p.sums[id][i] == nil {
				p.sums[id][i] = make([]float32, n.Type.Size())
			}
			if err := rt.BackParam(n.Param, pt, b, p.sums[id][i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// paramRows are the rows of a run at a point and their adjoints, positions ascending.
func (p *part) paramRows(r *gradRun, pt arch.Point) *nnrt.Back {
	b := &nnrt.Back{}
	b.In = make([][][]float32, len(r.a.Inputs(pt)))
	for pos := range int32(r.n) {
		d := r.adj[r.state(pt, pos, 0)]
		if d == nil {
			continue
		}
		b.D = append(b.D, d)
		b.Tok, b.Pos = append(b.Tok, r.token(pos)), append(b.Pos, pos)
		for i, in := range r.a.Inputs(pt) {
			b.In[i] = append(b.In[i], p.fwd.Row(r.finalKey(in, pos)))
		}
	}
	return b
}

// result is the gradient of one node: pieces put together, or the sums of a parameter's points added,
// points ascending.
func (q *gradient) result(id ir.NodeID) result {
	n := &q.g.Nodes[id]
	if err := q.refused[id]; err != nil {
		return result{err: err}
	}
	if q.err != nil {
		return result{err: q.err}
	}
	data := make([]float32, n.Type.Size())
	if n.View == nil {
		for _, sum := range q.sums[id] {
			for i, v := range sum {
				data[i] += v
			}
		}
		return result{value: tensor.FromType(n.Type, data)}
	}
	at := 0
	for i, x := range n.View.Pieces {
		width := x.Sl.Len(q.g.Runs[x.Run].Model.Arch().Width(n.View.Pt, int(x.Pos)))
		if sums := q.sums[id]; sums != nil && sums[i] != nil {
			for k, v := range sums[i] {
				if n.View.Scatter != nil {
					data[n.View.Scatter[at+k]] = v
				} else {
					data[at+k] = v
				}
			}
		}
		at += width
	}
	return result{value: tensor.FromType(n.Type, data)}
}
