package exec

import (
	"context"
	"errors"
	"math/rand"
	"strings"
	"testing"

	"interp/internal/toy"
	"interp/ir"
	"interp/nnrt/tensor"
)

func idleSmall() idle { return idle{&toy.Model{A: toy.Serial(toy.Small)}} }

func run(t testing.TB, e *Batched, s *toy.Script) map[ir.NodeID]ir.Value {
	t.Helper()
	out := map[ir.NodeID]ir.Value{}
	err := e.Eval(context.Background(), s.G, s.Want, func(id ir.NodeID, v ir.Value, err error) {
		if err != nil {
			t.Errorf("node %d: %v", id, err)
		}
		out[id] = v
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestWorkDoesNotGrowWithChunks: however small chunks are, or however often the host forces a value,
// the rows made are the same, since what more than one chunk reads is kept.
func TestWorkDoesNotGrowWithChunks(t *testing.T) {
	const flops = 25_317_267_456
	for _, c := range []struct {
		name   string
		opts   Options
		forced bool
		chunks int64
	}{
		{"one chunk", Options{}, false, 1},
		{"chunks of 100 columns", Options{Columns: 100}, false, 5},
		{"chunks of 40 columns", Options{Columns: 40}, false, 78},
		{"forced after every patch", Options{}, true, 194},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := toy.ResidSweep(idleSmall(), 16, 9)
			e := NewBatched(c.opts)
			if c.forced {
				all := s.Want
				for _, id := range all {
					s.Want = []ir.NodeID{id}
					run(t, e, s)
				}
			} else {
				run(t, e, s)
			}
			st := e.Stats()
			if more := float64(st.FlopsPlanned)/flops - 1; more < 0 || more > 0.01 {
				t.Errorf("got %d FLOP, want %d", st.FlopsPlanned, flops)
			}
			if st.Chunks < min(c.chunks, 2) || st.Chunks > 2*c.chunks {
				t.Errorf("got %d chunks, want about %d", st.Chunks, c.chunks)
			}
			if st.Passes != 1 || st.NoOps != 114 {
				t.Errorf("got %d passes and %d no-ops, want 1 and 114", st.Passes, st.NoOps)
			}
			if e.run.rows.live != 0 {
				t.Errorf("%d bytes of rows were not given back", e.run.rows.live)
			}
		})
	}
}

// TestExplainTellsWhatRuns: the plan made without weights is the plan that runs.
func TestExplainTellsWhatRuns(t *testing.T) {
	for _, opts := range []Options{{}, {Columns: 100}} {
		s := toy.HeadSweep(idleSmall(), 16, 9)
		r, err := NewBatched(opts).Explain(context.Background(), s.G, s.Want)
		if err != nil {
			t.Fatal(err)
		}
		e := NewBatched(opts)
		run(t, e, s)
		st := e.Stats()
		if r.FlopsPlanned != st.FlopsPlanned || r.StatesPlanned != st.StatesPlanned || r.Chunks != st.Chunks || len(r.NoOps) != int(st.NoOps) || r.FlopsDense != st.FlopsDense {
			t.Errorf("explained %+v, ran %+v", *r, st)
		}
		if lo, hi := st.PeakBytes/2, st.PeakBytes*2; r.PeakBytes < lo || r.PeakBytes > hi {
			t.Errorf("explained a peak of %d bytes, it was %d", r.PeakBytes, st.PeakBytes)
		}
	}
}

// TestMemoryIsBounded: rows that live at once stay within what a chunk may take.
func TestMemoryIsBounded(t *testing.T) {
	for _, c := range []struct {
		name string
		s    *toy.Script
		opts Options
		most int64
	}{
		{"ioi sweep", toy.ResidSweep(idleSmall(), 16, 9), Options{}, 24 << 20},
		{"2,000 prompts in 16 MB", toy.Prompts(idleSmall(), 2000, 15), Options{Mem: 16 << 20}, 32 << 20},
		{"1,000 patches", toy.Patches(idleSmall(), 1000, 15), Options{Mem: 32 << 20}, 64 << 20},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := NewBatched(c.opts)
			run(t, e, c.s)
			if got := e.Stats().PeakBytes; got > c.most {
				t.Errorf("peak: got %d bytes, want at most %d", got, c.most)
			}
		})
	}
}

