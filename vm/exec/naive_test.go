package exec

import (
	"testing"

	"interp/internal/toy"
	"interp/ir"
)

// TestNaiveEqualsTheDefinition compares the naive engine with an evaluator that pulls row by row from
// the definition of the language and knows no passes: equal bits.
func TestNaiveEqualsTheDefinition(t *testing.T) {
	values, failed := 0, 0
	for seed := range int64(600) {
		m := toy.New(toy.Serial(toy.Dims), 1)
		if seed%3 == 0 {
			m = toy.New(toy.Parallel(toy.Dims), 1)
		}
		g, want := randomGraph(seed, m)
		ref := map[ir.NodeID]outcome{}
		for _, id := range want {
			n := toy.NewNaive(g.G)
			ref[id] = outcome{n.Numbers(id), n.Err}
		}
		for _, r := range g.G.Runs {
			r.Model = &toyRuntime{Model: m}
		}
		if cyclic(g.G) {
			continue
		}
		got, err := outcomes(NewNaive(Options{}), g.G, want)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		for _, id := range want {
			values++
			if ref[id].err != nil { // the definition demands all that stands below, this engine what is read
				failed++
				continue
			}
			if err := differ(ref[id], got[id]); err != nil {
				t.Fatalf("seed %d node %d: %v", seed, id, err)
			}
		}
	}
	if values < 1000 || failed > values/4 {
		t.Errorf("%d values, %d of them failed", values, failed)
	}
}
