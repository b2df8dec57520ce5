package vm

import (
	"strings"
	"testing"

	"interp/vm/exec"
)

// TestSecondDerivativesAreRefused: a gradient that follows from the site is no constant. What a metric
// says itself check finds; what sets hand on, the run.
func TestSecondDerivativesAreRefused(t *testing.T) {
	m := openModel(t, "ioi-proto")
	const want = "E0309 grad: the metric depends on another gradient"
	const body = `invoke "After John and Mary went" {
    g = grad(logits[0, 2, 5], transformer.h[0].output)
    save a = grad(sum(detach(g) * transformer.h[0].output), transformer.h[0].input)
    `
	for _, c := range []struct{ name, src, check, run string }{
		{"its own", "save b = grad(sum(g ** 2), transformer.h[0].input)", want, want},
		{"of a site above it", "save b = grad(sum(g ** 2), transformer.h[1].output)", want, want},
		{"through a set", "set transformer.h[1].output[:, 3] += g[:, 2]\nsave b = grad(logits[0, -1, 5], transformer.h[0].input)", "", want},
		{"a parameter's through a set", "set transformer.h[1].output[:, 3] += g[:, 2]\nsave b = grad(logits[0, -1, 5], param(\"wpe.weight\"))", "", want},
		{"a set that the metric does not see", "set transformer.h[1].output[:, 3] += g[:, 2]\nsave b = grad(logits[0, 2, 5], transformer.h[0].input) * logits[0, -1, 5]", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			src := body + c.src + "\n}\nwrite(\"out\", b)"
			if got := checkText(t, src, Options{Model: m}); !strings.Contains(got, c.check) || c.check == "" && got != "" {
				t.Errorf("check says %q, want %q", got, c.check)
			}
			if got := strings.TrimSpace(run(t, src, Options{Model: m})); got != c.run {
				t.Errorf("run says %q, want %q", got, c.run)
			}
		})
	}
}

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
		{"from each invoke of a trace into the next, at the site itself and below it", "p = " + p + `trace {
    v = zeros(d_model)
    for step in range(3) {
        invoke p {
            set transformer.h[1].output[0, -1] += v
            y = logits[0, -1, 5]
            save u[step] = grad(y, transformer.h[0].output)
            v += grad(y, transformer.h[1].output)[0, -1]
        }
    }
}
w = zeros(d_model)
for step in range(3) {
    invoke p {
        set transformer.h[1].output[0, -1] += w
        save a[step] = grad(logits[0, -1, 5], transformer.h[0].output)
        save b[step] = grad(logits[0, -1, 5], transformer.h[1].output)
    }
    w += b[step][0, -1]
}
assert all(u == a), "in one trace a gradient is a constant to those of later invokes"
print u[:, 0, -1, :6]`},
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
