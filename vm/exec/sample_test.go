package exec

import (
	"math"
	"testing"

	"interp/ir"
)

func TestChoose(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, c := range []struct {
		name   string
		logits []float32
		gen    ir.Gen
		want   int32
	}{
		{"greedy takes the highest", []float32{1, 3, 2}, ir.Gen{}, 1},
		{"of equals the lowest id", []float32{1, 3, 3}, ir.Gen{}, 1},
		{"not-a-number is never the highest", []float32{nan, -5, nan}, ir.Gen{}, 1},
		{"all not-a-number: the first", []float32{nan, nan}, ir.Gen{}, 0},
		{"a temperature near 0 is greedy", []float32{1, 3, 2}, ir.Gen{Temperature: 1e-6, TopP: 1}, 1},
		{"top_k of 1 is greedy", []float32{1, 3, 2}, ir.Gen{Temperature: 5, TopK: 1, TopP: 1}, 1},
		{"a small top_p is greedy", []float32{1, 3, 2}, ir.Gen{Temperature: 1, TopP: 0.1}, 1},
		{"an infinite logit is drawn", []float32{1, inf, 2}, ir.Gen{Temperature: 1, TopP: 1}, 1},
		{"a negative temperature is greedy", []float32{1, 3, 2}, ir.Gen{Temperature: -1}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Choose(c.logits, &c.gen, 0); got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
		})
	}
}

// TestChooseDrawsByWeight: frequencies over steps are the softmax, top_k and top_p cut it, and a draw is
// a function of seed, key and step.
func TestChooseDrawsByWeight(t *testing.T) {
	logits := []float32{0, float32(math.Log(2)), float32(math.Log(5)), float32(math.Log(2))}
	for _, c := range []struct {
		name string
		gen  ir.Gen
		want []float64
	}{
		{"all", ir.Gen{Temperature: 1, TopP: 1}, []float64{.1, .2, .5, .2}},
		{"a temperature of a half squares", ir.Gen{Temperature: .5, TopP: 1}, []float64{1. / 34, 4. / 34, 25. / 34, 4. / 34}},
		{"the top two, the lower id of equals", ir.Gen{Temperature: 1, TopK: 2, TopP: 1}, []float64{0, 2. / 7, 5. / 7, 0}},
		{"the nucleus of 0.6", ir.Gen{Temperature: 1, TopP: .6}, []float64{0, 2. / 7, 5. / 7, 0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			const n = 20000
			c.gen.Seed, c.gen.Key = 3, 4
			count := make([]float64, len(logits))
			for step := range n {
				id := Choose(logits, &c.gen, step)
				if id != Choose(logits, &c.gen, step) {
					t.Fatal("a draw differs from itself")
				}
				count[id]++
			}
			for id, want := range c.want {
				if got := count[id] / n; math.Abs(got-want) > .015 {
					t.Errorf("token %d: drawn %.3f of the time, want %.3f", id, got, want)
				}
			}
		})
	}
}

func TestAddTokenEndsWhereItShould(t *testing.T) {
	g := &ir.Gen{N: 3, Stop: []int32{9}}
	for _, c := range []struct {
		id      int32
		stopped bool
	}{{4, false}, {9, true}} {
		if AddToken(g, c.id); g.Stopped != c.stopped {
			t.Errorf("after %d: stopped %v", c.id, g.Stopped)
		}
	}
	g = &ir.Gen{N: 1}
	if AddToken(g, 4); !g.Stopped {
		t.Error("the last token does not end the run")
	}
}
