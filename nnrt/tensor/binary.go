package tensor

import (
	"fmt"
	"math"
	"math/bits"
)

// BinOp is an element-wise operation of two operands.
type BinOp uint8

// The element-wise operations of two operands, as scripts write them: + - * / // % ** maximum
// minimum == != < <= > >= & |.
const (
	Add BinOp = iota
	Sub
	Mul
	Div
	FloorDiv
	Mod
	Pow
	Maximum
	Minimum
	Eq
	Ne
	Lt
	Le
	Gt
	Ge
	And
	Or
)

// kind says what types a BinOp takes and gives.
type kind uint8

const (
	arith   kind = iota // int64 stays, bools count as int64, else float32
	floats              // always float32
	compare             // any to bool
	logic               // bool to bool
)

// binRow is all there is to know of a BinOp.
type binRow struct {
	name string
	kind kind
	f32  func(a, b float32) float32
	i64  func(a, b int64) (int64, error)
	cmp  func(lt, eq, gt bool) bool // of two operands; all false where one is not a number
}

var binRows = [...]binRow{
	Add:      {name: "+", kind: arith, f32: func(a, b float32) float32 { return a + b }, i64: addInt},
	Sub:      {name: "-", kind: arith, f32: func(a, b float32) float32 { return a - b }, i64: subInt},
	Mul:      {name: "*", kind: arith, f32: func(a, b float32) float32 { return a * b }, i64: mulInt},
	Div:      {name: "/", kind: floats, f32: func(a, b float32) float32 { return a / b }},
	FloorDiv: {name: "//", kind: arith, f32: quotient32, i64: floorDivInt},
	Mod:      {name: "%", kind: arith, f32: Remainder[float32], i64: floorModInt},
	Pow:      {name: "**", kind: arith, f32: pow32, i64: powInt},
	Maximum:  {name: "maximum", kind: arith, f32: max32, i64: func(a, b int64) (int64, error) { return max(a, b), nil }},
	Minimum:  {name: "minimum", kind: arith, f32: min32, i64: func(a, b int64) (int64, error) { return min(a, b), nil }},
	Eq:       {name: "==", kind: compare, cmp: func(_, eq, _ bool) bool { return eq }},
	Ne:       {name: "!=", kind: compare, cmp: func(_, eq, _ bool) bool { return !eq }},
	Lt:       {name: "<", kind: compare, cmp: func(lt, _, _ bool) bool { return lt }},
	Le:       {name: "<=", kind: compare, cmp: func(lt, eq, _ bool) bool { return lt || eq }},
	Gt:       {name: ">", kind: compare, cmp: func(_, _, gt bool) bool { return gt }},
	Ge:       {name: ">=", kind: compare, cmp: func(_, eq, gt bool) bool { return eq || gt }},
	And:      {name: "&", kind: logic},
	Or:       {name: "|", kind: logic},
}

// String is how a script writes the operation.
func (op BinOp) String() string { return binRows[op].name }

// resultType is the element type of the result.
func (op BinOp) resultType(a, b DType) (DType, error) {
	switch binRows[op].kind {
	case floats:
		return F32, nil
	case compare:
		return Bool, nil
	case logic:
		if a != Bool || b != Bool {
			return 0, errf("%s joins bool arrays: got %s and %s", op, a, b).hint("compare first, as in (x > 0) %s (y > 0)", op)
		}
		return Bool, nil
	}
	if a == F32 || b == F32 {
		return F32, nil
	}
	return I64, nil
}

// BinaryType is the type of a op b; the warning, perhaps empty, says that two axes of the model
// met by place.
func BinaryType(op BinOp, a, b Type) (Type, string, error) {
	dt, err := op.resultType(a.DT, b.DT)
	if err != nil {
		return Type{}, "", err
	}
	m, err := Meet(a, b)
	if err != nil {
		return Type{}, "", opError(op, err)
	}
	t, err := m.shape([]Type{a, b})
	return t.with(dt), m.Warning, opError(op, err)
}

func opError(op fmt.Stringer, err error) error {
	if e, ok := err.(*Error); ok {
		return &Error{Msg: op.String() + ": " + e.Msg, Hint: e.Hint, Range: e.Range}
	}
	return err
}

// Binary is a op b, element by element; // and % floor as in Python, integers stay integers but
// under /, and may not overflow.
//
//	a, b: any shapes that meet; result: their common shape
func Binary(op BinOp, a, b *Array) (*Array, error) {
	t, _, err := BinaryType(op, a.Type, b.Type)
	if err != nil {
		return nil, err
	}
	m, err := Meet(a.Type, b.Type)
	if err != nil {
		return nil, err
	}
	out, err := m.run([]*Array{a, b}, t.DT, func(out Type, xs []*Array) (*Array, error) {
		steps := [][]int{m.Maps[0].steps(xs[0].Type), m.Maps[1].steps(xs[1].Type)}
		return op.eval(out, xs[0], xs[1], steps)
	})
	return out, opError(op, err)
}

// eval fills a dense result.
func (op BinOp) eval(out Type, a, b *Array, steps [][]int) (*Array, error) {
	row := binRows[op]
	switch {
	case row.kind == compare && a.DT != F32 && b.DT != F32:
		return compareAll(out, a.I64(), b.I64(), steps, row.cmp), nil
	case row.kind == compare:
		return compareAll(out, a.F32(), b.F32(), steps, row.cmp), nil
	case row.kind == logic:
		data := make([]bool, out.Size())
		zip(out.Dims, steps, data, a.Bools(), b.Bools(), func(x, y bool) bool { return op == And && x && y || op == Or && (x || y) })
		return wrap(out, data), nil
	case out.DT == I64:
		return row.integers(out, a.I64(), b.I64(), steps)
	}
	data := make([]float32, out.Size())
	if !op.fast(out.Dims, steps, data, a.F32(), b.F32()) {
		zip(out.Dims, steps, data, a.F32(), b.F32(), row.f32)
	}
	return wrap(out, data), nil
}

