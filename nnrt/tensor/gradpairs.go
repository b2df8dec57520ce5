package tensor

import (
	"math"
	"slices"
)

// pairGrad adds to g, with its own step, the gradient with respect to side arg of a pair of lines
// whose result is y.
type pairGrad func(a, b line, y, dy float64, arg int, g []float64, step int)

var pairGrads = [len(pairRows)]pairGrad{
	Dot: func(a, b line, _, dy float64, arg int, g []float64, step int) {
		other := [2]line{b, a}[arg]
		for i := range other.n {
			g[i*step] += float64(dy * other.at(i))
		}
	},
	Cosine: func(a, b line, _, dy float64, arg int, g []float64, step int) {
		mine, other := a, b
		if arg == 1 {
			mine, other = b, a
		}
		mm, oo := dotLines(mine, mine), dotLines(other, other)
		if mm == 0 || oo == 0 {
			return
		}
		y := dotLines(a, b) / math.Sqrt(mm*oo)
		for i := range mine.n {
			g[i*step] += dy * (other.at(i)/math.Sqrt(mm*oo) - float64(y*mine.at(i)/mm))
		}
	},
	KLDiv: func(a, b line, _, dy float64, arg int, g []float64, step int) {
		la, lb, y := a.logSum(), b.logSum(), klLines(a, b)
		for i := range a.n {
			lp, lq := a.at(i)-la, b.at(i)-lb
			p, q := math.Exp(lp), math.Exp(lq)
			switch {
			case arg == 1:
				g[i*step] += dy * (q - p)
			case p != 0:
				g[i*step] += dy * p * (lp - lq - y)
			}
		}
	},
}

// PairGrad is the gradient of Pair with respect to a (arg 0) or b (arg 1).
func PairGrad(op PairOp, a, b *Array, axis []Ax, out, dout *Array, arg int) (*Array, error) {
	p, err := planPair(a.Type, b.Type, axis)
	if err != nil {
		return nil, err
	}
	f := func(xs []*Array, out, dout *Array) (*Array, error) { return p.grad(op, xs, out, dout, arg) }
	xs := []*Array{a, b}
	if !anyRagged(types(xs)) {
		return f(xs, out, dout)
	}
	l, err := p.lifting(types(xs))
	if err != nil {
		return nil, err
	}
	return l.grad(xs, out, dout, arg, nil, f)
}

func (p pairPlan) grad(op PairOp, xs []*Array, out, dout *Array, arg int) (*Array, error) {
	whole, err := p.meet.shape(types(xs))
	if err != nil {
		return nil, err
	}
	x := [2][]float32{xs[0].F32(), xs[1].F32()}
	steps := [2][]int{p.meet.Maps[0].steps(xs[0].Type), p.meet.Maps[1].steps(xs[1].Type)}
	var l [2]line
	for i := range l {
		l[i] = line{step: steps[i][p.axis], n: whole.Dims[p.axis]}
	}
	sums := make([]float64, xs[arg].Size())
	if l[0].n == 0 {
		return gradOf(xs[arg].Type, sums), nil
	}
	y, dy := out.F32(), dout.F32()
	walk(out.Dims, [][]int{dropAt(steps[0], p.axis), dropAt(steps[1], p.axis)}, func(s stretch) {
		for i := range s.n {
			for j := range l {
				l[j].x = x[j][s.off[j]+i*s.step[j]:]
			}
			at := s.off[arg] + i*s.step[arg]
			pairGrads[op](l[0], l[1], float64(y[s.at+i]), float64(dy[s.at+i]), arg, sums[at:], l[arg].step)
		}
	})
	return gradOf(xs[arg].Type, sums), nil
}

// OuterGrad is the gradient of Outer with respect to a (arg 0) or b (arg 1).
func OuterGrad(a, b, out, dout *Array, arg int) (*Array, error) {
	return outerOp.grad([]*Array{a, b}, out, dout, arg, func(xs []*Array, out, dout *Array) (*Array, error) {
		n := xs[0].Rank()
		steps := [][]int{make([]int, out.Rank()), make([]int, out.Rank())}
		copy(steps[0], strides(xs[0].Dims))
		copy(steps[1][n:], strides(xs[1].Dims))
		return slopeSums(out.Dims, steps, xs, out, dout, arg, slopes[Mul][arg]), nil
	})
}

