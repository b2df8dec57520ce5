package nnrt

import (
	"fmt"
	"math"

	"interp/nnrt/kern"
)

// lender reads rows of a tensor for as long as the model is open.
type lender struct {
	src  source
	o    LoadOptions
	name string
}

func (l *lender) ReadRows(from, to int) ([]float32, error) {
	x, err := l.src.ReadRows(l.name, from, to)
	if err != nil {
		return nil, err
	}
	if i := notFinite(x); i >= 0 {
		return nil, fmt.Errorf("tensor %q has numbers that are not finite, one is %v in row %d", l.name, x[i], from+i*(to-from)/len(x))
	}
	return x, nil
}

func (l *lender) Pack(k, n int, src []float32, transposed bool) *kern.Mat {
	return l.o.pack(k, n, src, transposed)
}

// notFinite is the place of the first infinity or not-a-number, -1 if there is none.
func notFinite(x []float32) int {
	for i, v := range x {
		if math.Float32bits(v)&0x7f800000 == 0x7f800000 {
			return i
		}
	}
	return -1
}
