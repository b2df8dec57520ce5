package stdlib

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"interp/ir"
	"interp/nnrt/tensor"
)

func hostUnaryRow(op tensor.UnOp, doc, example string) *ir.OpRow {
	return unaryRow(op, &ir.OpRow{Name: op.String(), Doc: doc, Example: example})
}

var roundRow = func() *ir.OpRow {
	r := unaryRow(tensor.Round, &ir.OpRow{Name: "round", Doc: "The nearest whole number, of two equally near the even one; with digits, so many behind the point, or before it where they are negative. x: a number, or an array of any shape; result: the same.",
		Example: "print round(2.5), round(3.14159, 2)\n# 2 3.14"})
	r.Params = append(r.Params, opt("digits", nil, "how many behind the point"))
	infer, eval := r.Infer, r.Eval
	scaled := func(c *ir.Call, digits int64) (ir.Value, error) {
		mul, _ := Lookup("*")
		div, _ := Lookup("/")
		scale := math.Pow(10, float64(digits))
		v, err := c.Env.Op(mul, nil, c.Args[0], scale)
		if err != nil {
			return nil, err
		}
		if v, err = c.Env.Op(c.Row, nil, v, nil); err != nil {
			return nil, err
		}
		return c.Env.Op(div, nil, v, scale)
	}
	r.Infer = func(c *ir.Call) (ir.Value, error) {
		if l, ok := c.Args[0].(*ir.Lazy); ok && l.Kind != ir.KArray {
			return &ir.Lazy{Kind: l.Kind}, nil
		}
		if c.Args[1] == nil {
			return infer(c)
		}
		n, err := intArg(c, 1)
		if err != nil {
			return nil, err
		}
		return scaled(c, n)
	}
	r.Eval = func(c *ir.Call) (ir.Value, error) {
		if c.Args[1] == nil {
			if x, ok := c.Args[0].(float64); ok {
				return wholeNumber(math.RoundToEven(x))
			}
			return eval(c)
		}
		n, err := intArg(c, 1)
		if err != nil {
			return nil, err
		}
		switch x := c.Args[0].(type) {
		case float64:
			return roundFloat(x, n)
		case int64, bool:
			i, _ := intOf(x)
			return roundInt(i, n)
		}
		return scaled(c, n)
	}
	return r
}()

// roundFloat rounds to n digits behind the point, or to tens and hundreds where n is negative.
func roundFloat(x float64, n int64) (ir.Value, error) {
	if n < 0 {
		unit := math.Pow(10, float64(min(-n, 308)))
		return math.RoundToEven(x/unit) * unit, nil
	}
	v, err := strconv.ParseFloat(strconv.FormatFloat(x, 'f', int(min(n, 300)), 64), 64)
	return v, err
}

// roundInt rounds a whole number to a multiple of 10 ** -digits, of two equally near to the even one.
func roundInt(x, digits int64) (ir.Value, error) {
	switch {
	case digits >= 0:
		return x, nil
	case digits < -18:
		return int64(0), nil
	}
	unit := int64(1)
	for range -digits {
		unit *= 10
	}
	q, r := x/unit, x%unit
	away := int64(1)
	if r < 0 {
		r, away = -r, -1
	}
	if r > unit-r || r == unit-r && q%2 != 0 {
		q += away
	}
	if out := q * unit; out/unit == q {
		return out, nil
	}
	return nil, errf("round: the result does not fit 64 bits")
}

func wholeNumber(x float64) (ir.Value, error) {
	if !(x >= -(1<<63) && x < 1<<63) {
		return nil, errf("%v is no whole number of 64 bits", x)
	}
	return int64(x), nil
}

func evalInt(c *ir.Call) (ir.Value, error) {
	if s, ok := c.Args[0].(string); ok {
		n, err := strconv.ParseInt(strings.ReplaceAll(strings.TrimSpace(s), "_", ""), 10, 64)
		if err != nil {
			return nil, errf("int: %q is no whole number", s)
		}
		return n, nil
	}
	if n, ok := intOf(c.Args[0]); ok {
		return n, nil
	}
	x, err := floatArg(c, 0)
	if err != nil {
		return nil, err
	}
	return wholeNumber(math.Trunc(x))
}

func evalFloat(c *ir.Call) (ir.Value, error) {
	if s, ok := c.Args[0].(string); ok {
		x, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
		if err != nil {
			return nil, errf("float: %q is no number", s)
		}
		return x, nil
	}
	return floatArg(c, 0)
}

func evalStr(c *ir.Call) (ir.Value, error) {
	s := Text(c.Args[0])
	return s, charge(c, len(s))
}

func evalBool(c *ir.Call) (ir.Value, error) { return Truth(c.Args[0]) }

func evalType(c *ir.Call) (ir.Value, error) {
	k := ir.KindOf(c.Args[0])
	if k == ir.KAny {
		return &ir.Lazy{Kind: ir.KString}, nil
	}
	return k.String(), nil
}

// Truth is whether a value counts as true, as in Python; an array only with one element.
func Truth(v ir.Value) (bool, error) {
	switch x := v.(type) {
	case nil:
		return false, nil
	case bool:
		return x, nil
	case int64:
		return x != 0, nil
	case float64:
		return x != 0, nil
	case string:
		return x != "", nil
	case *ir.List:
		return len(x.Items) > 0, nil
	case *ir.Record:
		return len(x.Keys) > 0, nil
	case *tensor.Array:
		if x.Size() != 1 {
			return false, &ir.Error{Code: "E0302", Msg: fmt.Sprintf("the truth of an array of shape %s is not one answer", x.Type), Hint: "any(x) or all(x)"}
		}
		return x.Truth()
	}
	return true, nil
}
