package kern

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// naive is the product with the order of the law, one number at a time. c is what the sums start at.
func naive(im *impl, c, a [][]float32, k, n int, b func(k, n int) float32) [][]float32 {
	out := zeros(len(a), n)
	for r, row := range a {
		for j := range n {
			s := float32(0)
			if c != nil {
				s = c[r][j]
			}
			for i := range k {
				s = madd(im, row[i], b(i, j), s)
			}
			out[r][j] = s
		}
	}
	return out
}

var sizes = []struct{ m, k, n int }{
	{1, 1, 1}, {1, 0, 5}, {0, 3, 4}, {2, 7, 31}, {3, 64, 32}, {5, 33, 33}, {11, 300, 64}, {12, 256, 96},
	{13, 257, 100}, {23, 70, 161}, {79, 513, 40}, {25, 1500, 65}, {300, 1100, 33},
}

func TestMatMul(t *testing.T) {
	for _, im := range levels() {
		for _, threads := range []int{1, 3} {
			p := NewPool(threads, WithISA(im.level))
			defer p.Close()
			for _, s := range sizes {
				t.Run(fmt.Sprintf("%s, %d threads, %dx%dx%d", im.level, threads, s.m, s.k, s.n), func(t *testing.T) {
					r := rand.New(rand.NewPCG(1, 2))
					in, w := randomRows(r, s.m, s.k), random(r, s.k*s.n)
					at := func(k, n int) float32 { return w[k*s.n+n] }
					want := naive(im, nil, in, s.k, s.n, at)
					b := NewMat(p, s.k, s.n, w, s.n, false)
					out := randomRows(r, s.m, s.n)
					p.MatMul(out, in, b, Opts{})
					wantRows(t, "whole", out, want)

					flip := make([]float32, len(w))
					for i := range w {
						flip[i%s.n*s.k+i/s.n] = w[i]
					}
					p.MatMul(out, in, NewMat(p, s.k, s.n, flip, s.k, true), Opts{})
					wantRows(t, "packed from the transpose", out, want)

					for i := range in {
						p.MatMul(out[i:i+1], in[i:i+1], b, Opts{})
					}
					wantRows(t, "row by row", out, want)

					c := make([]float32, s.m*s.n)
					flat := []float32{}
					for _, row := range in {
						flat = append(flat, row...)
					}
					p.MatMulRaw(s.m, s.k, s.n, flat, s.k, w, s.n, c, s.n)
					wantRows(t, "raw", cut(c, s.m, s.n, s.n), want)

					cols := []int32{int32(s.n - 1), 0, int32(s.n / 2)}
					some := zeros(s.m, 3)
					p.MatMulCols(some, in, b, cols, Opts{})
					for i, row := range some {
						wantBits(t, "columns", row, []float32{want[i][s.n-1], want[i][0], want[i][s.n/2]})
					}
				})
			}
		}
	}
}

func TestMatMulColumnRange(t *testing.T) {
	for _, im := range levels() {
		p := NewPool(2, WithISA(im.level))
		defer p.Close()
		r := rand.New(rand.NewPCG(3, 4))
		in, w := randomRows(r, 14, 40), random(r, 40*130)
		b := NewMat(p, 40, 130, w, 130, false)
		whole := zeros(14, 130)
		p.MatMul(whole, in, b, Opts{})
		for _, c := range [][2]int{{0, 130}, {32, 64}, {5, 6}, {31, 97}, {100, 130}, {7, 7}} {
			t.Run(fmt.Sprintf("%s columns %d to %d", im.level, c[0], c[1]), func(t *testing.T) {
				if c[0] == c[1] {
					return
				}
				out := zeros(14, c[1]-c[0])
				p.MatMul(out, in, b, Opts{N0: c[0], N1: c[1]})
				for i := range out {
					wantBits(t, "row", out[i], whole[i][c[0]:c[1]])
				}
			})
		}
	}
}

func TestMatMulEpilogue(t *testing.T) {
	acts := map[Act]func(out, x []float32){None: func(out, x []float32) { copy(out, x) }, ActGELUNew: GELUNew, ActGELU: GELU, ActReLU: ReLU}
	p := NewPool(2)
	defer p.Close()
	r := rand.New(rand.NewPCG(5, 6))
	in, add := randomRows(r, 30, 50), randomRows(r, 30, 70)
	b, bias := NewMat(p, 50, 77, random(r, 50*77), 77, false), random(r, 70)
	plain := zeros(30, 70)
	p.MatMul(plain, in, b, Opts{N0: 3, N1: 73})
	for act, f := range acts {
		t.Run(fmt.Sprintf("activation %d equals separate steps", act), func(t *testing.T) {
			out := zeros(30, 70)
			p.MatMul(out, in, b, Opts{N0: 3, N1: 73, Bias: bias, Act: act, Add: add})
			for i, y := range plain {
				want := make([]float32, 70)
				Add(want, y, bias)
				f(want, want)
				Add(want, want, add[i])
				wantBits(t, "row", out[i], want)
			}
		})
	}
}

