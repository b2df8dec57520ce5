package tensor

import "math"

// UnOp is an element-wise operation of one operand.
type UnOp uint8

// The element-wise operations of one operand. Not is ~x of a bool array.
const (
	Neg UnOp = iota
	Pos
	Not
	Abs
	Sign
	Floor
	Ceil
	Round
	Exp
	Log
	Sqrt
	Tanh
	Sigmoid
	Relu
	Gelu
	Sin
	Cos
	IsNaN
	IsInf
)

// unRow is all there is to know of a UnOp.
type unRow struct {
	name string
	f64  func(x float64) float64      // computed in float64, rounded once
	i64  func(x int64) (int64, error) // for operations that keep integers
	test func(x float64) bool         // for those that give a truth value
	d    func(x, y float64) float64   // derivative at x, where the value is y
}

var unRows = [...]unRow{
	Neg:     {name: "-", f64: func(x float64) float64 { return -x }, i64: negInt, d: func(_, _ float64) float64 { return -1 }},
	Pos:     {name: "+", f64: func(x float64) float64 { return x }, i64: sameInt, d: func(_, _ float64) float64 { return 1 }},
	Not:     {name: "~"},
	Abs:     {name: "abs", f64: math.Abs, i64: absInt, d: func(x, _ float64) float64 { return sign(x) }},
	Sign:    {name: "sign", f64: sign, i64: signInt, d: flat},
	Floor:   {name: "floor", f64: math.Floor, i64: sameInt, d: flat},
	Ceil:    {name: "ceil", f64: math.Ceil, i64: sameInt, d: flat},
	Round:   {name: "round", f64: math.RoundToEven, i64: sameInt, d: flat},
	Exp:     {name: "exp", f64: math.Exp, d: func(_, y float64) float64 { return y }},
	Log:     {name: "log", f64: math.Log, d: func(x, _ float64) float64 { return 1 / x }},
	Sqrt:    {name: "sqrt", f64: math.Sqrt, d: func(_, y float64) float64 { return 0.5 / y }},
	Tanh:    {name: "tanh", f64: math.Tanh, d: func(_, y float64) float64 { return 1 - y*y }},
	Sigmoid: {name: "sigmoid", f64: sigmoid, d: func(_, y float64) float64 { return y * (1 - y) }},
	Relu:    {name: "relu", f64: relu, d: func(x, _ float64) float64 { return float64(bit(x > 0)) }},
	Gelu:    {name: "gelu", f64: gelu, d: func(x, _ float64) float64 { return geluSlope(x) }},
	Sin:     {name: "sin", f64: math.Sin, d: func(x, _ float64) float64 { return math.Cos(x) }},
	Cos:     {name: "cos", f64: math.Cos, d: func(x, _ float64) float64 { return -math.Sin(x) }},
	IsNaN:   {name: "isnan", test: math.IsNaN},
	IsInf:   {name: "isinf", test: func(x float64) bool { return math.IsInf(x, 0) }},
}

// String is how a script writes the operation.
func (op UnOp) String() string { return unRows[op].name }

// UnaryType is the type of op(t): int64 stays under - + abs sign floor ceil round, isnan and isinf
// give bool, the rest float32.
func UnaryType(op UnOp, t Type) (Type, error) {
	row := unRows[op]
	switch {
	case op == Not && t.DT != Bool:
		return Type{}, errf("~ inverts a bool array: got %s", t.DT).hint("compare first, as in ~(x > 0)")
	case op == Not || row.test != nil:
		return t.with(Bool), nil
	case row.i64 != nil && t.DT != F32:
		return t.with(I64), nil
	}
	return t.with(F32), nil
}

// Unary is op applied to each element. gelu is the tanh form that GPT-2 has.
//
//	a: any shape; result: the same
func Unary(op UnOp, a *Array) (*Array, error) {
	t, err := UnaryType(op, a.Type)
	if err != nil {
		return nil, err
	}
	out, err := unRows[op].eval(t, a)
	if err != nil {
		return nil, opError(op, err)
	}
	out.carry(a)
	return out, nil
}

func (row unRow) eval(t Type, a *Array) (*Array, error) {
	switch {
	case row.test != nil:
		return wrap(t, convert(a.F32(), func(x float32) bool { return row.test(float64(x)) })), nil
	case t.DT == Bool:
		return wrap(t, convert(a.truths(), func(x bool) bool { return !x })), nil
	case t.DT == I64:
		data := make([]int64, a.Size())
		for i, x := range a.I64() {
			y, err := row.i64(x)
			if err != nil {
				return nil, err
			}
			data[i] = y
		}
		return wrap(t, data), nil
	}
	return wrap(t, convert(a.F32(), func(x float32) float32 { return float32(row.f64(float64(x))) })), nil
}

func flat(_, _ float64) float64 { return 0 }

func sign(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return x // 0, -0 and not-a-number
}

func relu(x float64) float64 {
	if x <= 0 {
		return 0
	}
	return x
}

// sigmoid is written so that neither side overflows.
func sigmoid(x float64) float64 {
	if x >= 0 {
		return 1 / (1 + math.Exp(-x))
	}
	e := math.Exp(x)
	return e / (1 + e)
}

// The constants of the tanh form: Hendrycks and Gimpel, arXiv:1606.08415.
const (
	geluRoot  = 0.7978845608028654 // sqrt(2/pi)
	geluCubic = 0.044715
)

func gelu(x float64) float64 {
	return 0.5 * x * (1 + math.Tanh(geluRoot*(x+geluCubic*x*x*x)))
}

func geluSlope(x float64) float64 {
	t := math.Tanh(geluRoot * (x + geluCubic*x*x*x))
	return 0.5*(1+t) + 0.5*x*(1-t*t)*geluRoot*(1+3*geluCubic*x*x)
}

func sameInt(x int64) (int64, error) { return x, nil }

func negInt(x int64) (int64, error) { return subInt(0, x) }

func absInt(x int64) (int64, error) {
	if x < 0 {
		return negInt(x)
	}
	return x, nil
}

func signInt(x int64) (int64, error) { return int64(sign(float64(x))), nil }
