package stdlib

import (
	"interp/ir"
	"interp/nnrt/tensor"
)

// shapes change how numbers stand, not what they are.
var shapes = []*ir.OpRow{
	stackRow, concatRow,
	fn(&ir.OpRow{Name: "reshape", Doc: "The same numbers in row-major order in another shape; one length may be -1. x: any shape; result: [shape].",
		Params: []ir.Param{arr("x", "an array"), rest("shape", "the lengths, or one list of them")}, Grad: gradView, Example: "print reshape([1, 2, 3, 4], 2, 2)\n# [2 2]\n# [[1 2]\n#  [3 4]]"},
		func(c *ir.Call) (tensor.Type, error) {
			return typeThen(c, func(t tensor.Type) (tensor.Type, error) {
				dims, err := dimsArg(c, 1)
				if err != nil {
					return t, err
				}
				return tensor.ReshapeType(t, dims)
			})
		},
		func(c *ir.Call) (*tensor.Array, error) {
			return arrayThen(c, func(a *tensor.Array) (*tensor.Array, error) {
				dims, err := dimsArg(c, 1)
				if err != nil {
					return nil, err
				}
				return tensor.Reshape(a, dims)
			})
		}),
	transposeRow,
	fn(&ir.OpRow{Name: "squeeze", Doc: "Without axes of length 1: those named, or all. x: [.. 1 ..]; result: [.. ..].",
		Params: []ir.Param{arr("x", "an array"), axisAll}, Grad: gradView, Example: "print squeeze([[1, 2]])\n# [2]\n# [1 2]"},
		axesType(tensor.SqueezeType), axesEval(tensor.Squeeze)),
	fn(&ir.OpRow{Name: "expand", Doc: "With a new axis of length 1 and the given name. x: [.. ..]; result: [.. 1 ..].",
		Params: []ir.Param{arr("x", "an array"), par("name", "of the new axis"), opt("at", int64(0), "its place")}, Grad: gradView, Example: "print expand([1, 2], \"batch\").shape\n# [1, 2]"},
		func(c *ir.Call) (tensor.Type, error) {
			return typeThen(c, func(t tensor.Type) (tensor.Type, error) {
				name, at, err := nameAt(c)
				if err != nil {
					return t, err
				}
				return tensor.ExpandType(t, name, at)
			})
		},
		func(c *ir.Call) (*tensor.Array, error) {
			return arrayThen(c, func(a *tensor.Array) (*tensor.Array, error) {
				name, at, err := nameAt(c)
				if err != nil {
					return nil, err
				}
				return tensor.Expand(a, name, at)
			})
		}),
	renameRow, padRow,
	fn(&ir.OpRow{Name: "flip", Doc: "From the end of an axis to its beginning; without axes, of all. x: [.. n ..]; result: the same.",
		Params: []ir.Param{arr("x", "an array"), axisAll}, Example: "print flip([1, 2, 3])\n# [3]\n# [3 2 1]",
		Grad: gradX(func(c *ir.Call, _, _, dout *tensor.Array) (*tensor.Array, error) {
			axes, err := axesArg(c, 1)
			if err != nil {
				return nil, err
			}
			return tensor.FlipGrad(axes, dout)
		})},
		axesType(tensor.FlipType), axesEval(tensor.Flip)),
	fn(&ir.OpRow{Name: "tile", Doc: "Repeated n times along an axis. x: [.. k ..]; result: [.. n*k ..].",
		Params: []ir.Param{arr("x", "an array"), par("n", "how often"), axisLast}, Example: "print tile([1, 2], 2)\n# [4]\n# [1 2 1 2]",
		Grad: gradX(func(c *ir.Call, x, out, dout *tensor.Array) (*tensor.Array, error) {
			n, ax, err := countAx(c)
			if err != nil {
				return nil, err
			}
			return tensor.TileGrad(x, n, ax, out, dout)
		})},
		func(c *ir.Call) (tensor.Type, error) {
			return typeThen(c, func(t tensor.Type) (tensor.Type, error) {
				n, ax, err := countAx(c)
				if err != nil {
					return t, err
				}
				return tensor.TileType(t, n, ax)
			})
		},
		func(c *ir.Call) (*tensor.Array, error) {
			return arrayThen(c, func(a *tensor.Array) (*tensor.Array, error) {
				n, ax, err := countAx(c)
				if err != nil {
					return nil, err
				}
				if err := charge(c, n*a.Size()); err != nil {
					return nil, err
				}
				return tensor.Tile(a, n, ax)
			})
		}),
	fn(&ir.OpRow{Name: "diag", Doc: "The diagonal of two axes, by default the last two, offset above or below it; of a vector the matrix that has it there. x: [.. n n]; result: [.. k].",
		Params: []ir.Param{arr("x", "an array"), opt("offset", int64(0), "above (positive) or below the diagonal"), opt("axis1", nil, "the rows' axis"), opt("axis2", nil, "the columns' axis")}, Example: "print diag([[1, 2], [3, 4]])\n# [2]\n# [1 4]",
		Grad: gradX(func(c *ir.Call, x, out, dout *tensor.Array) (*tensor.Array, error) {
			n, axes, err := diagArgs(c)
			if err != nil {
				return nil, err
			}
			return tensor.DiagGrad(x, n, axes, out, dout)
		})},
		func(c *ir.Call) (tensor.Type, error) {
			return typeThen(c, func(t tensor.Type) (tensor.Type, error) {
				n, axes, err := diagArgs(c)
				if err != nil {
					return t, err
				}
				return tensor.DiagType(t, n, axes)
			})
		},
		func(c *ir.Call) (*tensor.Array, error) {
			return arrayThen(c, func(a *tensor.Array) (*tensor.Array, error) {
				n, axes, err := diagArgs(c)
				if err != nil {
					return nil, err
				}
				return tensor.Diag(a, n, axes)
			})
		}),
}

