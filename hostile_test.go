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
		{"a template filled too often", `print fill("[A]" * 10000, {A: "x" * 100000})`, "more than"},
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

func TestResultsOfOperationsAreLetGoWhileAPlanRuns(t *testing.T) {
	m, err := OpenModel(shared.Repo("testdata", "models", "ioi-proto"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := Compile("t", `invoke [1] * 60 { save l = logits[0] }; x = l; for i in range(500) { x = x * 0.5 + l }; print sum(x)`)
	if err != nil {
		t.Fatal(err)
	}
	r, err := p.Run(context.Background(), Options{Model: m, Mem: 32 << 20, Threads: 1, Saves: ReadSaves})
	if err != nil {
		t.Fatal(err)
	}
	if most := int64(32 << 20); r.Stats.PeakBytes > most { // a thousand arrays of 150 kB
		t.Errorf("%d bytes at the peak, want at most %d", r.Stats.PeakBytes, most)
	}
}

func TestWhatIsTooLargeIsToldBeforeTheRun(t *testing.T) {
	m, err := OpenModel(shared.Repo("testdata", "models", "ioi-proto"))
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		name, src string
		saves     SavePolicy
		want      string
	}{
		{"a save", "invoke [[1] * 60] * 100 {\n    save l = logits\n}", AllSaves, "t:2:14: save l: this takes"},
		{"saves by index", "for i in range(100) {\n    invoke [i] * 60 {\n        save l[i] = logits\n    }\n}", AllSaves, "t:3:9: save l: this takes"},
		{"what is summed over", "invoke [[1] * 60] * 100 { save l = logits }\nprint sum(l)", ReadSaves, "t:2:"},
		{"an outer product of what is not known", "invoke [1] { save l = logits[0, -1] }\nx = outer(l, outer(l, l))\nprint sum(x)", ReadSaves, "this takes"},
	} {
		t.Run(row.name, func(t *testing.T) {
			p, err := Compile("t", row.src)
			if err != nil {
				t.Fatal(err)
			}
			r, err := p.Run(context.Background(), Options{Model: m, Mem: 8 << 20, Threads: 1, Saves: row.saves})
			var e *ScriptError
			if !errors.As(err, &e) || !strings.Contains(e.Error(), row.want) || e.Findings[0].Code != "E0417" {
				t.Fatalf("got %v, want an error that says %q", err, row.want)
			}
			if r.Stats.StatesPlanned > 0 {
				t.Errorf("%d states were computed", r.Stats.StatesPlanned)
			}
		})
	}
}
