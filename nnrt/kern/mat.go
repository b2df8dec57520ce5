package kern

import (
	"fmt"
	"unsafe"
)

// panel is the number of columns of a panel of a packed matrix.
const panel = 32

// DType is how the numbers of a packed matrix are stored.
type DType uint8

// The types. Numbers are multiplied as float32 in any case; BF16 rounds the weights to the nearest
// bfloat16, ties to even.
const (
	F32 DType = iota
	BF16
)

func (t DType) String() string { return [...]string{F32: "f32", BF16: "bf16"}[t] }

// Mat is a matrix [K, N] packed for products: panels of 32 columns, k by k, the last panel filled up
// with zeros. It does not change and may be used by several goroutines.
type Mat struct {
	K, N int
	Type DType
	w    []float32 // [panels][K][32]
	h    []uint16  // the same as bf16
}

// NewMat packs a matrix. src holds rows of k: src[k*ld+n]; transposed says that it holds rows of n:
// src[n*ld+k]. It is not kept.
func NewMat(p *Pool, k, n int, src []float32, ld int, transposed bool) *Mat {
	return NewMatType(p, F32, k, n, src, ld, transposed)
}

// NewMatType is NewMat with a choice of storage.
func NewMatType(p *Pool, t DType, k, n int, src []float32, ld int, transposed bool) *Mat {
	checkSource(k, n, len(src), ld, transposed)
	m := &Mat{K: k, N: n, Type: t}
	size := panels(n) * k * panel
	if t == BF16 {
		m.h = halves(p.slab.take(size / 2))
	} else {
		m.w = p.slab.take(size)
	}
	from := raw{src, k, n, ld, transposed}
	p.Run(panels(n), func(w, i int) {
		at := i * k * panel
		if t == F32 {
			from.pack(p.impl, m.w[at:at+k*panel], i*panel, 0, k)
			return
		}
		buf := p.scratch[w].panel(k * panel)
		from.pack(p.impl, buf, i*panel, 0, k)
		narrow(m.h[at:at+k*panel], buf)
	})
	return m
}

func checkSource(k, n, size, ld int, transposed bool) {
	rows, width := k, n
	if transposed {
		rows, width = n, k
	}
	if k < 0 || n < 0 || ld < width || rows > 0 && width > 0 && size < (rows-1)*ld+width {
		panic(fmt.Sprintf("kern: a matrix of %d rows of %d, %d apart, in %d numbers", rows, width, ld, size))
	}
}

func panels(n int) int { return (n + panel - 1) / panel }

// At is one number.
func (m *Mat) At(k, n int) float32 {
	i := (n/panel*m.K+k)*panel + n%panel
	if m.Type == BF16 {
		return fromBF16(m.h[i])
	}
	return m.w[i]
}

// Row unpacks row k from column n0 on. dst: [at most N-n0].
func (m *Mat) Row(dst []float32, k, n0 int) {
	for i := range dst {
		dst[i] = m.At(k, n0+i)
	}
}

// Col unpacks column n. dst: [K].
func (m *Mat) Col(dst []float32, n int) {
	for k := range dst {
		dst[k] = m.At(k, n)
	}
}

// Bytes is the memory of the numbers.
func (m *Mat) Bytes() int64 { return int64(len(m.w))*4 + int64(len(m.h))*2 }

// width is the bytes of a row of a panel.
func (m *Mat) width() int {
	if m.Type == BF16 {
		return 2 * panel
	}
	return 4 * panel
}

// from is the memory from a number on, whatever its type is.
func (m *Mat) from(at int) []float32 {
	if m.Type == F32 {
		return m.w[at:]
	}
	h := m.h[at:]
	return unsafe.Slice((*float32)(unsafe.Pointer(unsafe.SliceData(h))), len(h)/2)
}
