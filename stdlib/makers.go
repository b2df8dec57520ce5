package stdlib

import (
	"math"

	"interp/ir"
	"interp/nnrt/tensor"
)

// makers make arrays and lists out of nothing. Random ones are keyed by the seed and by the place of
// the call with its loop indices, never by the order in which things run.
var makers = []*ir.OpRow{
	filledRow("zeros", 0, "An array of zeros. result: [shape].", "print zeros(3)\n# [3]\n# [0.0000 0.0000 0.0000]"),
	filledRow("ones", 1, "An array of ones. result: [shape].", "print ones(2)\n# [2]\n# [1.0000 1.0000]"),
	fullRow,
	{Name: "eye", Doc: "The identity matrix. result: [n n].", NoGrad: noArrays, Params: []ir.Param{par("n", "its size")},
		Example: "print eye(2)\n# [2 2]\n# [[1.0000 0.0000]\n#  [0.0000 1.0000]]", Infer: forced, Eval: evalEye},
	{Name: "arange", Doc: "The numbers from start up to stop, as an array of int64 or, where one is a float, float32. result: [n].", NoGrad: noArrays,
		Params:  []ir.Param{par("start", "the first, or with one argument the end"), opt("stop", nil, "the end, not included"), opt("step", int64(1), "the distance")},
		Example: "print arange(3)\n# [3]\n# [0 1 2]", Infer: forced, Eval: evalArange},
	{Name: "linspace", Doc: "n numbers at equal distances from a to b. result: [n].", NoGrad: noArrays,
		Params:  []ir.Param{par("a", "the first"), par("b", "the last"), par("n", "how many")},
		Example: "print linspace(0, 1, 3)\n# [3]\n# [0.0000 0.5000 1.0000]", Infer: forced, Eval: evalLinspace},
	randomRow("randn", "Draws of the standard normal distribution; seed: one number, or one a row. result: [shape].", "print randn(2, 3).shape\n# [2, 3]", tensor.RandN),
	randomRow("rand", "Draws from 0 to below 1; seed: one number, or one a row. result: [shape].", "print rand(4).shape\n# [4]", tensor.Rand),
	{Name: "choice", Doc: "n draws from a list, each from all of it.", NoGrad: listOnly,
		Params: []ir.Param{par("xs", "a list"), par("n", "how many"), seedPar}, Example: "print len(choice([\"a\", \"b\"], 5))\n# 5", Infer: forced, Eval: evalChoice},
	{Name: "permutation", Doc: "The whole numbers below n in random order, as a list.", NoGrad: noNumbers,
		Params: []ir.Param{par("n", "how many"), seedPar}, Example: "print sorted(permutation(3))\n# [0, 1, 2]", Infer: forced, Eval: evalPermutation},
	{Name: "grid", Doc: "The list of all pairs of an item of xs and one of ys.", NoGrad: listOnly,
		Params: []ir.Param{par("xs", "a list"), par("ys", "a list")}, Example: "print grid([0, 1], [5, 6])\n# [[0, 5], [0, 6], [1, 5], [1, 6]]", Infer: evalGrid, Eval: evalGrid},
}

var seedPar = opt("seed", nil, "instead of the run's seed")

// shapeType is the type of a shape argument, charged before it is made.
func shapeType(c *ir.Call, i int, dt tensor.DType) (tensor.Type, error) {
	dims, err := dimsArg(c, i)
	if err != nil {
		return tensor.Type{}, err
	}
	n := 1
	for _, d := range dims {
		if d < 0 {
			return tensor.Type{}, errf("%s: shape %v: a length is negative", c.Row.Name, dims)
		}
		if d > 0 && n > maxRange*100/d {
			return tensor.Type{}, errf("%s: shape %v is too large", c.Row.Name, dims)
		}
		n *= d
	}
	return tensor.NewType(dt, nil, dims), charge(c, n)
}

func filledRow(name string, x float64, doc, example string) *ir.OpRow {
	return &ir.OpRow{Name: name, Doc: doc, Example: example, NoGrad: noArrays, Infer: forced,
		Params: []ir.Param{rest("shape", "the lengths, or one list of them")},
		Eval: func(c *ir.Call) (ir.Value, error) {
			t, err := shapeType(c, 0, tensor.F32)
			if err != nil {
				return nil, err
			}
			return value(tensor.Full(t, tensor.Float(x)))
		},
	}
}

