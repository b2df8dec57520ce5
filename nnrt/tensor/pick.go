package tensor

import "slices"

// rowAxisOf is the axis whose entries are rows: batch, else the first; -1 where only the last is left.
func rowAxisOf(t Type) int {
	if t.Rank() < 2 {
		return -1
	}
	if b := slices.Index(t.Axes[:t.Rank()-1], "batch"); b >= 0 {
		return b
	}
	return 0
}

// perRow checks ids, one for all or one a row, and names their axis so that it follows the rows.
func perRow(name opName, t, ids Type) (Type, error) {
	if t.Rank() == 0 {
		return Type{}, errf("%s: got a single number, want an array", name)
	}
	if ids.DT == F32 {
		return Type{}, errf("%s: ids are %s, want integers", name, ids.DT)
	}
	b := rowAxisOf(t)
	switch {
	case ids.Rank() == 0:
		return ids, nil
	case ids.Rank() > 1 || ids.IsRagged():
		return Type{}, errf("%s: ids have shape %s, want one id or one a row", name, ids)
	case ids.Dims[0] == 1:
		return NewType(ids.DT, nil, nil), nil
	case b < 0:
		return Type{}, errf("%s: %d ids for one row of shape %s", name, ids.Dims[0], t).hint("take(x, ids) takes several entries")
	case ids.Dims[0] != t.Dims[b]:
		return Type{}, errf("%s: %d ids for %d rows of axis %s", name, ids.Dims[0], t.Dims[b], t.axisText(b))
	}
	return NewType(ids.DT, []string{tagged(t, b)}, ids.Dims), nil
}

// perRowOp is an operation along the last axis with one id a row.
func perRowOp(dt func(DType) DType, f func(out Type, x *Array, id func(line int) int64) (*Array, error)) rowOp {
	return rowOp{
		infer: func(ts []Type) (Type, error) {
			t := ts[0]
			n := t.Rank() - 1
			return NewType(dt(t.DT), slices.Clone(t.Axes[:n]), slices.Clone(t.Dims[:n])), nil
		},
		eval: func(out Type, xs []*Array) (*Array, error) {
			x, ids := xs[0], xs[1].I64()
			if len(ids) == 1 {
				return f(out, x, func(int) int64 { return ids[0] })
			}
			b := rowAxisOf(x.Type)
			inner := prod(out.Dims[b+1:])
			return f(out, x, func(line int) int64 { return ids[line/inner%out.Dims[b]] })
		},
	}
}

var (
	pickOp   = perRowOp(func(dt DType) DType { return dt }, pickLines)
	rankOfOp = perRowOp(func(DType) DType { return I64 }, rankLines)
)

// PickType is the type of Pick.
func PickType(t, ids Type) (Type, error) { return perRowType("pick", pickOp, t, ids) }

// Pick takes one entry of the last axis per row of batch (else of the first axis); axes between
// stay. ids is one id, or one a row; negative ones count from the end.
//
//	x: [batch pos d_vocab], ids: [batch]; result: [batch pos]
func Pick(x, ids *Array) (*Array, error) { return runPerRow("pick", pickOp, x, ids) }

// RankOfType is the type of RankOf.
func RankOfType(t, ids Type) (Type, error) { return perRowType("rank_of", rankOfOp, t, ids) }

// RankOf is the place of an entry when the last axis is sorted falling, 0 for the greatest; ids as
// for Pick.
//
//	x: [batch d_vocab], ids: [batch]; result: [batch]
func RankOf(x, ids *Array) (*Array, error) { return runPerRow("rank_of", rankOfOp, x, ids) }

func perRowType(name opName, op rowOp, t, ids Type) (Type, error) {
	ids, err := perRow(name, t, ids)
	if err != nil {
		return Type{}, err
	}
	out, err := op.typeOf(t, ids)
	return out, opError(name, err)
}

func runPerRow(name opName, op rowOp, x, ids *Array) (*Array, error) {
	t, err := perRow(name, x.Type, ids.Type)
	if err != nil {
		return nil, err
	}
	out, err := op.run(x, view(t, ids))
	return out, opError(name, err)
}

// idIn checks an id against the axis it counts along.
func idIn(t Type, k int, id int64) (int, error) {
	n := t.Dims[k]
	if id < int64(-n) || id >= int64(n) {
		return 0, rangef("id %d is out of range for axis %s of length %d", id, t.axisText(k), n)
	}
	return int((id + int64(n)) % int64(n)), nil
}

func pickLines(out Type, x *Array, id func(int) int64) (*Array, error) {
	n := x.Dims[x.Rank()-1]
	data := buffer(x.DT, out.Size())
	for line := range out.Size() {
		j, err := idIn(x.Type, x.Rank()-1, id(line))
		if err != nil {
			return nil, err
		}
		copyPart(data, line, x.raw(), line*n+j, 1)
	}
	return wrap(out, data), nil
}

func rankLines(out Type, x *Array, id func(int) int64) (*Array, error) {
	n, v := x.Dims[x.Rank()-1], x.F32()
	data := make([]int64, out.Size())
	for line := range data {
		j, err := idIn(x.Type, x.Rank()-1, id(line))
		if err != nil {
			return nil, err
		}
		row := v[line*n : (line+1)*n]
		for i, w := range row {
			if c := falling(w, row[j]); c < 0 || c == 0 && i < j {
				data[line]++
			}
		}
	}
	return wrap(out, data), nil
}