func (row binRow) integers(out Type, a, b []int64, steps [][]int) (*Array, error) {
	data := make([]int64, out.Size())
	var failed error
	zip(out.Dims, steps, data, a, b, func(x, y int64) int64 {
		z, err := row.i64(x, y)
		if err != nil && failed == nil {
			failed = err
		}
		return z
	})
	if failed != nil {
		return nil, failed
	}
	return wrap(out, data), nil
}

func compareAll[T float32 | int64](out Type, a, b []T, steps [][]int, cmp func(lt, eq, gt bool) bool) *Array {
	data := make([]bool, out.Size())
	zip(out.Dims, steps, data, a, b, func(x, y T) bool { return cmp(x < y, x == y, x > y) })
	return wrap(out, data)
}

// zip applies f to all pairs.
func zip[S, D any](dims []int, steps [][]int, out []D, a, b []S, f func(x, y S) D) {
	walk(dims, steps, func(s stretch) {
		i, j := s.off[0], s.off[1]
		for k := range s.n {
			out[s.at+k] = f(a[i], b[j])
			i += s.step[0]
			j += s.step[1]
		}
	})
}

// fast has loops of its own for the four common operations.
func (op BinOp) fast(dims []int, steps [][]int, out, a, b []float32) bool {
	var loop func(z, x, y []float32, i, j int)
	switch op {
	case Add:
		loop = func(z, x, y []float32, i, j int) {
			for k := range z {
				z[k] = x[k*i] + y[k*j]
			}
		}
	case Sub:
		loop = func(z, x, y []float32, i, j int) {
			for k := range z {
				z[k] = x[k*i] - y[k*j]
			}
		}
	case Mul:
		loop = func(z, x, y []float32, i, j int) {
			for k := range z {
				z[k] = x[k*i] * y[k*j]
			}
		}
	case Div:
		loop = func(z, x, y []float32, i, j int) {
			for k := range z {
				z[k] = x[k*i] / y[k*j]
			}
		}
	default:
		return false
	}
	walk(dims, steps, func(s stretch) {
		loop(out[s.at:s.at+s.n], a[s.off[0]:], b[s.off[1]:], s.step[0], s.step[1])
	})
	return true
}

func errOverflow(op string, a, b int64) error {
	return errf("integer overflow: %d %s %d", a, op, b).hint("make one side a float")
}

func addInt(a, b int64) (int64, error) {
	if s := a + b; (s > a) == (b > 0) || b == 0 {
		return s, nil
	}
	return 0, errOverflow("+", a, b)
}

func subInt(a, b int64) (int64, error) {
	if s := a - b; (s < a) == (b > 0) || b == 0 {
		return s, nil
	}
	return 0, errOverflow("-", a, b)
}

func mulInt(a, b int64) (int64, error) {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	p := int64(lo)
	// The signed high half is the unsigned one less each factor where the other is negative.
	sh := int64(hi) - a>>63&b - b>>63&a
	if sh != p>>63 {
		return 0, errOverflow("*", a, b)
	}
	return p, nil
}

func floorDivInt(a, b int64) (int64, error) {
	switch {
	case b == 0:
		return 0, errf("division by zero")
	case b == -1 && a == math.MinInt64:
		return 0, errOverflow("//", a, b)
	}
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q, nil
}

func floorModInt(a, b int64) (int64, error) {
	if b == 0 {
		return 0, errf("division by zero")
	}
	m := a % b
	if m != 0 && (m < 0) != (b < 0) {
		m += b
	}
	return m, nil
}

func powInt(a, b int64) (int64, error) {
	if b < 0 {
		return 0, errf("integer to a negative integer power: %d ** %d", a, b).hint("make one side a float: x ** -1.0")
	}
	out := int64(1)
	for base := a; b > 0; b >>= 1 {
		var err error
		if b&1 == 1 {
			if out, err = mulInt(out, base); err != nil {
				return 0, err
			}
		}
		if b > 1 {
			if base, err = mulInt(base, base); err != nil {
				return 0, err
			}
		}
	}
	return out, nil
}

// Quotient is a // b of Python: it goes with the exact remainder where a / b rounds up to a whole
// number, as 4 / 0.1 does. A divisor of 0 gives what a / b gives, as in NumPy.
func Quotient(a, b float64) float64 {
	if b == 0 {
		return a / b
	}
	m := math.Mod(a, b)
	div := (a - m) / b
	if m != 0 && (m < 0) != (b < 0) {
		div--
	}
	if div == 0 {
		return math.Copysign(0, a/b)
	}
	whole := math.Floor(div)
	if div-whole > 0.5 {
		whole++
	}
	return whole
}

// Remainder has the sign of b, as in Python; the remainder of floats is exact.
func Remainder[T float32 | float64](a, b T) T {
	m := T(math.Mod(float64(a), float64(b)))
	switch {
	case m == 0:
		return T(math.Copysign(0, float64(b)))
	case (m < 0) != (b < 0):
		m += b
	}
	return m
}

func quotient32(a, b float32) float32 { return float32(Quotient(float64(a), float64(b))) }

func pow32(a, b float32) float32 { return float32(math.Pow(float64(a), float64(b))) }

// max32 is not-a-number where either is, as in NumPy.
func max32(a, b float32) float32 {
	if a != a || a >= b {
		return a
	}
	return b
}

func min32(a, b float32) float32 {
	if a != a || a <= b {
		return a
	}
	return b
}
