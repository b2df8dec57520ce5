package stdlib

import (
	"fmt"
	"math"

	"interp/ir"
	"interp/nnrt/tensor"
)

func errf(format string, args ...any) *ir.Error {
	return &ir.Error{Code: "E0302", Msg: fmt.Sprintf(format, args...)}
}

// wrong says what an argument should have been.
func wrong(c *ir.Call, i int, want string) error {
	return errf("%s: %s: want %s, got %s", c.Row.Name, c.Row.Params[i].Name, want, ir.KindOf(c.Args[i]))
}

// typeArg is the array type of an argument: of an array, a number or a list, known or lazy.
func typeArg(c *ir.Call, i int) (tensor.Type, error) {
	t, err := TypeOf(c.Args[i])
	return t, inArg(c, i, err)
}

// arrayArg is an argument as an array; a number is one of no axes, rounded to float32.
func arrayArg(c *ir.Call, i int) (*tensor.Array, error) {
	a, err := ToArray(c.Args[i])
	return a, inArg(c, i, err)
}

// inArg says which argument an error is about.
func inArg(c *ir.Call, i int, err error) error {
	switch e := err.(type) {
	case *ir.Error:
		return &ir.Error{Code: e.Code, Msg: c.Row.Name + ": " + c.Row.Params[i].Name + ": " + e.Msg, Hint: e.Hint}
	case *tensor.Error:
		return &tensor.Error{Msg: c.Row.Name + ": " + c.Row.Params[i].Name + ": " + e.Msg, Hint: e.Hint, Range: e.Range}
	}
	return err
}

// intArg is a whole number, perhaps as an array of one.
func intArg(c *ir.Call, i int) (int64, error) {
	if n, ok := intOf(c.Args[i]); ok {
		return n, nil
	}
	return 0, wrong(c, i, "a whole number")
}

func intOf(v ir.Value) (int64, bool) {
	switch x := v.(type) {
	case int64:
		return x, true
	case bool:
		if x {
			return 1, true
		}
		return 0, true
	case *tensor.Array:
		if x.DT != tensor.F32 && x.Size() == 1 {
			n, err := x.Int()
			return n, err == nil
		}
	}
	return 0, false
}

// floatArg is a number, perhaps as an array of one.
func floatArg(c *ir.Call, i int) (float64, error) {
	if x, ok := floatOf(c.Args[i]); ok {
		return x, nil
	}
	return 0, wrong(c, i, "a number")
}

func floatOf(v ir.Value) (float64, bool) {
	switch x := v.(type) {
	case float64:
		return x, true
	case *tensor.Array:
		if x.Size() == 1 {
			f, err := x.Float()
			return f, err == nil
		}
	}
	n, ok := intOf(v)
	return float64(n), ok
}

func stringArg(c *ir.Call, i int) (string, error) {
	if s, ok := c.Args[i].(string); ok {
		return s, nil
	}
	return "", wrong(c, i, "a string")
}

// axesArg is an axis argument: a name, a number, a list of them; None gives none, which means all or
// the last, as the row says.
func axesArg(c *ir.Call, i int) ([]tensor.Ax, error) {
	switch x := c.Args[i].(type) {
	case nil:
		return nil, nil
	case *ir.List:
		out := make([]tensor.Ax, len(x.Items))
		for k, e := range x.Items {
			ax, ok := axOf(e)
			if !ok {
				return nil, wrong(c, i, "axes by name or number")
			}
			out[k] = ax
		}
		return out, nil
	}
	ax, ok := axOf(c.Args[i])
	if !ok {
		return nil, wrong(c, i, "an axis by name or number, or a list of them")
	}
	return []tensor.Ax{ax}, nil
}

func axOf(v ir.Value) (tensor.Ax, bool) {
	if s, ok := v.(string); ok {
		return tensor.ByName(s), true
	}
	if n, ok := intOf(v); ok && n >= math.MinInt32 && n <= math.MaxInt32 {
		return tensor.ByPlace(int(n)), true
	}
	return tensor.Ax{}, false
}

// host says that all arguments are numbers of the host, to be worked on as Python does.
func host(c *ir.Call, n int) bool {
	for _, v := range c.Args[:n] {
		switch v.(type) {
		case bool, int64, float64:
		default:
			return false
		}
	}
	return true
}

// lazyArray is what Infer gives for an array of a type.
func lazyArray(t tensor.Type, err error) (ir.Value, error) {
	if err != nil {
		return nil, err
	}
	return &ir.Lazy{Kind: ir.KArray, Type: t}, nil
}

func lazyKind(k ir.Kind) func(*ir.Call) (ir.Value, error) {
	return func(*ir.Call) (ir.Value, error) { return &ir.Lazy{Kind: k}, nil }
}

// value hides the difference between a nil *tensor.Array and a nil value.
func value(a *tensor.Array, err error) (ir.Value, error) {
	if err != nil {
		return nil, err
	}
	return a, nil
}

// arr, ax and opt make parameters.
func arr(name, doc string) ir.Param { return ir.Param{Name: name, Doc: doc, Array: true} }

func par(name, doc string) ir.Param { return ir.Param{Name: name, Doc: doc} }

func opt(name string, def ir.Value, doc string) ir.Param {
	return ir.Param{Name: name, Doc: doc, Default: def, Optional: true}
}

func rest(name, doc string) ir.Param { return ir.Param{Name: name, Doc: doc, Rest: true} }

var axisAll = opt("axis", nil, "an axis by name or number, or a list of them; none: all")
var axisLast = opt("axis", nil, "an axis by name or number; none: the last")
