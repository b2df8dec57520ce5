package tensor

import "slices"

// ConcatType is the type of Concat.
func ConcatType(ts []Type, axis Ax) (Type, error) {
	k, dt, err := concatAxis(ts, axis)
	if err != nil {
		return Type{}, opError(opName("concat"), err)
	}
	if rows := concatRows(ts, k); rows {
		t, err := stackOuter(ts, k, dt)
		return t, opError(opName("concat"), err)
	}
	t, err := concatOp(k, dt).typeOf(ts...)
	return t, opError(opName("concat"), err)
}

// Concat joins arrays along an axis that they have; their other lengths agree, but along the first
// axis rows of different lengths may follow one another and become ragged.
//
//	xs: [pos d] each, "pos"; result: [sum of pos, d]
func Concat(xs []*Array, axis Ax) (*Array, error) {
	ts := types(xs)
	k, dt, err := concatAxis(ts, axis)
	if err != nil {
		return nil, opError(opName("concat"), err)
	}
	same := make([]*Array, len(xs))
	for i, x := range xs {
		same[i] = x.As(dt)
	}
	if concatRows(ts, k) {
		t, err := stackOuter(ts, k, dt)
		if err != nil {
			return nil, opError(opName("concat"), err)
		}
		return catFlat(t, same), nil
	}
	out, err := concatOp(k, dt).run(same...)
	return out, opError(opName("concat"), err)
}

func concatAxis(ts []Type, axis Ax) (int, DType, error) {
	if len(ts) == 0 {
		return 0, 0, errf("nothing to join")
	}
	k, err := resolveAx(ts[0], axis)
	if err != nil {
		return 0, 0, err
	}
	dt := ts[0].DT
	for i, t := range ts[1:] {
		if t.Rank() != ts[0].Rank() || !sameOrder(ts[0].Axes, t.Axes) || k == 0 && t.Rank() > 1 && !mayFollow(tail(ts[0]), tail(t)) {
			return 0, 0, errf("entry 0 has shape %s, entry %d has %s", ts[0], i+1, t)
		}
		dt = promote(dt, t.DT)
	}
	return k, dt, nil
}

// tail is a type's axes after the first, for comparing lengths.
func tail(t Type) Type { return Type{Axes: t.Axes[1:], Dims: t.Dims[1:]} }

// concatRows says whether whole rows follow one another, of lengths that need not agree.
func concatRows(ts []Type, k int) bool {
	if k != 0 {
		return false
	}
	for _, t := range ts {
		if t.IsRagged() || !slices.Equal(t.Dims[1:], ts[0].Dims[1:]) {
			return true
		}
	}
	return false
}

// stackOuter is the type of rows that follow one another along the first axis.
func stackOuter(ts []Type, k int, dt DType) (Type, error) {
	var rows []Type
	for _, t := range ts {
		rows = append(rows, t.firstAxisTypes()...)
	}
	if len(rows) == 0 {
		return ts[0].with(dt), nil
	}
	out, err := raggedStack(rows, ts[0].Axes[1:], dt)
	if err == nil {
		out.Axes = slices.Clone(out.Axes)
		out.Axes[0] = ts[0].Axes[k]
	}
	return out, err
}

// firstAxisTypes has the type of each entry of the first axis, perhaps ragged in turn.
func (t Type) firstAxisTypes() []Type {
	out := make([]Type, t.Dims[0])
	for i := range out {
		sels := make([]Sel, t.Rank())
		for k := range sels {
			sels[k] = Sel{All: true, By: -1}
		}
		sels[0] = Sel{Drop: true, Pos: []int{i}, By: -1}
		out[i] = SelType(t, sels)
	}
	return out
}

func catFlat(t Type, xs []*Array) *Array {
	data := buffer(t.DT, t.Size())
	off := 0
	for _, x := range xs {
		copyPart(data, off, x.raw(), 0, x.Size())
		off += x.Size()
	}
	out := wrap(t, data)
	out.carry(xs...)
	return out
}

func concatOp(k int, dt DType) rowOp {
	return rowOp{
		along: []int{k},
		infer: func(ts []Type) (Type, error) {
			out := NewType(dt, slices.Clone(ts[0].Axes), slices.Clone(ts[0].Dims))
			for i, t := range ts[1:] {
				for a, d := range t.Dims {
					if a != k && d != out.Dims[a] {
						return Type{}, errf("entry 0 has shape %s, entry %d has %s", ts[0], i+1, t)
					}
					if out.Axes[a] == "" {
						out.Axes[a] = t.Axes[a]
					}
				}
				out.Dims[k] += t.Dims[k]
			}
			return out, nil
		},
		eval: func(out Type, xs []*Array) (*Array, error) {
			data := buffer(out.DT, out.Size())
			inner := prod(out.Dims[k+1:])
			at := 0
			for o := range prod(out.Dims[:k]) {
				for _, x := range xs {
					n := x.Dims[k] * inner
					copyPart(data, at, x.raw(), o*n, n)
					at += n
				}
			}
			return wrap(out, data), nil
		},
	}
}

// PadType is the type of Pad.
func PadType(t Type) Type {
	if !t.IsRagged() {
		return t
	}
	out := NewType(t.DT, t.Axes, slices.Clone(t.Dims))
	for _, g := range t.Rag {
		out.Dims[g.Axis] = slices.Max(g.Lens)
	}
	return out
}

// Pad makes a ragged array dense: every row gets the length of the longest, filled up at the end
// with a value. A dense array stays as it is.
//
//	a: [batch pos=3|5 d]; result: [batch pos=5 d]
func Pad(a *Array, value *Array) (*Array, error) {
	if value.Size() != 1 {
		return nil, errf("pad: the value has shape %s, want one number", value)
	}
	if !a.IsRagged() {
		return a, nil
	}
	t := PadType(a.Type)
	filled, err := Full(t.with(a.DT), value.As(a.DT))
	if err != nil {
		return nil, err
	}
	data := filled.raw()
	outer := a.Rag[0].Axis
	size := prod(t.Dims[outer:])
	for r := range a.Rows() {
		row := a.Row(r)
		padRow(data, r*size, t.Dims[outer:], row)
	}
	out := wrap(t, data)
	out.carry(a)
	return out, nil
}

// padRow writes a row into the corner of its place.
func padRow(data any, off int, dims []int, row *Array) {
	if row.Size() == 0 {
		return
	}
	to := strides(dims)
	n := row.Dims[len(dims)-1]
	coord := make([]int, len(dims)-1)
	for i := 0; ; i += n {
		at := off
		for k, c := range coord {
			at += c * to[k]
		}
		copyPart(data, at, row.raw(), i, n)
		if !odometer(coord, row.Dims[:len(coord)]) {
			return
		}
	}
}
