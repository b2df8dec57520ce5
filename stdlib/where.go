package stdlib

import (
	"interp/ir"
	"interp/nnrt/tensor"
)

// fn completes the row of a function that gives an array: typ works on types alone, eval on numbers.
func fn(r *ir.OpRow, typ func(c *ir.Call) (tensor.Type, error), eval func(c *ir.Call) (*tensor.Array, error)) *ir.OpRow {
	r.Infer = func(c *ir.Call) (ir.Value, error) { return lazyArray(typ(c)) }
	r.Eval = func(c *ir.Call) (ir.Value, error) { return value(eval(c)) }
	return r
}

var whereRow = func() *ir.OpRow {
	r := fn(&ir.OpRow{Name: "where", Doc: "a where c is true, b elsewhere. c, a, b: shapes that meet; result: their common shape.",
		Params:  []ir.Param{arr("c", "a bool array"), arr("a", "an array or a number"), arr("b", "an array or a number")},
		Example: "print where([True, False], 1, 2)\n# [2]\n# [1 2]"},
		func(c *ir.Call) (tensor.Type, error) {
			ts, err := typeArgs(c, 3)
			if err != nil {
				return tensor.Type{}, err
			}
			t, warning, err := tensor.WhereType(ts[0], ts[1], ts[2])
			warn(c, warning)
			return t, err
		},
		func(c *ir.Call) (*tensor.Array, error) {
			as, err := arrayArgs(c, 3)
			if err != nil {
				return nil, err
			}
			return tensor.Where(as[0], as[1], as[2])
		})
	r.Grad = gradWhere
	r.Maps = func(c *ir.Call, _ tensor.Type) [][]int {
		ts := make([]tensor.Type, 0, 3)
		var order []int
		for _, i := range []int{1, 2, 0} { // the order in which where lets them meet
			if t, ok := ir.TypeOf(c.Args[i]); ok {
				ts, order = append(ts, t), append(order, i)
			}
		}
		m, err := tensor.Meet(ts...)
		if err != nil {
			return nil
		}
		at := map[int][]int{}
		for k, i := range order {
			at[i] = m.Maps[k].In
		}
		var out [][]int
		for i := range 3 {
			if in, ok := at[i]; ok {
				out = append(out, in)
			}
		}
		return out
	}
	return r
}()

// bounds are clamp's lo and hi, nil where there is none.
func bounds(c *ir.Call) (lo, hi *tensor.Array, err error) {
	if c.Args[1] != nil {
		if lo, err = arrayArg(c, 1); err != nil {
			return
		}
	}
	if c.Args[2] != nil {
		hi, err = arrayArg(c, 2)
	}
	return
}

var clampRow = func() *ir.OpRow {
	r := fn(&ir.OpRow{Name: "clamp", Doc: "x, raised to lo where it is below and lowered to hi where it is above; None is no bound. x: any shape; result: the same.",
		Params:  []ir.Param{arr("x", "an array or a number"), opt("lo", nil, "the least"), opt("hi", nil, "the greatest")},
		Example: "print clamp([-2, 0, 5], -1, 3)\n# [3]\n# [-1  0  3]"},
		func(c *ir.Call) (tensor.Type, error) {
			t, err := typeArg(c, 0)
			if err != nil {
				return t, err
			}
			var at [2]*tensor.Type
			for i := range at {
				if c.Args[i+1] != nil {
					b, err := typeArg(c, i+1)
					if err != nil {
						return t, err
					}
					at[i] = &b
				}
			}
			out, warning, err := tensor.ClampType(t, at[0], at[1])
			warn(c, warning)
			return out, err
		},
		func(c *ir.Call) (*tensor.Array, error) {
			x, err := arrayArg(c, 0)
			if err != nil {
				return nil, err
			}
			lo, hi, err := bounds(c)
			if err != nil {
				return nil, err
			}
			return tensor.Clamp(x, lo, hi)
		})
	eval := r.Eval
	r.Eval = func(c *ir.Call) (ir.Value, error) {
		if x, ok := floatOf(c.Args[0]); ok && host(c, 1) {
			if lo, ok := floatOf(c.Args[1]); ok && x < lo {
				return c.Args[1], nil
			}
			if hi, ok := floatOf(c.Args[2]); ok && x > hi {
				return c.Args[2], nil
			}
			return c.Args[0], nil
		}
		return eval(c)
	}
	r.Maps, r.Grad = meetMaps, gradClamp
	return r
}()

func typeArgs(c *ir.Call, n int) ([]tensor.Type, error) {
	ts := make([]tensor.Type, n)
	for i := range ts {
		t, err := typeArg(c, i)
		if err != nil {
			return nil, err
		}
		ts[i] = t
	}
	return ts, nil
}

func arrayArgs(c *ir.Call, n int) ([]*tensor.Array, error) {
	as := make([]*tensor.Array, n)
	for i := range as {
		a, err := arrayArg(c, i)
		if err != nil {
			return nil, err
		}
		as[i] = a
	}
	return as, nil
}