// TestPrefixesStayForTheChunksThatReadThem: prompts far apart share a prefix, and what is kept does not all
// fit: what no later chunk reads goes first.
func TestPrefixesStayForTheChunksThatReadThem(t *testing.T) {
	m := &toyRuntime{Model: toy.New(toy.Serial(toy.Dims), 1)}
	s, rng := toy.NewScript(m), rand.New(rand.NewSource(1))
	prefixes := make([][]int32, 20)
	for i := range prefixes {
		prefixes[i] = toy.RandomTokens(rng, m, 6)
	}
	for range 3 {
		for _, p := range prefixes {
			s.Diff(s.Invoke(append(append([]int32(nil), p...), toy.RandomTokens(rng, m, 8)...)))
		}
	}
	one := NewBatched(Options{})
	run(t, one, s)
	many := NewBatched(Options{Columns: 60, Mem: 700 << 10})
	run(t, many, s)
	if a, b := one.Stats(), many.Stats(); b.StatesPlanned > a.StatesPlanned || b.Chunks < 5 {
		t.Errorf("%d chunks make %d states, one makes %d", b.Chunks, b.StatesPlanned, a.StatesPlanned)
	}
}

// TestAMeanIsTakenOnce: a value of many prompts, set in many chunks and forced traces, is computed once.
func TestAMeanIsTakenOnce(t *testing.T) {
	m := &toyRuntime{Model: toy.New(toy.Serial(toy.Dims), 1)}
	s, rng := toy.NewScript(m), rand.New(rand.NewSource(1))
	p := s.At(1, "resid_pre")
	var rows []ir.NodeID
	for range 40 {
		rows = append(rows, s.Of(s.Invoke(toy.RandomTokens(rng, m, 6)), 5, p, ir.Slice{}))
	}
	mean := s.Op("mid", rows...)
	for range 30 {
		s.Diff(s.Invoke(toy.RandomTokens(rng, m, 6), ir.Set{Pos: 5, Pt: p, Val: mean}))
	}
	one := NewBatched(Options{})
	run(t, one, s)
	many := NewBatched(Options{Columns: 20, Mem: 128 << 10})
	for _, id := range s.Want {
		run(t, many, &toy.Script{Gen: s.Gen, M: s.M, Want: []ir.NodeID{id}})
	}
	if a, b := one.Stats().FlopsPlanned, many.Stats().FlopsPlanned; float64(b) > 1.3*float64(a) {
		t.Errorf("one by one it takes %d FLOP, together %d", b, a)
	}
}

// TestOneValueIsCutThroughItsOperands: a value over many prompts is put together from several chunks.
func TestOneValueIsCutThroughItsOperands(t *testing.T) {
	m := &toyRuntime{Model: toy.New(toy.Serial(toy.Dims), 1)}
	values := map[int][]float32{}
	for _, columns := range []int{0, 30} {
		s, rng := toy.NewScript(m), rand.New(rand.NewSource(1))
		var pieces []ir.Piece
		for range 60 {
			r := s.Invoke(toy.RandomTokens(rng, m, 6))
			pieces = append(pieces, ir.Piece{Run: r.ID, Pos: 5})
		}
		all := s.Read(m.A.Logits(), m, pieces...)
		s.Want = []ir.NodeID{s.Op("mid", all, all), s.Op("+", all, s.Constant(60*toy.Dims.DVocab))}
		e := NewBatched(Options{Columns: columns, Mem: int64(columns) * 8 << 10})
		out := run(t, e, s)
		values[columns] = out[s.Want[0]].(*tensor.Array).F32()
		if st := e.Stats(); columns > 0 && (st.Chunks < 5 || st.PeakBytes > 300<<10) {
			t.Errorf("got %d chunks and a peak of %d bytes", st.Chunks, st.PeakBytes)
		}
		if m.rows == 0 {
			t.Error("nothing was computed")
		}
	}
	if !sameBits(values[0], values[30]) {
		t.Error("chunks change bits")
	}
}

// TestTooLargeForMemory: a value that cannot be cut is refused by name of the limit, before it runs.
func TestTooLargeForMemory(t *testing.T) {
	s := toy.Prompts(idleSmall(), 1, 1000)
	err := NewBatched(Options{Mem: 1 << 20}).Eval(context.Background(), s.G, s.Want[:1], func(ir.NodeID, ir.Value, error) { t.Error("it ran") })
	var x *ir.Error
	if !errors.As(err, &x) || !strings.Contains(x.Msg, "-mem allows 1.0 MiB") {
		t.Errorf("got %v", err)
	}
}

