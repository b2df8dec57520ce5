package vm

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// TestDecisionsInARun: a run has happened when the outermost trace or generate ends, or an invoke alone. Until
// then nothing can be decided by its values, in check as in a run.
func TestDecisionsInARun(t *testing.T) {
	m := openModel(t, "ioi-proto")
	const refused = "E0408 this needs a value of the run that is being described, which is not known yet\n"
	for _, c := range []struct{ name, src, want string }{
		{"in its own invoke", `invoke "John" { save x = logits[0, -1, 0]; if x > 0 { save y = x } }`, refused},
		{"in another invoke of the trace", `trace { invoke "John" { save x = logits[0, -1, 0] }
			invoke "Mary" { if x > 0 { save y = logits } } }`, refused},
		{"between invokes of the trace", `trace { invoke "John" { save x = logits[0, -1, 0] }
			if x > 0 { invoke "Mary" { save y = logits } } }`, refused},
		{"as an index", `trace { invoke "John" { save x = logits[0, -1] }
			invoke "Mary" { save y = transformer.h[:].output[argmax(x) % 2] } }`, refused},
		{"as a prompt", `trace { invoke "John" { save x = argmax(logits[0, -1]) }
			invoke [x, x] { save y = logits } }`, refused},
		{"as generated tokens", `generate(max_new_tokens=2) { invoke "John" { save g = generated }
			invoke g { save y = logits } }`, refused},
		{"in a def", `def f(x) { if x > 0 { return 1 }; return 2 }
			trace { invoke "John" { save x = logits[0, -1, 0] }
			invoke "Mary" { set transformer.h[0].output = f(x) } }`, refused},
		{"of a run before", `trace { invoke "John" { save x = logits[0, -1, 0] } }
			trace { invoke "Mary" { if x > -1000 { save y = logits[0, -1, 0] } }
			if x > -1000 { print "known" } }
			if y > -1000 { print "known" }`, "known\nknown\n"},
		{"steps that stop ends depend on an invoke before", `generate(max_new_tokens=3, stop=token(" John")) {
			invoke "Mary" { h = transformer.h[0].output[0, -1] }
			invoke ["John", "Mary gave a"] { set transformer.h[0].output[:, 0] = h
				iter k in all { save x[k] = logits[:, -1, 0] } } }
			print len(x[0]) > 0`, "True\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := run(t, c.src, Options{Model: m}); got != c.want {
				t.Errorf("run: got %q, want %q", got, c.want)
			}
			found := ""
			for line := range strings.Lines(checkText(t, c.src, Options{Model: m})) {
				if strings.HasPrefix(line, "E") {
					found += line
				}
			}
			if want := c.want; strings.HasPrefix(want, "E") && found != want || !strings.HasPrefix(want, "E") && found != "" {
				t.Errorf("check: got %q, want %q", found, want)
			}
		})
	}
}

// TestAnErrorInATraceLeavesResults: the saves of invokes that were complete are handed over.
func TestAnErrorInATraceLeavesResults(t *testing.T) {
	w, _ := watch(t, `trace { invoke "John" { save x = logits[0, -1, 0] }
		invoke "Mary" { save y = logits; print [][0] } }`, Options{Model: openModel(t, "ioi-proto"), Results: true})
	if got := slices.Sorted(maps.Keys(w.results)); !slices.Equal(got, []string{"x"}) {
		t.Errorf("got %v, want x alone", got)
	}
}
