package tensor

import (
	"fmt"
	"slices"
)

// RedOp is an operation that makes one number of all the numbers along some axes.
type RedOp uint8

// The reductions. Std, Var and Sem divide by n - 1; Norm is the 2-norm; Count counts what is not 0.
const (
	Sum RedOp = iota
	Mean
	Std
	Var
	Sem
	Min
	Max
	Norm
	Median
	Prod
	Any
	All
	Count
)

// redRow is all there is to know of a RedOp.
type redRow struct {
	name  string
	f32   func(x []float32) float64
	i64   func(x []int64) (int64, error) // where integers stay integers
	test  func(x []bool) bool            // where the result is a truth value
	count bool                           // the result is always an integer
	some  bool                           // there is no result for no numbers
}

// Sums are taken in float64, one after the other in row-major order of the axes that go, and
// rounded once: a number has the same bits alone as in any larger array.
var redRows = [...]redRow{
	Sum:    {name: "sum", f32: sum, i64: sumInt},
	Mean:   {name: "mean", f32: mean},
	Std:    {name: "std", f32: std},
	Var:    {name: "var", f32: variance},
	Sem:    {name: "sem", f32: sem},
	Min:    {name: "min", f32: least, i64: leastInt, some: true},
	Max:    {name: "max", f32: greatest, i64: greatestInt, some: true},
	Norm:   {name: "norm", f32: norm},
	Median: {name: "median", f32: median},
	Prod:   {name: "prod", f32: product64, i64: productInt},
	Any:    {name: "any", test: func(x []bool) bool { return slices.Contains(x, true) }},
	All:    {name: "all", test: func(x []bool) bool { return !slices.Contains(x, false) }},
	Count:  {name: "count", count: true},
}

// String is the function's name in a script.
func (op RedOp) String() string { return redRows[op].name }

func (op RedOp) resultType(dt DType) DType {
	switch row := redRows[op]; {
	case row.test != nil:
		return Bool
	case row.count || row.i64 != nil && dt != F32:
		return I64
	}
	return F32
}

// ReduceType is the type of Reduce.
func ReduceType(op RedOp, t Type, axes []Ax) (Type, error) {
	r, err := planReduce(op, t, axes)
	if err != nil {
		return Type{}, opError(op, err)
	}
	return r.out, nil
}

// Reduce makes one number of all along the axes (none: all of them), which go. A ragged axis is
// each row's own; a row axis can only go together with the ragged ones.
//
//	a: [batch pos d], "pos"; result: [batch d]
func Reduce(op RedOp, a *Array, axes []Ax) (*Array, error) {
	r, err := planReduce(op, a.Type, axes)
	if err != nil {
		return nil, opError(op, err)
	}
	out, err := r.run(a, op.eval)
	return out, opError(op, err)
}

// reduction is where the numbers of one result lie.
type reduction struct {
	out  Type
	axes []int
	flat bool // of a ragged array all that differs in length goes: rows follow one another
}

func planReduce(op RedOp, t Type, axes []Ax) (reduction, error) {
	k, err := ResolveAxes(t, axes)
	if err != nil {
		return reduction{}, err
	}
	return planAxes(op, t, k, op.resultType(t.DT), redRows[op].some)
}

// planAxes decides the type that is left, of elements dt, when axes go. name is for messages.
func planAxes(name fmt.Stringer, t Type, axes []int, dt DType, some bool) (reduction, error) {
	r := reduction{axes: axes}
	if t.IsRagged() {
		var err error
		if r.flat, err = raggedReduce(name, t, axes); err != nil {
			return r, err
		}
		if !r.flat {
			r.out, err = rowOp{infer: func(ts []Type) (Type, error) {
				one, err := planAxes(name, ts[0], axes, dt, some)
				return one.out, err
			}}.typeOf(t)
			return r, err
		}
	}
	n := 1
	out := Type{DT: dt, Axes: []string{}, Dims: []int{}}
	for k, d := range t.Dims {
		if slices.Contains(axes, k) {
			n *= d
			continue
		}
		out.Axes, out.Dims = append(out.Axes, t.Axes[k]), append(out.Dims, d)
	}
	if some && n == 0 {
		return r, errf("no numbers along axis %s of shape %s", t.axesText(axes), t)
	}
	r.out = out
	return r, nil
}

