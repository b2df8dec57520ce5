package tensor

import (
	"math"
	"slices"
)

// lineGrad fills g with the gradient of one reduced line x, of which the result is y.
type lineGrad func(x []float32, y, dy float64, g []float64)

// lineGrads has the gradients of the reductions that have one.
var lineGrads = [len(redRows)]lineGrad{
	Sum:  func(_ []float32, _, dy float64, g []float64) { fill(g, dy) },
	Mean: func(x []float32, _, dy float64, g []float64) { fill(g, dy/float64(len(x))) },
	Var: func(x []float32, _, dy float64, g []float64) {
		deviations(x, 2*dy/float64(len(x)-1), g)
	},
	Std: func(x []float32, y, dy float64, g []float64) {
		if y != 0 {
			deviations(x, dy/(y*float64(len(x)-1)), g)
		}
	},
	Sem: func(x []float32, y, dy float64, g []float64) {
		n := float64(len(x))
		if y != 0 {
			deviations(x, dy/(y*n*(n-1)), g)
		}
	},
	Norm: func(x []float32, y, dy float64, g []float64) {
		for i, v := range x {
			if y != 0 {
				g[i] = dy * float64(v) / y
			}
		}
	},
	Min:    ties,
	Max:    ties,
	Median: ofQuantile(0.5),
	Prod:   others,
}

// HasGrad says that ReduceGrad knows the operation.
func (op RedOp) HasGrad() bool { return lineGrads[op] != nil }

func fill(g []float64, v float64) {
	for i := range g {
		g[i] = v
	}
}

func deviations(x []float32, scale float64, g []float64) {
	m := mean(x)
	for i, v := range x {
		g[i] = scale * (float64(v) - m)
	}
}

// ties gives each of the numbers that are the extreme the same share.
func ties(x []float32, y, dy float64, g []float64) {
	n := 0
	for _, v := range x {
		n += int(bit(float64(v) == y))
	}
	for i, v := range x {
		if float64(v) == y {
			g[i] = dy / float64(n)
		}
	}
}

// ofQuantile gives to the two numbers that the quantile lies between, each by how near it is.
func ofQuantile(q float64) lineGrad {
	return func(x []float32, _, dy float64, g []float64) {
		if len(x) == 0 {
			return
		}
		order := make([]int64, len(x))
		places(x, order)
		at := q * float64(len(x)-1)
		i := int(at)
		g[order[i]] += dy * (float64(i+1) - at)
		if i+1 < len(x) {
			g[order[i+1]] += dy * (at - float64(i))
		}
	}
}

// others is the product of all numbers but one.
func others(x []float32, _, dy float64, g []float64) {
	p := dy
	for i, v := range x {
		g[i] = p
		p *= float64(v)
	}
	p = 1
	for i, v := range slices.Backward(x) {
		g[i] *= p
		p *= float64(v)
	}
}

// ReduceGrad is the gradient of Reduce; of equal extremes each gets the same share.
func ReduceGrad(op RedOp, a *Array, axes []Ax, out, dout *Array) (*Array, error) {
	f := lineGrads[op]
	if f == nil {
		return nil, noGrad(op.String())
	}
	r, err := planReduce(op, a.Type, axes)
	if err != nil {
		return nil, err
	}
	return r.grad(a, f, out, dout)
}

// QuantileGrad is the gradient of Quantile with respect to a.
func QuantileGrad(a *Array, q float64, axes []Ax, out, dout *Array) (*Array, error) {
	r, err := planQuantile(a.Type, q, axes)
	if err != nil {
		return nil, err
	}
	return r.grad(a, ofQuantile(q), out, dout)
}

func (r reduction) grad(a *Array, f lineGrad, out, dout *Array) (*Array, error) {
	rows := []*Array{a}
	outs, douts := []*Array{out}, []*Array{dout}
	over := a.rowAxes()
	if a.IsRagged() && !r.flat {
		at := dropped(over, r.axes)
		rows, outs, douts = a.split(over), out.split(at), dout.split(at)
	}
	if r.flat {
		return r.flatGrad(a, f, out, dout)
	}
	for i, row := range rows {
		rows[i] = unlines(row, r.axes, gradLines(lines(row, r.axes), outs[i], douts[i], f))
	}
	return join(a.Type.with(F32), rows, over), nil
}

// dropped is where axes stand when others are gone.
func dropped(axes, gone []int) []int {
	out := slices.Clone(axes)
	for i, k := range axes {
		for _, g := range gone {
			out[i] -= int(bit(g < k))
		}
	}
	return out
}

// gradLines has the gradient of each line [.. n].
func gradLines(l, out, dout *Array, f lineGrad) *Array {
	x, y, dy := l.F32(), out.F32(), dout.F32()
	n := l.Dims[l.Rank()-1]
	g := make([]float64, len(x))
	for i := range y {
		f(x[i*n:(i+1)*n], float64(y[i]), float64(dy[i]), g[i*n:(i+1)*n])
	}
	return gradOf(l.Type, g)
}

// unlines undoes lines.
func unlines(a *Array, axes []int, l *Array) *Array {
	var order, dims []int
	for k := range a.Dims {
		if !slices.Contains(axes, k) {
			order = append(order, k)
		}
	}
	order = append(order, axes...)
	for _, k := range order {
		dims = append(dims, a.Dims[k])
	}
	p := &Array{Type: NewType(F32, nil, dims), data: l.data}
	out := permuted(p, inverse(order))
	return &Array{Type: NewType(F32, a.Axes, a.Dims), data: out.data}
}

