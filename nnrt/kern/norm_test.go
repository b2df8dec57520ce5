package kern

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestLayerNormByHand: the row 1 2 3 6 has mean 3 and variance 3.5.
func TestLayerNormByHand(t *testing.T) {
	x, out := []float32{1, 2, 3, 6}, make([]float32, 4)
	if got := LayerNormScale(x, 0.5); got != 2 {
		t.Errorf("scale is %v, want 2", got)
	}
	LayerNorm(out, x, 2, []float32{1, 2, 3, 4}, []float32{0, 0, 1, 1})
	wantBits(t, "normalised", out, []float32{-1, -1, 1, 7})
	LayerNorm(out, x, 4, []float32{1, 2, 3, 4}, nil)
	wantBits(t, "with a scale that was set, no bias", out, []float32{-0.5, -0.5, 0, 3})
	if got := RMSNormScale([]float32{1, 5, 1, 3}, 7); got != 4 {
		t.Errorf("root mean square is %v, want 4", got)
	}
	RMSNorm(out, x, 2, []float32{2, 2, 2, 1})
	wantBits(t, "by root mean square", out, []float32{1, 2, 3, 3})
}

func TestLayerNormAgainstDouble(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{1, 5, 64, 768, 1000} {
		x, w, b, out := random(r, n), random(r, n), random(r, n), make([]float32, n)
		for i := range x {
			x[i] += 10 // a mean far from 0 must not spoil the variance
		}
		mean, v := 0.0, 0.0
		for _, a := range x {
			mean += float64(a) / float64(n)
		}
		for _, a := range x {
			v += (float64(a) - mean) * (float64(a) - mean) / float64(n)
		}
		want := math.Sqrt(v + 1e-5)
		got := LayerNormScale(x, 1e-5)
		if math.Abs(float64(got)-want) > 2e-6*want {
			t.Errorf("width %d: scale %v, want %v", n, got, want)
		}
		LayerNorm(out, x, got, w, b)
		for i, a := range x {
			y := (float64(a)-mean)/want*float64(w[i]) + float64(b[i])
			if math.Abs(float64(out[i])-y) > 1e-5*(1+math.Abs(y)) {
				t.Fatalf("width %d: number %d is %v, want %v", n, i, out[i], y)
			}
		}
	}
}

// slopeCase is a function of a row, and what claims to be the gradient of dy times its results.
type slopeCase struct {
	name string
	f    func(x []float64) []float64
	back func(dx, x, dy []float32)
}

func eachDouble(f func(float64) float64) func([]float64) []float64 {
	return func(x []float64) []float64 {
		out := make([]float64, len(x))
		for i, v := range x {
			out[i] = f(v)
		}
		return out
	}
}

// byResult is a reverse that takes the results of the forward.
func byResult(forward func(out, x []float32), back func(dx, y, dy []float32)) func(dx, x, dy []float32) {
	return func(dx, x, dy []float32) {
		y := make([]float32, len(x))
		forward(y, x)
		back(dx, y, dy)
	}
}

var slopeWeights = []float32{0.5, 1.5, -1, 2, 0.25, 1, 3}

const slopeEps = 0.1

func moments(x []float64) (mean, variance, square float64) {
	n := float64(len(x))
	for _, v := range x {
		mean += v / n
		square += v * v / n
	}
	return mean, square - mean*mean, square
}

