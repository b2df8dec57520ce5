package stdlib

import (
	"math"
	"math/rand"
	"strings"
	"testing"

	"interp/ir"
	"interp/nnrt/tensor"
)

// apart draws numbers that are at least 0.2 from one another and 0.1 from any multiple of 0.25, so that
// no step of a difference passes a kink. axes are names; _ is unnamed.
func apart(seed int64, axes string, dims ...int) *tensor.Array {
	n := 1
	for _, d := range dims {
		n *= d
	}
	r := rand.New(rand.NewSource(seed))
	data := make([]float32, n)
	for i, k := range r.Perm(n) {
		data[i] = float32(0.25 * (float64(k-n/2) + 0.5 + 0.2*(r.Float64()-0.5)))
	}
	names := strings.Fields(strings.ReplaceAll(axes, "_", "\x00"))
	for i, a := range names {
		names[i] = strings.Trim(a, "\x00")
	}
	return tensor.FromF32(names, dims, data)
}

// shifted numbers are apart from those of another array too, positive ones well above 0.
func shifted(x *tensor.Array) *tensor.Array { return plus(x, 0.125) }

func positive(x *tensor.Array) *tensor.Array { return plus(x, 3) }

func plus(x *tensor.Array, d float32) *tensor.Array {
	data := make([]float32, x.Size())
	for i, v := range x.F32() {
		data[i] = v + d
	}
	return tensor.FromType(x.Type, data)
}

// ragged is [batch pos d=2] with the given lengths.
func ragged(seed int64, lens ...int) *tensor.Array {
	rows := make([]*tensor.Array, len(lens))
	for i, n := range lens {
		rows[i] = apart(seed+int64(100*i), "pos d", n, 2)
	}
	out, err := tensor.NewRagged([]string{"batch", "pos", "d"}, rows)
	if err != nil {
		panic(err)
	}
	return out
}

// ids are whole numbers; ragged ones have a row each.
func ids(axis string, v ...int64) *tensor.Array {
	return tensor.FromI64([]string{axis}, []int{len(v)}, v)
}

func raggedIDs(rows ...[]int64) *tensor.Array {
	arrays := make([]*tensor.Array, len(rows))
	for i, r := range rows {
		arrays[i] = ids("pos", r...)
	}
	out, err := tensor.NewRagged([]string{"batch", "pos"}, arrays)
	if err != nil {
		panic(err)
	}
	return out
}

func args(v ...ir.Value) []ir.Value { return v }

func list(v ...ir.Value) *ir.List { return &ir.List{Items: v} }

// The inputs of families of rows. Gradients are taken with respect to each float array in them.
var (
	unaryInputs = [][]ir.Value{args(apart(1, "")), args(apart(1, "a", 7)), args(ragged(2, 1, 3))}

	positiveInputs = [][]ir.Value{args(positive(apart(1, "a b", 2, 3))), args(positive(ragged(2, 1, 3)))}

	pairInputs = [][]ir.Value{
		args(positive(apart(1, "a b", 3, 2)), shifted(positive(apart(2, "a b", 3, 2)))),
		args(positive(apart(1, "a b", 3, 2)), shifted(positive(apart(2, "b", 2)))),
		args(positive(apart(1, "a b", 3, 1)), shifted(positive(apart(2, "a b", 1, 2)))),
		args(positive(ragged(1, 1, 2)), shifted(positive(apart(2, "d", 2)))),
		args(positive(apart(2, "batch d", 2, 2)), shifted(positive(ragged(1, 1, 2)))),
		args(positive(apart(1, "a", 3)), 2.5),
		args(int64(2), positive(apart(1, "a", 3))),
	}

	signedPairs = append([][]ir.Value{args(apart(1, "a b", 3, 2), shifted(apart(2, "b", 2)))}, pairInputs...)

	reduceInputs = [][]ir.Value{
		args(apart(4, "a b", 2, 3), nil),
		args(apart(4, "a b", 4, 2), "a"),
		args(apart(4, "a b c", 2, 3, 2), list("a", int64(-1))),
		args(ragged(4, 3, 2), "pos"),
		args(ragged(4, 2, 3), "d"),
		args(ragged(4, 1, 2), list("batch", "pos")),
	}

	alongInputs = [][]ir.Value{args(apart(5, "a b", 2, 4), nil), args(apart(5, "a b", 4, 2), "a"), args(ragged(5, 1, 3), "pos"), args(ragged(5, 2, 1), nil)}

	lineInputs = [][]ir.Value{
		args(apart(1, "a b", 3, 4), apart(2, "a b", 3, 4), nil),
		args(apart(1, "a b", 3, 4), apart(2, "a", 3), "a"),
		args(ragged(1, 2, 3), plus(apart(2, "d", 2), 1), nil),
		args(ragged(1, 2, 3), plus(ragged(7, 2, 3), 1), "pos"),
	}

	productInputs = [][]ir.Value{
		args(apart(1, "m k", 2, 3), apart(2, "k n", 3, 2)),
		args(apart(1, "k", 3), apart(2, "k n", 3, 2)),
		args(apart(1, "b m k", 2, 2, 3), apart(2, "k n", 3, 2)),
		args(ragged(1, 1, 2), apart(2, "d v", 2, 3)),
	}
)

