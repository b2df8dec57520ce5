package plan

import (
	"testing"

	"interp/internal/toy"
	"interp/ir"
	"interp/nnrt/arch"
)

var smallDims = arch.Dims{Layers: 12, Heads: 12, KVHeads: 12, DModel: 768, DHead: 64, DMlp: 3072, DVocab: 50257, NCtx: 1024}

// session puts graphs together by hand. Its runs are of GPT-2 small.
type session struct {
	*toy.Gen
	t testing.TB
	m *toy.Model
	b *Builder
	w []ValID
}

func newSession(t testing.TB) *session {
	m := &toy.Model{A: toy.Serial(smallDims)}
	s := &session{Gen: toy.NewGen(1, m), t: t, m: m}
	s.b = NewBuilder(NewTable(), s.G)
	return s
}

func (s *session) at(layer int, kind string) arch.Point {
	p, ok := s.m.A.Named(layer, kind)
	if !ok {
		s.t.Fatalf("no point %s", kind)
	}
	return p
}

func (s *session) invoke(toks []int32, sets ...ir.Set) *ir.Run {
	r := &ir.Run{ID: ir.RunID(len(s.G.Runs)), Model: s.m, Tokens: toks, Sets: sets, Closed: true}
	s.G.Runs = append(s.G.Runs, r)
	return r
}

func (s *session) of(r *ir.Run, pos int, p arch.Point, sl ir.Slice) ir.NodeID {
	return s.Read(p, s.m, ir.Piece{Run: r.ID, Pos: int32(pos), Sl: sl, After: int32(len(r.Sets))})
}

func (s *session) save(id ir.NodeID) ValID {
	v, err := s.b.Node(id)
	if err != nil {
		s.t.Fatal(err)
	}
	s.w = append(s.w, v)
	return v
}

// diff saves the difference of two logits at the last position.
func (s *session) diff(r *ir.Run) ValID {
	one := func(tok int32) ir.NodeID {
		return s.of(r, len(r.Tokens)-1, s.m.A.Logits(), ir.Slice{Off: tok, N1: 1, S1: 1})
	}
	return s.save(s.Op("-", one(1757), one(5335)))
}

// pair is a clean and a corrupted prompt of n tokens that differ at d alone.
func (s *session) pair(n, d int) (clean, corrupted *ir.Run) {
	a, b := make([]int32, n), make([]int32, n)
	for i := range a {
		a[i], b[i] = int32(100+i), int32(100+i)
	}
	b[d] = 7
	clean, corrupted = s.invoke(a), s.invoke(b)
	s.diff(clean)
	s.diff(corrupted)
	return clean, corrupted
}

// residSweep is the README's experiment, 12 layers by n positions.
func residSweep(t testing.TB, n, d int) *session {
	s := newSession(t)
	clean, corrupted := s.pair(n, d)
	for l := range s.m.A.Dims.Layers {
		for pos := range n {
			p := s.at(l, "resid_pre")
			s.diff(s.invoke(corrupted.Tokens, ir.Set{Pos: int32(pos), Pt: p, Val: s.of(clean, pos, p, ir.Slice{})}))
		}
	}
	return s
}

// headSweep patches z of one head at all positions, 144 times.
func headSweep(t testing.TB, n, d int) *session {
	s := newSession(t)
	clean, corrupted := s.pair(n, d)
	for l := range s.m.A.Dims.Layers {
		for h := range s.m.A.Dims.Heads {
			p, sl := s.at(l, "z"), ir.Slice{Off: int32(h * 64), N1: 64, S1: 1}
			var sets []ir.Set
			for pos := range n {
				sets = append(sets, ir.Set{Pos: int32(pos), Pt: p, Sl: sl, Val: s.of(clean, pos, p, sl)})
			}
			s.diff(s.invoke(corrupted.Tokens, sets...))
		}
	}
	return s
}

func (s *session) plan() *Plan { return NewPlanner(s.b.Table).Make(s.w, Nothing) }

// TestWorkOfSweeps compares with the closed formulas of what must be computed (bench/flops.py, plan H)
// less what the formulas' base computes and nobody reads.
func TestWorkOfSweeps(t *testing.T) {
	for _, c := range []struct {
		name  string
		s     *session
		flops int64
		noops int
	}{
		{"residual stream, 16 tokens, first difference at 9", residSweep(t, 16, 9), 25_317_267_456, 114},
		{"residual stream, 15 tokens", residSweep(t, 15, 9), 19_505_587_200 - 5*6*768*768, 113},
		{"z of every head, 16 tokens", headSweep(t, 16, 9), 82_932_642_816 - 6*6*768*768, 1188},
		{"z of every head, 15 tokens", headSweep(t, 15, 9), 71_526_902_784 - 5*6*768*768, 1188 - 0},
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
	s := residSweep(t, 16, 9)
	p := s.plan()
	want := []int64{23, 50, 77, 104, 131, 158, 185, 212, 239, 266, 293, 79}
	for l, n := range want {
		if got := p.Cost.Rows[0][s.at(l, "mlp_out")]; got != n {
			t.Errorf("layer %d: got %d rows, want %d", l, got, n)
		}
	}
}

// TestDenseWork is what the sweep costs run by run: 769 GFLOP.
func TestDenseWork(t *testing.T) {
	s := residSweep(t, 16, 9)
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
		s := newSession(t)
		clean, corrupted := s.pair(16, 9)
		p := s.at(l, "resid_pre")
		var copied, recorded []ir.Set
		for pos := range 16 {
			copied = append(copied, ir.Set{Pos: int32(pos), Pt: p, Val: s.of(clean, pos, p, ir.Slice{})})
			x := make([]float32, 768)
			x[0] = float32(pos)
			recorded = append(recorded, ir.Set{Pos: int32(pos), Pt: p, Val: s.Add(ir.Node{Kind: ir.NConst, Const: toy.Array(x)})})
		}
		if s.diff(clean) != s.diff(s.invoke(corrupted.Tokens, copied...)) {
			t.Errorf("layer %d: patched logits have another address than the clean ones", l)
		}
		s.w = nil
		s.diff(s.invoke(corrupted.Tokens, recorded...))
		plan := s.plan()
		for q := range p {
			if n := plan.Cost.Rows[0][q]; n != 0 {
				t.Errorf("layer %d: %d rows at %s below it", l, n, s.m.A.PointName(q))
			}
		}
	}
}

// TestDerivedTables compares what follows from the inputs with what was worked out by hand.
func TestDerivedTables(t *testing.T) {
	a := toy.Serial(smallDims)
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
