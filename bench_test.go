package interp

import (
	"context"
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

// header has two prompts of 16 tokens that differ first at position 9, as in the tutorial.
const header = `
clean = [i * 37 + 11 for i in range(16)]
corrupted = clean[:9] + [4242] + clean[10:]
def diff(l) { return l[0, -1, 1757] - l[0, -1, 5335] }
`

var sweeps = []struct{ name, script string }{
	{"ioi-loop/12x16", header + `
invoke clean {
    save base = diff(logits)
    for l in range(n_layers) { save resid[l] = transformer.h[l].input }
}
invoke corrupted { save worst = diff(logits) }
for l in range(n_layers) {
    for p in range(16) {
        invoke corrupted {
            set transformer.h[l].input[0, p, :] = resid[l][0, p, :]
            save patched[l, p] = diff(logits)
        }
    }
}
print sum((patched - worst) / (base - worst))
`},
	{"ioi-list/12x16", header + `
invoke clean {
    save base = diff(logits)
    for l in range(n_layers) { save resid[l] = transformer.h[l].input }
}
invoke corrupted { save worst = diff(logits) }
for l in range(n_layers) {
    invoke [corrupted] * 16 {
        for p in range(16) { set transformer.h[l].input[p, p, :] = resid[l][0, p, :] }
        save patched[l] = logits[:, -1, 1757] - logits[:, -1, 5335]
    }
}
print sum((patched - worst) / (base - worst))
`},
	{"heads/12x12", header + `
invoke clean { save z = blocks[:].attn.hook_z }
for l in range(n_layers) {
    for h in range(n_heads) {
        invoke corrupted {
            set blocks[l].attn.hook_z[head=h] = z[l, head=h]
            save patched[l, h] = diff(logits)
        }
    }
}
print sum(patched)
`},
	{"attribution/12x16", header + `
trace {
    invoke clean { good = transformer.h[:].input }
    invoke corrupted {
        save effect = sum(grad(diff(logits), transformer.h[:].input) * (good - transformer.h[:].input), "d_model")
    }
}
print sum(effect)
`},
}

// TestPlannedWork holds the planner to the least exact work of the two sweeps.
func TestPlannedWork(t *testing.T) {
	rt, err := nnrt.Random("gpt2-small", nnrt.SmallDims(), 1)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]float64{"ioi-loop/12x16": 25.317267456, "ioi-list/12x16": 25.317267456, "heads/12x12": 82.9}
	for _, s := range sweeps {
		if want[s.name] == 0 {
			continue
		}
		p, err := Compile(s.name, s.script)
		if err != nil {
			t.Fatal(err)
		}
		e, err := p.Explain(context.Background(), Options{Model: &Model{rt: rt}, Saves: ReadSaves}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := float64(e.FlopsPlanned) / 1e9; got > want[s.name]*1.0002 {
			t.Errorf("%s: %.4f GFLOP planned, want %.4f", s.name, got, want[s.name])
		}
	}
}

func BenchmarkGPT2SmallScripts(b *testing.B) {
	m, err := randomGPT2()
	if err != nil {
		b.Fatal(err)
	}
	for _, s := range sweeps {
		b.Run(s.name, func(b *testing.B) { benchmarkScript(b, m, s.script) })
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
