package exec

import (
	"context"
	"fmt"
	"testing"

	"interp/internal/toy"
	"interp/ir"
	"interp/nnrt"
	"interp/nnrt/arch"
)

// BenchmarkGrowth is how the time of an experiment grows with its layers, positions, prompts and patches,
// on a model a third as wide as GPT-2 small. States are the rows of a block's stages that had to be computed: the
// time of one should stay the same.
func BenchmarkGrowth(b *testing.B) {
	for _, c := range []struct {
		what   string
		sizes  []int
		layers func(n int) int
		script func(m ir.Model, n int) *toy.Script
	}{
		{"layers", []int{1, 2, 4, 8, 16, 32, 64}, func(n int) int { return n },
			func(m ir.Model, _ int) *toy.Script { return toy.ResidSweep(m, 16, 9) }},
		{"positions", []int{2, 8, 32, 128, 512}, func(int) int { return 4 },
			func(m ir.Model, n int) *toy.Script { return toy.ResidSweep(m, n, n/2) }},
		{"prompts", []int{1, 10, 100, 1000, 10000}, func(int) int { return 4 },
			func(m ir.Model, n int) *toy.Script { return toy.Prompts(m, n, 15) }},
		{"patches", []int{1, 10, 100, 1000, 10000}, func(int) int { return 4 },
			func(m ir.Model, n int) *toy.Script { return toy.Patches(m, n, 15) }},
	} {
		for _, n := range c.sizes {
			b.Run(fmt.Sprintf("%s/%d", c.what, n), func(b *testing.B) {
				if testing.Short() {
					b.Skip("takes gigabytes")
				}
				m, err := nnrt.Random("growth", arch.Dims{Layers: c.layers(n), Heads: 4, KVHeads: 4, DModel: 256, DHead: 64, DMlp: 1024, DVocab: 8192, NCtx: 1024}, 1)
				if err == nil {
					err = m.Load(nnrt.LoadOptions{Pool: benchPool()})
				}
				if err != nil {
					b.Fatal(err)
				}
				s := c.script(m, n)
				var stats Stats
				t := times(b, func() {
					e := NewBatched(Options{})
					if err := e.Eval(context.Background(), s.G, s.Want, func(ir.NodeID, ir.Value, error) {}); err != nil {
						b.Fatal(err)
					}
					stats = e.Stats()
				})
				b.ReportMetric(float64(stats.StatesPlanned), "states")
				b.ReportMetric(t.Seconds()*1e6/float64(stats.StatesPlanned), "us/state")
				b.ReportMetric(100*stats.PlanSeconds/t.Seconds(), "%planning")
			})
		}
	}
}
