package vm

import (
	"context"
	"os"
	"strconv"
	"strings"
	"testing"

	"interp/internal/parity"
	"interp/nnrt"
	"interp/nnrt/tensor"
	"interp/stdlib"
	"interp/vm/exec"
)

// gradRules are scripts that make the same gradient in two ways: got and want.
var gradRules = []struct{ name, src string }{
	{"detached values are constants", `
		x = transformer.h[1].output
		save got = grad(sum(detach(x) * x), transformer.h[1].output)
		save want = x`},
	{"a detached set lets nothing through", `
		set transformer.h[3].output = detach(transformer.h[3].output)
		save got = grad(METRIC + norm(transformer.h[1].output), transformer.h[1].output)
		save want = grad(norm(transformer.h[1].output), transformer.h[1].output)`},
	{"two metrics add up", `
		a = logits[0, -1, 3]
		b = norm(transformer.h[2].output)
		save got = grad(a + 2 * b, transformer.h[1].output)
		save want = grad(a, transformer.h[1].output) + 2 * grad(b, transformer.h[1].output)`},
	{"a slice of a site", `
		save got = grad(METRIC, transformer.h[1].output[:, 1:3, ::7])
		save want = grad(METRIC, transformer.h[1].output)[:, 1:3, ::7]`},
	{"a slice by its axis", `
		save got = grad(METRIC, slice(transformer.h[1].output, "pos", 1, 3))
		save want = grad(METRIC, transformer.h[1].output)[pos=1:3]`},
	{"all layers at once", `
		save got = grad(METRIC, blocks[1:].hook_mlp_out)
		save want = stack([grad(METRIC, blocks[l].hook_mlp_out) for l in range(1, n_layers)])`},
	{"saved cells", `
		for l in range(3) { save x[l] = blocks[l].hook_resid_post }
		save got = grad(sum(x[1]) + norm(x), transformer.h[1].output)
		save want = grad(sum(blocks[1].hook_resid_post) + norm(blocks[:3].hook_resid_post), transformer.h[1].output)`},
	{"a gradient as a constant", `
		g = grad(METRIC, transformer.h[2].output)
		save got = grad(sum(detach(g) * transformer.h[2].output), transformer.h[1].output)
		save want = grad(METRIC, transformer.h[1].output)`},
	{"what has no gradient and does not follow from the site", `
		far = svd(transformer.h[0].output[0]).u[0, 0] * float(transformer.h[0].output[0, 0, 3])
		save got = grad(METRIC + far, transformer.h[1].output)
		save want = grad(METRIC, transformer.h[1].output)`},
	{"what is added to the residual stream has its gradient", `
		save got = grad(METRIC, blocks[2].hook_attn_out)
		save want = grad(METRIC, blocks[2].hook_resid_mid)`},
	{"the heads' results are parts of one sum", `
		save got = grad(METRIC, blocks[2].attn.hook_result[:, :, 3])
		save want = grad(METRIC, blocks[2].hook_attn_out)`},
	{"an output bias", `
		save got = grad(METRIC, param("transformer.h.1.mlp.c_proj.bias"))
		save want = sum(grad(METRIC, blocks[1].hook_mlp_out), ["batch", "pos"])`},
	{"an output weight", `
		save got = grad(METRIC, param("transformer.h.1.mlp.c_proj.weight"))
		save want = einsum("b p f, b p d -> f d", blocks[1].mlp.hook_post, grad(METRIC, blocks[1].hook_mlp_out))`},
	{"an input weight", `
		save got = grad(METRIC, param("transformer.h.1.mlp.c_fc.weight"))
		save want = einsum("b p d, b p f -> d f", blocks[1].ln2.hook_normalized, grad(METRIC, blocks[1].mlp.hook_pre))`},
	{"query, key and value weights", `
		save got = grad(METRIC, param("transformer.h.2.attn.c_attn.weight"))
		g = grad(METRIC, transformer.h[2].attn.c_attn.output)
		save want = reshape(einsum("b p d, b p q h e -> d q h e", blocks[2].ln1.hook_normalized, g), d_model, -1)`},
	{"attention's output weight", `
		save got = grad(METRIC, param("transformer.h.2.attn.c_proj.weight"))
		g = grad(METRIC, blocks[2].hook_attn_out)
		save want = reshape(einsum("b p h e, b p d -> h e d", blocks[2].attn.hook_z, g), d_model, -1)`},
	{"a norm's bias", `
		save got = grad(METRIC, param("transformer.h.2.ln_1.bias"))
		save want = sum(grad(METRIC, blocks[2].ln1.hook_normalized), ["batch", "pos"])`},
	{"a norm's weight", `
		save got = grad(METRIC, param("transformer.h.2.ln_1.weight"))
		x = (blocks[2].ln1.hook_normalized - param("transformer.h.2.ln_1.bias")) / param("transformer.h.2.ln_1.weight")
		save want = sum(grad(METRIC, blocks[2].ln1.hook_normalized) * x, ["batch", "pos"])`},
	{"position embeddings", `
		save got = grad(METRIC, param("transformer.wpe.weight"))[:2]
		save want = sum(grad(METRIC, hook_pos_embed), "batch")[:2]`},
	{"a parameter of another layer than the applied one", `
		save got = grad(norm(transformer.h[1].mlp(transformer.h[1].output)), param("transformer.h.0.mlp.c_proj.bias"))
		save want = sum(grad(norm(transformer.h[1].mlp(transformer.h[1].output)), blocks[0].hook_mlp_out), ["batch", "pos"])`},
	{"an unembedding that is the embedding too", `
		ids = eye(d_vocab)[tokens("When John and Mary went to")]
		save got = grad(METRIC, param("transformer.wte.weight"))
		save want = einsum("p v, p d -> v d", ids, grad(METRIC, hook_embed)[0]) + einsum("p v, p d -> v d", grad(METRIC, logits)[0], lm_head.input[0])`},
}

