package exec

import (
	"testing"

	"interp/ir"
	"interp/nnrt"
	"interp/nnrt/arch"
)

// BenchmarkGradient is the difference of two logits of one prompt by the residual stream before every
// block, at all positions: forward and reverse.
func BenchmarkGradient(b *testing.B) {
	for _, c := range []struct {
		name string
		dims arch.Dims
		n    int
	}{
		{"gpt2-small/1x15", nnrt.SmallDims(), 15},
	} {
		b.Run(c.name, func(b *testing.B) {
			m, err := nnrt.Random("random", c.dims, 1)
			if err == nil {
				err = m.Load(nnrt.LoadOptions{Threads: 2})
			}
			if err != nil {
				b.Fatal(err)
			}
			ids := make([]int32, c.n)
			for i := range ids {
				ids[i] = int32(1000 + 7*i)
			}
			for b.Loop() {
				s := newScript(b, m)
				r := s.run(ids)
				metric := s.diff(r, 1757, 5335)
				want := []ir.NodeID{metric}
				for l := range c.dims.Layers {
					want = append(want, s.grad(metric, s.site(r, s.pt(l, "resid_pre"))))
				}
				s.eval(NewBatched(Options{}), want...)
			}
		})
	}
}
