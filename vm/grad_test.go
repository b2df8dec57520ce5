package vm

import (
	"cmp"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"interp/ir"
	"interp/vm/exec"
)

// gradCase is a metric of a script and the site it is differentiated by. pre is what the script does
// before the invoke; before and body are what the invoke does before and after the site is moved along a
// direction, by default its sine.
type gradCase struct {
	name, pre, prompt, before, body, metric, site, dir string
}

const (
	stream = "transformer.h[1].output"
	mary   = `"When John and Mary went to the store, John gave a drink to"`
	two    = `["When John and Mary went to", "After John and Mary went to the store"]`
	diff   = `sum(logit_diff(logits, token(" Mary"), token(" John")))`
)

var gradScripts = []gradCase{
	{name: "logit difference"},
	{name: "logit difference of rows of other lengths", prompt: two},
	{name: "probability", metric: `prob(logits, token(" Mary"))[0]`, site: "transformer.h[2].input"},
	{name: "cross entropy", pre: "ids = tokens(" + mary + ")", metric: "mean(cross_entropy(logits[0, :-1], ids[1:]))", site: "transformer.h[0].output"},
	{name: "loss", metric: "loss(logits, tokens(" + mary + "))[0]", site: "blocks[2].hook_resid_pre"},
	{name: "divergence from another run", pre: "invoke " + mary + " { set transformer.h[3].mlp.output = 0\nsave other = logits[:, -1] }", metric: "sum(kl_div(other, logits[:, -1]))"},
	{name: "norm", metric: "norm(transformer.h[2].output)"},
	{name: "cosine with an unembedding", metric: `cosine(transformer.h[3].output[0, -1], W_U[:, token(" Mary")])`},
	{name: "mean of a slice", metric: "mean(blocks[2].hook_resid_post[:, 1:3])", site: "blocks[0].hook_mlp_out"},
	{name: "ragged means", prompt: two, metric: `sum(mean(transformer.h[2].output ** 2, "pos"))`},
	{name: "the site itself", metric: "sum(transformer.h[1].output ** 3) / 100"},
	{name: "after a set of a head", body: "set blocks[2].attn.hook_z[:, :, 1] = 0"},
	{name: "through the value of a set", body: "x = transformer.h[1].output\nset transformer.h[2].output[:, -1] = 2 * x[:, 3]"},
	{name: "through a later layer's earlier position", body: "set transformer.h[2].output[:, 2] = transformer.h[3].output[:, 1]"},
	{name: "of what was set, as it flows on", before: "set transformer.h[1].output[:, -1] *= 0.5"},
	{name: "across the rows of a list", prompt: `["When John and Mary went to", "When Mary and John went to"]`, body: "set transformer.h[2].output[0] = transformer.h[2].output[1]"},
	{name: "through a set of a head's result", body: "set blocks[2].attn.hook_result[:, -1, 1] = blocks[2].attn.hook_result[:, -1, 0] * 2"},
	{name: "with an edit", pre: "edit half(l) { set transformer.h[l].mlp.output *= 0.5 }", prompt: mary + " with half(2), half(3)"},
	{name: "logit lens", metric: `lm_head(transformer.ln_f(transformer.h[2].output))[0, -1, token(" Mary")]`},
	{name: "a block applied to a value", metric: "norm(transformer.h[3](transformer.h[1].output))"},
	{name: "an mlp applied to a value", metric: "norm(transformer.h[2].mlp(transformer.h[1].output * 2))"},
	{name: "layers as one array", metric: "norm(blocks[:].hook_resid_post)"},
	{name: "a list of values", body: "a = logits[0, -1, 3]\nb = logits[0, -1, 4]", metric: "sum([[a, b * 2], [a * b, 1.0]])"},
	{name: "lists of lists as arrays", body: "a = logits[0, -1, 3]\nb = logits[0, 2, 4]", metric: `norm(stack([[a, b], [b, 1.0]])) + norm(concat([[a, b], [a * b]], 0)) + einsum("i, i ->", [a, b], [b, 2.0])`},
	{name: "singular values", metric: "sum(svd(transformer.h[2].output[0]).s)"},
	{name: "slices by axis", metric: `norm(slice(transformer.h[2].output, "pos", 1, 9, 2)) + norm(transformer.h[2].output[pos=-1, d_model=3:9])`},
	{name: "a record of parts", metric: "mean_se(logits[0, -1]).se * topk(logits[0, -1], 2).values[0]"},
	{name: "a changed copy", body: "x = transformer.h[2].output\nx[0, -1] = transformer.h[1].output[0, 0] * 3", metric: "norm(x)"},
	{name: "a def", pre: "def metric(l) { return log(softmax(l[0, -1])[5]) }", metric: "metric(logits)"},
	{name: "a host condition", metric: "logits[0, -1, 3] if n_layers > 2 else logits[0, -1, 4]"},
	{name: "the greater logit", metric: "max(logits[0, -1, 3], logits[0, -1, 4])"},
	{name: "products, running sums, softmax", body: "x = transformer.h[2].output[0]\ny = transformer.h[1].output[0]", metric: "sum(softmax(x @ transpose(y) / 10) * cumsum(clamp(x, -1, 1), 0)[:, :1])"},
	{name: "joined, chosen and multiplied", body: "x = transformer.h[2].output[0]\ny = transformer.h[1].output[0]", metric: `std(concat([x[:2], y[1:]], 0)) + sum(topk(x[-1], 3).values) + einsum("p d, p d ->", x, y)`},
	{name: "an id for each prompt", prompt: two, metric: "sum(logit_diff(logits, [3, 5], [4, 4])) + sum(logits[:, at([2, 5]), 7])"},
	{name: "the likeliest logit", prompt: two, metric: "sum(pick(logits[:, -1], argmax(logits[:, -1]))) + sum(gather(logits[:, -1], argsort(logits[:, -1])[:, -1:]) ** 2)"},
	{name: "an array taken for a list", body: "x = transformer.h[1].output[0, :3]", metric: "norm(stack(x, at=1)[::5] * 2) + norm(concat(x, 0)[:100])"},
	{name: "the greatest of three", metric: "max(logits[0, -1, 3], logits[0, -1, 4], 0.5, logits[0, -1, 5]) - min(logits[0, 2, 3], logits[0, 2, 4], logits[0, 2, 6])"},
	{name: "padded", prompt: two, metric: "norm(pad(transformer.h[2].output, 1.5)[:, 2:])"},
	{name: "a value set at every position", body: "set transformer.h[2].output = transformer.h[1].output[:, 1] * 2"},
	{name: "a value set at every position of rows of other lengths", prompt: two, body: "set transformer.h[2].output[:, 1:] = transformer.h[1].output[:, 0]"},
	{name: "a head's pattern set in another", body: "set blocks[2].attn.hook_pattern[:, 0] = blocks[2].attn.hook_pattern[:, 1]"},
	{name: "a query's pattern set in a later one", body: "set blocks[2].attn.hook_pattern[0, :, 7, :4] = blocks[2].attn.hook_pattern[0, :, 3, :4]"},
	{name: "scores scaled", prompt: two, body: "set blocks[2].attn.hook_attn_scores *= 0.5"},
	{name: "query, key and value scaled", prompt: two, body: "set transformer.h[2].attn.c_attn.output *= 0.5", site: "transformer.h[0].output"},
	{name: "values of a head's query in another", body: "set transformer.h[2].attn.c_attn.output[:, :, 0, 1] = transformer.h[2].attn.c_attn.output[:, :, 1, 2]"},
	{name: "masked by a comparison", body: "x = transformer.h[2].output", metric: "sum(x * x * (x > 0)) + sum(where(x > 0.5, (x - 0.5) ** 2, 0))"},
}

