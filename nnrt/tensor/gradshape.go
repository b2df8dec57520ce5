package tensor

import (
	"math"
	"slices"
)

// TransposeGrad is the gradient of Transpose with respect to an array of type t.
func TransposeGrad(t Type, order []int, dout *Array) (*Array, error) {
	g, err := Transpose(dout, inverse(order))
	if err != nil {
		return nil, err
	}
	return ViewGrad(t, g), nil
}

// FlipGrad is the gradient of Flip.
func FlipGrad(axes []Ax, dout *Array) (*Array, error) { return Flip(dout, axes) }

// TileGrad is the gradient of Tile.
func TileGrad(a *Array, n int, axis Ax, out, dout *Array) (*Array, error) {
	op, err := tileOp(a.Type, n, axis)
	if err != nil {
		return nil, err
	}
	k := op.along[0]
	return op.grad([]*Array{a}, out, dout, 0, func(xs []*Array, _, dout *Array) (*Array, error) {
		sums, g := make([]float64, xs[0].Size()), dout.F32()
		size := prod(xs[0].Dims[k:])
		for i := range g {
			sums[i/(size*n)*size+i%size] += float64(g[i])
		}
		return gradOf(xs[0].Type, sums), nil
	})
}

// PadGrad is the gradient of Pad with respect to an array of type t.
func PadGrad(t Type, dout *Array) *Array {
	if !t.IsRagged() {
		return ViewGrad(t, dout)
	}
	sels := wholeSels(dout.Rank())
	outer := len(t.Outer())
	data := make([]float32, 0, t.Size())
	rows := NewType(F32, nil, append([]int{t.Rows()}, dout.Dims[outer:]...))
	flat := view(rows, dout)
	sels = sels[:rows.Rank()]
	for r := range t.Rows() {
		sels[0] = Sel{Pos: []int{r}, By: -1}
		for k, n := range t.RowDims(r) {
			sels[k+1] = Sel{Pos: spanOf(0, n), By: -1}
		}
		data = append(data, Select(flat, sels).F32()...)
	}
	return wrap(t.with(F32), data)
}

// DiagGrad is the gradient of Diag.
func DiagGrad(a *Array, offset int, axes []Ax, out, dout *Array) (*Array, error) {
	if a.Rank() == 1 {
		g, err := Diag(dout, offset, nil)
		if err != nil {
			return nil, err
		}
		return ViewGrad(a.Type, g), nil
	}
	op, err := diagOp(a.Type, offset, axes)
	if err != nil {
		return nil, err
	}
	order, err := diagAxes(a.Type, axes)
	if err != nil {
		return nil, err
	}
	return op.grad([]*Array{a}, out, dout, 0, func(xs []*Array, _, dout *Array) (*Array, error) {
		x := permuted(xs[0], order)
		rows, cols := x.Dims[len(order)-2], x.Dims[len(order)-1]
		data := make([]float32, x.Size())
		n := dout.Dims[dout.Rank()-1]
		for i, v := range dout.F32() {
			r, c := i%n+max(0, -offset), i%n+max(0, offset)
			data[(i/n*rows+r)*cols+c] = v
		}
		g := permuted(wrap(x.Type.with(F32), data), inverse(order))
		return ViewGrad(xs[0].Type, g), nil
	})
}

// StackGrad is the gradient of Stack with respect to one of its arrays, of type t.
func StackGrad(t Type, at, item int, dout *Array) (*Array, error) {
	n := dout.Rank()
	sels := wholeSels(n)
	at = (at + n) % n
	sels[at] = Sel{Drop: true, Pos: []int{item}, By: -1}
	return ViewGrad(t, Select(dout, sels)), nil
}

// ConcatGrad is the gradient of Concat with respect to one of its arrays.
func ConcatGrad(ts []Type, axis Ax, item int, dout *Array) (*Array, error) {
	k, _, err := concatAxis(ts, axis)
	if err != nil {
		return nil, err
	}
	sels := wholeSels(dout.Rank())
	lens := make([][]int, len(ts))
	rows := len(dout.lens(k))
	for i, t := range ts {
		lens[i] = t.lensOver(k, max(rows, 1))
	}
	s := Sel{By: -1}
	for r := range max(rows, 1) {
		lo := 0
		for _, l := range lens[:item] {
			lo += l[r]
		}
		s.Rows = append(s.Rows, spanOf(lo, lens[item][r]))
	}
	if rows == 0 {
		s = Sel{By: -1, Pos: s.Rows[0]}
	}
	sels[k] = s
	return ViewGrad(ts[item], Select(dout, sels)), nil
}

// TakeGrad is the gradient of Take with respect to x.
func TakeGrad(x, ids *Array, axis []Ax, out, dout *Array) (*Array, error) {
	op, err := takeOp(x.Type, ids, axis)
	if err != nil {
		return nil, err
	}
	k := op.along[0]
	return op.grad([]*Array{x}, out, dout, 0, func(xs []*Array, _, dout *Array) (*Array, error) {
		t := xs[0].Type
		sels := wholeSels(t.Rank())
		pos := make([]int, ids.Size())
		for i, id := range ids.I64() {
			if pos[i], err = idIn(t, k, id); err != nil {
				return nil, err
			}
		}
		sels[k] = Sel{Pos: pos, By: -1}
		return SelectGrad(t, sels, dout)
	})
}

