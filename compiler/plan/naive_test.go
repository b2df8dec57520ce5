package plan

import (
	"errors"

	"interp/ir"
	"interp/nnrt/arch"
	"interp/nnrt/tensor"
)

// naive is the reference: every run by itself, every row computed, nothing shared between runs. It is
// written from the definition of the language and knows nothing of columns.
type naive struct {
	g    *ir.Graph
	memo map[naiveKey][]float32
	busy map[naiveKey]bool
	err  error
}

type naiveKey struct {
	r   ir.RunID
	p   arch.Point
	pos int32
	n   int // sets of (p, pos) already applied, in script order
}

var errCycle = errors.New("cycle")

func newNaive(g *ir.Graph) *naive {
	return &naive{g: g, memo: map[naiveKey][]float32{}, busy: map[naiveKey]bool{}}
}

// numbers of a node's value.
func (n *naive) numbers(id ir.NodeID) []float32 {
	if n.err != nil {
		return nil
	}
	x := &n.g.Nodes[id]
	switch x.Kind {
	case ir.NConst:
		y, _ := Numbers(x.Const)
		return y
	case ir.NRead:
		var flat []float32
		for _, pc := range x.View.Pieces {
			flat = append(flat, n.piece(x.View.Pt, pc)...)
		}
		if n.err != nil {
			return nil
		}
		return scattered(flat, x.View.Scatter, x.View.Fill, x.Type.Size())
	}
	var args [][]float32
	for _, a := range x.Args {
		args = append(args, n.numbers(a))
	}
	if n.err != nil {
		return nil
	}
	return applyOp(x.Call.Row.Name, args)
}

func scattered(flat []float32, at []int32, fill float32, size int) []float32 {
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

func (n *naive) count(r ir.RunID, p arch.Point, pos, after int32) (k int) {
	for i, s := range n.g.Runs[r].Sets {
		if s.Pos == pos && s.Pt == p && int32(i) < after {
			k++
		}
	}
	return k
}

func (n *naive) piece(p arch.Point, x ir.Piece) []float32 {
	row := n.row(x.Run, p, x.Pos, n.count(x.Run, p, x.Pos, x.After))
	if n.err != nil {
		return nil
	}
	y := make([]float32, x.Sl.Len(len(row)))
	x.Sl.Take(y, row)
	return y
}

func (n *naive) done(r ir.RunID, p arch.Point, pos int32) []float32 {
	return n.row(r, p, pos, n.count(r, p, pos, 1<<30))
}

// row at (p, pos) with the first k sets there applied.
func (n *naive) row(r ir.RunID, p arch.Point, pos int32, k int) []float32 {
	key := naiveKey{r, p, pos, k}
	if y, ok := n.memo[key]; ok || n.err != nil {
		return y
	}
	if n.busy[key] {
		n.err = errCycle
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
					if v := n.numbers(s.Val); n.err == nil {
						s.Sl.Put(y, v)
					}
				}
			}
		}
	}
	if n.err != nil {
		return nil
	}
	n.memo[key] = y
	return y
}

func (n *naive) dense(r ir.RunID, p arch.Point, pos int32) []float32 {
	run := n.g.Runs[r]
	m := run.Model.(*toy)
	if p > 0 { // one forward pass in order: everything below stands first
		n.done(r, p-1, pos)
	}
	if m.a.Row(p).Arrive {
		return nil
	}
	safe := func(y []float32) []float32 {
		if n.err != nil {
			return make([]float32, 256)
		}
		return y
	}
	return m.row(p, run.Tokens[pos], int(pos),
		func(q arch.Point) []float32 { return safe(n.done(r, q, pos)) },
		func(q int) []float32 { return safe(n.done(r, m.a.KV(m.a.Layer(p)), int32(q))) })
}

var opRows = map[string]*ir.OpRow{"+": {Name: "+", Hidden: true}, "*": {Name: "*", Hidden: true}, "-": {Name: "-", Hidden: true}, "mid": {Name: "mid", Hidden: true}}

// applyOp is an op of any number of operands, element by element.
func applyOp(name string, args [][]float32) []float32 {
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

func array(x []float32) *tensor.Array { return tensor.FromF32(nil, []int{len(x)}, x) }
