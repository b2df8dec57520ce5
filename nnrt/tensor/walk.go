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
	data := buffer(a.DT, out.Size())
	src := a.raw()
	walk(out.Dims, [][]int{m.steps(a.Type)}, func(s stretch) {
		if s.step[0] == 1 {
			copyPart(data, s.at, src, s.off[0], s.n)
			return
		}
		for i := range s.n {
			copyPart(data, s.at+i, src, s.off[0]+i*s.step[0], 1)
		}
	})
	return wrap(out.with(a.DT), data)
}
