package exec

import (
	"fmt"
	"slices"
	"testing"

	"interp/internal/parity"
	"interp/ir"
	"interp/nnrt/arch"
)

// lab is the parity model with both engines on it: every value is computed by both and must have the
// same bits.
type lab struct {
	*script
	cases *parity.Cases
	refs  map[string]parity.Ref
}

func newLab(t *testing.T) *lab {
	cases, refs := parity.Load(t)
	return &lab{newScript(t, openModel(t, "parity")), cases, refs}
}

func (l *lab) prompt(name string) *ir.Run { return l.run(l.cases.Inputs[name][0]) }

func (l *lab) metric(r *ir.Run) ir.NodeID { return l.diff(r, l.cases.Answer, l.cases.Wrong) }

// check compares nodes, joined, with a recording.
func (l *lab) check(name string, ids ...ir.NodeID) {
	l.t.Helper()
	got := slices.Concat(l.eval(NewNaive(Options{}), ids...)...)
	if !sameBits(got, slices.Concat(l.eval(NewBatched(Options{}), ids...)...)) {
		l.t.Errorf("%s: the engines differ", name)
	}
	ref, ok := l.refs[name]
	if !ok {
		l.t.Fatalf("%s was not recorded", name)
	}
	if d := parity.Distance(got, ref.Data); !(d <= 2e-5) {
		l.t.Errorf("%s: relative distance %.2g, want at most 2e-5", name, d)
	}
}

// last is the row of logits at the last position.
func (l *lab) last(r *ir.Run) ir.NodeID {
	return l.read(r, l.m.Arch().Logits(), len(r.Tokens)-1, ir.Slice{}, allSets)
}

// setAll sets the same slice of all positions at a point from what f gives.
func (l *lab) setAll(r *ir.Run, p arch.Point, sl ir.Slice, f func(pos int) ir.NodeID) {
	for pos := range r.Tokens {
		l.set(r, p, pos, sl, f(pos))
	}
}

func (l *lab) head(h int) ir.Slice {
	n := int32(l.m.Arch().Dims.DHead)
	return ir.Slice{Off: int32(h) * n, N1: n, S1: 1}
}

func TestPatchingTheResidualStreamAgrees(t *testing.T) {
	l := newLab(t)
	clean := l.prompt("len16_clean")
	base := []ir.NodeID{l.metric(clean), l.metric(l.prompt("len16_corr"))}
	var grid []ir.NodeID
	logits := map[string]ir.NodeID{}
	for layer := range 2 {
		p := l.pt(layer, "resid_pre")
		for pos := range 16 {
			r := l.prompt("len16_corr")
			l.set(r, p, pos, ir.Slice{}, l.read(clean, p, pos, ir.Slice{}, allSets))
			grid = append(grid, l.metric(r))
			if slices.Contains([]int{0, 9, 12, 15}, pos) {
				logits[fmt.Sprintf("patch_resid/h%d_p%d/logits", layer, pos)] = l.all(r, l.m.Arch().Logits())
			}
		}
	}
	l.check("patch_resid/grid", grid...)
	l.check("patch_resid/base", base...)
	for name, id := range logits {
		l.check(name, id)
	}
}

func TestPatchingHeadsAgrees(t *testing.T) {
	l := newLab(t)
	clean := l.prompt("len16_clean")
	var grid []ir.NodeID
	for layer := range 2 {
		p := l.pt(layer, "z")
		for h := range 4 {
			r := l.prompt("len16_corr")
			l.setAll(r, p, l.head(h), func(pos int) ir.NodeID { return l.read(clean, p, pos, l.head(h), allSets) })
			grid = append(grid, l.metric(r))
		}
	}
	l.check("patch_z/grid", grid...)
}

func TestAblationsAgree(t *testing.T) {
	l := newLab(t)
	zeros := func(n int) ir.NodeID { return l.constant(make([]float32, n)...) }
	var grid []ir.NodeID
	for layer := range 2 {
		for h := range 4 {
			r := l.prompt("len16_clean")
			l.setAll(r, l.pt(layer, "z"), l.head(h), func(int) ir.NodeID { return zeros(16) })
			l.check(fmt.Sprintf("ablate_head/l%dh%d/logits_last", layer, h), l.last(r))
			grid = append(grid, l.metric(r))
		}
		r := l.prompt("len16_clean")
		l.setAll(r, l.pt(layer, "mlp_out"), ir.Slice{}, func(int) ir.NodeID { return zeros(64) })
		l.check(fmt.Sprintf("ablate_mlp/l%d/logits_last", layer), l.last(r))
	}
	l.check("ablate_head/grid", grid...)
}

