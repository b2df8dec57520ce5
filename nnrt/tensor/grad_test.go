package tensor

import (
	"fmt"
	"math"
	"testing"
)

// gradCase is an operation and its gradient with respect to each of its operands.
type gradCase struct {
	name string
	xs   []*Array
	f    func(xs []*Array) (*Array, error)
	grad func(xs []*Array, out, dout *Array, arg int) (*Array, error)
	args []int // operands to differentiate; nil: all
}

// draw is an array of normal draws, away from the kinks at 0.
func draw(seed uint64, axes string, dims ...int) *Array {
	x := RandN(NewType(F32, names(axes, len(dims)), dims), NewKey(seed))
	return moved(x)
}

func moved(x *Array) *Array {
	return FromType(x.Type, convert(x.F32(), func(v float32) float32 {
		if math.Abs(float64(v)) < 0.1 {
			return v + 0.25
		}
		return v
	}))
}

// drawRagged is [batch pos d=3] with the given lengths.
func drawRagged(seed uint64, lens ...int) *Array {
	var rows []*Array
	for i, n := range lens {
		rows = append(rows, draw(seed+uint64(100*i), "pos d", n, 3))
	}
	out, err := NewRagged([]string{"batch", "pos", "d"}, rows)
	if err != nil {
		panic(err)
	}
	return out
}

func positive(x *Array) *Array {
	return FromType(x.Type, convert(x.F32(), func(v float32) float32 { return float32(math.Abs(float64(v))) + 0.2 }))
}

func gradCases() []gradCase {
	var cases []gradCase
	pairs := map[string][2]*Array{
		"of equal shapes": {draw(1, "a b", 3, 2), draw(2, "a b", 3, 2)},
		"broadcast":       {draw(1, "a b", 3, 2), draw(2, "b", 2)},
		"both broadcast":  {draw(1, "a b", 3, 1), draw(2, "a b", 1, 2)},
		"ragged":          {drawRagged(1, 1, 2), draw(2, "d", 3)},
		"ragged by rows":  {draw(2, "batch d", 2, 3), drawRagged(1, 1, 2)},
	}
	for _, op := range []BinOp{Add, Sub, Mul, Div, Pow, Maximum, Minimum, Mod} {
		for what, p := range pairs {
			a, b := p[0], p[1]
			if op == Pow || op == Mod {
				a, b = positive(a), positive(b)
			}
			cases = append(cases, gradCase{fmt.Sprintf("%s %s", op, what), []*Array{a, b},
				func(xs []*Array) (*Array, error) { return Binary(op, xs[0], xs[1]) },
				func(xs []*Array, out, dout *Array, arg int) (*Array, error) {
					return BinaryGrad(op, xs[0], xs[1], out, dout, arg)
				}, nil})
		}
	}
	for op := Neg; op <= Cos; op++ {
		if unRows[op].d == nil {
			continue
		}
		x := draw(3, "a", 7)
		if op == Log || op == Sqrt {
			x = positive(x)
		}
		cases = append(cases, gradCase{op.String(), []*Array{x},
			func(xs []*Array) (*Array, error) { return Unary(op, xs[0]) },
			func(xs []*Array, out, dout *Array, _ int) (*Array, error) { return UnaryGrad(op, xs[0], out, dout) }, nil})
	}
	for op := Sum; op <= Count; op++ {
		if lineGrads[op] == nil {
			continue
		}
		for what, c := range map[string]struct {
			x    *Array
			axes []Ax
		}{
			"of all": {draw(8, "a b", 2, 3), nil}, "along the first": {draw(4, "a b", 4, 2), ax("a")},
			"along two": {draw(4, "a b c", 2, 3, 2), ax("a", "c")}, "of each row's own": {drawRagged(4, 3, 2), ax("pos")},
			"beside a ragged axis": {drawRagged(4, 1, 2), ax("d")}, "of rows and positions": {drawRagged(4, 1, 2), ax("batch", "pos")},
		} {
			cases = append(cases, gradCase{fmt.Sprintf("%s %s", op, what), []*Array{c.x},
				func(xs []*Array) (*Array, error) { return Reduce(op, xs[0], c.axes) },
				func(xs []*Array, out, dout *Array, _ int) (*Array, error) {
					return ReduceGrad(op, xs[0], c.axes, out, dout)
				}, nil})
		}
	}
	for op := Softmax; op <= CumSum; op++ {
		if alongGrads[op] == nil {
			continue
		}
		for what, c := range map[string]struct {
			x    *Array
			axes []Ax
		}{"along the last": {draw(5, "a b", 2, 4), nil}, "along the first": {draw(5, "a b", 4, 2), ax("a")}, "of ragged rows": {drawRagged(5, 1, 3), ax("pos")}} {
			cases = append(cases, gradCase{fmt.Sprintf("%s %s", op, what), []*Array{c.x},
				func(xs []*Array) (*Array, error) { return Along(op, xs[0], c.axes) },
				func(xs []*Array, out, dout *Array, _ int) (*Array, error) {
					return AlongGrad(op, xs[0], c.axes, out, dout)
				}, nil})
		}
	}
	for op := Dot; op <= KLDiv; op++ {
		for what, p := range pairs {
			cases = append(cases, gradCase{fmt.Sprintf("%s %s", op, what), []*Array{p[0], p[1]},
				func(xs []*Array) (*Array, error) { return Pair(op, xs[0], xs[1], nil) },
				func(xs []*Array, out, dout *Array, arg int) (*Array, error) {
					return PairGrad(op, xs[0], xs[1], nil, out, dout, arg)
				}, nil})
		}
	}
	return append(append(cases, productCases()...), shapeCases()...)
}

