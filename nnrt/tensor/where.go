package tensor

// WhereType is the type of Where.
func WhereType(c, a, b Type) (Type, string, error) {
	m, err := Meet(a, b, c)
	if err != nil {
		return Type{}, "", opError(opName("where"), err)
	}
	t, err := m.shape([]Type{a, b, c})
	return t.with(promote(a.DT, b.DT)), m.Warning, opError(opName("where"), err)
}

// Where takes from a where c is true and from b elsewhere; the three meet as in arithmetic.
//
//	c, a, b: any shapes that meet; result: their common shape
func Where(c, a, b *Array) (*Array, error) {
	t, _, err := WhereType(c.Type, a.Type, b.Type)
	if err != nil {
		return nil, err
	}
	m, err := Meet(a.Type, b.Type, c.Type)
	if err != nil {
		return nil, err
	}
	return m.run([]*Array{a.As(t.DT), b.As(t.DT), c.As(Bool)}, t.DT, func(out Type, xs []*Array) (*Array, error) {
		return choose(out, xs, m.Maps), nil
	})
}

func choose(out Type, xs []*Array, maps []Mapping) *Array {
	steps := make([][]int, len(xs))
	for i, x := range xs {
		steps[i] = maps[i].steps(x.Type)
	}
	switch out.DT {
	case I64:
		return wrap(out, chosen(out.Dims, steps, xs[0].ints(), xs[1].ints(), xs[2].truths()))
	case Bool:
		return wrap(out, chosen(out.Dims, steps, xs[0].truths(), xs[1].truths(), xs[2].truths()))
	}
	return wrap(out, chosen(out.Dims, steps, xs[0].floats(), xs[1].floats(), xs[2].truths()))
}

func chosen[T any](dims []int, steps [][]int, a, b []T, c []bool) []T {
	out := make([]T, prod(dims))
	walk(dims, steps, func(s stretch) {
		for i := range s.n {
			if c[s.off[2]+i*s.step[2]] {
				out[s.at+i] = a[s.off[0]+i*s.step[0]]
			} else {
				out[s.at+i] = b[s.off[1]+i*s.step[1]]
			}
		}
	})
	return out
}

// ClampType is the type of Clamp; a nil bound is none.
func ClampType(x Type, lo, hi *Type) (Type, string, error) {
	t, warning := x, ""
	for _, b := range []struct {
		op    BinOp
		bound *Type
	}{{Maximum, lo}, {Minimum, hi}} {
		if b.bound == nil {
			continue
		}
		var w string
		var err error
		if t, w, err = BinaryType(b.op, t, *b.bound); err != nil {
			return Type{}, "", opError(opName("clamp"), err)
		}
		if warning == "" {
			warning = w
		}
	}
	return t, warning, nil
}

// Clamp keeps numbers from lo to hi; a nil bound is none. Where lo exceeds hi the result is hi.
//
//	x, lo, hi: any shapes that meet
func Clamp(x, lo, hi *Array) (*Array, error) {
	var err error
	if lo != nil {
		if x, err = Binary(Maximum, x, lo); err != nil {
			return nil, opError(opName("clamp"), err)
		}
	}
	if hi != nil {
		if x, err = Binary(Minimum, x, hi); err != nil {
			return nil, opError(opName("clamp"), err)
		}
	}
	return x, nil
}
