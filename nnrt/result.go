package nnrt

import (
	"fmt"
	"slices"

	"interp/nnrt/kern"
	"interp/nnrt/nn"
	"interp/nnrt/tensor"
)

// HeadResult is what single heads add to a layer's attention output: z of heads times their rows of
// the output projection, without its bias. heads says which head each entry of the axis head is.
//
//	z: [... head d_head]; result: [... head d_model]
func (m *Model) HeadResult(layer int, heads []int, z *tensor.Array) (*tensor.Array, error) {
	d := m.arch.Dims
	return m.byHead(layer, heads, z, d.DHead, d.DModel, "d_model", func(w *kern.Mat, out, in [][]float32) {
		l := nn.Linear{W: w, B: make([]float32, d.DModel)}
		l.Rows(m.pool, out, in, 0, d.DModel)
	})
}

// HeadResultBack is the gradient of z. dout: [... head d_model]; result: [... head d_head].
func (m *Model) HeadResultBack(layer int, heads []int, dout *tensor.Array) (*tensor.Array, error) {
	d := m.arch.Dims
	return m.byHead(layer, heads, dout, d.DModel, d.DHead, "d_head", func(w *kern.Mat, dz, dy [][]float32) {
		l := nn.Linear{W: w}
		l.Back(m.pool, dz, dy, 0, d.DModel)
	})
}

// byHead applies f to the rows of each head with its part of the projection.
func (m *Model) byHead(layer int, heads []int, x *tensor.Array, in, out int, axis string, f func(w *kern.Mat, out, in [][]float32)) (*tensor.Array, error) {
	if err := m.checkHeads(layer, heads, x.Type, in); err != nil {
		return nil, err
	}
	n, k := x.Rank(), len(heads)
	t := x.Type
	t.DT, t.Axes, t.Dims = tensor.F32, slices.Clone(t.Axes), slices.Clone(t.Dims)
	t.Axes[n-1], t.Dims[n-1] = axis, out
	data, y := x.F32(), make([]float32, t.Size())
	count := len(data) / (k * in)
	ins, outs := make([][]float32, count), make([][]float32, count)
	for i, h := range heads {
		w, err := m.headProjection(layer, h)
		if err != nil {
			return nil, err
		}
		for r := range count {
			ins[r] = data[(r*k+i)*in:][:in]
			outs[r] = y[(r*k+i)*out:][:out]
		}
		f(w, outs, ins)
	}
	return tensor.FromType(t, y), nil
}

func (m *Model) checkHeads(layer int, heads []int, t tensor.Type, in int) error {
	d, n := m.arch.Dims, t.Rank()
	switch {
	case m.units == nil:
		return fmt.Errorf("model %s: %w", m.name, errNotLoaded)
	case layer < 0 || layer >= d.Layers:
		return fmt.Errorf("layer %d is out of range (valid: 0 to %d)", layer, d.Layers-1)
	case n < 2 || t.Dims[n-1] != in || t.Dims[n-2] != len(heads) || len(heads) == 0:
		return fmt.Errorf("heads' results: got %s, want [... head=%d %d]", t, len(heads), in)
	}
	for _, h := range heads {
		if h < 0 || h >= d.Heads {
			return fmt.Errorf("head %d is out of range (valid: 0 to %d)", h, d.Heads-1)
		}
	}
	return nil
}

// headProjection is a head's rows of the output projection, [d_head d_model].
func (m *Model) headProjection(layer, h int) (*kern.Mat, error) {
	w, err := m.Weight("W_O", layer, h)
	if err != nil {
		return nil, err
	}
	return m.o.pack(w.Dims[0], w.Dims[1], w.F32(), false), nil
}
