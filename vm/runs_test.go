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
		{"a cut alone samples at temperature 1", `
			p = "When John and Mary went to"
			def draws(t, k, q) {
				generate(max_new_tokens=3, temperature=t, top_k=k, top_p=q, seed=range(40)) { invoke [p for i in range(40)] { save ids = generated } }
				return ids
			}
			greedy = draws(None, None, None)
			print draws(None, 5, None) == draws(1.0, 5, None), draws(None, None, 0.99) == draws(1.0, None, 0.99), draws(0, 5, 0.99) == greedy, draws(None, 50, None) == greedy`, "True True True False\n"},
		{"seeds and prompts are as many", `generate(max_new_tokens=1, temperature=1, seed=[4, 5]) { invoke ["John"] { print generated } }`, "E0211 generate has 2 seeds, the invoke 1 prompts\n"},
		{"cells of rows that stopped differ in shape", `generate(max_new_tokens=3, stop=token(" John")) {
			invoke ["John", "After John and Mary went to the store, Mary gave a bottle of milk to"] { iter k in all { save x[k] = logits[:, -1, 0] } }
		}
		print x[0].shape, x[1].shape
		print x`, "[2] [1]\nE0301 the cells differ in shape: [batch=2] and [batch=1]\n"},
		{"lists of ids of several lengths are a list", `for i, p in enumerate(["John gave a", "Mary"]) { invoke p { save t[i] = tokens(p) } }
			for i, p in enumerate(["John gave a", "Mary"]) { generate(max_new_tokens=2 + i) { invoke p { save g[i] = generated } } }
			print t == [tokens("John gave a"), tokens("Mary")], [len(x) for x in g]`, "True [2, 3]\n"},
		{"a saved list of arrays is an array", `invoke "John gave a" {
			save h = [transformer.h[l].output[0, -1] for l in range(2)]
			save d = [[logits[0, -1, 5], logits[0, -1, 6]], [0.0, 1.0]]
			save ids = tokens("John gave") + [5]
		}
		print h.shape, h.axes, all(h[1] - h[0] == (h - h[0])[1]), d.shape, (d - d[1])[1, 1], type(ids), [x.shape for x in h]
		invoke "John gave a" { set transformer.h[0].output[0, -1] = h[0]; print all(transformer.h[1].output[0, -1] == h[1]) }`, "[2, 128] [\"\", \"d_model\"] True [2, 2] 0.0 list [[128], [128]]\nTrue\n"},
		{"a prompt of one token has no next ones", `ps = ["John", "Mary gave a"]
			invoke ps { save x = cross_entropy(logits[:, :-1], [tokens(p)[1:] for p in ps]) }
			invoke ps[1] { save y = cross_entropy(logits[:, :-1], [tokens(ps[1])[1:]]) }
			print x[0].shape, all(x[1] == y[0])`, "[0] True\n"},
		{"infinity is written as the script writes it", `invoke "John gave" { set blocks[0].attn.hook_attn_scores[:, :, 0, 1] = 1
			print logits[0, -1, 0] }`, "E0308 set: query 0 does not see later keys: only -inf may stand there, got 1\n"},
		{"lengths are told once a prompt", `invoke ["John gave a", "Mary"] { save p = blocks[0].attn.hook_pattern; save h = blocks[0:2].hook_resid_pre }
			print p.shape, h.shape`, "[2, 4, [3, 1], [3, 1]] [2, 2, [3, 1], 128]\n"},
		{"ids of several prompts are decoded one by one", "print decode([[1, 2], [3]])", "E0302 decode: ids: want a token id or a list of them, got list\n"},
		{"either branch may write a result", `invoke "John" { save y = logits[0, 0, 0] }
			def f(v) { if v > 0 { write("x", 1) } else { write("x", 2) } }
			f(y)
			print 1`, "1\n"},
		{"a module of any layer", `invoke "John gave" { print transformer.h[0].attn(transformer.h[0].input[0, -1]) }`, "E0301 transformer.h[l].attn needs a pos axis, got [d_model=128]\n"},
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

func TestCheckLooksAtOutput(t *testing.T) {
	for _, c := range []struct{ src, want string }{
		{`heatmap(zeros(2, 3), x=["a", "b"])`, "E0419 heatmap: x: got 2 labels, want 3\n"},
		{`heatmap(zeros(2, 1, 3), x=["a", "b", "c"], y=["a"])`, "E0419 heatmap: y: got 1 labels, want 2\n"},
		{`heatmap(zeros(2, 3), x=["a", "b", "c"], y=["a", "b"])`, ""},
		{`lines(zeros(2, 3), x=["a"])`, "E0419 lines: x: got 1 labels, want 3\n"},
		{`lines(zeros(2, 3), names=["a"])`, "E0419 lines: names: got 1 labels, want 2\n"},
		{`lines(zeros(2, 3, 4))`, "E0301 lines: want one axis, or two: [series x], got [2 3 4]\n"},
		{`lines(zeros(1, 3), x=[0, 1, 2], names=["a"])`, ""},
		{`bars(zeros(3, 1), x=["a", "b"])`, "E0419 bars: x: got 2 labels, want 3\n"},
		{`bars([zeros(3), ones(3)], names=["a", "b"])`, ""},
		{`write("layer/0", zeros(2))`, "E0302 write: a result cannot be called \"layer/0\": want a name without slashes and control characters\n"},
		{`write(3, zeros(2))`, "E0302 write: name: want a string, got int\n"},
		{`scatter(zeros(4), zeros(2, 3))`, "E0419 scatter: got 4 numbers across and 6 up, want as many\n"},
		{`scatter(zeros(4), zeros(2, 2), labels=["a"])`, "E0419 scatter: labels: got 1 labels, want 4\n"},
	} {
		if got := checkText(t, c.src, Options{}); got != c.want {
			t.Errorf("%s: got %q, want %q", c.src, got, c.want)
		}
	}
	const src = `save _x = 1`
	if got, want := checkText(t, src, Options{Results: true}), "E0302 save: a result cannot be called \"_x\": names that begin with _ are the file's own\n"; got != want {
		t.Errorf("%s: got %q, want %q", src, got, want)
	}
	if got := checkText(t, src+"\nprint _x", Options{}); got != "" {
		t.Errorf("%s without files: got %q", src, got)
	}
}
