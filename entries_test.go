package interp

import (
	"bytes"
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"interp/internal/shared"
	"interp/nnrt/weights"
)

// session is a session on a small model, and what it prints.
func session(t *testing.T) (*Session, *strings.Builder) {
	t.Helper()
	m, err := OpenModel(shared.Repo("testdata", "models", "ioi-proto"))
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	s, err := NewSession(Options{Model: m, Out: &out, Saves: ReadSaves, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	return s, &out
}

func TestEntries(t *testing.T) {
	rows := []struct {
		name    string
		entries []string
		want    string // what is printed, and the errors' first lines
	}{
		{"names last from entry to entry", []string{"x = 2", "y = x * 3", "print x, y"}, "2 6\n"},
		{"bare expressions are shown, None is not", []string{"1 + 1", `"a"`, "None", "x = 3; x"}, "2\n\"a\"\n3\n"},
		{"_ is the value shown last", []string{"20 + 1", "_ * 2", "x = 5", "_", "None", "_", `invoke "John" { save l = logits[0, -1] }`, "l[:2].shape", "_"},
			"21\n42\n42\n42\n[2]\n[2]\n"},
		{"an entry that fails leaves _ alone", []string{"7", "8; assert False", "_"}, "7\nt:2:4: assertion failed\n7\n"},
		{"an entry that does not compile leaves names alone", []string{"x = 1", "x = 2; y = nosuch", "print x", "print y"},
			"t:2:12: undefined name nosuch\n1\nt:4:7: undefined name y\n"},
		{"an entry that fails in check leaves names alone", []string{"x = 1", "x = 2; y = [1][5]", "print x", "print y"},
			"t:2:12: index 5 is out of range for a list of length 1\n1\nt:4:7: undefined name y\n"},
		{"an entry that fails while it runs leaves names alone",
			[]string{"x = 1", `x = 2; invoke "John" { save l = logits[0, -1] }; assert sum(l) > 10000000.0`, "print x", "print l"},
			"t:2:50: assertion failed\n1\nt:4:7: undefined name l\n"},
		{"a parse error takes nothing back", []string{"x = 1", "y = 2", "z = )", "print x, y"}, "t:3:4: assignment: expected an expression, got end of line\n1 2\n"},
		{"a def that was not accepted is not there", []string{"def f() { return yy }; yy = zz", "def g() { return yy }"},
			"t:1:29: undefined name zz\nt:2:18: undefined name yy\n"},
		{"an error in a def of an earlier entry quotes that", []string{"# one\ndef f(a) {\n    return [1, 2][a]\n}", "f(7)"},
			"t:3:12: index 7 is out of range for a list of length 2\n"},
		{"a save may be made anew", []string{`invoke "John" { save l = logits[0, -1, 0] }`, `invoke "Mary" { save l = logits[0, -1, 1] }`, "print l.shape"}, "[]\n"},
		{"a failed model statement changes no model", []string{"n_layers", `model "no-such-model"`, "n_layers"}, "4\n4\n"},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			s, out := session(t)
			for _, e := range r.entries {
				_, err := s.Exec(context.Background(), "t", e)
				if err != nil {
					first, _, _ := strings.Cut(err.Error(), "\n")
					out.WriteString(first + "\n")
				}
			}
			if got := out.String(); got != r.want {
				t.Errorf("got\n%s\nwant\n%s", got, r.want)
			}
		})
	}
}

func TestWorkOfEarlierEntriesIsNotDoneAgain(t *testing.T) {
	s, _ := session(t)
	entry := `invoke "After John and Mary went to the store" { save l = logits[0, -1] }; sum(l)`
	first, err := s.Exec(context.Background(), "t", entry)
	if err != nil {
		t.Fatal(err)
	}
	if first.Stats.StatesPlanned == 0 {
		t.Fatal("the first entry computed nothing")
	}
	again, err := s.Exec(context.Background(), "t", entry)
	if err != nil {
		t.Fatal(err)
	}
	if again.Stats.StatesPlanned != first.Stats.StatesPlanned {
		t.Errorf("the same entry again: %d states, %d before it", again.Stats.StatesPlanned, first.Stats.StatesPlanned)
	}
}

