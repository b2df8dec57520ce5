package tensor

import "slices"

// ReshapeType is the type of Reshape.
func ReshapeType(t Type, dims []int) (Type, error) {
	if t.IsRagged() {
		return Type{}, errf("reshape: axis %s is ragged", t.axisText(t.Rag[0].Axis)).hint("pad(x, value) makes all rows one length")
	}
	out := slices.Clone(dims)
	free, n := -1, 1
	for k, d := range dims {
		switch {
		case d == -1 && free >= 0:
			return Type{}, errf("reshape: two lengths are -1")
		case d == -1:
			free = k
		case d < 0:
			return Type{}, errf("reshape: length %d", d)
		case d > 0 && n > 1<<40/d:
			return Type{}, errf("reshape: %v is too large for %d numbers", dims, t.Size())
		default:
			n *= d
		}
	}
	if free >= 0 && n > 0 && t.Size()%n == 0 {
		out[free] = t.Size() / n
		n *= out[free]
	}
	if n != t.Size() || free >= 0 && out[free] < 0 {
		return Type{}, errf("reshape: shape %s has %d numbers, want %s", t, t.Size(), NewType(F32, nil, dims).Shape())
	}
	return NewType(t.DT, keptNames(t, out), out), nil
}

// keptNames leaves the names of axes whose length and place, from the left or the right, stay.
func keptNames(t Type, dims []int) []string {
	axes := make([]string, len(dims))
	i := 0
	for ; i < min(len(dims), t.Rank()) && dims[i] == t.Dims[i]; i++ {
		axes[i] = t.Axes[i]
	}
	for j := 1; j <= min(len(dims), t.Rank())-i && dims[len(dims)-j] == t.Dims[t.Rank()-j]; j++ {
		axes[len(dims)-j] = t.Axes[t.Rank()-j]
	}
	return axes
}

// Reshape gives the same numbers in row-major order another shape; one length may be -1. Axes keep
// their names where their length and place, from the left or the right, stay.
func Reshape(a *Array, dims []int) (*Array, error) {
	t, err := ReshapeType(a.Type, dims)
	if err != nil {
		return nil, err
	}
	return view(t, a), nil
}

// TransposeType is the type of Transpose.
func TransposeType(t Type, order []int) (Type, error) {
	out, err := transposeOp(t, order).typeOf(t)
	return out, opError(opName("transpose"), err)
}

// Transpose puts all axes in an order, that of TransposeOrder.
//
//	a: [batch head query key], 0, 1, 3, 2; result: [batch head key query]
func Transpose(a *Array, order []int) (*Array, error) {
	out, err := transposeOp(a.Type, order).run(a)
	return out, opError(opName("transpose"), err)
}

func transposeOp(t Type, order []int) rowOp {
	return rowOp{
		infer: func(ts []Type) (Type, error) {
			out := Type{DT: t.DT}
			for _, k := range order {
				out.Axes, out.Dims = append(out.Axes, ts[0].Axes[k]), append(out.Dims, ts[0].Dims[k])
			}
			return out, nil
		},
		eval: func(_ Type, xs []*Array) (*Array, error) { return permuted(xs[0], order), nil },
	}
}

// TransposeOrder has, for each axis of the result, the axis of t that it was: without axes the last two
// swapped; all of three or more, or all of them listed, are the order; else two are swapped.
func TransposeOrder(t Type, axes []Ax, listed bool) ([]int, error) {
	order, err := transposeOrder(t, axes, listed)
	return order, opError(opName("transpose"), err)
}

func transposeOrder(t Type, axes []Ax, listed bool) ([]int, error) {
	if len(axes) == 0 {
		axes, listed = []Ax{{I: -2}, {I: -1}}, false
	}
	which := make([]int, len(axes))
	for i, ax := range axes {
		k, err := resolveAx(t, ax)
		if err != nil {
			return nil, err
		}
		if slices.Contains(which[:i], k) {
			return nil, errf("axis %s is given twice", t.axisText(k))
		}
		which[i] = k
	}
	if len(which) == t.Rank() && (listed || len(which) != 2) {
		return which, nil
	}
	if len(which) != 2 {
		return nil, errf("got %d axes, want two to swap or all %d in order", len(which), t.Rank())
	}
	order := identity(t.Rank()).In
	order[which[0]], order[which[1]] = which[1], which[0]
	return order, nil
}

// SqueezeType is the type of Squeeze.
func SqueezeType(t Type, axes []Ax) (Type, error) {
	var drop []int
	if len(axes) == 0 {
		for k, d := range t.Dims {
			if d == 1 {
				drop = append(drop, k)
			}
		}
	} else {
		var err error
		if drop, err = ResolveAxes(t, axes); err != nil {
			return Type{}, opError(opName("squeeze"), err)
		}
	}
	out := Type{DT: t.DT, Axes: []string{}, Dims: []int{}}
	for k, d := range t.Dims {
		if slices.Contains(drop, k) {
			if d != 1 {
				return Type{}, errf("squeeze: axis %s of shape %s is not of length 1", t.axisText(k), t)
			}
			continue
		}
		if lens := t.lens(k); lens != nil {
			out.Rag = append(out.Rag, Rag{Axis: len(out.Dims), Lens: lens})
		}
		out.Axes, out.Dims = append(out.Axes, t.Axes[k]), append(out.Dims, d)
	}
	return out, nil
}

