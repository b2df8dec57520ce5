package arch

import (
	"slices"
	"strings"
	"testing"
)

// small has sizes that are all different, so that a wrong one shows.
var small = Dims{Layers: 3, Heads: 2, KVHeads: 2, DModel: 10, DHead: 5, DMlp: 17, DVocab: 23, NCtx: 29}

func gpt2(t *testing.T) *Arch {
	t.Helper()
	a, err := GPT2(small)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestPointsAreNumberedInTheOrderOfComputation(t *testing.T) {
	a := gpt2(t)
	if got, want := a.Points(), 2+3*16+4; got != want {
		t.Fatalf("%d points, want %d", got, want)
	}
	for _, row := range []struct {
		p     Point
		layer int
		name  string
		width int // at position 3
	}{
		{0, -1, "wte", 10},
		{1, -1, "wpe", 10},
		{2, 0, "blocks[0].resid_pre", 10},
		{3, 0, "blocks[0].ln1_scale", 1},
		{5, 0, "blocks[0].kv", 20},
		{6, 0, "blocks[0].q", 10},
		{7, 0, "blocks[0].arrive", 0},
		{8, 0, "blocks[0].scores", 8},
		{9, 0, "blocks[0].pattern", 8},
		{15, 0, "blocks[0].pre", 17},
		{18, 1, "blocks[1].resid_pre", 10},
		{49, 2, "blocks[2].mlp_out", 10},
		{50, 3, "final.resid_pre", 10},
		{51, 3, "final.lnf_scale", 1},
		{53, 3, "final.logits", 23},
	} {
		if got := a.PointName(row.p); got != row.name {
			t.Errorf("point %d is %s, want %s", row.p, got, row.name)
		}
		if got := a.Layer(row.p); got != row.layer {
			t.Errorf("%s is in layer %d, want %d", row.name, got, row.layer)
		}
		if got := a.Width(row.p, 3); got != row.width {
			t.Errorf("%s has %d numbers, want %d", row.name, got, row.width)
		}
		if p, ok := a.Named(row.layer, a.Row(row.p).Kind); !ok || p != row.p {
			t.Errorf("%s by its name is %d, want %d", row.name, p, row.p)
		}
	}
	if a.Logits() != 53 || a.KV(1) != 21 || a.Arrival(2) != 39 {
		t.Errorf("logits %d, kv of layer 1 %d, arrival of layer 2 %d", a.Logits(), a.KV(1), a.Arrival(2))
	}
}

func TestInputsStandBeforeWhatIsMadeOfThem(t *testing.T) {
	a := gpt2(t)
	for p := range Point(a.Points()) {
		for _, q := range a.Inputs(p) {
			if q >= p {
				t.Errorf("%s is made of %s", a.PointName(p), a.PointName(q))
			}
		}
	}
	for _, row := range []struct {
		p    Point
		want []Point
	}{
		{2, []Point{0, 1}},
		{4, []Point{2, 3}},
		{8, []Point{6}},
		{12, []Point{2, 11}},
		{18, []Point{12, 17}},
		{50, []Point{44, 49}},
		{53, []Point{52}},
	} {
		if got := a.Inputs(row.p); !slices.Equal(got, row.want) {
			t.Errorf("%s is made of %v, want %v", a.PointName(row.p), got, row.want)
		}
	}
}

// TestKeysComeFirstAndTheRestBeforeTheArrival checks the two rules of the package comment.
func TestKeysComeFirstAndTheRestBeforeTheArrival(t *testing.T) {
	a := gpt2(t)
	kv, arrival := a.KV(1), a.Arrival(1)
	follows := func(set map[Point]bool, p Point) bool {
		return slices.ContainsFunc(a.Inputs(p), func(q Point) bool { return set[q] })
	}
	before := map[Point]bool{kv: true} // what keys follow from
	for p := kv; p >= a.At(1, 0); p-- {
		if before[p] {
			for _, q := range a.Inputs(p) {
				before[q] = true
			}
		} else {
			t.Errorf("%s stands before the keys, which do not follow from it", a.PointName(p))
		}
	}
	after := map[Point]bool{}
	for p := a.At(1, 0); p < a.At(2, 0); p++ {
		after[p] = a.Row(p).Keys || follows(after, p)
		if !a.Row(p).Arrive && after[p] != (p > arrival) {
			t.Errorf("%s needs earlier positions: %v, and stands after the arrival: %v", a.PointName(p), after[p], p > arrival)
		}
	}
}

func TestTablesThatAreWrongAreRefused(t *testing.T) {
	a := gpt2(t)
	bad := *a
	bad.Block = slices.Clone(a.Block)
	bad.Block[1].Inputs = []Input{{Kind: "mlp_out"}}
	if _, err := New(bad); err == nil || !strings.Contains(err.Error(), `ln1_scale reads "mlp_out", which is not before it`) {
		t.Errorf("got %v", err)
	}
}

func TestEverySiteHasAPointOfItsShape(t *testing.T) {
	a := gpt2(t)
	seen := map[string]bool{}
	for _, s := range a.Sites {
		for _, path := range append(append([]string{s.Name}, s.HF...), s.TL...) {
			if seen[path] && path != "logits" {
				t.Errorf("%s is the name of two sites", path)
			}
			seen[path] = true
			if s.Layered && path != s.Name && strings.Count(path, "[]") != 1 {
				t.Errorf("%s has no place for the layer", path)
			}
		}
		if a.SiteNamed(s.Name) != s {
			t.Errorf("%s is not found by its name", s.Name)
		}
		if s.Parts != nil || s.Derived {
			for _, part := range s.Parts {
				if a.SiteNamed(part) == nil {
					t.Errorf("%s is made of %s, which is no site", s.Name, part)
				}
			}
			continue
		}
		p, ok := a.Named(s.Shift, s.Kind)
		if !ok {
			t.Errorf("%s has no point %s", s.Name, s.Kind)
			continue
		}
		width := 1
		for _, x := range s.Axes {
			width *= x.Size
		}
		if s.Kind == "kv" {
			width *= 2
		}
		if s.Attn {
			width = a.Dims.Heads * 4
		}
		if got := a.Width(p, 3); got != width {
			t.Errorf("%s shows %d numbers, a row at %s has %d", s.Name, width, a.PointName(p), got)
		}
	}
}

// TestPathsOfBothWorldsAreOneSite has the pairs of the design's table.
func TestPathsOfBothWorldsAreOneSite(t *testing.T) {
	a := gpt2(t)
	for _, row := range [][3]string{
		{"transformer.wte.output", "hook_embed", "embed"},
		{"transformer.wpe.output", "hook_pos_embed", "pos_embed"},
		{"transformer.h[].input", "blocks[].hook_resid_pre", "resid_pre"},
		{"transformer.h[].ln_1.input", "blocks[].hook_resid_pre", "resid_pre"},
		{"transformer.h[].ln_1.output", "blocks[].ln1.hook_normalized", "ln1"},
		{"transformer.h[].attn.input", "blocks[].ln1.hook_normalized", "ln1"},
		{"transformer.h[].attn.c_proj.input", "blocks[].attn.hook_z", "z"},
		{"transformer.h[].attn.output", "blocks[].hook_attn_out", "attn_out"},
		{"transformer.h[].ln_2.input", "blocks[].hook_resid_mid", "resid_mid"},
		{"transformer.h[].mlp.c_fc.output", "blocks[].mlp.hook_pre", "pre"},
		{"transformer.h[].mlp.act.output", "blocks[].mlp.hook_post", "post"},
		{"transformer.h[].mlp.output", "blocks[].hook_mlp_out", "mlp_out"},
		{"transformer.h[].output", "blocks[].hook_resid_post", "resid_post"},
		{"transformer.output", "ln_final.hook_normalized", "lnf"},
		{"lm_head.output", "logits", "logits"},
	} {
		hf, _ := a.Lookup(row[0])
		tl, _ := a.Lookup(row[1])
		if hf == nil || hf != tl || hf.Name != row[2] {
			t.Errorf("%s is %v, %s is %v, want the site %s", row[0], hf, row[1], tl, row[2])
		}
	}
}

func TestModulesAreChainsOfPoints(t *testing.T) {
	a := gpt2(t)
	for _, m := range a.Modules {
		layer := 1
		if !m.Layered {
			layer = a.Dims.Layers
		}
		for _, k := range m.Kinds {
			if _, ok := a.Named(layer, k); !ok {
				t.Errorf("%s: there is no point %s", m.Path, k)
			}
		}
		for _, p := range m.names() {
			if _, got := a.Lookup(p); got != m {
				t.Errorf("%s is not found by its name %s", m.Path, p)
			}
		}
	}
	for _, p := range a.Paths() {
		if s, m := a.Lookup(p); s == nil && m == nil {
			t.Errorf("%s leads nowhere", p)
		}
	}
}

func TestNamesOfWeightsSayTheLayer(t *testing.T) {
	w := Weight{Name: "h.[].mlp.c_fc.weight", Layers: true}
	for _, row := range []struct {
		name  string
		layer int
		ok    bool
	}{
		{"h.0.mlp.c_fc.weight", 0, true},
		{"h.2.mlp.c_fc.weight", 2, true},
		{"h.3.mlp.c_fc.weight", 0, false},
		{"h.-1.mlp.c_fc.weight", 0, false},
		{"h.02.mlp.c_fc.weight", 0, false},
		{"h.+1.mlp.c_fc.weight", 0, false},
		{"h..mlp.c_fc.weight", 0, false},
		{"h.1.mlp.c_fc.bias", 0, false},
		{"h.1.2.mlp.c_fc.weight", 0, false},
	} {
		l, ok := w.Layer(row.name, 3)
		if ok != row.ok || ok && l != row.layer || w.Matches(row.name, 3) != row.ok {
			t.Errorf("%s: layer %d, %v, want %d, %v", row.name, l, ok, row.layer, row.ok)
		}
	}
	plain := Weight{Name: "ln_f.bias"}
	if !plain.Matches("ln_f.bias", 3) || plain.Matches("ln_f.weight", 3) {
		t.Error("a weight without layers is its name")
	}
}

// TestFlopsOfGPT2Small are worked by hand: 2 x 768 x 768 for each of q, k, v and the projection,
// 2 x 768 x 3072 for each half of the MLP, 2 x 768 x (pos + 1) for scores and for z.
func TestFlopsOfGPT2Small(t *testing.T) {
	a, err := GPT2(Dims{Layers: 12, Heads: 12, KVHeads: 12, DModel: 768, DHead: 64, DMlp: 3072, DVocab: 50257, NCtx: 1024})
	if err != nil {
		t.Fatal(err)
	}
	sum := int64(0)
	for p := a.At(5, 0); p < a.At(6, 0); p++ {
		sum += a.Flops(p, 9)
	}
	if want := int64(4*1179648 + 2*4718592 + 2*15360); sum != want {
		t.Errorf("a row of a block at position 9 costs %d, want %d", sum, want)
	}
	if a.Flops(0, 9) != 0 || a.Flops(a.Logits(), 9) != 0 {
		t.Error("embeddings and logits are not counted by row")
	}
}

// TestEveryModuleOfTheTreeHasInputAndOutput lists Hugging Face's tree of modules, dropouts too: those
// are aliases of what passes through them. The inputs of embeddings are ids, which are no activation.
func TestEveryModuleOfTheTreeHasInputAndOutput(t *testing.T) {
	a := gpt2(t)
	h := "transformer.h[]."
	for path, want := range map[string][2]string{
		"transformer.wte":  {"", "embed"},
		"transformer.wpe":  {"", "pos_embed"},
		"transformer.drop": {"resid_first", "resid_first"},
		"transformer.h[]":  {"resid_pre", "resid_post"},
		h + "ln_1":         {"resid_pre", "ln1"}, h + "ln_2": {"resid_mid", "ln2"},
		h + "attn": {"ln1", "attn_out"}, h + "attn.c_attn": {"ln1", "c_attn"}, h + "attn.c_proj": {"z", "attn_out"},
		h + "attn.attn_dropout": {"pattern", "pattern"}, h + "attn.resid_dropout": {"attn_out", "attn_out"},
		h + "mlp": {"ln2", "mlp_out"}, h + "mlp.c_fc": {"ln2", "pre"}, h + "mlp.act": {"pre", "post"},
		h + "mlp.c_proj": {"post", "mlp_out"}, h + "mlp.dropout": {"mlp_out", "mlp_out"},
		"transformer.ln_f": {"resid_final", "lnf"}, "transformer": {"", "lnf"}, "lm_head": {"lnf", "logits"},
	} {
		for i, end := range []string{".input", ".output"} {
			got := ""
			if s, _ := a.Lookup(path + end); s != nil {
				got = s.Name
			}
			if got != want[i] {
				t.Errorf("%s%s is %q, want %q", path, end, got, want[i])
			}
		}
	}
}
