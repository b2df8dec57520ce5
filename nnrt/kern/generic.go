package kern

import "math"

// generic is the set of kernels in plain Go. A product is rounded before it is added, on every
// processor: float32(a*b) keeps the compiler from fusing.
var generic = impl{
	level:       Generic,
	tile:        tileGeneric,
	tileHalf:    widening(tileGeneric),
	pack4:       pack4Generic,
	turn:        turnGeneric,
	widen:       widenGeneric,
	unary:       unaryGeneric,
	softmax:     softmaxGeneric,
	geluNewBack: geluNewBackGeneric,
	expSum:      expSumGeneric,
	maximum:     maximumGeneric,
	sum:         sumGeneric,
	dot:         dotGeneric,
	sqDev:       sqDevGeneric,
	axpy:        axpyGeneric,
	scale:       scaleGeneric,
	add:         addGeneric,
	norm:        normGeneric,
}

// tileGeneric works in squares of 4 x 4, as many as fit the registers.
func tileGeneric(rows, k int, a []float32, as int, b []float32, bs int, c [][]float32, off int, acc bool, _ hint) {
	for r := 0; r < rows; r += 4 {
		for j := 0; j < panel; j += 4 {
			if r+4 <= rows {
				square(k, a[r:], as, b[j:], bs, c[r:r+4], off+j, acc)
				continue
			}
			for i := r; i < rows; i++ {
				line(k, a[i:], as, b[j:], bs, (*[4]float32)(c[i][off+j:]), acc)
			}
		}
	}
}

// widening makes tileHalf of a tile: it widens some rows of B at a time.
func widening(tile func(rows, k int, a []float32, as int, b []float32, bs int, c [][]float32, off int, acc bool, h hint)) func(rows, k int, a []float32, as int, b []uint16, bs int, c [][]float32, off int, acc bool, h hint) {
	return func(rows, k int, a []float32, as int, b []uint16, bs int, c [][]float32, off int, acc bool, _ hint) {
		const some = 32
		var wide [some * panel]float32
		for k0 := 0; k0 < k; k0 += some {
			n := min(some, k-k0)
			for i := range n {
				widenGeneric(wide[i*panel:(i+1)*panel], b[(k0+i)*bs:][:panel])
			}
			tile(rows, n, a[k0*as:], as, wide[:], panel, c, off, acc || k0 > 0, hint{})
		}
	}
}

func square(k int, a []float32, as int, b []float32, bs int, c [][]float32, off int, acc bool) {
	c0, c1, c2, c3 := (*[4]float32)(c[0][off:]), (*[4]float32)(c[1][off:]), (*[4]float32)(c[2][off:]), (*[4]float32)(c[3][off:])
	var s [4][4]float32
	if acc {
		s = [4][4]float32{*c0, *c1, *c2, *c3}
	}
	s00, s01, s02, s03 := s[0][0], s[0][1], s[0][2], s[0][3]
	s10, s11, s12, s13 := s[1][0], s[1][1], s[1][2], s[1][3]
	s20, s21, s22, s23 := s[2][0], s[2][1], s[2][2], s[2][3]
	s30, s31, s32, s33 := s[3][0], s[3][1], s[3][2], s[3][3]
	for i := range k {
		x, y := (*[4]float32)(a[i*as:]), (*[4]float32)(b[i*bs:])
		y0, y1, y2, y3 := y[0], y[1], y[2], y[3]
		v := x[0]
		s00 += float32(v * y0)
		s01 += float32(v * y1)
		s02 += float32(v * y2)
		s03 += float32(v * y3)
		v = x[1]
		s10 += float32(v * y0)
		s11 += float32(v * y1)
		s12 += float32(v * y2)
		s13 += float32(v * y3)
		v = x[2]
		s20 += float32(v * y0)
		s21 += float32(v * y1)
		s22 += float32(v * y2)
		s23 += float32(v * y3)
		v = x[3]
		s30 += float32(v * y0)
		s31 += float32(v * y1)
		s32 += float32(v * y2)
		s33 += float32(v * y3)
	}
	*c0, *c1 = [4]float32{s00, s01, s02, s03}, [4]float32{s10, s11, s12, s13}
	*c2, *c3 = [4]float32{s20, s21, s22, s23}, [4]float32{s30, s31, s32, s33}
}

func line(k int, a []float32, as int, b []float32, bs int, c *[4]float32, acc bool) {
	var s0, s1, s2, s3 float32
	if acc {
		s0, s1, s2, s3 = c[0], c[1], c[2], c[3]
	}
	for i := range k {
		v, y := a[i*as], (*[4]float32)(b[i*bs:])
		s0 += float32(v * y[0])
		s1 += float32(v * y[1])
		s2 += float32(v * y[2])
		s3 += float32(v * y[3])
	}
	*c = [4]float32{s0, s1, s2, s3}
}

func pack4Generic(dst []float32, ld int, s0, s1, s2, s3 []float32) {
	for i, x := range s0 {
		d := (*[4]float32)(dst[i*ld:])
		d[0], d[1], d[2], d[3] = x, s1[i], s2[i], s3[i]
	}
}

func turnGeneric(dst, src []float32, ld int) {
	for r := range panel {
		row := (*[panel]float32)(src[r*ld:])
		for c, x := range row {
			dst[c*panel+r] = x
		}
	}
}

// lanes are the 16 partial sums of a sum along a row.
type lanes [16]float32

// fold adds the lanes: i and i+8, then 4, 2, 1 apart.
func (l *lanes) fold() float32 {
	for d := 8; d > 0; d /= 2 {
		for i := range d {
			l[i] += l[i+d]
		}
	}
	return l[0]
}

func sumGeneric(x []float32) float32 {
	var l lanes
	for i, v := range x {
		l[i&15] += v
	}
	return l.fold()
}

func dotGeneric(x, y []float32) float32 {
	var l lanes
	for i, v := range x {
		l[i&15] += float32(v * y[i])
	}
	return l.fold()
}

func sqDevGeneric(x []float32, mean float32) float32 {
	var l lanes
	for i, v := range x {
		d := v - mean
		l[i&15] += float32(d * d)
	}
	return l.fold()
}

func expSumGeneric(x []float32, shift float32) float32 {
	var l lanes
	for i, v := range x {
		l[i&15] += exp(v - shift)
	}
	return l.fold()
}

// maximumGeneric skips what is not a number; -Inf if nothing is left.
func maximumGeneric(x []float32) float32 {
	m := float32(math.Inf(-1))
	for _, v := range x {
		if v > m {
			m = v
		}
	}
	return m
}

func softmaxGeneric(dst, x []float32) {
	m := maximumGeneric(x)
	var l lanes
	for i, v := range x {
		e := exp(v - m)
		dst[i] = e
		l[i&15] += e
	}
	r := 1 / l.fold()
	for i := range dst {
		dst[i] *= r
	}
}

func axpyGeneric(y []float32, a float32, x []float32) {
	for i, v := range x {
		y[i] += float32(a * v)
	}
}

func addGeneric(dst, x, y []float32) {
	for i, v := range x {
		dst[i] = v + y[i]
	}
}

func normGeneric(dst, x []float32, mean, scale float32, w, b []float32) {
	for i, v := range x {
		y := float32((v-mean)/scale) * w[i]
		if b != nil {
			y = float32(y) + b[i]
		}
		dst[i] = y
	}
}

func scaleGeneric(dst []float32, a float32, x []float32) {
	for i, v := range x {
		dst[i] = a * v
	}
}
