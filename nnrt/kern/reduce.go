package kern

import "math"

// Dot is the sum of products in 16 lanes, which is not the order of MatMul. x, y: [n].
func Dot(x, y []float32) float32 { return host.dot(x, y[:len(x)]) }

// SumSq is the sum of squares in 16 lanes. x: [n].
func SumSq(x []float32) float32 { return host.dot(x, x) }

// Max is the greatest number of a row, NaN if there is one in it, -Inf if the row is empty. x: [n].
func Max(x []float32) float32 {
	m := float32(math.Inf(-1))
	for _, v := range x {
		if v != v {
			return v
		}
		m = max(m, v)
	}
	return m
}

// ArgMax is the place of the greatest number, the lowest of equal ones; the first NaN counts as
// greatest. It is -1 for an empty row. x: [n].
func ArgMax(x []float32) int {
	best := -1
	for i, v := range x {
		if v != v {
			return i
		}
		if best < 0 || v > x[best] {
			best = i
		}
	}
	return best
}

// Axpy adds a times x to y. x, y: [n].
func Axpy(y []float32, a float32, x []float32) { host.axpy(y[:len(x)], a, x) }

// Add is the sum of two rows; out may be one of them. out, x, y: [n].
func Add(out, x, y []float32) { host.add(out[:len(x)], x, y[:len(x)]) }

// Scale is a times x. out, x: [n].
func Scale(out []float32, a float32, x []float32) {
	host.scale(out[:len(x)], a, x)
}

// Mul is the product number by number. out, x, y: [n].
func Mul(out, x, y []float32) {
	for i, v := range x {
		out[i] = v * y[i]
	}
}

// Mean is the sum in 16 lanes over the length. x: [n].
func Mean(x []float32) float32 { return host.mean(x) }

func (im *impl) mean(x []float32) float32 { return im.sum(x) / float32(len(x)) }