// TestFailedValues: what depends on a host function that failed is handed over as its error, all else
// has a value.
func TestFailedValues(t *testing.T) {
	m := &toyRuntime{Model: toy.New(toy.Serial(toy.Dims), 1)}
	s := toy.NewScript(m)
	boom := errors.New("boom")
	bad := func(arg ir.NodeID) ir.NodeID {
		row := &ir.OpRow{Name: "bad", Eval: func(*ir.Call) (ir.Value, error) { return nil, boom }}
		return s.Add(ir.Node{Kind: ir.NOp, Args: []ir.NodeID{arg}, Type: s.G.Nodes[arg].Type,
			Call: &ir.Call{Row: row, Args: []ir.Value{&ir.Lazy{Node: arg, Kind: ir.KArray}}}})
	}
	clean := s.Invoke([]int32{1, 2, 3})
	p := s.At(1, "resid_pre")
	hurt := s.Invoke([]int32{1, 2, 3}, ir.Set{Pos: 1, Pt: p, Val: bad(s.Of(clean, 1, p, ir.Slice{}))})
	short := s.Invoke([]int32{1, 2, 3}, ir.Set{Pos: 1, Pt: p, Val: s.Constant(3)})
	logits := m.A.Logits()
	for _, c := range []struct {
		name string
		node ir.NodeID
		err  error
	}{
		{"the clean logits", s.Of(clean, 2, logits, ir.Slice{}), nil},
		{"the failed value itself", bad(s.Of(clean, 0, p, ir.Slice{})), boom},
		{"a later position of the run whose set failed", s.Of(hurt, 2, logits, ir.Slice{}), boom},
		{"the position before the set", s.Of(hurt, 0, logits, ir.Slice{}), nil},
		{"a layer below the set", s.Of(hurt, 2, s.At(0, "resid_mid"), ir.Slice{}), nil},
		{"a set of too few numbers", s.Of(short, 2, logits, ir.Slice{}), &ir.Error{}},
	} {
		for _, evict := range []func() bool{nil, func() bool { return true }} {
			e := NewBatched(Options{Evict: evict})
			calls := 0
			err := e.Eval(context.Background(), s.G, []ir.NodeID{c.node}, func(_ ir.NodeID, v ir.Value, err error) {
				calls++
				var x *ir.Error
				switch {
				case c.err == nil && err != nil, c.err == boom && !errors.Is(err, boom), c.err != nil && c.err != boom && !errors.As(err, &x):
					t.Errorf("%s: got error %v, want %v", c.name, err, c.err)
				case err == nil && v.(*tensor.Array) == nil:
					t.Errorf("%s: no value", c.name)
				}
			})
			if err != nil || calls != 1 {
				t.Errorf("%s: %v, handed over %d times", c.name, err, calls)
			}
		}
	}
}

