// Package toy has what tests of the planner and of its executors share: a tiny transformer in plain Go,
// random scripts for it, and a reference that evaluates them from the definition of the language, run
// by run, and knows nothing of columns. Rows of the reference and of an executor come from the same
// function, so they must be equal to the bit.
package toy

import (
	"math"
	"math/rand"

	"interp/nnrt/arch"
)

// Model is a tiny transformer.
type Model struct {
	A      *arch.Arch
	weight map[string][][]float32
}

// Dims are the usual sizes.
var Dims = arch.Dims{Layers: 3, Heads: 2, KVHeads: 2, DModel: 8, DHead: 4, DMlp: 12, DVocab: 24, NCtx: 64}

// Arch is its table.
func (m *Model) Arch() *arch.Arch { return m.A }

// Name is that of its table.
func (m *Model) Name() string { return m.A.Name }

// Serial is the table of GPT-2.
func Serial(d arch.Dims) *arch.Arch { return must(arch.GPT2(d)) }

func must(a *arch.Arch, err error) *arch.Arch {
	if err != nil {
		panic(err)
	}
	return a
}

// Parallel is a table in which attention and MLP both read the block's input, as in GPT-NeoX: the
// MLP's points need no earlier position and stand before the arrival.
func Parallel(d arch.Dims) *arch.Arch {
	a := Serial(d)
	row := func(kind string, in ...string) arch.Row {
		r := a.Block[a.Kind(kind)]
		r.Inputs = nil
		for _, k := range in {
			r.Inputs = append(r.Inputs, arch.Input{Kind: k})
		}
		return r
	}
	below := []arch.Input{{Kind: "resid_pre", Below: true}, {Kind: "attn_out", Below: true}, {Kind: "mlp_out", Below: true}}
	rp, final := a.Block[0], append([]arch.Row(nil), a.Final...)
	rp.Inputs, final[0].Inputs = below, below
	return must(arch.New(arch.Arch{Name: "parallel", Dims: d, Embed: a.Embed, Final: final, Block: []arch.Row{
		rp, row("ln1_scale", "resid_pre"), row("ln1", "resid_pre", "ln1_scale"), row("kv", "ln1"), row("q", "ln1"),
		row("ln2_scale", "resid_pre"), row("ln2", "resid_pre", "ln2_scale"), row("pre", "ln2"), row("post", "pre"), row("mlp_out", "post"),
		row("arrive"), row("scores", "q"), row("pattern", "scores"), row("z", "pattern"), row("attn_out", "z"),
	}}))
}

// New draws weights.
func New(a *arch.Arch, seed int64) *Model {
	r := rand.New(rand.NewSource(seed))
	m := &Model{A: a, weight: map[string][][]float32{}}
	d := a.Dims
	mat := func(name string, rows, cols int) {
		w := make([][]float32, rows)
		for i := range w {
			w[i] = make([]float32, cols)
			for j := range w[i] {
				w[i][j] = float32(r.NormFloat64() / math.Sqrt(float64(cols)))
			}
		}
		m.weight[name] = w
	}
	mat("wte", d.DVocab, d.DModel)
	mat("wpe", d.NCtx, d.DModel)
	mat("logits", d.DVocab, d.DModel)
	for l := range d.Layers {
		at := string(rune('0' + l))
		mat(at+"kv", 2*d.DModel, d.DModel)
		mat(at+"q", d.DModel, d.DModel)
		mat(at+"attn_out", d.DModel, d.DModel)
		mat(at+"pre", d.DMlp, d.DModel)
		mat(at+"mlp_out", d.DModel, d.DMlp)
	}
	return m
}

func matvec(w [][]float32, x []float32) []float32 {
	y := make([]float32, len(w))
	for i, r := range w {
		for k, v := range r {
			y[i] += float32(v * x[k])
		}
	}
	return y
}

// Row computes one row at p. in gives the column's own row at a lower point, kv the keys and values
// of position q, 0 to pos, in this block.
func (m *Model) Row(p arch.Point, tok int32, pos int, in func(arch.Point) []float32, kv func(q int) []float32) []float32 {
	l, row := m.A.Layer(p), m.A.Row(p)
	var ins [][]float32
	for _, q := range m.A.Inputs(p) {
		ins = append(ins, in(q))
	}
	switch row.Kind {
	case "wte":
		return append([]float32(nil), m.weight["wte"][tok]...)
	case "wpe":
		return append([]float32(nil), m.weight["wpe"][pos]...)
	case "resid_pre", "resid_mid":
		y := append([]float32(nil), ins[0]...)
		for _, x := range ins[1:] {
			for i := range y {
				y[i] += x[i]
			}
		}
		return y
	case "ln1_scale", "ln2_scale", "lnf_scale":
		return []float32{spread(ins[0])}
	case "ln1", "ln2", "lnf":
		return scaled(ins[0], ins[1][0])
	case "scores":
		return m.scores(ins[0], pos, kv)
	case "pattern":
		return m.softmax(ins[0], pos)
	case "z":
		return m.mix(ins[0], pos, kv)
	case "post":
		y := append([]float32(nil), ins[0]...)
		for i, u := range y {
			y[i] = u * float32(0.5*(1+math.Tanh(float64(u))))
		}
		return y
	case "logits":
		return matvec(m.weight["logits"], ins[0])
	default:
		return matvec(m.weight[string(rune('0'+l))+row.Kind], ins[0])
	}
}

func mean(x []float32) float32 {
	var s float32
	for _, v := range x {
		s += v
	}
	return s / float32(len(x))
}

func spread(x []float32) float32 {
	m, s := mean(x), float32(0)
	for _, v := range x {
		s += float32((v - m) * (v - m))
	}
	return float32(math.Sqrt(float64(s/float32(len(x)) + 1e-5)))
}

func scaled(x []float32, by float32) []float32 {
	m, y := mean(x), make([]float32, len(x))
	for i, v := range x {
		y[i] = (v - m) / by
	}
	return y
}

func (m *Model) scores(q []float32, pos int, kv func(int) []float32) []float32 {
	h, dh := m.A.Dims.Heads, m.A.Dims.DHead
	s := make([]float32, h*(pos+1))
	for j := range pos + 1 {
		k := kv(j)
		for i := range h * dh {
			s[i/dh*(pos+1)+j] += float32(q[i] * k[i])
		}
	}
	return s
}

func (m *Model) softmax(s []float32, pos int) []float32 {
	n := pos + 1
	y := make([]float32, len(s))
	for h := range m.A.Dims.Heads {
		r, o := s[h*n:(h+1)*n], y[h*n:]
		mx, sum := float32(math.Inf(-1)), float32(0)
		for _, v := range r {
			mx = max(mx, v)
		}
		for j, v := range r {
			o[j] = float32(math.Exp(float64(v - mx)))
			sum += o[j]
		}
		for j := range r {
			o[j] /= sum
		}
	}
	return y
}

func (m *Model) mix(pt []float32, pos int, kv func(int) []float32) []float32 {
	h, dh := m.A.Dims.Heads, m.A.Dims.DHead
	z := make([]float32, h*dh)
	for j := range pos + 1 {
		v := kv(j)[h*dh:]
		for i := range z {
			z[i] += float32(pt[i/dh*(pos+1)+j] * v[i])
		}
	}
	return z
}
