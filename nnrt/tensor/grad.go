package tensor

// Gradients. A function XxxGrad gives the gradient with respect to one operand of Xxx, from the
// operands, the result and the gradient of the result; it has the shape of the operand and is
// float32. Each is written for dense arrays and lifted to ragged ones: rows that share an operand
// add up in order. Sums run in float64.

// gradFunc is the gradient with respect to one dense operand; xs, out and dout are dense.
type gradFunc func(xs []*Array, out, dout *Array) (*Array, error)

// grad lifts a gradient with respect to operand arg.
func (o rowOp) grad(xs []*Array, out, dout *Array, arg int, f gradFunc) (*Array, error) {
	ts := types(xs)
	if !anyRagged(ts) {
		return f(xs, out, dout)
	}
	l, err := o.lifting(ts)
	if err != nil {
		return nil, err
	}
	return l.grad(xs, out, dout, arg, o.infer, f)
}

// grad lifts a gradient of an element-wise operation.
func (m Meeting) grad(xs []*Array, out, dout *Array, arg int, f gradFunc) (*Array, error) {
	ts := types(xs)
	if !anyRagged(ts) {
		return f(xs, out, dout)
	}
	l, err := m.lifting(ts)
	if err != nil {
		return nil, err
	}
	return l.grad(xs, out, dout, arg, nil, f)
}

// grad takes operands, result and its gradient apart into rows and puts the operand's gradient
// together. infer is needed where the lifting finds its axes by name.
func (l *lifting) grad(xs []*Array, out, dout *Array, arg int, infer func([]Type) (Type, error), f gradFunc) (*Array, error) {
	at := l.at
	if at == nil {
		var err error
		if _, _, at, err = l.join(types(xs), infer); err != nil {
			return nil, err
		}
	}
	parts := make([][]*Array, len(xs))
	for op, x := range xs {
		_, axes := l.has(op)
		parts[op] = x.split(axes)
	}
	outs, douts := out.split(at), dout.split(at)
	sums := make([]*Array, len(parts[arg]))
	err := l.each(func(row int, of []int) error {
		one := make([]*Array, len(xs))
		for op, r := range of {
			one[op] = parts[op][r]
		}
		g, err := f(one, outs[row], douts[row])
		if err != nil {
			return inRow(err, row)
		}
		sums[of[arg]] = plus(sums[of[arg]], g)
		return nil
	})
	if err != nil {
		return nil, err
	}
	_, axes := l.has(arg)
	return join(xs[arg].Type.with(F32), sums, axes), nil
}

// plus adds a gradient to those before; nil stands for none.
func plus(sum, g *Array) *Array {
	if sum == nil {
		return g
	}
	x, y := sum.F32(), g.F32()
	data := make([]float32, len(x))
	for i := range data {
		data[i] = x[i] + y[i]
	}
	return wrap(sum.Type, data)
}

// gradOf rounds sums to an array like the operand.
func gradOf(t Type, sums []float64) *Array {
	return wrap(t.with(F32), convert(sums, func(v float64) float32 { return float32(v) }))
}

// noGrad says that an operation has no gradient.
func noGrad(name string) error {
	return errf("%s has no gradient", name)
}

// HasGrad says that BinaryGrad knows the operation.
func (op BinOp) HasGrad() bool { return slopes[op][0] != nil }

// BinaryGrad is the gradient of Binary with respect to a (arg 0) or b (arg 1). Of equals maximum
// and minimum give half to either.
func BinaryGrad(op BinOp, a, b, out, dout *Array, arg int) (*Array, error) {
	slope := slopes[op][arg]
	if slope == nil {
		return nil, noGrad(op.String())
	}
	m, err := Meet(a.Type, b.Type)
	if err != nil {
		return nil, err
	}
	return m.grad([]*Array{a, b}, out, dout, arg, func(xs []*Array, out, dout *Array) (*Array, error) {
		steps := [][]int{m.Maps[0].steps(xs[0].Type), m.Maps[1].steps(xs[1].Type)}
		return slopeSums(out.Dims, steps, xs, out, dout, arg, slope), nil
	})
}

// slopeSums adds up, for each element of an operand, the slopes of all results it is part of.
func slopeSums(dims []int, steps [][]int, xs []*Array, out, dout *Array, arg int, slope slopeFunc) *Array {
	x, y, z, g := xs[0].F32(), xs[1].F32(), out.F32(), dout.F32()
	sums := make([]float64, xs[arg].Size())
	walk(dims, steps, func(s stretch) {
		i, j := s.off[0], s.off[1]
		for k := range s.n {
			d := slope(float64(x[i]), float64(y[j]), float64(z[s.at+k]))
			if v := float64(g[s.at+k]); v != 0 {
				at := i
				if arg == 1 {
					at = j
				}
				sums[at] += float64(v * d)
			}
			i += s.step[0]
			j += s.step[1]
		}
	})
	return gradOf(xs[arg].Type, sums)
}