var fullRow = fn(&ir.OpRow{Name: "full", Doc: "An array that holds one number everywhere. result: [shape].",
	Params: []ir.Param{par("shape", "a length, or a list of them"), par("x", "the number")}, Grad: gradFull, Example: "print full([2], 7)\n# [2]\n# [7 7]"},
	func(c *ir.Call) (tensor.Type, error) {
		x, err := typeArg(c, 1)
		if err != nil {
			return x, err
		}
		return shapeType(listed(c, 0), 0, x.DT)
	},
	func(c *ir.Call) (*tensor.Array, error) {
		x, err := arrayArg(c, 1)
		if err != nil {
			return nil, err
		}
		t, err := shapeType(listed(c, 0), 0, x.DT)
		if err != nil {
			return nil, err
		}
		return tensor.Full(t, x)
	})

// listed is the call with argument i as a list of one.
func listed(c *ir.Call, i int) *ir.Call {
	n := *c
	n.Args = append([]ir.Value(nil), c.Args...)
	n.Args[i] = &ir.List{Items: []ir.Value{c.Args[i]}}
	return &n
}

func evalEye(c *ir.Call) (ir.Value, error) {
	n, err := intArg(c, 0)
	if err != nil {
		return nil, err
	}
	if n < 0 || n > 1<<20 {
		return nil, errf("eye: n is %d", n)
	}
	if err := charge(c, int(n*n)); err != nil {
		return nil, err
	}
	data := make([]float32, n*n)
	for i := range n {
		data[i*n+i] = 1
	}
	return tensor.FromF32(nil, []int{int(n), int(n)}, data), nil
}

func evalArange(c *ir.Call) (ir.Value, error) {
	whole := true
	for _, v := range c.Args {
		if _, ok := v.(float64); ok {
			whole = false
		}
	}
	if whole {
		v, err := evalRange(c)
		if err != nil {
			return nil, err
		}
		l := v.(*ir.List)
		data := make([]int64, len(l.Items))
		for i, e := range l.Items {
			data[i] = e.(int64)
		}
		return tensor.FromI64(nil, []int{len(data)}, data), nil
	}
	lo, err := floatArg(c, 0)
	if err != nil {
		return nil, err
	}
	hi, step := lo, 1.0
	if c.Args[1] == nil {
		lo = 0
	} else if hi, err = floatArg(c, 1); err != nil {
		return nil, err
	}
	if step, err = floatArg(c, 2); err != nil {
		return nil, err
	}
	n := math.Ceil((hi - lo) / step)
	if step == 0 || !(n <= maxRange) {
		return nil, errf("arange: from %v to %v by %v is too much", lo, hi, step)
	}
	return ramp(c, lo, step, int(max(n, 0)))
}

func ramp(c *ir.Call, lo, step float64, n int) (ir.Value, error) {
	if err := charge(c, n); err != nil {
		return nil, err
	}
	data := make([]float32, n)
	for i := range data {
		data[i] = float32(lo + float64(i)*step)
	}
	return tensor.FromF32(nil, []int{n}, data), nil
}

func evalLinspace(c *ir.Call) (ir.Value, error) {
	a, err := floatArg(c, 0)
	if err != nil {
		return nil, err
	}
	b, err := floatArg(c, 1)
	if err != nil {
		return nil, err
	}
	n, err := intArg(c, 2)
	if err != nil {
		return nil, err
	}
	if n < 0 || n > maxRange {
		return nil, errf("linspace: n is %d, want 0 to %d", n, maxRange)
	}
	return ramp(c, a, (b-a)/float64(max(n-1, 1)), int(n))
}

// key is the stream of random numbers of a call.
func key(c *ir.Call, seedAt int) (tensor.Key, error) {
	seed := c.Env.Seed
	if c.Args[seedAt] != nil {
		n, err := intArg(c, seedAt)
		if err != nil {
			return tensor.Key{}, err
		}
		return tensor.NewKey(uint64(n), 1), nil
	}
	return tensor.NewKey(seed, 0, c.Env.Site), nil
}

