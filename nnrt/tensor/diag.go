package tensor

import "slices"

// DiagType is the type of Diag.
func DiagType(t Type, offset int, axes []Ax) (Type, error) {
	op, err := diagOp(t, offset, axes)
	if err != nil {
		return Type{}, opError(opName("diag"), err)
	}
	out, err := op.typeOf(t)
	return out, opError(opName("diag"), err)
}

// Diag takes the diagonal of two axes (none: the last two) that lies offset places right of the
// main one; it becomes the last axis, named as the first of the two. Of a vector it makes the
// matrix with that diagonal.
//
//	a: [batch head query key], -3; result: [batch head query-3]
func Diag(a *Array, offset int, axes []Ax) (*Array, error) {
	op, err := diagOp(a.Type, offset, axes)
	if err != nil {
		return nil, opError(opName("diag"), err)
	}
	out, err := op.run(a)
	return out, opError(opName("diag"), err)
}

func diagOp(t Type, offset int, axes []Ax) (rowOp, error) {
	if t.Rank() == 1 {
		return diagMatrix(offset), nil
	}
	order, err := diagAxes(t, axes)
	if err != nil {
		return rowOp{}, err
	}
	p, q := order[len(order)-2], order[len(order)-1]
	return rowOp{
		along: []int{p, q},
		infer: func(ts []Type) (Type, error) {
			t := ts[0]
			out := Type{DT: t.DT, Axes: []string{}, Dims: []int{}}
			for _, k := range order[:len(order)-2] {
				out.Axes, out.Dims = append(out.Axes, t.Axes[k]), append(out.Dims, t.Dims[k])
			}
			n := diagLen(t.Dims[p], t.Dims[q], offset)
			out.Axes, out.Dims = append(out.Axes, t.Axes[p]), append(out.Dims, n)
			return out, nil
		},
		eval: func(out Type, xs []*Array) (*Array, error) {
			x := permuted(xs[0], order)
			rows, cols := x.Dims[len(order)-2], x.Dims[len(order)-1]
			data := buffer(out.DT, out.Size())
			n := out.Dims[out.Rank()-1]
			for o := range prod(out.Dims[:out.Rank()-1]) {
				for i := range n {
					r, c := i+max(0, -offset), i+max(0, offset)
					copyPart(data, o*n+i, x.raw(), (o*rows+r)*cols+c, 1)
				}
			}
			return wrap(out, data), nil
		},
	}, nil
}

// diagAxes orders the axes with the two of the diagonal last.
func diagAxes(t Type, axes []Ax) ([]int, error) {
	if len(axes) == 0 {
		axes = []Ax{{I: -2}, {I: -1}}
	}
	if len(axes) != 2 {
		return nil, errf("got %d axes, want two", len(axes))
	}
	var pair []int
	for _, ax := range axes {
		k, err := resolveAx(t, ax)
		if err != nil {
			return nil, err
		}
		pair = append(pair, k)
	}
	if pair[0] == pair[1] {
		return nil, errf("axis %s is given twice", t.axisText(pair[0]))
	}
	var order []int
	for k := range t.Dims {
		if !slices.Contains(pair, k) {
			order = append(order, k)
		}
	}
	return append(order, pair...), nil
}

func diagLen(rows, cols, offset int) int {
	if offset >= 0 {
		return max(0, min(rows, cols-offset))
	}
	return max(0, min(rows+offset, cols))
}

func diagMatrix(offset int) rowOp {
	return rowOp{
		infer: func(ts []Type) (Type, error) {
			if offset > 1<<20 || offset < -1<<20 {
				return Type{}, errf("offset %d is too large", offset)
			}
			n := ts[0].Dims[0] + max(offset, -offset)
			return NewType(ts[0].DT, []string{ts[0].Axes[0], ""}, []int{n, n}), nil
		},
		eval: func(out Type, xs []*Array) (*Array, error) {
			data := buffer(out.DT, out.Size())
			n := out.Dims[0]
			for i := range xs[0].Dims[0] {
				copyPart(data, (i+max(0, -offset))*n+i+max(0, offset), xs[0].raw(), i, 1)
			}
			return wrap(out, data), nil
		},
	}
}
