package interp

import (
	"context"
	"strings"
	"testing"
)

// TestExplainCountsWhatARunMakes compares the plan that is explained with the work of the run, gradients'
// forward rows among it.
func TestExplainCountsWhatARunMakes(t *testing.T) {
	for name, script := range map[string]string{
		"reads": `invoke "John and Mary went" { set transformer.h[1].output[0, 1] *= 2
			save x = logits[0, -1] }
		print sum(x)`,
		"gradients": `invoke "John and Mary went" { save g = grad(logits[0, -1, 5], hook_embed)
			save z = grad(logits[0, -1, 3], transformer.h[2].output) }
		print norm(g), norm(z)`,
		"a gradient through a set": `trace {
			invoke "John and Mary" { h = transformer.h[0].output }
			invoke "Mary and John" { set transformer.h[1].output[:, 2] = h[:, 2]
				save g = grad(logits[0, -1, 5], transformer.h[0].mlp.output) }
		}
		print norm(g)`,
		"tokens": `generate(max_new_tokens=4) { invoke ["John and Mary", "Mary went"] { save ids = generated } }
		print ids`,
		"what later steps hold": `generate(max_new_tokens=4) { invoke "John and Mary" {
			iter all { set transformer.h[1].output *= 2 }
			iter k in all { save x[k] = logits[0, -1, 5] }
		} }
		print sum(x)`,
		"a condition in a sweep": `invoke "John and Mary" { save h = transformer.h[:].output }
		best = -100
		for l in range(n_layers) { for p in range(3) {
			invoke "Mary and John" { set transformer.h[l].output[0, p] = h[l, 0, p]; save d[l, p] = logits[0, -1, 5] }
			if d[l, p] > best { best = d[l, p] }
		} }
		print best`,
	} {
		t.Run(name, func(t *testing.T) {
			p, err := Compile(name, script)
			if err != nil {
				t.Fatal(err)
			}
			e, err := p.Explain(context.Background(), Options{Saves: ReadSaves}, nil)
			if err != nil {
				t.Fatal(err)
			}
			r, err := p.Run(context.Background(), Options{Saves: ReadSaves})
			if err != nil {
				t.Fatal(err)
			}
			if e.StatesPlanned != r.Stats.StatesPlanned || e.StatesPlanned == 0 {
				t.Errorf("explained %d states, the run made %d", e.StatesPlanned, r.Stats.StatesPlanned)
			}
			if s := r.Stats; !strings.Contains(script, "grad(") && (e.Passes != s.Passes || e.Chunks != s.Chunks || e.StatesDense != s.StatesDense) {
				t.Errorf("explained %d passes, %d chunks, %d states dense, the run took %d, %d, %d", e.Passes, e.Chunks, e.StatesDense, s.Passes, s.Chunks, s.StatesDense)
			}
		})
	}
}

// TestExplanationAddsUp prints what the parts cost, modules that are applied to values among them, and each
// line that forces once.
func TestExplanationAddsUp(t *testing.T) {
	const src = `invoke "John and Mary went" { save h = transformer.h[:].output; save x = logits[0, -1] }
l = lm_head(transformer.ln_f(h[:, 0, -1]))
if max(l) > 0 and min(l) < 0 { print argmax(l) }
print sum(x), norm(transformer.h[1].mlp(h[0]))`
	p, err := Compile("t", src)
	if err != nil {
		t.Fatal(err)
	}
	e, err := p.Explain(context.Background(), Options{Saves: ReadSaves}, nil)
	if err != nil {
		t.Fatal(err)
	}
	m, err := OpenModel(DefaultModel)
	if err != nil {
		t.Fatal(err)
	}
	d := m.Runtime().Arch().Dims
	if want := int64(d.Layers*2*d.DModel*d.DVocab + 4*4*d.DModel*d.DMlp); e.Modules != want {
		t.Errorf("modules cost %d operations, want %d", e.Modules, want)
	}
	sum := e.Modules
	for _, m := range e.Models {
		sum += m.LogitsPlanned * m.LogitFlops
		for _, l := range m.Layers {
			for _, s := range l.Stages {
				sum += s.FlopsPlanned
			}
		}
	}
	if sum != e.FlopsPlanned {
		t.Errorf("the parts add up to %d, the whole is %d", sum, e.FlopsPlanned)
	}
	var out strings.Builder
	if err := e.Print(&out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"modules  applied", "forced   by line 3:"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in\n%s", want, out.String())
		}
	}
}
