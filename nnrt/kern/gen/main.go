// Command gen writes the assembly of package kern. Run it in this folder:
//
//	go run . -out ../asm_amd64.s -stubs ../asm_amd64.go -pkg kern
//
// Every kernel is written once and made for both widths, so that the two cannot differ in what they
// round. Sums along a row keep 16 lanes at either width: one ZMM register or two YMM.
package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

func main() {
	ConstraintExpr("amd64")
	tiles()
	pack4()
	for _, w := range []width{{512, 64}, {256, 32}} {
		w.turn()
		w.elementwise()
		w.reductions()
		w.softmax()
	}
	TEXT("pause", NOSPLIT, "func()")
	Doc("pause tells the processor that this is a loop of waiting.")
	PAUSE()
	RET()
	Generate()
}

// width is the width of the registers.
type width struct {
	bits  int
	bytes int
}

func (w width) wide() bool { return w.bits == 512 }

// numbers is how many fit a register.
func (w width) numbers() int { return w.bytes / 4 }

// name is a kernel's name at this width.
func (w width) name(s string) string {
	if w.wide() {
		return s + "512"
	}
	return s + "256"
}

func (w width) vec() VecVirtual {
	if w.wide() {
		return ZMM()
	}
	return YMM()
}

// zero is a register of zeros.
func (w width) zero() VecVirtual {
	v := w.vec()
	w.clear(v)
	return v
}

func (w width) clear(v VecVirtual) {
	if w.wide() {
		VPXORD(v, v, v)
	} else {
		VXORPS(v, v, v)
	}
}

// xor is out = a ^ b; b may be memory.
func (w width) xor(b Op, a, out VecVirtual) {
	if w.wide() {
		VPXORD(b, a, out)
	} else {
		VPXOR(b, a, out)
	}
}

func (w width) and(b Op, a, out VecVirtual) {
	if w.wide() {
		VPANDD(b, a, out)
	} else {
		VPAND(b, a, out)
	}
}

// below chooses yes where x < limit, else no.
func (w width) below(x VecVirtual, limit Op, yes, no, out VecVirtual) {
	w.choose(0x11, limit, x, yes, no, out)
}

// unlessNumber chooses yes where x is not a number, else no.
func (w width) unlessNumber(x, yes, no, out VecVirtual) { w.choose(3, x, x, yes, no, out) }

// choose chooses yes where x compares so with y, else no.
func (w width) choose(compare uint64, y Op, x, yes, no, out VecVirtual) {
	if w.wide() {
		k := K()
		VCMPPS(Imm(compare), y, x, k)
		VBLENDMPS(yes, no, k, out)
		return
	}
	m := w.vec()
	VCMPPS(Imm(compare), y, x, m)
	VBLENDVPS(m, yes, no, out)
}

// broadcast loads one number into all lanes.
func (w width) broadcast(from Op) VecVirtual {
	v := w.vec()
	VBROADCASTSS(from, v)
	return v
}

var constants = map[string]Mem{}

// bits is 16 copies of a word in memory.
func word(name string, bits uint32) Mem {
	if m, ok := constants[name]; ok {
		return m
	}
	m := GLOBL("const_"+name, 8|16) // RODATA|NOPTR
	for i := range 16 {
		DATA(i*4, U32(bits))
	}
	constants[name] = m
	return m
}

// number is 16 copies of a float32 in memory.
func number(name string, v float64) Mem { return word(name, math.Float32bits(float32(v))) }

// maskTable is 16 words of ones and 16 of zeros.
func maskTable() Mem {
	if m, ok := constants["mask"]; ok {
		return m
	}
	m := GLOBL("const_mask", 8|16)
	for i := range 32 {
		v := uint32(0xffffffff)
		if i >= 16 {
			v = 0
		}
		DATA(i*4, U32(v))
	}
	constants["mask"] = m
	return m
}
