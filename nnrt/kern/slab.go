package kern

import (
	"sync"
	"unsafe"
)

// slab is where the numbers of large matrices come from: pieces that start on a large page and that
// the system is asked to keep in large pages, since a product of few rows reads a matrix once, at the
// speed of the memory, and looking up small pages costs a fifth of that. A piece lives as long as any
// matrix in it.
type slab struct {
	mu   sync.Mutex
	free []float32
}

const (
	largePage = 2 << 20  // bytes
	slabSize  = 64 << 20 // bytes
	slabLeast = 1 << 20  // bytes worth it
	lineSize  = 64       // bytes of a cache line
)

// take gives n numbers, that start on a cache line if there are many.
func (s *slab) take(n int) []float32 {
	if n*4 < slabLeast {
		return make([]float32, n)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	size := (n + lineSize/4 - 1) &^ (lineSize/4 - 1)
	if size > len(s.free) {
		piece := aligned(max(slabSize/4, size))
		if size >= slabSize/4 {
			return piece[:n:n]
		}
		s.free = piece
	}
	x := s.free[:n:n]
	s.free = s.free[size:]
	return x
}

// aligned is n numbers from the start of a large page on.
func aligned(n int) []float32 {
	x := make([]float32, n+largePage/4)
	at := -uintptr(unsafe.Pointer(unsafe.SliceData(x))) % largePage / 4
	x = x[at : at+uintptr(n) : at+uintptr(n)]
	largePages(unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(x))), n*4/largePage*largePage))
	return x
}

// halves is memory for twice as many bf16 numbers.
func halves(x []float32) []uint16 {
	return unsafe.Slice((*uint16)(unsafe.Pointer(unsafe.SliceData(x))), 2*len(x))
}