func TestGradientRules(t *testing.T) {
	m := openModel(t, "ioi-proto")
	for _, c := range gradRules {
		t.Run(c.name, func(t *testing.T) {
			body := strings.ReplaceAll(c.src, "METRIC", `logits[0, -1, 3] * logits[0, 2, 4]`)
			src := "invoke \"When John and Mary went to\" {" + body + "\n}\nassert got.shape == want.shape\nprint norm(got - want), norm(want)"
			compareNorms(t, run(t, src, Options{Model: m}), 2e-5)
		})
	}
}

func TestGradientsOfUntiedEmbeddings(t *testing.T) {
	m := openModel(t, "nano-sort")
	for name, want := range map[string]string{
		"lm_head.weight":         `einsum("p v, p d -> v d", grad(m, logits)[0], lm_head.input[0])`,
		"transformer.wte.weight": `einsum("p v, p d -> v d", eye(d_vocab)[[2, 0, 1, 1, 2]], grad(m, hook_embed)[0])`,
	} {
		t.Run(name, func(t *testing.T) {
			src := "invoke [2, 0, 1, 1, 2] {\nm = logits[0, -1, 1] * logits[0, 2, 0]\nsave got = grad(m, param(\"" + name + "\"))\nsave want = " + want + "\n}\nprint norm(got - want), norm(want)"
			compareNorms(t, run(t, src, Options{Model: m}), 2e-5)
		})
	}
}

// compareNorms reads the norms of a difference and of what was wanted.
func compareNorms(t *testing.T, text string, tolerance float64) {
	t.Helper()
	words := strings.Fields(text)
	if len(words) != 2 {
		t.Fatal(text)
	}
	d, err1 := strconv.ParseFloat(words[0], 64)
	n, err2 := strconv.ParseFloat(words[1], 64)
	if err1 != nil || err2 != nil || !(d <= tolerance*n) || n == 0 {
		t.Errorf("norm of the difference and of what was wanted: %s", text)
	}
}

