package vm

import (
	"testing"

	"interp/vm/exec"
)

// TestLossOfPromptsOfSeveralLengths: lists of ids of several lengths are each prompt's own, with the
// numbers, and the gradients, that each has alone.
func TestLossOfPromptsOfSeveralLengths(t *testing.T) {
	const src = `p = "After John and Mary went to the store"
q = "When Tom met"
def parts(prompt) {
    ids = [tokens(x) for x in prompt] if type(prompt) == "list" else tokens(prompt)
    next = [tokens(x)[1:] for x in prompt] if type(prompt) == "list" else tokens(prompt)[1:]
    invoke prompt {
        save l = loss(logits, ids)
        save c = cross_entropy(logits[:, :-1], next)
        save g = grad(sum(loss(logits, ids)), transformer.h[1].output)
    }
    return [l, c, g]
}
both = parts([p, q])
for i, prompt in enumerate([p, q]) {
    alone = parts(prompt)
    for k in range(3) { assert all(both[k][i] == alone[k][0]), f"{k} of {prompt}" }
    assert abs(mean(alone[1][0]) - alone[0][0]) < 1e-5
}
print len(both)`
	m := openModel(t, "ioi-proto")
	if errs := checkText(t, src, Options{Model: m}); errs != "" {
		t.Fatal(errs)
	}
	for name, e := range map[string]exec.Engine{"naive": exec.NewNaive(exec.Options{}), "batched": exec.NewBatched(exec.Options{})} {
		if got := run(t, src, Options{Model: m, Engine: e}); got != "3\n" {
			t.Errorf("%s: %s", name, got)
		}
	}
}
