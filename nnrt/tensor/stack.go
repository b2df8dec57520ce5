package tensor

import "slices"

// StackType is the type of Stack.
func StackType(ts []Type, at int) (Type, error) {
	t, _, err := stackPlan(ts, at, false)
	return t, err
}

// Stack makes one array of several of one rank, with a new unnamed axis at place at (negative from
// the end). Where the lengths of pos, query or key differ from one to another, the new axis must be
// the first and they become ragged; beside axes that are ragged in each alike it comes first or last.
//
//	xs: [pos d] each; result: [n pos d]
func Stack(xs []*Array, at int) (*Array, error) {
	return stack(xs, at, false)
}

// stack may be told to take any axis as ragged.
func stack(xs []*Array, at int, ragged bool) (*Array, error) {
	t, at, err := stackPlan(types(xs), at, ragged)
	if err != nil {
		return nil, err
	}
	rows := make([]*Array, len(xs))
	for i, x := range xs {
		rows[i] = x.As(t.DT)
	}
	out, err := stackRows(t, rows, at)
	if err != nil {
		return nil, err
	}
	out.carry(xs...)
	return out, nil
}

func stackPlan(ts []Type, at int, ragged bool) (Type, int, error) {
	if len(ts) == 0 {
		return Type{}, 0, errf("stack: nothing to stack")
	}
	first := ts[0]
	n := first.Rank() + 1
	if at < -n || at >= n {
		return Type{}, 0, errf("stack: at=%d is out of range for %d axes (valid: %d to %d)", at, n, -n, n-1)
	}
	at = (at + n) % n
	dt, axes := first.DT, slices.Clone(first.Axes)
	for i, t := range ts[1:] {
		if t.Rank() != first.Rank() || !ragged && !mayFollow(first, t) {
			return Type{}, 0, errf("stack: entry 0 has shape %s, entry %d has %s", first, i+1, t)
		}
		if !sameOrder(axes, t.Axes) {
			return Type{}, 0, errf("stack: the same axes in another order: %s and %s", namesText(axes), namesText(t.Axes))
		}
		dt = promote(dt, t.DT)
		for k, name := range t.Axes {
			if axes[k] == "" {
				axes[k] = name
			}
		}
	}
	t, err := stackedType(ts, axes, dt, at)
	return t, at, err
}

// mayFollow says whether two arrays agree but in the axes that may be ragged.
func mayFollow(a, b Type) bool {
	for k := range a.Dims {
		if a.Dims[k] != b.Dims[k] && !slices.Contains(rowwiseAxes, a.Axes[k]) && !slices.Contains(rowwiseAxes, b.Axes[k]) {
			return false
		}
	}
	return true
}

// stackedType joins types along a new axis.
func stackedType(ts []Type, axes []string, dt DType, at int) (Type, error) {
	same := true
	for _, t := range ts {
		same = same && t.sameDims(ts[0])
	}
	if same && !ts[0].IsRagged() {
		return NewType(dt, slices.Insert(slices.Clone(axes), at, ""), slices.Insert(slices.Clone(ts[0].Dims), at, len(ts))), nil
	}
	if n := len(ts[0].Rag); same && at > ts[0].Rag[n-1].Axis {
		t := NewType(dt, slices.Insert(slices.Clone(axes), at, ""), slices.Insert(slices.Clone(ts[0].Dims), at, len(ts)))
		t.Rag = ts[0].Rag
		return t, nil
	}
	if at != 0 {
		return Type{}, errf("stack: lengths differ, so the new axis must be the first, or come after them").hint("stack(xs, at=0), or pad(x, value) first")
	}
	return raggedStack(ts, axes, dt)
}

// raggedStack works out which axes are ragged and counts their lengths out.
func raggedStack(ts []Type, axes []string, dt DType) (Type, error) {
	dims := slices.Clone(ts[0].Dims)
	for _, t := range ts {
		for k, d := range t.Dims {
			if d != dims[k] {
				dims[k] = -1
			}
		}
	}
	first := slices.Index(dims, -1)
	if first < 0 {
		first = len(dims)
	}
	out := Type{DT: dt, Axes: slices.Insert(slices.Clone(axes), 0, ""), Dims: slices.Insert(slices.Clone(dims), 0, len(ts))}
	each := prod(dims[:first])
	for k, d := range dims {
		if d >= 0 {
			continue
		}
		var lens []int
		for _, t := range ts {
			lens = append(lens, t.lensOver(k, each)...)
		}
		out.Rag = append(out.Rag, Rag{Axis: k + 1, Lens: lens})
	}
	return canonical(out), nil
}

// lensOver has the length of axis k in each of n rows, which may be fewer than the type's own.
func (t Type) lensOver(k, n int) []int {
	lens := t.lens(k)
	if lens == nil {
		return slices.Repeat([]int{t.Dims[k]}, n)
	}
	out := make([]int, n)
	for r := range out {
		out[r] = lens[r*len(lens)/n]
	}
	return out
}

// stackRows lays the numbers out. With a new first axis they follow one another.
func stackRows(t Type, rows []*Array, at int) (*Array, error) {
	data := buffer(t.DT, t.Size())
	inner := prod(rows[0].Dims[min(at, rows[0].Rank()):])
	if at == 0 {
		off := 0
		for _, r := range rows {
			copyPart(data, off, r.raw(), 0, r.Size())
			off += r.Size()
		}
		return wrap(t, data), nil
	}
	for i, r := range rows {
		for o := range r.Size() / max(inner, 1) {
			copyPart(data, (o*len(rows)+i)*inner, r.raw(), o*inner, inner)
		}
	}
	return wrap(t, data), nil
}