// TestFailureIsNotForgotten: what a failed set spoils stays an error in later chunks and calls, also of
// columns whose rows are kept.
func TestFailureIsNotForgotten(t *testing.T) {
	m := &toyRuntime{Model: toy.New(toy.Serial(toy.Dims), 1)}
	s := toy.NewScript(m)
	boom := errors.New("boom")
	row := &ir.OpRow{Name: "bad", Eval: func(*ir.Call) (ir.Value, error) { return nil, boom }}
	clean := s.Invoke([]int32{1, 2, 3, 4})
	p := s.At(1, "resid_pre")
	arg := s.Of(clean, 1, p, ir.Slice{})
	v := s.Add(ir.Node{Kind: ir.NOp, Args: []ir.NodeID{arg}, Call: &ir.Call{Row: row, Args: []ir.Value{&ir.Lazy{Node: arg}}}})
	hurt := s.Invoke([]int32{1, 2, 3, 4}, ir.Set{Pos: 1, Pt: p, Val: v})
	hurt.Gen = &ir.Gen{N: 2}
	for l := range 3 {
		for pos := 1; pos < 4; pos++ {
			s.Want = append(s.Want, s.Of(hurt, pos, s.At(l, "mlp_out"), ir.Slice{}), s.Of(clean, pos, s.At(l, "mlp_out"), ir.Slice{}))
		}
	}
	for _, columns := range []int{0, 1} {
		e := NewBatched(Options{Columns: columns})
		for range 2 {
			err := e.Eval(context.Background(), s.G, s.Want, func(id ir.NodeID, _ ir.Value, err error) {
				pc := s.G.Nodes[id].View
				if bad := pc.Pieces[0].Run == hurt.ID && (pc.Pt >= p && pc.Pieces[0].Pos == 1 || pc.Pt > s.At(1, "arrive")); (err != nil) != bad {
					t.Errorf("chunks of %d: %s at %d of run %d: got error %v", columns, m.A.PointName(pc.Pt), pc.Pieces[0].Pos, pc.Pieces[0].Run, err)
				}
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestCancel stops within a block.
func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	s := toy.ResidSweep(idleSmall(), 16, 9)
	cancel()
	err := NewBatched(Options{}).Eval(ctx, s.G, s.Want, func(ir.NodeID, ir.Value, error) { t.Error("a value after the end") })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestCheckFindsCycles by position and layer, not by layer alone.
func TestCheckFindsCycles(t *testing.T) {
	for _, c := range []struct {
		name       string
		set, read  int // positions
		up         bool
		cycle, two bool
	}{
		{"a later layer of the position itself", 2, 2, true, true, false},
		{"a later layer of a position after it", 1, 2, true, true, false},
		{"a later layer of a position before it: a second pass", 2, 1, true, false, true},
		{"a lower layer", 2, 2, false, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := &toyRuntime{Model: toy.New(toy.Serial(toy.Dims), 1)}
			s := toy.NewScript(m)
			r := s.Invoke([]int32{1, 2, 3, 4})
			from := s.At(0, "resid_mid")
			if c.up {
				from = s.At(2, "resid_mid")
			}
			v := s.Of(r, c.read, from, ir.Slice{})
			r.Sets = []ir.Set{{Pos: int32(c.set), Pt: s.At(1, "resid_mid"), Val: v}}
			e := NewBatched(Options{})
			err := e.Check(s.G, 0)
			var cycle *CycleError
			if errors.As(err, &cycle) != c.cycle {
				t.Fatalf("got %v", err)
			}
			if c.cycle && len(cycle.Sets) != 1 {
				t.Errorf("got %d sets", len(cycle.Sets))
			}
			if err != nil {
				return
			}
			s.Diff(r)
			run(t, e, s)
			if two := e.Stats().Passes == 2; two != c.two {
				t.Errorf("passes: got %d", e.Stats().Passes)
			}
		})
	}
}

// TestCheckSeesAllRowsOfAList: row 0 from row 1 and row 1 from row 0 is a cycle, from another prompt's
// invoke it is not.
func TestCheckSeesAllRowsOfAList(t *testing.T) {
	for _, c := range []struct {
		name  string
		back  bool
		cycle bool
	}{{"row 0 from row 1", false, false}, {"and back", true, true}} {
		t.Run(c.name, func(t *testing.T) {
			m := &toyRuntime{Model: toy.New(toy.Serial(toy.Dims), 1)}
			s := toy.NewScript(m)
			a, b := s.Invoke([]int32{1, 2, 3}), s.Invoke([]int32{1, 2, 4})
			b.Invoke, b.Row = a.Invoke, 1
			p := s.At(1, "resid_pre")
			ab, ba := s.Of(b, 1, p, ir.Slice{}), s.Of(a, 1, p, ir.Slice{})
			s.G.Nodes[ab].View.Pieces[0].After, s.G.Nodes[ba].View.Pieces[0].After = 1, 1
			a.Sets = []ir.Set{{Pos: 1, Pt: p, Val: ab}}
			if c.back {
				b.Sets = []ir.Set{{Pos: 1, Pt: p, Val: ba}}
			}
			err := NewBatched(Options{}).Check(s.G, a.ID)
			var cycle *CycleError
			if errors.As(err, &cycle) != c.cycle {
				t.Fatalf("got %v", err)
			}
			if c.cycle && len(cycle.Sets) != 2 {
				t.Errorf("the cycle goes through %d sets, want 2", len(cycle.Sets))
			}
		})
	}
}