// gradInputs are arguments for each row that has a gradient.
var gradInputs = map[string][][]ir.Value{
	"+": signedPairs, "-": signedPairs, "*": signedPairs, "/": pairInputs, "**": pairInputs, "pow": pairInputs,
	"maximum": signedPairs, "minimum": signedPairs,
	"//": {args(tensor.FromF32(nil, []int{3}, []float32{1.5, 2.6, -0.7}), 1.0)},
	"%":  {args(tensor.FromF32(nil, []int{3}, []float32{1.5, 2.6, -0.7}), tensor.FromF32(nil, []int{3}, []float32{1, 2, 1.2}))},

	"unary -": unaryInputs, "unary +": unaryInputs, "abs": unaryInputs, "round": {args(apart(1, "a", 7), nil)},
	"sign": unaryInputs, "floor": unaryInputs, "ceil": unaryInputs, "exp": unaryInputs, "log": positiveInputs, "sqrt": positiveInputs,
	"tanh": unaryInputs, "sigmoid": unaryInputs, "relu": unaryInputs, "gelu": unaryInputs, "sin": unaryInputs, "cos": unaryInputs,

	"sum": reduceInputs, "mean": reduceInputs, "std": reduceInputs[:4], "var": reduceInputs[:4], "sem": reduceInputs[:4], "norm": reduceInputs,
	"median": reduceInputs, "prod": reduceInputs,
	"min":      withRest(reduceInputs),
	"max":      withRest(reduceInputs),
	"quantile": {args(apart(4, "a b", 2, 5), 0.3, "b"), args(ragged(4, 3, 2), 0.9, "pos"), args(apart(4, "a", 5), 1.0, nil)},

	"softmax": alongInputs, "log_softmax": alongInputs, "logsumexp": alongInputs, "sort": alongInputs, "cumsum": alongInputs,
	"topk values": {args(apart(1, "a b", 2, 4), int64(2), nil), args(ragged(5, 2, 3), int64(2), "pos")},

	"where": {
		args(tensor.FromBool([]string{"d"}, []int{2}, []bool{true, false}), ragged(1, 1, 2), apart(2, "d", 2)),
		args(tensor.FromBool(nil, []int{3}, []bool{true, false, true}), apart(2, "a", 3), 0.5),
	},
	"clamp": {
		args(apart(2, "a", 6), tensor.Float(-0.5), tensor.Float(0.75)), args(ragged(2, 1, 2), nil, 0.25),
		args(apart(2, "a b", 3, 2), shifted(apart(3, "b", 2)), nil), args(apart(2, "a", 6), nil, nil),
	},

	"matmul": productInputs, "@": productInputs, "outer": {args(apart(1, "a", 3), apart(2, "b", 2))},
	"einsum": {
		args("b p d, d v -> b p v", list(ragged(1, 1, 2), apart(2, "d v", 2, 3))),
		args("i, i j, j ->", list(apart(1, "_", 3), apart(2, "_ _", 3, 2), apart(3, "_", 2))),
		args("i i -> i", list(apart(1, "_ _", 3, 3))),
	},
	"dot": lineInputs, "cosine": lineInputs, "kl_div": lineInputs,
	"corr":  {args(apart(1, "a b", 3, 2), apart(2, "a b", 3, 2)), args(apart(1, "a b", 3, 2), apart(2, "a", 3))},
	"svd s": {args(apart(1, "m n", 3, 2)), args(apart(1, "b m n", 2, 2, 3))},

	"stack": {
		args(list(apart(1, "a", 3), apart(2, "a", 3)), int64(-1)), args(list(apart(1, ""), 2.0, apart(2, "")), int64(0)),
		args(list(apart(1, "pos d", 1, 2), apart(2, "pos d", 3, 2)), int64(0)), args(apart(1, "a b", 2, 3), int64(1)),
		args(ragged(1, 2, 1), int64(0)),
	},
	"concat": {
		args(list(apart(1, "a b", 2, 3), apart(2, "a b", 2, 1)), "b"), args(list(ragged(6, 1, 2), ragged(7, 2, 3)), "pos"),
		args(list(ragged(6, 1, 2), ragged(7, 2, 3)), "batch"), args(apart(1, "a b c", 2, 3, 2), int64(1)),
	},
	"reshape":   {args(apart(1, "a b", 2, 3), list(int64(3), int64(-1)))},
	"squeeze":   {args(apart(1, "a b", 1, 3), nil), args(apart(1, "a b c", 1, 3, 1), "c")},
	"expand":    {args(apart(1, "a", 3), "new", int64(0)), args(ragged(1, 1, 2), "new", int64(0))},
	"rename":    {args(apart(1, "a b", 2, 3), "a", "c"), args(ragged(1, 1, 2), "d", "e")},
	"transpose": {args(apart(1, "a b c", 2, 3, 2), list("c", "a", "b")), args(apart(1, "a b", 2, 3), list()), args(ragged(1, 1, 2), list("pos", "d"))},
	"flip":      {args(apart(1, "a b", 2, 3), nil), args(ragged(1, 1, 2), "pos")},
	"tile":      {args(apart(1, "a b", 2, 3), int64(2), "a"), args(ragged(1, 1, 2), int64(2), "pos")},
	"diag":      {args(apart(1, "a b c", 3, 2, 3), int64(1), "c", "a"), args(apart(1, "a", 3), int64(-1), nil, nil)},
	"pad":       {args(ragged(1, 1, 3), tensor.Float(0.5)), args(apart(1, "a b", 2, 3), 0.0)},
	"full":      {args(list(int64(2), int64(3)), tensor.Float(0.5)), args(int64(2), tensor.Float(0.5))},

	"take":   {args(apart(1, "a b", 2, 3), ids("", 2, 2, 0), nil), args(ragged(1, 1, 2), ids("", 1), "d"), args(apart(1, "a b", 4, 2), ids("", 1, 3), "a")},
	"gather": {args(apart(1, "a b", 2, 3), tensor.FromI64(nil, []int{2, 2}, []int64{2, 2, 0, 1}), "b")},
	"pick":   {args(apart(1, "batch pos v", 2, 2, 3), ids("batch", 2, 0)), args(ragged(1, 1, 2), ids("batch", 1, 0)), args(apart(1, "a v", 2, 3), int64(1))},

	"cross_entropy": {args(ragged(1, 2, 3), raggedIDs([]int64{0, 1}, []int64{1, 0, 1})), args(apart(1, "batch v", 2, 4), ids("batch", 3, 0)), args(apart(1, "v", 4), int64(2))},
	"loss":          {args(ragged(1, 2, 3), raggedIDs([]int64{0, 1}, []int64{1, 0, 1})), args(apart(1, "batch pos v", 1, 3, 4), tensor.FromI64(nil, []int{1, 3}, []int64{3, 0, 1}))},
}

