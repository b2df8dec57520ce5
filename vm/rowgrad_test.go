package vm

import (
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"interp/ir"
	"interp/nnrt/tensor"
)

// hiddenRows are the machine's own rows by the names of their variables.
var hiddenRows = map[string]*ir.OpRow{
	"applyRow": applyRow, "formatRow": formatRow, "itemRow": itemRow, "hostRow": hostRow, "cellsRow": cellsRow,
	"selectRow": selectRow, "stackRow": stackRow, "arrayRow": arrayRow, "withinRow": withinRow, "spreadRow": spreadRow,
	"headResultRow": headResultRow, "putRow": putRow, "beyondRow": beyondRow, "notRow": notRow, "logicRow": logicRow, "gatherRow": gatherRow,
}

// rowInput is a call of a row whose float arguments are differentiated.
type rowInput struct {
	what  string
	attrs any
	args  []ir.Value
}

// normal draws an array; axes are names.
func normal(seed uint64, axes string, dims ...int) *tensor.Array {
	return tensor.RandN(tensor.NewType(tensor.F32, strings.Fields(axes), dims), tensor.NewKey(seed))
}

// raggedNormal is [batch pos d=2] with the given lengths.
func raggedNormal(t *testing.T, lens ...int) *tensor.Array {
	rows := make([]*tensor.Array, len(lens))
	for i, n := range lens {
		rows[i] = normal(uint64(10+i), "pos d", n, 2)
	}
	out, err := tensor.NewRagged([]string{"batch", "pos", "d"}, rows)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func only(pos ...int) tensor.Sel { return tensor.Sel{Pos: pos, By: -1} }

func whole() tensor.Sel { return tensor.Sel{All: true, By: -1} }

func rowInputs(t *testing.T) map[*ir.OpRow][]rowInput {
	m := openModel(t, "nano-sort")
	d := m.Arch().Dims
	in := map[*ir.OpRow][]rowInput{
		selectRow: {
			{"entries", []tensor.Sel{only(1, 1, 0), {Pos: []int{2}, Drop: true, By: -1}}, []ir.Value{normal(1, "a b", 2, 3)}},
			{"each row's last", []tensor.Sel{whole(), {Rows: [][]int{{0}, {2}}, Drop: true, By: -1}, whole()}, []ir.Value{raggedNormal(t, 1, 3)}},
		},
		spreadRow: {
			{"over an axis", tensor.NewType(tensor.F32, []string{"head", "d"}, []int{3, 2}), []ir.Value{normal(1, "d", 2)}},
			{"of a number", tensor.NewType(tensor.F32, []string{"d"}, []int{3}), []ir.Value{normal(1, "")}},
		},
		putRow: {
			{"a row", &putAttrs{[]tensor.Sel{{Pos: []int{1}, Drop: true, By: -1}, whole()}}, []ir.Value{normal(1, "a b", 2, 3), normal(2, "b", 3)}},
			{"a number everywhere", &putAttrs{[]tensor.Sel{only(0, 1), only(2)}}, []ir.Value{normal(1, "a b", 2, 3), normal(2, "")}},
		},
		cellsRow: {
			{"of two indices", &cellsAttrs{[]int{2, 2}, []string{"layer", ""}}, []ir.Value{&ir.List{Items: []ir.Value{normal(1, "d", 3), normal(2, "d", 3), normal(3, "d", 3), normal(4, "d", 3)}}}},
			{"of other lengths", &cellsAttrs{[]int{3}, []string{""}}, []ir.Value{&ir.List{Items: []ir.Value{normal(1, "pos d", 2, 2), normal(2, "pos d", 1, 2), normal(3, "pos d", 3, 2)}}}},
			{"of numbers", &cellsAttrs{[]int{2}, []string{"i"}}, []ir.Value{&ir.List{Items: []ir.Value{normal(1, ""), tensor.Int(3)}}}},
		},
		stackRow: {
			{"in the middle", &stackAttrs{1, "head"}, []ir.Value{&ir.List{Items: []ir.Value{normal(1, "a b", 2, 3), normal(2, "a b", 2, 3)}}}},
		},
		withinRow: {
			{"some keys", &withinAttrs{site: m.Arch().SiteNamed("pattern"), keys: []int{0, 1, 2}}, []ir.Value{normal(1, "head key", 2, 3)}},
		},
		headResultRow: {
			{"two heads", &resultAttrs{m, 1, []int{2, 0}}, []ir.Value{normal(1, "pos head d_head", 2, 2, d.DHead)}},
		},
	}
	for _, mod := range m.Arch().Modules {
		in[applyRow] = append(in[applyRow], rowInput{mod.Path, &applyAttrs{m, mod, 1}, []ir.Value{normal(1, "batch pos d", 1, 3, mod.In)}})
	}
	return in
}

func TestHiddenRowsHaveAGradientOrSayWhyNot(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		src, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range regexp.MustCompile(`(?m)^var (\w+) = &ir\.OpRow\{`).FindAllSubmatch(src, -1) {
			if hiddenRows[string(v[1])] == nil {
				t.Errorf("%s: %s is not in the test's table", f, v[1])
			}
		}
	}
	for name, r := range hiddenRows {
		if (r.Grad != nil || r.GradItem != nil) == (r.NoGrad != "") {
			t.Errorf("%s: want a gradient or a reason for none", name)
		}
	}
}

