package behave

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"interp"
	"interp/internal/shared"
)

func Test01ReadingSitesChangesNothing(t *testing.T) {
	a := modelOn(t, "models/ioi-proto", reference.on).Runtime().Arch()
	var body strings.Builder
	n := 0
	for _, path := range a.Paths() {
		if site, _ := a.Lookup(path); site == nil {
			continue
		}
		for _, l := range []string{"[0]", "[3]"} {
			fmt.Fprintf(&body, "save s%d = %s\n", n, strings.Replace(path, "[]", l, 1))
			n++
		}
	}
	if n < 60 {
		t.Fatalf("%d sites are read, want all names of all sites", n)
	}
	all := run(t, "invoke clean {\n"+body.String()+"save l = logits\n}")
	all.equalIn("l", run(t, "invoke clean { save l = logits }"), "l")
}

func Test04LogitLensAtTheLastBlockIsTheModel(t *testing.T) {
	l := run(t, `
invoke clean {
    save lens = lm_head(transformer.ln_f(transformer.h[-1].output))
    save before = lm_head(transformer.ln_f(transformer.h[-2].output))
    save model = lm_head.output
}`)
	l.equal("lens", "model")
	l.unequal("before", "model")
}

func TestModulesUnderTheNamesOfTransformerLens(t *testing.T) {
	l := run(t, `
invoke clean {
    save model = lm_head.output
    save lens = unembed(ln_final(blocks[3].hook_resid_post))
    save resid = blocks[2].hook_resid_post
    save block = blocks[2](blocks[2].hook_resid_pre)
    save attn = blocks[2].hook_resid_pre + blocks[2].attn(blocks[2].ln1(blocks[2].hook_resid_pre))
    save mid = blocks[2].hook_resid_mid
    save mlp = blocks[2].hook_resid_mid + blocks[2].mlp(blocks[2].ln2(blocks[2].hook_resid_mid))
}`)
	for got, want := range map[string]string{"lens": "model", "block": "resid", "attn": "mid", "mlp": "resid"} {
		l.equal(got, want)
	}
}

func Test07OutputOfABlockIsInputOfTheNext(t *testing.T) {
	l := run(t, `
invoke clean {
    save out = transformer.h[:3].output
    save next = transformer.h[1:].input
    save first = transformer.h[:3].input
}`)
	l.equal("out", "next")
	l.unequal("first", "next")
}

func Test08ShapesOfInvokesInOrderOfDeclaration(t *testing.T) {
	l := run(t, `
trace {
    invoke clean { save a = logits.shape }
    invoke [clean, corrupted] { save b = logits.shape }
    invoke corrupted { save c = logits.shape }
}`)
	for name, batch := range map[string]float32{"a": 1, "b": 2, "c": 1} {
		if got := fmt.Sprint(l.nums(name)); got != fmt.Sprint([]float32{batch, length, 630}) {
			t.Errorf("%s has shape %s", name, got)
		}
	}
}

func Test09MixedLengthsEqualEachAlone(t *testing.T) {
	l := run(t, `
ps = [clean, "Then Mary", "After John and Mary went to"]
sites = ["logits", "blocks.2.hook_resid_mid", "blocks.1.attn.hook_z", "blocks.3.hook_mlp_out"]
invoke ps {
    for i in range(3) { for k, s in enumerate(sites) { save many[i, k] = sum(site(s)[i, -1]) } }
    save first = logits[0]
    save second = logits[1]
    save third = blocks[2].attn.hook_pattern[2]
}
for i in range(3) { invoke ps[i] { for k, s in enumerate(sites) { save alone[i, k] = sum(site(s)[0, -1]) } } }
invoke ps[0] { save first1 = logits }
invoke ps[1] { save second1 = logits }
invoke ps[2] { save third1 = blocks[2].attn.hook_pattern }`)
	l.equal("many", "alone")
	l.equal("first", "first1")
	l.equal("second", "second1")
	l.equal("third", "third1")
}

func Test10IdsAndTheirStringAreOnePrompt(t *testing.T) {
	l := run(t, `
ids = tokens(clean)
assert len(ids) == 16
invoke ids { save a = logits }
invoke clean { save b = logits }
invoke [ids, corrupted] { save c = logits[0] }`)
	l.equal("a", "b")
	l.equal("c", "b")
}

