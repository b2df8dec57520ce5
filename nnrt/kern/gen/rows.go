package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

func pointer(name string) Register { return Load(Param(name), GP64()) }

// elementwise are the kernels that give a number for every number.
func (w width) elementwise() {
	for _, u := range []struct {
		name string
		f    func(VecVirtual)
	}{{"exp", w.exp}, {"tanh", w.tanh}, {"sigmoid", w.sigmoid}, {"geluNew", w.geluNew}, {"gelu", w.gelu}} {
		w.over(u.name, "func(dst, src *float32, n int)", []string{"dst", "src"}, func() func(span, func(int) Mem) {
			return func(s span, at func(int) Mem) {
				x := s.load(at(1))
				u.f(x)
				s.store(x, at(0))
			}
		})
	}
	w.over("geluNewBack", "func(dx, x, dy *float32, n int)", []string{"dx", "x", "dy"}, func() func(span, func(int) Mem) {
		return func(s span, at func(int) Mem) {
			x := s.load(at(1))
			w.geluNewBack(x)
			VMULPS(s.load(at(2)), x, x)
			dx := s.load(at(0))
			VADDPS(x, dx, dx)
			s.store(dx, at(0))
		}
	})
	w.over("add", "func(dst, x, y *float32, n int)", []string{"dst", "x", "y"}, func() func(span, func(int) Mem) {
		return func(s span, at func(int) Mem) {
			x, y := s.load(at(1)), s.load(at(2))
			VADDPS(y, x, x)
			s.store(x, at(0))
		}
	})
	w.over("scale", "func(dst *float32, a float32, x *float32, n int)", []string{"dst", "x"}, func() func(span, func(int) Mem) {
		a := w.broadcast(NewParamAddr("a", 8))
		return func(s span, at func(int) Mem) {
			x := s.load(at(1))
			VMULPS(a, x, x)
			s.store(x, at(0))
		}
	})
	w.over("axpy", "func(y *float32, a float32, x *float32, n int)", []string{"y", "x"}, func() func(span, func(int) Mem) {
		a := w.broadcast(NewParamAddr("a", 8))
		return func(s span, at func(int) Mem) {
			y, x := s.load(at(0)), s.load(at(1))
			VFMADD231PS(a, x, y)
			s.store(y, at(0))
		}
	})
	w.norm("norm", "func(dst, x *float32, mean, scale float32, w, b *float32, n int)", "dst", "x", "w", "b")
	w.norm("normPlain", "func(dst, x *float32, mean, scale float32, w *float32, n int)", "dst", "x", "w")
	w.widen()
}

// over makes a kernel that walks rows in step.
func (w width) over(name, signature string, rows []string, body func() func(span, func(int) Mem)) {
	TEXT(w.name(name), NOSPLIT, signature)
	var at []Register
	for _, r := range rows {
		at = append(at, pointer(r))
	}
	n := Load(Param("n"), GP64())
	f := body()
	w.each("loop", n, w.numbers(), at, func(s span, _ int, at func(int) Mem) { f(s, at) })
	VZEROUPPER()
	RET()
}

// norm is (x - mean) / scale * w, and + b.
func (w width) norm(name, signature string, rows ...string) {
	w.over(name, signature, rows, func() func(span, func(int) Mem) {
		mean, scale := w.broadcast(NewParamAddr("mean", 16)), w.broadcast(NewParamAddr("scale", 20))
		return func(s span, at func(int) Mem) {
			x, g := s.load(at(1)), s.load(at(2))
			VSUBPS(mean, x, x)
			VDIVPS(scale, x, x)
			VMULPS(g, x, x)
			if len(rows) == 4 {
				VADDPS(s.load(at(3)), x, x)
			}
			s.store(x, at(0))
		}
	})
}

// widen makes float32 of bf16, n a multiple of 32.
func (w width) widen() {
	TEXT(w.name("widen"), NOSPLIT, "func(dst *float32, src *uint16, n int)")
	dst, src, n := pointer("dst"), pointer("src"), pointer("n")
	Label("loop")
	for i := range 2 {
		x := w.vec()
		VPMOVZXWD(Mem{Base: src, Disp: i * w.bytes / 2}, x)
		VPSLLD(Imm(16), x, x)
		VMOVUPS(x, Mem{Base: dst, Disp: i * w.bytes})
	}
	ADDQ(Imm(uint64(w.bytes)), src)
	ADDQ(U32(uint32(2*w.bytes)), dst)
	SUBQ(Imm(uint64(2*w.numbers())), n)
	JNZ(LabelRef("loop"))
	VZEROUPPER()
	RET()
}