// TestHiddenGradients compares with central differences of a weighted sum of the result.
func TestHiddenGradients(t *testing.T) {
	inputs := rowInputs(t)
	for name, r := range hiddenRows {
		if r.NoGrad == "" && len(inputs[r]) == 0 {
			t.Errorf("%s has no inputs to try its gradient on", name)
		}
		for _, in := range inputs[r] {
			t.Run(r.Name+" "+in.what, func(t *testing.T) {
				for arg, v := range in.args {
					if l, ok := v.(*ir.List); ok {
						for item := range l.Items {
							checkRowGrad(t, r, in, arg, item)
						}
					} else {
						checkRowGrad(t, r, in, arg, -1)
					}
				}
			})
		}
	}
}

// checkRowGrad checks the gradient with respect to one argument, or to an item of a list.
func checkRowGrad(t *testing.T, r *ir.OpRow, in rowInput, arg, item int) {
	x, _ := in.args[arg].(*tensor.Array)
	if item >= 0 {
		x = in.args[arg].(*ir.List).Items[item].(*tensor.Array)
	}
	if x.DT != tensor.F32 {
		return
	}
	eval := func(x *tensor.Array) *tensor.Array {
		args := append([]ir.Value(nil), in.args...)
		if args[arg] = x; item >= 0 {
			items := append([]ir.Value(nil), in.args[arg].(*ir.List).Items...)
			items[item] = x
			args[arg] = &ir.List{Items: items}
		}
		v, err := r.Eval(&ir.Call{Row: r, Args: args, Attrs: in.attrs})
		if err != nil {
			t.Fatal(err)
		}
		return v.(*tensor.Array)
	}
	out := eval(x)
	weights := tensor.RandN(out.Type, tensor.NewKey(77))
	c := &ir.Call{Row: r, Args: in.args, Attrs: in.attrs}
	var got *tensor.Array
	var err error
	if item < 0 {
		got, err = r.Grad(c, arg, out, weights)
	} else {
		got, err = r.GradItem(c, arg, item, out, weights)
	}
	if err != nil {
		t.Fatal(err)
	}
	if got.Size() != x.Size() {
		t.Fatalf("argument %d, item %d: the gradient has shape %s, want %s", arg, item, got, x.Type)
	}
	slope := func(i int, h float32) float64 {
		var sides, at [2]float64
		for s, d := range []float32{h, -h} {
			data := append([]float32(nil), x.F32()...)
			data[i] += d
			at[s] = float64(data[i])
			for j, v := range eval(tensor.FromType(x.Type, data)).F32() {
				sides[s] += float64(v) * float64(weights.F32()[j])
			}
		}
		return (sides[0] - sides[1]) / (at[0] - at[1])
	}
	for i, g := range got.F32() {
		near, far := slope(i, 1./32), slope(i, 1./16)
		if want := near + (near-far)/3; math.Abs(float64(g)-want) > 2e-4*(1+math.Abs(want)) {
			t.Errorf("argument %d, item %d, element %d: gradient %v, difference %v", arg, item, i, g, want)
		}
	}
}
