package main

import (
	"fmt"
	"math"
	"testing"

	"interp/nnrt/arch"
	"interp/nnrt/kern"
)

// tiny is a model small enough for differences of the loss.
func tiny() *model {
	m := newModel(arch.Dims{Layers: 2, Heads: 2, KVHeads: 2, DModel: 16, DHead: 8, DMlp: 64, DVocab: 40, NCtx: 8}, 3)
	for _, p := range m.params {
		for i := range p.x {
			p.x[i] += float32(math.Sin(float64(i*7+len(p.name)))) / 5 // biases and norms off their first values
		}
	}
	return m
}

func tinyBatch() *batch {
	b := &batch{length: 8}
	for i := range int32(24) {
		b.tokens = append(b.tokens, i*i%37)
		b.targets = append(b.targets, (i*5+2)%40)
		b.weights = append(b.weights, float32(i%3))
		b.slips = append(b.slips, i%4*13-1)
	}
	return b
}

func lossOf(p *kern.Pool, m *model, b *batch, t *tape) float64 {
	m.pack(p)
	m.forward(p, b, t)
	return t.loss(p, b, 0.1)
}

func TestGradientsAreThoseOfDifferences(t *testing.T) {
	p := kern.NewPool(2)
	defer p.Close()
	m, b := tiny(), tinyBatch()
	s := newTape(m, len(b.tokens), b.length)
	lossOf(p, m, b, s)
	m.backward(p, b, s)
	const h = 1e-2
	// The loss along a parameter, and its slope from four places, which is right up to h^4.
	slope := func(at *float32) float64 {
		old := *at
		defer func() { *at = old }()
		f := func(d float32) float64 {
			*at = old + d
			return lossOf(p, m, b, s)
		}
		return (8*(f(h)-f(-h)) - (f(2*h) - f(-2*h))) / (12 * h)
	}
	for _, x := range m.params {
		t.Run(x.name, func(t *testing.T) {
			for _, i := range []int{0, len(x.x) / 3, len(x.x)/2 + 1, len(x.x) - 1} {
				want := slope(&x.x[i])
				if got := float64(x.g[i]); math.Abs(got-want) > 2e-4+0.01*math.Abs(want) {
					t.Errorf("number %d: gradient %.6f, differences give %.6f", i, got, want)
				}
			}
		})
	}
}

// A gradient that is always zero would pass where differences are small.
func TestEveryParameterHasAGradient(t *testing.T) {
	p := kern.NewPool(1)
	defer p.Close()
	m, b := tiny(), tinyBatch()
	s := newTape(m, len(b.tokens), b.length)
	lossOf(p, m, b, s)
	m.backward(p, b, s)
	for _, x := range m.params {
		if kern.SumSq(x.g) == 0 {
			t.Errorf("%s: no gradient", x.name)
		}
	}
}

func BenchmarkStep(b *testing.B) {
	o := options{seed: 1, steps: 100, rows: 64, length: 32, layers: 6, heads: 4, width: 128, rate: 2e-3}
	for _, threads := range []int{1, 2} {
		b.Run(fmt.Sprintf("ioi-mini/64x32/threads=%d", threads), func(b *testing.B) {
			p := kern.NewPool(threads)
			defer p.Close()
			t, err := newTrainer(o)
			if err != nil {
				b.Fatal(err)
			}
			for i := 0; b.Loop(); i++ {
				t.step(p, i)
			}
		})
	}
}
