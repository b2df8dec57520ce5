package kern

import "math"

func fromBF16(h uint16) float32 { return math.Float32frombits(uint32(h) << 16) }

// toBF16 rounds to nearest, ties to even; a not-a-number stays one.
func toBF16(x float32) uint16 {
	u := math.Float32bits(x)
	if x != x {
		return uint16(u>>16) | 0x40
	}
	return uint16((u + 0x7fff + u>>16&1) >> 16)
}

func narrow(dst []uint16, src []float32) {
	for i, x := range src {
		dst[i] = toBF16(x)
	}
}

func widenGeneric(dst []float32, src []uint16) {
	for i, h := range src {
		dst[i] = fromBF16(h)
	}
}
