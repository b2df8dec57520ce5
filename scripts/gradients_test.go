package scripts

import (
	"math"
	"testing"

	"interp"
)

// slope is the derivative of f at 0, by differences in float64.
func slope(f func(e float64) float64) float64 {
	const e = 1e-4
	return (8*(f(e)-f(-e)) - (f(2*e) - f(-2*e))) / (12 * e)
}

// TestAttributionPatching: an estimate is the slope of the logit difference on the way from the
// corrupted activation to the clean one.
func TestAttributionPatching(t *testing.T) {
	w := begin(t)
	o := w.run("attribution_patching.patch")
	other := w.run("attribution_vs_exact.patch")
	toward := func(at site, rows func(p int) bool, from, to int) func(e float64) float64 {
		return func(e float64) float64 {
			return w.diff(w.corrupted, func(here site, x mat) {
				for p := 0; here == at && p < len(x); p++ {
					for i := from; rows(p) && i < to; i++ {
						x[p][i] += e * (w.cleanActs.at[at][p][i] - w.brokenActs.at[at][p][i])
					}
				}
			})
		}
	}
	every := func(int) bool { return true }
	for _, c := range [][2]int{{0, 0}, {1, 1}, {1, 2}, {3, 3}} {
		l, h := c[0], c[1]
		along := toward(site{"z", l}, every, h*w.m.dHead, (h+1)*w.m.dHead)
		near(t, "head", array(t, o, "by_head").at(l, h), slope(along), 1e-3)
		near(t, "head", array(t, other, "head_estimate").at(l, h), slope(along), 1e-3)
		near(t, "exact head", array(t, other, "head_exact").at(l, h), along(1), tol)
	}
	for _, c := range [][2]int{{0, 9}, {1, 9}, {2, 15}, {3, 11}} {
		l, p := c[0], c[1]
		along := toward(site{"post", l - 1}, func(q int) bool { return q == p }, 0, w.m.width)
		near(t, "position", array(t, o, "by_pos").at(l, p), slope(along), 1e-3)
		near(t, "position", array(t, other, "pos_estimate").at(l, p), slope(along), 1e-3)
		near(t, "exact position", array(t, other, "pos_exact").at(l, p), along(1), tol)
	}
}

func TestGradientTimesInput(t *testing.T) {
	w := begin(t)
	o := w.run("grad_times_input.patch")
	for _, p := range []int{0, 3, 9, 15} {
		want := slope(func(e float64) float64 {
			return w.diff(w.clean, func(at site, x mat) {
				if at.name == "embed" {
					axpy(x[p], e, w.m.embedding(w.clean[p]))
				}
			})
		})
		near(t, "gradient times embedding", array(t, o, "product").at(p), want, 2e-3)
	}
}

func TestIntegratedGradients(t *testing.T) {
	w := begin(t)
	o := w.run("integrated_gradients.patch")
	const steps = 20 // as inputs says
	mean := make([]float64, w.m.width)
	for id := range w.m.vocab {
		axpy(mean, 1/float64(w.m.vocab), w.m.embedding(id))
	}
	// the prompt at alpha, with token p at another
	diff := func(alpha float64, p int, own float64) float64 {
		return w.diff(w.clean, func(at site, x mat) {
			if at.name != "embed" {
				return
			}
			for q, id := range w.clean {
				a := alpha
				if q == p {
					a = own
				}
				for i, e := range w.m.embedding(id) {
					x[q][i] = mean[i] + a*(e-mean[i])
				}
			}
		})
	}
	near(t, "baseline", array(t, o, "at_ends").at(0), diff(0, 0, 0), tol)
	const p = 9
	want := 0.0
	for k := range steps {
		alpha := (float64(k) + 0.5) / steps
		want += slope(func(e float64) float64 { return diff(alpha, p, alpha+e) }) / steps
	}
	near(t, "share", array(t, o, "share").at(p), want, 1e-3)
}

// TestGradientAscent follows the script's own steps: each is as long as said, along the gradient at the
// point reached, and the differences are those of the runs.
func TestGradientAscent(t *testing.T) {
	w := begin(t)
	o := run(t, "steer_by_gradient.patch", interp.Options{Model: w.model})
	const l, steps, rate = 2, 12, 0.05
	at := site{"post", l}
	size := math.Sqrt(dot2(w.cleanActs.at[at][w.end()]))
	near(t, "size", number(t, o, "size"), size, tol)
	toMary := func(v []float64, e float64, along []float64) float64 {
		return -w.diff(w.clean, func(here site, x mat) {
			if here == at {
				add(x[w.end()], v)
				axpy(x[w.end()], e, along)
			}
		})
	}
	vector := make([]float64, w.m.width)
	gradients := array(t, o, "gradient")
	for k := range steps {
		near(t, "difference at a step", array(t, o, "diff").at(k), toMary(vector, 0, vector), 1e-3)
		g := gradients.sub(k).data
		length := math.Sqrt(dot2(g))
		// nothing is steeper than the gradient, and along it the slope is its length
		unit := make([]float64, len(g))
		axpy(unit, 1/length, g)
		steep := slope(func(e float64) float64 { return toMary(vector, e, unit) })
		near(t, "slope along the gradient", steep/length, 1, 1e-3)
		axpy(vector, rate*size, unit)
	}
	near(t, "after", number(t, o, "after"), toMary(vector, 0, vector), 1e-3)
	got := array(t, o, "steering_vector").data
	for i := range got {
		near(t, "vector", got[i], vector[i], 1e-3)
	}
}
