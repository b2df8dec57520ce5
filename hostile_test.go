package interp

import (
	"context"
	"errors"
	"strings"
	"testing"

	"interp/internal/shared"
)

// TestHostileScriptsEndWithAnError has scripts that would take all memory, all time or all of the stack.
func TestHostileScriptsEndWithAnError(t *testing.T) {
	m, err := OpenModel(shared.Repo("testdata", "models", "ioi-proto"))
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct{ name, src, want string }{
		{"a list in a list in a list", `x = [1]; for i in range(1000) { x = [x] }; print x`, "more than 200 deep"},
		{"a record in a record", `x = 1; for i in range(1000) { x = {a: x} }; print x`, "more than 200 deep"},
		{"a field that holds its record", `x = {a: 1}; for i in range(1000) { x.a = x }; print x`, "more than 200 deep"},
		{"a list that stands in others twice", `x = [1]; for i in range(50) { x = [x, x] }; print x`, "more than 50 million items"},
		{"of a value that is not known yet", `invoke [1] { save l = logits[0, -1, 0] }; x = [l]; for i in range(50) { x = [x, x] }; print x`, "more than 50 million items"},
		{"a broadcast", `print zeros(100000, 1) + zeros(1, 100000)`, "host steps"},
		{"an outer product", `print outer(zeros(100000), zeros(100000))`, "host steps"},
		{"a matrix product", `print zeros(100000, 1) @ zeros(1, 100000)`, "host steps"},
		{"einsum of nine thousand cubed", `print einsum("a,b,c->a b c", ones(9000), ones(9000), ones(9000))`, "host steps"},
		{"copies whose number overflows", `print [0] * 2**62`, "host steps"},
		{"copies of a text", `print "ab" * (2**62 + 1)`, "host steps"},
	} {
		t.Run(row.name, func(t *testing.T) {
			p, err := Compile("t", row.src)
			if err != nil {
				t.Fatal(err)
			}
			_, err = p.Run(context.Background(), Options{Model: m, Mem: 64 << 20, MaxSteps: 1e6, Threads: 1})
			var e *ScriptError
			if !errors.As(err, &e) || !strings.Contains(e.Error(), row.want) {
				t.Errorf("got %v, want an error that says %q", err, row.want)
			}
		})
	}
}
