package behave

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"interp"
	"interp/internal/results"
)

// randomModels are those that random scripts run on.
var randomModels = []string{"models/nano-sort", "parity", "models/tinystories-char"}

// variant is one way to run a script.
type variant struct {
	name    string
	plan    string
	on      machine
	mem     int64
	session bool // each top-level statement is an entry of a session
}

var reference = variant{name: "naive, 1 thread", plan: "naive", on: machine{threads: 1, isa: best()}}

var variants = []variant{
	{name: "batched, 1 thread", plan: "batched", on: machine{threads: 1, isa: best()}},
	{name: "batched, 2 threads, the other instructions", plan: "batched", on: machine{threads: 2, isa: other()}},
	{name: "batched, 2 threads, 256 KiB", plan: "batched", on: machine{threads: 2, isa: best()}, mem: 256 << 10},
	{name: "naive, 2 threads, the other instructions", plan: "naive", on: machine{threads: 2, isa: other()}},
	{name: "batched, a session", plan: "batched", on: machine{threads: 1, isa: best()}, session: true},
}

// outcome is what a script gave.
type outcome struct {
	values map[string]any
	text   string
	err    error
	stats  results.Stats // of the last part
}

func (o outcome) failed() string {
	if o.err == nil {
		return ""
	}
	if c := codes(o.err); len(c) > 0 {
		return strings.Join(c, " ")
	}
	return o.err.Error()
}

func options(t testing.TB, model string, v variant) interp.Options {
	twin := v.on
	twin.twin = true
	return interp.Options{Model: modelOn(t, model, v.on), Plan: v.plan, Mem: v.mem,
		Open: func(string) (*interp.Model, error) { return modelOn(t, model, twin), nil }}
}

func do(t testing.TB, model string, s script, v variant) outcome {
	var out bytes.Buffer
	o := options(t, model, v)
	o.Out = &out
	parts := []string{s.String()}
	run := func(src string) (*interp.Results, error) {
		p, err := interp.Compile("random.patch", src)
		if err != nil {
			return nil, err
		}
		return p.Run(context.Background(), o)
	}
	if v.session {
		sess, err := interp.NewSession(o)
		if err != nil {
			t.Fatal(err)
		}
		parts = s.parts
		run = func(src string) (*interp.Results, error) { return sess.Exec(context.Background(), "random.patch", src) }
	}
	got := outcome{values: map[string]any{}}
	for _, src := range parts {
		r, err := run(src)
		if r != nil {
			got.stats = r.Stats
			for _, x := range r.Values {
				got.values[x.Name] = x.Value
			}
		}
		if err != nil {
			got.err = err
			break
		}
	}
	got.text = out.String()
	return got
}

// outOfMemory says that a run was refused for its limit, which the reference does not have.
func outOfMemory(o outcome) bool {
	return o.err != nil && (strings.Contains(o.err.Error(), "-mem") || strings.Contains(o.err.Error(), "memory"))
}