func TestCancelledEntryLeavesTheSession(t *testing.T) {
	s, out := session(t)
	if _, err := s.Exec(context.Background(), "t", "x = 1"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	entry := `x = 2; invoke "John and Mary" { save l = logits[0, -1] }; print sum(l) < 1.0e9`
	if _, err := s.Exec(ctx, "t", entry); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v, want context.Canceled", err)
	}
	if _, err := s.Exec(context.Background(), "t", "print x"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Exec(context.Background(), "t", entry); err != nil {
		t.Fatal(err)
	}
	if got, want := out.String(), "1\nTrue\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestCheckAndExplainLeaveTheSession(t *testing.T) {
	s, out := session(t)
	ctx := context.Background()
	exec := func(src string) {
		if _, err := s.Exec(ctx, "t", src); err != nil {
			t.Fatal(err)
		}
	}
	exec("x = 1")
	r, err := s.Check(ctx, "t", `x = 2; invoke "John" { save l = logits }`)
	if err != nil || r.Err() != nil {
		t.Fatal(err, r.Err())
	}
	if len(r.Shapes) == 0 {
		t.Error("check gives no shapes")
	}
	e, err := s.Explain(ctx, "t", `x = 3; invoke "John" { save l = logits }; print sum(l)`)
	if err != nil {
		t.Fatal(err)
	}
	if e.StatesDense == 0 {
		t.Error("explain counts no states")
	}
	exec("print x")
	if got := out.String(); got != "1\n" {
		t.Errorf("got %q, want 1", got)
	}
}

func TestSessionResults(t *testing.T) {
	s, _ := session(t)
	ctx := context.Background()
	if _, err := s.Exec(ctx, "t", `invoke "John" { save l = logits[0, -1] }; save n = 7`); err != nil {
		t.Fatal(err)
	}
	r, err := s.Results(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if v, _ := r.Value("n"); v != int64(7) {
		t.Errorf("n: got %v, want 7", v)
	}
	if _, ok := r.Value("l"); !ok {
		t.Error("l is not among the results")
	}
}

func TestSessionModel(t *testing.T) {
	s, out := session(t)
	if err := s.UseModel(shared.Repo("testdata", "models", "nano-sort")); err != nil {
		t.Fatal(err)
	}
	if got := s.Model().Name(); !strings.HasSuffix(got, "nano-sort") {
		t.Errorf("got the model %s", got)
	}
	if err := s.UseModel("no-such-model"); err == nil {
		t.Error("no-such-model was opened")
	}
	if _, err := s.Exec(context.Background(), "t", "n_heads"); err != nil || out.String() == "" {
		t.Error(err, out.String())
	}
}

func TestEmbeddingsThatAreNotFiniteAreAnErrorWhenTheyAreRead(t *testing.T) {
	dir := t.TempDir()
	var tensors []weights.Tensor
	from, err := weights.OpenDir(shared.Repo("testdata", "models", "ioi-proto"))
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	for _, name := range from.Names() {
		info, _ := from.Info(name)
		x, err := from.Read(name)
		if err != nil {
			t.Fatal(err)
		}
		if name == "transformer.wpe.weight" {
			x[0] = float32(math.NaN())
		}
		tensors = append(tensors, weights.Tensor{Name: name, Shape: info.Shape, Data: x})
	}
	var file bytes.Buffer
	if err := weights.Encode(&file, tensors, nil); err != nil {
		t.Fatal(err)
	}
	config, err := os.ReadFile(shared.Repo("testdata", "models", "ioi-proto", "config.json"))
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"config.json": config, weights.ModelFile: file.Bytes()} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	m, err := OpenModel(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	p, err := Compile("t", `invoke [1, 2] { save l = logits[0, -1, 0] }`)
	if err != nil {
		t.Fatal(err)
	}
	_, err = p.Run(context.Background(), Options{Model: m})
	if err == nil || !strings.Contains(err.Error(), `"transformer.wpe.weight" has numbers that are not finite, one is NaN in row 0`) {
		t.Errorf("got %v, want an error that names the tensor", err)
	}
}

func TestOptionsThatMakeNoSenseAreErrors(t *testing.T) {
	p, err := Compile("t", `invoke "John" { save l = logits[0, -1, 0] }`)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range []Options{{Threads: -1}, {Threads: 1 << 40}, {Mem: -1}, {MaxSteps: -1}, {Plan: "x"}, {DType: 77}} {
		if r, err := p.Run(context.Background(), o); err == nil || r != nil {
			t.Errorf("%+v: got %v, %v", o, r, err)
		}
	}
}

func TestCheckEndsWithItsContext(t *testing.T) {
	p, err := Compile("t", "for i in range(100000) { x = i }")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	r, err := p.CheckWith(ctx, Options{})
	if !errors.Is(err, context.Canceled) || r.Complete {
		t.Errorf("got %+v and %v, want what was found and context.Canceled", r, err)
	}
}

func TestASeedIsToldAsItWasGiven(t *testing.T) {
	p, err := Compile("t", "save x = 1")
	if err != nil {
		t.Fatal(err)
	}
	r, err := p.Run(context.Background(), Options{Seed: math.MaxUint64})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "x.json")
	if err := r.Write(path); err != nil {
		t.Fatal(err)
	}
	if text, _ := os.ReadFile(path); !strings.Contains(string(text), `"seed":18446744073709551615`) {
		t.Errorf("got %s", text)
	}
}
