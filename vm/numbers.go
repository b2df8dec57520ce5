package vm

import (
	"math"
	"math/bits"

	"interp/ir"
	"interp/nnrt/tensor"
)

// hostNumber is arithmetic on numbers of the host: whole numbers of 64 bits, of which an overflow is
// an error, else float64. / gives a float; // and % round to below, as in Python.
func hostNumber(op string, a, b ir.Value) (ir.Value, error) {
	x, ok1 := hostInt(a)
	y, ok2 := hostInt(b)
	if ok1 && ok2 && op != "/" && !(op == "**" && y < 0) {
		if f, ok := intOps[op]; ok {
			return f(x, y)
		}
	}
	p, ok1 := hostFloat(a)
	q, ok2 := hostFloat(b)
	f, ok := floatOps[op]
	if !ok1 || !ok2 || !ok {
		return nil, mismatch(op, a, b)
	}
	if q == 0 && (op == "/" || op == "//" || op == "%") || op == "**" && p == 0 && q < 0 {
		return nil, errZero
	}
	return f(p, q), nil
}

var errZero = &ir.Error{Code: "E0410", Msg: "division by zero", Hint: "numbers of the host divide as in Python; arrays give inf and nan"}

var errOverflow = &ir.Error{Code: "E0409", Msg: "the whole number does not fit 64 bits", Hint: "write 2.0 ** 100 for a number with a point"}

// hostInt is a whole number of the host; True is 1.
func hostInt(v ir.Value) (int64, bool) {
	switch x := v.(type) {
	case bool:
		if x {
			return 1, true
		}
		return 0, true
	case int64:
		return x, true
	}
	return 0, false
}

var intOps = map[string]func(x, y int64) (ir.Value, error){
	"+": func(x, y int64) (ir.Value, error) {
		s := x + y
		if (x^s)&(y^s) < 0 {
			return nil, errOverflow
		}
		return s, nil
	},
	"-": func(x, y int64) (ir.Value, error) {
		s := x - y
		if (x^y)&(x^s) < 0 {
			return nil, errOverflow
		}
		return s, nil
	},
	"*":  func(x, y int64) (ir.Value, error) { return checked(mulInt(x, y)) },
	"**": powInt,
	"//": func(x, y int64) (ir.Value, error) {
		if y == 0 {
			return nil, errZero
		}
		if x == math.MinInt64 && y == -1 {
			return nil, errOverflow
		}
		q := x / y
		if x%y != 0 && (x < 0) != (y < 0) {
			q--
		}
		return q, nil
	},
	"%": func(x, y int64) (ir.Value, error) {
		if y == 0 {
			return nil, errZero
		}
		if y == -1 {
			return int64(0), nil
		}
		r := x % y
		if r != 0 && (r < 0) != (y < 0) {
			r += y
		}
		return r, nil
	},
}

func checked(v int64, ok bool) (ir.Value, error) {
	if !ok {
		return nil, errOverflow
	}
	return v, nil
}

func mulInt(x, y int64) (int64, bool) {
	hi, lo := bits.Mul64(magnitude(x), magnitude(y))
	neg := (x < 0) != (y < 0)
	if hi != 0 || lo > 1<<63 || lo == 1<<63 && !neg {
		return 0, false
	}
	if neg {
		return -int64(lo), true
	}
	return int64(lo), true
}

func magnitude(x int64) uint64 {
	if x < 0 {
		return -uint64(x)
	}
	return uint64(x)
}

func powInt(x, y int64) (ir.Value, error) {
	out, ok := int64(1), true
	for ; y > 0; y >>= 1 {
		if y&1 == 1 {
			if out, ok = mulInt(out, x); !ok {
				return nil, errOverflow
			}
		}
		if y > 1 {
			if x, ok = mulInt(x, x); !ok {
				return nil, errOverflow
			}
		}
	}
	return out, nil
}

var floatOps = map[string]func(x, y float64) ir.Value{
	"+":  func(x, y float64) ir.Value { return x + y },
	"-":  func(x, y float64) ir.Value { return x - y },
	"*":  func(x, y float64) ir.Value { return x * y },
	"/":  func(x, y float64) ir.Value { return x / y },
	"//": func(x, y float64) ir.Value { return tensor.Quotient(x, y) },
	"%":  func(x, y float64) ir.Value { return tensor.Remainder(x, y) },
	"**": func(x, y float64) ir.Value { return math.Pow(x, y) },
}

// unaryOp is -x, +x and ~x.
func (m *Machine) unaryOp(f *frame, in *ir.Instr) (ir.Value, error) {
	v, err := m.arg(f, in, 0)
	if err != nil {
		return nil, err
	}
	switch x := v.(type) {
	case *tensor.Array:
		return m.unaryRow(in, v)
	case *ir.Lazy:
		if x.Kind == ir.KAny && x.Node == ir.NoNode {
			return unknown(), nil
		}
		return m.unaryRow(in, v)
	}
	if in.Name != "~" {
		if n, ok := hostInt(v); ok {
			if in.Name == "+" {
				return n, nil
			}
			return hostNumber("-", int64(0), n)
		}
		if x, ok := v.(float64); ok {
			if in.Name == "-" {
				x = -x
			}
			return x, nil
		}
	}
	if b, ok := v.(bool); ok {
		return !b, nil
	}
	e := &ir.Error{Code: "E0304", Msg: in.Name + " does not work on " + ir.KindOf(v).String()}
	if _, ok := v.(*ir.List); ok {
		e.Hint = "as an array: " + in.Name + "stack(xs)"
	}
	return nil, e
}

func (m *Machine) unaryRow(in *ir.Instr, v ir.Value) (ir.Value, error) {
	row, ok := m.opts.Lookup("unary " + in.Name)
	if !ok {
		return nil, &ir.Error{Code: "E0304", Msg: in.Name + " does not work on " + ir.KindOf(v).String()}
	}
	return m.callRow(row, []ir.Value{v}, nil, in.Span)
}
