package tensor

import (
	"cmp"
	"math"
	"slices"
)

// AlongOp is an operation along one axis, by default the last.
type AlongOp uint8

// The operations along one axis. LogSumExp, ArgMax and ArgMin drop it, the others keep it.
const (
	Softmax AlongOp = iota
	LogSoftmax
	LogSumExp
	ArgMax
	ArgMin
	Sort
	ArgSort
	CumSum
)

// alongRow is all there is to know of an AlongOp.
type alongRow struct {
	name string
	drop bool
	f32  func(in, out []float32)
	i64  func(in, out []int64) error     // where integers stay integers
	rank func(in []float32, out []int64) // where the result is places
	ints func(in, out []int64)           // the same, of integers
}

var alongOps = [...]alongRow{
	Softmax:    {name: "softmax", f32: softmax},
	LogSoftmax: {name: "log_softmax", f32: logSoftmax},
	LogSumExp:  {name: "logsumexp", drop: true, f32: func(in, out []float32) { out[0] = float32(logSumExp(in)) }},
	ArgMax:     {name: "argmax", drop: true, rank: func(in []float32, out []int64) { out[0] = first(in, falling) }, ints: func(in, out []int64) { out[0] = first(in, falling) }},
	ArgMin:     {name: "argmin", drop: true, rank: func(in []float32, out []int64) { out[0] = first(in, risingNaN) }, ints: func(in, out []int64) { out[0] = first(in, risingNaN) }},
	Sort:       {name: "sort", f32: sorted[float32], i64: func(in, out []int64) error { sorted(in, out); return nil }},
	ArgSort:    {name: "argsort", rank: places[float32], ints: places[int64]},
	CumSum:     {name: "cumsum", f32: cumsum, i64: cumsumInt},
}

// String is the function's name in a script.
func (op AlongOp) String() string { return alongOps[op].name }

func (op AlongOp) resultType(dt DType) DType {
	switch row := alongOps[op]; {
	case row.rank != nil, row.i64 != nil && dt != F32:
		return I64
	}
	return F32
}

// AlongType is the type of Along.
func AlongType(op AlongOp, t Type, axis []Ax) (Type, error) {
	o, err := op.at(t, axis)
	if err != nil {
		return Type{}, opError(op, err)
	}
	out, err := o.typeOf(t)
	return out, opError(op, err)
}

// Along does an operation along one axis (none: the last). Of equals the lowest index comes first;
// what is not a number sorts last and is the argmax and argmin.
//
//	a: [batch pos d]; result: the same, without the axis for logsumexp, argmax and argmin
func Along(op AlongOp, a *Array, axis []Ax) (*Array, error) {
	o, err := op.at(a.Type, axis)
	if err != nil {
		return nil, opError(op, err)
	}
	out, err := o.run(a)
	return out, opError(op, err)
}

// at is the operation along a given axis.
func (op AlongOp) at(t Type, axis []Ax) (rowOp, error) {
	k, err := lastOr(t, axis)
	if err != nil {
		return rowOp{}, err
	}
	row := alongOps[op]
	return rowOp{
		along: []int{k},
		infer: func(ts []Type) (Type, error) {
			if row.drop && ts[0].Dims[k] == 0 {
				return Type{}, errf("no numbers along axis %s of shape %s", ts[0].axisText(k), ts[0])
			}
			out := ts[0].with(op.resultType(ts[0].DT))
			if row.drop {
				out.Axes, out.Dims = dropAt(out.Axes, k), dropAt(out.Dims, k)
			}
			return out, nil
		},
		eval: func(out Type, xs []*Array) (*Array, error) { return row.eval(out, xs[0], k) },
	}, nil
}

func dropAt[T any](s []T, k int) []T { return slices.Delete(slices.Clone(s), k, k+1) }

func (row alongRow) eval(out Type, a *Array, k int) (*Array, error) {
	n := a.Dims[k]
	if row.drop {
		n = 1
	}
	switch {
	case row.rank != nil && a.DT == F32:
		return wrap(out, alongRows(a.floats(), a.Dims, k, n, row.rank)), nil
	case row.rank != nil:
		return wrap(out, alongRows(a.I64(), a.Dims, k, n, row.ints)), nil
	case out.DT == F32:
		return wrap(out, alongRows(a.F32(), a.Dims, k, n, row.f32)), nil
	}
	var failed error
	data := alongRows(a.I64(), a.Dims, k, n, func(in, res []int64) {
		if err := row.i64(in, res); err != nil {
			failed = err
		}
	})
	if failed != nil {
		return nil, failed
	}
	return wrap(out, data), nil
}

// number is what has an order.
type number interface{ ~float32 | ~int64 }

// rising puts what is not a number last, falling first: the order of sort and of topk.
func rising[T number](a, b T) int {
	if a != a || b != b {
		return int(bit(a != a) - bit(b != b))
	}
	return cmp.Compare(a, b)
}

func falling[T number](a, b T) int { return -rising(a, b) }

// risingNaN is rising with what is not a number first, as argmin finds it.
func risingNaN[T number](a, b T) int {
	if a != a || b != b {
		return int(bit(b != b) - bit(a != a))
	}
	return cmp.Compare(a, b)
}

// first is the place of what comes first in an order.
func first[T number](in []T, order func(a, b T) int) int64 {
	best := 0
	for i, v := range in {
		if order(v, in[best]) < 0 {
			best = i
		}
	}
	return int64(best)
}

func sorted[T number](in, out []T) {
	copy(out, in)
	slices.SortStableFunc(out, rising[T])
}

func places[T number](in []T, out []int64) {
	for i := range out {
		out[i] = int64(i)
	}
	slices.SortStableFunc(out, func(i, j int64) int { return rising(in[i], in[j]) })
}

func cumsum(in, out []float32) {
	s := 0.0
	for i, v := range in {
		s += float64(v)
		out[i] = float32(s)
	}
}

func cumsumInt(in, out []int64) (err error) {
	s := int64(0)
	for i, v := range in {
		if s, err = addInt(s, v); err != nil {
			return err
		}
		out[i] = s
	}
	return nil
}

// expSum fills out with e^(x - max) and returns max and the sum, in float64 and in order.
func expSum(in []float32, each func(i int, e float64)) (top, s float64) {
	top = math.Inf(-1)
	for _, v := range in {
		if v != v {
			top = math.NaN()
			break
		}
		top = max(top, float64(v))
	}
	for i, v := range in {
		e := math.Exp(float64(v) - top)
		s += e
		if each != nil {
			each(i, e)
		}
	}
	return top, s
}

func softmax(in, out []float32) {
	e := make([]float64, len(in))
	_, s := expSum(in, func(i int, v float64) { e[i] = v })
	for i, v := range e {
		out[i] = float32(v / s)
	}
}

// logSumExp is -inf of nothing but -inf, as in SciPy.
func logSumExp(in []float32) float64 {
	top := greatest(in)
	if math.IsInf(top, 0) {
		return top
	}
	top, s := expSum(in, nil)
	return top + math.Log(s)
}

func logSoftmax(in, out []float32) {
	top, s := expSum(in, nil)
	l := math.Log(s)
	for i, v := range in {
		out[i] = float32(float64(v) - top - l)
	}
}