var slopeCases = []slopeCase{
	{"tanh", eachDouble(math.Tanh), byResult(Tanh, TanhBack)},
	{"sigmoid", eachDouble(unaryWant[uSigmoid]), byResult(Sigmoid, SigmoidBack)},
	{"gelu_new", eachDouble(unaryWant[uGELUNew]), GELUNewBack},
	{"gelu", eachDouble(unaryWant[uGELU]), GELUBack},
	{"relu", eachDouble(func(x float64) float64 { return max(x, 0) }), ReLUBack},
	{"softmax", func(x []float64) []float64 {
		sum := 0.0
		for _, v := range x {
			sum += math.Exp(v)
		}
		return eachDouble(func(v float64) float64 { return math.Exp(v) / sum })(x)
	}, byResult(Softmax, SoftmaxBack)},
	{"layer norm, its scale included", func(x []float64) []float64 {
		m, v, _ := moments(x)
		out := eachDouble(func(a float64) float64 { return (a - m) / math.Sqrt(v+slopeEps) })(x)
		for i := range out {
			out[i] *= float64(slopeWeights[i])
		}
		return out
	}, func(dx, x, dy []float32) {
		s := LayerNormScale(x, slopeEps)
		LayerNormBack(dx, s, slopeWeights, dy)
		LayerNormScaleBack(dx, x, s, LayerNormBackScale(x, s, slopeWeights, dy))
	}},
	{"layer norm, its scale held", func(x []float64) []float64 {
		m, _, _ := moments(x)
		out := eachDouble(func(a float64) float64 { return (a - m) / 1.7 })(x)
		for i := range out {
			out[i] *= float64(slopeWeights[i])
		}
		return out
	}, func(dx, x, dy []float32) { LayerNormBack(dx, 1.7, slopeWeights, dy) }},
	{"root mean square norm", func(x []float64) []float64 {
		_, _, q := moments(x)
		out := eachDouble(func(a float64) float64 { return a / math.Sqrt(q+slopeEps) })(x)
		for i := range out {
			out[i] *= float64(slopeWeights[i])
		}
		return out
	}, func(dx, x, dy []float32) {
		s := RMSNormScale(x, slopeEps)
		RMSNormBack(dx, s, slopeWeights, dy)
		RMSNormScaleBack(dx, x, s, RMSNormBackScale(x, s, slopeWeights, dy))
	}},
}

func TestSlopesAgainstDifferences(t *testing.T) {
	dy := []float32{1, -2, 0.5, 1.5, -0.5, 0.25, 2}
	for _, c := range slopeCases {
		t.Run(c.name, func(t *testing.T) {
			for _, at := range []float64{0.3, 1, 3} {
				x, wide, dx := make([]float32, 7), make([]float64, 7), make([]float32, 7)
				for i := range x {
					x[i] = float32(at * (float64(i) - 2.9))
					wide[i], dx[i] = float64(x[i]), 1 // what stands there is added to
				}
				c.back(dx, x, dy)
				for i := range x {
					const h = 1e-5
					move := func(by float64) (s float64) {
						wide[i] = float64(x[i]) + by
						for k, y := range c.f(wide) {
							s += y * float64(dy[k])
						}
						wide[i] = float64(x[i])
						return s
					}
					want := 1 + (move(h)-move(-h))/(2*h)
					if math.Abs(float64(dx[i])-want) > 2e-5*(1+math.Abs(want)) {
						t.Errorf("at %v: gradient %v, difference quotient %v", x[i], dx[i], want)
					}
				}
			}
		})
	}
}

func TestSlopesOfLargeNumbers(t *testing.T) {
	x := []float32{1e30, -1e30, 1e10, -1e10, 60, -60, float32(math.NaN())}
	want := []float32{1, 0, 1, 0, 1, 0, float32(math.NaN())}
	for _, f := range []func(dx, x, dy []float32){GELUNewBack, GELUBack} {
		dx := make([]float32, len(x))
		f(dx, x, []float32{1, 1, 1, 1, 1, 1, 1})
		wantBits(t, "slopes", eachAbs(dx), want)
	}
}

// eachAbs turns -0 into 0.
func eachAbs(x []float32) []float32 {
	for i, v := range x {
		x[i] = float32(math.Abs(float64(v)))
	}
	return x
}

func TestLayerNormWeightGradient(t *testing.T) {
	x, dw := []float32{1, 2, 3, 6}, []float32{1, 0, 0, 0}
	LayerNormBackWeight(dw, x, 2, []float32{1, 2, 3, 4})
	wantBits(t, "dw", dw, []float32{0, -1, 0, 6})
}
