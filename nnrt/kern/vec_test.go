package kern

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

var unaryNames = [unaries]string{"exp", "tanh", "sigmoid", "gelu_new", "gelu"}

// unaryWant are the functions in double precision.
var unaryWant = [unaries]func(x float64) float64{
	uExp:     math.Exp,
	uTanh:    math.Tanh,
	uSigmoid: func(x float64) float64 { return 1 / (1 + math.Exp(-x)) },
	uGELUNew: func(x float64) float64 { return x / (1 + math.Exp(-x*(geluA+geluB*x*x))) },
	uGELU:    func(x float64) float64 { return x / 2 * math.Erfc(-x/math.Sqrt2) },
}

// hard are numbers at which a kernel may go wrong.
var hard = []float32{
	0, float32(math.Copysign(0, -1)), 1e-45, -1e-45, 1e-38, -1e-38, 1e-20, -1e-4, 0.624, 0.626, -0.625, 1.3, -1.32, 1,
	-1, 9, -9, 12, -14, 20, -40, 80, -80, 88, -87, 88.72, 88.73, 89.5, -88.5, -100, -103.9, -105, 1e6, -1e6, 1e30, -1e30,
	float32(math.Inf(1)), float32(math.NaN()),
}

func TestUnaryAccuracy(t *testing.T) {
	// In units of the last place of a normal number; the left tails of the gelus, sums
	// near 0 of larger terms elsewhere, count as if they were 0.25.
	limits := [unaries]float64{uExp: 1.5, uTanh: 2, uSigmoid: 3, uGELUNew: 4, uGELU: 4}
	for _, im := range levels() {
		for u, f := range im.unary {
			t.Run(fmt.Sprintf("%s %s", im.level, unaryNames[u]), func(t *testing.T) {
				worst, at := 0.0, float32(0)
				x := make([]float32, 1<<18)
				for i := range x {
					x[i] = float32(i-1<<17) / (1 << 17) * 40
				}
				x = append(x, hard...)
				y := make([]float32, len(x))
				f(y, x)
				for i, v := range x {
					want := unaryWant[u](float64(v))
					if v != v || math.IsInf(float64(float32(want)), 0) {
						if !bitsEqual(y[i], float32(want)) {
							t.Errorf("%v gives %v, want %v", v, y[i], want)
						}
						continue
					}
					// An output may be off by as much as a rounding of what it is made of.
					scale := max(math.Abs(want), 0x1p-126)
					if (u == int(uGELUNew) || u == int(uGELU)) && v < 0 {
						scale = max(scale, min(0.25, math.Abs(float64(v))))
					}
					if u == int(uSigmoid) && v < -85 {
						scale = 0x1p-102 // below the normal numbers
					}
					if d := math.Abs(float64(y[i])-want) / scale * (1 << 24); d > worst || d != d {
						worst, at = d, v
					}
				}
				t.Logf("worst: %.2f halves of the last place at %v", worst, at)
				if !(worst < 2*limits[u]) {
					t.Errorf("off by %.2f halves of the last place at %v", worst, at)
				}
			})
		}
	}
}

// rowKernels are the kernels that work along a row, with rows as arguments.
var rowKernels = map[string]func(im *impl, out, x, y, z []float32){
	"exp":       func(im *impl, out, x, _, _ []float32) { im.unary[uExp](out, x) },
	"tanh":      func(im *impl, out, x, _, _ []float32) { im.unary[uTanh](out, x) },
	"sigmoid":   func(im *impl, out, x, _, _ []float32) { im.unary[uSigmoid](out, x) },
	"gelu_new":  func(im *impl, out, x, _, _ []float32) { im.unary[uGELUNew](out, x) },
	"gelu":      func(im *impl, out, x, _, _ []float32) { im.unary[uGELU](out, x) },
	"add":       func(im *impl, out, x, y, _ []float32) { im.add(out, x, y) },
	"scale":     func(im *impl, out, x, y, _ []float32) { im.scale(out, 0.3, x) },
	"axpy":      func(im *impl, out, x, y, _ []float32) { copy(out, y); im.axpy(out, 0.3, x) },
	"norm":      func(im *impl, out, x, y, z []float32) { im.norm(out, x, 0.1, 1.7, y, z) },
	"normPlain": func(im *impl, out, x, y, _ []float32) { im.norm(out, x, 0.1, 1.7, y, nil) },
	"softmax":   func(im *impl, out, x, _, _ []float32) { im.softmax(out, x) },
	"sum":       one(func(im *impl, x, _ []float32) float32 { return im.sum(x) }),
	"dot":       one(func(im *impl, x, y []float32) float32 { return im.dot(x, y) }),
	"sqDev":     one(func(im *impl, x, _ []float32) float32 { return im.sqDev(x, 0.2) }),
	"expSum":    one(func(im *impl, x, _ []float32) float32 { return im.expSum(x, 1.5) }),
	"maximum":   one(func(im *impl, x, _ []float32) float32 { return im.maximum(x) }),
	"layerNorm": one(func(im *impl, x, _ []float32) float32 { return im.layerNormScale(x, 1e-5) }),
	"geluBack":  func(im *impl, out, x, y, _ []float32) { clear(out); im.geluNewBack(out, x, y) },
	"normBack":  func(im *impl, out, x, y, _ []float32) { clear(out); im.layerNormBack(out, 1.3, x, y) },
	"scaleBack": one(func(im *impl, x, y []float32) float32 { return im.normBackScale(x, 0.1, 1.3, y, x) }),
}

