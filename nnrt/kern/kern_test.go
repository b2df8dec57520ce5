package kern

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// levels are the sets of kernels this processor has, the best first.
func levels() []*impl {
	out := []*impl{}
	for l := AVX512; ; l-- {
		if im := implFor(l); im.level == l {
			out = append(out, im)
		}
		if l == Generic {
			return out
		}
	}
}

func random(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}

// randomRows makes rows that do not lie together nor at even addresses.
func randomRows(r *rand.Rand, rows, n int) [][]float32 {
	out := make([][]float32, rows)
	for i := range out {
		out[i] = random(r, n+3)[r.IntN(3):][:n:n]
	}
	return out
}

func zeros(rows, n int) [][]float32 { return cut(make([]float32, rows*n), rows, n, n) }

func bitsEqual(a, b float32) bool {
	return math.Float32bits(a) == math.Float32bits(b) || a != a && b != b
}

func wantBits(t *testing.T, what string, got, want []float32) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d numbers, want %d", what, len(got), len(want))
	}
	for i := range got {
		if !bitsEqual(got[i], want[i]) {
			t.Fatalf("%s: number %d is %v, want %v", what, i, got[i], want[i])
		}
	}
}

func wantRows(t *testing.T, what string, got, want [][]float32) {
	t.Helper()
	for r := range want {
		wantBits(t, fmt.Sprintf("%s: row %d", what, r), got[r], want[r])
	}
}

// fma32 is a b + c with one rounding: the sum in double precision, rounded to odd.
func fma32(a, b, c float32) float32 {
	p, s := float64(a)*float64(b), float64(c)
	sum := p + s
	if math.IsInf(sum, 0) || sum != sum {
		return float32(sum)
	}
	z := sum - p
	err := (p - (sum - z)) + (s - z)
	if u := math.Float64bits(sum); err != 0 && u&1 == 0 {
		if (err > 0) == (sum > 0) {
			u++
		} else {
			u--
		}
		sum = math.Float64frombits(u)
	}
	return float32(sum)
}

// maddRow is the multiply-add of a level in sums along a row.
func maddRow(im *impl, a, b, c float32) float32 {
	if im.level < AVX2 {
		return c + float32(a*b)
	}
	return fma32(a, b, c)
}

// madd is that of products.
func madd(im *impl, a, b, c float32) float32 {
	if im.level == Generic {
		return c + float32(a*b)
	}
	return fma32(a, b, c)
}
