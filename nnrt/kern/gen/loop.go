package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// span is a part of a row that a body works on: whole registers, or the masked rest.
type span struct {
	w    width
	tail bool
	k    OpmaskVirtual // 512: the mask
	m    VecVirtual    // 256: the mask
}

// load reads a register; what is beyond the end is 0.
func (s span) load(from Mem) VecVirtual {
	v := s.w.vec()
	switch {
	case !s.tail:
		VMOVUPS(from, v)
	case s.w.wide():
		VMOVUPS_Z(from, s.k, v)
	default:
		VMASKMOVPS(from, s.m, v)
	}
	return v
}

// loadOr reads a register; what is beyond the end is fill.
func (s span) loadOr(from Mem, fill Mem) VecVirtual {
	v := s.w.vec()
	switch {
	case !s.tail:
		VMOVUPS(from, v)
	case s.w.wide():
		VMOVUPS(fill, v)
		VMOVUPS(from, s.k, v)
	default:
		f := s.w.vec()
		VMOVUPS(fill, f)
		VMASKMOVPS(from, s.m, v)
		VBLENDVPS(s.m, v, f, v)
	}
	return v
}

// keep makes 0 of what is beyond the end.
func (s span) keep(v VecVirtual) {
	switch {
	case !s.tail:
	case s.w.wide():
		VMOVAPS_Z(v, s.k, v)
	default:
		VANDPS(s.m, v, v)
	}
}

func (s span) store(v VecVirtual, to Mem) {
	switch {
	case !s.tail:
		VMOVUPS(v, to)
	case s.w.wide():
		VMOVUPS(v, s.k, to)
	default:
		VMASKMOVPS(v, s.m, to)
	}
}

// each makes a loop over a row of n numbers, each numbers a turn (a register, or 16 lanes), and the
// masked rest. The body gets the number of the register within the turn and its place; n is used up.
func (w width) each(label string, n Register, numbers int, rows []Register, body func(s span, part int, at func(row int) Mem)) {
	parts := numbers / w.numbers()
	turn := func(s func(part int) span) {
		for part := range parts {
			body(s(part), part, func(row int) Mem { return Mem{Base: rows[row], Disp: part * w.bytes} })
		}
	}
	SUBQ(Imm(uint64(numbers)), n)
	JL(LabelRef(label + "Rest"))
	Label(label)
	turn(func(int) span { return span{w: w} })
	for _, r := range rows {
		ADDQ(Imm(uint64(numbers*4)), r)
	}
	SUBQ(Imm(uint64(numbers)), n)
	JGE(LabelRef(label))
	Label(label + "Rest")
	ADDQ(Imm(uint64(numbers)), n)
	JZ(LabelRef(label + "End"))
	turn(w.masks(n))
	Label(label + "End")
}

// masks gives the masks of the n numbers that are left, by register.
func (w width) masks(n Register) func(part int) span {
	if w.wide() {
		ones, k := GP32(), K()
		MOVL(U32(0xffff), ones)
		BZHIL(n.(GPVirtual).As32(), ones, ones)
		KMOVW(ones, k)
		return func(int) span { return span{w: w, tail: true, k: k} }
	}
	table, back := GP64(), GP64()
	LEAQ(maskTable(), table)
	MOVQ(n, back)
	NEGQ(back)
	return func(part int) span {
		m := w.vec()
		VMOVUPS(Mem{Base: table, Index: back, Scale: 4, Disp: 64 + part*w.bytes}, m)
		return span{w: w, tail: true, m: m}
	}
}

// fold combines 16 lanes: those 8, 4, 2 and 1 apart.
func (w width) fold(acc []VecVirtual, op func(ops ...Op)) VecVirtual {
	y, x, s := YMM(), XMM(), XMM()
	if w.wide() {
		VEXTRACTF64X4(Imm(1), acc[0], y)
		op(y, acc[0].AsY(), y)
	} else {
		op(acc[1], acc[0], y)
	}
	VEXTRACTF128(Imm(1), y, x)
	op(y.AsX(), x, x)
	VPERMILPS(Imm(0x4e), x, s)
	op(s, x, x)
	VPERMILPS(Imm(0xb1), x, s)
	op(s, x, x)
	return x
}

// lanes are 16 zeros.
func (w width) lanes() []VecVirtual {
	out := make([]VecVirtual, 16/w.numbers())
	for i := range out {
		out[i] = w.zero()
	}
	return out
}