func TestGradientsAcrossInvokes(t *testing.T) {
	m := openModel(t, "ioi-proto")
	for _, c := range []struct{ name, src string }{
		{"the runs of a trace add up", `
			bias = param("transformer.h.1.mlp.c_proj.bias")
			trace {
				invoke "When John and Mary went to" { a = logits[0, -1, 3] }
				invoke "After John" { save got = grad(a * logits[0, -1, 4], param("transformer.h.1.mlp.c_proj.bias")) 
					b = detach(logits[0, -1, 4]) 
					save right = grad(detach(a) * logits[0, -1, 4], blocks[1].hook_mlp_out) }
			}
			invoke "After John" { save other = logits[0, -1, 4] }
			invoke "When John and Mary went to" { save left = grad(logits[0, -1, 3] * other, blocks[1].hook_mlp_out) }
			want = sum(left, ["batch", "pos"]) + sum(right, ["batch", "pos"])
			print norm(got - want), norm(want)`},
		{"a value of one run set in another", `
			def patched(h) {
				v = sin(arange(d_model) * 1.0) * h
				trace {
					invoke "When John and Mary went to" { set blocks[1].hook_mlp_out += v
						x = transformer.h[1].output[:, -1] }
					invoke "When Mary and John went to" { set blocks[1].hook_mlp_out += v
						set transformer.h[2].output[:, -1] = x
						save y = logits[0, -1, 3] 
						save g = grad(logits[0, -1, 3], param("transformer.h.1.mlp.c_proj.bias")) }
				}
				return {y: y, g: g}
			}
			got = sum(patched(0.0).g * sin(arange(d_model) * 1.0))
			near = (patched(0.02).y - patched(-0.02).y) / 0.04
			far = (patched(0.04).y - patched(-0.04).y) / 0.08
			want = near + (near - far) / 3
			print abs(got - want), abs(want)`},
		{"what flows on after a set from another position", `
			def of(cut) {
				invoke "When John and Mary went to" {
					x = transformer.h[1].output
					set transformer.h[1].output[:, 3] += cut(x[:, 2])
					set transformer.h[1].output[:, 1:3] += cut(transformer.h[1].output[:, 3:5])
					save g = grad(logits[0, -1, 3] + norm(cut(x)), transformer.h[1].output)
				}
				return g
			}
			def whole(x) { return x * 1 }
			got = of(whole)
			want = of(detach)
			print norm(got - want), norm(want)`},
		{"what flows on after a set from another prompt", `
			def of(cut) {
				invoke ["When John and Mary went to", "When Mary and John went to"] {
					set blocks[1].attn.hook_v[0, 2:4] = cut(blocks[1].attn.hook_v[1, 2:4])
					set blocks[1].attn.hook_v[0] *= 2
					k = blocks[1].attn.hook_k
					save g = grad(sum(logits[:, -1, 3]) + norm(k) + norm(blocks[1].attn.hook_v), transformer.h[1].attn.c_attn.output)
				}
				return g
			}
			def whole(x) { return x * 1 }
			got = of(whole)
			want = of(detach)
			print norm(got - want), norm(want)`},
		{"back through the steps of a generation", `
			def moved(h) {
				generate(max_new_tokens=3) { invoke "When John and Mary went to" {
					u = sin(7 * transformer.h[1].output)
					set transformer.h[1].output += h * u
					iter 2 { y = logits[0, -1, 3] * 5 }
					save last = y
					save along = sum(grad(y, transformer.h[1].output) * u)
				} }
				return {y: last, along: along}
			}
			got = moved(0.0).along
			near = (moved(0.01).y - moved(-0.01).y) / 0.02
			far = (moved(0.02).y - moved(-0.02).y) / 0.04
			want = near + (near - far) / 3
			print abs(got - want), abs(want)`},
		{"saved values of an earlier trace are constants", `
			invoke "When John and Mary went to" { save c = logits[0, -1, 3] }
			invoke "When John and Mary went to" {
				save got = grad(c * logits[0, -1, 3], transformer.h[1].output)
				save g = grad(logits[0, -1, 3], transformer.h[1].output)
			}
			print norm(got - c * g), norm(got)`},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := run(t, c.src, Options{Model: m})
			compareNorms(t, text, 1e-3)
			if naive := run(t, c.src, Options{Model: m, Engine: exec.NewNaive(exec.Options{})}); naive != text {
				t.Errorf("one run at a time: %s\nbatched: %s", naive, text)
			}
		})
	}
}

