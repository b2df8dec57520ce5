package stdlib

import (
	"interp/ir"
	"interp/nnrt/tensor"
)

// alongs work along one axis, by default the last.
var alongs = []*ir.OpRow{
	alongRow(tensor.Softmax, "exp(x) over its sum along an axis. x: [.. n ..]; result: the same.", "print softmax([0.0, 0.0])\n# [2]\n# [0.5000 0.5000]"),
	alongRow(tensor.LogSoftmax, "The logarithm of softmax. x: [.. n ..]; result: the same.", "print exp(log_softmax([0.0, 0.0]))\n# [2]\n# [0.5000 0.5000]"),
	alongRow(tensor.LogSumExp, "The logarithm of the sum of exp(x). x: [.. n ..]; result: the axes left.", "print logsumexp([0.0])\n# 0.0"),
	alongRow(tensor.ArgMax, "Where the greatest element is; of equals the lowest index. x: [.. n ..]; result: the axes left, int64.", "print argmax([1, 5, 5])\n# 1"),
	alongRow(tensor.ArgMin, "Where the least element is; of equals the lowest index. x: [.. n ..]; result: the axes left, int64.", "print argmin([4, 1, 1])\n# 1"),
	topkRow, topkParts[0], topkParts[1],
	alongRow(tensor.ArgSort, "The indices that sort x, rising; equals keep their order. x: [.. n ..]; result: the same, int64.", "print argsort([3, 1, 2])\n# [3]\n# [1 2 0]"),
	alongRow(tensor.Sort, "x sorted, rising. x: [.. n ..]; result: the same.", "print sort([3, 1, 2])\n# [3]\n# [1 2 3]"),
	uniqueRow,
	alongRow(tensor.CumSum, "Running sums. x: [.. n ..]; result: the same.", "print cumsum([1, 2, 3])\n# [3]\n# [1 3 6]"),
	rankOfRow,
}

func alongRow(op tensor.AlongOp, doc, example string) *ir.OpRow {
	r := &ir.OpRow{Name: op.String(), Doc: doc, Example: example,
		Params: []ir.Param{arr("x", "an array"), axisLast},
		Infer: func(c *ir.Call) (ir.Value, error) {
			t, err := typeArg(c, 0)
			if err != nil {
				return nil, err
			}
			axes, err := axesArg(c, 1)
			if err != nil {
				return nil, err
			}
			return lazyArray(tensor.AlongType(op, t, axes))
		},
		Eval: func(c *ir.Call) (ir.Value, error) {
			a, err := arrayArg(c, 0)
			if err != nil {
				return nil, err
			}
			axes, err := axesArg(c, 1)
			if err != nil {
				return nil, err
			}
			return value(tensor.Along(op, a, axes))
		},
		Maps: func(c *ir.Call, out tensor.Type) [][]int { return alongMaps(c, out, 1) },
	}
	differentiable(r, op.HasGrad(), gradXAxes(1, func(x *tensor.Array, axes []tensor.Ax, out, dout *tensor.Array) (*tensor.Array, error) {
		return tensor.AlongGrad(op, x, axes, out, dout)
	}))
	return r
}

// alongMaps maps the result's axes to the argument's but for the axis (argument at) worked along.
func alongMaps(c *ir.Call, out tensor.Type, at int) [][]int {
	t, ok := ir.TypeOf(c.Args[0])
	axes, err := axesArg(c, at)
	if !ok || err != nil {
		return nil
	}
	if axes == nil {
		axes = []tensor.Ax{tensor.ByPlace(-1)}
	}
	gone, err := tensor.ResolveAxes(t, axes)
	if err != nil {
		return nil
	}
	var along []int
	for k := range t.Rank() {
		switch {
		case k != gone[0]:
			along = append(along, k)
		case out.Rank() == t.Rank():
			along = append(along, tensor.Whole)
		}
	}
	return [][]int{along}
}

var topkRow = &ir.OpRow{Name: "topk", Composed: true, Doc: "The k greatest elements along an axis, falling, and where they are, as {values, indices}; of equals the lowest index first. x: [.. n ..]; each field: k in place of n.",
	Params:  []ir.Param{arr("x", "an array"), par("k", "how many"), axisLast},
	Example: "t = topk([1.0, 5.0, 3.0], 2)\nprint t.values, t.indices\n# [2]\n# [5.0000 3.0000] [2]\n# [1 2]",
	Infer: func(c *ir.Call) (ir.Value, error) {
		return recordOfRows(c, []string{"values", "indices"}, topkParts)
	},
	Eval: func(c *ir.Call) (ir.Value, error) {
		return recordOfRows(c, []string{"values", "indices"}, topkParts)
	},
}