func one(f func(im *impl, x, y []float32) float32) func(im *impl, out, x, y, z []float32) {
	return func(im *impl, out, x, y, _ []float32) { clear(out); out[0] = f(im, x, y) }
}

var elementwise = []string{"exp", "tanh", "sigmoid", "gelu_new", "gelu", "add", "scale", "axpy", "norm", "normPlain", "geluBack"}

// TestWidthsAgree: AVX2 and AVX-512 give the same bits for every length and address, and neither
// touches memory beyond the row.
func TestWidthsAgree(t *testing.T) {
	if implFor(AVX512).level != AVX512 {
		t.Skip("no AVX-512 here")
	}
	r := rand.New(rand.NewPCG(1, 2))
	for name, f := range rowKernels {
		t.Run(name, func(t *testing.T) {
			for n := 1; n < 150; n++ {
				x, y, z := random(r, n+9)[n%7:][:n], random(r, n+9)[n%5:][:n], random(r, n)
				if n%3 == 0 {
					x[n/2] = hard[n%len(hard)]
				}
				a, b := random(r, n+1), make([]float32, n+1)
				copy(b, a)
				f(implFor(AVX512), a[:n], x, y, z)
				f(implFor(AVX2), b[:n], x, y, z)
				wantBits(t, fmt.Sprintf("length %d", n), a, b)
			}
		})
	}
}

// TestPlaceInRow: a number's result does not depend on where it stands.
func TestPlaceInRow(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, im := range levels() {
		for _, name := range elementwise {
			t.Run(fmt.Sprintf("%s %s", im.level, name), func(t *testing.T) {
				f, n := rowKernels[name], 77
				x, y, z, whole := random(r, n), random(r, n), random(r, n), make([]float32, n)
				f(im, whole, x, y, z)
				for i := range n {
					a := make([]float32, 1)
					f(im, a, x[i:i+1], y[i:i+1], z[i:i+1])
					wantBits(t, fmt.Sprintf("number %d alone", i), a, whole[i:i+1])
				}
			})
		}
	}
}

// TestLanes compares sums along a row with their twin: 16 lanes, folded.
func TestLanes(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, im := range levels() {
		t.Run(im.level.String(), func(t *testing.T) {
			for n := range 100 {
				x, y := random(r, n), random(r, n)
				var sum, dot, dev lanes
				for i, v := range x {
					sum[i%16] += v
					dot[i%16] = maddRow(im, v, y[i], dot[i%16])
					d := v - 0.25
					dev[i%16] = maddRow(im, d, d, dev[i%16])
				}
				got := []float32{im.sum(x), im.dot(x, y), im.sqDev(x, 0.25)}
				wantBits(t, fmt.Sprintf("length %d", n), got, []float32{sum.fold(), dot.fold(), dev.fold()})
			}
		})
	}
}

func TestSoftmax(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, im := range levels() {
		t.Run(im.level.String(), func(t *testing.T) {
			for _, n := range []int{1, 2, 15, 16, 17, 100, 1000} {
				x, p := random(r, n), make([]float32, n)
				for i := range x {
					x[i] *= 5
				}
				sum, top := 0.0, float64(Max(x))
				for _, v := range x {
					sum += math.Exp(float64(v) - top)
				}
				im.softmax(p, x)
				var l lanes
				e := make([]float32, n)
				for i, v := range x {
					e[i] = v - Max(x)
				}
				im.unary[uExp](e, e)
				for i, v := range e {
					l[i%16] += v
				}
				inv := 1 / l.fold()
				for i, v := range x {
					want := math.Exp(float64(v)-top) / sum
					if math.Abs(float64(p[i])-want) > 1e-7*want*(4+top-float64(v)) {
						t.Fatalf("%d of %d: %v, want %v", i, n, p[i], want)
					}
					if e[i]*inv != p[i] {
						t.Fatalf("%d of %d: %v, the twin has %v", i, n, p[i], e[i]*inv)
					}
				}
				same := append([]float32(nil), x...)
				im.softmax(same, same)
				wantBits(t, "in place", same, p)
			}
			for _, c := range [][2][]float32{
				{{0, -inf}, {1, 0}}, {{-inf, -inf}, {nan, nan}}, {{0, nan}, {nan, nan}}, {{inf, 0}, {nan, nan}}, {{1e38, 1e38}, {0.5, 0.5}},
			} {
				p := make([]float32, 2)
				im.softmax(p, c[0])
				wantBits(t, fmt.Sprint(c[0]), p, c[1])
			}
		})
	}
}

func TestArgMaxAndMax(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, c := range []struct {
		x   []float32
		arg int
		max float32
	}{
		{nil, -1, -inf}, {[]float32{3}, 0, 3}, {[]float32{1, 5, 5, 2}, 1, 5}, {[]float32{-inf, -inf}, 0, -inf},
		{[]float32{1, nan, 9, nan}, 1, nan}, {[]float32{-2, -1}, 1, -1},
	} {
		if got := ArgMax(c.x); got != c.arg {
			t.Errorf("ArgMax of %v: %d, want %d", c.x, got, c.arg)
		}
		if got := Max(c.x); !bitsEqual(got, c.max) {
			t.Errorf("Max of %v: %v, want %v", c.x, got, c.max)
		}
	}
}