func Test11CheckReportsShapesWithoutWeights(t *testing.T) {
	src := `
invoke [clean, "Then Mary"] {
    save resid = blocks[1].hook_resid_pre
    save heads = blocks[1].attn.hook_z[0]
    save scores = blocks[1].attn.hook_attn_scores[0]
}
invoke clean { save grid = logits[:, -1] }`
	r := check(t, src)
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, s := range r.Shapes {
		got[s.Name] = s.Text
	}
	for name, want := range map[string]string{
		"resid": "[batch=2 pos=16|2 d_model=128]", "heads": "[pos=16 head=4 d_head=32]",
		"scores": "[head=4 query=16 key=16]", "grid": "[batch=1 d_vocab=630]"} {
		if got[name] != want {
			t.Errorf("%s: %q, want %q", name, got[name], want)
		}
	}
	p, err := interp.Compile("behaviour.patch", prompts+src)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Run(context.Background(), interp.Options{Model: weightless(t)}); err == nil {
		t.Error("it ran: the model has weights, and check shows nothing")
	}
}

// weightless is ioi-proto without its weights.
func weightless(t *testing.T) *interp.Model {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"config.json", "vocab.json", "merges.txt"} {
		data, err := os.ReadFile(shared.Repo("testdata", "models", "ioi-proto", name))
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), data, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	m, err := interp.OpenModel(dir)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func Test12AnIndexPastAnAxisIsAnErrorBeforeTheRun(t *testing.T) {
	for _, c := range []struct {
		name, read string
		texts      []string
	}{
		{"a position", "transformer.h[1].output[0, 16]", []string{"16", "valid: -16 to 15"}},
		{"a prompt", "transformer.h[1].output[1]", []string{"valid: -1 to 0"}},
		{"a head", "blocks[0].attn.hook_z[0, 0, 4]", []string{"head", "valid: -4 to 3"}},
		{"a layer", "transformer.h[4].output", []string{"4 layers", "valid: 0 to 3"}},
		{"by name", "logits[pos=-17]", []string{"pos", "valid: -16 to 15"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			refused(t, "invoke clean {\n    save ok = logits\n    save x = "+c.read+"\n}", "E0303", 3, c.texts...)
		})
	}
}

func Test13ReadingALaterLayerFirst(t *testing.T) {
	l := run(t, `
invoke clean { save late = transformer.h[2].output; save early = transformer.h[1].output }
invoke clean { save early1 = transformer.h[1].output; save late1 = transformer.h[2].output }`)
	l.equal("late", "late1")
	l.equal("early", "early1")
	l.unequal("early", "late")
}

func Test19ASavedSiteHoldsTheValueAfterAllSetsOnIt(t *testing.T) {
	l := run(t, `
invoke clean { save plain = transformer.h[1].output }
invoke clean {
    set transformer.h[1].output[0, 3] = 1
    set transformer.h[1].output[0, 5, 7] += 2
    set transformer.h[1].output[0, 3, 0] *= 4
    save got = transformer.h[1].output
}
w = plain
w[0, 3] = 1
w[0, 3, 0] = 4
w[0, 5, 7] = plain[0, 5, 7] + 2
save want = w`)
	l.equal("got", "want")
	l.unequal("got", "plain")
}

func Test26TheResidualStreamIsTheSumOfItsParts(t *testing.T) {
	l := run(t, `
invoke clean {
    save resid = transformer.ln_f.input
    save wte = hook_embed
    save wpe = hook_pos_embed
    save mlp = blocks[:].hook_mlp_out
    save heads = blocks[:].attn.hook_result
    save scale = ln_final.hook_scale
    save model = logits[0, -1, token(" John")]
}
save parts = wte + wpe + sum(mlp, 0) + sum(sum(heads, "head"), 0) + sum(b_O, 0)
save most = parts - b_O[0]

# direct attribution to one logit: the final norm with its scale fixed is linear
id = token(" John")
w = param("ln_f.weight") * W_U[:, id]
def part(x) { return sum((x - mean(x)) / scale[0, -1] * w) }
bias = sum(param("ln_f.bias") * W_U[:, id])
save direct = part(wte[0, -1]) + part(wpe[0, -1]) + sum([part(mlp[l, 0, -1]) for l in range(n_layers)]) +
    sum([part(heads[l, 0, -1, h]) for l in range(n_layers) for h in range(n_heads)]) +
    sum([part(b_O[l]) for l in range(n_layers)]) + bias`)
	l.near("parts", "resid", 1e-5)
	l.near("direct", "model", 1e-5)
	if d := bitsDiffer(l.nums("most"), l.nums("resid")); d == nil {
		t.Error("without a bias the sum is the same")
	}
}

func Test27HeadsResultsSumToAttnOut(t *testing.T) {
	l := run(t, `
invoke [clean, "Then Mary"] {
    for l in range(n_layers) {
        save sums[l] = sum(blocks[l].attn.hook_result, "head") + b_O[l]
        save outs[l] = blocks[l].hook_attn_out
    }
}`)
	l.near("sums", "outs", 1e-5)
}
