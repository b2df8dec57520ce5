package stdlib

import (
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
	{Name: "sorted", Doc: "A list in rising order: of numbers, of strings, or of lists of them; or of what a function says of each item.", NoGrad: listOnly,
		Params:  []ir.Param{par("xs", "a list"), opt("reverse", false, "falling"), opt("key", nil, "a function of an item")},
		Example: "def size(s) { return len(s) }\nprint sorted([3, 1, 2]), sorted([\"bb\", \"a\"], key=size, reverse=True)\n# [1, 2, 3] [\"bb\", \"a\"]", Infer: forced, Eval: evalSorted},
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
