package kern

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// best is the shortest of the runs of f in the benchmark's time, since other programs may run, and the
// most multiplications and additions a second that one worker did in between.
func best(b *testing.B, im *impl, f func()) (time.Duration, float64) {
	f()
	d, top := time.Hour, 0.0
	for b.Loop() {
		t := time.Now()
		f()
		d = min(d, time.Since(t))
		top = max(top, peak(im))
	}
	return d, top
}

func reportFlops(b *testing.B, flops float64, d time.Duration, top float64) {
	b.ReportMetric(flops/d.Seconds()/1e9, "GFLOP/s")
	b.ReportMetric(100*flops/d.Seconds()/top, "%peak")
	b.ReportMetric(0, "ns/op")
}

func BenchmarkMatMul(b *testing.B) {
	for _, im := range levels() {
		for _, s := range []struct{ m, k, n int }{
			{225, 768, 3072}, {225, 3072, 768}, {79, 768, 2304}, {23, 768, 768}, {16, 768, 3072}, {4, 768, 3072}, {2048, 768, 3072},
		} {
			if im.level == Generic && s.m > 100 {
				continue
			}
			for _, threads := range []int{1, 2} {
				b.Run(fmt.Sprintf("%s/%dx%dx%d/threads=%d", im.level, s.m, s.k, s.n, threads), func(b *testing.B) {
					p := NewPool(threads, WithISA(im.level))
					defer p.Close()
					r := rand.New(rand.NewPCG(1, 2))
					in, out := randomRows(r, s.m, s.k), zeros(s.m, s.n)
					w, bias := NewMat(p, s.k, s.n, random(r, s.k*s.n), s.n, false), random(r, s.n)
					d, top := best(b, im, func() { p.MatMul(out, in, w, Opts{Bias: bias}) })
					reportFlops(b, 2*float64(s.m)*float64(s.k)*float64(s.n), d, top*float64(threads))
				})
			}
		}
	}
}

// BenchmarkMatMulFew streams 40 matrices, more than the caches hold, for a few rows at a time. The time
// is that of the fastest quarter, since other programs may run.
func BenchmarkMatMulFew(b *testing.B) {
	const k, n, matrices = 768, 3072, 40
	r := rand.New(rand.NewPCG(1, 2))
	src := random(r, k*n)
	for _, t := range []DType{F32, BF16} {
		for _, threads := range []int{1, 2} {
			p := NewPool(threads)
			w := make([]*Mat, matrices)
			for i := range w {
				w[i] = NewMatType(p, t, k, n, src, n, false)
			}
			for _, m := range []int{1, 4, 8, 12, 15, 23} {
				x, y := randomRows(r, m, k), zeros(m, n)
				few := func(name string, f func(w *Mat)) {
					b.Run(fmt.Sprintf("%s/%dx768x3072/%s/threads=%d", name, m, t, threads), func(b *testing.B) {
						var all []time.Duration
						for b.Loop() {
							for _, w := range w {
								t := time.Now()
								f(w)
								all = append(all, time.Since(t))
							}
						}
						slices.Sort(all)
						d := all[len(all)/4]
						b.ReportMetric(float64(w[0].Bytes())/d.Seconds()/1e9, "GB/s")
						b.ReportMetric(d.Seconds()*1e6, "us/matrix")
						b.ReportMetric(0, "ns/op")
					})
				}
				few("forward", func(w *Mat) { p.MatMul(y, x, w, Opts{}) })
				few("reverse", func(w *Mat) { p.MatMulT(x, y, w, Opts{}) })
			}
			p.Close()
		}
	}
}

// BenchmarkAttention has the form of GPT-2 small: one long prompt, and a sweep of runs that share a
// prefix and go on with keys of their own.
func BenchmarkAttention(b *testing.B) {
	const hn, d, width = 12, 64, 2 * 12 * 64
	r := rand.New(rand.NewPCG(1, 2))
	long := random(r, 1024*width)
	var prompt [][]KeyRun
	pairs := 0
	for i := range 1024 {
		prompt = append(prompt, []KeyRun{{long, i + 1, width}})
		pairs += i + 1
	}
	var sweep [][]KeyRun
	short := 0
	for patch := range 15 {
		for range 4 {
			own := random(r, 16*width)
			for i := patch; i < 16; i++ {
				sweep = append(sweep, []KeyRun{{long, patch, width}, {own, i - patch + 1, width}})
				short += i + 1
			}
		}
	}
	for _, c := range []struct {
		name  string
		runs  [][]KeyRun
		pairs int
	}{{"prompt of 1024", prompt, pairs}, {"sweep of 16 tokens", sweep, short}, {"one query of 1024", prompt[1023:], 1024}} {
		for _, threads := range []int{1, 2} {
			b.Run(fmt.Sprintf("%s/threads=%d", c.name, threads), func(b *testing.B) {
				p := NewPool(threads)
				defer p.Close()
				q, z := randomRows(r, len(c.runs), hn*d), zeros(len(c.runs), hn*d)
				t, top := best(b, p.impl, func() { p.Attention(z, q, c.runs, hn, hn, d, 0.125) })
				reportFlops(b, 4*float64(c.pairs)*hn*d, t, top*float64(threads))
				b.ReportMetric(t.Seconds()*1e6/float64(len(c.runs)), "us/query")
			})
		}
	}
}

// BenchmarkBack is the reverse of a product.
func BenchmarkBack(b *testing.B) {
	const m, k, n = 225, 768, 3072
	p := NewPool(1)
	defer p.Close()
	r := rand.New(rand.NewPCG(1, 2))
	x, dx, dy, dw := randomRows(r, m, k), zeros(m, k), randomRows(r, m, n), make([]float32, k*n)
	w := NewMat(p, k, n, random(r, k*n), n, false)
	b.Run("inputs/225x768x3072", func(b *testing.B) {
		d, top := best(b, p.impl, func() { p.MatMulT(dx, dy, w, Opts{}) })
		reportFlops(b, 2*m*k*n, d, top)
	})
	b.Run("weights/225x768x3072", func(b *testing.B) {
		d, top := best(b, p.impl, func() { p.AddOuter(dw, n, x, dy) })
		reportFlops(b, 2*m*k*n, d, top)
	})
}
