package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"interp/nnrt/arch"
	"interp/nnrt/kern"
)

// param is a tensor of weights with its gradient and the optimizer's moments.
type param struct {
	name  string
	shape []int
	x, g  []float32
	m, v  []float32
}

// linear is y = x W + b, W stored [in, out].
type linear struct {
	w, b *param
	mat  *kern.Mat // w packed, as of the last pack
}

// norm is a LayerNorm.
type norm struct{ w, b *param }

// block is h = x + attn(ln1(x)), then h + mlp(ln2(h)).
type block struct {
	ln1, ln2            norm
	qkv, proj, up, down linear
}

// model is a GPT-2 in training.
type model struct {
	d        arch.Dims
	wte, wpe *param
	blocks   []block
	lnf      norm
	head     *kern.Mat // wte transposed, packed
	params   []*param
}

// epsilon is layer_norm_epsilon.
const epsilon = 1e-5

// newModel makes a model with random weights: uniform numbers of the spread that the normal ones of
// GPT-2 would have, since they need nothing but multiplication.
func newModel(d arch.Dims, seed uint64) *model {
	m := &model{d: d}
	rng := rand.New(rand.NewPCG(seed, 1))
	add := func(name string, spread float64, shape ...int) *param {
		n := 1
		for _, s := range shape {
			n *= s
		}
		p := &param{name: "transformer." + name, shape: shape, x: make([]float32, n), g: make([]float32, n), m: make([]float32, n), v: make([]float32, n)}
		for i := range p.x {
			p.x[i] = float32((rng.Float64() - 0.5) * (spread * math.Sqrt(12)))
		}
		m.params = append(m.params, p)
		return p
	}
	ln := func(name string) norm {
		n := norm{add(name+".weight", 0, d.DModel), add(name+".bias", 0, d.DModel)}
		for i := range n.w.x {
			n.w.x[i] = 1
		}
		return n
	}
	lin := func(name string, in, out int, spread float64) linear {
		return linear{w: add(name+".weight", spread, in, out), b: add(name+".bias", 0, out)}
	}
	const spread = 0.04
	into := spread / math.Sqrt(2*float64(d.Layers)) // what adds to the residual stream
	m.wte = add("wte.weight", spread, d.DVocab, d.DModel)
	m.wpe = add("wpe.weight", spread/2, d.NCtx, d.DModel)
	for l := range d.Layers {
		h := fmt.Sprintf("h.%d.", l)
		m.blocks = append(m.blocks, block{
			ln1:  ln(h + "ln_1"),
			qkv:  lin(h+"attn.c_attn", d.DModel, 3*d.DModel, spread),
			proj: lin(h+"attn.c_proj", d.DModel, d.DModel, into),
			ln2:  ln(h + "ln_2"),
			up:   lin(h+"mlp.c_fc", d.DModel, d.DMlp, spread),
			down: lin(h+"mlp.c_proj", d.DMlp, d.DModel, into),
		})
	}
	m.lnf = ln("ln_f")
	for l, b := range m.blocks {
		wide := float32(1.5) // small numbers would hardly tell tokens apart
		if l == 0 {
			wide = 3
		}
		for _, row := range b.qkv.inputs(b.qkv.w.x) {
			q, k := row[:d.DModel], row[d.DModel:2*d.DModel]
			kern.Scale(q, wide, q)
			copy(k, q)
		}
	}
	return m
}

// sharing is the number of layers, from the first, whose queries and keys are the same vectors.
const sharing = 2

// share gives the queries and keys of the first layers the same gradients, the mean of theirs, so that
// their weights, which begin the same in every layer, stay the same there. A head of those layers looks at
// what is like the token it stands at, and cannot look for any name but that one: without this the
// second subject fetches the other name in layer 0, and the last token has nothing left to find out.
func (m *model) share() {
	for _, b := range m.blocks[:min(sharing, len(m.blocks))] {
		for _, row := range append(b.qkv.inputs(b.qkv.w.g), b.qkv.b.g) {
			q, k := row[:m.d.DModel], row[m.d.DModel:2*m.d.DModel]
			for i := range q {
				q[i] = (q[i] + k[i]) / 2
			}
			copy(k, q)
		}
	}
}

// inputs are the rows of the weights, or of their gradients: what goes from each input to all outputs.
func (l *linear) inputs(flat []float32) [][]float32 {
	var out [][]float32
	for row := range slices.Chunk(flat, l.w.shape[1]) {
		out = append(out, row)
	}
	return out
}

// pack readies the weights for products; it follows every change of them.
func (m *model) pack(p *kern.Pool) {
	for l := range m.blocks {
		b := &m.blocks[l]
		for _, x := range []*linear{&b.qkv, &b.proj, &b.up, &b.down} {
			x.mat = kern.NewMat(p, x.w.shape[0], x.w.shape[1], x.w.x, x.w.shape[1], false)
		}
	}
	m.head = kern.NewMat(p, m.d.DModel, m.d.DVocab, m.wte.x, m.d.DModel, true)
}

// matrix is rows and the memory they lie in, one after another.
type matrix struct {
	flat []float32
	rows [][]float32
}

func newMatrix(n, width int) matrix {
	x := matrix{make([]float32, n*width), make([][]float32, n)}
	for i := range x.rows {
		x.rows[i] = x.flat[i*width : (i+1)*width : (i+1)*width]
	}
	return x
}

func rows(n, width int) [][]float32 { return newMatrix(n, width).rows }

// chunk is how many rows a worker takes at a time.
const chunk = 32

// each calls f for every row from 0 to n-1.
func each(p *kern.Pool, n int, f func(r int)) {
	p.Run((n+chunk-1)/chunk, func(_, i int) {
		for r := i * chunk; r < min((i+1)*chunk, n); r++ {
			f(r)
		}
	})
}
