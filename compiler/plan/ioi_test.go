package plan

import (
	"strings"
	"testing"

	"interp/internal/toy"
	"interp/ir"
	"interp/nnrt/arch"
)

// session is a script with its builder.
type session struct {
	*toy.Script
	t testing.TB
	b *Builder
}

func newSession(t testing.TB, s *toy.Script) *session {
	return &session{s, t, NewBuilder(NewTable(), s.G)}
}

func small() *toy.Model { return &toy.Model{A: toy.Serial(toy.Small)} }

func (s *session) lower() (want []ValID) {
	for _, id := range s.Want {
		v, err := s.b.Node(id)
		if err != nil {
			s.t.Fatal(err)
		}
		want = append(want, v)
	}
	return want
}

func (s *session) plan() *Plan {
	want := s.lower()
	return NewPlanner(s.b.Table).Make(want, Nothing)
}

// TestWorkOfSweeps compares with the closed formulas of what must be computed (bench/flops.py, plan H)
// less what the formulas' base computes and nobody reads.
func TestWorkOfSweeps(t *testing.T) {
	for _, c := range []struct {
		name  string
		s     *session
		flops int64
		noops int
	}{
		{"residual stream, 16 tokens, first difference at 9", newSession(t, toy.ResidSweep(small(), 16, 9)), 25_317_267_456, 114},
		{"residual stream, 15 tokens", newSession(t, toy.ResidSweep(small(), 15, 9)), 19_505_587_200 - 5*6*768*768, 113},
		{"z of every head, 16 tokens", newSession(t, toy.HeadSweep(small(), 16, 9)), 82_932_642_816 - 6*6*768*768, 1188},
		{"z of every head, 15 tokens", newSession(t, toy.HeadSweep(small(), 15, 9)), 71_526_902_784 - 5*6*768*768, 1188 - 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := c.s.plan()
			if got := p.Cost.Flops(c.s.b.Table); got != c.flops {
				t.Errorf("planned: got %d FLOP, want %d", got, c.flops)
			}
			if p.Passes != 1 {
				t.Errorf("passes: got %d, want 1", p.Passes)
			}
			if got := len(c.s.b.NoOps); got != c.noops {
				t.Errorf("no-ops: got %d, want %d", got, c.noops)
			}
		})
	}
}

// TestMLPRowsByLayer are those of the residual sweep: two base runs with a shared prefix, then the
// patches of all layers below.
func TestMLPRowsByLayer(t *testing.T) {
	s := newSession(t, toy.ResidSweep(small(), 16, 9))
	p := s.plan()
	want := []int64{23, 50, 77, 104, 131, 158, 185, 212, 239, 266, 293, 79}
	for l, n := range want {
		if got := p.Cost.Rows[0][s.At(l, "mlp_out")]; got != n {
			t.Errorf("layer %d: got %d rows, want %d", l, got, n)
		}
	}
}

// TestDenseWork is what the sweep costs run by run: 769 GFLOP.
func TestDenseWork(t *testing.T) {
	s := newSession(t, toy.ResidSweep(small(), 16, 9))
	var c Cost
	for _, r := range s.G.Runs {
		c.Add(s.b.Dense(r, 0), 1)
	}
	if got := float64(c.Flops(s.b.Table)) / 1e9; got < 768 || got > 769.5 {
		t.Errorf("got %.1f GFLOP", got)
	}
	if got, want := c.States(s.b.Table), int64(194*16*12*4); got != want {
		t.Errorf("got %d states, want %d", got, want)
	}
}

// TestWholeSite sets the residual stream of a layer everywhere: from the clean run nothing is left to
// do, from recorded numbers nothing below the layer.
func TestWholeSite(t *testing.T) {
	for _, l := range []int{0, 5, 11} {
		s := newSession(t, toy.NewScript(small()))
		clean, corrupted := s.Pair(16, 9)
		p := s.At(l, "resid_pre")
		var copied, recorded []ir.Set
		for pos := range 16 {
			copied = append(copied, ir.Set{Pos: int32(pos), Pt: p, Val: s.Of(clean, pos, p, ir.Slice{})})
			x := make([]float32, 768)
			x[0] = float32(pos)
			recorded = append(recorded, ir.Set{Pos: int32(pos), Pt: p, Val: s.Add(ir.Node{Kind: ir.NConst, Const: toy.Array(x)})})
		}
		s.Diff(s.Invoke(corrupted.Tokens, copied...))
		if want := s.lower(); want[0] != want[2] {
			t.Errorf("layer %d: patched logits have another address than the clean ones", l)
		}
		s.Want = nil
		s.Diff(s.Invoke(corrupted.Tokens, recorded...))
		plan := s.plan()
		for q := range p {
			if n := plan.Cost.Rows[0][q]; n != 0 {
				t.Errorf("layer %d: %d rows at %s below it", l, n, s.M.Arch().PointName(q))
			}
		}
	}
}

