package plan

import (
	"testing"
	"time"

	"interp/internal/toy"
)

// many are experiments whose planning has to stay close to linear.
var many = []struct {
	name string
	make func() *toy.Script
}{
	{"ioi sweep", func() *toy.Script { return toy.ResidSweep(small(), 16, 9) }},
	{"head sweep", func() *toy.Script { return toy.HeadSweep(small(), 16, 9) }},
	{"10,000 prompts of 15 tokens", func() *toy.Script { return toy.Prompts(small(), 10000, 15) }},
	{"10,000 patches of one prompt", func() *toy.Script { return toy.Patches(small(), 10000, 15) }},
	{"1,024 patches of 1,024 tokens", func() *toy.Script { return toy.LongPatches(small(), 1024) }},
}

// TestPlanningIsFast lowers and plans; the bound is loose, machines are busy, and the best of three
// attempts counts.
func TestPlanningIsFast(t *testing.T) {
	if testing.Short() {
		t.Skip("planning of large graphs")
	}
	const most = 5 * time.Second
	for _, c := range many {
		t.Run(c.name, func(t *testing.T) {
			var took time.Duration
			for range 3 {
				if took = planned(t, c.make()); took <= most {
					return
				}
			}
			t.Errorf("lowering and planning took %v", took)
		})
	}
}

// planned is how long a script takes to be lowered and planned.
func planned(t *testing.T, script *toy.Script) time.Duration {
	s := newSession(t, script)
	t0 := time.Now()
	want := s.lower()
	t1 := time.Now()
	b := s.b
	p := NewPlanner(b.Table).Make(want, Nothing)
	t2 := time.Now()
	t.Logf("lower %.1f ms, plan %.1f ms: %d columns, %.1f GFLOP", t1.Sub(t0).Seconds()*1e3, t2.Sub(t1).Seconds()*1e3, b.Len(), float64(p.Cost.Flops(b.Table))/1e9)
	return t2.Sub(t0)
}

func BenchmarkPlan(b *testing.B) {
	for _, c := range many {
		b.Run(c.name, func(b *testing.B) {
			script := c.make()
			for b.Loop() {
				s := newSession(b, script)
				want := s.lower()
				NewPlanner(s.b.Table).Make(want, Nothing)
			}
		})
	}
}
