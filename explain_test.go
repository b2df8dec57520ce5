package interp

import (
	"context"
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
		})
	}
}
