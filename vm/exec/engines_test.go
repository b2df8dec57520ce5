package exec

import (
	"context"
	"errors"
	"fmt"
	"math/rand"
	"os"
	"strconv"
	"testing"

	"interp/internal/toy"
	"interp/ir"
	"interp/nnrt"
	"interp/nnrt/tensor"
)

// randomModel is a tiny model of the runtime with random weights.
func randomModel(t testing.TB, threads int) *nnrt.Model {
	t.Helper()
	m, err := nnrt.Random("tiny", toy.Dims, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Load(nnrt.LoadOptions{Threads: threads}); err != nil {
		t.Fatal(err)
	}
	return m
}

// outcome of a node: its numbers, or that it has none.
type outcome struct {
	nums []float32
	err  error
}

func outcomes(e Engine, g *ir.Graph, want []ir.NodeID) (map[ir.NodeID]outcome, error) {
	out := map[ir.NodeID]outcome{}
	err := e.Eval(context.Background(), g, want, func(id ir.NodeID, v ir.Value, err error) {
		out[id] = outcomeOf(v, err)
	})
	return out, err
}

func outcomeOf(v ir.Value, err error) outcome {
	if err != nil {
		return outcome{err: err}
	}
	return outcome{nums: v.(*tensor.Array).F32()}
}

// forget takes back the tokens that were generated.
func forget(g *ir.Graph) {
	for _, r := range g.Runs {
		if r.Gen != nil {
			r.Gen.Done, r.Gen.Stopped = nil, false
		}
	}
}

// TestEnginesAgree draws random graphs and runs them by both engines on the runtime, the batched one
// with 1 and 2 threads under random limits: equal bits. N=... draws more, SEED=... replays.
func TestEnginesAgree(t *testing.T) {
	n, from := 200, 0
	if s := os.Getenv("N"); s != "" {
		n, _ = strconv.Atoi(s)
	}
	if s := os.Getenv("SEED"); s != "" {
		from, _ = strconv.Atoi(s)
		n = 1
	}
	shape := toy.New(toy.Serial(toy.Dims), 1)
	one, two := randomModel(t, 1), randomModel(t, 2)
	values, failed, cycles := 0, 0, 0
	for seed := int64(from); seed < int64(from+n) && !t.Failed(); seed++ {
		g, want := randomGraph(seed, shape)
		use := func(m *nnrt.Model) {
			forget(g.G)
			for _, r := range g.G.Runs {
				r.Model = m
			}
		}
		use(one)
		if cyclic(g.G) { // an error before anything runs
			cycles++
			continue
		}
		ref, err := outcomes(NewNaive(Options{}), g.G, want)
		if err != nil {
			t.Fatalf("seed %d: naive: %v", seed, err)
		}
		rng := rand.New(rand.NewSource(seed))
		for _, m := range []*nnrt.Model{one, two} {
			use(m)
			got, err := outcomes(NewBatched(options(rng)), g.G, want)
			if err != nil {
				t.Fatalf("seed %d: batched: %v", seed, err)
			}
			if waits(got) {
				cycles++
				continue
			}
			for _, id := range want {
				values++
				if ref[id].err != nil {
					failed++
				}
				if err := differ(ref[id], got[id]); err != nil {
					t.Errorf("seed %d node %d: %v", seed, id, err)
				}
			}
		}
	}
	if n > 1 && (failed > values/2 || cycles == 0 || cycles > n/2) {
		t.Errorf("%d of %d values failed and %d of %d graphs are cycles: the graphs do not exercise the engines", failed, values, cycles, n)
	}
}

// waits says that a token turned out to depend on itself, which no check can see. The batched engine
// refuses it also where a later set hides what it would change.
func waits(got map[ir.NodeID]outcome) bool {
	for _, o := range got {
		var e *ir.Error
		if errors.As(o.err, &e) && e.Code == "E0415" {
			return true
		}
	}
	return false
}

// cyclic says that a check refuses the graph, as it does before either engine runs.
func cyclic(g *ir.Graph) bool {
	e := NewBatched(Options{})
	for _, r := range g.Runs {
		if e.Check(g, r.ID) != nil {
			return true
		}
	}
	return false
}

func differ(ref, got outcome) error {
	switch {
	case (ref.err == nil) != (got.err == nil):
		return fmt.Errorf("naive error %v, batched error %v", ref.err, got.err)
	case ref.err == nil && !sameBits(ref.nums, got.nums):
		return fmt.Errorf("naive %v, batched %v", ref.nums, got.nums)
	}
	return nil
}
