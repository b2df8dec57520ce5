package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"interp/internal/shared"
)

// called is what came of a call.
type called struct {
	status   int
	out, err string
}

// call runs the program with arguments and a standard input.
func call(t *testing.T, in string, args ...string) called {
	t.Helper()
	return callWith(t, context.Background(), in, args...)
}

func callWith(t *testing.T, ctx context.Context, in string, args ...string) called {
	t.Helper()
	var out, errs bytes.Buffer
	a := &app{ctx: ctx, in: strings.NewReader(in), out: &out, err: &errs}
	status := a.main(args)
	return called{status, out.String(), errs.String()}
}

var model = shared.Repo("testdata", "models", "ioi-proto")

// file writes a file of a test and gives its path.
func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestCalls(t *testing.T) {
	script := file(t, "s.patch", "input n = 1\nprint n + 1\n")
	bad := file(t, "bad.patch", "print nosuch\n")
	values := file(t, "v.json", "[1, 2, 3]")
	dir := filepath.Join(t.TempDir(), "x.json")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	rows := []struct {
		name   string
		args   []string
		in     string
		status int
		out    string // contained in the standard output; "=" before it: all of it
		err    string // contained in the standard error; "" wants it empty
	}{
		{"a script", []string{script}, "", 0, "=2\n", ""},
		{"run before it", []string{"run", script}, "", 0, "=2\n", ""},
		{"options before the script", []string{"-model", model, "-set", "n=5", script}, "", 0, "=6\n", ""},
		{"options behind the script", []string{script, "--set", "n=6", "--quiet"}, "", 0, "=7\n", ""},
		{"options with =", []string{script, "-set=n=7"}, "", 0, "=8\n", ""},
		{"nothing is an option behind --", []string{"-set", "n=2", "--", script}, "", 0, "=3\n", ""},
		{"a script of the standard input", []string{"-"}, "print 3\n", 0, "=3\n", ""},
		{"-c", []string{"-c", "print 4"}, "", 0, "=4\n", ""},
		{"an empty -c", []string{"-c", ""}, "", 0, "=", ""},
		{"-set of text", []string{"-c", "input s\nprint s", "-set", "s=John went"}, "", 0, "=John went\n", ""},
		{"-set of a list", []string{"-c", "input s\nprint s[1]", "-set", "s=[1, 2]"}, "", 0, "=2\n", ""},
		{"-in", []string{"-c", "input v\nprint sum(v)", "-in", "v=" + values}, "", 0, "6", ""},
		{"an error of a script", []string{bad}, "", 1, "=", "bad.patch:1:7: undefined name nosuch"},
		{"an error while a script runs", []string{"-c", "input n\nassert n > 2, \"small\"", "-set", "n=1"}, "", 1, "=", "-c:2:1: assertion failed: small"},
		{"an error while it runs names the line", []string{script, "-set", "n=[]"}, "", 1, "=", "s.patch:2:7"},
		{"with -o a save is read", []string{"-o", filepath.Join(t.TempDir(), "x.json"), "-c", "save x = 1\nprint nosuch"}, "", 1, "=", "-c:2:7: undefined name nosuch"},
		{"a warning", []string{"-c", "x = 1"}, "", 0, "=", "warning"},
		{"no warnings with -quiet", []string{"-c", "x = 1", "-quiet"}, "", 0, "=", ""},
		{"nor beside an error of names", []string{"-c", "x = 1\nprint nosuch", "-quiet"}, "", 1, "=", "undefined name nosuch"},
		{"nor beside an error of shapes", []string{"-c", "x = 1\nprint [1][3]", "-quiet"}, "", 1, "=", "index 3 is out of range"},
		{"-plan naive", []string{"-plan", "naive", "-model", model, "-c", `invoke "John" { save l = logits[0, -1] }; print l.shape`}, "", 0, "=[630]\n", ""},
		{"an unknown command", []string{"chekc"}, "", 2, "=", "did you mean interp check?"},
		{"an unknown command with an argument", []string{"chekc", script}, "", 2, "=", "did you mean interp check?"},
		{"a slip in a file's name", []string{strings.TrimSuffix(script, ".patch")}, "", 2, "=", "did you mean " + script + "?"},
		{"a file that is not there", []string{"nosuch.patch"}, "", 2, "=", "there is no file nosuch.patch"},
		{"a directory", []string{t.TempDir()}, "", 2, "=", "is a directory"},
		{"an unknown option", []string{script, "-modle", "x"}, "", 2, "=", "there is no option -modle; did you mean -model?"},
		{"an option without its value", []string{script, "-o"}, "", 2, "=", "-o: got nothing, want FILE"},
		{"an option with a wrong value", []string{script, "-threads", "many"}, "", 2, "=", `-threads: got "many", want a whole number`},
		{"a command behind an option", []string{"-seed", "1", "-quiet", "check", bad}, "", 1, "=", "undefined name nosuch"},
		{"a command behind options of its own", []string{"--set=n=[]", "-shapes", "check", script}, "", 1, "=", "s.patch:2:7"},
		{"fmt behind its option", []string{"-w", "fmt", "-"}, "x=1", 2, "=", "-w with the standard input"},
		{"a command's name as an option's value", []string{"-c", "input s\nprint s", "-set", "s=check"}, "", 0, "=check\n", ""},
		{"a command's name behind --", []string{"--", "check"}, "", 2, "=", "there is no file or command check"},
		{"two scripts", []string{script, bad}, "", 2, "=", "got 2 scripts"},
		{"-c and a script", []string{"-c", "print 1", script}, "", 2, "=", "got -c and the file"},
		{"run without a script", []string{"run"}, "", 2, "=", "run: got no script"},
		{"-o of an unknown form", []string{script, "-o", "x.txt"}, "", 2, "=", `got the ending ".txt"`},
		{"-o in capitals", []string{"-c", "save x = 1", "-o", filepath.Join(t.TempDir(), "x.JSON")}, "", 0, "=", ""},
		{"-o twice", []string{script, "-o", "x.json", "-o", "x.json"}, "", 2, "=", "x.json would be written twice"},
		{"-o and -stats into one file", []string{script, "-o", "x.json", "-stats", "x.json"}, "", 2, "=", "x.json would be written twice"},
		{"-stats without a file", []string{"-stats", script}, "print 1", 2, "=", "has the name of a script"},
		{"-o where nothing can be written", []string{script, "-o", filepath.Join(model, "config.json", "x.json")}, "", 1, "=", "cannot be written"},
		{"-o in no directory", []string{script, "-o", filepath.Join(model, "none", "x.json")}, "", 1, "=", "there is no directory"},
		{"-stats in no directory", []string{script, "-stats", filepath.Join(model, "none", "x.json")}, "", 1, "=", "there is no directory"},
		{"-cpuprofile in no directory", []string{script, "-cpuprofile", filepath.Join(model, "none", "x")}, "", 1, "=", "cannot be written: there is no directory"},
		{"-o of a directory", []string{script, "-o", dir}, "", 1, "=", "cannot be written"},
		{"-o twice, spelled apart", []string{script, "-o", "x.json", "-o", "./x.json"}, "", 2, "=", "./x.json would be written twice"},
		{"-o of a picture without one", []string{script, "-o", filepath.Join(t.TempDir(), "x.png")}, "", 1, "=2\n", "picture"},
		{"-mem too small", []string{script, "-mem", "5"}, "", 2, "=", "-mem: got \"5\""},
		{"-mem of nonsense", []string{script, "-mem", "8 apples"}, "", 2, "=", "-mem"},
		{"-plan of nonsense", []string{script, "-plan", "x"}, "", 2, "=", "want batched or naive"},
		{"-dtype of nonsense", []string{script, "-dtype", "f8"}, "", 2, "=", "want f32 or bf16"},
		{"-dump of nonsense", []string{script, "-dump", "x"}, "", 2, "=", "want ast, ir, graph, plan"},
		{"-set without a value", []string{script, "-set", "n"}, "", 2, "=", "want NAME=VALUE"},
		{"-set twice", []string{script, "-set", "n=1", "-set", "n=2"}, "", 2, "=", "given twice"},
		{"-set of no input", []string{"-c", "input layer = 1\nprint layer", "-set", "layr=1"}, "", 2, "=", "the script has no input layr; did you mean layer?"},
		{"-in of no input", []string{"check", script, "-in", "values=" + values}, "", 2, "=", "the script has no input values, only n"},
		{"-set of a script without inputs", []string{"explain", "-c", "print 1", "-set", "x=1"}, "", 2, "=", "the script has no input x"},
		{"-in of no file", []string{script, "-in", "n=nosuch.json"}, "", 1, "=", "nosuch.json"},
		{"a model that is not here", []string{script, "-model", "nosuch"}, "", 1, "=", "interp pull nosuch fetches it"},
		{"check", []string{"check", bad}, "", 1, "=", "undefined name nosuch"},
		{"check of a sound script", []string{"check", script}, "", 0, "=", ""},
		{"check -shapes", []string{"check", "-model", model, "-shapes", "-c", `invoke "John" { save l = logits }`}, "", 0, "-c:1: l [batch=1 pos=1 d_vocab=630]", "warning"},
		{"check -json", []string{"check", "-json", bad}, "", 1, `"E0201"`, ""},
		{"explain", []string{"explain", "-model", model, "-c", `invoke "John" { save l = logits }; print l.shape, sum(l)`}, "", 0, "states", ""},
		{"explain of gradients", []string{"explain", "-model", model, "-c", `invoke "John" { save g = grad(logits[0, -1, 5], hook_embed) }; print norm(g)`}, "", 0, "gradients: 1; ", ""},
		{"explain of runs that nothing reads", []string{"explain", "-model", model, "-c", `invoke "John" { save l = logits }`}, "", 0, "nothing that is read has to be computed", ""},
		{"fmt", []string{"fmt", "-"}, "x=1", 0, "=x = 1\n", ""},
		{"fmt without a file", []string{"fmt"}, "", 2, "=", "got no file"},
		{"fmt of what is no script", []string{"fmt", "-"}, "x = (", 1, "=", "-:1:5"},
		{"models", []string{"models"}, "", 0, "in the binary", ""},
		{"models with an argument", []string{"models", "x"}, "", 2, "=", "want no arguments"},
		{"sites", []string{"sites", "-model", model}, "", 0, "transformer.h[].attn.c_proj.input", ""},
		{"version", []string{"version"}, "", 0, "interp ", ""},
		{"--version", []string{"--version"}, "", 0, "interp ", ""},
		{"pull without a name", []string{"pull"}, "", 2, "=", "got 0 names"},
		{"test without a path", []string{"test"}, "", 2, "=", "got no archive"},
		{"-dump without a script", []string{"-dump", "ir"}, "", 2, "=", "wants a script"},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			got := call(t, r.in, r.args...)
			if got.status != r.status {
				t.Errorf("status %d, want %d\n%s%s", got.status, r.status, got.out, got.err)
			}
			if want, whole := strings.CutPrefix(r.out, "="); whole && got.out != want || !strings.Contains(got.out, want) {
				t.Errorf("printed %q, want %q", got.out, r.out)
			}
			if strings.Contains(got.err, "nothing reads it") && slices.Contains(r.args, "-o") {
				t.Errorf("warned of a save that -o reads: %s", got.err)
			}
			if strings.Contains(got.err, "warning") && slices.Contains(r.args, "-quiet") {
				t.Errorf("warned in spite of -quiet: %s", got.err)
			}
			if r.err == "" && got.err != "" || !strings.Contains(got.err, r.err) {
				t.Errorf("complained %q, want %q", got.err, r.err)
			}
		})
	}
}