// withRest adds the empty list of min's and max's further numbers.
func withRest(in [][]ir.Value) [][]ir.Value {
	out := make([][]ir.Value, len(in))
	for i, a := range in {
		out[i] = append(append([]ir.Value(nil), a...), list())
	}
	return out
}

func TestEachRowHasAGradientOrSaysWhyNot(t *testing.T) {
	for _, r := range All() {
		var has []string
		for what, is := range map[string]bool{"a gradient": r.Grad != nil || r.GradItem != nil, "a reason for none: " + r.NoGrad: r.NoGrad != "",
			"parts": r.Composed, "the machine": r.Special, "output": r.Output, "a value": r.Value} {
			if is {
				has = append(has, what)
			}
		}
		if len(has) != 1 {
			t.Errorf("%s: has %d of gradient, reason, parts ..., want one: %q", r.Name, len(has), has)
		}
	}
}

// TestGradients compares each gradient of the table with central differences of a weighted sum of the
// result in float64, over two widths, so that the error left is of the fourth order.
func TestGradients(t *testing.T) {
	for _, r := range All() {
		differentiable := r.Grad != nil || r.GradItem != nil
		inputs := gradInputs[r.Name]
		switch {
		case differentiable && len(inputs) == 0:
			t.Errorf("%s has a gradient and no inputs to try it on", r.Name)
		case !differentiable && len(inputs) > 0:
			t.Errorf("%s has inputs and no gradient", r.Name)
		}
		for _, in := range inputs {
			t.Run(r.Name+" of "+inputText(in), func(t *testing.T) { checkGrads(t, r, in) })
		}
	}
	for name := range gradInputs {
		if _, ok := Lookup(name); !ok {
			t.Errorf("there is no row %s", name)
		}
	}
}