// reductions are the kernels that give one number for a row, in 16 lanes.
func (w width) reductions() {
	w.reduce("sum", "func(x *float32, n int) float32", []string{"x"}, func(acc []VecVirtual) func(span, int, func(int) Mem) {
		return func(s span, part int, at func(int) Mem) {
			VADDPS(s.load(at(0)), acc[part], acc[part])
		}
	})
	w.reduce("dot", "func(x, y *float32, n int) float32", []string{"x", "y"}, func(acc []VecVirtual) func(span, int, func(int) Mem) {
		return func(s span, part int, at func(int) Mem) {
			x, y := s.load(at(0)), s.load(at(1))
			VFMADD231PS(y, x, acc[part])
		}
	})
	w.reduce("sqDev", "func(x *float32, mean float32, n int) float32", []string{"x"}, func(acc []VecVirtual) func(span, int, func(int) Mem) {
		mean := w.broadcast(NewParamAddr("mean", 8))
		return func(s span, part int, at func(int) Mem) {
			x := s.load(at(0))
			VSUBPS(mean, x, x)
			s.keep(x)
			VFMADD231PS(x, x, acc[part])
		}
	})
	w.reduce("expSum", "func(x *float32, shift float32, n int) float32", []string{"x"}, func(acc []VecVirtual) func(span, int, func(int) Mem) {
		shift := w.broadcast(NewParamAddr("shift", 8))
		return func(s span, part int, at func(int) Mem) {
			x := s.loadOr(at(0), word("minusInf", 0xff800000))
			VSUBPS(shift, x, x)
			w.exp(x)
			VADDPS(x, acc[part], acc[part])
		}
	})
	TEXT(w.name("maximum"), NOSPLIT, "func(x *float32, n int) float32")
	Store(w.maximum(pointer("x"), pointer("n")).AsX(), ReturnIndex(0))
	VZEROUPPER()
	RET()
}

func (w width) reduce(name, signature string, rows []string, body func(acc []VecVirtual) func(span, int, func(int) Mem)) {
	TEXT(w.name(name), NOSPLIT, signature)
	var at []Register
	for _, r := range rows {
		at = append(at, pointer(r))
	}
	n := pointer("n")
	acc := w.lanes()
	w.each("loop", n, 16, at, body(acc))
	Store(w.fold(acc, VADDPS), ReturnIndex(0))
	VZEROUPPER()
	RET()
}

// maximum skips NaN: MAX gives its second operand then, which is what was found so far.
func (w width) maximum(x, n Register) VecVirtual {
	acc := w.lanes()
	for _, a := range acc {
		VMOVUPS(word("minusInf", 0xff800000), a)
	}
	w.each("max", n, 16, []Register{x}, func(s span, part int, at func(int) Mem) {
		v := s.loadOr(at(0), word("minusInf", 0xff800000))
		VMAXPS(acc[part], v, acc[part])
	})
	return w.fold(acc, VMAXPS)
}

// softmax is e^(x - max) over its sum.
func (w width) softmax() {
	TEXT(w.name("softmax"), NOSPLIT, "func(dst, src *float32, n int)")
	Doc(w.name("softmax") + " normalises e^x; dst may be src.")
	top := w.maximum(pointer("src"), pointer("n"))
	shift := w.vec()
	VBROADCASTSS(top, shift)
	acc := w.lanes()
	w.each("exp", pointer("n"), 16, []Register{pointer("dst"), pointer("src")}, func(s span, part int, at func(int) Mem) {
		x := s.loadOr(at(1), word("minusInf", 0xff800000))
		VSUBPS(shift, x, x)
		w.exp(x)
		s.store(x, at(0))
		VADDPS(x, acc[part], acc[part])
	})
	sum, r := w.fold(acc, VADDPS), w.vec()
	VBROADCASTSS(sum, r)
	one := w.vec()
	VMOVUPS(number("one", 1), one)
	VDIVPS(r, one, r)
	w.each("scale", pointer("n"), w.numbers(), []Register{pointer("dst")}, func(s span, _ int, at func(int) Mem) {
		x := s.load(at(0))
		VMULPS(r, x, x)
		s.store(x, at(0))
	})
	VZEROUPPER()
	RET()
}