// gradSites are all sites, with a metric after them.
func gradSites(layers int) []gradCase {
	var out []gradCase
	for _, s := range []string{"hook_embed", "hook_pos_embed", "transformer.ln_f.input", "ln_final.hook_scale", "transformer.ln_f.output", "logits"} {
		out = append(out, gradCase{name: s, site: s})
	}
	for _, s := range []string{"hook_resid_pre", "ln1.hook_scale", "ln1.hook_normalized", "attn.hook_q", "attn.hook_k", "attn.hook_v", "attn.hook_pattern", "attn.hook_z",
		"attn.hook_result", "hook_attn_out", "hook_resid_mid", "ln2.hook_scale", "ln2.hook_normalized", "mlp.hook_pre", "mlp.hook_post", "hook_mlp_out", "hook_resid_post"} {
		out = append(out, gradCase{name: s, prompt: two, site: fmt.Sprintf("blocks[%d].%s", layers/2, s)})
	}
	return append(out, gradCase{name: "attn.c_attn", site: "transformer.h[1].attn.c_attn.output"}, gradCase{name: "all layers", site: "blocks[:].hook_mlp_out"},
		gradCase{name: "attention scores", site: "blocks[1].attn.hook_attn_scores", dir: "where(isinf(SITE), 0, sin(7 * SITE))"})
}