// typeThen and arrayThen go on with the first argument.
func typeThen(c *ir.Call, f func(tensor.Type) (tensor.Type, error)) (tensor.Type, error) {
	t, err := typeArg(c, 0)
	if err != nil {
		return t, err
	}
	return f(t)
}

func arrayThen(c *ir.Call, f func(*tensor.Array) (*tensor.Array, error)) (*tensor.Array, error) {
	a, err := arrayArg(c, 0)
	if err != nil {
		return nil, err
	}
	return f(a)
}

func axesType(f func(tensor.Type, []tensor.Ax) (tensor.Type, error)) func(*ir.Call) (tensor.Type, error) {
	return func(c *ir.Call) (tensor.Type, error) {
		return typeThen(c, func(t tensor.Type) (tensor.Type, error) {
			axes, err := axesArg(c, 1)
			if err != nil {
				return t, err
			}
			return f(t, axes)
		})
	}
}

func axesEval(f func(*tensor.Array, []tensor.Ax) (*tensor.Array, error)) func(*ir.Call) (*tensor.Array, error) {
	return func(c *ir.Call) (*tensor.Array, error) {
		return arrayThen(c, func(a *tensor.Array) (*tensor.Array, error) {
			axes, err := axesArg(c, 1)
			if err != nil {
				return nil, err
			}
			return f(a, axes)
		})
	}
}

// oneAx is a single axis; none is the last.
func oneAx(c *ir.Call, i int) (tensor.Ax, error) {
	axes, err := axesArg(c, i)
	switch {
	case err != nil:
		return tensor.Ax{}, err
	case len(axes) == 0:
		return tensor.ByPlace(-1), nil
	case len(axes) > 1:
		return tensor.Ax{}, wrong(c, i, "one axis")
	}
	return axes[0], nil
}

const maxDim = 1 << 40

// dimsArg are lengths: all remaining arguments, or one list.
func dimsArg(c *ir.Call, i int) ([]int, error) {
	items := c.Args[i].(*ir.List).Items
	if len(items) == 1 {
		switch x := items[0].(type) {
		case *ir.List:
			items = x.Items
		case *tensor.Array:
			if x.Rank() == 1 {
				items, _ = Items(x)
			}
		}
	}
	dims := make([]int, len(items))
	for k, e := range items {
		n, ok := intOf(e)
		if !ok || n < -1 || n > maxDim {
			if _, lazy := e.(*ir.Lazy); lazy {
				return nil, ir.ErrForce
			}
			return nil, wrongDim(c, e)
		}
		dims[k] = int(n)
	}
	return dims, nil
}

// wrongDim refuses a length.
func wrongDim(c *ir.Call, v ir.Value) error {
	e := errf("%s: shape: want whole numbers up to %d, got %s", c.Row.Name, maxDim, Repr(v))
	if ir.KindOf(v) == ir.KList {
		e.Hint = "the shape of a ragged array has a length for each row: make the array for one prompt at a time"
	}
	return e
}

func nameAt(c *ir.Call) (string, int, error) {
	name, err := stringArg(c, 1)
	if err != nil {
		return "", 0, err
	}
	at, err := intArg(c, 2)
	return name, int(at), err
}

