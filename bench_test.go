package interp

import (
	"context"
	"os"
	"path/filepath"
	"runtime/metrics"
	"sync"
	"testing"

	"interp/nnrt"
)

// Whole scripts on a model of GPT-2 small's shape with random weights, as a Go program runs them: the
// model is loaded, the script is compiled, checked, planned and run anew each time.

var randomGPT2 = sync.OnceValues(func() (*Model, error) {
	rt, err := nnrt.Random("gpt2-small", nnrt.SmallDims(), 1)
	if err != nil {
		return nil, err
	}
	m := &Model{rt: rt, from: "random weights"}
	return m, m.Load(0, nnrt.F32)
})

// sweeps are the scripts of testdata/bench, on token ids: two prompts of 16 that differ first at
// position 9, as in the tutorial.
var sweeps = []struct {
	name    string
	planned float64 // GFLOP; 0: not held
}{{"ioi-loop", 25.317267456}, {"ioi-list", 25.317267456}, {"heads", 82.9}, {"attribution", 0}}

func sweep(tb testing.TB, name string) string {
	tb.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "bench", name+".patch"))
	if err != nil {
		tb.Fatal(err)
	}
	return string(text)
}

// TestPlannedWork holds the planner to the least exact work of the two sweeps.
func TestPlannedWork(t *testing.T) {
	rt, err := nnrt.Random("gpt2-small", nnrt.SmallDims(), 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range sweeps {
		if s.planned == 0 {
			continue
		}
		p, err := Compile(s.name, sweep(t, s.name))
		if err != nil {
			t.Fatal(err)
		}
		e, err := p.Explain(context.Background(), Options{Model: &Model{rt: rt}, Saves: ReadSaves}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := float64(e.FlopsPlanned) / 1e9; got > s.planned*1.0002 {
			t.Errorf("%s: %.4f GFLOP planned, want %.4f", s.name, got, s.planned)
		}
	}
}

func BenchmarkGPT2SmallScripts(b *testing.B) {
	m, err := randomGPT2()
	if err != nil {
		b.Fatal(err)
	}
	for _, s := range sweeps {
		b.Run(s.name, func(b *testing.B) { benchmarkScript(b, m, sweep(b, s.name)) })
	}
}

func benchmarkScript(b *testing.B, m *Model, script string) {
	var st *Results
	for b.Loop() {
		p, err := Compile("bench", script)
		if err != nil {
			b.Fatal(err)
		}
		if st, err = p.Run(context.Background(), Options{Model: m, Saves: ReadSaves}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(st.Stats.GFLOPPlanned, "GFLOP")
	b.ReportMetric(st.Stats.GFLOPPlanned*float64(b.N)/b.Elapsed().Seconds(), "GFLOP/s")
	b.ReportMetric(st.Stats.PlanS/st.Stats.RunS*100, "plan%")
	b.ReportMetric(float64(resident())/1e6, "MB")
}

// resident is the memory that the process holds, weights included.
func resident() uint64 {
	s := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64() - s[1].Value.Uint64()
}