// differ says how two outcomes differ.
func differ(ref, got outcome) error {
	if a, b := ref.failed(), got.failed(); a != b {
		return fmt.Errorf("one failed with %q, the other with %q:\n%v\n%v", a, b, ref.err, got.err)
	}
	for name, a := range ref.values {
		b, ok := got.values[name]
		if !ok {
			return fmt.Errorf("%s is missing", name)
		}
		if err := sameBits(a, b); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	if len(ref.values) != len(got.values) {
		return fmt.Errorf("%d results, want %d", len(got.values), len(ref.values))
	}
	if ref.text != got.text {
		return fmt.Errorf("printed %q, want %q", got.text, ref.text)
	}
	return nil
}

// disagree runs a script in every way and says where two differ.
func disagree(t testing.TB, model string, s script) (ref outcome, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	ref = do(t, model, s, reference)
	for _, v := range variants {
		got := do(t, model, s, v)
		if v.mem > 0 && outOfMemory(got) {
			continue
		}
		if v.session && (ref.err != nil || got.err != nil) {
			continue // a script is checked whole, a session entry by entry
		}
		if err := differ(ref, got); err != nil {
			return ref, fmt.Errorf("%s against %s: %w", v.name, reference.name, err)
		}
	}
	if err := explains(t, model, s); err != nil {
		return ref, err
	}
	short := shortOptions(s)
	got := direct(t, model, s, short)
	if short.Mem > 0 && outOfMemory(got) {
		return ref, nil
	}
	if err := differ(bareOutcome(ref), got); err != nil {
		return ref, fmt.Errorf("batched, %d columns, %d bytes, forgetful %v against %s: %w", short.Columns, short.Mem, short.Evict != nil, reference.name, err)
	}
	return ref, nil
}

// explains says how an explanation of a script fails, or differs from the work of a run. It counts no
// reverse passes, and makes up generated tokens, which may share more or less than the true ones.
func explains(t testing.TB, model string, s script) error {
	ran := do(t, model, s, variants[0])
	if ran.err != nil {
		return nil
	}
	p, err := interp.Compile("random.patch", s.String())
	if err != nil {
		return err
	}
	e, err := p.Explain(context.Background(), options(t, model, variants[0]), io.Discard)
	if err != nil {
		return fmt.Errorf("explain: %w", err)
	}
	if text := s.String(); strings.Contains(text, "generate") || strings.Contains(text, "grad(") {
		return nil
	}
	says := [...]int64{e.StatesPlanned, e.Passes, e.Chunks, int64(len(e.NoOps))}
	made := [...]int64{ran.stats.StatesPlanned, ran.stats.Passes, ran.stats.Chunks, ran.stats.Noops}
	if says != made {
		return fmt.Errorf("explain says %v states, passes, chunks and no-ops, the run made %v", says, made)
	}
	return nil
}

// TestRandomScripts draws scripts and runs them by both plans, with one thread and two, with little
// memory, in chunks of a few columns, with rows forgotten between plans, at both widths of vectors, and
// entry by entry in a session: equal bits. INTERP_CHECKS is how
// many scripts for each model, INTERP_SEED where they begin.
func TestRandomScripts(t *testing.T) {
	checks, seed := "35", "1"
	if testing.Short() {
		checks = "8"
	}
	if s := os.Getenv("INTERP_CHECKS"); s != "" {
		checks = s
	}
	if s := os.Getenv("INTERP_SEED"); s != "" {
		seed = s
	}
	for name, v := range map[string]string{"rapid.checks": checks, "rapid.seed": seed, "rapid.nofailfile": "true"} {
		if err := flag.Set(name, v); err != nil {
			t.Fatal(err)
		}
	}
	for _, model := range randomModels {
		t.Run(model, func(t *testing.T) { randomScripts(t, model) })
	}
}

func randomScripts(t *testing.T, model string) {
	gen := scripts(modelOn(t, model, reference.on).Runtime().Arch().Dims)
	count, valid := 0, 0
	why := map[string]int{}
	var last *script
	defer func() {
		if last != nil {
			t.Logf("at the least:\n%s", shrink(t, model, *last))
		}
	}()
	rapid.Check(t, func(rt *rapid.T) {
		s := gen.Draw(rt, "script")
		ref, err := disagree(t, model, s)
		if err != nil {
			last = &s
			rt.Fatal(err)
		}
		count++
		if ref.err == nil {
			valid++
			return
		}
		var bad *interp.ScriptError
		if !errors.As(ref.err, &bad) {
			rt.Fatalf("not an error of the script: %v", ref.err)
		}
		if why[ref.failed()]++; os.Getenv("INTERP_INVALID") != "" {
			t.Logf("%s%v", s, ref.err)
		}
	})
	t.Logf("%d of %d scripts are valid, the others %v", valid, count, why)
	if !t.Failed() && valid*5 < count*4 {
		t.Errorf("%d of %d scripts are valid, want four of five", valid, count)
	}
}

// shrink leaves out lines of a script that fails as long as it still does.
func shrink(t testing.TB, model string, s script) string {
	lines := strings.SplitAfter(s.String(), "\n")
	fails := func(ls []string) bool {
		src := strings.Join(ls, "")
		if _, err := interp.Compile("random.patch", src); err != nil {
			return false
		}
		_, err := disagree(t, model, script{[]string{src}})
		return err != nil
	}
	for n := len(lines) / 2; n > 0; n /= 2 {
		for i := 0; i+n <= len(lines); {
			if less := append(append([]string(nil), lines[:i]...), lines[i+n:]...); fails(less) {
				lines = less
			} else {
				i++
			}
		}
	}
	src := strings.Join(lines, "")
	_, err := disagree(t, model, script{[]string{src}})
	return fmt.Sprintf("%s\n%v", src, err)
}
