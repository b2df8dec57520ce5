package vm

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"interp/ir"
	"interp/vm/exec"
)

// watcher notes how many runs were described when the first line was written.
type watcher struct {
	recorder
	m     *Machine
	first int
}

func (w *watcher) Text(s string) error {
	if w.Len() == 0 {
		w.first = len(w.m.Graph().Runs)
	}
	return w.recorder.Text(s)
}

// watch runs a script.
func watch(t *testing.T, src string, o Options) (w *watcher, stats exec.Stats) {
	t.Helper()
	p, errs := compile(src)
	if p == nil {
		t.Fatal(errorsOf(errs))
	}
	w = &watcher{}
	o.Out = w
	w.m = New(o)
	err := w.m.Run(context.Background(), p)
	var e *Error
	if errors.As(err, &e) {
		fmt.Fprintln(w, e.Diag.Code, e)
	} else if err != nil {
		t.Fatal(err)
	}
	return w, w.m.Stats()
}

// sweepOf is a sweep over so many prompts of 8 positions, with a print in the loop.
func sweepOf(prompts int) string {
	return fmt.Sprintf(`def run(i) {
	invoke [i %% 31, i * 7 %% 29, i * 13 %% 32, i %% 11, 5, 6, 7, 8] { set transformer.h[0].input[0, 1] *= 2; save y = transformer.h[0].output[0, -1, 5] }
	return y
}
for i in range(%d) { print i, run(i) }`, prompts)
}

// TestSweepsPrintAsTheyGo: with more than 16 chunks outstanding what the tape waits for is computed between
// two runs. A sweep below that stays one plan.
func TestSweepsPrintAsTheyGo(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: thousands of prompts, without -short")
	}
	m := openModel(t, "tinystories-char")
	const most = 8192 // are 16 chunks
	if w, _ := watch(t, sweepOf(most), Options{Model: m}); w.first != most {
		t.Errorf("a full window: the first line came when %d of %d prompts were described", w.first, most)
	}
	src := sweepOf(10_000)
	w, s := watch(t, src, Options{Model: m})
	if w.first != most+1 {
		t.Errorf("more than a window: the first line came when %d prompts were described", w.first)
	}
	one, once := watch(t, src, Options{Model: m, Window: 1 << 30})
	if one.first != 10_000 || w.String() != one.String() {
		t.Errorf("one plan: the first line came when %d prompts were described, and the lines are to be the same", one.first)
	}
	if 100*s.StatesPlanned > 101*once.StatesPlanned || s.StatesDense != once.StatesDense || s.Passes != once.Passes || s.Chunks > once.Chunks+1 {
		t.Errorf("got %+v, in one plan %+v", s, once) // what two windows share is kept as far as it fits
	}
}

// windowed are scripts that describe more than a window of some columns.
var windowed = map[string]string{
	"a sweep": sweepOf(40),
	"a sweep with results": `for i in range(40) { invoke [i % 31, 5, 6] { save y[i] = logits[0, -1, 5]; save z[i] = logits[0, -1] }
		print y[i] }
		print sum(y)`,
	"invokes of a trace": `for k in range(4) {
			trace { for i in range(10) { invoke [i, k, 5] { h = transformer.h[0].output }
				invoke [k, i, 6] { set transformer.h[0].output = h; print logits[0, -1, 5] } } }
		}`,
	"generated tokens": `for i in range(20) { generate(max_new_tokens=6) { invoke [i, 5] { save g[i] = generated } }
		print g[i] }`,
	"rows that stop": `for i in range(20) { generate(max_new_tokens=6, temperature=1, stop=[3, 4, 5, 6, 7, 8]) { invoke [[i, 5], [6, i]] { iter k in all { print logits[:, -1, 5] } } } }`,
	"gradients":      `for i in range(20) { invoke [i, 5, 6] { print norm(grad(logits[0, -1, 5], transformer.h[0].output)) } }`,
	"a line that forces": `best = -1000
		for i in range(40) { invoke [i % 31, 5, 6] { save y[i] = logits[0, -1, 5] }
			print y[i]
			if i % 15 == 14 { if y[i] > best { best = y[i]; print "best", i } }
		}
		print max(y), best`,
	"a failure in the middle": `for i in range(40) { invoke [i % 31, 5, 6] { save y[i] = logits[0, -1, 5] }
		print i
		assert y[i] > 1000 * (i // 20) - 500, f"at {i}"
	}`,
}

