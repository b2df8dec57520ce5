package stdlib

import (
	"fmt"
	"math"
	"sort"
	"strconv"
	"strings"

	"interp/ir"
	"interp/nnrt/tensor"
)

// basics are Python's functions, as a Python user knows them.
var basics = []*ir.OpRow{
	{Name: "range", Doc: "The whole numbers from start up to stop, as a list.", NoGrad: noNumbers,
		Params:  []ir.Param{par("start", "the first, or with one argument the end"), opt("stop", nil, "the end, not included"), opt("step", int64(1), "the distance")},
		Example: "print range(3), range(1, 7, 2)\n# [0, 1, 2] [1, 3, 5]", Infer: forced, Eval: evalRange},
	{Name: "len", Doc: "How many items a list, string or record has; of an array the length of its first axis.", NoGrad: noNumbers,
		Params: []ir.Param{par("x", "a list, string, record or array")}, Example: "print len([1, 2]), len(\"abc\")\n# 2 3", Infer: evalLen, Eval: evalLen},
	{Name: "enumerate", Doc: "Pairs of a counter and each item.", NoGrad: listOnly,
		Params:  []ir.Param{par("xs", "a list"), opt("start", int64(0), "the first count")},
		Example: "for i, x in enumerate([\"a\", \"b\"]) { print i, x }\n# 0 a\n# 1 b", Infer: evalEnumerate, Eval: evalEnumerate},
	{Name: "zip", Doc: "Lists of the items that stand at one place, as many as the shortest has.", NoGrad: listOnly,
		Params: []ir.Param{rest("lists", "lists")}, Example: "print zip([1, 2], [3, 4])\n# [[1, 3], [2, 4]]", Infer: evalZip, Eval: evalZip},
	{Name: "sorted", Doc: "A list in rising order: of numbers, of strings, or of lists of them.", NoGrad: listOnly,
		Params:  []ir.Param{par("xs", "a list"), opt("reverse", false, "falling")},
		Example: "print sorted([3, 1, 2]), sorted([\"b\", \"a\"], reverse=True)\n# [1, 2, 3] [\"b\", \"a\"]", Infer: forced, Eval: evalSorted},
	{Name: "reversed", Doc: "A list from its end to its beginning.", NoGrad: listOnly,
		Params: []ir.Param{par("xs", "a list")}, Example: "print reversed([1, 2])\n# [2, 1]", Infer: evalReversed, Eval: evalReversed},
	extremeRow(tensor.Min, "The least: of two or more numbers, of a list, or of an array along axes."),
	extremeRow(tensor.Max, "The greatest: of two or more numbers, of a list, or of an array along axes."),
	sumRow,
	hostUnaryRow(tensor.Abs, "The absolute value. x: a number, or an array of any shape; result: the same.", "print abs(-3)\n# 3"),
	roundRow,
	{Name: "int", Doc: "A whole number: of a number what is before the point, of a string what it says.", NoGrad: noNumbers,
		Params: []ir.Param{par("x", "a number or a string")}, Example: "print int(3.9), int(\"12\")\n# 3 12", Infer: lazyKind(ir.KInt), Eval: evalInt},
	{Name: "float", Doc: "A number with a point: of a number or of a string that says one.", NoGrad: "a number of the host has none: keep the array",
		Params: []ir.Param{par("x", "a number or a string")}, Example: "print float(3), float(\"1e-3\")\n# 3.0 0.001", Infer: lazyKind(ir.KFloat), Eval: evalFloat},
	{Name: "str", Doc: "The text that print shows.", NoGrad: noNumbers,
		Params: []ir.Param{par("x", "any value")}, Example: "print str(3) + \"!\"\n# 3!", Infer: lazyKind(ir.KString), Eval: evalStr},
	{Name: "bool", Doc: "Whether a value counts as true: not 0, not empty, not None.", NoGrad: noNumbers,
		Params: []ir.Param{par("x", "any value; an array of one element")}, Example: "print bool([]), bool(2)\n# False True", Infer: lazyKind(ir.KBool), Eval: evalBool},
	{Name: "type", Doc: "The name of a value's kind.", NoGrad: noNumbers,
		Params: []ir.Param{par("x", "any value")}, Example: "print type(1), type([1])\n# int list", Infer: evalType, Eval: evalType},
}

// forced is the Infer of a function that must know its arguments.
func forced(*ir.Call) (ir.Value, error) { return nil, ir.ErrForce }

const maxRange = 100_000_000

func evalRange(c *ir.Call) (ir.Value, error) {
	lo, err := intArg(c, 0)
	if err != nil {
		return nil, err
	}
	hi, step := lo, int64(1)
	if c.Args[1] == nil {
		lo = 0
	} else if hi, err = intArg(c, 1); err != nil {
		return nil, err
	}
	if step, err = intArg(c, 2); err != nil {
		return nil, err
	}
	if step == 0 {
		return nil, errf("range: step is 0")
	}
	n := int64(0)
	switch {
	case step > 0 && hi > lo:
		n = (hi-lo-1)/step + 1
	case step < 0 && hi < lo:
		n = (lo-hi-1)/-step + 1
	}
	if n < 0 || n > ir.MaxItems {
		return nil, errf("range: %d to %d has more than %d numbers", lo, hi, ir.MaxItems)
	}
	if err := charge(c, int(n)); err != nil {
		return nil, err
	}
	out := make([]ir.Value, n)
	for i := range out {
		out[i] = lo + int64(i)*step
	}
	return &ir.List{Items: out}, nil
}

// charge counts host work before it is done.
func charge(c *ir.Call, n int) error {
	if c.Env == nil || c.Env.Charge == nil {
		return nil
	}
	return c.Env.Charge(n)
}