func inputText(in []ir.Value) string {
	var parts []string
	for _, v := range in {
		switch x := v.(type) {
		case *tensor.Array:
			parts = append(parts, x.Type.String())
		case *ir.List:
			parts = append(parts, "list "+inputText(x.Items))
		default:
			parts = append(parts, Repr(v))
		}
	}
	return strings.Join(parts, ", ")
}

// operand is a float array among the arguments of a call: item is its place in a list, or -1.
type operand struct {
	arg, item int
	x         *tensor.Array
}

func operands(in []ir.Value) []operand {
	var out []operand
	add := func(v ir.Value, arg, item int) {
		if x, ok := v.(*tensor.Array); ok && x.DT == tensor.F32 {
			out = append(out, operand{arg, item, x})
		}
	}
	for arg, v := range in {
		if l, ok := v.(*ir.List); ok {
			for item, e := range l.Items {
				add(e, arg, item)
			}
		} else {
			add(v, arg, -1)
		}
	}
	return out
}

func checkGrads(t *testing.T, r *ir.OpRow, in []ir.Value) {
	out := evalRow(t, r, in)
	weights := tensor.RandN(tensor.Type{DT: tensor.F32, Axes: out.Axes, Dims: out.Dims, Rag: out.Rag}, tensor.NewKey(77))
	ops := operands(in)
	if len(ops) == 0 {
		t.Fatal("nothing to differentiate")
	}
	c := &ir.Call{Row: r, Args: in, Env: &ir.Env{}}
	for _, o := range ops {
		var got *tensor.Array
		var err error
		if o.item < 0 {
			got, err = r.Grad(c, o.arg, out, weights)
		} else {
			got, err = r.GradItem(c, o.arg, o.item, out, weights)
		}
		if err != nil {
			t.Fatal(err)
		}
		if !got.Type.Equal(o.x.Type) {
			t.Fatalf("argument %d: the gradient has shape %s, want %s", o.arg, got, o.x.Type)
		}
		for i, g := range got.F32() {
			near, far := slope(t, r, in, o, weights, i, 1./32), slope(t, r, in, o, weights, i, 1./16)
			want := near + (near-far)/3
			if math.Abs(float64(g)-want) > 1e-4*(1+math.Abs(want)) {
				t.Errorf("argument %d, item %d, element %d: gradient %v, difference %v", o.arg, o.item, i, g, want)
			}
		}
	}
}

func evalRow(t *testing.T, r *ir.OpRow, in []ir.Value) *tensor.Array {
	t.Helper()
	v, err := r.Eval(&ir.Call{Row: r, Args: in, Env: &ir.Env{}})
	if err != nil {
		t.Fatal(err)
	}
	out, ok := v.(*tensor.Array)
	if !ok || out.DT != tensor.F32 {
		t.Fatalf("the result is %T, want an array of floats", v)
	}
	return out
}

// slope is the central difference of the weighted result in one element, over h to either side.
func slope(t *testing.T, r *ir.OpRow, in []ir.Value, o operand, weights *tensor.Array, i int, h float32) float64 {
	t.Helper()
	var sides, at [2]float64
	for s, d := range []float32{h, -h} {
		data := append([]float32(nil), o.x.F32()...)
		data[i] += d
		at[s] = float64(data[i])
		moved := append([]ir.Value(nil), in...)
		x := ir.Value(tensor.FromType(o.x.Type, data))
		if o.item >= 0 {
			items := append([]ir.Value(nil), in[o.arg].(*ir.List).Items...)
			items[o.item] = x
			x = &ir.List{Items: items}
		}
		moved[o.arg] = x
		for j, v := range evalRow(t, r, moved).F32() {
			sides[s] += float64(v) * float64(weights.F32()[j])
		}
	}
	return (sides[0] - sides[1]) / (at[0] - at[1])
}
