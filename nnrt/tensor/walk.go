package tensor

import "slices"

// stretch is a part of the result of an element-wise operation: n elements from at, operand i read
// from off[i] in steps of step[i] (0: one number for all).
type stretch struct {
	at, n     int
	off, step []int
}

// walk goes through a result in row-major order, in stretches along which every operand advances
// evenly. Nothing depends on how long they are.
func walk(dims []int, steps [][]int, f func(s stretch)) {
	if prod(dims) == 0 {
		return
	}
	dims, steps = merge(dims, steps)
	last := len(dims) - 1
	s := stretch{n: dims[last], off: make([]int, len(steps)), step: make([]int, len(steps))}
	for i := range steps {
		s.step[i] = steps[i][last]
	}
	outer := dims[:last]
	coord := make([]int, last)
	for {
		for i := range steps {
			s.off[i] = 0
			for k, c := range coord {
				s.off[i] += c * steps[i][k]
			}
		}
		f(s)
		s.at += s.n
		if !odometer(coord, outer) {
			return
		}
	}
}

// merge joins neighbouring axes over which all operands advance evenly; at least one axis is left.
func merge(dims []int, steps [][]int) ([]int, [][]int) {
	outDims := []int{1}
	out := make([][]int, len(steps))
	for i := range out {
		out[i] = []int{0}
	}
	for k := len(dims) - 1; k >= 0; k-- {
		if dims[k] == 1 {
			continue
		}
		top := len(outDims) - 1
		joins := true
		for i := range steps {
			joins = joins && steps[i][k] == out[i][top]*outDims[top]
		}
		switch {
		case outDims[top] == 1:
			outDims[top] = dims[k]
			for i := range steps {
				out[i][top] = steps[i][k]
			}
		case joins:
			outDims[top] *= dims[k]
		default:
			outDims = append(outDims, dims[k])
			for i := range steps {
				out[i] = append(out[i], steps[i][k])
			}
		}
	}
	slices.Reverse(outDims)
	for i := range out {
		slices.Reverse(out[i])
	}
	return outDims, out
}

// broadcast lays an operand out in full, as the dense result type asks.
func broadcast(a *Array, m Mapping, out Type) *Array {
	steps := m.steps(a.Type)
	t := out.with(a.DT)
	switch a.DT {
	case I64:
		return wrap(t, spread(out.Dims, steps, a.ints()))
	case Bool:
		return wrap(t, spread(out.Dims, steps, a.truths()))
	}
	return wrap(t, spread(out.Dims, steps, a.floats()))
}

func spread[T any](dims, steps []int, src []T) []T {
	out := make([]T, prod(dims))
	walk(dims, [][]int{steps}, func(s stretch) {
		dst, from := out[s.at:s.at+s.n], src[s.off[0]:]
		if s.step[0] == 1 {
			copy(dst, from)
			return
		}
		for i := range dst {
			dst[i] = from[i*s.step[0]]
		}
	})
	return out
}

// permuted lays the axes of a dense array out in another order.
func permuted(a *Array, order []int) *Array {
	t := Type{DT: a.DT, Axes: make([]string, len(order)), Dims: make([]int, len(order))}
	same := true
	for i, k := range order {
		t.Axes[i], t.Dims[i] = a.Axes[k], a.Dims[k]
		same = same && i == k
	}
	if same {
		return a
	}
	return broadcast(a, Mapping{order}, t)
}

// alongRows applies f to each line of a dense array along axis k, which gets the length n.
func alongRows[S, D any](src []S, dims []int, k, n int, f func(in []S, out []D)) []D {
	m, inner := dims[k], prod(dims[k+1:])
	out := make([]D, prod(dims[:k])*n*inner)
	if inner == 1 {
		for o := range prod(dims[:k]) {
			f(src[o*m:(o+1)*m], out[o*n:(o+1)*n])
		}
		return out
	}
	in, res := make([]S, m), make([]D, n)
	for o := range prod(dims[:k]) {
		for i := range inner {
			for j := range in {
				in[j] = src[(o*m+j)*inner+i]
			}
			f(in, res)
			for j, v := range res {
				out[(o*n+j)*inner+i] = v
			}
		}
	}
	return out
}
