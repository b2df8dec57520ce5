package behave

import (
	"slices"
	"strings"
	"testing"
)

// short leaves room for generated tokens.
const short = `p = "After John and Mary went to the store, Mary gave"` + "\n"

func Test17ASetAtOneStepActsThereAlone(t *testing.T) {
	l := run(t, short+`
v = randn(d_model, seed=1) * 3
generate(max_new_tokens=3) {
    invoke p {
        iter k in all { save step[k] = logits[0, -1] }
        iter 1 { set transformer.h[1].output[0, -1] += v }
        save ids = generated
    }
    invoke corrupted[:20] {
        iter k in 0:2 { save few[k] = logits[0, -1] }
        iter 2 { save late = transformer.h[0].output[0, -1]; set transformer.h[0].output = 0 }
        save ids2 = generated
    }
}
# apart: whole forwards over the tokens, the set at the position that step 1 read
q, n = tokens(p), len(tokens(p))
invoke q { save want[0] = logits[0, -1] }
invoke q + [ids[0]] { set transformer.h[1].output[0, -1] += v; save want[1] = logits[0, -1] }
invoke q + ids[:2] { set transformer.h[1].output[0, n] += v; save want[2] = logits[0, -1] }
invoke q + ids[:2] { save clean2 = logits[0, -1]; save clean1 = logits[0, n] }
r = tokens(corrupted[:20])
invoke r + ids2[:1] { save few1 = logits[0, -1] }
invoke r + ids2[:2] { save late1 = transformer.h[0].output[0, -1] }
save step1 = step[1]
save second = few[1]`)
	l.equal("step", "want")
	l.unequal("clean1", "step1")
	l.unequal("clean2", "want")
	l.equal("second", "few1")
	l.equal("late", "late1")
}

func Test18StepsThatDoNotExist(t *testing.T) {
	refused(t, `generate(max_new_tokens=2) {
    invoke clean {
        iter 5 { save x = logits }
    }
}`, "E0303", 3, "step 5", "valid: 0 to 1")
	refused(t, `generate(max_new_tokens=2) {
    invoke clean {
        iter k in 0:3 { save x[k] = logits[0, -1] }
    }
}`, "E0303", 3, "step 2")
	l := run(t, short+`
generate(max_new_tokens=1) { invoke p { save first = generated } }
generate(max_new_tokens=3, stop=first[0]) {
    invoke p {
        iter 0 { save a = logits[0, -1] }
        iter 2 { save gone = logits[0, -1] }
        save ids = generated
        save b = transformer.h[1].output
    }
}
invoke p { save a1 = logits[0, -1]; save b1 = transformer.h[1].output }`)
	if _, ok := l.Value("gone"); ok {
		t.Error("a step that was not reached gave a result")
	}
	if !strings.Contains(l.warnings, "step 2") {
		t.Errorf("there is no warning of it: %q", l.warnings)
	}
	l.equal("ids", "first")
	l.equal("a", "a1")
	l.equal("b", "b1")
}

func Test25CachedGenerationEqualsFullForwards(t *testing.T) {
	l := run(t, short+`
generate(max_new_tokens=5) {
    invoke p {
        iter k in all {
            save step[k] = logits[0, -1]
            save resid[k] = blocks[2].hook_resid_mid[0, -1]
        }
        iter 4 { save pattern = blocks[1].attn.hook_pattern[0, :, -1, :] }
        save ids = generated
    }
}
for k in range(5) {
    invoke tokens(p) + ids[:k] {
        save full[k] = logits[0, -1]
        save resid1[k] = blocks[2].hook_resid_mid[0, -1]
        save greedy[k] = argmax(logits[0, -1])
    }
}
invoke tokens(p) + ids[:4] { save pattern1 = blocks[1].attn.hook_pattern[0, :, -1, :] }`)
	l.equal("step", "full")
	l.equal("resid", "resid1")
	l.equal("pattern", "pattern1")
	l.equal("ids", "greedy")
	if ids := l.nums("ids"); len(slices.Compact(slices.Sorted(slices.Values(ids)))) < 2 {
		t.Errorf("the tokens are %v: a position read as another would not show", ids)
	}
}

func Test34SteeringThatIsAlwaysOn(t *testing.T) {
	l := run(t, short+`
v = randn(d_model, seed=2) * 4
def tokens_with(scale) {
    generate(max_new_tokens=4) {
        invoke p {
            iter k in all {
                set transformer.h[1].output += v * scale
                save step[k] = logits[0, -1]
            }
            save ids = generated
        }
    }
    return {ids: ids, step: step}
}
plain_run = tokens_with(0)
steered_run = tokens_with(1)
generate(max_new_tokens=4) { invoke p { iter k in all { save plain[k] = logits[0, -1] }; save ids = generated } }
save zero = plain_run.step
save zero_ids = plain_run.ids
save steered = steered_run.step
save steered_ids = steered_run.ids`)
	l.equal("zero", "plain")
	l.equal("zero_ids", "ids")
	l.unequal("steered", "plain")
	l.unequal("steered_ids", "ids")
}

// TestThePromptsOfAListGenerateTogether: a token of all costs one pass over the weights, whatever of the
// generation is asked for.
func TestThePromptsOfAListGenerateTogether(t *testing.T) {
	const steps = 4
	for _, save := range []string{"save ids = generated", "iter 3 { save top = logits[:, -1] }", "iter k in all { save top[k] = logits[:, -1] }"} {
		l := run(t, "generate(max_new_tokens=4) { invoke [[1, 2, i] for i in range(20)] { "+save+" } }")
		if l.Stats.Chunks > steps+1 {
			t.Errorf("%s: %d chunks, want at most %d", save, l.Stats.Chunks, steps+1)
		}
	}
}
