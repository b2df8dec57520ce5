// Package kern has the float32 kernels under the transformer runtime, and the pool of workers that
// runs them.
//
// The law of the package: the value of an output element depends on that element's inputs alone. Not
// on the tile it fell into, the rows that came with it, the number of workers or the width of the
// vector unit. It holds because each kind of sum has one order:
//
//	product of matrices   over k ascending, one accumulator that starts at +0, fused multiply-add;
//	                      then the bias, the activation and the residual, a rounding each
//	sum along a row       16 lanes, element i goes to lane i mod 16; the lanes are folded 8, 4, 2, 1
//	attention             a score over d_head like a product; z over the keys ascending
//	the vocabulary        blocks of 4096 by absolute index, combined in order
//	gradient of weights   over the rows as given, into what stands there
//
// AVX-512 and AVX2 give the same bits. The plain Go kernels, used on other processors, round a
// product before they add it, so their last bits differ, but they keep the law among themselves. On
// arm64 the tiles are NEON's, with the bits of AVX, and the rest is plain Go.
//
// A matrix of weights is packed once (Mat) into panels of 32 columns. Rows come and go as slices of
// slices, so gathered rows are not copied before they are packed:
//
//	Mat   panels [K][32] one after another, read as they lie
//	in    rows -> packed by up to 12: k by k, 12 numbers each
//	tile  12 rows x 32 columns in registers, over 768 k at a time, then through out
//
// The environment variable INTERP_ISA (generic, neon, avx2, avx512) lowers the level of a process; WithISA
// that of one pool.
package kern

//go:generate go -C gen run . -out ../asm_amd64.s -stubs ../asm_amd64.go -pkg kern
