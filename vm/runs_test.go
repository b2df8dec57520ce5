package vm

import (
	"testing"

	"interp/vm/exec"
)

// TestRuns are scripts on a trained model, with both engines.
func TestRuns(t *testing.T) {
	m := openModel(t, "ioi-proto")
	const saved = "invoke \"John gave a\" { save f = blocks[2].hook_resid_pre[0] }\nk = argmin(f[0])\n"
	for _, c := range []struct{ name, src, want string }{
		{"an index in a run may be reckoned from a saved value", saved + `invoke "John gave a" {
			x = blocks[2].hook_resid_pre
			save a = x[0, 0, k + 1 - 1]
			save b = x[0, 0, k:k + 1]
		}
		print a == f[0, k], all(b == f[0, [k]])`, "True True\n"},
		{"the gradient of a slice of a parameter is the slice of its gradient", `invoke "John gave a" {
			m = logits[0, -1, 5]
			save a = grad(m, param("h.1.mlp.c_fc.weight"))
			save b = grad(m, param("h.1.mlp.c_fc.weight")[3:5][:, 7])
		}
		print all(a[3:5, 7] == b), b.shape, any(b != 0)`, "True [2] True\n"},
		{"a row with a seed is had alone", `p = "John gave a"
			generate(max_new_tokens=4, temperature=1.5, seed=[4, 5, 6]) { invoke [p, p, p] { save a = generated } }
			generate(max_new_tokens=4, temperature=1.5, seed=5) { invoke p { save b = generated } }
			print a[1] == b, a[0] == a[1]`, "True False\n"},
		{"seeds and prompts are as many", `generate(max_new_tokens=1, temperature=1, seed=[4, 5]) { invoke ["John"] { print generated } }`, "E0211 generate has 2 seeds, the invoke 1 prompts\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, e := range []exec.Engine{exec.NewNaive(exec.Options{}), exec.NewBatched(exec.Options{})} {
				if got := run(t, c.src, Options{Model: m, Engine: e}); got != c.want {
					t.Errorf("%T: got %q, want %q", e, got, c.want)
				}
			}
		})
	}
}
