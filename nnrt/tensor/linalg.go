package tensor

import (
	"cmp"
	"math"
	"math/cmplx"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// SVDType has the types of SVD's results.
func SVDType(t Type) (u, s, vh Type, err error) {
	if err = matrices("svd", t); err != nil {
		return
	}
	n := t.Rank() - 2
	k := min(t.Dims[n], t.Dims[n+1])
	lead, dims := t.Axes[:n], t.Dims[:n]
	u = NewType(F32, slices.Concat(lead, []string{t.Axes[n], ""}), slices.Concat(dims, []int{t.Dims[n], k}))
	s = NewType(F32, slices.Concat(lead, []string{""}), slices.Concat(dims, []int{k}))
	vh = NewType(F32, slices.Concat(lead, []string{"", t.Axes[n+1]}), slices.Concat(dims, []int{k, t.Dims[n+1]}))
	return
}

func matrices(name opName, t Type) error {
	if t.IsRagged() || t.Rank() < 2 {
		return errf("%s: got shape %s, want matrices", name, t)
	}
	return nil
}

// SVD factors each matrix of the last two axes as u diag(s) vh, thin, with s falling. The sign of a
// pair of vectors is such that the largest entry of u's is positive.
//
//	a: [.. m n]; u: [.. m k], s: [.. k], vh: [.. k n] with k = min(m, n)
func SVD(a *Array) (u, s, vh *Array, err error) {
	tu, ts, tv, err := SVDType(a.Type)
	if err != nil {
		return nil, nil, nil, err
	}
	m, n := a.Dims[a.Rank()-2], a.Dims[a.Rank()-1]
	k := min(m, n)
	du, ds, dv := make([]float32, 0, tu.Size()), make([]float32, 0, ts.Size()), make([]float32, 0, tv.Size())
	if k > 0 {
		for o := range a.Size() / (m * n) {
			x, err := matrix("svd", a.F32()[o*m*n:(o+1)*m*n], m, n)
			if err != nil {
				return nil, nil, nil, err
			}
			var f mat.SVD
			if !f.Factorize(x, mat.SVDThin) {
				return nil, nil, nil, errf("svd: no convergence on matrix %d", o)
			}
			du, ds, dv = appendSVD(du, ds, dv, &f)
		}
	}
	return wrap(tu, sized(du, tu)), wrap(ts, sized(ds, ts)), wrap(tv, sized(dv, tv)), nil
}

// sized fills up for shapes without singular values.
func sized(data []float32, t Type) []float32 {
	return append(data, make([]float32, t.Size()-len(data))...)
}

func appendSVD(du, ds, dv []float32, f *mat.SVD) (u, s, vh []float32) {
	var mu, mv mat.Dense
	f.UTo(&mu)
	f.VTo(&mv)
	rows, k := mu.Dims()
	flip := make([]float64, k)
	for j := range k {
		best := 0.0
		for i := range rows {
			if v := mu.At(i, j); math.Abs(v) > math.Abs(best) {
				best = v
			}
		}
		flip[j] = math.Copysign(1, best)
	}
	for i := range rows {
		for j := range k {
			du = append(du, float32(mu.At(i, j)*flip[j]))
		}
	}
	for _, v := range f.Values(nil) {
		ds = append(ds, float32(v))
	}
	cols, _ := mv.Dims()
	for j := range k {
		for i := range cols {
			dv = append(dv, float32(mv.At(i, j)*flip[j]))
		}
	}
	return du, ds, dv
}

// SVDGrad is the gradient of SVD's singular values: ds = uᵀ da v, where da is a change of the matrix.
func SVDGrad(a, ds *Array) (*Array, error) {
	u, s, vh, err := SVD(a)
	if err != nil {
		return nil, err
	}
	m, n, k := a.Dims[a.Rank()-2], a.Dims[a.Rank()-1], s.Dims[s.Rank()-1]
	sums := make([]float64, a.Size())
	for at, d := range ds.F32() {
		o, j := at/k, at%k
		for r := range m {
			for c := range n {
				sums[(o*m+r)*n+c] += float64(d) * float64(u.F32()[(o*m+r)*k+j]) * float64(vh.F32()[(o*k+j)*n+c])
			}
		}
	}
	return gradOf(a.Type, sums), nil
}

// matrix refuses what is not finite: the factorings would not end.
func matrix(name opName, data []float32, m, n int) (*mat.Dense, error) {
	x := make([]float64, len(data))
	for i, v := range data {
		x[i] = float64(v)
		if math.IsNaN(x[i]) || math.IsInf(x[i], 0) {
			return nil, errf("%s: entry [%d, %d] is %s", name, i/n, i%n, formatFloat(v))
		}
	}
	return mat.NewDense(m, n, x), nil
}

// EigValsType is the type of both results of EigVals.
func EigValsType(t Type) (Type, error) {
	if err := matrices("eigvals", t); err != nil {
		return Type{}, err
	}
	n := t.Rank() - 2
	if t.Dims[n] != t.Dims[n+1] {
		return Type{}, errf("eigvals: shape %s is not square", t)
	}
	return NewType(F32, slices.Concat(t.Axes[:n], []string{""}), slices.Clone(t.Dims[:n+1])), nil
}

// EigVals has the eigenvalues of each square matrix of the last two axes by falling magnitude, as
// real and imaginary parts; of a conjugate pair the one above the axis comes first.
//
//	a: [.. n n]; re, im: [.. n]
func EigVals(a *Array) (re, im *Array, err error) {
	t, err := EigValsType(a.Type)
	if err != nil {
		return nil, nil, err
	}
	n := a.Dims[a.Rank()-1]
	dr, di := make([]float32, 0, t.Size()), make([]float32, 0, t.Size())
	for o := range t.Size() / max(n, 1) {
		x, err := matrix("eigvals", a.F32()[o*n*n:(o+1)*n*n], n, n)
		if err != nil {
			return nil, nil, err
		}
		var f mat.Eigen
		if !f.Factorize(x, mat.EigenNone) {
			return nil, nil, errf("eigvals: no convergence on matrix %d", o)
		}
		values := f.Values(nil)
		slices.SortStableFunc(values, byMagnitude)
		for _, v := range values {
			dr, di = append(dr, float32(real(v))), append(di, float32(imag(v)))
		}
	}
	return wrap(t, dr), wrap(t, di), nil
}

func byMagnitude(v, w complex128) int {
	if c := cmp.Compare(float32(cmplx.Abs(w)), float32(cmplx.Abs(v))); c != 0 {
		return c
	}
	if c := cmp.Compare(real(w), real(v)); c != 0 {
		return c
	}
	return cmp.Compare(imag(w), imag(v))
}

// CorrType is the type of Corr.
func CorrType(a, b Type) (Type, string, error) {
	_, warning, err := BinaryType(Mul, a, b)
	return NewType(F32, nil, nil), warning, opError(opName("corr"), err)
}

// Corr is Pearson's correlation over all elements.
//
//	a, b: shapes that meet; result: one number
func Corr(a, b *Array) (*Array, error) {
	m, err := Meet(a.Type, b.Type)
	if err != nil {
		return nil, opError(opName("corr"), err)
	}
	full := make([][]float32, 2)
	for i := range full {
		out, err := m.run([]*Array{a.As(F32), b.As(F32)}, F32, func(out Type, xs []*Array) (*Array, error) {
			return broadcast(xs[i], m.Maps[i], out), nil
		})
		if err != nil {
			return nil, opError(opName("corr"), err)
		}
		full[i] = out.F32()
	}
	return Float(pearson(full[0], full[1])), nil
}

func pearson(x, y []float32) float64 {
	mx, my := mean(x), mean(y)
	var xx, yy, xy float64
	for i := range x {
		dx, dy := float64(x[i])-mx, float64(y[i])-my
		xx += float64(dx * dx)
		yy += float64(dy * dy)
		xy += float64(dx * dy)
	}
	return xy / math.Sqrt(xx*yy)
}
