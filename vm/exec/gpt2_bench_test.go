package exec

import (
	"context"
	"math/rand"
	"slices"
	"sync"
	"testing"
	"time"

	"interp/internal/toy"
	"interp/ir"
	"interp/nnrt"
	"interp/nnrt/kern"
)

// benchThreads is what the figures of docs/performance.md are for.
const benchThreads = 2

var benchPool = sync.OnceValue(func() *kern.Pool { return kern.NewPool(benchThreads) })

// The models of the benchmarks have the form of GPT-2 small and random weights. Each is loaded once.
var (
	small     = sync.OnceValues(func() (*nnrt.Model, error) { return loadSmall(nnrt.F32) })
	smallBF16 = sync.OnceValues(func() (*nnrt.Model, error) { return loadSmall(nnrt.BF16) })
)

func loadSmall(t nnrt.DType) (*nnrt.Model, error) {
	m, err := nnrt.Random("gpt2-small", nnrt.SmallDims(), 1)
	if err != nil {
		return nil, err
	}
	return m, m.Load(nnrt.LoadOptions{Pool: benchPool(), DType: t})
}

func loaded(b *testing.B, open func() (*nnrt.Model, error)) *nnrt.Model {
	if testing.Short() {
		b.Skip("needs the weights of GPT-2 small")
	}
	m, err := open()
	if err != nil {
		b.Fatal(err)
	}
	return m
}

// BenchmarkGPT2Small has a row for every line of the table in docs/performance.md that a process with
// the model loaded can measure: one run to warm up, then the median and the least time of the others,
// the operations planned, and what part of the processor's peak they make.
func BenchmarkGPT2Small(b *testing.B) {
	run := func(name string, script func(*nnrt.Model) *toy.Script) {
		b.Run(name, func(b *testing.B) { timed(b, script(loaded(b, small))) })
	}
	run("sweep/ioi/16-tokens", func(m *nnrt.Model) *toy.Script { return toy.ResidSweep(m, 16, 9) })
	run("sweep/heads/15-tokens", func(m *nnrt.Model) *toy.Script { return toy.HeadSweep(m, 15, 9) })
	run("forward/32x64", func(m *nnrt.Model) *toy.Script { return dense(m, 32, 64) })
	run("forward/1x15", func(m *nnrt.Model) *toy.Script { return dense(m, 1, 15) })
	run("forward/1x1024", func(m *nnrt.Model) *toy.Script { return dense(m, 1, 1024) })
	run("gradient/1x15", func(m *nnrt.Model) *toy.Script { return residGradient(b, m, 15) })
	b.Run("decode/f32", func(b *testing.B) { decode(b, loaded(b, small)) })
	b.Run("decode/bf16", func(b *testing.B) { decode(b, loaded(b, smallBF16)) })
}

// dense wants all logits of random prompts.
func dense(m *nnrt.Model, prompts, tokens int) *toy.Script {
	s, rng := toy.NewScript(m), rand.New(rand.NewSource(1))
	for range prompts {
		r := s.Invoke(toy.RandomTokens(rng, m, tokens))
		var pieces []ir.Piece
		for pos := range int32(tokens) {
			pieces = append(pieces, ir.Piece{Run: r.ID, Pos: pos})
		}
		s.Want = append(s.Want, s.Read(m.Arch().Logits(), m, pieces...))
	}
	return s
}

// residGradient wants the difference of two logits by the residual stream before every block, at all
// positions: forward and reverse.
func residGradient(b *testing.B, m *nnrt.Model, tokens int) *toy.Script {
	s := newScript(b, m)
	ids := make([]int32, tokens)
	for i := range ids {
		ids[i] = int32(1000 + 7*i)
	}
	r := s.run(ids)
	metric := s.diff(r, 1757, 5335)
	want := []ir.NodeID{metric}
	for l := range m.Arch().Dims.Layers {
		want = append(want, s.grad(metric, s.site(r, s.pt(l, "resid_pre"))))
	}
	return &toy.Script{Gen: &toy.Gen{G: s.g}, M: m, Want: want}
}

// timed runs a script again and again, each time in a new engine.
func timed(b *testing.B, s *toy.Script) {
	var flops int64
	t := times(b, func() {
		e := NewBatched(Options{})
		if err := e.Eval(context.Background(), s.G, s.Want, func(_ ir.NodeID, _ ir.Value, err error) {
			if err != nil {
				b.Error(err)
			}
		}); err != nil {
			b.Fatal(err)
		}
		flops = e.Stats().FlopsPlanned
	})
	rate := float64(flops) / t.Seconds()
	b.ReportMetric(float64(flops)/1e9, "GFLOP")
	b.ReportMetric(rate/1e9, "GFLOP/s")
	b.ReportMetric(100*rate/benchPool().Peak(), "%peak")
}

// decode generates 64 tokens greedily after a prompt of 15.
func decode(b *testing.B, m *nnrt.Model) {
	const tokens = 64
	s := toy.NewScript(m)
	r := s.Invoke(toy.RandomTokens(rand.New(rand.NewSource(1)), m, 15))
	t := times(b, func() {
		r.Gen = &ir.Gen{N: tokens}
		e := NewBatched(Options{})
		e.attach(s.G)
		if err := e.reach(e.g, 0, tokens); err != nil {
			b.Fatal(err)
		}
	})
	b.ReportMetric(tokens/t.Seconds(), "tokens/s")
}

// times calls f once, then as long as the benchmark goes, and reports the median and the least time.
func times(b *testing.B, f func()) time.Duration {
	f()
	var all []time.Duration
	for b.Loop() {
		t := time.Now()
		f()
		all = append(all, time.Since(t))
	}
	slices.Sort(all)
	median := all[len(all)/2]
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median.Seconds()*1e3, "ms")
	b.ReportMetric(all[0].Seconds()*1e3, "ms-least")
	return median
}
