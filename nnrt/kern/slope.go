package kern

import "math"

// TanhBack adds dy (1 - y^2), y being the results of Tanh. dx, y, dy: [n].
func TanhBack(dx, y, dy []float32) {
	for i, v := range y {
		dx[i] += float32(dy[i] * (1 - float32(v*v)))
	}
}

// SigmoidBack adds dy y (1 - y), y being the results of Sigmoid. dx, y, dy: [n].
func SigmoidBack(dx, y, dy []float32) {
	for i, v := range y {
		dx[i] += float32(dy[i] * float32(v*(1-v)))
	}
}

// ReLUBack adds dy where x is above 0. dx, x, dy: [n].
func ReLUBack(dx, x, dy []float32) {
	for i, v := range x {
		if v > 0 {
			dx[i] += dy[i]
		}
	}
}

// GELUNewBack adds dy times the slope of GELUNew at x. dx, x, dy: [n].
//
//	s + x s (1 - s) u'   with s = sigmoid(u), u = a x + b x^3
func GELUNewBack(dx, x, dy []float32) { host.geluNewBack(dx, x, dy) }

func geluNewBackGeneric(dx, x, dy []float32) {
	for i, v := range x {
		s := sigmoid(v * (geluA + float32(geluB*float32(v*v))))
		du := geluA + float32(3*geluB*float32(v*v))
		g := s + float32(float32(v*float32(s*(1-s)))*du)
		dx[i] += float32(dy[i] * finite(g, v))
	}
}

// finite is a slope that is not a number only because x is too large: there it is 0 or 1.
func finite(g, x float32) float32 {
	if g == g || x != x {
		return g
	}
	if x > 0 {
		return 1
	}
	return 0
}

// GELUBack adds dy times the slope of GELU at x, Phi(x) + x phi(x). dx, x, dy: [n].
func GELUBack(dx, x, dy []float32) {
	for i, v := range x {
		u := float64(v)
		g := 0.5*math.Erfc(-u/math.Sqrt2) + float64(u*math.Exp(-u*u/2))*(1/math.Sqrt(2*math.Pi))
		dx[i] += float32(dy[i] * finite(float32(g), v))
	}
}