// script is the gradient along a direction that the site's own values give, and the metric at four
// steps along it.
func (c gradCase) script() string {
	return strings.NewReplacer("PRE", c.pre, "BEFORE", c.before, "BODY", c.body, "PROMPT", cmp.Or(c.prompt, mary),
		"DIR", strings.ReplaceAll(cmp.Or(c.dir, "sin(7 * SITE)"), "SITE", cmp.Or(c.site, stream)),
		"METRIC", cmp.Or(c.metric, diff), "SITE", cmp.Or(c.site, stream)).Replace(`PRE
invoke PROMPT {
    BEFORE
    u = DIR
    BODY
    save along = sum(grad(METRIC, SITE) * u)
}
for i, h in enumerate([0.01, -0.01, 0.02, -0.02]) {
    invoke PROMPT {
        BEFORE
        set SITE += h * DIR
        BODY
        save y[i] = METRIC
    }
}
print along, y[0], y[1], y[2], y[3]
`)
}

func TestGradientsOfScripts(t *testing.T) {
	m := openModel(t, "ioi-proto")
	for _, c := range append(gradScripts, gradSites(4)...) {
		t.Run(c.name, func(t *testing.T) { c.check(t, m) })
	}
}

// TestGradientsOfOtherModels: one whose unembedding is not the embedding, and one with relu, in the last
// layer alone, where the direction passes no kink.
func TestGradientsOfOtherModels(t *testing.T) {
	for name, sites := range map[string][]string{
		"nano-sort":        {"hook_embed", "blocks[1].attn.hook_q", "blocks[1].attn.hook_k", "blocks[2].mlp.hook_pre", "blocks[0].ln2.hook_scale", "transformer.ln_f.output"},
		"tinystories-char": {"blocks[3].mlp.hook_pre", "blocks[3].hook_mlp_out"},
	} {
		m := openModel(t, name)
		for _, site := range sites {
			c := gradCase{prompt: "[2, 0, 1, 1, 2]", metric: "logits[0, -1, 1] * logits[0, 2, 0]", site: site}
			t.Run(name+" "+site, func(t *testing.T) { c.check(t, m) })
		}
	}
}

// check compares the gradient with differences, and the engines with one another.
func (c gradCase) check(t *testing.T, m ir.Model) {
	src := c.script()
	text := run(t, src, Options{Model: m})
	if naive := run(t, src, Options{Model: m, Engine: exec.NewNaive(exec.Options{})}); naive != text {
		t.Errorf("one run at a time: %s\nbatched: %s", naive, text)
	}
	var v [5]float64
	words := strings.Fields(text)
	for i := range v {
		x, err := strconv.ParseFloat(words[min(i, len(words)-1)], 64)
		if err != nil || len(words) != len(v) {
			t.Fatalf("%s\n%s", src, text)
		}
		v[i] = x
	}
	near, far := (v[1]-v[2])/0.02, (v[3]-v[4])/0.04
	want := near + (near-far)/3
	if !(math.Abs(v[0]-want) <= 2e-3*(1+math.Abs(want))) {
		t.Errorf("gradient %v, difference %v\n%s", v[0], want, src)
	}
}