func TestGradientErrors(t *testing.T) {
	m := openModel(t, "ioi-proto")
	for _, c := range []struct{ name, metric, want string }{
		{"a parameter of an applied module", `lm_head(transformer.ln_f(transformer.h[1].output))[0, -1, 3], param("transformer.ln_f.weight")`, `E0309 grad: the metric computes with transformer.ln_f outside of a run, and the gradient of param("transformer.ln_f.weight") is taken through runs alone`},
		{"a parameter of a part of it", `norm(transformer.h[2].mlp(transformer.h[1].output)), param("h.2.mlp.c_fc.bias")`, `E0309 grad: the metric computes with transformer.h[2].mlp outside of a run, and the gradient of param("h.2.mlp.c_fc.bias") is taken through runs alone`},
		{"the tied one of the unembedding", `norm(lm_head(transformer.h[1].output)), param("wte.weight")`, `E0309 grad: the metric computes with lm_head outside of a run, and the gradient of param("wte.weight") is taken through runs alone`},
		{"the projection that splits results", `norm(blocks[2].attn.hook_result), param("h.2.attn.c_proj.weight")`, `E0309 grad: the metric computes with transformer.h[2].attn.c_proj outside of a run, and the gradient of param("h.2.attn.c_proj.weight") is taken through runs alone`},
		{"the projection under a set of results", `logits[0, -1, 3], param("h.2.attn.c_proj.weight"))
			set blocks[2].attn.hook_result[head=1] *= (2.0`, `E0309 grad: the metric computes with transformer.h[2].attn.c_proj outside of a run, and the gradient of param("h.2.attn.c_proj.weight") is taken through runs alone`},
		{"a metric of several numbers", "logits[0, -1]", "E0309 grad: the metric is one number, got [d_vocab=630]"},
		{"a metric of whole numbers", "argmax(logits[0, -1])", "E0309 grad: the metric is int64: it is piecewise constant"},
		{"a truth value", "logits[0, -1, 3] > 0", "E0309 grad: the metric is bool: it is piecewise constant"},
		{"a gradient of a gradient", "norm(grad(logits[0, -1, 3], transformer.h[1].output))", "E0309 grad: the metric depends on another gradient"},
		{"singular vectors", "svd(transformer.h[2].output[0]).u[0, 0]", "E0309 grad: there is no gradient through svd u: singular vectors turn freely where singular values meet"},
		{"resamples", "bootstrap(transformer.h[2].output[0, 0]).low", "E0309 grad: there is no gradient through bootstrap low: it resamples; mean(x) has one"},
		{"a number of the host", "float(logits[0, -1, 3]) * 2.0", "E0309 grad: there is no gradient through float: a number of the host has none: keep the array"},
		{"how far a quantile is", "quantile(transformer.h[2].output[0, 0], sigmoid(logits[0, -1, 3]))", "E0309 grad: there is no gradient with respect to q of quantile"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if !strings.Contains(c.metric, "param(") {
				c.metric += ", transformer.h[1].output"
			}
			src := "invoke \"After John\" { save g = grad(" + c.metric + ") }\nprint g"
			if got := run(t, src, Options{Model: m}); strings.TrimSpace(got) != c.want {
				t.Errorf("got %s\nwant %s", got, c.want)
			}
			late := c.name == "how far a quantile is" || c.name == "the projection under a set of results"
			if got := checkText(t, src, Options{Model: m}); strings.Contains(got, c.want) == late {
				t.Errorf("check says %q", got)
			}
		})
	}
}