// Squeeze drops axes of length 1: those given, else all.
func Squeeze(a *Array, axes []Ax) (*Array, error) {
	t, err := SqueezeType(a.Type, axes)
	if err != nil {
		return nil, err
	}
	return view(t, a), nil
}

// ExpandType is the type of Expand.
func ExpandType(t Type, name string, at int) (Type, error) {
	n := t.Rank() + 1
	if at < -n || at >= n {
		return Type{}, errf("expand: at=%d is out of range for %d axes (valid: %d to %d)", at, n, -n, n-1)
	}
	if name != "" && slices.Contains(t.Axes, name) {
		return Type{}, errf("expand: there is an axis %s already: %s", name, t)
	}
	at = (at + n) % n
	out := Type{DT: t.DT, Axes: slices.Insert(slices.Clone(t.Axes), at, name), Dims: slices.Insert(slices.Clone(t.Dims), at, 1)}
	for _, g := range t.Rag {
		if g.Axis >= at {
			g.Axis++
		}
		out.Rag = append(out.Rag, g)
	}
	return out, nil
}

// Expand adds an axis of length 1 at a place (negative from the end).
//
//	a: [pos d], "batch", 0; result: [batch=1 pos d]
func Expand(a *Array, name string, at int) (*Array, error) {
	t, err := ExpandType(a.Type, name, at)
	if err != nil {
		return nil, err
	}
	return view(t, a), nil
}

// RenameType is the type of Rename.
func RenameType(t Type, old Ax, name string) (Type, error) {
	k, err := resolveAx(t, old)
	if err != nil {
		return Type{}, opError(opName("rename"), err)
	}
	if i := slices.Index(t.Axes, name); name != "" && i >= 0 && i != k {
		return Type{}, errf("rename: there is an axis %s already: %s", name, t)
	}
	t.Axes = slices.Clone(t.Axes)
	t.Axes[k] = name
	return t, nil
}

// Rename gives an axis another name; an empty one takes the name away.
func Rename(a *Array, old Ax, name string) (*Array, error) {
	t, err := RenameType(a.Type, old, name)
	if err != nil {
		return nil, err
	}
	out := view(t, a)
	k, _ := resolveAx(a.Type, old)
	if labels := a.Labels[a.Axes[k]]; labels != nil && name != "" {
		return out.WithLabels(name, labels)
	}
	return out, nil
}

// FlipType is the type of Flip.
func FlipType(t Type, axes []Ax) (Type, error) {
	_, err := ResolveAxes(t, axes)
	return t, opError(opName("flip"), err)
}

// Flip turns axes round, without axes all; a ragged one in each row by itself.
func Flip(a *Array, axes []Ax) (*Array, error) {
	turned, err := ResolveAxes(a.Type, axes)
	if err != nil {
		return nil, opError(opName("flip"), err)
	}
	ix := make([]Ix, a.Rank())
	for i := range ix {
		ix[i] = Ix{Kind: Slice}
	}
	for _, k := range turned {
		ix[k] = Ix{Kind: Slice, Step: -1, HasStep: true}
	}
	return Index(a, ix)
}

// TileType is the type of Tile.
func TileType(t Type, n int, axis Ax) (Type, error) {
	op, err := tileOp(t, n, axis)
	if err != nil {
		return Type{}, opError(opName("tile"), err)
	}
	out, err := op.typeOf(t)
	return out, opError(opName("tile"), err)
}

// Tile repeats all of an axis n times.
//
//	a: [pos d], 3, "pos"; result: [3*pos d]
func Tile(a *Array, n int, axis Ax) (*Array, error) {
	op, err := tileOp(a.Type, n, axis)
	if err != nil {
		return nil, opError(opName("tile"), err)
	}
	out, err := op.run(a)
	return out, opError(opName("tile"), err)
}

func tileOp(t Type, n int, axis Ax) (rowOp, error) {
	k, err := resolveAx(t, axis)
	if err == nil && n < 0 {
		err = errf("%d times", n)
	}
	if err == nil && t.Size() > 0 && n > 1<<40/t.Size() {
		err = errf("%d times %s is too large", n, t)
	}
	return rowOp{
		along: []int{k},
		infer: func(ts []Type) (Type, error) {
			out := NewType(ts[0].DT, ts[0].Axes, slices.Clone(ts[0].Dims))
			out.Dims[k] *= n
			return out, nil
		},
		eval: func(out Type, xs []*Array) (*Array, error) {
			data := buffer(out.DT, out.Size())
			size := prod(xs[0].Dims[k:])
			for o := range prod(out.Dims[:k]) * n {
				copyPart(data, o*size, xs[0].raw(), o/n*size, size)
			}
			return wrap(out, data), nil
		},
	}, err
}
