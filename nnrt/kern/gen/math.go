package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// exp is x = e^x: 2^n times a polynomial of the rest (the coefficients of Cephes' expf). 2^n is
// multiplied in two halves, so that results below the normal numbers are rounded once and not lost;
// NaN stays, since MIN and MAX give their second operand then.
func (w width) exp(x VecVirtual) {
	t, p := w.vec(), w.vec()
	VMOVUPS(number("expHi", 89), t)
	VMINPS(x, t, x)
	VMOVUPS(number("expLo", -104), t)
	VMAXPS(x, t, x)
	VMULPS(number("log2e", 1.44269504088896340736), x, t)
	if w.wide() {
		VRNDSCALEPS(Imm(8), t, t)
	} else {
		VROUNDPS(Imm(8), t, t)
	}
	VFNMADD231PS(number("ln2hi", 0.693359375), t, x)
	VFNMADD231PS(number("ln2lo", -2.12194440e-4), t, x)
	VMOVUPS(number("exp7", 1.9875691500e-4), p)
	for _, c := range []struct {
		name string
		v    float64
	}{
		{"exp6", 1.3981999507e-3}, {"exp5", 8.3334519073e-3}, {"exp4", 4.1665795894e-2},
		{"exp3", 1.6666665459e-1}, {"half", 0.5}, {"one", 1}, {"one", 1},
	} {
		VFMADD213PS(number(c.name, c.v), x, p)
	}
	n, half := w.vec(), w.vec()
	VCVTPS2DQ(t, n)
	VPSRAD(Imm(1), n, half)
	VPSUBD(half, n, n)
	for _, e := range []VecVirtual{half, n} {
		VPADDD(word("bias", 127), e, e)
		VPSLLD(Imm(23), e, e)
		VMULPS(e, p, p)
	}
	w.move(p, x)
}

func (w width) move(from, to VecVirtual) {
	VMOVAPS(from, to)
}

func (w width) negate(x VecVirtual) { w.xor(word("sign", 0x80000000), x, x) }

// inverse is x = num / (1 + e^-x).
func (w width) inverse(x VecVirtual, num Op) {
	w.negate(x)
	w.exp(x)
	VADDPS(number("one", 1), x, x)
	n := w.vec()
	VMOVUPS(num, n)
	VDIVPS(x, n, x)
}

func (w width) sigmoid(x VecVirtual) { w.inverse(x, number("one", 1)) }

// geluNew is x sigmoid(a x + b x^3).
func (w width) geluNew(x VecVirtual) {
	const a = 2 * 0.79788456080286535588
	o, y := w.vec(), w.vec()
	w.move(x, o)
	VMULPS(x, x, x)
	VMOVUPS(number("geluB", a*0.044715), y)
	VFMADD213PS(number("geluA", a), x, y)
	VMULPS(o, y, x)
	w.inverse(x, o)
}

// geluNewBack gives the slope of geluNew, s + x s (1 - s) u' with s = sigmoid(u), in x. Where x is too
// large for it, it is 0 or 1. A product is rounded before it is added, as in plain Go.
func (w width) geluNewBack(x VecVirtual) {
	const a = 2 * 0.79788456080286535588
	v2, s, g, t := w.vec(), w.vec(), w.vec(), w.vec()
	VMULPS(x, x, v2)
	VMULPS(number("geluB", a*0.044715), v2, s)
	VADDPS(number("geluA", a), s, s)
	VMULPS(x, s, s)
	w.sigmoid(s)
	VMULPS(number("gelu3B", 3*a*0.044715), v2, v2)
	VADDPS(number("geluA", a), v2, v2)
	VMOVUPS(number("one", 1), g)
	VSUBPS(s, g, g)
	VMULPS(s, g, g)
	VMULPS(x, g, g)
	VMULPS(v2, g, g)
	VADDPS(g, s, g)
	zero := w.zero()
	VMOVUPS(number("one", 1), t)
	w.below(x, zero, zero, t, t)
	w.unlessNumber(g, t, g, g)
	w.unlessNumber(x, x, g, x)
}

// tanh is Cephes' tanhf: a polynomial near 0, where 1 - 2/(e^2x + 1) would lose digits.
func (w width) tanh(x VecVirtual) {
	big, t, s, p := w.vec(), w.vec(), w.vec(), w.vec()
	w.and(word("abs", 0x7fffffff), x, t)
	VADDPS(t, t, big)
	w.exp(big)
	VADDPS(number("one", 1), big, big)
	VMOVUPS(number("two", 2), s)
	VDIVPS(big, s, big)
	VMOVUPS(number("one", 1), s)
	VSUBPS(big, s, big)
	w.and(word("sign", 0x80000000), x, s)
	w.xor(s, big, big)
	VMULPS(x, x, s)
	VMOVUPS(number("tanh4", -5.70498872745e-3), p)
	VFMADD213PS(number("tanh3", 2.06390887954e-2), s, p)
	VFMADD213PS(number("tanh2", -5.37397155531e-2), s, p)
	VFMADD213PS(number("tanh1", 1.33314422036e-1), s, p)
	VFMADD213PS(number("tanh0", -3.33332819422e-1), s, p)
	VMULPS(s, p, p)
	VFMADD213PS(x, x, p)
	w.below(t, number("tanhAt", 0.625), p, big, x)
}

// gelu is x/2 (1 + erf(x/sqrt 2)). Near 0 erf is an odd polynomial; further out 1 - erf of the
// absolute value is e to a polynomial, which keeps the digits of the left tail.
func (w width) gelu(x VecVirtual) {
	a, t, s, h := w.vec(), w.vec(), w.vec(), w.vec()
	VMULPS(number("sqrtHalf", 0.70710678118654752440), x, a)
	VMULPS(number("half", 0.5), x, h)
	w.and(word("abs", 0x7fffffff), a, t)
	VMULPS(a, a, s)

	e, u := w.vec(), w.vec()
	VMOVUPS(number("erfc7", -1.72853470e-5), e)
	VFMADD213PS(number("erfc6", 3.83197126e-4), t, e)
	VMOVUPS(number("erfc5", -3.88396438e-3), u)
	VFMADD213PS(number("erfc4", 2.42546219e-2), t, u)
	VFMADD213PS(u, s, e)
	VFMADD213PS(number("erfc3", -1.06777877e-1), t, e)
	VFMADD213PS(number("erfc2", -6.34846687e-1), t, e)
	VFMADD213PS(number("erfc1", -1.28717512e-1), t, e)
	VFMSUB213PS(t, t, e)
	w.exp(e)
	VMOVUPS(number("two", 2), u)
	VSUBPS(e, u, u)
	w.below(x, number("zero", 0), e, u, e)
	VMULPS(h, e, e)

	p := w.vec()
	VMOVUPS(number("erf5", -5.96761703e-4), p)
	VFMADD213PS(number("erf4", 4.99119423e-3), s, p)
	VFMADD213PS(number("erf3", -2.67681349e-2), s, p)
	VFMADD213PS(number("erf2", 1.12819925e-1), s, p)
	VFMADD213PS(number("erf1", -3.76125336e-1), s, p)
	VFMADD213PS(number("erf0", 1.28379166e-1), s, p)
	VFMADD213PS(a, a, p)
	VFMADD213PS(h, h, p)
	w.below(t, number("erfAt", 0.927734375), p, e, x)
}
