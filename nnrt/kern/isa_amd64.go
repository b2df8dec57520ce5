package kern

import "golang.org/x/sys/cpu"

// mostTurns of relax take 100 to 400 microseconds, as the processor's PAUSE goes.
const mostTurns = 8000

// relax is a turn of waiting awake.
func relax() { pause() }

// implFor is the best set of kernels up to a level that this processor has.
func implFor(l ISA) *impl {
	has2 := cpu.X86.HasAVX2 && cpu.X86.HasFMA && cpu.X86.HasBMI2
	switch {
	case l >= AVX512 && has2 && cpu.X86.HasAVX512F:
		return &avx512
	case l >= AVX2 && has2:
		return &avx2
	}
	return &generic
}

var avx512 = impl{
	level: AVX512,
	tile: func(rows, k int, a []float32, as int, b []float32, bs int, c [][]float32, off int, acc bool, h hint) {
		tiling(tiles512[:], rows, k, a, as, &b[0], bs*4, c, off, acc, h)
	},
	tileHalf: func(rows, k int, a []float32, as int, b []uint16, bs int, c [][]float32, off int, acc bool, h hint) {
		tiling(halves512[:], rows, k, a, as, &b[0], bs*2, c, off, acc, h)
	},
	pack4: pack4AVX2,
	turn:  turnOf(turn512),
	widen: widenOf(widen512),
	unary: [unaries]func(dst, src []float32){
		uExp: unaryOf(exp512), uTanh: unaryOf(tanh512), uSigmoid: unaryOf(sigmoid512),
		uGELUNew: unaryOf(geluNew512), uGELU: unaryOf(gelu512),
	},
	softmax:     unaryOf(softmax512),
	geluNewBack: addOf(geluNewBack512),
	expSum:      withNumber(expSum512),
	maximum:     rowOf(maximum512),
	sum:         rowOf(sum512),
	dot:         dotOf(dot512),
	sqDev:       withNumber(sqDev512),
	axpy:        scaled(axpy512),
	scale:       scaled(scale512),
	add:         addOf(add512),
	norm:        normOf(norm512, normPlain512),
}

var avx2 = impl{
	level: AVX2,
	tile: func(rows, k int, a []float32, as int, b []float32, bs int, c [][]float32, off int, acc bool, h hint) {
		if rows < len(wides256) {
			tiling(wides256[:], rows, k, a, as, &b[0], bs*4, c, off, acc, h)
			return
		}
		for j := 0; j < panel; j += 16 {
			h = tiling256(&tiles256, rows, k, a, as, &b[j], bs*4, c, off+j, acc, h)
		}
	},
	tileHalf: func(rows, k int, a []float32, as int, b []uint16, bs int, c [][]float32, off int, acc bool, h hint) {
		if rows < len(wideHalves256) {
			tiling(wideHalves256[:], rows, k, a, as, &b[0], bs*2, c, off, acc, h)
			return
		}
		for j := 0; j < panel; j += 16 {
			h = tiling256(&halves256, rows, k, a, as, &b[j], bs*2, c, off+j, acc, h)
		}
	},
	pack4: pack4AVX2,
	turn:  turnOf(turn256),
	widen: widenOf(widen256),
	unary: [unaries]func(dst, src []float32){
		uExp: unaryOf(exp256), uTanh: unaryOf(tanh256), uSigmoid: unaryOf(sigmoid256),
		uGELUNew: unaryOf(geluNew256), uGELU: unaryOf(gelu256),
	},
	softmax:     unaryOf(softmax256),
	geluNewBack: addOf(geluNewBack256),
	expSum:      withNumber(expSum256),
	maximum:     rowOf(maximum256),
	sum:         rowOf(sum256),
	dot:         dotOf(dot256),
	sqDev:       withNumber(sqDev256),
	axpy:        scaled(axpy256),
	scale:       scaled(scale256),
	add:         addOf(add256),
	norm:        normOf(norm256, normPlain256),
}

// tileFunc is a tile in assembly, of float32 or bf16.
type tileFunc[T any] = func(k int, a *float32, as int, b *T, bs int, c *[]float32, off int, flags int, next *float32, step int)

var tiles512 = [tileRows + 1]tileFunc[float32]{
	nil, tile512x1, tile512x2, tile512x3, tile512x4, tile512x5, tile512x6,
	tile512x7, tile512x8, tile512x9, tile512x10, tile512x11, tile512x12,
}

var halves512 = [tileRows + 1]tileFunc[uint16]{
	nil, tileHalf512x1, tileHalf512x2, tileHalf512x3, tileHalf512x4, tileHalf512x5, tileHalf512x6,
	tileHalf512x7, tileHalf512x8, tileHalf512x9, tileHalf512x10, tileHalf512x11, tileHalf512x12,
}

var tiles256 = [7]tileFunc[float32]{nil, tile256x1, tile256x2, tile256x3, tile256x4, tile256x5, tile256x6}

