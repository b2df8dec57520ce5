package nnrt

import (
	"fmt"
	"slices"

	"interp/nnrt/arch"
)

// module is a part of the model as a program on rows of its own: steps in order, each a point with
// the steps that give its inputs.
type module struct {
	*arch.Module
	m     *Model
	steps []moduleStep
	outs  []int // steps whose rows, side by side, are the result
}

type moduleStep struct {
	pt   arch.Point
	in   []int // steps; -1 is the module's argument
	keys int   // the step that gives keys and values; -1: none
	used bool
}

// module finds a module by its path, with [] for the layer, and works out its steps.
func (m *Model) module(path string, layer int) (*module, error) {
	if m.units == nil {
		return nil, fmt.Errorf("model %s: %w", m.name, errNotLoaded)
	}
	_, mod := m.arch.Lookup(path)
	if mod == nil {
		return nil, fmt.Errorf("model %s has no module %q", m.name, path)
	}
	if !mod.Layered {
		layer = m.arch.Dims.Layers
	} else if layer < 0 || layer >= m.arch.Dims.Layers {
		return nil, fmt.Errorf("%s: layer %d is out of range (valid: 0 to %d)", path, layer, m.arch.Dims.Layers-1)
	}
	p := &module{Module: mod, m: m}
	at := map[arch.Point]int{}
	for _, kind := range mod.Kinds {
		pt, ok := m.arch.Named(layer, kind)
		if !ok {
			return nil, fmt.Errorf("model %s: module %s: there is no point %q", m.name, path, kind)
		}
		p.add(pt, at)
	}
	p.close(layer, at)
	for i, s := range p.steps {
		if !s.used {
			p.outs = append(p.outs, i)
		}
	}
	return p, nil
}

func (p *module) add(pt arch.Point, at map[arch.Point]int) {
	a, s := p.m.arch, moduleStep{pt: pt, keys: -1}
	for _, q := range a.Inputs(pt) {
		i, ok := at[q]
		if !ok {
			i = -1
		} else {
			p.steps[i].used = true
		}
		s.in = append(s.in, i)
	}
	if a.Row(pt).Keys {
		s.keys = at[a.KV(a.Layer(pt))]
		p.steps[s.keys].used = true
	}
	at[pt] = len(p.steps)
	p.steps = append(p.steps, s)
}

// close adds the sum at the end of a whole block, which stands in the next one.
func (p *module) close(layer int, at map[arch.Point]int) {
	if !p.Layered {
		return
	}
	next := p.m.arch.At(layer+1, 0)
	for _, q := range p.m.arch.Inputs(next) {
		if _, ok := at[q]; !ok {
			return
		}
	}
	p.add(next, at)
}

// forward computes all steps for one sequence of rows; rows[0] is the argument, rows[1+i] step i.
func (p *module) forward(x [][]float32) ([][][]float32, error) {
	rows := [][][]float32{x}
	for _, s := range p.steps {
		r := p.request(s, rows)
		r.Out = make([][]float32, len(x))
		for i := range x {
			r.Out[i] = make([]float32, p.m.arch.Width(s.pt, i))
		}
		if err := p.m.Rows(s.pt, r); err != nil {
			return nil, err
		}
		rows = append(rows, r.Out)
	}
	return rows, nil
}

func (p *module) request(s moduleStep, rows [][][]float32) *Rows {
	r := &Rows{}
	for _, i := range s.in {
		r.In = append(r.In, rows[i+1])
	}
	if s.keys >= 0 {
		r.Keys = prefixes(rows[s.keys+1])
	}
	return r
}

// prefixes gives each position of a sequence the keys and values up to its own.
func prefixes(kv [][]float32) [][]KeyRun {
	runs := make([]KeyRun, len(kv))
	out := make([][]KeyRun, len(kv))
	for i, row := range kv {
		runs[i] = KeyRun{Buf: row, N: 1, Stride: len(row)}
		out[i] = runs[:i+1]
	}
	return out
}

// result puts the rows of the steps nobody uses side by side.
func (p *module) result(rows [][][]float32, i int) []float32 {
	if len(p.outs) == 1 {
		return rows[p.outs[0]+1][i]
	}
	var out []float32
	for _, o := range p.outs {
		out = append(out, rows[o+1][i]...)
	}
	return out
}

// reverse gives the gradient of the argument's rows from that of the result's.
func (p *module) reverse(rows [][][]float32, dout [][]float32) ([][]float32, error) {
	grads := make([][][]float32, len(rows))
	for k, step := range rows {
		grads[k] = make([][]float32, len(step))
		for i, row := range step {
			grads[k][i] = make([]float32, len(row))
		}
	}
	for i, d := range dout {
		for _, o := range p.outs {
			n := copy(grads[o+1][i], d)
			d = d[n:]
		}
	}
	for k := len(p.steps) - 1; k >= 0; k-- {
		s := p.steps[k]
		b := &Back{Rows: *p.request(s, rows), D: grads[k+1]}
		for _, i := range s.in {
			b.DIn = append(b.DIn, grads[i+1])
		}
		if s.keys >= 0 {
			b.DKeys = prefixes(grads[s.keys+1])
		}
		latestFirst(b)
		if err := p.m.Back(s.pt, b); err != nil {
			return nil, err
		}
	}
	return grads[0], nil
}

// latestFirst turns the rows of a request round: keys get their gradients from the last query on.
func latestFirst(b *Back) {
	turn := func(x [][]float32) [][]float32 {
		x = slices.Clone(x)
		slices.Reverse(x)
		return x
	}
	b.D = turn(b.D)
	b.In, b.DIn = slices.Clone(b.In), slices.Clone(b.DIn)
	for i := range b.In {
		b.In[i], b.DIn[i] = turn(b.In[i]), turn(b.DIn[i])
	}
	slices.Reverse(b.Keys)
	slices.Reverse(b.DKeys)
}