// recordOfRows is the record of several hidden rows called on the same arguments.
func recordOfRows(c *ir.Call, keys []string, rows []*ir.OpRow) (ir.Value, error) {
	out := &ir.Record{Keys: keys}
	for _, r := range rows {
		v, err := c.Env.Op(r, nil, c.Args...)
		if err != nil {
			return nil, err
		}
		out.Vals = append(out.Vals, v)
	}
	return out, nil
}

var topkParts = []*ir.OpRow{topkPart("topk values", true), topkPart("topk indices", false)}

func topkPart(name string, values bool) *ir.OpRow {
	args := func(c *ir.Call) (int, []tensor.Ax, error) {
		k, err := intArg(c, 1)
		if err != nil {
			return 0, nil, err
		}
		axes, err := axesArg(c, 2)
		return int(min(max(k, -1), 1<<40)), axes, err
	}
	r := &ir.OpRow{Name: name, Hidden: true, Params: []ir.Param{arr("x", ""), par("k", ""), axisLast},
		Infer: func(c *ir.Call) (ir.Value, error) {
			t, err := typeArg(c, 0)
			if err != nil {
				return nil, err
			}
			k, axes, err := args(c)
			if err != nil {
				return nil, err
			}
			v, i, err := tensor.TopKType(t, k, axes)
			if !values {
				v = i
			}
			return lazyArray(v, err)
		},
		Eval: func(c *ir.Call) (ir.Value, error) {
			a, err := arrayArg(c, 0)
			if err != nil {
				return nil, err
			}
			k, axes, err := args(c)
			if err != nil {
				return nil, err
			}
			v, i, err := tensor.TopK(a, k, axes)
			if !values {
				v = i
			}
			return value(v, err)
		},
		Maps: func(c *ir.Call, out tensor.Type) [][]int { return alongMaps(c, out, 2) },
	}
	differentiable(r, values, gradX(func(c *ir.Call, x, out, dout *tensor.Array) (*tensor.Array, error) {
		k, axes, err := args(c)
		if err != nil {
			return nil, err
		}
		return tensor.TopKGrad(x, k, axes, out, dout)
	}))
	return r
}

// uniqueRow has a length that only the numbers decide.
var uniqueRow = &ir.OpRow{Name: "unique", Doc: "The distinct elements, rising, as one axis. How many there are is known only when x is, so it makes what depends on a run wait for it.",
	Params: []ir.Param{arr("x", "an array")}, Example: "print unique([3, 1, 3])\n# [2]\n# [1 3]",
	NoGrad: "how many elements there are jumps",
	Infer:  func(*ir.Call) (ir.Value, error) { return nil, ir.ErrForce },
	Eval: func(c *ir.Call) (ir.Value, error) {
		a, err := arrayArg(c, 0)
		if err != nil {
			return nil, err
		}
		return tensor.Unique(a), nil
	},
}

var rankOfRow = &ir.OpRow{Name: "rank_of", Doc: "The place of an entry when the last axis is sorted falling: 0 is the greatest; of equals the lowest index comes first. x: [batch n], id: one or one a row; result: [batch], int64.",
	Params: []ir.Param{arr("x", "an array"), arr("id", "one id, or one a row")}, Example: "print rank_of([1.0, 5.0, 3.0], 2)\n# 1",
	NoGrad: piecewise,
	Infer:  pairInfer(tensor.RankOfType),
	Eval:   pairEval(tensor.RankOf),
}

// pairInfer and pairEval serve functions of two arrays.
func pairInfer(typ func(a, b tensor.Type) (tensor.Type, error)) func(*ir.Call) (ir.Value, error) {
	return func(c *ir.Call) (ir.Value, error) {
		a, err := typeArg(c, 0)
		if err != nil {
			return nil, err
		}
		b, err := typeArg(c, 1)
		if err != nil {
			return nil, err
		}
		return lazyArray(typ(a, b))
	}
}

func pairEval(eval func(a, b *tensor.Array) (*tensor.Array, error)) func(*ir.Call) (ir.Value, error) {
	return func(c *ir.Call) (ir.Value, error) {
		a, err := arrayArg(c, 0)
		if err != nil {
			return nil, err
		}
		b, err := arrayArg(c, 1)
		if err != nil {
			return nil, err
		}
		return value(eval(a, b))
	}
}
