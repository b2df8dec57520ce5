package tensor

import "math"

// slopeFunc is a partial derivative at operands a and b where the result is y.
type slopeFunc func(a, b, y float64) float64

// slopes has both partial derivatives of the operations that have them.
var slopes = [len(binRows)][2]slopeFunc{
	Add:      {one, one},
	Sub:      {one, func(_, _, _ float64) float64 { return -1 }},
	Mul:      {func(_, b, _ float64) float64 { return b }, func(a, _, _ float64) float64 { return a }},
	Div:      {func(_, b, _ float64) float64 { return 1 / b }, func(_, b, y float64) float64 { return -y / b }},
	FloorDiv: {zero, zero},
	Mod:      {one, func(a, b, _ float64) float64 { return -math.Floor(a / b) }},
	Pow:      {powBase, powExponent},
	Maximum:  {func(a, b, _ float64) float64 { return share(a, b) }, func(a, b, _ float64) float64 { return share(b, a) }},
	Minimum:  {func(a, b, _ float64) float64 { return share(b, a) }, func(a, b, _ float64) float64 { return share(a, b) }},
}

func one(_, _, _ float64) float64  { return 1 }
func zero(_, _, _ float64) float64 { return 0 }

// share is 1 for the greater of two, half for equals.
func share(mine, other float64) float64 {
	switch {
	case mine > other:
		return 1
	case mine == other:
		return 0.5
	}
	return 0
}

func powBase(a, b, _ float64) float64 {
	if b == 0 {
		return 0
	}
	return b * math.Pow(a, b-1)
}

// powExponent is 0 at base 0, as in PyTorch.
func powExponent(a, _, y float64) float64 {
	if a == 0 {
		return 0
	}
	return y * math.Log(a)
}
