package weights

import (
	"encoding/binary"
	"math"
)

// DType is the type of a stored element, by the name the format gives it.
type DType string

// The types that can be read as float32.
const (
	F32  DType = "F32"
	F16  DType = "F16"
	BF16 DType = "BF16"
)

// dtypes is every type of the format: its size, and how n elements are widened to float32.
// A type without widen is known, so that a file holding one still opens, and cannot be read.
var dtypes = map[DType]struct {
	size  int64
	widen func(dst []float32, src []byte)
}{
	F32:       {4, widenF32},
	F16:       {2, widenF16},
	BF16:      {2, widenBF16},
	"F64":     {size: 8},
	"I64":     {size: 8},
	"U64":     {size: 8},
	"I32":     {size: 4},
	"U32":     {size: 4},
	"I16":     {size: 2},
	"U16":     {size: 2},
	"I8":      {size: 1},
	"U8":      {size: 1},
	"BOOL":    {size: 1},
	"F8_E4M3": {size: 1},
	"F8_E5M2": {size: 1},
	"C64":     {size: 8},
}

// Readable says whether tensors of this type can be read as float32.
func (d DType) Readable() bool { return dtypes[d].widen != nil }

// Size is the bytes of an element.
func (d DType) Size() int64 { return dtypes[d].size }

func widenF32(dst []float32, src []byte) {
	for i := range dst {
		dst[i] = math.Float32frombits(binary.LittleEndian.Uint32(src[4*i:]))
	}
}

func widenBF16(dst []float32, src []byte) {
	for i := range dst {
		dst[i] = math.Float32frombits(uint32(binary.LittleEndian.Uint16(src[2*i:])) << 16)
	}
}

func widenF16(dst []float32, src []byte) {
	for i := range dst {
		dst[i] = float16(binary.LittleEndian.Uint16(src[2*i:]))
	}
}

// float16 widens one half: 1 bit sign, 5 bits exponent (bias 15), 10 bits fraction. Every half is
// a float32 exactly.
func float16(h uint16) float32 {
	sign := uint32(h>>15) << 31
	exp, frac := uint32(h>>10)&0x1f, uint32(h)&0x3ff
	switch exp {
	case 0x1f: // infinity and NaN keep their fraction
		return math.Float32frombits(sign | 0xff<<23 | frac<<13)
	case 0: // zero and subnormals: frac units of 2^-24
		v := float32(frac) * (1.0 / (1 << 24))
		return math.Float32frombits(sign | math.Float32bits(v))
	}
	return math.Float32frombits(sign | (exp+127-15)<<23 | frac<<13)
}
