package interp

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"interp/internal/shared"
)

// stopAfter is a writer that ends a run from within, after some lines of its output.
type stopAfter struct {
	lines, most int
	stop        func()
}

func (w *stopAfter) Write(p []byte) (int, error) {
	if w.lines += bytes.Count(p, []byte("\n")); w.lines >= w.most {
		w.stop()
	}
	return len(p), nil
}

// TestLongSweepsStream: a sweep over thousands of prompts prints while it runs. Ended by the first lines
// of its output, it has not computed the rest.
func TestLongSweepsStream(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: thousands of prompts, without -short")
	}
	m, err := OpenModel(shared.Repo("testdata", "models", "ioi-proto"))
	if err != nil {
		t.Fatal(err)
	}
	const lines = 5000
	p, err := Compile("t", `def run(i) {
	invoke [i % 600, i * 7 % 599, i * 13 % 601, i % 11, 5, 6, 7, 8] { set transformer.h[1].output[0, 1] *= 2; save y = logits[0, -1, 5] }
	return y
}
for i in range(5000) { print i, run(i) }`)
	if err != nil {
		t.Fatal(err)
	}
	e, err := p.Explain(context.Background(), Options{Model: m, Saves: ReadSaves}, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	w := &stopAfter{most: 10, stop: stop}
	r, err := p.Run(ctx, Options{Model: m, Mem: 48 << 20, Saves: ReadSaves, Out: w})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the cancelled context", err)
	}
	if w.lines >= lines/2 || 4*r.Stats.StatesPlanned > e.StatesPlanned {
		t.Errorf("%d lines, %d of %d states: what was printed had waited for the rest", w.lines, r.Stats.StatesPlanned, e.StatesPlanned)
	}
}
