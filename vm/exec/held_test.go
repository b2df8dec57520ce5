package exec

import (
	"context"
	"strings"
	"testing"

	"interp/ir"
)

// squares is the sum of squares of a value.
func (s *script) squares(id ir.NodeID) ir.NodeID { return s.op(sumRow, s.op(mulRow, id, id)) }

// prompts are nodes over gradients of many prompts, each with respect to the residual stream.
func (s *script) prompts(n int) []ir.NodeID {
	var out []ir.NodeID
	for i := range int32(n) {
		r := s.run([]int32{i % 5, i / 5 % 5, i / 25 % 5, i / 125 % 5, i / 625 % 5, i % 3})
		out = append(out, s.squares(s.grad(s.diff(r, 1, 2), s.site(r, s.pt(0, "resid_pre")))))
	}
	return out
}

// TestGradientsOfManyPromptsStream: what is read of the first gradients is handed over before the last
// prompts run, what is held at once stays within -mem but for the rows that run, and nothing is left; the bits are those of one go.
func TestGradientsOfManyPromptsStream(t *testing.T) {
	s := newScript(t, tinyModel(t))
	ids := s.prompts(1000)
	all := NewBatched(Options{})
	want := s.eval(all, ids...)
	e := NewBatched(Options{Mem: 1 << 20})
	var atFirst, highest int64
	got := map[ir.NodeID]outcome{}
	err := e.Eval(context.Background(), s.g, ids, func(id ir.NodeID, v ir.Value, err error) {
		if len(got) == 0 {
			atFirst = e.Stats().StatesPlanned
		}
		highest = max(highest, e.hosts.bytes)
		got[id] = outcomeOf(v, err)
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, id := range ids {
		if err := differ(outcome{nums: want[i]}, got[id]); err != nil {
			t.Fatalf("node %d: %v", id, err)
		}
	}
	st := e.Stats()
	if 10*atFirst > st.StatesPlanned {
		t.Errorf("%d of %d states before the first value is there", atFirst, st.StatesPlanned)
	}
	if st.PeakBytes > 5<<18 || st.PeakBytes < highest || highest == 0 {
		t.Errorf("a peak of %d bytes, with gradients of %d bytes at once", st.PeakBytes, highest)
	}
	if len(e.hosts.at) > 0 || e.hosts.bytes != 0 || e.hosts.passes != 0 {
		t.Errorf("%d gradients of %d bytes are left, passes of %d bytes go on", len(e.hosts.at), e.hosts.bytes, e.hosts.passes)
	}
	if again := s.eval(e, s.op(addRow, ids[0], ids[0])); again[0][0] != 2*want[0][0] {
		t.Errorf("read again: got %v, want %v", again[0][0], 2*want[0][0])
	}
}

// TestAnAscentStreams: each run is set by the gradients of all runs before it, over many chunks; each
// gradient is made once.
func TestAnAscentStreams(t *testing.T) {
	s := newScript(t, tinyModel(t))
	p := s.pt(0, "resid_mid")
	x, ids := s.constant(make([]float32, s.m.Arch().Width(p, 0))...), []ir.NodeID(nil)
	for i := range int32(60) {
		r := s.run([]int32{1, 2, 3, i % 5})
		r.Trace, r.Invoke = i, i
		s.set(r, p, 1, ir.Slice{}, x)
		v := s.site(r, p)
		v.Pieces = v.Pieces[1:2]
		m := s.diff(r, 1, 2)
		x = s.op(addRow, x, s.grad(m, v))
		ids = append(ids, m)
	}
	one, many := NewBatched(Options{}), NewBatched(Options{Mem: 96 << 10})
	want, got := s.eval(one, ids...), s.eval(many, ids...)
	for i := range ids {
		if !sameBits(want[i], got[i]) {
			t.Fatalf("step %d: got %v, want %v", i, got[i], want[i])
		}
	}
	if a, b := one.Stats(), many.Stats(); b.StatesPlanned > a.StatesPlanned*5/4 || b.Chunks < a.Chunks+5 {
		t.Errorf("%d states in %d chunks, one go makes %d in %d", b.StatesPlanned, b.Chunks, a.StatesPlanned, a.Chunks)
	}
}

// TestGradientsBetweenChunksOfTheirRows: rows that the reverse pass reads were results of chunks before it.
func TestGradientsBetweenChunksOfTheirRows(t *testing.T) {
	for _, columns := range []int{0, 1, 3} {
		s := newScript(t, tinyModel(t))
		r := s.run([]int32{0, 0, 0, 0, 3})
		m := s.read(r, s.pt(2, "mlp_out"), 4, ir.Slice{Off: 5, N1: 1, S1: 1}, allSets)
		d := &drawn{script: s, metric: s.squares(m)}
		ids := []ir.NodeID{s.all(r, s.pt(0, "pre")), s.all(r, s.pt(1, "pre")), d.paramGrad("wte.weight")}
		want, got := s.eval(NewNaive(Options{}), ids...), s.eval(NewBatched(Options{Columns: columns}), ids...)
		for i := range ids {
			if !sameBits(want[i], got[i]) {
				t.Errorf("chunks of %d columns, node %d: got %v, want %v", columns, ids[i], got[i], want[i])
			}
		}
	}
}

// TestGradientsTooLargeForMemory: what does not fit alone is named.
func TestGradientsTooLargeForMemory(t *testing.T) {
	s := newScript(t, tinyModel(t))
	r := s.run([]int32{1, 2, 3, 4})
	d := &drawn{script: s, metric: s.diff(r, 1, 2)}
	pass := s.squares(s.grad(d.metric, s.site(r, s.pt(0, "resid_pre"))))
	result := d.paramGrad("wte.weight")
	sets := s.run([]int32{1, 2, 3})
	sets.Trace, sets.Invoke = 1, 1
	for i := range int32(24) {
		k := &drawn{script: s, metric: s.diff(s.run([]int32{1, i, 3, 4}), 1, 2)}
		s.set(sets, s.pt(0, "resid_mid"), int(i%3), ir.Slice{Off: i / 3, N1: 1, S1: 1}, s.op(sumRow, k.paramGrad("wte.weight")))
	}
	for _, c := range []struct {
		name string
		id   ir.NodeID
		mem  int64
		want string
	}{
		{"a reverse pass", pass, 4 << 10, "the reverse pass of a gradient takes"},
		{"a result", result, 500, "this takes"},
		{"what is set together", s.diff(sets, 1, 2), 20 << 10, "gradients that are read together take"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var failed error
			err := NewBatched(Options{Mem: c.mem}).Eval(context.Background(), s.g, []ir.NodeID{c.id}, func(_ ir.NodeID, _ ir.Value, err error) { failed = err })
			if err != nil || failed == nil || !strings.Contains(failed.Error(), c.want) || !strings.Contains(failed.Error(), "-mem allows "+sizeText(c.mem)) {
				t.Errorf("got %v, %v, want %q", err, failed, c.want)
			}
		})
	}
}