func TestGradientsOfWhatDoesNotDepend(t *testing.T) {
	m := openModel(t, "ioi-proto")
	const apart = "W0303 the metric does not depend on %s of this invoke: its gradient is zero"
	for _, c := range []struct{ name, src, want string }{
		{"a metric below the site", "invoke \"After John\" { save g = grad(norm(transformer.h[1].output), transformer.h[2].output) }", strings.ReplaceAll(apart, "%s", "transformer.h[2].output")},
		{"a metric of another invoke", "trace {\ninvoke \"After John\" { m = logits[0, -1, 3] }\ninvoke \"After John\" { save g = grad(m, blocks[2].attn.hook_z) }\n}", strings.ReplaceAll(apart, "%s", "blocks[2].attn.hook_z")},
		{"a parameter above the metric", "invoke \"After John\" { save g = grad(norm(blocks[1].hook_resid_mid), param(\"h.1.mlp.c_fc.bias\")) }", `W0303 the metric does not depend on param("h.1.mlp.c_fc.bias") in this trace: its gradient is zero`},
		{"a parameter's of an earlier trace", "invoke \"After John\" { save m = logits[0, -1, 3] }\ninvoke \"After John\" { save g = grad(m, param(\"wte.weight\")) }", `W0303 the metric does not depend on param("wte.weight") in this trace: its gradient is zero`},
		{"a parameter just below the metric", "invoke \"After John\" { save g = 0 * grad(norm(blocks[1].mlp.hook_pre), param(\"transformer.h.1.mlp.c_fc.bias\")) }", ""},
		{"a constant", "invoke \"After John\" { save g = grad(3.0, transformer.h[2].output) }", "W0303 the metric does not depend on a run: its gradient is zero"},
		{"only through detach", "invoke \"After John\" { save g = grad(detach(logits[0, -1, 3]), transformer.h[2].output) }", "W0303 the metric does not depend on a run: its gradient is zero"},
		{"a metric at the site", "invoke \"After John\" { save g = 0 * grad(norm(blocks[2].attn.hook_q), transformer.h[2].attn.c_attn.output) }", ""},
		{"a metric in the middle of the layers", "invoke \"After John\" { save g = 0 * grad(norm(blocks[2].attn.hook_q), blocks[:].hook_mlp_out) }", ""},
		{"a later layer's value set below the metric", "invoke \"After John\" {\nset transformer.h[0].output[0, 1] = transformer.h[2].output[0, 0]\nsave g = 0 * grad(norm(transformer.h[1].output), transformer.h[2].output) }", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, errs := compile(c.src + "\nprint norm(g), max(abs(g))")
			if p == nil {
				t.Fatal(errorsOf(errs))
			}
			out := &recorder{}
			machine := New(Options{Model: m, Out: out})
			if err := machine.Run(context.Background(), p); err != nil {
				t.Fatal(err)
			}
			if out.String() != "0.0 0.0\n" {
				t.Errorf("the gradient is not zero: %s", out.String())
			}
			var warned []string
			for _, w := range machine.Warnings() {
				warned = append(warned, w.Code+" "+w.Msg)
			}
			if got := strings.Join(warned, "\n"); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// TestGradientsOfNothing: metrics of no numbers, and at places where a derivative is taken to be 0.
func TestGradientsOfNothing(t *testing.T) {
	m := openModel(t, "ioi-proto")
	for _, metric := range []string{"sum(x[:, 0:0])", "sum(x[0:0])", "mean(x[:, 0:0])", "sum(quantile(x[:, 0:0], 0.5, 1))", "sum(median(x[:, 0:0], 1))", "norm(x * 0)", "prod(x[:, 0:0])",
		"sum(topk(x, 0).values)", "sum(sort(x[:, 0:0], 1))", "sum(cumsum(x[:, 0:0], 1))", "sum(softmax(x[:, :, 0:0]))", "sum(matmul(x[:, 0:0], transpose(x)))", "sum(svd(x[0] * 0).s)", "sum(tile(x, 0))",
		"cosine(x[0, 0] * 0, x[0, 1])", "sum(stack([x[0:0], x[0:0]]))", "sum(outer(x[0, 0, 0:0], x[0, 0]))", "sum(diag(x, 500))", "sum(kl_div(x[:, 0:0], x[:, 0:0]))", "loss(logits[:, :1], [[3]])[0]", "sum(x ** 0)"} {
		src := "invoke \"After John\" {\nset transformer.h[0].output[0:0] = 5\nx = transformer.h[2].output\nsave g = grad(" + metric + ", transformer.h[1].output)\n}\nprint g.shape, norm(g)"
		if got := run(t, src, Options{Model: m}); got != "[1, 2, 128] 0.0\n" {
			t.Errorf("%s: %s", metric, got)
		}
	}
}

// TestRecordedGradients compares scripts' gradients with those that PyTorch computed in float64.
func TestRecordedGradients(t *testing.T) {
	m, err := nnrt.Open("parity", os.DirFS(parity.Dir()))
	if err == nil {
		err = m.Load(nnrt.LoadOptions{})
	}
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	cases, refs := parity.Load(t)
	sites := map[string]string{"resid_final": "transformer.ln_f.input", "ln_f.out": "transformer.ln_f.output"}
	for _, l := range []string{"0", "1"} {
		for name, path := range map[string]string{"resid_pre": "input", "ln_1.out": "ln_1.output", "attn.pattern": "attn.attn_dropout.output", "attn.z": "attn.c_proj.input", "attn.out": "attn.output", "mlp.out": "mlp.output"} {
			sites["h."+l+"."+name] = "transformer.h[" + l + "]." + path
		}
	}
	for _, input := range []string{"len16_clean", "len16_corr"} {
		ids := make([]string, len(cases.Inputs[input][0]))
		for i, id := range cases.Inputs[input][0] {
			ids[i] = strconv.Itoa(int(id))
		}
		for name, path := range sites {
			t.Run(input+" "+name, func(t *testing.T) {
				src := "invoke [" + strings.Join(ids, ", ") + "] { save g = grad(sum(logit_diff(logits, " + strconv.Itoa(int(cases.Answer)) + ", " + strconv.Itoa(int(cases.Wrong)) + ")), " + path + ") }"
				out := &recorder{}
				p, _ := compile(src)
				if err := New(Options{Model: m, Out: out, Results: true}).Run(context.Background(), p); err != nil {
					t.Fatal(err)
				}
				got, ok := out.results["g"].(*tensor.Array)
				ref, there := refs["grad/"+input+"/"+name]
				if !ok || !there {
					t.Fatalf("got %s, recorded: %v", stdlib.Repr(out.results["g"]), there)
				}
				if d := parity.Distance(got.F32(), ref.Data); !(d <= 1e-5) {
					t.Errorf("relative distance %.2g, want at most 1e-5", d)
				}
			})
		}
	}
}

// TestGradientsOfPatterns: beyond the query too, each prompt's own, and nothing where z is set whole.
func TestGradientsOfPatterns(t *testing.T) {
	const src = `
def of(p) { invoke p { save g = grad(sum(logit_diff(logits, 5, 6)), blocks[1].attn.hook_pattern) } return g }
a = "After John and Mary went"
b = "John gave a"
both = of([a, b])
print all(both[0] == of(a)[0]), all(both[1] == of(b)[0]), any(both[1, :, 0, 1:] != 0)
invoke a {
    z = blocks[1].attn.hook_z
    set blocks[1].attn.hook_z[:, :, 0] = 0
    set blocks[1].attn.hook_z[:, :, 1] = 2 * z[:, :, 1]
    save g = grad(logits[0, -1, 5], blocks[1].attn.hook_pattern)
}
invoke a {
    set blocks[1].attn.hook_z[:, :, 0] = 0
    set blocks[1].attn.hook_z[:, :, 1] *= 2
    save h = grad(logits[0, -1, 5], blocks[1].attn.hook_pattern)
}
print all(g[0, 0] == 0), any(g[0, 1, 0, 1:] != 0), all(g == h)`
	for _, e := range []exec.Engine{exec.NewBatched(exec.Options{}), exec.NewNaive(exec.Options{})} {
		if got := run(t, src, Options{Model: openModel(t, "ioi-proto"), Engine: e}); got != "True True True\nTrue True True\n" {
			t.Errorf("%T: got %s", e, got)
		}
	}
}