func evalLen(c *ir.Call) (ir.Value, error) {
	switch x := c.Args[0].(type) {
	case *ir.List:
		return int64(len(x.Items)), nil
	case string:
		return int64(len([]rune(x))), nil
	case *ir.Record:
		return int64(len(x.Keys)), nil
	case *tensor.Array:
		return arrayLen(x.Type)
	case *ir.Lazy:
		switch {
		case x.Kind == ir.KArray:
			return arrayLen(x.Type)
		case x.Kind == ir.KList && x.Elems != nil:
			return int64(len(x.Elems)), nil
		}
		return &ir.Lazy{Kind: ir.KInt}, nil
	}
	return nil, wrong(c, 0, "a list, string, record or array")
}

func arrayLen(t tensor.Type) (ir.Value, error) {
	if t.Rank() == 0 {
		return nil, errf("len: a single number has no length")
	}
	if t.Dims[0] < 0 {
		return nil, errf("len: axis %s is ragged: each row has a length of its own", t.Axes[0])
	}
	return int64(t.Dims[0]), nil
}

// Items lists what a loop runs over: the items of a list, the characters of a string, the keys of a
// record; ok is false for other values, arrays among them.
func Items(v ir.Value) (items []ir.Value, ok bool) {
	switch x := v.(type) {
	case *ir.List:
		return x.Items, true
	case *ir.Lazy:
		return x.Elems, x.Kind == ir.KList && x.Elems != nil
	case string:
		for _, r := range x {
			items = append(items, string(r))
		}
		return items, true
	case *ir.Record:
		for _, k := range x.Keys {
			items = append(items, k)
		}
		return items, true
	case *tensor.Array:
		if x.Rank() == 0 || x.Dims[0] < 0 {
			return nil, false
		}
		for i := range x.Dims[0] {
			e, err := tensor.Index(x, []tensor.Ix{{Kind: tensor.Entry, I: i}})
			if err != nil {
				return nil, false
			}
			items = append(items, e)
		}
		return items, true
	}
	return nil, false
}

func itemsArg(c *ir.Call, i int) ([]ir.Value, error) {
	if items, ok := Items(c.Args[i]); ok {
		return items, nil
	}
	if _, lazy := c.Args[i].(*ir.Lazy); lazy {
		return nil, ir.ErrForce
	}
	return nil, wrong(c, i, "a list")
}

// entriesArg is the same of a function that only places the items: they need not be known.
func entriesArg(c *ir.Call, i int) ([]ir.Value, error) {
	if l, ok := c.Args[i].(*ir.Lazy); ok {
		return lazyItems(c, l)
	}
	return itemsArg(c, i)
}

// lazyItems are the entries of what is not known yet, where how many they are is.
func lazyItems(c *ir.Call, l *ir.Lazy) ([]ir.Value, error) {
	switch {
	case l.Kind == ir.KList && l.Elems != nil:
		return l.Elems, nil
	case l.Kind != ir.KArray || l.Type.Rank() == 0 || l.Type.Dims[0] < 0:
		return nil, ir.ErrForce
	}
	out := make([]ir.Value, l.Type.Dims[0])
	if err := charge(c, len(out)); err != nil {
		return nil, err
	}
	for k := range out {
		e, err := c.Env.Index(l, []tensor.Ix{{Kind: tensor.Entry, I: k}})
		if err != nil {
			return nil, err
		}
		out[k] = e
	}
	return out, nil
}

func evalEnumerate(c *ir.Call) (ir.Value, error) {
	items, err := entriesArg(c, 0)
	if err != nil {
		return nil, err
	}
	start, err := intArg(c, 1)
	if err != nil {
		return nil, err
	}
	out := make([]ir.Value, len(items))
	for i, e := range items {
		out[i] = &ir.List{Items: []ir.Value{start + int64(i), e}}
	}
	return &ir.List{Items: out}, charge(c, 2*len(out))
}

func evalZip(c *ir.Call) (ir.Value, error) {
	lists, n := [][]ir.Value{}, -1
	for _, l := range c.Args[0].(*ir.List).Items {
		items, ok := Items(l)
		if x, lazy := l.(*ir.Lazy); lazy {
			var err error
			if items, err = lazyItems(c, x); err != nil {
				return nil, err
			}
		} else if !ok {
			return nil, errf("zip: want lists, got %s", ir.KindOf(l))
		}
		lists = append(lists, items)
		if n < 0 || len(items) < n {
			n = len(items)
		}
	}
	out := &ir.List{}
	for i := range max(n, 0) {
		row := make([]ir.Value, len(lists))
		for k := range lists {
			row[k] = lists[k][i]
		}
		out.Items = append(out.Items, &ir.List{Items: row})
	}
	return out, charge(c, len(lists)*len(out.Items))
}

func evalReversed(c *ir.Call) (ir.Value, error) {
	items, err := entriesArg(c, 0)
	if err != nil {
		return nil, err
	}
	out := make([]ir.Value, len(items))
	for i, e := range items {
		out[len(items)-1-i] = e
	}
	return &ir.List{Items: out}, nil
}

func evalSorted(c *ir.Call) (ir.Value, error) {
	items, err := itemsArg(c, 0)
	if err != nil {
		return nil, err
	}
	down, _ := c.Args[1].(bool)
	out := append([]ir.Value(nil), items...)
	var bad error
	sort.SliceStable(out, func(i, j int) bool {
		if down {
			i, j = j, i
		}
		k, err := Compare(out[i], out[j])
		if err != nil && bad == nil {
			bad = err
		}
		return k < 0
	})
	return &ir.List{Items: out}, bad
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