func TestMatMulBack(t *testing.T) {
	for _, im := range levels() {
		p := NewPool(2, WithISA(im.level))
		defer p.Close()
		for _, s := range sizes {
			for _, half := range []DType{F32, BF16} {
				t.Run(fmt.Sprintf("%s %dx%dx%d, storage %d", im.level, s.m, s.k, s.n, half), func(t *testing.T) {
					r := rand.New(rand.NewPCG(7, 8))
					b := NewMatType(p, half, s.k, s.n, random(r, s.k*s.n), s.n, false)
					n0 := s.n / 3
					dy, dx := randomRows(r, s.m, s.n-n0), randomRows(r, s.m, s.k)
					want := naive(im, dx, dy, s.n-n0, s.k, func(n, k int) float32 { return b.At(k, n0+n) })
					p.MatMulT(dx, dy, b, Opts{N0: n0})
					wantRows(t, "dx", dx, want)
				})
			}
		}
	}
}

func TestAddOuter(t *testing.T) {
	for _, im := range levels() {
		p := NewPool(2, WithISA(im.level))
		defer p.Close()
		for _, s := range sizes {
			t.Run(fmt.Sprintf("%s %dx%dx%d", im.level, s.m, s.k, s.n), func(t *testing.T) {
				r := rand.New(rand.NewPCG(9, 10))
				x, dy := randomRows(r, s.m, s.k), randomRows(r, s.m, s.n)
				ld := s.n + 2
				dw := random(r, s.k*ld)
				want := append([]float32(nil), dw...)
				for i := range x {
					for k, v := range x[i] {
						for n, d := range dy[i] {
							want[k*ld+n] = madd(im, v, d, want[k*ld+n])
						}
					}
				}
				cutAt := s.m / 3
				p.AddOuter(dw, ld, x[:cutAt], dy[:cutAt])
				p.AddOuter(dw, ld, x[cutAt:], dy[cutAt:])
				wantBits(t, "dw", dw, want)
			})
		}
	}
}

func TestHalf(t *testing.T) {
	for _, im := range levels() {
		p := NewPool(2, WithISA(im.level))
		defer p.Close()
		for _, s := range append([]struct{ m, k, n int }{{9, 39, 78}, {14, 333, 170}, {1, 768, 96}, {1, 1000, 1100}}, sizes...) {
			t.Run(fmt.Sprintf("%s %dx%dx%d", im.level, s.m, s.k, s.n), func(t *testing.T) {
				r := rand.New(rand.NewPCG(11, 12))
				in, w := randomRows(r, s.m, s.k), random(r, s.k*s.n)
				half := NewMatType(p, BF16, s.k, s.n, w, s.n, false)
				for i, x := range w {
					h := half.At(i/s.n, i%s.n)
					if d := math.Abs(float64(h-x)) / math.Abs(float64(x)); d > 1.0/256 {
						t.Fatalf("bf16 of %v is %v", x, h)
					}
					w[i] = h
				}
				full := NewMat(p, s.k, s.n, w, s.n, false)
				a, b := zeros(s.m, s.n), zeros(s.m, s.n)
				p.MatMul(a, in, half, Opts{})
				p.MatMul(b, in, full, Opts{})
				wantRows(t, "bf16 weights", a, b)
			})
		}
	}
}

func TestBF16Rounding(t *testing.T) {
	for _, c := range []struct{ x, want float32 }{
		{1, 1}, {1 + 1.0/256, 1}, {1 + 3.0/256, 1 + 4.0/256}, {-1.00390625, -1}, {3.4e38, float32(math.Inf(1))},
		{float32(math.Inf(-1)), float32(math.Inf(-1))}, {float32(math.NaN()), float32(math.NaN())},
		{math.Float32frombits(0x7f800001), float32(math.NaN())},
	} {
		if got := fromBF16(toBF16(c.x)); !bitsEqual(got, c.want) {
			t.Errorf("bf16 of %v is %v, want %v", c.x, got, c.want)
		}
	}
}

func TestNotFinitePassesThrough(t *testing.T) {
	p := NewPool(1)
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	w := []float32{1, 0, 2, 1, 0, 3}
	b := NewMat(p, 3, 2, w, 2, false)
	in := [][]float32{{1, 2, 3}, {nan, 0, 0}, {inf, 1, 1}, {0, 0, -inf}}
	out := zeros(4, 2)
	p.MatMul(out, in, b, Opts{})
	wantRows(t, "rows", out, [][]float32{{5, 11}, {nan, nan}, {inf, nan}, {nan, -inf}})
}

func FuzzMatMul(f *testing.F) {
	f.Add(uint8(3), uint16(40), uint8(33), uint8(1), uint8(0), int64(1))
	f.Add(uint8(25), uint16(600), uint8(70), uint8(2), uint8(40), int64(2))
	f.Fuzz(func(t *testing.T, m uint8, k uint16, n, threads, first uint8, seed int64) {
		rows, kk, nn := int(m)%40, int(k)%1600, int(n)%200+1
		n0, storage := int(first)%nn, DType(seed&1)
		r := rand.New(rand.NewPCG(uint64(seed), 0))
		in, w := randomRows(r, rows, kk), random(r, kk*nn)
		for _, im := range levels() {
			p := NewPool(int(threads)%3+1, WithISA(im.level))
			defer p.Close()
			b := NewMatType(p, storage, kk, nn, w, nn, false)
			out := randomRows(r, rows, nn-n0)
			p.MatMul(out, in, b, Opts{N0: n0})
			wantRows(t, im.level.String(), out, naive(im, nil, in, kk, nn-n0, func(k, n int) float32 { return b.At(k, n0+n) }))
			dx := zeros(rows, kk)
			p.MatMulT(dx, out, b, Opts{N0: n0})
			wantRows(t, im.level.String()+" reverse", dx, naive(im, zeros(rows, kk), out, nn-n0, kk, func(n, k int) float32 { return b.At(k, n0+n) }))
		}
	})
}