// TakeType is the type of Take.
func TakeType(t, ids Type, axis []Ax) (Type, error) {
	op, err := takeOp(t, &Array{Type: ids}, axis)
	if err != nil {
		return Type{}, err
	}
	out, err := op.typeOf(t)
	return out, opError(opName("take"), err)
}

// Take has the entries along an axis (none: the last) that ids name; the axes of ids stand in its
// place, and where they have no name a single one keeps the axis's.
//
//	x: [d_vocab d_model], ids: [batch pos], 0; result: [batch pos d_model]
func Take(x, ids *Array, axis []Ax) (*Array, error) {
	op, err := takeOp(x.Type, ids, axis)
	if err != nil {
		return nil, err
	}
	out, err := op.run(x)
	return out, opError(opName("take"), err)
}

func takeOp(t Type, ids *Array, axis []Ax) (rowOp, error) {
	k, err := lastOr(t, axis)
	if err != nil {
		return rowOp{}, opError(opName("take"), err)
	}
	if ids.DT == F32 || ids.IsRagged() {
		return rowOp{}, errf("take: ids are %s %s, want integers of one shape", ids.DT, ids.Type)
	}
	return rowOp{
		along: []int{k},
		infer: func(ts []Type) (Type, error) {
			names := slices.Clone(ids.Axes)
			if len(names) == 1 && names[0] == "" {
				names[0] = ts[0].Axes[k]
			}
			return NewType(ts[0].DT, slices.Replace(slices.Clone(ts[0].Axes), k, k+1, names...),
				slices.Replace(slices.Clone(ts[0].Dims), k, k+1, ids.Dims...)), nil
		},
		eval: func(out Type, xs []*Array) (*Array, error) {
			sels := make([]Sel, xs[0].Rank())
			for i := range sels {
				sels[i] = Sel{All: true, By: -1}
			}
			pos := make([]int, ids.Size())
			for i, id := range ids.I64() {
				var err error
				if pos[i], err = idIn(xs[0].Type, k, id); err != nil {
					return nil, err
				}
			}
			sels[k] = Sel{Pos: pos, By: -1}
			return &Array{Type: out, data: Select(&Array{Type: xs[0].Type, data: xs[0].data}, sels).data}, nil
		},
	}, nil
}

// GatherType is the type of Gather.
func GatherType(t, ids Type, axis Ax) (Type, error) {
	op, err := gatherOp(t, axis)
	if err != nil {
		return Type{}, err
	}
	out, err := op.typeOf(t, ids)
	return out, opError(opName("gather"), err)
}

// Gather is PyTorch's: the result has the shape of ids, and its element at a coordinate is that of
// x at the same coordinate with the axis's entry taken from ids.
//
//	x: [batch d_vocab], ids: [batch n], "d_vocab"; result: [batch n]
func Gather(x, ids *Array, axis Ax) (*Array, error) {
	op, err := gatherOp(x.Type, axis)
	if err != nil {
		return nil, err
	}
	out, err := op.run(x, ids)
	return out, opError(opName("gather"), err)
}

func gatherOp(t Type, axis Ax) (rowOp, error) {
	k, err := resolveAx(t, axis)
	if err != nil {
		return rowOp{}, opError(opName("gather"), err)
	}
	return rowOp{
		along: []int{k},
		infer: func(ts []Type) (Type, error) {
			x, ids := ts[0], ts[1]
			if ids.DT == F32 {
				return Type{}, errf("ids are %s, want integers", ids.DT)
			}
			if ids.Rank() != x.Rank() {
				return Type{}, errf("ids have %d axes, the array has %d: %s and %s", ids.Rank(), x.Rank(), ids, x)
			}
			out := NewType(x.DT, slices.Clone(x.Axes), ids.Dims)
			for i := range ids.Dims {
				if i != k && ids.Dims[i] > x.Dims[i] {
					return Type{}, errf("ids have %d along axis %s, the array has %d", ids.Dims[i], x.axisText(i), x.Dims[i])
				}
				if ids.Axes[i] != "" && i == k {
					out.Axes[i] = ids.Axes[i]
				}
			}
			return out, nil
		},
		eval: func(out Type, xs []*Array) (*Array, error) {
			at, err := gatherPlaces(xs[0].Type, xs[1], k)
			if err != nil {
				return nil, err
			}
			data := buffer(out.DT, out.Size())
			for i, j := range at {
				copyPart(data, i, xs[0].raw(), j, 1)
			}
			return wrap(out, data), nil
		},
	}, nil
}

// gatherPlaces has the offset in x of each element of the result.
func gatherPlaces(x Type, ids *Array, k int) ([]int, error) {
	steps := strides(x.Dims)
	at := make([]int, ids.Size())
	coord := make([]int, ids.Rank())
	for i, id := range ids.I64() {
		j, err := idIn(x, k, id)
		if err != nil {
			return nil, err
		}
		for a, c := range coord {
			if a == k {
				c = j
			}
			at[i] += c * steps[a]
		}
		odometer(coord, ids.Dims)
	}
	return at, nil
}
