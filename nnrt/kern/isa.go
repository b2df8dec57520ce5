package kern

import (
	"os"
	"strings"
)

// ISA is a level of vector instructions.
type ISA uint8

// The levels, ascending. NEON is that of arm64; AVX2 includes FMA3; AVX512 is its F, DQ and VL parts.
const (
	Generic ISA = iota
	NEON
	AVX2
	AVX512
)

var isaNames = [...]string{Generic: "generic", NEON: "neon", AVX2: "avx2", AVX512: "avx512"}

func (l ISA) String() string { return isaNames[l] }

// impl is the set of kernels of one level. Lengths have been checked by the callers; none of them
// keeps a slice.
type impl struct {
	level ISA

	// tile computes rows x 32 columns, rows at most 12: c[r][off+j] = sum over k of a[k as + r]
	// b[k bs + j], k ascending; the sum starts at c if acc is set, else at +0.
	tile func(rows, k int, a []float32, as int, b []float32, bs int, c [][]float32, off int, acc bool, h hint)

	// tileHalf is tile with a B of bf16.
	tileHalf func(rows, k int, a []float32, as int, b []uint16, bs int, c [][]float32, off int, acc bool, h hint)

	// pack4 writes dst[i ld + r] = src_r[i] for the four rows.
	pack4 func(dst []float32, ld int, s0, s1, s2, s3 []float32)

	// turn transposes 32 x 32 numbers: dst[c 32 + r] = src[r ld + c].
	turn func(dst, src []float32, ld int)

	// widen turns bf16 into float32.
	widen func(dst []float32, src []uint16)

	unary   [unaries]func(dst, src []float32)
	softmax func(dst, src []float32)

	geluNewBack func(dx, x, dy []float32) // adds dy times the slope at x

	expSum  func(src []float32, shift float32) float32 // sum of exp(x - shift), 16 lanes
	maximum func(x []float32) float32
	sum     func(x []float32) float32
	dot     func(x, y []float32) float32
	sqDev   func(x []float32, mean float32) float32 // sum of (x - mean)^2
	axpy    func(y []float32, a float32, x []float32)
	scale   func(dst []float32, a float32, x []float32)
	add     func(dst, x, y []float32)
	norm    func(dst, x []float32, mean, scale float32, w, b []float32) // b may be nil
}

// host is the best set this process may use; it never changes.
var host = implFor(wanted())

// wanted is the level that the environment allows.
func wanted() ISA {
	name := strings.ToLower(os.Getenv("INTERP_ISA"))
	for l, n := range isaNames {
		if n == name {
			return ISA(l)
		}
	}
	return AVX512
}

// hint says what is needed next, for the processor to fetch while a tile is summed.
type hint struct {
	b    []float32 // a part of B
	step int       // bytes of it each k
	rows bool      // as many rows of c again, behind those given
}