func inverse(order []int) []int {
	inv := make([]int, len(order))
	for i, k := range order {
		inv[k] = i
	}
	return inv
}

// flatGrad is the gradient where the rows of a ragged array were put one behind the other.
func (r reduction) flatGrad(a *Array, f lineGrad, out, dout *Array) (*Array, error) {
	rows := a.split(a.rowAxes())
	ls := make([]*Array, len(rows))
	total := 0
	for i, row := range rows {
		ls[i] = lines(row, r.axes)
		total += ls[i].Dims[ls[i].Rank()-1]
	}
	t := NewType(a.DT, append(slices.Clone(r.out.Axes), ""), append(slices.Clone(r.out.Dims), total))
	g := gradLines(concatLast(t, ls), out, dout, f)
	col := 0
	for i, row := range rows {
		n := ls[i].Dims[ls[i].Rank()-1]
		sels := wholeSels(g.Rank())
		sels[g.Rank()-1] = Sel{Pos: spanOf(col, n), By: -1}
		rows[i] = unlines(row, r.axes, Select(g, sels))
		col += n
	}
	return join(a.Type.with(F32), rows, a.rowAxes()), nil
}

// wholeSels takes everything.
func wholeSels(rank int) []Sel {
	sels := make([]Sel, rank)
	for k := range sels {
		sels[k] = Sel{All: true, By: -1}
	}
	return sels
}

func spanOf(lo, n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = lo + i
	}
	return out
}

// alongGrad fills g with the gradient of a line x, of which the result is y (one number where the
// axis went).
type alongGrad func(x, y, dy []float32, g []float64)

var alongGrads = [len(alongOps)]alongGrad{
	Softmax: func(_, y, dy []float32, g []float64) {
		s := 0.0
		for i, v := range y {
			s += float64(v) * float64(dy[i])
		}
		for i, v := range y {
			g[i] = float64(v) * (float64(dy[i]) - s)
		}
	},
	LogSoftmax: func(_, y, dy []float32, g []float64) {
		s := sum(dy)
		for i, v := range y {
			g[i] = float64(dy[i]) - float64(math.Exp(float64(v))*s)
		}
	},
	LogSumExp: func(x, y, dy []float32, g []float64) {
		for i, v := range x {
			g[i] = float64(dy[0]) * math.Exp(float64(v)-float64(y[0]))
		}
	},
	Sort: func(x, _, dy []float32, g []float64) {
		at := make([]int64, len(x))
		places(x, at)
		for i, j := range at {
			g[j] = float64(dy[i])
		}
	},
	CumSum: func(_, _, dy []float32, g []float64) {
		s := 0.0
		for i, v := range slices.Backward(dy) {
			s += float64(v)
			g[i] = s
		}
	},
}

// HasGrad says that AlongGrad knows the operation.
func (op AlongOp) HasGrad() bool { return alongGrads[op] != nil }

// AlongGrad is the gradient of Along.
func AlongGrad(op AlongOp, a *Array, axis []Ax, out, dout *Array) (*Array, error) {
	f := alongGrads[op]
	if f == nil {
		return nil, noGrad(op.String())
	}
	o, err := op.at(a.Type, axis)
	if err != nil {
		return nil, err
	}
	k := o.along[0]
	return o.grad([]*Array{a}, out, dout, 0, func(xs []*Array, out, dout *Array) (*Array, error) {
		n := 1
		if !alongOps[op].drop {
			n = xs[0].Dims[k]
		}
		return lineByLine(xs[0], k, n, out, dout, f), nil
	})
}

// lineByLine calls f for the lines of a dense array along axis k; those of the result have length n.
func lineByLine(a *Array, k, n int, out, dout *Array, f alongGrad) *Array {
	m, inner := a.Dims[k], prod(a.Dims[k+1:])
	x, y, dy := a.F32(), out.F32(), dout.F32()
	all := make([]float64, len(x))
	lx, ly, ld, lg := make([]float32, m), make([]float32, n), make([]float32, n), make([]float64, m)
	for o := range prod(a.Dims[:k]) {
		for i := range inner {
			for j := range m {
				lx[j] = x[(o*m+j)*inner+i]
				lg[j] = 0
			}
			for j := range n {
				ly[j], ld[j] = y[(o*n+j)*inner+i], dy[(o*n+j)*inner+i]
			}
			f(lx, ly, ld, lg)
			for j, v := range lg {
				all[(o*m+j)*inner+i] = v
			}
		}
	}
	return gradOf(a.Type, all)
}

// TopKGrad is the gradient of TopK's values.
func TopKGrad(a *Array, k int, axis []Ax, values, dvalues *Array) (*Array, error) {
	op, _, err := topk(a.Type, k, axis)
	if err != nil {
		return nil, err
	}
	ax := op.along[0]
	return op.grad([]*Array{a}, values, dvalues, 0, func(xs []*Array, out, dout *Array) (*Array, error) {
		return lineByLine(xs[0], ax, k, out, dout, func(x, _, dy []float32, g []float64) {
			at := make([]int64, len(dy))
			topPlaces(x, at)
			for i, j := range at {
				g[j] = float64(dy[i])
			}
		}), nil
	})
}