func TestMeanOfItsOwnAttentionAgrees(t *testing.T) {
	l := newLab(t)
	for layer := range 2 {
		r, p := l.prompt("len16_clean"), l.pt(layer, "attn_out")
		sum := l.read(r, p, 0, ir.Slice{}, 0)
		for pos := 1; pos < 16; pos++ {
			sum = l.op(addRow, sum, l.read(r, p, pos, ir.Slice{}, 0))
		}
		mean := l.op(mulRow, sum, l.constant(slices.Repeat([]float32{1.0 / 16}, 64)...))
		l.setAll(r, p, ir.Slice{}, func(int) ir.NodeID { return mean })
		l.check(fmt.Sprintf("ablate_attn_mean/l%d/logits_last", layer), l.last(r))
	}
}

func TestAUniformPatternAgrees(t *testing.T) {
	l := newLab(t)
	for layer := range 2 {
		r := l.prompt("len16_clean")
		for pos := range 16 {
			n := int32(pos + 1)
			l.set(r, l.pt(layer, "pattern"), pos, ir.Slice{Off: n, N1: n, S1: 1}, l.constant(slices.Repeat([]float32{1 / float32(n)}, int(n))...))
		}
		l.check(fmt.Sprintf("pattern_uniform/l%dh1/logits_last", layer), l.last(r))
	}
}

func TestSteeringAgrees(t *testing.T) {
	l := newLab(t)
	var by []float32
	for _, v := range l.refs["steer/vector"].Data {
		by = append(by, float32(2.5*v))
	}
	r, p := l.prompt("len16_clean"), l.pt(1, "resid_pre")
	l.setAll(r, p, ir.Slice{}, func(pos int) ir.NodeID {
		return l.op(addRow, l.read(r, p, pos, ir.Slice{}, int32(len(r.Sets))), l.constant(by...))
	})
	l.check("steer/logits", l.all(r, l.m.Arch().Logits()))
}

func TestAttributionPatchingAgrees(t *testing.T) {
	l := newLab(t)
	clean, corr := l.prompt("len16_clean"), l.prompt("len16_corr")
	metric := l.metric(corr)
	var grid []ir.NodeID
	for layer := range 2 {
		p := l.pt(layer, "resid_pre")
		for pos := range 16 {
			v := &ir.View{Pt: p, Model: l.m, Pieces: []ir.Piece{{Run: corr.ID, Pos: int32(pos), After: allSets}}}
			delta := l.op(subRow, l.read(clean, p, pos, ir.Slice{}, allSets), l.read(corr, p, pos, ir.Slice{}, allSets))
			grid = append(grid, l.op(sumRow, l.op(mulRow, delta, l.grad(metric, v))))
		}
	}
	l.check("attribution_patch/grid", grid...)
}

func TestGenerationAgreesAndContinuesWhereItStopped(t *testing.T) {
	l := newLab(t)
	for name, want := range l.cases.Greedy {
		for engine, e := range map[string]Engine{"naive": NewNaive(Options{}), "batched": NewBatched(Options{})} {
			t.Run(name+"/"+engine, func(t *testing.T) {
				r := l.prompt(name)
				r.Gen = &ir.Gen{N: len(want.Tokens)}
				id := l.add(ir.Node{Kind: ir.NTokens, VKind: ir.KList, View: &ir.View{Model: l.m, Pieces: []ir.Piece{{Run: r.ID, After: allSets}}}})
				var got []int32
				err := e.Eval(t.Context(), l.g, []ir.NodeID{id}, func(_ ir.NodeID, v ir.Value, err error) {
					if err != nil {
						t.Fatal(err)
					}
					for _, x := range v.(*ir.List).Items {
						got = append(got, int32(x.(int64)))
					}
				})
				if err != nil || !slices.Equal(got, want.Tokens) {
					t.Errorf("got %v, %v, want %v", got, err, want.Tokens)
				}
			})
		}
	}
}