// PickGrad is the gradient of Pick with respect to x.
func PickGrad(x, ids, out, dout *Array) (*Array, error) {
	t, err := perRow("pick", x.Type, ids.Type)
	if err != nil {
		return nil, err
	}
	return pickOp.grad([]*Array{x, view(t, ids)}, out, dout, 0, func(xs []*Array, out, dout *Array) (*Array, error) {
		t, v := xs[0].Type, xs[1].I64()
		n := t.Dims[t.Rank()-1]
		data := make([]float32, t.Size())
		for line, g := range dout.F32() {
			id := v[0]
			if len(v) > 1 {
				b := rowAxisOf(t)
				id = v[line/prod(out.Dims[b+1:])%out.Dims[b]]
			}
			j, err := idIn(t, t.Rank()-1, id)
			if err != nil {
				return nil, err
			}
			data[line*n+j] = g
		}
		return wrap(t.with(F32), data), nil
	})
}

// GatherGrad is the gradient of Gather with respect to x.
func GatherGrad(x, ids *Array, axis Ax, out, dout *Array) (*Array, error) {
	op, err := gatherOp(x.Type, axis)
	if err != nil {
		return nil, err
	}
	k := op.along[0]
	return op.grad([]*Array{x, ids}, out, dout, 0, func(xs []*Array, _, dout *Array) (*Array, error) {
		at, err := gatherPlaces(xs[0].Type, xs[1], k)
		if err != nil {
			return nil, err
		}
		sums := make([]float64, xs[0].Size())
		for i, g := range dout.F32() {
			sums[at[i]] += float64(g)
		}
		return gradOf(xs[0].Type, sums), nil
	})
}

// CrossEntropyGrad is the gradient of CrossEntropy with respect to logits.
func CrossEntropyGrad(logits, ids, out, dout *Array) (*Array, error) {
	c, err := planCross(logits.Type, ids.Type)
	if err != nil {
		return nil, err
	}
	f := func(xs []*Array, out, dout *Array) (*Array, error) { return c.grad(xs, out, dout) }
	xs := []*Array{logits, ids}
	if !anyRagged(types(xs)) {
		return f(xs, out, dout)
	}
	l, err := c.meet.lifting([]Type{withoutLast(logits.Type), ids.Type})
	if err != nil {
		return nil, err
	}
	return l.grad(xs, out, dout, 0, nil, f)
}

// grad is softmax less one at the id.
func (c cross) grad(xs []*Array, out, dout *Array) (*Array, error) {
	x, g := xs[0].F32(), dout.F32()
	n := xs[0].Dims[xs[0].Rank()-1]
	ids := broadcast(xs[1].As(I64), c.meet.Maps[1], out.Type).ints()
	data := make([]float32, len(x))
	for i, id := range ids {
		j, err := idIn(xs[0].Type, xs[0].Rank()-1, id)
		if err != nil {
			return nil, err
		}
		if g[i] == 0 {
			continue
		}
		row := data[i*n : (i+1)*n]
		softmax(x[i*n:(i+1)*n], row)
		row[j]--
		for k := range row {
			row[k] *= g[i]
		}
	}
	return wrap(xs[0].Type.with(F32), data), nil
}

// LossGrad is the gradient of Loss with respect to logits.
func LossGrad(logits, ids, dout *Array) (*Array, error) {
	x, y, err := lossIndex(logits.Type, ids.Type)
	if err != nil {
		return nil, err
	}
	at, err := Index(logits, x)
	if err != nil {
		return nil, err
	}
	next, err := Index(ids, y)
	if err != nil {
		return nil, err
	}
	each, err := CrossEntropy(at, next)
	if err != nil {
		return nil, err
	}
	mean := []Ax{{I: -1}}
	g, err := ReduceGrad(Mean, each, mean, dout, dout)
	if err != nil {
		return nil, err
	}
	if g, err = CrossEntropyGrad(at, next, each, g); err != nil {
		return nil, err
	}
	return IndexGrad(logits.Type, x, g)
}

// CorrGrad is the gradient of Corr with respect to a (arg 0) or b (arg 1).
func CorrGrad(a, b, dout *Array, arg int) (*Array, error) {
	xs := []*Array{a.As(F32), b.As(F32)}
	full := make([]*Array, 2)
	m, err := Meet(a.Type, b.Type)
	if err != nil {
		return nil, err
	}
	for i := range full {
		if full[i], err = m.run(xs, F32, func(out Type, xs []*Array) (*Array, error) {
			return broadcast(xs[i], m.Maps[i], out), nil
		}); err != nil {
			return nil, err
		}
	}
	g := pearsonGrad(full[arg].F32(), full[1-arg].F32(), float64(dout.F32()[0]))
	all := wrap(full[arg].Type, g)
	return m.grad(xs, all, all, arg, func(xs []*Array, out, dout *Array) (*Array, error) {
		steps := [][]int{m.Maps[0].steps(xs[0].Type), m.Maps[1].steps(xs[1].Type)}
		return slopeSums(out.Dims, steps, xs, out, dout, arg, one), nil
	})
}

// pearsonGrad is with respect to x.
func pearsonGrad(x, y []float32, dout float64) []float32 {
	xx, yy := variance(x)*float64(len(x)-1), variance(y)*float64(len(y)-1)
	r, mx, my := pearson(x, y), mean(x), mean(y)
	out := slices.Clone(x)
	den := math.Sqrt(xx * yy)
	for i := range out {
		dx, dy := float64(x[i])-mx, float64(y[i])-my
		out[i] = float32(dout * (dy/den - float64(r*dx/xx)))
	}
	return out
}