func productCases() []gradCase {
	var cases []gradCase
	for what, p := range map[string][2]*Array{
		"of matrices": {draw(1, "m k", 2, 3), draw(2, "k n", 3, 2)}, "of vectors": {draw(1, "k", 3), draw(2, "k", 3)},
		"of a batch and a matrix": {draw(1, "b m k", 2, 2, 3), draw(2, "k n", 3, 2)}, "of ragged rows": {drawRagged(1, 1, 2), draw(2, "d v", 3, 2)},
	} {
		cases = append(cases, gradCase{"matmul " + what, []*Array{p[0], p[1]},
			func(xs []*Array) (*Array, error) { return MatMul(xs[0], xs[1]) },
			func(xs []*Array, out, dout *Array, arg int) (*Array, error) {
				return MatMulGrad(xs[0], xs[1], out, dout, arg)
			}, nil})
	}
	cases = append(cases, gradCase{"outer", []*Array{draw(1, "a", 3), draw(2, "b", 2)},
		func(xs []*Array) (*Array, error) { return Outer(xs[0], xs[1]) },
		func(xs []*Array, out, dout *Array, arg int) (*Array, error) {
			return OuterGrad(xs[0], xs[1], out, dout, arg)
		}, nil})
	cases = append(cases, gradCase{"corr", []*Array{draw(1, "a b", 3, 2), draw(2, "a", 3)},
		func(xs []*Array) (*Array, error) { return Corr(xs[0], xs[1]) },
		func(xs []*Array, _, dout *Array, arg int) (*Array, error) { return CorrGrad(xs[0], xs[1], dout, arg) }, nil})
	for spec, xs := range map[string][]*Array{
		"b p d, d v -> b p v": {drawRagged(1, 1, 2), draw(2, "d v", 3, 2)},
		"b p d, b d -> b":     {drawRagged(1, 1, 2), draw(2, "batch d", 2, 3)},
		"i, i j, j ->":        {draw(1, "", 3), draw(2, "", 3, 2), draw(3, "", 2)},
		"i i -> i":            {draw(1, "", 3, 3)},
		"... d, d v -> ... v": {drawRagged(4, 1, 2), draw(5, "d v", 3, 2)},
		"i j, j -> j":         {draw(1, "", 3, 2), draw(2, "", 2)},
		"... d, b d -> ... b": {draw(1, "", 2, 2, 3), draw(2, "", 2, 3)},
	} {
		cases = append(cases, gradCase{"einsum " + spec, xs,
			func(xs []*Array) (*Array, error) { return Einsum(spec, xs...) },
			func(xs []*Array, out, dout *Array, arg int) (*Array, error) {
				return EinsumGrad(spec, xs, out, dout, arg)
			}, nil})
	}
	logits, ids := drawRagged(1, 2, 3), ints(2, 0)
	many, _ := NewRagged([]string{"", ""}, []*Array{ints(0, 2), ints(1, 0, 2)})
	cases = append(cases,
		gradCase{"cross_entropy", []*Array{logits},
			func(xs []*Array) (*Array, error) { return CrossEntropy(xs[0], many) },
			func(xs []*Array, out, dout *Array, _ int) (*Array, error) {
				return CrossEntropyGrad(xs[0], many, out, dout)
			}, nil},
		gradCase{"loss", []*Array{logits},
			func(xs []*Array) (*Array, error) { return Loss(xs[0], many) },
			func(xs []*Array, _, dout *Array, _ int) (*Array, error) { return LossGrad(xs[0], many, dout) }, nil},
		gradCase{"pick", []*Array{logits},
			func(xs []*Array) (*Array, error) { return Pick(xs[0], ids) },
			func(xs []*Array, out, dout *Array, _ int) (*Array, error) { return PickGrad(xs[0], ids, out, dout) }, nil},
		gradCase{"pick of dense rows", []*Array{draw(1, "batch pos v", 2, 2, 3)},
			func(xs []*Array) (*Array, error) { return Pick(xs[0], ids) },
			func(xs []*Array, out, dout *Array, _ int) (*Array, error) { return PickGrad(xs[0], ids, out, dout) }, nil},
		gradCase{"take twice", []*Array{logits},
			func(xs []*Array) (*Array, error) { return Take(xs[0], ints(2, 2, 0), nil) },
			func(xs []*Array, out, dout *Array, _ int) (*Array, error) {
				return TakeGrad(xs[0], ints(2, 2, 0), nil, out, dout)
			}, nil},
		gradCase{"gather", []*Array{draw(1, "a b", 2, 3)},
			func(xs []*Array) (*Array, error) {
				return Gather(xs[0], FromI64(nil, []int{2, 2}, []int64{2, 2, 0, 1}), ByName("b"))
			},
			func(xs []*Array, out, dout *Array, _ int) (*Array, error) {
				return GatherGrad(xs[0], FromI64(nil, []int{2, 2}, []int64{2, 2, 0, 1}), ByName("b"), out, dout)
			}, nil},
		gradCase{"quantile", []*Array{draw(1, "a b", 2, 4)},
			func(xs []*Array) (*Array, error) { return Quantile(xs[0], 0.3, ax("b")) },
			func(xs []*Array, out, dout *Array, _ int) (*Array, error) {
				return QuantileGrad(xs[0], 0.3, ax("b"), out, dout)
			}, nil},
		gradCase{"singular values", []*Array{draw(1, "b m n", 2, 3, 2)},
			func(xs []*Array) (*Array, error) { _, s, _, err := SVD(xs[0]); return s, err },
			func(xs []*Array, _, dout *Array, _ int) (*Array, error) { return SVDGrad(xs[0], dout) }, nil},
		gradCase{"topk", []*Array{draw(1, "a b", 2, 4)},
			func(xs []*Array) (*Array, error) { v, _, err := TopK(xs[0], 2, nil); return v, err },
			func(xs []*Array, out, dout *Array, _ int) (*Array, error) { return TopKGrad(xs[0], 2, nil, out, dout) }, nil})
	return cases
}

