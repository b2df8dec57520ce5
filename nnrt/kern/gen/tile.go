package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// tiles are the inner loops of products: 1 to 12 rows x 32 columns in ZMM registers, 1 to 6 rows x 16
// columns in YMM, two registers of columns either way; and 1 to 3 rows x 32 columns in YMM, for B that is
// read once.
func tiles() {
	for _, half := range []bool{false, true} {
		for rows := 1; rows <= 12; rows++ {
			width{512, 64}.tile("tile", rows, 2, half)
		}
		for rows := 1; rows <= 6; rows++ {
			width{256, 32}.tile("tile", rows, 2, half)
		}
		for rows := 1; rows <= 3; rows++ {
			width{256, 32}.tile("wide", rows, 4, half)
		}
	}
}

const unroll = 4

// tile sums c[r][j] = (c[r][j] or 0) + sum of a[k][r] b[k][j], k ascending, all strides in bytes. c
// points to slice headers, off is theirs in bytes. Bit 0 of flags says to start from c, bit 1 that the
// headers of as many rows follow, which the next call will use. step is how far next is read each k.
// A row has columns registers. Where half is set, b is of bf16 and is widened as it is read.
func (w width) tile(name string, rows, columns int, half bool) {
	number, of := "float32", ""
	if half {
		name, number, of = name+"Half", "uint16", " of bf16"
	}
	name = fmt.Sprintf("%sx%d", w.name(name), rows)
	TEXT(name, NOSPLIT, "func(k int, a *float32, as int, b *"+number+", bs int, c *[]float32, off int, flags int, next *float32, step int)")
	Doc(fmt.Sprintf("%s is a tile of %d rows of %d columns%s.", name, rows, columns*w.numbers(), of))
	sum := make([][]VecVirtual, rows)
	for r := range sum {
		for range columns {
			sum[r] = append(sum[r], w.zero())
		}
	}
	flags := Load(Param("flags"), GP64())
	TESTQ(U32(1), flags)
	JZ(LabelRef("sums"))
	w.rows(0, rows, columns, func(r, j int, at Mem) { VMOVUPS(at, sum[r][j]) })
	Label("sums")
	TESTQ(U32(2), flags)
	JZ(LabelRef("start"))
	w.rows(rows, rows, columns, func(r, j int, at Mem) {
		if j*w.bytes%64 == 0 {
			PREFETCHT0(at)
		}
	})
	Label("start")

	k := Load(Param("k"), GP64())
	a, as := Load(Param("a"), GP64()), Load(Param("as"), GP64())
	b, bs := Load(Param("b"), GP64()), Load(Param("bs"), GP64())
	next, pace := Load(Param("next"), GP64()), Load(Param("step"), GP64())
	as3, bs3 := GP64(), GP64()
	LEAQ(Mem{Base: as, Index: as, Scale: 2}, as3)
	LEAQ(Mem{Base: bs, Index: bs, Scale: 2}, bs3)
	step := func(u int) {
		at := func(base, s, s3 Register, disp int) Mem {
			switch u {
			case 0:
				return Mem{Base: base, Disp: disp}
			case 3:
				return Mem{Base: base, Index: s3, Scale: 1, Disp: disp}
			}
			return Mem{Base: base, Index: s, Scale: uint8(u), Disp: disp}
		}
		load := func(j int) VecVirtual {
			v := w.vec()
			if half {
				VPMOVZXWD(at(b, bs, bs3, j*w.bytes/2), v)
				VPSLLD(Imm(16), v, v)
			} else {
				VMOVUPS(at(b, bs, bs3, j*w.bytes), v)
			}
			return v
		}
		if columns > 2 { // a register for every row, one for b
			var av []VecVirtual
			for r := range sum {
				av = append(av, w.broadcast(at(a, as, as3, r*4)))
			}
			for j := range columns {
				bv := load(j)
				for r := range sum {
					VFMADD231PS(bv, av[r], sum[r][j])
				}
			}
			return
		}
		bv := []VecVirtual{load(0), load(1)}
		for r := range sum {
			av := w.broadcast(at(a, as, as3, r*4))
			for j := range bv {
				VFMADD231PS(bv[j], av, sum[r][j])
			}
		}
	}
	SUBQ(Imm(unroll), k)
	JL(LabelRef("rest"))
	Label("four")
	for u := range unroll {
		PREFETCHT1(Mem{Base: next})
		PREFETCHT1(Mem{Base: next, Disp: 64})
		ADDQ(pace, next)
		step(u)
	}
	LEAQ(Mem{Base: a, Index: as, Scale: 4}, a)
	LEAQ(Mem{Base: b, Index: bs, Scale: 4}, b)
	SUBQ(Imm(unroll), k)
	JGE(LabelRef("four"))
	Label("rest")
	ADDQ(Imm(unroll), k)
	JZ(LabelRef("store"))
	Label("one")
	step(0)
	ADDQ(as, a)
	ADDQ(bs, b)
	DECQ(k)
	JNZ(LabelRef("one"))
	Label("store")
	w.rows(0, rows, columns, func(r, j int, at Mem) { VMOVUPS(sum[r][j], at) })
	VZEROUPPER()
	RET()
}

// rows calls f with the address of every register of the tile in c, rows from from on.
func (w width) rows(from, rows, columns int, f func(r, j int, at Mem)) {
	c, off := Load(Param("c"), GP64()), Load(Param("off"), GP64())
	for r := range rows {
		row := GP64()
		MOVQ(Mem{Base: c, Disp: 24 * (from + r)}, row)
		for j := range columns {
			f(r, j, Mem{Base: row, Index: off, Scale: 1, Disp: j * w.bytes})
		}
	}
}

