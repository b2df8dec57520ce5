package exec

import (
	"context"
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
			if err := e.reach(s.G, 0, len(r.Gen.Done)+1); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// reach makes a run have so many tokens.
func (e *Batched) reach(g *ir.Graph, id ir.RunID, tokens int) error {
	w := newWaiting(g)
	w.tokens[id] = tokens
	return e.generate(context.Background(), w, nil)
}
