package tensor

import (
	gt "gorgonia.org/tensor"
)

// Dense is a copy of the numbers in gorgonia's container: in their shape, or flat for a ragged
// array (see Row). Its engine makes MatMul safe on views and gives the sums this package gives.
func (a *Array) Dense() *gt.Dense {
	dims := a.Dims
	if a.IsRagged() {
		dims = []int{a.Size()}
	}
	backing := buffer(a.DT, a.Size())
	copyPart(backing, 0, a.raw(), 0, a.Size())
	if len(dims) == 0 {
		return gt.New(gt.FromScalar(scalar(backing)), gt.WithEngine(engine{}))
	}
	return gt.New(gt.WithShape(dims...), gt.WithBacking(backing), gt.WithEngine(engine{}))
}

func scalar(buf any) any {
	switch b := buf.(type) {
	case []int64:
		return b[0]
	case []bool:
		return b[0]
	}
	return buf.([]float32)[0]
}

// FromDense is a copy of a container's numbers; views are laid out first. Only float32, int64 and
// bool elements are taken.
func FromDense(axes []string, d *gt.Dense) (*Array, error) {
	if d.RequiresIterator() {
		d = d.Materialize().(*gt.Dense)
	}
	dims := append([]int(nil), d.Shape()...)
	if axes != nil && len(axes) != len(dims) {
		return nil, errf("%d names for %d axes", len(axes), len(dims))
	}
	switch d.Dtype() {
	case gt.Float32:
		return FromF32(axes, dims, append([]float32(nil), d.Float32s()...)), nil
	case gt.Int64:
		return FromI64(axes, dims, append([]int64(nil), d.Int64s()...)), nil
	case gt.Bool:
		return FromBool(axes, dims, append([]bool(nil), d.Bools()...)), nil
	}
	return nil, errf("elements are %v, want float32, int64 or bool", d.Dtype())
}

// engine is gorgonia's own but for MatMul, which gives wrong numbers on slices and transposes, and
// where the destination is an operand: here views are laid out and the result is made apart.
type engine struct{ gt.StdEng }

// MatMul writes a @ b into prealloc.
func (e engine) MatMul(a, b, prealloc gt.Tensor) error {
	ad, aok := a.(*gt.Dense)
	bd, bok := b.(*gt.Dense)
	pd, pok := prealloc.(*gt.Dense)
	if !aok || !bok || !pok || ad.Dtype() != gt.Float32 || bd.Dtype() != gt.Float32 || pd.RequiresIterator() {
		return e.StdEng.MatMul(a, b, prealloc)
	}
	x, err := FromDense(nil, ad)
	if err != nil {
		return err
	}
	y, err := FromDense(nil, bd)
	if err != nil {
		return err
	}
	out, err := MatMul(x, y)
	if err != nil {
		return err
	}
	copy(pd.Float32s(), out.floats())
	return nil
}
