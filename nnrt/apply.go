package nnrt

import (
	"fmt"
	"slices"

	"interp/nnrt/tensor"
)

// Apply computes a module on a value: the last axis is the module's input; attention and whole blocks
// also need an axis pos, along which they are causal. Where there are several such axes or rows, each
// is by itself.
//
//	lm_head: x [... d_model] gives [... d_vocab]
func (m *Model) Apply(path string, layer int, x *tensor.Array) (*tensor.Array, error) {
	p, err := m.module(path, layer)
	if err != nil {
		return nil, err
	}
	t, err := p.typ(x.Type)
	if err != nil {
		return nil, err
	}
	out := make([]float32, t.Size())
	err = p.sequences(x, func(at []int, in [][]float32) error {
		rows, err := p.forward(in)
		for i, r := range at {
			if err == nil {
				copy(out[r*p.Out:], p.result(rows, i))
			}
		}
		return err
	})
	return tensor.FromType(t, out), err
}

// ApplyBack is the gradient of Apply's argument, given that of its result: in the shape of x.
func (m *Model) ApplyBack(path string, layer int, x, dout *tensor.Array) (*tensor.Array, error) {
	p, err := m.module(path, layer)
	if err != nil {
		return nil, err
	}
	t, err := p.typ(x.Type)
	if err != nil {
		return nil, err
	}
	if dout.Size() != t.Size() {
		return nil, fmt.Errorf("%s: the gradient has shape %s, want %s", path, dout.Shape(), t.Shape())
	}
	d, dx := dout.F32(), make([]float32, x.Size())
	err = p.sequences(x, func(at []int, in [][]float32) error {
		rows, err := p.forward(in)
		if err != nil {
			return err
		}
		douts := make([][]float32, len(at))
		for i, r := range at {
			douts[i] = d[r*p.Out:][:p.Out]
		}
		grads, err := p.reverse(rows, douts)
		for i, r := range at {
			if err == nil {
				copy(dx[r*p.In:], grads[i])
			}
		}
		return err
	})
	u := x.Type
	u.DT = tensor.F32
	return tensor.FromType(u, dx), err
}

// typ is the type of the result: the last axis changes.
func (p *module) typ(t tensor.Type) (tensor.Type, error) {
	n := t.Rank()
	if n == 0 || t.Dims[n-1] != p.In {
		return t, fmt.Errorf("%s takes a last axis of %d, got %s", p.Path, p.In, t)
	}
	out := t
	out.DT = tensor.F32
	out.Axes, out.Dims = slices.Clone(t.Axes), slices.Clone(t.Dims)
	out.Dims[n-1] = p.Out
	if p.OutAxis != "" {
		out.Axes[n-1] = p.OutAxis
	}
	return out, nil
}

// sequences calls f with the rows of x that belong together and their numbers: all at once where
// positions do not matter, else one sequence along pos at a time.
func (p *module) sequences(x *tensor.Array, f func(at []int, rows [][]float32) error) error {
	data := x.F32()
	call := func(at []int) error {
		rows := make([][]float32, len(at))
		for i, r := range at {
			rows[i] = data[r*p.In:][:p.In]
		}
		return f(at, rows)
	}
	if !p.Pos {
		at := make([]int, len(data)/p.In)
		for i := range at {
			at[i] = i
		}
		return call(at)
	}
	pos, err := x.Type.Axis("pos")
	if err != nil {
		return fmt.Errorf("%s needs an axis pos: %w", p.Path, err)
	}
	outer, first := len(x.Type.Outer()), 0
	if x.Type.IsRagged() && pos < outer {
		return fmt.Errorf("%s: rows differ in length along another axis than pos: %s", p.Path, x.Type)
	}
	for r := range x.Type.Rows() {
		dims := x.Type.RowDims(r)
		if err := eachSequence(dims[:len(dims)-1], pos-outer, first, call); err != nil {
			return err
		}
		first += size(dims[:len(dims)-1])
	}
	return nil
}

// eachSequence lists the rows along one axis of a dense array of rows, for each place on the others.
func eachSequence(dims []int, axis, first int, f func(at []int) error) error {
	inner, n := size(dims[axis+1:]), dims[axis]
	if n > 0 && inner == 0 {
		return nil
	}
	for o := range size(dims[:axis]) {
		for i := range inner {
			at := make([]int, n)
			for k := range at {
				at[k] = first + (o*n+k)*inner + i
			}
			if err := f(at); err != nil {
				return err
			}
		}
	}
	return nil
}