func TestDumps(t *testing.T) {
	for stage, want := range map[string]string{"ast": "Invoke", "ir": "invoke", "graph": "run", "plan": "pass"} {
		got := call(t, "", "-dump", stage, "-model", model, "-c", `invoke "John" { save l = logits[0, -1] }; print sum(l)`)
		if got.status != 0 || got.err != "" || !strings.Contains(strings.ToLower(got.out), strings.ToLower(want)) {
			t.Errorf("-dump %s: status %d, %q, want %q in\n%s", stage, got.status, got.err, want, got.out)
		}
	}
}

const picture = "for l in range(n_layers) { invoke \"After John\" { save n[l] = norm(transformer.h[l].output, \"d_model\")[0, :] } }\nheatmap(n)\n"

func TestOutputs(t *testing.T) {
	dir := t.TempDir()
	args := []string{"-model", model, "-c", picture, "-stats", filepath.Join(dir, "stats.json")}
	starts := map[string]string{"x.json": "{", "x.npz": "PK", "x.svg": "<svg", "x.png": "\x89PNG", "x.html": "<!"}
	for name := range starts {
		args = append(args, "-o", filepath.Join(dir, name))
	}
	if got := call(t, "", args...); got.status != 0 {
		t.Fatalf("status %d: %s", got.status, got.err)
	}
	for name, want := range starts {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || !strings.Contains(string(data[:min(len(data), 60)]), want) {
			t.Errorf("%s: %v, begins with %q", name, err, data[:min(len(data), 20)])
		}
	}
	var saved map[string]struct {
		Shape []int     `json:"shape"`
		Data  []float64 `json:"data"`
	}
	readJSON(t, filepath.Join(dir, "x.json"), &saved)
	if n := saved["n"]; len(n.Shape) != 2 || n.Shape[0] != 4 || len(n.Data) != n.Shape[0]*n.Shape[1] {
		t.Errorf("n: shape %v, %d numbers", n.Shape, len(n.Data))
	}
	var stats map[string]float64
	readJSON(t, filepath.Join(dir, "stats.json"), &stats)
	for _, key := range []string{"load_s", "check_s", "plan_s", "run_s", "states_dense", "states_planned", "gflop_dense", "gflop_planned", "passes", "chunks", "noops", "peak_bytes", "threads"} {
		if _, ok := stats[key]; !ok {
			t.Errorf("stats: no %s", key)
		}
	}
	if stats["states_planned"] <= 0 || stats["states_dense"] < stats["states_planned"] {
		t.Errorf("stats: %v", stats)
	}
	left, _ := filepath.Glob(filepath.Join(dir, ".*"))
	if len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func readJSON(t *testing.T, path string, v any) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(data, v)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestFilesAfterAFailure(t *testing.T) {
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	rows := []struct {
		name   string
		ctx    context.Context
		status int
		why    string
	}{
		{"an error while it runs", context.Background(), 1, "assertion failed"},
		{"Ctrl-C", cancelled, 130, "interrupted"},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "x.json")
			got := callWith(t, r.ctx, "", "-model", model, "-set", "n=1", "-o", path, "-c",
				"input n\ninvoke \"John\" { save l = logits[0, -1, 0] }\nassert sum(l) > 1.0e9")
			if got.status != r.status {
				t.Errorf("status %d, want %d: %s", got.status, r.status, got.err)
			}
			var saved map[string]any
			readJSON(t, path, &saved)
			if why, _ := saved["_failed"].(string); !strings.Contains(why, r.why) {
				t.Errorf("_failed is %q, want %q", saved["_failed"], r.why)
			}
			if _, ok := saved["l"]; ok != (r.status == 1) {
				t.Errorf("l is in the file: %v", ok)
			}
		})
	}
}

