package stdlib

import (
	"math"
	"slices"
	"strings"

	"interp/ir"
	"interp/nnrt/tensor"
)

func evalSorted(c *ir.Call) (ir.Value, error) {
	items, err := itemsArg(c, 0)
	if err != nil {
		return nil, err
	}
	keys := slices.Clone(items)
	if key := c.Args[2]; key != nil {
		for i, x := range items {
			if keys[i], err = c.Env.Call(key, x); err != nil {
				return nil, err
			}
		}
	}
	down, _ := c.Args[1].(bool)
	order := make([]int, len(items))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		if down {
			i, j = j, i
		}
		k, bad := Compare(keys[i], keys[j])
		if err == nil {
			err = bad
		}
		return k
	})
	out := make([]ir.Value, len(items))
	for i, at := range order {
		out[i] = items[at]
	}
	return &ir.List{Items: out}, err
}

// Compare orders two host values: numbers, strings, or lists of them.
func Compare(a, b ir.Value) (int, error) {
	if x, ok := a.(string); ok {
		if y, ok := b.(string); ok {
			return strings.Compare(x, y), nil
		}
	}
	if x, ok := a.(*ir.List); ok {
		if y, ok := b.(*ir.List); ok {
			for i := range min(len(x.Items), len(y.Items)) {
				if k, err := Compare(x.Items[i], y.Items[i]); k != 0 || err != nil {
					return k, err
				}
			}
			return len(x.Items) - len(y.Items), nil
		}
	}
	if m, ok := intOf(a); ok {
		if n, ok := intOf(b); ok {
			switch {
			case m < n:
				return -1, nil
			case m > n:
				return 1, nil
			}
			return 0, nil
		}
	}
	x, ok1 := floatOf(a)
	y, ok2 := floatOf(b)
	if !ok1 || !ok2 {
		return 0, errf("%s and %s have no order", ir.KindOf(a), ir.KindOf(b))
	}
	switch {
	case x < y:
		return -1, nil
	case x > y:
		return 1, nil
	}
	return 0, nil
}

// extremeRow is min or max: of numbers of the host as Python does, of an array a reduction.
func extremeRow(op tensor.RedOp, doc string) *ir.OpRow {
	name := op.String()
	example := map[string]string{"min": "print min(3, 2), min([4, 1])\n# 2 1", "max": "print max(3, 2), max([4, 1])\n# 3 4"}[name]
	r := completeReduce(op, &ir.OpRow{Name: name, Doc: doc, Example: example,
		Params: []ir.Param{par("x", "an array, a list, or the first number"), opt("axis", nil, "an axis by name or number, or a list of them; none: all. Beside a number: the second number"), rest("more", "more numbers")}})
	infer, eval := r.Infer, r.Eval
	r.Infer = func(c *ir.Call) (ir.Value, error) {
		if numbersGiven(c) {
			row, _ := Lookup(name + "imum")
			best, err := c.Env.Op(row, nil, c.Args[0], c.Args[1])
			for _, x := range c.Args[2].(*ir.List).Items {
				if err == nil {
					best, err = c.Env.Op(row, nil, best, x)
				}
			}
			return best, err
		}
		return infer(c)
	}
	r.Eval = func(c *ir.Call) (ir.Value, error) {
		items := append([]ir.Value{c.Args[0], c.Args[1]}, c.Args[2].(*ir.List).Items...)
		if !numbersGiven(c) {
			var ok bool
			if l, is := c.Args[0].(*ir.List); is && c.Args[1] == nil {
				items, ok = l.Items, hostList(l)
			}
			if !ok {
				return eval(c)
			}
			if len(items) == 0 {
				return nil, errf("%s: the list is empty", name)
			}
		}
		return extreme(items, op == tensor.Max)
	}
	return r
}

// numbersGiven says that min or max got numbers one by one: the second argument is no axis.
func numbersGiven(c *ir.Call) bool {
	switch ir.KindOf(c.Args[0]) {
	case ir.KInt, ir.KFloat, ir.KBool, ir.KString:
		return c.Args[1] != nil
	case ir.KArray:
		t, _ := ir.TypeOf(c.Args[0])
		return t.Rank() == 0 && c.Args[1] != nil
	}
	return false
}

// hostList says that a list holds host numbers or strings alone.
func hostList(l *ir.List) bool {
	for _, e := range l.Items {
		switch e.(type) {
		case bool, int64, float64, string:
		default:
			return false
		}
	}
	return true
}

func extreme(items []ir.Value, greatest bool) (ir.Value, error) {
	best := items[0]
	for _, e := range items[1:] {
		k, err := Compare(e, best)
		if err != nil {
			return nil, err
		}
		if greatest && k > 0 || !greatest && k < 0 {
			best = e
		}
	}
	return best, nil
}

var sumRow = func() *ir.OpRow {
	r := completeReduce(tensor.Sum, &ir.OpRow{Name: "sum", Doc: "The sum: of a list of numbers, or of an array along axes. x: [.. n ..]; result: the axes left.",
		Params: []ir.Param{par("x", "an array or a list"), axisAll}, Example: "print sum([1, 2, 3])\n# 6"})
	eval := r.Eval
	r.Eval = func(c *ir.Call) (ir.Value, error) {
		if l, ok := c.Args[0].(*ir.List); ok && c.Args[1] == nil && hostList(l) {
			return sumHost(l.Items)
		}
		return eval(c)
	}
	return r
}()

func sumHost(items []ir.Value) (ir.Value, error) {
	whole, n, s := true, int64(0), 0.0
	for _, e := range items {
		x, ok := floatOf(e)
		if !ok {
			return nil, errf("sum: want numbers, got %s", ir.KindOf(e))
		}
		s += x
		k, isInt := intOf(e)
		if whole = whole && isInt; whole {
			if k > 0 && n > math.MaxInt64-k || k < 0 && n < math.MinInt64-k {
				return nil, errf("sum: the result does not fit 64 bits")
			}
			n += k
		}
	}
	if whole {
		return n, nil
	}
	return s, nil
}
