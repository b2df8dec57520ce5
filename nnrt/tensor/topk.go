package tensor

import "slices"

// TopKType has the types of TopK's values and indices.
func TopKType(t Type, k int, axis []Ax) (values, indices Type, err error) {
	op, _, err := topk(t, k, axis)
	if err != nil {
		return Type{}, Type{}, opError(opName("topk"), err)
	}
	values, err = op.typeOf(t)
	return values, values.with(I64), opError(opName("topk"), err)
}

// TopK has the k greatest numbers along an axis (none: the last), falling, and where they are; of
// equals the lowest index comes first.
//
//	a: [batch d_vocab]; values, indices: [batch k]
func TopK(a *Array, k int, axis []Ax) (values, indices *Array, err error) {
	op, at, err := topk(a.Type, k, axis)
	if err != nil {
		return nil, nil, opError(opName("topk"), err)
	}
	if values, err = op.run(a); err != nil {
		return nil, nil, opError(opName("topk"), err)
	}
	indices, err = at.run(a)
	return values, indices, err
}

// topk makes the two operations.
func topk(t Type, k int, axis []Ax) (values, indices rowOp, err error) {
	ax, err := lastOr(t, axis)
	if err != nil {
		return rowOp{}, rowOp{}, err
	}
	infer := func(dt DType) func(ts []Type) (Type, error) {
		return func(ts []Type) (Type, error) {
			n := ts[0].Dims[ax]
			if k < 0 || k > n {
				return Type{}, errf("k is %d, axis %s has %d", k, ts[0].axisText(ax), n)
			}
			out := ts[0].with(dt)
			out.Dims = slices.Clone(out.Dims)
			out.Dims[ax] = k
			out.Axes = slices.Clone(out.Axes)
			out.Axes[ax] = "" // places by size are no longer places of the axis
			return out, nil
		}
	}
	values.along, indices.along = []int{ax}, []int{ax}
	values.infer = infer(t.DT)
	values.eval = func(out Type, xs []*Array) (*Array, error) {
		if out.DT == F32 {
			return wrap(out, alongRows(xs[0].floats(), xs[0].Dims, ax, k, topValues[float32])), nil
		}
		data := alongRows(xs[0].I64(), xs[0].Dims, ax, k, topValues[int64])
		return wrap(out.with(I64), data).As(out.DT), nil
	}
	indices.infer = infer(I64)
	indices.eval = func(out Type, xs []*Array) (*Array, error) {
		if xs[0].DT == F32 {
			return wrap(out, alongRows(xs[0].floats(), xs[0].Dims, ax, k, topPlaces[float32])), nil
		}
		return wrap(out, alongRows(xs[0].I64(), xs[0].Dims, ax, k, topPlaces[int64])), nil
	}
	return values, indices, nil
}

func topValues[T number](in, out []T) {
	at := make([]int64, len(out))
	topPlaces(in, at)
	for i, j := range at {
		out[i] = in[j]
	}
}

// topPlaces keeps the best so far in order; a number that is not among them costs one comparison.
func topPlaces[T number](in []T, out []int64) {
	if len(out) == 0 {
		return
	}
	if len(out) > 64 {
		all := make([]int64, len(in))
		for i := range all {
			all[i] = int64(i)
		}
		slices.SortStableFunc(all, func(i, j int64) int { return falling(in[i], in[j]) })
		copy(out, all)
		return
	}
	n := 0
	for i, v := range in {
		if n == len(out) && falling(v, in[out[n-1]]) >= 0 {
			continue
		}
		if n < len(out) {
			n++
		}
		j := n - 1
		for ; j > 0 && falling(v, in[out[j-1]]) < 0; j-- {
			out[j] = out[j-1]
		}
		out[j] = int64(i)
	}
}

// Unique has the different numbers of an array, rising, in one unnamed axis. Its length depends on
// the numbers, so that it has no type before they are known.
func Unique(a *Array) *Array {
	switch a.DT {
	case I64:
		v := slices.Clone(a.ints())
		slices.Sort(v)
		v = slices.Compact(v)
		return FromI64(nil, []int{len(v)}, v)
	case Bool:
		return Unique(a.As(I64)).As(Bool)
	}
	v := slices.Clone(a.floats())
	slices.SortFunc(v, rising[float32])
	v = slices.CompactFunc(v, func(x, y float32) bool { return x == y || x != x && y != y })
	return FromF32(nil, []int{len(v)}, v)
}
