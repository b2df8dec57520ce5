package behave

import (
	"context"
	"strings"
	"testing"

	"interp"
)

func Test02ReadsBeforeAndAfterASet(t *testing.T) {
	l := run(t, `
invoke clean { save plain = transformer.h[1].input[0, 2] }
invoke clean {
    save before = transformer.h[1].input[0, 2]
    set transformer.h[1].input[0, 2] = 0.5
    save after = transformer.h[1].input[0, 2]
    set transformer.h[1].input[0, 2] += 1
    save last = transformer.h[1].input[0, 2]
}
save half = full(d_model, 0.5)
save more = full(d_model, 1.5)`)
	l.equal("before", "plain")
	l.equal("after", "half")
	l.equal("last", "more")
}

func Test03ASetLeavesOtherPromptsAlone(t *testing.T) {
	l := run(t, `
trace {
    invoke corrupted { save first = transformer.h[2].output; save l1 = logits }
    invoke clean { set transformer.h[2].output = 0; save zero = transformer.h[2].output }
    invoke corrupted { save last = transformer.h[2].output; save l2 = logits }
    invoke [corrupted, clean] { set transformer.h[2].output[1] = 0; save row = transformer.h[2].output[0]; save rows = logits }
}
invoke corrupted { save alone = transformer.h[2].output; save l3 = logits }`)
	for _, name := range []string{"first", "last", "row"} {
		l.equal(name, "alone")
	}
	l.equal("l1", "l3")
	l.equal("l2", "l3")
	l.unequal("zero", "alone")
	if rows, want := l.nums("rows"), l.nums("l3"); bitsDiffer(rows[:len(want)], want) != nil || bitsDiffer(rows[len(want):], want) == nil {
		t.Error("a set in row 1 changed row 0, or not row 1")
	}
}

func Test05EmbeddingsOfOnePromptMakeAnotherGoOnAsIt(t *testing.T) {
	l := run(t, `
trace {
    invoke clean { e = transformer.wte.output; save e2 = transformer.wte.output; save a = logits }
    invoke corrupted { set transformer.wte.output = e; save one = logits }
}
trace { invoke corrupted { set transformer.wte.output = e2; save two = logits } }
invoke corrupted { save b = logits }`)
	l.equal("one", "a")
	l.equal("two", "a")
	l.unequal("b", "a")
}

func Test06SettingABlocksInputToItselfChangesNothing(t *testing.T) {
	l := run(t, `
invoke clean { save a = logits; for l in range(n_layers) { save x[l] = transformer.h[l].input } }
for l in range(n_layers) {
    invoke clean { set transformer.h[l].input = x[l]; save all[l] = logits }
    invoke clean { set transformer.h[l].input[0, 3] = x[l, 0, 3]; save some[l] = logits }
    invoke clean { set transformer.h[l].input = transformer.h[l].input; save own[l] = logits }
}`)
	for _, name := range []string{"all", "some", "own"} {
		got, want := l.nums(name), l.nums("a")
		for k := range layers {
			if err := bitsDiffer(got[k*len(want):(k+1)*len(want)], want); err != nil {
				t.Errorf("%s, layer %d: %v", name, k, err)
			}
		}
	}
}

func Test14SettingFromALaterLayerThatSeesItIsRefused(t *testing.T) {
	refused(t, `invoke clean {
    set transformer.h[0].input[0, 5] = transformer.h[3].output[0, 5]
    save x = logits
}`, "E0415", 2, "depends on what the set changes", "2 |")
	refused(t, `invoke clean {
    x = transformer.h[2].output
    set transformer.h[3].input[0, 2] = x[0, 7]
    set transformer.h[0].output[0, 7] = transformer.h[3].mlp.output[0, 2]
    save y = logits
}`, "E0415", 3, "behaviour.patch:5:", "behaviour.patch:6:")
	l := run(t, `
invoke clean { save late = transformer.h[3].output[0, 2] }
invoke clean { set transformer.h[0].input[0, 5] = transformer.h[3].output[0, 2]; save second = logits }
invoke clean { set transformer.h[0].input[0, 5] = late; save value = logits }
invoke clean { save plain = logits }`)
	l.equal("second", "value") // an earlier position cannot see it: a second pass
	l.unequal("second", "plain")
}

