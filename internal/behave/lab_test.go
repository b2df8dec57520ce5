package behave

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"interp"
	"interp/internal/results"
)

// The prompts of the behaviours: 16 tokens each, equal up to the ninth.
const (
	clean     = "After John and Mary went to the store, Mary gave a bottle of milk to"
	corrupted = "After John and Mary went to the store, John gave a bottle of milk to"
	length    = 16
	layers    = 4
	stages    = 4 // of a block, in which states are counted
)

// prompts gives the scripts of behaviours their names.
const prompts = "clean = \"" + clean + "\"\ncorrupted = \"" + corrupted + "\"\n"

// lab is a script that ran.
type lab struct {
	*interp.Results
	t        *testing.T
	warnings string
}

// run runs a script on ioi-proto by both plans, which must give the same bits.
func run(t *testing.T, src string) *lab { t.Helper(); return runWith(t, src, nil) }

func runWith(t *testing.T, src string, inputs map[string]any) *lab {
	t.Helper()
	var labs []*lab
	for _, v := range []variant{reference, variants[1]} {
		var out bytes.Buffer
		l := &lab{t: t}
		p, err := interp.Compile("behaviour.patch", prompts+src)
		if err == nil {
			o := interp.Options{Model: modelOn(t, "models/ioi-proto", v.on), Plan: v.plan, Out: &out, Inputs: inputs}
			o.Warn = func(text string) { l.warnings += text }
			l.Results, err = p.Run(context.Background(), o)
		}
		if err != nil {
			t.Fatalf("%s: %v", v.name, err)
		}
		labs = append(labs, l)
	}
	for i, x := range labs[0].Values {
		if err := sameBits(x.Value, labs[1].Values[i].Value); err != nil {
			t.Errorf("%s: the plans differ: %v", x.Name, err)
		}
	}
	return labs[1]
}

// check gives what check says of a script on ioi-proto without its weights.
func check(t *testing.T, src string) *interp.Report {
	t.Helper()
	r, err := interp.CheckScript(context.Background(), "behaviour.patch", prompts+src, interp.Options{Model: weightless(t)})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// refused checks a script and wants one error: its code, its line of src counted from 1, and all of
// the texts in it.
func refused(t *testing.T, src, code string, line int, texts ...string) {
	t.Helper()
	r := check(t, src)
	if err := r.Err(); err == nil {
		t.Fatal("it was not refused")
	}
	text := r.Err().Error()
	for _, d := range r.Findings {
		if d.Code == code {
			if got := r.Line(d.Span) - strings.Count(prompts, "\n"); got != line {
				t.Errorf("%s is at line %d, want %d:\n%s", code, got, line, text)
			}
			for _, s := range texts {
				if !strings.Contains(text, s) {
					t.Errorf("%q is missing in:\n%s", s, text)
				}
			}
			return
		}
	}
	t.Errorf("want %s, got:\n%s", code, text)
}

// nums are a result's numbers, as they are in memory.
func (l *lab) nums(name string) []float32 {
	l.t.Helper()
	v, ok := l.Value(name)
	if !ok {
		l.t.Fatalf("%s is no result", name)
	}
	if a := results.AsArray(v); a != nil {
		switch d := a.Data.(type) {
		case []float32:
			return d
		case []float64:
			out := make([]float32, len(d))
			for i, x := range d {
				out[i] = float32(x)
			}
			return out
		case []int64:
			out := make([]float32, len(d))
			for i, x := range d {
				out[i] = float32(x)
			}
			return out
		}
	}
	l.t.Fatalf("%s is %T, want numbers", name, v)
	return nil
}

// equal wants two results, or one of this script and one of another, to have the same bits.
func (l *lab) equal(a, b string) { l.t.Helper(); l.equalIn(a, l, b) }

func (l *lab) equalIn(a string, other *lab, b string) {
	l.t.Helper()
	if err := bitsDiffer(l.nums(a), other.nums(b)); err != nil {
		l.t.Errorf("%s against %s: %v", a, b, err)
	}
}

// unequal wants some number to differ, so that equal ones mean something.
func (l *lab) unequal(a, b string) {
	l.t.Helper()
	if bitsDiffer(l.nums(a), l.nums(b)) == nil {
		l.t.Errorf("%s and %s are equal: the script shows nothing", a, b)
	}
}

func bitsDiffer(x, y []float32) error {
	if len(x) != len(y) || len(x) == 0 {
		return fmt.Errorf("%d numbers against %d", len(x), len(y))
	}
	for i := range x {
		if math.Float32bits(x[i]) != math.Float32bits(y[i]) && !(x[i] != x[i] && y[i] != y[i]) {
			return fmt.Errorf("number %d: %v against %v", i, x[i], y[i])
		}
	}
	return nil
}

// near wants two results to be within a distance relative to the norm of the second.
func (l *lab) near(a, b string, most float64) {
	l.t.Helper()
	x, y := l.nums(a), l.nums(b)
	if len(x) != len(y) {
		l.t.Fatalf("%s has %d numbers, %s has %d", a, len(x), b, len(y))
	}
	var diff, norm float64
	for i := range x {
		diff += float64(x[i]-y[i]) * float64(x[i]-y[i])
		norm += float64(y[i]) * float64(y[i])
	}
	if d := math.Sqrt(diff / norm); !(d <= most) {
		l.t.Errorf("%s is %.2g away from %s, want at most %.2g", a, d, b, most)
	}
}

// planned wants so many states to have been computed.
func (l *lab) planned(want int64) {
	l.t.Helper()
	if got := l.Stats.StatesPlanned; got != want {
		l.t.Errorf("%d states were computed, want %d (dense are %d)", got, want, l.Stats.StatesDense)
	}
}
