package stdlib

import (
	"interp/ir"
	"interp/nnrt/tensor"
)

// selections take entries.
var selections = []*ir.OpRow{
	fn(&ir.OpRow{Name: "take", Doc: "Entries along an axis. x: [.. n ..], ids: [k]; result: [.. k ..].",
		Params: []ir.Param{arr("x", "an array"), arr("ids", "whole numbers"), axisLast}, Example: "print take([10, 20, 30], [2, 0])\n# [2]\n# [30 10]",
		Grad: gradXIds(func(c *ir.Call, x, ids, out, dout *tensor.Array) (*tensor.Array, error) {
			axes, err := axesArg(c, 2)
			if err != nil {
				return nil, err
			}
			return tensor.TakeGrad(x, ids, axes, out, dout)
		})},
		func(c *ir.Call) (tensor.Type, error) {
			ts, err := typeArgs(c, 2)
			if err != nil {
				return tensor.Type{}, err
			}
			axes, err := axesArg(c, 2)
			if err != nil {
				return tensor.Type{}, err
			}
			return tensor.TakeType(ts[0], ts[1], axes)
		},
		func(c *ir.Call) (*tensor.Array, error) {
			as, err := arrayArgs(c, 2)
			if err != nil {
				return nil, err
			}
			axes, err := axesArg(c, 2)
			if err != nil {
				return nil, err
			}
			return tensor.Take(as[0], as[1], axes)
		}),
	fn(&ir.OpRow{Name: "gather", Doc: "As torch.gather: ids has the rank of x, and entry [i][j] of the result is x[i][ids[i][j]] along axis 1. x: [.. n ..], ids: [.. k ..]; result: [.. k ..].",
		Params: []ir.Param{arr("x", "an array"), arr("ids", "whole numbers"), axisLast}, Example: "print gather([[1, 2], [3, 4]], [[1], [0]])\n# [2 1]\n# [[2]\n#  [3]]",
		Grad: gradXIds(func(c *ir.Call, x, ids, out, dout *tensor.Array) (*tensor.Array, error) {
			ax, err := oneAx(c, 2)
			if err != nil {
				return nil, err
			}
			return tensor.GatherGrad(x, ids, ax, out, dout)
		})},
		func(c *ir.Call) (tensor.Type, error) {
			ts, err := typeArgs(c, 2)
			if err != nil {
				return tensor.Type{}, err
			}
			ax, err := oneAx(c, 2)
			if err != nil {
				return tensor.Type{}, err
			}
			return tensor.GatherType(ts[0], ts[1], ax)
		},
		func(c *ir.Call) (*tensor.Array, error) {
			as, err := arrayArgs(c, 2)
			if err != nil {
				return nil, err
			}
			ax, err := oneAx(c, 2)
			if err != nil {
				return nil, err
			}
			return tensor.Gather(as[0], as[1], ax)
		}),
	{Name: "pick", Doc: "Along the last axis one entry a row (of batch, else of the first axis); axes between stay. x: [batch .. n], ids: one id or [batch]; result: [batch ..].",
		Params: []ir.Param{arr("x", "an array"), arr("ids", "one id, or one a row")}, Example: "print pick([[1, 2], [3, 4]], [0, 1])\n# [2]\n# [1 4]",
		Infer: pairInfer(tensor.PickType), Eval: pairEval(tensor.Pick),
		Grad: gradXIds(func(_ *ir.Call, x, ids, out, dout *tensor.Array) (*tensor.Array, error) {
			return tensor.PickGrad(x, ids, out, dout)
		})},
	{Name: "at", Doc: "Inside an index: one own position for each row; the axis goes. x[:, at(ps), :].", NoGrad: noNumbers,
		Params: []ir.Param{par("positions", "a list of whole numbers, one a row")}, Example: "x = stack([[1, 2], [3, 4]])\nprint x[:, at([0, 1])]\n# [2]\n# [1 4]", Infer: evalAt, Eval: evalAt},
	{Name: "slice", Doc: "x[axis=start:stop:step]; after set it is a place like any index. x: [.. n ..]; result: [.. k ..].", Composed: true,
		Params: []ir.Param{par("x", "an array or a site"), par("axis", "by name or number"), par("start", "the first, or None"), par("stop", "the end, not included, or None"), opt("step", int64(1), "the distance")}, Example: "print slice([1, 2, 3, 4], 0, 1, 3)\n# [2]\n# [2 3]",
		Infer: evalSlice, Eval: evalSlice},
}

// Positions is what at(...) gives: the machine reads it in an index.
type Positions struct{ At ir.Value }

// ValueKind makes positions a value.
func (Positions) ValueKind() ir.Kind { return ir.KList }

func evalAt(c *ir.Call) (ir.Value, error) { return Positions{At: c.Args[0]}, nil }

// evalSlice is an index by axis; sites go through the machine before this row is asked.
func evalSlice(c *ir.Call) (ir.Value, error) {
	v := c.Args[0]
	if _, ok := v.(*ir.Lazy); !ok {
		a, err := arrayArg(c, 0)
		if err != nil {
			return nil, err
		}
		v = a
	}
	t, err := typeArg(c, 0)
	if err != nil {
		return nil, err
	}
	ix, err := SliceIx(c, t)
	if err != nil {
		return nil, err
	}
	return c.Env.Index(v, ix)
}

// SliceIx is the index that slice(x, axis, start, stop, step) stands for, of an array of type t.
func SliceIx(c *ir.Call, t tensor.Type) ([]tensor.Ix, error) {
	ax, err := oneAx(c, 1)
	if err != nil {
		return nil, err
	}
	at, err := tensor.ResolveAxes(t, []tensor.Ax{ax})
	if err != nil {
		return nil, inArg(c, 1, err)
	}
	it := tensor.Ix{Kind: tensor.Slice}
	for i, p := range []struct {
		v   *int
		has *bool
	}{{&it.Lo, &it.HasLo}, {&it.Hi, &it.HasHi}, {&it.Step, &it.HasStep}} {
		if c.Args[i+2] == nil {
			continue
		}
		n, err := intArg(c, i+2)
		if err != nil {
			return nil, err
		}
		*p.v, *p.has = int(min(max(n, -maxDim), maxDim)), true
	}
	ix := make([]tensor.Ix, at[0]+1)
	for i := range ix {
		ix[i] = tensor.Ix{Kind: tensor.Slice}
	}
	ix[at[0]] = it
	return ix, nil
}