func Test16ReadingInsideABlockWhoseOutputIsReplaced(t *testing.T) {
	l := run(t, `
invoke clean { save mlp = transformer.h[1].mlp.output; save z = blocks[1].attn.hook_z }
invoke clean {
    set transformer.h[1].output = 0
    save mlp1 = transformer.h[1].mlp.output
    save z1 = blocks[1].attn.hook_z
    save out = sum(abs(transformer.h[1].output))
}`)
	l.equal("mlp", "mlp1")
	l.equal("z", "z1")
	if got := l.nums("out")[0]; got != 0 {
		t.Errorf("the output is %v, want what was set", got)
	}
}

func Test20EditsStackInOrderAndLeavePlainInvokesAlone(t *testing.T) {
	l := run(t, `
edit double(l) { set transformer.h[l].output *= 2 }
edit add(l, v=1) { set transformer.h[l].output += v }
invoke clean { save plain = transformer.h[1].output; save a = logits }
invoke clean with double(1), add(1) { save da = transformer.h[1].output }
invoke clean with add(1), double(1) { save ad = transformer.h[1].output }
invoke clean with [add(1, 3) for i in range(2)] { set transformer.h[1].output *= 2; save many = transformer.h[1].output }
invoke clean { save again = logits }
save wantda = plain * 2 + 1
save wantad = (plain + 1) * 2
save wantmany = (plain + 3 + 3) * 2`)
	l.equal("da", "wantda")
	l.equal("ad", "wantad")
	l.equal("many", "wantmany")
	l.equal("again", "a")
	l.unequal("da", "ad")
}

func Test21AnErrorInTheSecondPromptNamesItsLineAndTheSessionGoesOn(t *testing.T) {
	refused(t, `trace {
    invoke clean { save a = logits }
    invoke corrupted {
        save b = transformer.h[0].output[0, 99]
    }
}`, "E0303", 4, "99")
	s, err := interp.NewSession(interp.Options{Model: modelOn(t, "models/ioi-proto", reference.on)})
	if err != nil {
		t.Fatal(err)
	}
	enter := func(src string) (*interp.Results, error) { return s.Exec(context.Background(), "entry", src) }
	if _, err := enter("x = 3\ntrace {\ninvoke [1, 2] { save a = logits }\ninvoke [1] { save b = logits[0, 7] }\n}"); err == nil || !strings.Contains(err.Error(), "entry:4:") {
		t.Fatalf("want an error of line 4, got %v", err)
	}
	if _, err := enter("x = 4"); err != nil {
		t.Fatal(err)
	}
	r, err := enter("invoke [1, 2] { save c = logits.shape }\nsave d = x")
	if err != nil {
		t.Fatal(err)
	}
	if d, _ := r.Value("d"); d != int64(4) {
		t.Errorf("x is %v after the error, want 4", d)
	}
}

func Test22TheLaterOfTwoSetsWins(t *testing.T) {
	l := run(t, `
invoke clean { set blocks[1].hook_mlp_out[0, 4] = 1; set blocks[1].hook_mlp_out[0, 4] = 2; save both = logits }
invoke clean { set blocks[1].hook_mlp_out[0, 4] = 2; save later = logits }
invoke clean { set blocks[1].hook_mlp_out[0, 4] = 1; save first = logits }
invoke clean { save plain = blocks[1].hook_mlp_out[0, 4] }
invoke clean { set blocks[1].hook_mlp_out[0, 4] += 2; set blocks[1].hook_mlp_out[0, 4] += 1; save sum = blocks[1].hook_mlp_out[0, 4] }
save want = plain + 2 + 1`)
	l.equal("both", "later")
	l.unequal("both", "first")
	l.equal("sum", "want")
}

