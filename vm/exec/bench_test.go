package exec

import (
	"context"
	"math/rand"
	"sync"
	"testing"

	"interp/internal/toy"
	"interp/ir"
	"interp/nnrt"
	"interp/nnrt/arch"
)

// idle is a runtime that computes nothing: what is left is the engine.
type idle struct{ *toy.Model }

func (idle) Rows(arch.Point, *nnrt.Rows) error { return nil }
func (idle) Attention(int, *nnrt.Rows) error   { return nil }

// BenchmarkOverhead is the time of planning and packing, without arithmetic.
func BenchmarkOverhead(b *testing.B) {
	m := idle{&toy.Model{A: toy.Serial(toy.Small)}}
	for _, c := range []struct {
		name string
		s    *toy.Script
	}{
		{"ioi sweep", toy.ResidSweep(m, 16, 9)},
		{"head sweep", toy.HeadSweep(m, 16, 9)},
		{"1,000 prompts of 15 tokens", toy.Prompts(m, 1000, 15)},
		{"1,000 patches of one prompt", toy.Patches(m, 1000, 15)},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				e := NewBatched(Options{})
				if err := e.Eval(context.Background(), c.s.G, c.s.Want, func(ir.NodeID, ir.Value, error) {}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("a patch, its value forced", func(b *testing.B) {
		s := toy.Patches(m, 2000, 15)
		e, next := NewBatched(Options{}), 0
		for b.Loop() {
			if next == len(s.Want) {
				e, next = NewBatched(Options{}), 0
			}
			if err := e.Eval(context.Background(), s.G, s.Want[next:next+1], func(ir.NodeID, ir.Value, error) {}); err != nil {
				b.Fatal(err)
			}
			next++
		}
	})
	b.Run("greedy decoding, one token", func(b *testing.B) {
		s := toy.NewScript(m)
		r := s.Invoke(make([]int32, 512))
		e := NewBatched(Options{})
		for b.Loop() {
			if r.Gen == nil || len(r.Gen.Done) > 500 {
				r.Gen = &ir.Gen{N: 512}
				e = NewBatched(Options{})
			}
			e.attach(s.G)
			if err := e.generate(context.Background(), map[ir.RunID]int{0: len(r.Gen.Done) + 1}); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// small is GPT-2 small with random weights, loaded once.
var small = sync.OnceValues(func() (*nnrt.Model, error) {
	m, err := nnrt.Random("gpt2-small", nnrt.SmallDims(), 1)
	if err != nil {
		return nil, err
	}
	return m, m.Load(nnrt.LoadOptions{Threads: 2})
})

func loaded(b *testing.B) *nnrt.Model {
	if testing.Short() {
		b.Skip("needs the weights of GPT-2 small")
	}
	m, err := small()
	if err != nil {
		b.Fatal(err)
	}
	return m
}

// timed runs a script again and again, each time in a new engine, and reports the planned operations
// a second.
func timed(b *testing.B, s *toy.Script) {
	b.Helper()
	var flops int64
	for b.Loop() {
		e := NewBatched(Options{})
		if err := e.Eval(context.Background(), s.G, s.Want, func(_ ir.NodeID, _ ir.Value, err error) {
			if err != nil {
				b.Error(err)
			}
		}); err != nil {
			b.Fatal(err)
		}
		flops = e.Stats().FlopsPlanned
	}
	b.ReportMetric(float64(flops)/1e9, "GFLOP")
	b.ReportMetric(float64(flops)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
}

// BenchmarkSweep is the sweeps of activation patching, 2 threads.
func BenchmarkSweep(b *testing.B) {
	b.Run("ioi/gpt2-small", func(b *testing.B) { timed(b, toy.ResidSweep(loaded(b), 16, 9)) })
	b.Run("heads/gpt2-small", func(b *testing.B) { timed(b, toy.HeadSweep(loaded(b), 15, 9)) })
}

// BenchmarkForward is dense work: all logits of random prompts.
func BenchmarkForward(b *testing.B) {
	for _, c := range []struct {
		name    string
		prompts int
		tokens  int
	}{{"32x64/gpt2-small", 32, 64}, {"1x15/gpt2-small", 1, 15}, {"1x1024/gpt2-small", 1, 1024}} {
		b.Run(c.name, func(b *testing.B) {
			m := loaded(b)
			s, rng := toy.NewScript(m), rand.New(rand.NewSource(1))
			for range c.prompts {
				r := s.Invoke(toy.RandomTokens(rng, m, c.tokens))
				var pieces []ir.Piece
				for pos := range int32(c.tokens) {
					pieces = append(pieces, ir.Piece{Run: r.ID, Pos: pos})
				}
				s.Want = append(s.Want, s.Read(m.Arch().Logits(), m, pieces...))
			}
			timed(b, s)
		})
	}
}

// BenchmarkDecode generates 64 tokens greedily after a prompt of 15.
func BenchmarkDecode(b *testing.B) {
	b.Run("greedy/gpt2-small", func(b *testing.B) {
		m := loaded(b)
		s := toy.NewScript(m)
		r := s.Invoke(toy.RandomTokens(rand.New(rand.NewSource(1)), m, 15))
		for b.Loop() {
			r.Gen = &ir.Gen{N: 64}
			e := NewBatched(Options{})
			e.attach(s.G)
			if err := e.generate(context.Background(), map[ir.RunID]int{0: 64}); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(64*float64(b.N)/b.Elapsed().Seconds(), "tokens/s")
	})
}