// pack4 writes four rows of n numbers, n a multiple of 8, as n groups of four, ld bytes apart.
func pack4() {
	TEXT("pack4AVX", NOSPLIT, "func(dst *float32, ld int, s0, s1, s2, s3 *float32, n int)")
	Doc("pack4AVX transposes four rows of n numbers.")
	dst, ld := Load(Param("dst"), GP64()), Load(Param("ld"), GP64())
	var src [4]Register
	for i := range src {
		src[i] = Load(Param(fmt.Sprintf("s%d", i)), GP64())
	}
	n := Load(Param("n"), GP64())
	i, ld3, far := GP64(), GP64(), GP64()
	XORQ(i, i)
	LEAQ(Mem{Base: ld, Index: ld, Scale: 2}, ld3)
	Label("loop")
	var x, t, r [4]VecVirtual
	for q := range x {
		x[q], t[q], r[q] = YMM(), YMM(), YMM()
		VMOVUPS(Mem{Base: src[q], Index: i, Scale: 4}, x[q])
	}
	VUNPCKLPS(x[1], x[0], t[0])
	VUNPCKHPS(x[1], x[0], t[1])
	VUNPCKLPS(x[3], x[2], t[2])
	VUNPCKHPS(x[3], x[2], t[3])
	VUNPCKLPD(t[2], t[0], r[0])
	VUNPCKHPD(t[2], t[0], r[1])
	VUNPCKLPD(t[3], t[1], r[2])
	VUNPCKHPD(t[3], t[1], r[3])
	LEAQ(Mem{Base: dst, Index: ld, Scale: 4}, far)
	at := func(base Register, q int) Mem {
		switch q {
		case 0:
			return Mem{Base: base}
		case 3:
			return Mem{Base: base, Index: ld3, Scale: 1}
		}
		return Mem{Base: base, Index: ld, Scale: uint8(q)}
	}
	for q := range r {
		VMOVUPS(r[q].AsX(), at(dst, q))
		VEXTRACTF128(Imm(1), r[q], at(far, q))
	}
	LEAQ(Mem{Base: far, Index: ld, Scale: 4}, dst)
	ADDQ(Imm(8), i)
	CMPQ(i, n)
	JL(LabelRef("loop"))
	VZEROUPPER()
	RET()
}

// turn transposes a square of 32 x 32 numbers, the rows of src ld bytes apart, those of dst 128. Rows
// four apart go side by side into a register, so that what is left is to transpose 4 x 4.
func (w width) turn() {
	const side = 32
	TEXT(w.name("turn"), NOSPLIT, "func(dst, src *float32, ld int)")
	Doc(w.name("turn") + " transposes a square of 32 x 32 numbers.")
	dst, src, ld := Load(Param("dst"), GP64()), Load(Param("src"), GP64()), Load(Param("ld"), GP64())
	ld3, n := GP64(), GP64()
	LEAQ(Mem{Base: ld, Index: ld, Scale: 2}, ld3)
	quads := make([]Register, w.bytes/16) // rows 0, 4 and so on
	for i := range quads {
		quads[i] = GP64()
	}
	row := func(i, r, col int) Mem {
		switch r {
		case 0:
			return Mem{Base: quads[i], Disp: col * 4}
		case 3:
			return Mem{Base: quads[i], Index: ld3, Scale: 1, Disp: col * 4}
		}
		return Mem{Base: quads[i], Index: ld, Scale: uint8(r), Disp: col * 4}
	}
	next := GP64()
	MOVQ(src, next)
	rows, to := GP64(), GP64()
	MOVQ(U32(uint32(side/w.numbers())), rows)
	Label("rows")
	for i := range quads {
		MOVQ(next, quads[i])
		LEAQ(Mem{Base: next, Index: ld, Scale: 4}, next)
	}
	MOVQ(dst, to)
	MOVQ(U32(side/4), n)
	Label("columns")
	var x, t [4]VecVirtual
	for r := range x {
		x[r], t[r] = w.vec(), w.vec()
		VMOVUPS(row(0, r, 0), x[r].AsX())
		for i := 1; i < len(quads); i++ {
			if w.wide() {
				VINSERTF32X4(Imm(uint64(i)), row(i, r, 0), x[r], x[r])
			} else {
				VINSERTF128(Imm(uint64(i)), row(i, r, 0), x[r], x[r])
			}
		}
	}
	VUNPCKLPS(x[1], x[0], t[0])
	VUNPCKHPS(x[1], x[0], t[1])
	VUNPCKLPS(x[3], x[2], t[2])
	VUNPCKHPS(x[3], x[2], t[3])
	VUNPCKLPD(t[2], t[0], x[0])
	VUNPCKHPD(t[2], t[0], x[1])
	VUNPCKLPD(t[3], t[1], x[2])
	VUNPCKHPD(t[3], t[1], x[3])
	for j := range x {
		VMOVUPS(x[j], Mem{Base: to, Disp: j * side * 4})
	}
	ADDQ(U32(4*side*4), to)
	for i := range quads {
		ADDQ(Imm(16), quads[i])
	}
	DECQ(n)
	JNZ(LabelRef("columns"))
	ADDQ(Imm(uint64(w.bytes)), dst)
	DECQ(rows)
	JNZ(LabelRef("rows"))
	VZEROUPPER()
	RET()
}