var halves256 = [7]tileFunc[uint16]{nil, tileHalf256x1, tileHalf256x2, tileHalf256x3, tileHalf256x4, tileHalf256x5, tileHalf256x6}

var wides256 = [4]tileFunc[float32]{nil, wide256x1, wide256x2, wide256x3}

var wideHalves256 = [4]tileFunc[uint16]{nil, wideHalf256x1, wideHalf256x2, wideHalf256x3}

// tiling calls the tile of that height, which has all columns; bs is in bytes.
func tiling[T any](tiles []tileFunc[T], rows, k int, a []float32, as int, b *T, bs int, c [][]float32, off int, acc bool, h hint) {
	next := &a[0] // something
	if h.step > 0 {
		next = &h.b[0]
	}
	tiles[rows](k, &a[0], as*4, b, bs, &c[0], off*4, h.flags(acc), next, h.step)
}

// flags are those of the assembly.
func (h hint) flags(acc bool) int {
	f := 0
	if acc {
		f = 1
	}
	if h.rows {
		f |= 2
	}
	return f
}

// tiling256 covers 16 columns with tiles of at most 6 rows. Once the first has fetched what comes next,
// the hint is used up.
func tiling256[T any](tiles *[7]tileFunc[T], rows, k int, a []float32, as int, b *T, bs int, c [][]float32, off int, acc bool, h hint) hint {
	for r := 0; r < rows; {
		n := rows - r
		if n > 6 {
			n = min(6, (n+1)/2)
		}
		next := &a[0]
		if h.step > 0 {
			next = &h.b[0]
		}
		tiles[n](k, &a[r], as*4, b, bs, &c[r], off*4, hint{}.flags(acc), next, h.step)
		h = hint{}
		r += n
	}
	return h
}

func pack4AVX2(dst []float32, ld int, s0, s1, s2, s3 []float32) {
	n := len(s0) &^ 7
	if n > 0 {
		pack4AVX(&dst[0], ld*4, &s0[0], &s1[0], &s2[0], &s3[0], n)
	}
	if n < len(s0) {
		pack4Generic(dst[n*ld:], ld, s0[n:], s1[n:], s2[n:], s3[n:])
	}
}

// The functions below turn slices into what the assembly takes. Rows may be empty.

func unaryOf(f func(dst, src *float32, n int)) func(dst, src []float32) {
	return func(dst, src []float32) {
		if len(src) > 0 {
			f(&dst[0], &src[0], len(src))
		}
	}
}

func turnOf(f func(dst, src *float32, ld int)) func(dst, src []float32, ld int) {
	return func(dst, src []float32, ld int) {
		_, _ = dst[panel*panel-1], src[(panel-1)*ld+panel-1]
		f(&dst[0], &src[0], ld*4)
	}
}

func widenOf(f func(dst *float32, src *uint16, n int)) func(dst []float32, src []uint16) {
	return func(dst []float32, src []uint16) {
		n := len(src) &^ 31
		if n > 0 {
			f(&dst[0], &src[0], n)
		}
		widenGeneric(dst[n:], src[n:])
	}
}

func rowOf(f func(x *float32, n int) float32) func(x []float32) float32 {
	var none float32
	return func(x []float32) float32 {
		if len(x) == 0 {
			return f(&none, 0)
		}
		return f(&x[0], len(x))
	}
}

func withNumber(f func(x *float32, a float32, n int) float32) func(x []float32, a float32) float32 {
	return func(x []float32, a float32) float32 {
		if len(x) == 0 {
			return 0
		}
		return f(&x[0], a, len(x))
	}
}

func dotOf(f func(x, y *float32, n int) float32) func(x, y []float32) float32 {
	return func(x, y []float32) float32 {
		if len(x) == 0 {
			return 0
		}
		return f(&x[0], &y[0], len(x))
	}
}

func scaled(f func(dst *float32, a float32, x *float32, n int)) func(dst []float32, a float32, x []float32) {
	return func(dst []float32, a float32, x []float32) {
		if len(x) > 0 {
			f(&dst[0], a, &x[0], len(x))
		}
	}
}

func addOf(f func(dst, x, y *float32, n int)) func(dst, x, y []float32) {
	return func(dst, x, y []float32) {
		if len(x) > 0 {
			f(&dst[0], &x[0], &y[0], len(x))
		}
	}
}

func normOf(f func(dst, x *float32, mean, scale float32, w, b *float32, n int), plain func(dst, x *float32, mean, scale float32, w *float32, n int)) func(dst, x []float32, mean, scale float32, w, b []float32) {
	return func(dst, x []float32, mean, scale float32, w, b []float32) {
		switch {
		case len(x) == 0:
		case b == nil:
			plain(&dst[0], &x[0], mean, scale, &w[0], len(x))
		default:
			f(&dst[0], &x[0], mean, scale, &w[0], &b[0], len(x))
		}
	}
}
