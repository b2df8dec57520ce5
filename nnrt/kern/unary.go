package kern

import "math"

// unary is a function of one number to one number.
type unary uint8

const (
	uExp unary = iota
	uTanh
	uSigmoid
	uGELUNew
	uGELU
	unaries
)

// The constants of the tanh approximation of GELU, x sigmoid(geluA x + geluB x^3).
const (
	geluA = 2 * 0.79788456080286535588 // 2 sqrt(2/pi)
	geluB = geluA * 0.044715
)

// Tanh is the hyperbolic tangent. out, x: [n]; they may be the same, here and below.
func Tanh(out, x []float32) { apply(uTanh, out, x) }

// Sigmoid is 1 / (1 + e^-x). out, x: [n].
func Sigmoid(out, x []float32) { apply(uSigmoid, out, x) }

// GELUNew is the tanh approximation of GELU, x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))), worked out
// as x sigmoid(2 ...), which is the same. Left of -1 it is
// right to 5e-8, else to two units of the last place; so is GELU. out, x: [n].
func GELUNew(out, x []float32) { apply(uGELUNew, out, x) }

// GELU is x Phi(x) by the error function. out, x: [n].
func GELU(out, x []float32) { apply(uGELU, out, x) }

// ReLU is the greater of x and 0; what is not a number stays. out, x: [n].
func ReLU(out, x []float32) {
	for i, v := range x {
		if v < 0 {
			v = 0
		}
		out[i] = v
	}
}

func apply(u unary, out, x []float32) { host.unary[u](out[:len(x)], x) }

var unaryGeneric = [unaries]func(dst, src []float32){
	uExp:     each(exp),
	uTanh:    each(func(x float32) float32 { return float32(math.Tanh(float64(x))) }),
	uSigmoid: each(sigmoid),
	uGELUNew: each(func(x float32) float32 {
		u := float64(x)
		return float32(u / (1 + math.Exp(-u*(geluA+float64(geluB*u)*u))))
	}),
	uGELU: each(func(x float32) float32 {
		return float32(float64(x) / 2 * math.Erfc(-float64(x)/math.Sqrt2))
	}),
}

func each(f func(float32) float32) func(dst, src []float32) {
	return func(dst, src []float32) {
		for i, x := range src {
			dst[i] = f(x)
		}
	}
}

func exp(x float32) float32 { return float32(math.Exp(float64(x))) }

func sigmoid(x float32) float32 { return float32(1 / (1 + math.Exp(-float64(x)))) }
