package tensor

import (
	"math"
)

// PairOp makes one number of two lines of numbers along an axis.
type PairOp uint8

// The operations on pairs of lines. KLDiv takes logits.
const (
	Dot PairOp = iota
	Cosine
	KLDiv
)

// line is one operand's numbers along an axis.
type line struct {
	x    []float32
	step int
	n    int
}

func (l line) at(i int) float64 { return float64(l.x[i*l.step]) }

var pairRows = [...]struct {
	name string
	f    func(a, b line) float64
}{
	Dot:    {"dot", dotLines},
	Cosine: {"cosine", cosineLines},
	KLDiv:  {"kl_div", klLines},
}

// String is the function's name in a script.
func (op PairOp) String() string { return pairRows[op].name }

// PairType is the type of Pair.
func PairType(op PairOp, a, b Type, axis []Ax) (Type, string, error) {
	p, err := planPair(a, b, axis)
	if err != nil {
		return Type{}, "", opError(op, err)
	}
	t, err := p.typeOf([]Type{a, b})
	return t, p.meet.Warning, opError(op, err)
}

// Pair makes one number of each two lines of numbers along an axis (none: the last), which goes;
// the other axes meet as in arithmetic. Sums run in order, in float64, and are rounded once.
//
//	a: [batch pos d], b: [d]; result: [batch pos]
func Pair(op PairOp, a, b *Array, axis []Ax) (*Array, error) {
	p, err := planPair(a.Type, b.Type, axis)
	if err != nil {
		return nil, opError(op, err)
	}
	out, err := p.run([]*Array{a, b}, pairRows[op].f)
	return out, opError(op, err)
}

// pairPlan is where the lines lie.
type pairPlan struct {
	meet Meeting
	axis int // of the result of the meeting
}

func planPair(a, b Type, axis []Ax) (p pairPlan, err error) {
	if p.meet, err = Meet(a, b); err != nil {
		return p, err
	}
	p.axis, err = lastOr(Type{Axes: p.meet.Axes, Dims: make([]int, len(p.meet.Axes))}, axis)
	return p, err
}

// infer drops the axis from the common shape.
func (p pairPlan) infer(ts []Type) (Type, error) {
	t, err := p.meet.shape(ts)
	if err != nil {
		return Type{}, err
	}
	return NewType(F32, dropAt(t.Axes, p.axis), dropAt(t.Dims, p.axis)), nil
}

// lifting is that of the meeting without the axis.
func (p pairPlan) lifting(ts []Type) (*lifting, error) {
	l, err := p.meet.lifting(ts)
	if err != nil {
		return nil, err
	}
	for i, k := range l.at {
		if k == p.axis {
			return nil, errf("over axis %s, on which the lengths of the rows depend", Type{Axes: p.meet.Axes}.axisText(k)).
				hint("pad(x, value) makes all rows one length")
		}
		if k > p.axis {
			l.at[i]--
		}
	}
	return l, nil
}

func (p pairPlan) typeOf(ts []Type) (Type, error) {
	if !anyRagged(ts) {
		return p.infer(ts)
	}
	l, err := p.lifting(ts)
	if err != nil {
		return Type{}, err
	}
	return l.typeOf(ts, p.infer)
}

func (p pairPlan) run(xs []*Array, f func(a, b line) float64) (*Array, error) {
	eval := func(out Type, xs []*Array) (*Array, error) { return p.eval(out, xs, f) }
	ts := types(xs)
	var out *Array
	if anyRagged(ts) {
		l, err := p.lifting(ts)
		if err != nil {
			return nil, err
		}
		if out, err = l.run(xs, p.infer, eval); err != nil {
			return nil, err
		}
	} else {
		t, err := p.infer(ts)
		if err != nil {
			return nil, err
		}
		if out, err = eval(t, xs); err != nil {
			return nil, err
		}
	}
	out.carry(xs...)
	return out, nil
}

func (p pairPlan) eval(out Type, xs []*Array, f func(a, b line) float64) (*Array, error) {
	whole, err := p.meet.shape(types(xs))
	if err != nil {
		return nil, err
	}
	a, b := xs[0].F32(), xs[1].F32()
	sa, sb := p.meet.Maps[0].steps(xs[0].Type), p.meet.Maps[1].steps(xs[1].Type)
	la := line{step: sa[p.axis], n: whole.Dims[p.axis]}
	lb := line{step: sb[p.axis], n: la.n}
	data := make([]float32, out.Size())
	walk(out.Dims, [][]int{dropAt(sa, p.axis), dropAt(sb, p.axis)}, func(s stretch) {
		for i := range s.n {
			la.x, lb.x = a[s.off[0]+i*s.step[0]:], b[s.off[1]+i*s.step[1]:]
			if la.n == 0 {
				la.x, lb.x = nil, nil
			}
			data[s.at+i] = float32(f(la, lb))
		}
	})
	return wrap(out, data), nil
}

func dotLines(a, b line) float64 {
	s := 0.0
	for i := range a.n {
		s += a.at(i) * b.at(i) // exact in float64
	}
	return s
}

// cosineLines is 0 where a side is all zeros, as in PyTorch.
func cosineLines(a, b line) float64 {
	den := math.Sqrt(dotLines(a, a)) * math.Sqrt(dotLines(b, b))
	if den == 0 {
		return 0
	}
	return dotLines(a, b) / den
}

// klLines is the sum of p (log p - log q) for logits; what has no probability under p adds nothing.
func klLines(a, b line) float64 {
	la, lb := a.logSum(), b.logSum()
	s := 0.0
	for i := range a.n {
		p := a.at(i) - la
		if e := math.Exp(p); e != 0 {
			s += float64(e * (p - (b.at(i) - lb)))
		}
	}
	return s
}

func (l line) logSum() float64 {
	top := math.Inf(-1)
	for i := range l.n {
		if v := l.at(i); v > top || v != v {
			top = v
		}
	}
	s := 0.0
	for i := range l.n {
		s += math.Exp(l.at(i) - top)
	}
	return top + math.Log(s)
}

// OuterType is the type of Outer.
func OuterType(a, b Type) (Type, error) {
	t, err := outerOp.typeOf(a, b)
	return t, opError(opName("outer"), err)
}

// Outer multiplies every number of a with every number of b.
//
//	a: [pos], b: [d]; result: [pos d]
func Outer(a, b *Array) (*Array, error) {
	out, err := outerOp.run(a, b)
	return out, opError(opName("outer"), err)
}

var outerOp = rowOp{
	infer: func(ts []Type) (Type, error) {
		a, b := ts[0], ts[1]
		if a.Size() > 0 && b.Size() > 1<<40/a.Size() {
			return Type{}, errf("%s and %s make too many numbers", a, b)
		}
		dt, err := Mul.resultType(a.DT, b.DT)
		return NewType(dt, append(append([]string{}, a.Axes...), b.Axes...), append(append([]int{}, a.Dims...), b.Dims...)), err
	},
	eval: func(out Type, xs []*Array) (*Array, error) {
		n := xs[0].Rank()
		steps := [][]int{make([]int, out.Rank()), make([]int, out.Rank())}
		copy(steps[0], strides(xs[0].Dims))
		copy(steps[1][n:], strides(xs[1].Dims))
		return Mul.eval(out, xs[0], xs[1], steps)
	},
}