func countAx(c *ir.Call) (int, tensor.Ax, error) {
	n, err := intArg(c, 1)
	if err != nil {
		return 0, tensor.Ax{}, err
	}
	if n < 0 || n > maxRange {
		return 0, tensor.Ax{}, errf("%s: n is %d, want 0 to %d", c.Row.Name, n, maxRange)
	}
	ax, err := oneAx(c, 2)
	return int(n), ax, err
}

func diagArgs(c *ir.Call) (int, []tensor.Ax, error) {
	n, err := intArg(c, 1)
	if err != nil {
		return 0, nil, err
	}
	var axes []tensor.Ax
	for i := 2; i < 4; i++ {
		if c.Args[i] == nil {
			continue
		}
		ax, err := oneAx(c, i)
		if err != nil {
			return 0, nil, err
		}
		axes = append(axes, ax)
	}
	return int(min(max(n, -maxRange), maxRange)), axes, nil
}

var transposeRow = &ir.OpRow{Name: "transpose", Doc: "Two axes swapped; with a list of all, the axes in that order; without axes, the last two swapped. x: [.. a .. b ..]; result: [.. b .. a ..].",
	Params: []ir.Param{arr("x", "an array"), rest("axes", "two axes, or all in order")}, Example: "print transpose([[1, 2], [3, 4]])\n# [2 2]\n# [[1 3]\n#  [2 4]]",
	Infer: func(c *ir.Call) (ir.Value, error) {
		t, err := typeArg(c, 0)
		if err != nil {
			return nil, err
		}
		order, err := transposeOrder(c, t)
		if err != nil {
			return nil, err
		}
		return lazyArray(tensor.TransposeType(t, order))
	},
	Eval: func(c *ir.Call) (ir.Value, error) {
		a, err := arrayArg(c, 0)
		if err != nil {
			return nil, err
		}
		order, err := transposeOrder(c, a.Type)
		if err != nil {
			return nil, err
		}
		return value(tensor.Transpose(a, order))
	},
	Maps: func(c *ir.Call, _ tensor.Type) [][]int {
		t, ok := ir.TypeOf(c.Args[0])
		order, err := transposeOrder(c, t)
		if !ok || err != nil {
			return nil
		}
		return [][]int{order}
	},
	Grad: gradX(func(c *ir.Call, x, _, dout *tensor.Array) (*tensor.Array, error) {
		order, err := transposeOrder(c, x.Type)
		if err != nil {
			return nil, err
		}
		return tensor.TransposeGrad(x.Type, order, dout)
	}),
}

// transposeOrder reads the axes of transpose, given one by one or as one list.
func transposeOrder(c *ir.Call, t tensor.Type) ([]int, error) {
	items, listed := c.Args[1].(*ir.List).Items, false
	if len(items) == 1 {
		if l, ok := items[0].(*ir.List); ok {
			items, listed = l.Items, true
		}
	}
	axes := make([]tensor.Ax, len(items))
	for i, e := range items {
		ax, ok := axOf(e)
		if !ok {
			return nil, errf("transpose: want axes by name or number, got %s", ir.KindOf(e))
		}
		axes[i] = ax
	}
	return tensor.TransposeOrder(t, axes, listed)
}

var renameRow = func() *ir.OpRow {
	args := func(c *ir.Call) (tensor.Ax, string, error) {
		old, err := oneAx(c, 1)
		if err != nil {
			return old, "", err
		}
		name, err := stringArg(c, 2)
		return old, name, err
	}
	r := fn(&ir.OpRow{Name: "rename", Doc: "With another name for an axis. x: any shape; result: the same.",
		Params: []ir.Param{arr("x", "an array"), par("old", "the axis, by name or number"), par("new", "its new name")}, Grad: gradView, Example: "print rename([1, 2], 0, \"layer\").axes\n# [\"layer\"]"},
		func(c *ir.Call) (tensor.Type, error) {
			return typeThen(c, func(t tensor.Type) (tensor.Type, error) {
				old, name, err := args(c)
				if err != nil {
					return t, err
				}
				return tensor.RenameType(t, old, name)
			})
		},
		func(c *ir.Call) (*tensor.Array, error) {
			return arrayThen(c, func(a *tensor.Array) (*tensor.Array, error) {
				old, name, err := args(c)
				if err != nil {
					return nil, err
				}
				return tensor.Rename(a, old, name)
			})
		})
	r.Maps = sameAxes
	return r
}()

