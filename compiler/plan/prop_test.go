package plan

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/rand"
	"os"
	"slices"
	"strconv"
	"testing"

	"interp/internal/toy"
	"interp/ir"
)

type tally struct {
	scripts, cycles, noops, aliases, multi, values int
	made, again, dense                             int64
}

func equalBits(a, b []float32) bool {
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

// script draws one and its wanted values.
func script(seed int64, models ...*toy.Model) (*toy.Gen, []ir.NodeID) {
	g := toy.NewGen(seed, models...)
	for range 1 + g.Intn(5) {
		g.Run()
	}
	var saves []ir.NodeID
	for range 1 + g.Intn(8) {
		saves = append(saves, g.Save())
	}
	return g, saves
}

// bothWays runs one random script by reference and by plan, then again with a plan for each value
// and rows evicted at random in between.
func bothWays(seed int64, tl *tally, models ...*toy.Model) error {
	g, saves := script(seed, models...)
	t := NewTable()
	b, nv := NewBuilder(t, g.G), toy.NewNaive(g.G)
	var want []ValID
	var ref [][]float32
	for _, id := range saves {
		v, err := b.Node(id)
		y := nv.Numbers(id)
		if (err != nil) != (nv.Err != nil) {
			return fmt.Errorf("cycle: columns say %v, naive says %v", err, nv.Err)
		}
		if err != nil {
			var c *CycleError
			if !errors.As(err, &c) || len(c.Sets) == 0 {
				return err
			}
			tl.cycles++
			return nil
		}
		want, ref = append(want, v), append(ref, y)
	}
	pl := NewPlanner(t)
	p := pl.Make(want, Nothing)
	x := newExec(t)
	x.run(p)
	for i, v := range want {
		if got := x.value(v); !equalBits(got, ref[i]) {
			return fmt.Errorf("save %d: %v, naive %v", i, got, ref[i])
		}
	}
	if err := piecemeal(pl, want, ref, rand.New(rand.NewSource(seed)), tl); err != nil {
		return err
	}
	tl.scripts++
	tl.values += len(want)
	tl.noops += len(b.NoOps)
	for _, c := range t.cols {
		if c.alias >= 0 {
			tl.aliases++
		}
	}
	if p.Passes > 1 {
		tl.multi++
	}
	tl.made += x.made
	tl.dense += int64(len(nv.Memo))
	return nil
}

func piecemeal(pl *Planner, want []ValID, ref [][]float32, rng *rand.Rand, tl *tally) error {
	y := newExec(pl.t)
	for i, v := range want {
		y.run(pl.Make([]ValID{v}, y))
		if got := y.value(v); !equalBits(got, ref[i]) {
			return fmt.Errorf("piecemeal: save %d: %v, naive %v", i, got, ref[i])
		}
		for _, k := range sortedKeys(y.rows) {
			if rng.Intn(2) == 0 {
				y.drop(k)
			}
		}
	}
	tl.again += y.made
	return nil
}

func sortedKeys(m map[RowKey][]float32) []RowKey {
	keys := make([]RowKey, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b RowKey) int { return cmp.Or(cmp.Compare(a.C, b.C), cmp.Compare(a.P, b.P)) })
	return keys
}

// TestColumnsEqualNaive draws random scripts and wants equal bits. N=... draws more, SEED=... replays.
func TestColumnsEqualNaive(t *testing.T) {
	t.Run("in blocks one after the other", func(t *testing.T) { random(t, toy.New(toy.Serial(toy.Dims), 1)) })
	t.Run("with a parallel residual, where the MLP does not follow from attention", func(t *testing.T) {
		random(t, toy.New(toy.Parallel(toy.Dims), 1))
	})
	t.Run("in one layer", func(t *testing.T) {
		d := toy.Dims
		d.Layers = 1
		random(t, toy.New(toy.Serial(d), 1))
	})
	t.Run("across two models", func(t *testing.T) {
		random(t, toy.New(toy.Serial(toy.Dims), 1), toy.New(toy.Parallel(toy.Dims), 2))
	})
}

func random(t *testing.T, models ...*toy.Model) {
	n, from := 1500, 0
	if s := os.Getenv("N"); s != "" {
		n, _ = strconv.Atoi(s)
	}
	if s := os.Getenv("SEED"); s != "" {
		from, _ = strconv.Atoi(s)
		n = 1
	}
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
			if err := bothWays(int64(i), &tl, models...); err != nil {
				t.Errorf("seed %d: %v", i, err)
				bad++
			}
		}()
	}
	if n > 1 && (tl.cycles == 0 || tl.noops == 0 || tl.aliases == 0 || tl.multi == 0 || tl.made >= tl.dense) {
		t.Errorf("the scripts do not exercise the planner: %+v", tl)
	}
	t.Logf("%+v", tl)
}
