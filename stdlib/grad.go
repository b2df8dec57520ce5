package stdlib

import (
	"interp/ir"
	"interp/nnrt/tensor"
)

// Gradients of rows. A row's Grad is made by one of the adapters below from a gradient of package
// tensor; it has the shape of the argument and is float32.

// gradFunc is the type of a row's Grad.
type gradFunc = func(c *ir.Call, arg int, out, dout *tensor.Array) (*tensor.Array, error)

// Reasons to have no gradient.
const (
	piecewise = "it is piecewise constant"
	noNumbers = "it gives no array"
	noArrays  = "no array goes in"
	listOnly  = "a list has none; its items keep theirs"
)

// differentiable gives a row its gradient, or says that the operation is piecewise constant.
func differentiable(r *ir.OpRow, has bool, g gradFunc) {
	if has {
		r.Grad = g
	} else {
		r.NoGrad = piecewise
	}
}

// gradX is the gradient with respect to the first argument, the only array; the others decide where
// and how much, and have none.
func gradX(f func(c *ir.Call, x, out, dout *tensor.Array) (*tensor.Array, error)) gradFunc {
	return func(c *ir.Call, arg int, out, dout *tensor.Array) (*tensor.Array, error) {
		if arg != 0 {
			return nil, &ir.Error{Code: "E0309", Msg: "grad: there is no gradient with respect to " + c.Row.Params[arg].Name + " of " + c.Row.Name, Hint: "detach(" + c.Row.Params[arg].Name + ") takes it for a constant"}
		}
		x, err := arrayArg(c, 0)
		if err != nil {
			return nil, err
		}
		return f(c, x, out, dout)
	}
}

// gradXAxes is the same of a function of an array and of axes (argument at).
func gradXAxes(at int, f func(x *tensor.Array, axes []tensor.Ax, out, dout *tensor.Array) (*tensor.Array, error)) gradFunc {
	return gradX(func(c *ir.Call, x, out, dout *tensor.Array) (*tensor.Array, error) {
		axes, err := axesArg(c, at)
		if err != nil {
			return nil, err
		}
		return f(x, axes, out, dout)
	})
}

// gradXIds is the same of a function of an array and of ids.
func gradXIds(f func(c *ir.Call, x, ids, out, dout *tensor.Array) (*tensor.Array, error)) gradFunc {
	return gradX(func(c *ir.Call, x, out, dout *tensor.Array) (*tensor.Array, error) {
		ids, err := arrayArg(c, 1)
		if err != nil {
			return nil, err
		}
		return f(c, x, ids, out, dout)
	})
}

// gradAB is the gradient of a function of two arrays with respect to either.
func gradAB(f func(a, b, out, dout *tensor.Array, arg int) (*tensor.Array, error)) gradFunc {
	return func(c *ir.Call, arg int, out, dout *tensor.Array) (*tensor.Array, error) {
		as, err := arrayArgs(c, 2)
		if err != nil {
			return nil, err
		}
		return f(as[0], as[1], out, dout, arg)
	}
}

// gradView is the gradient of what only looks at the same numbers in another way.
var gradView = gradX(func(_ *ir.Call, x, _, dout *tensor.Array) (*tensor.Array, error) {
	return tensor.ViewGrad(x.Type, dout), nil
})

// gradFull sums up what became of one number.
func gradFull(c *ir.Call, arg int, _, dout *tensor.Array) (*tensor.Array, error) {
	x, err := arrayArg(c, arg)
	if err != nil {
		return nil, err
	}
	return tensor.SpreadGrad(x.Type, dout)
}

// gradPad is the gradient of pad with respect to the array or to what fills up.
func gradPad(c *ir.Call, arg int, _, dout *tensor.Array) (*tensor.Array, error) {
	as, err := arrayArgs(c, 2)
	if err != nil {
		return nil, err
	}
	if arg == 0 {
		return tensor.PadGrad(as[0].Type, dout), nil
	}
	filled, err := tensor.Pad(tensor.Zeros(as[0].Type), tensor.Float(1))
	if err != nil {
		return nil, err
	}
	g, err := tensor.Binary(tensor.Mul, filled, dout)
	if err != nil {
		return nil, err
	}
	return tensor.SpreadGrad(as[1].Type, g)
}

// gradWhere is the gradient of where with respect to a or b; that of the condition is 0.
func gradWhere(c *ir.Call, arg int, out, dout *tensor.Array) (*tensor.Array, error) {
	as, err := arrayArgs(c, 3)
	if err != nil {
		return nil, err
	}
	return tensor.WhereGrad(as[0], as[1], as[2], out, dout, arg)
}

