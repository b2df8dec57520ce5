package toy

import (
	"errors"

	"interp/ir"
	"interp/nnrt/arch"
	"interp/nnrt/tensor"
)

// Naive is the reference: every run by itself, every row computed, nothing shared between runs. It is
// written from the definition of the language and knows nothing of columns.
type Naive struct {
	g    *ir.Graph
	Memo map[naiveKey][]float32
	busy map[naiveKey]bool
	Err  error // a cycle
}

// token of a run at a position; one that is generated is the highest logit of the position before.
func (n *Naive) token(r *ir.Run, pos int32) int32 {
	if int(pos) < len(r.Tokens) {
		return r.Tokens[pos]
	}
	row := n.done(r.ID, r.Model.Arch().Logits(), pos-1)
	best := 0
	for i, v := range row {
		if v > row[best] || row[best] != row[best] && v == v {
			best = i
		}
	}
	return int32(best)
}

type naiveKey struct {
	r   ir.RunID
	p   arch.Point
	pos int32
	n   int // sets of (p, pos) already applied, in script order
}

var errCycle = errors.New("cycle")

// NewNaive makes a reference for a graph.
func NewNaive(g *ir.Graph) *Naive {
	return &Naive{g: g, Memo: map[naiveKey][]float32{}, busy: map[naiveKey]bool{}}
}

// Numbers of a node's value.
func (n *Naive) Numbers(id ir.NodeID) []float32 {
	if n.Err != nil {
		return nil
	}
	x := &n.g.Nodes[id]
	switch x.Kind {
	case ir.NConst:
		return x.Const.(*tensor.Array).F32()
	case ir.NRead:
		var flat []float32
		for _, pc := range x.View.Pieces {
			flat = append(flat, n.piece(x.View.Pt, pc)...)
		}
		if n.Err != nil {
			return nil
		}
		return Scattered(flat, x.View.Scatter, x.View.Fill, x.Type.Size())
	}
	var args [][]float32
	for _, a := range x.Args {
		args = append(args, n.Numbers(a))
	}
	if n.Err != nil {
		return nil
	}
	return Apply(x.Call.Row.Name, args)
}

// Scattered lays numbers out as a view does.
func Scattered(flat []float32, at []int32, fill float32, size int) []float32 {
	if at == nil {
		return flat
	}
	y := make([]float32, size)
	for i := range y {
		y[i] = fill
	}
	for i, k := range at {
		y[k] = flat[i]
	}
	return y
}

func (n *Naive) count(r ir.RunID, p arch.Point, pos, after int32) (k int) {
	for i, s := range n.g.Runs[r].Sets {
		if s.Pos == pos && s.Pt == p && int32(i) < after {
			k++
		}
	}
	return k
}

func (n *Naive) piece(p arch.Point, x ir.Piece) []float32 {
	row := n.row(x.Run, p, x.Pos, n.count(x.Run, p, x.Pos, x.After))
	if n.Err != nil {
		return nil
	}
	y := make([]float32, x.Sl.Len(len(row)))
	x.Sl.Take(y, row)
	return y
}

func (n *Naive) done(r ir.RunID, p arch.Point, pos int32) []float32 {
	return n.row(r, p, pos, n.count(r, p, pos, 1<<30))
}

// row at (p, pos) with the first k sets there applied.
func (n *Naive) row(r ir.RunID, p arch.Point, pos int32, k int) []float32 {
	key := naiveKey{r, p, pos, k}
	if y, ok := n.Memo[key]; ok || n.Err != nil {
		return y
	}
	if n.busy[key] {
		n.Err = errCycle
		return nil
	}
	n.busy[key] = true
	defer delete(n.busy, key)
	var y []float32
	if k == 0 {
		y = n.dense(r, p, pos)
	} else {
		y = append([]float32(nil), n.row(r, p, pos, k-1)...)
		c := 0
		for i := range n.g.Runs[r].Sets {
			if s := &n.g.Runs[r].Sets[i]; s.Pos == pos && s.Pt == p {
				if c++; c == k {
					if v := n.Numbers(s.Val); n.Err == nil {
						s.Sl.Put(y, v)
					}
				}
			}
		}
	}
	if n.Err != nil {
		return nil
	}
	n.Memo[key] = y
	return y
}

func (n *Naive) dense(r ir.RunID, p arch.Point, pos int32) []float32 {
	run := n.g.Runs[r]
	m := run.Model.(*Model)
	if m.A.Row(p).Arrive {
		return nil
	}
	safe := func(y []float32) []float32 {
		if n.Err != nil {
			return make([]float32, 256)
		}
		return y
	}
	tok := n.token(run, pos)
	if n.Err != nil {
		return nil
	}
	return m.Row(p, tok, int(pos),
		func(q arch.Point) []float32 { return safe(n.done(r, q, pos)) },
		func(q int) []float32 { return safe(n.done(r, m.A.KV(m.A.Layer(p)), int32(q))) })
}

// Ops are rows of the library for these scripts.
var Ops = map[string]*ir.OpRow{"+": opRow("+"), "*": opRow("*"), "-": opRow("-"), "mid": opRow("mid")}

func opRow(name string) *ir.OpRow {
	return &ir.OpRow{Name: name, Hidden: true, Eval: func(c *ir.Call) (ir.Value, error) {
		var args [][]float32
		for _, a := range c.Args {
			args = append(args, a.(*tensor.Array).F32())
		}
		return Array(Apply(name, args)), nil
	}}
}

// Apply is an op of any number of operands, element by element.
func Apply(name string, args [][]float32) []float32 {
	y := append([]float32(nil), args[0]...)
	for _, b := range args[1:] {
		for i := range y {
			switch name {
			case "+":
				y[i] += b[i]
			case "*":
				y[i] *= b[i]
			case "-":
				y[i] -= b[i]
			default:
				y[i] = (y[i] + b[i]) / 2
			}
		}
	}
	return y
}

// Array is a plain array.
func Array(x []float32) *tensor.Array { return tensor.FromF32(nil, []int{len(x)}, x) }