func shapeCases() []gradCase {
	r, x := drawRagged(6, 1, 2), draw(6, "a b c", 2, 3, 2)
	truth := FromBool([]string{"d"}, []int{3}, []bool{true, false, true})
	lo, hi := vec("a", -0.5), vec("a", 0.75)
	return []gradCase{
		{"index", []*Array{r}, func(xs []*Array) (*Array, error) { return Index(xs[0], []Ix{all(), at(-1), pick(1, 1)}) },
			func(xs []*Array, _, dout *Array, _ int) (*Array, error) {
				return IndexGrad(xs[0].Type, []Ix{all(), at(-1), pick(1, 1)}, dout)
			}, nil},
		{"put", []*Array{r, draw(1, "d", 3)}, func(xs []*Array) (*Array, error) {
			return SetIndex(xs[0], []Ix{all(), at(-1)}, xs[1])
		}, func(xs []*Array, _, dout *Array, arg int) (*Array, error) {
			sels, err := ResolveIndex(xs[0].Type, []Ix{all(), at(-1)})
			if err != nil {
				return nil, err
			}
			if arg == 0 {
				return PutGrad(xs[0].Type, sels, dout)
			}
			return SpreadGrad(xs[1].Type, Select(dout, sels))
		}, nil},
		{"where", []*Array{truth, r, draw(2, "d", 3)}, func(xs []*Array) (*Array, error) { return Where(xs[0], xs[1], xs[2]) },
			func(xs []*Array, out, dout *Array, arg int) (*Array, error) {
				return WhereGrad(xs[0], xs[1], xs[2], out, dout, arg)
			}, []int{1, 2}},
		{"clamp", []*Array{draw(2, "a", 6), lo, hi}, func(xs []*Array) (*Array, error) { return Clamp(xs[0], xs[1], xs[2]) },
			func(xs []*Array, _, dout *Array, arg int) (*Array, error) {
				return ClampGrad(xs[0], xs[1], xs[2], dout, arg)
			}, nil},
		{"reshape", []*Array{x}, func(xs []*Array) (*Array, error) { return Reshape(xs[0], []int{3, -1}) },
			func(xs []*Array, _, dout *Array, _ int) (*Array, error) { return ViewGrad(xs[0].Type, dout), nil }, nil},
		{"transpose", []*Array{x}, func(xs []*Array) (*Array, error) { return Transpose(xs[0], []int{2, 0, 1}) },
			func(xs []*Array, _, dout *Array, _ int) (*Array, error) {
				return TransposeGrad(xs[0].Type, []int{2, 0, 1}, dout)
			}, nil},
		{"transpose of ragged rows", []*Array{r}, func(xs []*Array) (*Array, error) { return Transpose(xs[0], []int{0, 2, 1}) },
			func(xs []*Array, _, dout *Array, _ int) (*Array, error) {
				return TransposeGrad(xs[0].Type, []int{0, 2, 1}, dout)
			}, nil},
		{"flip", []*Array{r}, func(xs []*Array) (*Array, error) { return Flip(xs[0], ax("pos")) },
			func(_ []*Array, _, dout *Array, _ int) (*Array, error) { return FlipGrad(ax("pos"), dout) }, nil},
		{"tile", []*Array{r}, func(xs []*Array) (*Array, error) { return Tile(xs[0], 2, ByName("pos")) },
			func(xs []*Array, out, dout *Array, _ int) (*Array, error) {
				return TileGrad(xs[0], 2, ByName("pos"), out, dout)
			}, nil},
		{"pad", []*Array{r}, func(xs []*Array) (*Array, error) { return Pad(xs[0], Float(0)) },
			func(xs []*Array, _, dout *Array, _ int) (*Array, error) { return PadGrad(xs[0].Type, dout), nil }, nil},
		{"diag", []*Array{draw(1, "a b c", 3, 2, 3)}, func(xs []*Array) (*Array, error) { return Diag(xs[0], 1, ax("c", "a")) },
			func(xs []*Array, out, dout *Array, _ int) (*Array, error) {
				return DiagGrad(xs[0], 1, ax("c", "a"), out, dout)
			}, nil},
		{"diag of a vector", []*Array{draw(1, "a", 3)}, func(xs []*Array) (*Array, error) { return Diag(xs[0], -1, nil) },
			func(xs []*Array, out, dout *Array, _ int) (*Array, error) { return DiagGrad(xs[0], -1, nil, out, dout) }, nil},
		{"stack", []*Array{draw(1, "a", 3), draw(2, "a", 3)}, func(xs []*Array) (*Array, error) { return Stack(xs, -1) },
			func(xs []*Array, _, dout *Array, arg int) (*Array, error) {
				return StackGrad(xs[arg].Type, -1, arg, dout)
			}, nil},
		{"concat", []*Array{draw(1, "a b", 2, 3), draw(2, "a b", 2, 1)}, func(xs []*Array) (*Array, error) { return Concat(xs, ByName("b")) },
			func(xs []*Array, _, dout *Array, arg int) (*Array, error) {
				return ConcatGrad(types(xs), ByName("b"), arg, dout)
			}, nil},
		{"concat of ragged positions", []*Array{r, drawRagged(7, 2, 3)}, func(xs []*Array) (*Array, error) { return Concat(xs, ByName("pos")) },
			func(xs []*Array, _, dout *Array, arg int) (*Array, error) {
				return ConcatGrad(types(xs), ByName("pos"), arg, dout)
			}, nil},
		{"concat of ragged rows", []*Array{r, drawRagged(7, 2, 3)}, func(xs []*Array) (*Array, error) { return Concat(xs, ByName("batch")) },
			func(xs []*Array, _, dout *Array, arg int) (*Array, error) {
				return ConcatGrad(types(xs), ByName("batch"), arg, dout)
			}, nil},
	}
}