func Test23AnotherTokensEmbeddingIsTheChangedPrompt(t *testing.T) {
	l := run(t, `
ids = tokens(clean)
other = ids[:9] + [token(" John")] + ids[10:]
invoke clean { set transformer.wte.output[0, 9] = W_E[token(" John")]; save changed = logits }
invoke other { save prompt = logits }
invoke clean { save plain = logits }`)
	l.equal("changed", "prompt")
	l.unequal("changed", "plain")
}

// A set of several layers speaks of an array with the layers in front, by place and by name.
func TestSetsOfSeveralLayersAreThoseOfEach(t *testing.T) {
	for _, c := range []struct{ name, several, each string }{
		{"all", "set blocks[:].hook_mlp_out *= 0.5", "for l in range(4) { set blocks[l].hook_mlp_out *= 0.5 }"},
		{"a slice", "set blocks[1:3].attn.hook_z[:, :, -1, 0] = 1", "for l in [1, 2] { set blocks[l].attn.hook_z[:, -1, 0] = 1 }"},
		{"a list", "set blocks[[0, -1]].hook_attn_out = 0", "for l in [0, 3] { set blocks[l].hook_attn_out = 0 }"},
		{"backwards", "set blocks[::-1].hook_mlp_out[:, 0, -1] = all[:, 0, -1]", "for l in range(4) { set blocks[l].hook_mlp_out[0, -1] = all[3 - l, 0, -1] }"},
		{"layers chosen in the index", "set blocks[:].hook_mlp_out[1:3] = 0", "for l in [1, 2] { set blocks[l].hook_mlp_out = 0 }"},
		{"one layer by its name", "set blocks[:].hook_mlp_out[layer=2, pos=-1] = 0", "set blocks[2].hook_mlp_out[:, -1] = 0"},
		{"another axis by its name", "set blocks[:].attn.hook_z[head=1] = 0", "for l in range(4) { set blocks[l].attn.hook_z[head=1] = 0 }"},
		{"filled up", "set blocks[:].attn.hook_z[..., [0, 2], :] = 0", "for l in range(4) { set blocks[l].attn.hook_z[:, :, [0, 2]] = 0 }"},
		{"from a saved array whose axis is a loop's", "set blocks[:].hook_mlp_out = looped", "for l in range(4) { set blocks[l].hook_mlp_out = looped[l] }"},
		{"from a list", "set blocks[2:].hook_mlp_out = [looped[l] for l in range(2)]", "for l in range(2) { set blocks[l + 2].hook_mlp_out = looped[l] }"},
		{"from numbers by name", `set blocks[:].hook_mlp_out *= rename(stack([1.0, 0, 2, 1]), 0, "layer")`, "for l in range(4) { set blocks[l].hook_mlp_out *= [1.0, 0, 2, 1][l] }"},
		{"of a site in parts", "set transformer.h[:].attn.c_attn.output[:, :, -1, 1] = 0", "for l in range(4) { set blocks[l].attn.hook_k[:, -1] = 0 }"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := run(t, `
invoke clean { for m in range(4) { save looped[m] = blocks[m].hook_mlp_out }; save all = blocks[:].hook_mlp_out }
invoke corrupted { save plain = logits }
invoke corrupted { `+c.several+`; save several = logits }
invoke corrupted { `+c.each+`; save each = logits }`)
			l.equal("several", "each")
			l.unequal("several", "plain")
		})
	}
}

