package stdlib

import (
	"slices"

	"interp/ir"
	"interp/nnrt/tensor"
)

// reductions make one number of all along some axes.
var reductions = slices.Concat([]*ir.OpRow{
	reduceRow(tensor.Mean, "The mean along axes. x: [.. n ..]; result: the axes left.", "print mean([1.0, 2.0, 6.0])\n# 3.0"),
	reduceRow(tensor.Std, "The standard deviation, dividing by n - 1. x: [.. n ..]; result: the axes left.", "print std([1.0, 3.0])\n# 1.4142135"),
	reduceRow(tensor.Var, "The variance, dividing by n - 1. x: [.. n ..]; result: the axes left.", "print var([1.0, 3.0])\n# 2.0"),
	reduceRow(tensor.Sem, "The standard error of the mean: std / sqrt(n). x: [.. n ..]; result: the axes left.", "print sem([1.0, 3.0])\n# 1.0"),
	reduceRow(tensor.Norm, "The 2-norm. x: [.. n ..]; result: the axes left.", "print norm([3.0, 4.0])\n# 5.0"),
	reduceRow(tensor.Median, "The median; of an even count the mean of the two in the middle. x: [.. n ..]; result: the axes left.", "print median([1.0, 5.0, 2.0])\n# 2.0"),
	quantileRow,
	reduceRow(tensor.Prod, "The product. x: [.. n ..]; result: the axes left.", "print prod([2, 3, 4])\n# 24"),
	reduceRow(tensor.Any, "Whether any element is true. x: [.. n ..]; result: the axes left, bool.", "print any([False, True])\n# True"),
	reduceRow(tensor.All, "Whether all elements are true. x: [.. n ..]; result: the axes left, bool.", "print all([False, True])\n# False"),
	reduceRow(tensor.Count, "How many elements are not zero. x: [.. n ..]; result: the axes left, int64.", "print count([0, 2, 3])\n# 2"),
	meanSERow,
}, bootstrapRows)

// reduceRow is the row of a reduction.
func reduceRow(op tensor.RedOp, doc, example string) *ir.OpRow {
	return completeReduce(op, &ir.OpRow{Name: op.String(), Doc: doc, Example: example,
		Params: []ir.Param{arr("x", "an array; where pos is ragged, each row's own"), axisAll}})
}

func completeReduce(op tensor.RedOp, r *ir.OpRow) *ir.OpRow {
	r.Infer = func(c *ir.Call) (ir.Value, error) {
		if l, ok := c.Args[0].(*ir.List); ok && !ir.IsKnown(l) {
			a, err := joined(c, l)
			if err != nil {
				return nil, err
			}
			return c.Env.Op(r, nil, append([]ir.Value{a}, c.Args[1:]...)...)
		}
		t, err := typeArg(c, 0)
		if err != nil {
			return nil, err
		}
		axes, err := axesArg(c, 1)
		if err != nil {
			return nil, err
		}
		return lazyArray(tensor.ReduceType(op, t, axes))
	}
	r.Eval = func(c *ir.Call) (ir.Value, error) {
		a, err := arrayArg(c, 0)
		if err != nil {
			return nil, err
		}
		axes, err := axesArg(c, 1)
		if err != nil {
			return nil, err
		}
		return value(tensor.Reduce(op, a, axes))
	}
	r.Maps = keptAxes
	differentiable(r, op.HasGrad(), gradXAxes(1, func(x *tensor.Array, axes []tensor.Ax, out, dout *tensor.Array) (*tensor.Array, error) {
		return tensor.ReduceGrad(op, x, axes, out, dout)
	}))
	return r
}

// keptAxes maps the axes of a reduction's result to those of its argument.
func keptAxes(c *ir.Call, _ tensor.Type) [][]int {
	t, ok := ir.TypeOf(c.Args[0])
	axes, err := axesArg(c, 1)
	if !ok || err != nil {
		return nil
	}
	gone, err := tensor.ResolveAxes(t, axes)
	if err != nil {
		return nil
	}
	kept := []int{}
	for k := range t.Rank() {
		if !slices.Contains(gone, k) {
			kept = append(kept, k)
		}
	}
	return [][]int{kept}
}

var quantileRow = &ir.OpRow{Name: "quantile", Doc: "The quantile q, between neighbours by linear interpolation, as NumPy does. x: [.. n ..]; result: the axes left.",
	Params:  []ir.Param{arr("x", "an array"), par("q", "from 0 to 1"), axisAll},
	Example: "print quantile([0.0, 1.0, 2.0], 0.25)\n# 0.5",
	Infer: func(c *ir.Call) (ir.Value, error) {
		t, q, axes, err := quantileArgs(c)
		if err != nil {
			return nil, err
		}
		return lazyArray(tensor.QuantileType(t, q, axes))
	},
	Eval: func(c *ir.Call) (ir.Value, error) {
		a, err := arrayArg(c, 0)
		if err != nil {
			return nil, err
		}
		_, q, axes, err := quantileArgs(c)
		if err != nil {
			return nil, err
		}
		return value(tensor.Quantile(a, q, axes))
	},
	Grad: gradX(func(c *ir.Call, x, out, dout *tensor.Array) (*tensor.Array, error) {
		_, q, axes, err := quantileArgs(c)
		if err != nil {
			return nil, err
		}
		return tensor.QuantileGrad(x, q, axes, out, dout)
	}),
}

func quantileArgs(c *ir.Call) (t tensor.Type, q float64, axes []tensor.Ax, err error) {
	if t, err = typeArg(c, 0); err != nil {
		return
	}
	q = 0.5
	if _, lazy := c.Args[1].(*ir.Lazy); !lazy {
		if q, err = floatArg(c, 1); err != nil {
			return
		}
	}
	axes, err = axesArg(c, 2)
	return
}

// meanSERow is computed from mean and sem.
var meanSERow = &ir.OpRow{Name: "mean_se", Composed: true, Doc: "The mean and its standard error, as the record {mean, se}. x: [.. n ..]; each field: the axes left.",
	Params:  []ir.Param{arr("x", "an array"), axisAll},
	Example: "r = mean_se([1.0, 3.0])\nprint r.mean, r.se\n# 2.0 1.0",
	Infer:   recordOf("mean", tensor.Mean, "se", tensor.Sem),
	Eval:    recordOf("mean", tensor.Mean, "se", tensor.Sem),
}

// recordOf makes a record of two reductions, each a call of its own row, lazy where need be.
func recordOf(k1 string, op1 tensor.RedOp, k2 string, op2 tensor.RedOp) func(c *ir.Call) (ir.Value, error) {
	return func(c *ir.Call) (ir.Value, error) {
		out := &ir.Record{Keys: []string{k1, k2}}
		for _, op := range []tensor.RedOp{op1, op2} {
			row, _ := Lookup(op.String())
			v, err := c.Env.Op(row, nil, c.Args...)
			if err != nil {
				return nil, err
			}
			out.Vals = append(out.Vals, v)
		}
		return out, nil
	}
}
