package plan

import (
	"math/rand"
	"testing"
	"time"

	"interp/ir"
)

func randomTokens(rng *rand.Rand, n int) []int32 {
	x := make([]int32, n)
	for i := range x {
		x[i] = int32(rng.Intn(50257))
	}
	return x
}

// many are experiments whose planning has to stay close to linear.
var many = []struct {
	name string
	make func(t testing.TB) *session
}{
	{"ioi sweep", func(t testing.TB) *session { return residSweep(t, 16, 9) }},
	{"head sweep", func(t testing.TB) *session { return headSweep(t, 16, 9) }},
	{"10,000 prompts of 15 tokens", func(t testing.TB) *session {
		s, rng := newSession(t), rand.New(rand.NewSource(1))
		for range 10000 {
			s.diff(s.invoke(randomTokens(rng, 15)))
		}
		return s
	}},
	{"10,000 patches of one prompt", func(t testing.TB) *session {
		s, rng := newSession(t), rand.New(rand.NewSource(1))
		clean, corrupted := s.invoke(randomTokens(rng, 15)), randomTokens(rng, 15)
		for range 10000 {
			p, pos := s.at(rng.Intn(12), "resid_pre"), rng.Intn(15)
			sl := ir.Slice{Off: int32(rng.Intn(768)), N1: 1, S1: 1}
			s.diff(s.invoke(corrupted, ir.Set{Pos: int32(pos), Pt: p, Sl: sl, Val: s.of(clean, pos, p, sl)}))
		}
		return s
	}},
	{"1,024 patches of 1,024 tokens", func(t testing.TB) *session {
		s, rng := newSession(t), rand.New(rand.NewSource(1))
		clean, corrupted := s.invoke(randomTokens(rng, 1024)), randomTokens(rng, 1024)
		p := s.at(6, "resid_pre")
		for pos := range 1024 {
			s.diff(s.invoke(corrupted, ir.Set{Pos: int32(pos), Pt: p, Val: s.of(clean, pos, p, ir.Slice{})}))
		}
		return s
	}},
}

// TestPlanningIsFast lowers and plans; the bound is loose, machines are busy.
func TestPlanningIsFast(t *testing.T) {
	if testing.Short() {
		t.Skip("planning of large graphs")
	}
	for _, c := range many {
		t.Run(c.name, func(t *testing.T) {
			s := c.make(t) // lowers as it goes
			b := NewBuilder(NewTable(), s.G)
			t0 := time.Now()
			for i := range s.G.Nodes {
				if s.G.Nodes[i].Kind != ir.NOp {
					continue
				}
				if _, err := b.Node(ir.NodeID(i)); err != nil {
					t.Fatal(err)
				}
			}
			t1 := time.Now()
			p := NewPlanner(b.Table).Make(s.w, Nothing)
			t.Logf("lower %.1f ms, plan %.1f ms: %d columns, %.1f GFLOP", t1.Sub(t0).Seconds()*1e3, time.Since(t1).Seconds()*1e3, b.Len(), float64(p.Cost.Flops(b.Table))/1e9)
			if d := time.Since(t0); d > 5*time.Second {
				t.Errorf("lowering and planning took %v", d)
			}
		})
	}
}

func BenchmarkPlan(b *testing.B) {
	for _, c := range many {
		b.Run(c.name, func(b *testing.B) {
			s := c.make(b)
			for b.Loop() {
				bu := NewBuilder(NewTable(), s.G)
				var want []ValID
				for i := range s.G.Nodes {
					if s.G.Nodes[i].Kind == ir.NOp {
						v, err := bu.Node(ir.NodeID(i))
						if err != nil {
							b.Fatal(err)
						}
						want = append(want, v)
					}
				}
				NewPlanner(bu.Table).Make(want, Nothing)
			}
		})
	}
}
