package interp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
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

// TestLongSweepsStream: a sweep over thousands of prompts prints while it runs, with gradients as well. Ended
// by the first lines of its output, it has not computed the rest.
func TestLongSweepsStream(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: thousands of prompts, without -short")
	}
	m, err := OpenModel(shared.Repo("testdata", "models", "ioi-proto"))
	if err != nil {
		t.Fatal(err)
	}
	const prompt = "[i % 600, i * 7 % 599, i * 13 % 601, i % 11, 5, 6, 7, 8]"
	for _, c := range []struct {
		name, invoke string
		lines        int
		mem          int64
	}{
		{"patches", "set transformer.h[1].output[0, 1] *= 2; save y = logits[0, -1, 5]", 5000, 48 << 20},
		{"gradients", "save y = sum(grad(logits[0, -1, 5], blocks[:].hook_resid_pre) ** 2)", 1000, 16 << 20},
		{"sets of gradients", "g = detach(grad(logits[0, -1, 5], transformer.h[0].output)); save s = sum(g ** 2) }\n\tinvoke " + prompt +
			" { set transformer.h[1].output[0, 1] += s; save y = logits[0, -1, 5]", 1000, 16 << 20},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := Compile("t", fmt.Sprintf(`def run(i) {
	invoke %s { %s }
	return y
}
for i in range(%d) { print i, run(i) }`, prompt, c.invoke, c.lines))
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
			r, err := p.Run(ctx, Options{Model: m, Mem: c.mem, Saves: ReadSaves, Out: w})
			if !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, want the cancelled context", err)
			}
			if w.lines >= c.lines/2 || 4*r.Stats.StatesPlanned > e.StatesPlanned {
				t.Errorf("%d lines, %d of %d states: what was printed had waited for the rest", w.lines, r.Stats.StatesPlanned, e.StatesPlanned)
			}
		})
	}
}