// TestGradients compares each gradient with central differences: of a weighted sum of the result,
// in float64, over steps that float32 holds exactly.
func TestGradients(t *testing.T) {
	for _, c := range gradCases() {
		t.Run(c.name, func(t *testing.T) {
			out, err := c.f(c.xs)
			if err != nil {
				t.Fatal(err)
			}
			dout := RandN(out.Type.with(F32), NewKey(77))
			args := c.args
			if args == nil {
				args = identity(len(c.xs)).In
			}
			for _, arg := range args {
				got, err := c.grad(c.xs, out, dout, arg)
				if err != nil {
					t.Fatal(err)
				}
				if !got.Type.Equal(c.xs[arg].Type) {
					t.Fatalf("operand %d: gradient has shape %s, want %s", arg, got, c.xs[arg].Type)
				}
				for i := range got.F32() {
					want := difference(t, c, dout, arg, i)
					if g := float64(got.F32()[i]); math.Abs(g-want) > 2e-3*(1+math.Abs(want)) {
						t.Fatalf("operand %d, element %d: gradient %v, difference %v", arg, i, g, want)
					}
				}
			}
		})
	}
}

func difference(t *testing.T, c gradCase, dout *Array, arg, i int) float64 {
	t.Helper()
	const h = 1.0 / 256
	var sides [2]float64
	var width float64
	for s, d := range []float32{h, -h} {
		xs := append([]*Array(nil), c.xs...)
		data := append([]float32(nil), xs[arg].F32()...)
		data[i] += d
		width += float64(data[i]) * []float64{1, -1}[s]
		xs[arg] = FromType(xs[arg].Type, data)
		out, err := c.f(xs)
		if err != nil {
			t.Fatal(err)
		}
		for j, v := range out.F32() {
			sides[s] += float64(v) * float64(dout.F32()[j])
		}
	}
	return (sides[0] - sides[1]) / width
}

func TestGradientsOfEquals(t *testing.T) {
	x, g := vec("a", 2, 2, 1), Float(1)
	got, err := ReduceGrad(Max, x, nil, Float(2), g)
	check(t, got, err, "[a=3]\n[0.5000 0.5000 0.0000]")
	got, err = BinaryGrad(Maximum, Float(1), Float(1), Float(1), g, 0)
	check(t, got, err, "0.5")
	_, err = BinaryGrad(Lt, x, x, x, x, 0)
	check(t, nil, err, "error: < has no gradient")
	_, err = ReduceGrad(Any, x, nil, g, g)
	check(t, nil, err, "error: any has no gradient")
}
