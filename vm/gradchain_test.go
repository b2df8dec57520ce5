package vm

import (
	"testing"

	"interp/vm/exec"
)

// TestGradientsThatRestOnGradients: what one gradient says is set into the run of another. Both engines
// print the same.
func TestGradientsThatRestOnGradients(t *testing.T) {
	const p = `"After John and Mary went"` + "\n"
	m := openModel(t, "ioi-proto")
	for _, c := range []struct{ name, src string }{
		{"each run's from the one before", "p = " + p + `v = zeros(d_model)
for step in range(3) {
    invoke p {
        set transformer.h[1].output[0, -1] += v
        save g[step] = grad(logits[0, -1, 5], transformer.h[1].output)[0, -1]
    }
    v += g[step] / norm(g[step])
}
print v[:6]`},
		{"from one invoke into another of the trace", "p = " + p + `trace {
    invoke p { g = grad(logits[0, -1, 5], transformer.h[1].output) }
    invoke p {
        set transformer.h[1].output += g
        save h = grad(logits[0, -1, 5], transformer.h[2].output)
    }
}
print h[0, -1, :6]`},
		{"two of one run, set one above the other", "p = " + p + `invoke p {
    a = grad(sum(transformer.h[0].output ** 2), transformer.h[0].attn.output)
    set transformer.h[1].output += a
    b = grad(sum(transformer.h[2].output ** 3), transformer.h[1].output)
    set transformer.h[3].output += b
    save x = logits[0, -1, :6]
}
print x`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if errs := checkText(t, c.src, Options{Model: m}); errs != "" {
				t.Fatal(errs)
			}
			naive := run(t, c.src, Options{Model: m, Engine: exec.NewNaive(exec.Options{})})
			batched := run(t, c.src, Options{Model: m, Engine: exec.NewBatched(exec.Options{})})
			if naive != batched || len(naive) < 20 {
				t.Errorf("batched prints\n%s\nnaive\n%s", batched, naive)
			}
		})
	}
}