// raggedReduce says whether all that depends on a row goes; it refuses that some of it does.
func raggedReduce(name fmt.Stringer, t Type, axes []int) (bool, error) {
	rows := t.rowAxes()
	gone := 0
	for _, k := range rows {
		if slices.Contains(axes, k) {
			gone++
		}
	}
	if gone == 0 {
		return false, nil
	}
	var still []int
	for _, g := range t.Rag {
		if !slices.Contains(axes, g.Axis) {
			still = append(still, g.Axis)
		}
	}
	if gone == len(rows) && len(still) == 0 {
		return true, nil
	}
	if len(still) == 0 {
		return false, errf("over %s but not %s, while the lengths of the rows depend on both", t.axesText(axes), t.axesText(rows)).
			hint("take one axis after the other, or pad(x, value) first")
	}
	row, pos := t.axisText(rows[0]), t.axisText(still[0])
	return false, errf("over %s while %s is ragged (lengths %s)", row, pos, lensText(t.ownLens(t.Rag[0].Lens))).
		hint("%[1]s(%[1]s(x, %[2]q), %[3]q) takes each row's own first; %[1]s(x, [%[3]q, %[2]q]) takes all positions alike; or pad(x, value) first", name.String(), pos, row)
}

// run gives f each line of numbers, as dense arrays [result.. numbers].
func (r reduction) run(a *Array, f func(out Type, lines *Array) (*Array, error)) (*Array, error) {
	if r.flat {
		return r.runFlat(a, f)
	}
	return rowOp{
		infer: func(ts []Type) (Type, error) {
			one, err := planAxes(Sum, ts[0], r.axes, r.out.DT, false)
			return one.out, err
		},
		eval: func(out Type, xs []*Array) (*Array, error) { return f(out, lines(xs[0], r.axes)) },
	}.run(a)
}

// runFlat puts the rows of a ragged array one behind the other.
func (r reduction) runFlat(a *Array, f func(out Type, lines *Array) (*Array, error)) (*Array, error) {
	var rows []*Array
	total := 0
	for _, row := range a.split(a.rowAxes()) {
		l := lines(row, r.axes)
		rows = append(rows, l)
		total += l.Dims[l.Rank()-1]
	}
	t := NewType(a.DT, append(slices.Clone(r.out.Axes), ""), append(slices.Clone(r.out.Dims), total))
	out, err := f(r.out, concatLast(t, rows))
	if err == nil {
		out.carry(a)
	}
	return out, err
}

// lines moves the axes that go to the end and makes them one.
func lines(a *Array, axes []int) *Array {
	var order []int
	n := 1
	for k := range a.Dims {
		if !slices.Contains(axes, k) {
			order = append(order, k)
		}
	}
	for _, k := range axes {
		n *= a.Dims[k]
	}
	p := permuted(a, append(slices.Clone(order), axes...))
	keep := len(order)
	t := NewType(a.DT, append(slices.Clone(p.Axes[:keep]), ""), append(slices.Clone(p.Dims[:keep]), n))
	return &Array{Type: t, data: p.data}
}

// concatLast joins dense arrays along the last axis as type t.
func concatLast(t Type, rows []*Array) *Array {
	data := buffer(t.DT, t.Size())
	n := t.Dims[t.Rank()-1]
	col := 0
	for _, r := range rows {
		m := r.Dims[r.Rank()-1]
		for i := range prod(t.Dims[:t.Rank()-1]) {
			copyPart(data, i*n+col, r.raw(), i*m, m)
		}
		col += m
	}
	return wrap(t, data)
}

// eval reduces lines [out.. n].
func (op RedOp) eval(out Type, l *Array) (*Array, error) {
	row := redRows[op]
	n := l.Rank() - 1
	switch {
	case row.test != nil:
		return wrap(out, alongRows(l.Bools(), l.Dims, n, 1, func(in, res []bool) { res[0] = row.test(in) })), nil
	case row.count:
		return wrap(out, alongRows(l.Bools(), l.Dims, n, 1, countTrue)), nil
	case out.DT == F32:
		return wrap(out, alongRows(l.F32(), l.Dims, n, 1, func(in, res []float32) { res[0] = float32(row.f32(in)) })), nil
	}
	var failed error
	data := alongRows(l.I64(), l.Dims, n, 1, func(in, res []int64) {
		v, err := row.i64(in)
		if err != nil {
			failed = err
		}
		res[0] = v
	})
	if failed != nil {
		return nil, failed
	}
	return wrap(out, data), nil
}

func countTrue(in []bool, out []int64) {
	out[0] = 0
	for _, v := range in {
		out[0] += bit(v)
	}
}