// HasGrad says that UnaryGrad knows the operation.
func (op UnOp) HasGrad() bool { return unRows[op].d != nil }

// UnaryGrad is the gradient of Unary.
func UnaryGrad(op UnOp, a, out, dout *Array) (*Array, error) {
	d := unRows[op].d
	if d == nil {
		return nil, noGrad(op.String())
	}
	x, y, g := a.F32(), out.F32(), dout.F32()
	data := make([]float32, len(x))
	for i := range data {
		if g[i] != 0 {
			data[i] = float32(float64(g[i]) * d(float64(x[i]), float64(y[i])))
		}
	}
	return wrap(a.Type.with(F32), data), nil
}

// WhereGrad is the gradient of Where with respect to c (arg 0, always 0), a (1) or b (2).
func WhereGrad(c, a, b, out, dout *Array, arg int) (*Array, error) {
	if arg == 0 {
		return Zeros(c.Type.with(F32)), nil
	}
	m, err := Meet(a.Type, b.Type, c.Type)
	if err != nil {
		return nil, err
	}
	return m.grad([]*Array{a, b, c.As(Bool)}, out, dout, arg-1, func(xs []*Array, out, dout *Array) (*Array, error) {
		steps := [][]int{m.Maps[arg-1].steps(xs[arg-1].Type), m.Maps[2].steps(xs[2].Type)}
		sums, g, take := make([]float64, xs[arg-1].Size()), dout.F32(), xs[2].truths()
		walk(out.Dims, steps, func(s stretch) {
			for i := range s.n {
				if take[s.off[1]+i*s.step[1]] == (arg == 1) {
					sums[s.off[0]+i*s.step[0]] += float64(g[s.at+i])
				}
			}
		})
		return gradOf(xs[arg-1].Type, sums), nil
	})
}

// ClampGrad is the gradient of Clamp with respect to x (arg 0), lo (1) or hi (2).
func ClampGrad(x, lo, hi, dout *Array, arg int) (*Array, error) {
	low := x
	var err error
	if lo != nil {
		if low, err = Binary(Maximum, x, lo); err != nil {
			return nil, err
		}
	}
	if hi != nil {
		out, err := Binary(Minimum, low, hi)
		if err != nil {
			return nil, err
		}
		if arg == 2 {
			return BinaryGrad(Minimum, low, hi, out, dout, 1)
		}
		if dout, err = BinaryGrad(Minimum, low, hi, out, dout, 0); err != nil {
			return nil, err
		}
	}
	if lo == nil {
		return dout, nil
	}
	return BinaryGrad(Maximum, x, lo, low, dout, arg)
}

// SelectGrad is the gradient of Select with respect to an array of type t: zero where nothing was
// taken; what was taken twice adds up.
func SelectGrad(t Type, sels []Sel, dout *Array) (*Array, error) {
	sums := make([]float64, t.Size())
	g := dout.F32()
	at := 0
	for _, s := range selSpans(t, sels) {
		for i := range s.n {
			sums[s.off+i] += float64(g[at+i])
		}
		at += s.n
	}
	return gradOf(t, sums), nil
}

// IndexGrad is the gradient of Index.
func IndexGrad(t Type, ix []Ix, dout *Array) (*Array, error) {
	sels, err := ResolveIndex(t, ix)
	if err != nil {
		return nil, err
	}
	return SelectGrad(t, sels, dout)
}

// PutGrad is the gradient of Put with respect to the array: zero where the value went. With respect
// to the value it is SpreadGrad of what Select takes.
func PutGrad(t Type, sels []Sel, dout *Array) (*Array, error) {
	zeros := Zeros(SelType(t, sels).with(F32))
	return scatter(dout.As(F32), sels, zeros), nil
}

// SpreadGrad is the gradient of Spread with respect to a value of type t: sums over what it was
// spread over.
func SpreadGrad(t Type, dout *Array) (*Array, error) {
	m, err := Meet(dout.Type, t)
	if err != nil {
		return nil, err
	}
	return m.grad([]*Array{dout, Zeros(t)}, dout, dout, 1, func(xs []*Array, out, dout *Array) (*Array, error) {
		sums, g := make([]float64, xs[1].Size()), dout.F32()
		walk(out.Dims, [][]int{m.Maps[1].steps(xs[1].Type)}, func(s stretch) {
			for i := range s.n {
				sums[s.off[0]+i*s.step[0]] += float64(g[s.at+i])
			}
		})
		return gradOf(xs[1].Type, sums), nil
	})
}

// ViewGrad is the gradient of Reshape, Squeeze, Expand and Rename with respect to an array of type t.
func ViewGrad(t Type, dout *Array) *Array { return wrap(t.with(F32), dout.F32()) }