// MatMulGrad is the gradient of MatMul with respect to a (arg 0) or b (arg 1).
func MatMulGrad(a, b, out, dout *Array, arg int) (*Array, error) {
	return matmulOp.grad([]*Array{a, b}, out, dout, arg, func(xs []*Array, _, dout *Array) (*Array, error) {
		p, err := planMatmul(xs[0].Type, xs[1].Type)
		if err != nil {
			return nil, err
		}
		return wrap(xs[arg].Type.with(F32), p.grad(xs[0].F32(), xs[1].F32(), dout.F32(), arg)), nil
	})
}

// grad is dout bᵀ for a, aᵀ dout for b; matrices that were broadcast add up in order.
func (p matmulPlan) grad(a, b, dout []float32, arg int) []float32 {
	sa, sb, so := p.m*p.k, p.k*p.n, p.m*p.n
	sums := make([]float32, [2]int{len(a), len(b)}[arg])
	if len(sums) == 0 || so == 0 {
		return sums
	}
	walk(p.lead, [][]int{p.stepA, p.stepB}, func(s stretch) {
		i, j := s.off[0], s.off[1]
		for q := range s.n {
			g := dout[(s.at+q)*so : (s.at+q+1)*so]
			if arg == 0 {
				addProduct(sums[i*sa:(i+1)*sa], g, turned(b[j*sb:(j+1)*sb], p.k, p.n), p.m, p.n, p.k)
			} else {
				addProduct(sums[j*sb:(j+1)*sb], turned(a[i*sa:(i+1)*sa], p.m, p.k), g, p.k, p.m, p.n)
			}
			i += s.step[0]
			j += s.step[1]
		}
	})
	return sums
}

// addProduct adds a product to what is there.
func addProduct(out, a, b []float32, m, k, n int) {
	one := make([]float32, m*n)
	product(one, a, b, m, k, n)
	for i, v := range one {
		out[i] += v
	}
}

// turned is the transpose of an m by n matrix.
func turned(x []float32, m, n int) []float32 {
	return spread([]int{n, m}, []int{1, n}, x)
}

// EinsumGrad is the gradient of Einsum with respect to operand arg.
func EinsumGrad(spec string, xs []*Array, out, dout *Array, arg int) (*Array, error) {
	ts := types(xs)
	e, err := parseEinsum(spec, ts)
	if err != nil {
		return nil, err
	}
	f := func(xs []*Array, _, dout *Array) (*Array, error) { return e.grad(xs, dout, arg), nil }
	if !anyRagged(ts) {
		return f(xs, out, dout)
	}
	l, err := e.lifting(ts)
	if err != nil {
		return nil, err
	}
	return l.grad(xs, out, dout, arg, nil, f)
}

// grad multiplies the result's gradient with the other operands, and spreads it along labels that
// only this operand has.
func (e *einsum) grad(xs []*Array, dout *Array, arg int) *Array {
	own := e.operand(arg, xs[arg])
	acc := term{labels: e.out, dims: dout.Dims, data: dout.F32()}
	for i, x := range xs {
		if i == arg {
			continue
		}
		needed := slices.Clone(own.labels)
		for j := i + 1; j < len(xs); j++ {
			if j != arg {
				needed = append(needed, e.in[j]...)
			}
		}
		acc = acc.times(e.operand(i, x), needed)
	}
	acc = acc.keep(own.labels).arrange(own.labels)
	from := Mapping{identity(len(own.dims)).In}.steps(Type{Dims: acc.dims})
	to := make([]int, len(own.labels))
	for k, s := range strides(xs[arg].Dims) {
		to[slices.Index(own.labels, e.in[arg][k])] += s
	}
	sums := make([]float64, xs[arg].Size())
	walk(own.dims, [][]int{from, to}, func(s stretch) {
		for i := range s.n {
			sums[s.off[1]+i*s.step[1]] += float64(acc.data[s.off[0]+i*s.step[0]])
		}
	})
	return gradOf(xs[arg].Type, sums)
}