// sameAxes: each axis of the result is that of the only array.
func sameAxes(_ *ir.Call, out tensor.Type) [][]int {
	along := make([]int, out.Rank())
	for i := range along {
		along[i] = i
	}
	return [][]int{along}
}

var padRow = fn(&ir.OpRow{Name: "pad", Doc: "Dense: rows of a ragged array made as long as the longest with a value at the end. x: [batch pos ..], ragged; result: [batch pos ..].",
	Params: []ir.Param{arr("x", "an array"), opt("value", 0.0, "what fills up")}, Grad: gradPad, Example: "print pad([1, 2], 0)\n# [2]\n# [1 2]"},
	func(c *ir.Call) (tensor.Type, error) {
		return typeThen(c, func(t tensor.Type) (tensor.Type, error) { return tensor.PadType(t), nil })
	},
	func(c *ir.Call) (*tensor.Array, error) {
		as, err := arrayArgs(c, 2)
		if err != nil {
			return nil, err
		}
		return tensor.Pad(as[0], as[1])
	})

// listTypes and listArrays are the entries of a list argument.
func listTypes(c *ir.Call, i int) ([]tensor.Type, error) {
	items, err := itemsArg(c, i)
	if err != nil {
		if a, ok := ir.TypeOf(c.Args[i]); ok && a.Rank() > 0 && a.Dims[0] > 0 {
			out := make([]tensor.Type, a.Dims[0])
			for k := range out {
				if out[k], err = tensor.IndexType(a, []tensor.Ix{{Kind: tensor.Entry, I: k}}); err != nil {
					return nil, inArg(c, i, err)
				}
			}
			return out, nil
		}
		return nil, err
	}
	ts := make([]tensor.Type, len(items))
	for k, e := range items {
		if ts[k], err = TypeOf(e); err != nil {
			return nil, inArg(c, i, err)
		}
	}
	return ts, nil
}

func listArrays(c *ir.Call, i int) ([]*tensor.Array, error) {
	items, err := itemsArg(c, i)
	if err != nil {
		return nil, err
	}
	as := make([]*tensor.Array, len(items))
	for k, e := range items {
		if as[k], err = ToArray(e); err != nil {
			return nil, inArg(c, i, err)
		}
	}
	return as, nil
}

var stackRow = ofLists(0, fn(&ir.OpRow{Name: "stack", Doc: "One array of a list of arrays of one shape, with a new axis at a place; of different lengths of pos a ragged one. xs: n of [..]; result: [n ..].",
	Params: []ir.Param{par("xs", "a list of arrays or numbers"), opt("at", int64(0), "the place of the new axis")}, Grad: gradOfAll(gradStack), GradItem: gradItems(0, gradStack), Example: "print stack([[1, 2], [3, 4]], at=1)\n# [2 2]\n# [[1 3]\n#  [2 4]]"},
	func(c *ir.Call) (tensor.Type, error) {
		ts, err := listTypes(c, 0)
		if err != nil {
			return tensor.Type{}, err
		}
		at, err := intArg(c, 1)
		if err != nil {
			return tensor.Type{}, err
		}
		return tensor.StackType(ts, int(at))
	},
	func(c *ir.Call) (*tensor.Array, error) {
		as, err := listArrays(c, 0)
		if err != nil {
			return nil, err
		}
		at, err := intArg(c, 1)
		if err != nil {
			return nil, err
		}
		return tensor.Stack(as, int(at))
	}))

var concatRow = ofLists(0, fn(&ir.OpRow{Name: "concat", Doc: "A list of arrays joined end to end along an axis. xs: n of [.. k ..]; result: [.. sum of k ..].",
	Params: []ir.Param{par("xs", "a list of arrays"), opt("axis", int64(0), "an axis by name or number")}, Grad: gradOfAll(gradConcat), GradItem: gradItems(0, gradConcat), Example: "print concat([[1, 2], [3]], 0)\n# [3]\n# [1 2 3]"},
	func(c *ir.Call) (tensor.Type, error) {
		ts, err := listTypes(c, 0)
		if err != nil {
			return tensor.Type{}, err
		}
		ax, err := oneAx(c, 1)
		if err != nil {
			return tensor.Type{}, err
		}
		return tensor.ConcatType(ts, ax)
	},
	func(c *ir.Call) (*tensor.Array, error) {
		as, err := listArrays(c, 0)
		if err != nil {
			return nil, err
		}
		ax, err := oneAx(c, 1)
		if err != nil {
			return nil, err
		}
		return tensor.Concat(as, ax)
	}))