// gradClamp is the gradient of clamp with respect to the array or a bound.
func gradClamp(c *ir.Call, arg int, _, dout *tensor.Array) (*tensor.Array, error) {
	x, err := arrayArg(c, 0)
	if err != nil {
		return nil, err
	}
	lo, hi, err := bounds(c)
	if err != nil {
		return nil, err
	}
	return tensor.ClampGrad(x, lo, hi, dout, arg)
}

// itemGrad is the gradient with respect to one of several arrays.
type itemGrad func(c *ir.Call, xs []*tensor.Array, item int, out, dout *tensor.Array) (*tensor.Array, error)

// gradItems is the gradient of a function of the list at, by item.
func gradItems(at int, f itemGrad) func(c *ir.Call, arg, item int, out, dout *tensor.Array) (*tensor.Array, error) {
	return func(c *ir.Call, _, item int, out, dout *tensor.Array) (*tensor.Array, error) {
		xs, err := listArrays(c, at)
		if err != nil {
			return nil, err
		}
		return f(c, xs, item, out, dout)
	}
}

// gradOfAll is the same where an array is taken for the list of its entries.
func gradOfAll(f itemGrad) gradFunc {
	return gradX(func(c *ir.Call, x, out, dout *tensor.Array) (*tensor.Array, error) {
		xs, err := listArrays(c, 0)
		if err != nil {
			return nil, err
		}
		parts := make([]*tensor.Array, len(xs))
		for i := range xs {
			if parts[i], err = f(c, xs, i, out, dout); err != nil {
				return nil, err
			}
		}
		all, err := tensor.Stack(parts, 0)
		if err != nil {
			return nil, err
		}
		return tensor.ViewGrad(x.Type, all), nil
	})
}

func gradStack(c *ir.Call, xs []*tensor.Array, item int, _, dout *tensor.Array) (*tensor.Array, error) {
	at, err := intArg(c, 1)
	if err != nil {
		return nil, err
	}
	return tensor.StackGrad(xs[item].Type, int(at), item, dout)
}

func gradConcat(c *ir.Call, xs []*tensor.Array, item int, _, dout *tensor.Array) (*tensor.Array, error) {
	ax, err := oneAx(c, 1)
	if err != nil {
		return nil, err
	}
	ts := make([]tensor.Type, len(xs))
	for i, x := range xs {
		ts[i] = x.Type
	}
	return tensor.ConcatGrad(ts, ax, item, dout)
}

func gradEinsum(c *ir.Call, xs []*tensor.Array, item int, out, dout *tensor.Array) (*tensor.Array, error) {
	spec, err := stringArg(c, 0)
	if err != nil {
		return nil, err
	}
	return tensor.EinsumGrad(spec, xs, out, dout, item)
}

// joined makes one array of a list, of lists perhaps, whose values depend on a run: each list is a
// call of stack, through which gradients find their way. Anything else stays.
func joined(c *ir.Call, v ir.Value) (ir.Value, error) {
	l, ok := v.(*ir.List)
	if !ok || ir.IsKnown(l) {
		return v, nil
	}
	items, err := joinedItems(c, l)
	if err != nil {
		return nil, err
	}
	return call(c, "stack", items)
}

// joinedItems does so for each item of a list.
func joinedItems(c *ir.Call, l *ir.List) (*ir.List, error) {
	out := make([]ir.Value, len(l.Items))
	for i, e := range l.Items {
		v, err := joined(c, e)
		if err != nil {
			return nil, err
		}
		out[i] = v
	}
	return &ir.List{Items: out}, nil
}

// ofLists completes a row of which argument at is a list of arrays: an item that is itself a list of
// values that depend on a run is made an array first.
func ofLists(at int, r *ir.OpRow) *ir.OpRow {
	infer := r.Infer
	r.Infer = func(c *ir.Call) (ir.Value, error) {
		l, ok := c.Args[at].(*ir.List)
		if !ok || !nested(l) {
			return infer(c)
		}
		items, err := joinedItems(c, l)
		if err != nil {
			return nil, err
		}
		args := append([]ir.Value(nil), c.Args...)
		args[at] = items
		return c.Env.Op(r, nil, args...)
	}
	return r
}

// nested says that an item is a list of values that are not all known.
func nested(l *ir.List) bool {
	for _, e := range l.Items {
		if x, ok := e.(*ir.List); ok && !ir.IsKnown(x) {
			return true
		}
	}
	return false
}
