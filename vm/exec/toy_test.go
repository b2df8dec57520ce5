package exec

import (
	"interp/internal/toy"
	"interp/nnrt"
	"interp/nnrt/arch"
)

// toyRuntime gives the toy the face of the runtime.
type toyRuntime struct {
	*toy.Model
	rows int64 // made
}

func (m *toyRuntime) Rows(p arch.Point, r *nnrt.Rows) error {
	for j := range r.Out {
		y := m.Row(p, r.Tok[j], int(r.Pos[j]), m.input(p, r, j), keys(r, j))
		if r.Cols != nil {
			for i, c := range r.Cols {
				r.Out[j][i] = y[c]
			}
			continue
		}
		if copy(r.Out[j], y) != len(y) || len(r.Out[j]) != len(y) {
			panic("a row of another width")
		}
	}
	m.rows += int64(len(r.Out))
	return nil
}

func (m *toyRuntime) input(p arch.Point, r *nnrt.Rows, j int) func(arch.Point) []float32 {
	return func(q arch.Point) []float32 {
		for k, in := range m.A.Inputs(p) {
			if in == q {
				return r.In[k][j]
			}
		}
		panic("no such input")
	}
}

func keys(r *nnrt.Rows, j int) func(q int) []float32 {
	return func(q int) []float32 {
		for _, run := range r.Keys[j] {
			if q < run.N {
				return run.Buf[q*run.Stride:]
			}
			q -= run.N
		}
		panic("no such key")
	}
}

func (m *toyRuntime) Attention(layer int, r *nnrt.Rows) error {
	at := func(kind string) arch.Point { p, _ := m.A.Named(layer, kind); return p }
	for j := range r.Out {
		row := func(p arch.Point, in []float32) []float32 {
			return m.Row(p, r.Tok[j], int(r.Pos[j]), func(arch.Point) []float32 { return in }, keys(r, j))
		}
		copy(r.Out[j], row(at("z"), row(at("pattern"), row(at("scores"), r.In[0][j]))))
	}
	m.rows += int64(len(r.Out))
	return nil
}