// pipe is an output that somebody stops reading.
type pipe struct{ left int }

func (p *pipe) Write(b []byte) (int, error) {
	if p.left -= len(b); p.left < 0 {
		return 0, &os.PathError{Op: "write", Path: "|1", Err: syscall.EPIPE}
	}
	return len(b), nil
}

func TestAClosedPipeIsNoReasonToComplain(t *testing.T) {
	var errs bytes.Buffer
	a := &app{ctx: context.Background(), in: strings.NewReader(""), out: &pipe{100}, err: &errs}
	if status := a.main([]string{"-c", "for i in range(1000) { print i }"}); status != 1 || errs.Len() > 0 {
		t.Errorf("status %d, %q", status, errs.String())
	}
}

func TestSizes(t *testing.T) {
	for text, want := range map[string]int64{"": 0, "8GiB": 8 << 30, "500MB": 5e8, "1e9": 1e9, "2g": 2 << 30, "1.5 GiB": 3 << 29, "1048576B": 1 << 20,
		"1KiB": -1, "x": -1, "-8GiB": -1, "NaN": -1, "inf": -1, "GiB": -1, "1e30": -1} {
		n, err := bytesOf(text)
		if err != nil {
			n = -1
		}
		if n != want {
			t.Errorf("%q: got %d (%v), want %d", text, n, err, want)
		}
	}
}

func TestTheLineOfALongRun(t *testing.T) {
	var b strings.Builder
	p := &progress{w: &b, start: time.Now().Add(-2 * time.Second)}
	p.show(500, 2000)
	for _, want := range []string{"25 %", "500 of 2000 states", " states/s", "6s left"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("got %q, want %q in it", b.String(), want)
		}
	}
	b.Reset()
	p = &progress{w: &b}
	if p.show(500, 2000); b.Len() > 0 {
		t.Errorf("a short run shows %q", b.String())
	}
}