// TestPiecewiseCopies: a row set piece by piece to another column's row is that column's.
func TestPiecewiseCopies(t *testing.T) {
	s := newSession(t, toy.NewScript(small()))
	clean, corrupted := s.Pair(16, 9)
	var sets []ir.Set
	kv := s.At(5, "kv")
	for pos := range 16 {
		for _, sl := range []ir.Slice{{N1: 768, S1: 1}, {Off: 768, N1: 768, S1: 1}} {
			sets = append(sets, ir.Set{Pos: int32(pos), Pt: kv, Sl: sl, Val: s.Of(clean, pos, kv, sl)})
		}
	}
	halves := s.Diff(s.Invoke(corrupted.Tokens, sets...))
	sets = nil
	for pos := range 16 {
		sets = append(sets, ir.Set{Pos: int32(pos), Pt: kv, Val: s.Of(clean, pos, kv, ir.Slice{})})
	}
	whole := s.Diff(s.Invoke(corrupted.Tokens, sets...))
	a, _ := s.b.Node(halves)
	b, _ := s.b.Node(whole)
	if a != b {
		t.Error("keys and values set in halves are not those set at once")
	}
}

// TestDerivedTables compares what follows from the inputs with what was worked out by hand.
func TestDerivedTables(t *testing.T) {
	a := toy.Serial(toy.Small)
	o := derive(a)
	at := func(l int, kind string) arch.Point {
		p, _ := a.Named(l, kind)
		return p
	}
	for _, c := range []struct{ kind, until, under string }{
		{"resid_pre", "arrive", ""}, {"ln1_scale", "ln1", "resid_pre"}, {"ln1", "arrive", "resid_pre"},
		{"kv", "arrive", "ln1"}, {"q", "arrive", "kv"}, {"scores", "z", "kv"}, {"pattern", "z", "kv"},
		{"z", "resid_mid", "resid_pre"}, {"attn_out", "resid_mid", "resid_pre"}, {"ln2_scale", "ln2", "resid_mid"},
		{"ln2", "next resid_pre", "resid_mid"}, {"pre", "next resid_pre", "resid_mid"}, {"mlp_out", "next resid_pre", "resid_mid"},
		{"resid_mid", "next arrive", ""},
	} {
		p := at(3, c.kind)
		until := at(3, c.until)
		if len(c.until) > 5 && c.until[:5] == "next " {
			until = at(4, c.until[5:])
		}
		if got := o.until(p); got != until {
			t.Errorf("%s: carries up to %s, want %s", c.kind, a.PointName(got), c.until)
		}
		under := arch.Point(-1)
		if c.under != "" {
			under = at(3, c.under)
		}
		if got := o.under(p); got != under {
			t.Errorf("%s: %d is wanted below, want %s", c.kind, got, c.under)
		}
	}
	for _, c := range []struct {
		kind string
		see  arch.Point
	}{{"resid_pre", at(3, "arrive")}, {"kv", at(3, "arrive")}, {"q", at(4, "arrive")}, {"scores", at(4, "arrive")}, {"mlp_out", at(4, "arrive")}} {
		if got := o.vis(at(3, c.kind)); got != c.see {
			t.Errorf("%s: seen at %s, want %s", c.kind, a.PointName(got), a.PointName(c.see))
		}
	}
	if o.vis(at(11, "z")) != arch.Never || o.until(at(11, "resid_mid")) != arch.Never {
		t.Error("the last block's z is seen by a later column")
	}
	if o.follows(at(3, "kv"), at(3, "q")) || !o.follows(at(3, "kv"), at(3, "z")) || o.follows(0, 1) {
		t.Error("queries follow from keys, or z does not")
	}
	if final := at(12, "lnf_scale"); o.under(final) != at(12, "resid_pre") || o.until(final) != at(12, "lnf") {
		t.Error("the final scale stands alone")
	}
}

// TestReport adds up to the totals, and the printed plan names rows and forks.
func TestReport(t *testing.T) {
	s := newSession(t, toy.ResidSweep(small(), 16, 9))
	p := s.plan()
	var dense Cost
	for _, r := range s.G.Runs {
		dense.Add(s.b.Dense(r, 0), 1)
	}
	r := NewReport(s.b.Table, dense, p.Cost)
	var states, flops int64
	for _, l := range r.Models[0].Layers {
		if len(l.Stages) != 4 {
			t.Fatalf("got %d stages, want 4", len(l.Stages))
		}
		for _, st := range l.Stages {
			states += st.StatesPlanned
			flops += st.FlopsPlanned
		}
	}
	if flops += r.Models[0].LogitsPlanned * 2 * 768; flops != r.FlopsPlanned || states != r.StatesPlanned {
		t.Errorf("the parts add up to %d FLOP and %d states, the whole is %d and %d", flops, states, r.FlopsPlanned, r.StatesPlanned)
	}
	if peak := p.Peak(); peak < 3<<20 || peak > 16<<20 {
		t.Errorf("peak of rows: got %d bytes", peak)
	}
	var out strings.Builder
	if err := p.Fprint(&out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"plan: 347 columns, 1 pass, ", "as 1 below", "     17 rows  wte wpe", "    293 rows  "} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the printed plan has no %q:\n%s", want, out.String()[:2000])
		}
	}
}
