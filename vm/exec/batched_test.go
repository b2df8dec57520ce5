package exec

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand"
	"os"
	"strconv"
	"testing"

	"interp/internal/toy"
	"interp/ir"
	"interp/nnrt/tensor"
)

// random draws a graph whose runs are of toys behind the runtime's face.
func randomGraph(seed int64, models ...*toy.Model) (*toy.Gen, []ir.NodeID) {
	g := toy.NewGen(seed, models...)
	g.Generate = true
	for range 1 + g.Intn(5) {
		g.Run()
	}
	var want []ir.NodeID
	for range 1 + g.Intn(8) {
		want = append(want, g.Save())
	}
	return g, want
}

func sameBits(a, b []float32) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if math.Float32bits(a[i]) != math.Float32bits(b[i]) && (a[i] == a[i] || b[i] == b[i]) {
			return false
		}
	}
	return true
}

// options draws limits: chunks of a few columns, hardly any memory, rows dropped at random.
func options(rng *rand.Rand) Options {
	o := Options{Columns: []int{0, 1, 5, 40}[rng.Intn(4)], Mem: []int64{0, 48 << 10, 64 << 10, 256 << 10}[rng.Intn(4)]}
	if rng.Intn(2) == 0 {
		o.Evict = func() bool { return rng.Intn(2) == 0 }
	}
	return o
}

type tally struct{ graphs, values, failed, chunks, passes int64 }

// agree evaluates a graph by reference and by the engine, in one call or several.
func agree(seed int64, tl *tally, models ...*toy.Model) error {
	g, want := randomGraph(seed, models...)
	ref := map[ir.NodeID][]float32{}
	for _, id := range want {
		n := toy.NewNaive(g.G)
		if y := n.Numbers(id); n.Err == nil {
			ref[id] = y
		}
	}
	for _, r := range g.G.Runs {
		r.Model = &toyRuntime{Model: r.Model.(*toy.Model)}
	}
	unify(g.G)
	rng := rand.New(rand.NewSource(seed))
	e := NewBatched(options(rng))
	for len(want) > 0 {
		k := 1 + rng.Intn(len(want))
		got := map[ir.NodeID]bool{}
		var bad error
		err := e.Eval(context.Background(), g.G, want[:k], func(id ir.NodeID, v ir.Value, err error) {
			got[id] = true
			y, ok := ref[id]
			switch {
			case (err == nil) != ok:
				bad = fmt.Errorf("node %d: error %v, reference has a value: %v", id, err, ok)
			case err != nil:
				tl.failed++
			case !sameBits(v.(*tensor.Array).F32(), y):
				bad = fmt.Errorf("node %d: %v, reference %v", id, v.(*tensor.Array).F32(), y)
			}
			tl.values++
		})
		if err = errors.Join(err, bad); err != nil {
			return err
		}
		for _, id := range want[:k] {
			if !got[id] {
				return fmt.Errorf("node %d was not handed over", id)
			}
		}
		want = want[k:]
	}
	if e.run.rows.live != 0 {
		return fmt.Errorf("%d bytes of rows were not given back", e.run.rows.live)
	}
	tl.graphs++
	tl.chunks += e.Stats().Chunks
	tl.passes = max(tl.passes, e.Stats().Passes)
	return nil
}

// unify makes runs of one toy runs of one runtime, as views see it.
func unify(g *ir.Graph) {
	face := map[*toy.Model]*toyRuntime{}
	for _, r := range g.Runs {
		m := r.Model.(*toyRuntime)
		if face[m.Model] == nil {
			face[m.Model] = m
		}
		r.Model = face[m.Model]
	}
}

// TestBatchedEqualsReference draws random graphs with generated tokens and wants equal bits whatever
// the limits. N=... draws more, SEED=... replays.
func TestBatchedEqualsReference(t *testing.T) {
	n, from := 600, 0
	if s := os.Getenv("N"); s != "" {
		n, _ = strconv.Atoi(s)
	}
	if s := os.Getenv("SEED"); s != "" {
		from, _ = strconv.Atoi(s)
		n = 1
	}
	for _, c := range []struct {
		name   string
		models []*toy.Model
	}{
		{"in blocks one after the other", []*toy.Model{toy.New(toy.Serial(toy.Dims), 1)}},
		{"with a parallel residual", []*toy.Model{toy.New(toy.Parallel(toy.Dims), 1)}},
		{"across two models", []*toy.Model{toy.New(toy.Serial(toy.Dims), 1), toy.New(toy.Parallel(toy.Dims), 2)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var tl tally
			bad := 0
			for i := from; i < from+n && bad < 5; i++ {
				func() {
					if n > 1 {
						defer func() {
							if e := recover(); e != nil {
								t.Errorf("seed %d: panic %v", i, e)
								bad++
							}
						}()
					}
					if err := agree(int64(i), &tl, c.models...); err != nil {
						t.Errorf("seed %d: %v", i, err)
						bad++
					}
				}()
			}
			if n > 1 && (tl.failed == 0 || tl.passes < 2 || tl.chunks <= tl.graphs) {
				t.Errorf("the graphs do not exercise the engine: %+v", tl)
			}
			t.Logf("%+v", tl)
		})
	}
}