func randomRow(name, doc, example string, draw func(tensor.Type, tensor.Key) *tensor.Array) *ir.OpRow {
	return &ir.OpRow{Name: name, Doc: doc, Example: example, NoGrad: noArrays, Infer: forced,
		Params: []ir.Param{rest("shape", "the lengths, or one list of them"), opt("seed", nil, "instead of the run's seed: one number, or one for each row of the first axis")},
		Eval: func(c *ir.Call) (ir.Value, error) {
			t, err := shapeType(c, 0, tensor.F32)
			if err != nil {
				return nil, err
			}
			if !oneNumber(c.Args[1]) {
				return drawRows(c, t, draw)
			}
			k, err := key(c, 1)
			if err != nil {
				return nil, err
			}
			return draw(t, k), nil
		},
	}
}

func oneNumber(v ir.Value) bool {
	_, ok := intOf(v)
	return ok || v == nil
}

// drawRows draws each row of the first axis by a seed of its own: as it is drawn alone, with one row.
func drawRows(c *ir.Call, t tensor.Type, draw func(tensor.Type, tensor.Key) *tensor.Array) (ir.Value, error) {
	seeds, err := itemsArg(c, 1)
	if err != nil {
		return nil, errf("%s: seed: want a whole number, or a list of one a row, got %s", c.Row.Name, ir.KindOf(c.Args[1]))
	}
	if t.Rank() == 0 || t.Dims[0] != len(seeds) {
		return nil, errf("%s: %d seeds for shape %s: want one number, or one for each row of the first axis", c.Row.Name, len(seeds), t)
	}
	if len(seeds) == 0 {
		return draw(t, tensor.Key{}), nil
	}
	rows := make([]*tensor.Array, len(seeds))
	for i, s := range seeds {
		n, ok := intOf(s)
		if !ok {
			return nil, errf("%s: seed: want whole numbers, got %s", c.Row.Name, ir.KindOf(s))
		}
		rows[i] = draw(tensor.NewType(t.DT, t.Axes[1:], t.Dims[1:]), tensor.NewKey(uint64(n), 1))
	}
	return value(tensor.Stack(rows, 0))
}

func evalChoice(c *ir.Call) (ir.Value, error) {
	items, err := itemsArg(c, 0)
	if err != nil {
		return nil, err
	}
	n, err := intArg(c, 1)
	if err != nil {
		return nil, err
	}
	if n < 0 || n > maxRange || len(items) == 0 && n > 0 {
		return nil, errf("choice: %d draws from %d items", n, len(items))
	}
	k, err := key(c, 2)
	if err != nil {
		return nil, err
	}
	if err := charge(c, int(n)); err != nil {
		return nil, err
	}
	out := make([]ir.Value, n)
	for i, at := range k.Choice(len(items), int(n)) {
		out[i] = items[at]
	}
	return &ir.List{Items: out}, nil
}

func evalPermutation(c *ir.Call) (ir.Value, error) {
	n, err := intArg(c, 0)
	if err != nil {
		return nil, err
	}
	if n < 0 || n > maxRange {
		return nil, errf("permutation: n is %d", n)
	}
	k, err := key(c, 1)
	if err != nil {
		return nil, err
	}
	if err := charge(c, int(n)); err != nil {
		return nil, err
	}
	out := make([]ir.Value, n)
	for i, at := range k.Permutation(int(n)) {
		out[i] = int64(at)
	}
	return &ir.List{Items: out}, nil
}

func evalGrid(c *ir.Call) (ir.Value, error) {
	xs, err := entriesArg(c, 0)
	if err != nil {
		return nil, err
	}
	ys, err := entriesArg(c, 1)
	if err != nil {
		return nil, err
	}
	if err := charge(c, 3*len(xs)*len(ys)); err != nil {
		return nil, err
	}
	out := make([]ir.Value, 0, len(xs)*len(ys))
	for _, x := range xs {
		for _, y := range ys {
			out = append(out, &ir.List{Items: []ir.Value{x, y}})
		}
	}
	return &ir.List{Items: out}, nil
}
