package main

import (
	"math"

	"interp/nnrt/kern"
)

// tape is what the forward computation leaves for the backward one, for n tokens.
type tape struct {
	n      int
	blocks []blockTape
	out    normTape
	logits [][]float32 // [n][vocab]; then their gradients
	nll    []float64   // [n]
	dx     [][]float32 // gradient of the residual stream
	dwide  [][]float32 // of the MLP's inner rows
	dpre   [][]float32
	dqkv   matrix
	dnarr  [][]float32 // of whatever else is as wide as the model
	prod   [][]float32
	ones   [][]float32 // [n][1]
}

type blockTape struct {
	ln1, ln2  normTape
	qkv       matrix      // [n][3 width]
	pattern   [][]float32 // [n][heads * keys up to the token]
	z         [][]float32
	pre, post [][]float32
}

// normTape is a LayerNorm's rows.
type normTape struct {
	in, hat, out [][]float32 // hat is the normalized row before weight and bias
	scale        []float32
	ones         []float32 // [width]
}

func newNormTape(n, width int) normTape {
	ones := make([]float32, width)
	for i := range ones {
		ones[i] = 1
	}
	return normTape{rows(n, width), rows(n, width), rows(n, width), make([]float32, n), ones}
}

func newTape(m *model, n, length int) *tape {
	d := m.d
	t := &tape{n: n, out: newNormTape(n, d.DModel), logits: rows(n, d.DVocab), nll: make([]float64, n)}
	for range m.blocks {
		t.blocks = append(t.blocks, blockTape{
			ln1: newNormTape(n, d.DModel), ln2: newNormTape(n, d.DModel),
			qkv: newMatrix(n, 3*d.DModel), pattern: rows(n, d.Heads*length), z: rows(n, d.DModel),
			pre: rows(n, d.DMlp), post: rows(n, d.DMlp),
		})
	}
	t.dx, t.dwide, t.dpre, t.dqkv = rows(n, d.DModel), rows(n, d.DMlp), rows(n, d.DMlp), newMatrix(n, 3*d.DModel)
	t.dnarr, t.prod, t.ones = rows(n, d.DModel), rows(n, d.DModel), rows(n, 1)
	for _, one := range t.ones {
		one[0] = 1
	}
	return t
}

// into is where block l's output goes.
func (t *tape) into(l int) [][]float32 {
	if l+1 < len(t.blocks) {
		return t.blocks[l+1].ln1.in
	}
	return t.out.in
}

// forward computes the logits.
func (m *model) forward(p *kern.Pool, b *batch, t *tape) {
	each(p, t.n, func(r int) {
		kern.Add(t.into(-1)[r], row(m.wte, int(b.tokens[r])), row(m.wpe, r%b.length))
	})
	for l := range m.blocks {
		h, s := &m.blocks[l], &t.blocks[l]
		h.ln1.forward(p, &s.ln1)
		h.qkv.forward(p, s.qkv.rows, s.ln1.out, nil)
		m.attend(p, b, s)
		h.proj.forward(p, s.ln2.in, s.z, s.ln1.in)
		h.ln2.forward(p, &s.ln2)
		h.up.forward(p, s.pre, s.ln2.out, nil)
		each(p, t.n, func(r int) { kern.GELUNew(s.post[r], s.pre[r]) })
		h.down.forward(p, t.into(l), s.post, s.ln2.in)
	}
	m.lnf.forward(p, &t.out)
	p.MatMul(t.logits, t.out.out, m.head, kern.Opts{})
}

// row is a row of a table.
func row(p *param, i int) []float32 {
	w := p.shape[1]
	return p.x[i*w : (i+1)*w]
}

func (l *linear) forward(p *kern.Pool, out, in, add [][]float32) {
	p.MatMul(out, in, l.mat, kern.Opts{Bias: l.b.x, Add: add})
}

func (n *norm) forward(p *kern.Pool, t *normTape) {
	each(p, len(t.in), func(r int) {
		t.scale[r] = kern.LayerNormScale(t.in[r], epsilon)
		kern.LayerNorm(t.hat[r], t.in[r], t.scale[r], t.ones, nil)
		kern.LayerNorm(t.out[r], t.in[r], t.scale[r], n.w.x, n.b.x)
	})
}

// keys are the keys and values that token r sees, in memory shaped like qkv: rows of queries, keys and
// values.
func (m *model) keys(qkv matrix, r, length int) []kern.KeyRun {
	first, width := r/length*length, 3*m.d.DModel
	return []kern.KeyRun{{Buf: qkv.flat[first*width+m.d.DModel : (r+1)*width], N: r - first + 1, Stride: width}}
}

func (m *model) scoreScale() float32 { return float32(1 / math.Sqrt(float64(m.d.DHead))) }

// attend computes pattern and z.
func (m *model) attend(p *kern.Pool, b *batch, s *blockTape) {
	h, dim := m.d.Heads, m.d.DHead
	each(p, len(s.z), func(r int) {
		keys := m.keys(s.qkv, r, b.length)
		n := keys[0].N
		kern.Scores(s.pattern[r], s.qkv.rows[r][:h*dim], keys, h, h, dim, m.scoreScale())
		for a := range h {
			kern.Softmax(s.pattern[r][a*n:(a+1)*n], s.pattern[r][a*n:(a+1)*n])
		}
		kern.Mix(s.z[r], s.pattern[r][:h*n], keys, h, h, dim)
	})
}

// loss is the weighted mean of the negative log-likelihoods; it turns the logits into their gradients.
// Where a slip can stand for the target, it is what a share noise of such slips would give on average.
func (t *tape) loss(p *kern.Pool, b *batch, noise float32) float64 {
	total := float32(0)
	for _, w := range b.weights {
		total += w
	}
	each(p, t.n, func(r int) {
		l, target, slip := t.logits[r], b.targets[r], b.slips[r]
		kern.Softmax(l, l)
		t.nll[r] = nll(l[target])
		if slip >= 0 {
			t.nll[r] += float64(float64(noise) * (nll(l[slip]) - t.nll[r]))
			l[target] += noise
			l[slip] -= noise
		}
		l[target]--
		kern.Scale(l, b.weights[r]/total, l)
	})
	sum := 0.0
	for r, x := range t.nll {
		sum += float64(x * float64(b.weights[r]))
	}
	return sum / float64(total)
}

func nll(p float32) float64 { return -math.Log(float64(p) + 1e-30) }
