package tensor

import "slices"

// MatMulType is the type of a @ b.
func MatMulType(a, b Type) (Type, error) {
	if err := matmulRows(a, b); err != nil {
		return Type{}, err
	}
	return matmulOp.typeOf(a, b)
}

// matmulRows refuses row axes that would be rows or columns of a matrix.
func matmulRows(ts ...Type) error {
	for _, t := range ts {
		for _, k := range t.rowAxes() {
			if k >= t.Rank()-2 {
				return opError(opName("matmul"), acrossRows(t.axisText(k)))
			}
		}
	}
	return nil
}

// MatMul multiplies matrices: the last axis of a with the next to last of b; axes before them meet
// as in arithmetic, a single axis is a vector, as in NumPy. Each sum runs over k in order.
//
//	a: [.. m k], b: [.. k n]; result: [.. m n]
func MatMul(a, b *Array) (*Array, error) {
	if err := matmulRows(a.Type, b.Type); err != nil {
		return nil, err
	}
	return matmulOp.run(a, b)
}

var matmulOp = rowOp{
	infer: func(ts []Type) (Type, error) {
		p, err := planMatmul(ts[0], ts[1])
		return p.out, err
	},
	eval: func(out Type, xs []*Array) (*Array, error) {
		p, err := planMatmul(xs[0].Type, xs[1].Type)
		if err != nil {
			return nil, err
		}
		return wrap(out, p.run(xs[0].F32(), xs[1].F32())), nil
	},
}

// matmulPlan is a batch of products.
type matmulPlan struct {
	out          Type
	m, k, n      int
	lead         []int // lengths of the leading axes of the result
	stepA, stepB []int // in matrices
}

func planMatmul(a, b Type) (p matmulPlan, err error) {
	if a.Rank() == 0 || b.Rank() == 0 {
		return p, errf("matmul: shapes %s and %s: a single number has no axis to sum over", a, b).hint("use *")
	}
	va, vb := a.Rank() == 1, b.Rank() == 1
	ra, rb := a.Rank()-2, b.Rank()-2
	if va {
		ra = 0
	}
	if vb {
		rb = 0
	}
	p.k, p.m, p.n = a.Dims[a.Rank()-1], 1, 1
	kb := b.Dims[max(0, b.Rank()-2)]
	if p.k != kb {
		return p, errf("matmul: shapes %s and %s: the last axis of the left has %d, the next to last of the right %d", a, b, p.k, kb)
	}
	la := NewType(F32, a.Axes[:ra], a.Dims[:ra])
	lb := NewType(F32, b.Axes[:rb], b.Dims[:rb])
	meet, err := Meet(la, lb)
	if err != nil {
		return p, opError(opName("matmul"), err)
	}
	lead, err := meet.shape([]Type{la, lb})
	if err != nil {
		return p, opError(opName("matmul"), err)
	}
	p.lead, p.stepA, p.stepB = lead.Dims, meet.Maps[0].steps(la), meet.Maps[1].steps(lb)
	axes, dims := slices.Clone(lead.Axes), slices.Clone(lead.Dims)
	if !va {
		p.m = a.Dims[ra]
		axes, dims = append(axes, a.Axes[ra]), append(dims, p.m)
	}
	if !vb {
		p.n = b.Dims[rb+1]
		axes, dims = append(axes, b.Axes[rb+1]), append(dims, p.n)
	}
	p.out = NewType(F32, axes, dims)
	return p, nil
}

func (p matmulPlan) run(a, b []float32) []float32 {
	out := make([]float32, p.out.Size())
	sa, sb, so := p.m*p.k, p.k*p.n, p.m*p.n
	if so == 0 {
		return out
	}
	walk(p.lead, [][]int{p.stepA, p.stepB}, func(s stretch) {
		i, j := s.off[0], s.off[1]
		for q := range s.n {
			o := (s.at + q) * so
			product(out[o:o+so], a[i*sa:(i+1)*sa], b[j*sb:(j+1)*sb], p.m, p.k, p.n)
			i += s.step[0]
			j += s.step[1]
		}
	})
	return out
}

// product adds a @ b to out, over k in order and with every product rounded before it is added, so
// that a row has the same bits in any company.
func product(out, a, b []float32, m, k, n int) {
	for i := range m {
		row := out[i*n : (i+1)*n]
		for l := range k {
			x := a[i*k+l]
			for j, y := range b[l*n : (l+1)*n] {
				row[j] += float32(x * y)
			}
		}
	}
}
