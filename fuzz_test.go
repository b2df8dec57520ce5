package interp

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"interp/grammar"
	"interp/internal/results"
	"interp/internal/shared"
	"interp/stdlib"
)

// seeds are the shipped experiments and the examples of the library.
func seeds(f testing.TB) []string {
	paths, err := filepath.Glob(shared.Repo("scripts", "*.patch"))
	if err != nil || len(paths) == 0 {
		f.Fatal("no scripts", err)
	}
	var out []string
	for _, p := range paths {
		text, err := os.ReadFile(p)
		if err != nil {
			f.Fatal(err)
		}
		out = append(out, string(text))
	}
	for _, r := range stdlib.All() {
		if r.Example != "" {
			out = append(out, r.Example)
		}
	}
	return out
}

// hostile takes the place of numbers and other operands.
var hostile = []string{"0", "-1", "1", "2", "3", "63", "64", "65", "630", "1e9", "1e308", "-1e-30", "nan", "inf", "-inf", "2**62", "9223372036854775807",
	"-9223372036854775807", "100000", "[]", "{}", `""`, "None", "True", "zeros(0)", "zeros(0, 3)", "zeros(3, 0)", "ones(2, 3)", "0.5", "[[]]", "[1, 2]", `"\u{1F600}"`, "range(5)",
	"[nan, inf]", "eye(3)", "logits", `"batch"`, `"pos"`, "rand(4)", "arange(7)", "2147483648", "65536 * 65536"}

// mutate changes a few tokens of a script: they go, come twice, change places, or become tokens and
// lines of other scripts.
func mutate(src string, pool []string, seed uint64) string {
	rng := rand.New(rand.NewPCG(seed, 1))
	for range 1 + rng.IntN(4) {
		toks := grammar.Lex("", src).Tokens
		if len(toks) < 2 {
			return src
		}
		t := toks[rng.IntN(len(toks)-1)]
		at, end := t.Pos.Offset, t.End()
		if end > len(src) {
			continue
		}
		with := ""
		switch rng.IntN(7) {
		case 0: // goes
		case 1:
			with = t.Text + " " + t.Text
		case 2, 3:
			with = hostile[rng.IntN(len(hostile))]
		case 4: // another token of the script
			with = toks[rng.IntN(len(toks))].Text
		case 5: // of any script
			more := grammar.Lex("", pool[rng.IntN(len(pool))]).Tokens
			with = more[rng.IntN(len(more))].Text
		case 6:
			lines := strings.Split(pool[rng.IntN(len(pool))], "\n")
			at, with = end, "\n"+lines[rng.IntN(len(lines))]+"\n"
		}
		src = src[:at] + " " + with + " " + src[end:]
	}
	return src
}

// FuzzRun runs changed scripts: none may panic, go on after its time or beyond its memory, fail with
// anything but an error of the script, or give other numbers under the other plan.
func FuzzRun(f *testing.F) {
	pool := seeds(f)
	for i, s := range pool {
		f.Add(s, uint64(0))
		if !testing.Short() {
			f.Add(s, uint64(i+1))
		}
	}
	m, err := OpenModel(shared.Repo("testdata", "models", "ioi-proto"))
	if err != nil {
		f.Fatal(err)
	}
	open := func(name string) (*Model, error) { return m, nil }
	f.Fuzz(func(t *testing.T, src string, seed uint64) {
		if len(src) > 20_000 {
			return
		}
		if seed != 0 {
			src = mutate(src, pool, seed)
		}
		done := watch(t, src)
		defer close(done)
		p, err := Compile("f.patch", src)
		if err != nil {
			scriptFailure(t, src, err)
			return
		}
		var batched, naive bytes.Buffer
		if !fuzzRun(t, p, src, Options{Open: open}, &batched) || !fuzzRun(t, p, src, Options{Open: open, Plan: "naive"}, &naive) {
			return
		}
		if !bytes.Equal(batched.Bytes(), naive.Bytes()) {
			t.Fatalf("the plans differ:\n%s\nbatched\n%s\nnaive\n%s\n", src, clipped(batched.String()), clipped(naive.String()))
		}
	})
}

const fuzzTime = 4 * time.Second

// fuzzRun runs a program and writes down its results; false says that it failed as scripts may.
func fuzzRun(t *testing.T, p *Program, src string, o Options, out *bytes.Buffer) bool {
	ctx, stop := context.WithTimeout(context.Background(), fuzzTime)
	defer stop()
	o.Out, o.Threads, o.MaxSteps, o.Mem = out, 1, 20_000, 32<<20
	r, err := p.Run(ctx, o)
	if err != nil {
		if !errors.Is(err, context.DeadlineExceeded) {
			scriptFailure(t, src, err)
		}
		return false
	}
	if err := results.WriteJSON(out, results.File{Values: r.Values}); err != nil {
		t.Fatalf("%v\n%s", err, src)
	}
	return true
}

// scriptFailure wants an error that names places of the script.
func scriptFailure(t *testing.T, src string, err error) {
	t.Helper()
	var e *ScriptError
	if !errors.As(err, &e) || len(e.Findings) == 0 {
		t.Fatalf("got %T: %v\n%s", err, err, src)
	}
}

// watch ends the test where a run goes on after its time, or takes memory that its limit does not allow.
func watch(t *testing.T, src string) chan struct{} {
	done := make(chan struct{})
	go func() {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		base, t0 := heap(), time.Now()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
			}
			stacks := make([]byte, 1<<20)
			if time.Since(t0) > 3*fuzzTime {
				panic("a run goes on after its time:\n" + src + "\n" + string(stacks[:runtime.Stack(stacks, true)]))
			}
			if h := heap() - base; h > 512<<20 {
				panic("a run of 32 MiB takes " + Bytes(h) + ":\n" + src + "\n" + string(stacks[:runtime.Stack(stacks, true)]))
			}
		}
	}()
	return done
}

func clipped(s string) string { return s[:min(len(s), 4000)] }