// TestWindowsChangeNothing runs scripts with windows of several sizes by both engines: the same text and the
// same results.
func TestWindowsChangeNothing(t *testing.T) {
	m := openModel(t, "tinystories-char")
	for name, src := range windowed {
		t.Run(name, func(t *testing.T) {
			forget := func(r *recorder) string { return r.String() + fmt.Sprint(texts(r.results)) }
			one, _ := watch(t, src, Options{Model: m})
			for _, window := range []int{1, 7, 30, 100} {
				for _, e := range []exec.Engine{exec.NewNaive(exec.Options{}), exec.NewBatched(exec.Options{})} {
					w, _ := watch(t, src, Options{Model: m, Engine: e, Window: window})
					if got, want := forget(&w.recorder), forget(&one.recorder); got != want {
						t.Errorf("%T, %d columns: got %s, want %s", e, window, got, want)
					}
					if runs := len(w.m.Graph().Runs); window < 40 && w.first == runs {
						t.Errorf("%T, %d columns: the first line came at the end", e, window)
					}
				}
			}
		})
	}
}

// TestWrittenValuesAreLetGo: of a long sweep those values are kept that variables hold, and no other is computed
// twice for it.
func TestWrittenValuesAreLetGo(t *testing.T) {
	m := openModel(t, "tinystories-char")
	const held = `invoke [1, 5, 6] { save x = logits[0, -1, 5] }
		xs = [x * 2, {a: x * 3}]
		print x, xs
		`
	const used = `
		if x { if xs[0] { if xs[1].a { if y[3] { print "held" } } } }`
	sweep := sweepOf(100) + "\nfor i in range(10) { invoke [i, 5] { save y[i] = logits[0, -1, 5] }\nprint y[i] }\n" + sweepOf(100)[strings.Index(sweepOf(100), "for i"):]
	_, once := watch(t, held+sweep, Options{Model: m, Engine: exec.NewNaive(exec.Options{})})
	w, s := watch(t, held+sweep+used, Options{Model: m, Engine: exec.NewNaive(exec.Options{}), Window: 80})
	if n := len(w.m.known); n > 30 {
		t.Errorf("%d values are held", n)
	}
	if s.StatesDense != once.StatesDense {
		t.Errorf("%d states, each run once makes %d", s.StatesDense, once.StatesDense)
	}
}

func texts(vals map[string]ir.Value) map[string]string {
	out := map[string]string{}
	for name, v := range vals {
		out[name] = fmt.Sprint(v)
	}
	return out
}

// TestExplainGoesInWindows: what is explained is what a run does, and a window is no line that forces.
func TestExplainGoesInWindows(t *testing.T) {
	m := openModel(t, "tinystories-char")
	for name, src := range windowed {
		t.Run(name, func(t *testing.T) {
			_, s := watch(t, src, Options{Model: m, Window: 30})
			p, _ := compile(src)
			out := &recorder{}
			e, err := New(Options{Model: m, Window: 30, Out: out}).Explain(context.Background(), p, exec.Options{}, nil)
			if err != nil {
				t.Fatal(err)
			}
			forced := 0
			if strings.Contains(name, "forces") || strings.Contains(name, "stop") {
				forced = 1
			}
			if len(e.Forced) != forced || out.Len() > 0 {
				t.Errorf("forced at %v, printed %q", e.Forced, out)
			}
			if strings.Contains(src, "generate") || strings.Contains(src, "grad") || strings.Contains(src, "assert") {
				return // tokens are made up, reverse passes and failures are not known to a plan
			}
			if r := e.Report; r.StatesPlanned != s.StatesPlanned || r.StatesDense != s.StatesDense || r.Passes != s.Passes || r.Chunks != s.Chunks {
				t.Errorf("explained %d states, %d dense, %d passes, %d chunks, the run took %+v", r.StatesPlanned, r.StatesDense, r.Passes, r.Chunks, s)
			}
		})
	}
}

// TestCheckKeepsToShapes: check has no window.
func TestCheckKeepsToShapes(t *testing.T) {
	m := openModel(t, "tinystories-char")
	for name, src := range windowed {
		if got := checkText(t, src, Options{Model: m, Window: 1}); got != "" {
			t.Errorf("%s: %s", name, got)
		}
	}
}