func Test28Interchange(t *testing.T) {
	l := run(t, `
third = "After Mary and John went to the store"
invoke clean { save plain = logits; save x = blocks[2].hook_resid_mid; save z = blocks[1].attn.hook_z }
invoke clean { set blocks[2].hook_resid_mid = x; set blocks[1].attn.hook_z = z; save same = logits }

# source0 into source1 into base, each at one position of another layer
trace {
    invoke clean { a = transformer.h[0].output[0, 9] }
    invoke corrupted { set transformer.h[0].output[0, 9] = a; b = transformer.h[1].output[0, 12] }
    invoke corrupted { set transformer.h[1].output[0, 12] = b; save chain = logits }
}
invoke clean { save a1 = transformer.h[0].output[0, 9] }
invoke corrupted { set transformer.h[0].output[0, 9] = a1; save b1 = transformer.h[1].output[0, 12] }
invoke corrupted { set transformer.h[1].output[0, 12] = b1; save steps = logits }
invoke corrupted { save base = logits }

# disjoint slices of one site from two sources
trace {
    invoke clean { left = transformer.h[1].output[0, 9, :64] }
    invoke third { right = transformer.h[1].output[0, 7, 64:] }
    invoke corrupted {
        set transformer.h[1].output[0, 9, :64] = left
        set transformer.h[1].output[0, 9, 64:] = right
        save joined = logits
    }
}
invoke clean { save one = transformer.h[1].output[0, 9] }
invoke third { save two = transformer.h[1].output[0, 7] }
invoke corrupted { set transformer.h[1].output[0, 9] = concat([one[:64], two[64:]], 0); save once = logits }
invoke corrupted { set transformer.h[1].output[0, 9] = one; save left = logits }`)
	l.equal("same", "plain")
	l.equal("chain", "steps")
	l.unequal("chain", "base")
	l.equal("joined", "once")
	l.unequal("joined", "base")
	l.unequal("joined", "left")
}

func Test29SourcesOfTheWrongShapeAreRefusedAndVectorsBroadcast(t *testing.T) {
	refused(t, `invoke clean {
    set transformer.h[0].output[0, 3] = zeros(127)
    save x = logits
}`, "E0301", 2, "127", "128")
	refused(t, `invoke "Then Mary" { save short = transformer.h[1].input }
invoke clean {
    set transformer.h[1].input = short
    save x = logits
}`, "E0301", 3, "[1 2 128]", "[1 16 128]")
	l := run(t, `
v = randn(d_model, seed=3)
invoke clean { set transformer.h[0].output = v; save vector = logits }
invoke clean { set transformer.h[0].output = stack([v] * 16); save tiled = logits }
invoke clean { save plain = logits }`)
	l.equal("vector", "tiled")
	l.unequal("vector", "plain")
}

func Test32APatternThatAttendsToOneKeyMovesItsValue(t *testing.T) {
	l := run(t, `
invoke clean {
    set blocks[1].attn.hook_pattern[0, 2, 11, :12] = 0
    set blocks[1].attn.hook_pattern[0, 2, 11, 4] = 1
    save z = blocks[1].attn.hook_z[0, 11]
    save v = blocks[1].attn.hook_v[0, 4, 2]
    save row = blocks[1].attn.hook_pattern[0, 2, 11]
}
invoke clean { save plain = blocks[1].attn.hook_z[0, 11] }
save head = z[2]
save others = stack([z[0], z[1], z[3]])
save othersplain = stack([plain[0], plain[1], plain[3]])
save plainhead = plain[2]`)
	l.equal("head", "v")
	l.unequal("plainhead", "v")
	l.equal("others", "othersplain")
	for k, x := range l.nums("row") {
		if want := map[bool]float32{true: 1}[k == 4]; x != want {
			t.Errorf("key %d has weight %v, want %v", k, x, want)
		}
	}
}

func Test33AKeyThatNobodyAttendsToMayHoldAnything(t *testing.T) {
	l := run(t, `
def hide(l) { set blocks[l].attn.hook_attn_scores[0, :, 6:, 5] = -inf }
invoke clean { for l in range(n_layers) { hide(l) }; save plain = logits[0, 6:]; save own = logits[0, 5] }
invoke clean {
    for l in range(n_layers) {
        hide(l)
        set blocks[l].attn.hook_k[0, 5] = randn(n_heads, d_head, seed=l)
        set blocks[l].attn.hook_v[0, 5] = randn(n_heads, d_head, seed=10 + l)
    }
    save hidden = logits[0, 6:]
    save own1 = logits[0, 5]
}
invoke clean {
    set blocks[1].attn.hook_v[0, 5] = randn(n_heads, d_head, seed=11)
    save seen = logits[0, 6:]
}
invoke clean { save untouched = logits[0, 6:] }`)
	l.equal("hidden", "plain")
	l.unequal("own1", "own")
	l.unequal("seen", "untouched")
}
