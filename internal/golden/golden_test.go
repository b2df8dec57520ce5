package golden

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fake is a Runner that writes what the test says.
type fake struct {
	stdout, stderr, saved, stats string
	exit                         int
	calls                        []string
	dir                          string
}

func (f *fake) run(_ context.Context, args []string, dir string, stdout, stderr io.Writer) int {
	f.calls = append(f.calls, strings.Join(args, " "))
	f.dir = dir
	io.WriteString(stdout, f.stdout)
	io.WriteString(stderr, f.stderr)
	for i, a := range args {
		if a == "-o" && f.saved != "" {
			os.WriteFile(filepath.Join(dir, args[i+1]), []byte(f.saved), 0o644)
		}
		if a == "-stats" && f.stats != "" {
			os.WriteFile(filepath.Join(dir, args[i+1]), []byte(f.stats), 0o644)
		}
	}
	return f.exit
}

func TestSectionsAreCompared(t *testing.T) {
	const head = "tol: 1e-3\n-- script.patch --\nprint 1\n"
	tests := []struct {
		name, archive string
		run           fake
		want          string // a piece of each difference, joined by |; "" where nothing differs
	}{
		{"equal text", head + "-- stdout --\na 1.5\n", fake{stdout: "a 1.5\n"}, ""},
		{"a last line without an end", head + "-- stdout --\na\n", fake{stdout: "a"}, ""},
		{"a number within the tolerance", head + "-- stdout --\na 1.5 b\n", fake{stdout: "a 1.5009 b\n"}, ""},
		{"relative to large numbers", head + "-- stdout --\n-2000.5\n", fake{stdout: "-2001.5\n"}, ""},
		{"a number outside the tolerance", head + "-- stdout --\na 1.5\n", fake{stdout: "a 1.503\n"}, "+a 1.503"},
		{"whole numbers are exact", head + "-- stdout --\n[5000]\n", fake{stdout: "[5001]\n"}, "+[5001]"},
		{"columns may shift", head + "-- stdout --\n[[ 9.9999  1.0]]\n", fake{stdout: "[[10.0001 1.0]]\n"}, ""},
		{"the words are exact", head + "-- stdout --\nlayer 1.5\n", fake{stdout: "Layer 1.5\n"}, "+Layer"},
		{"a line more", head + "-- stdout --\na\n", fake{stdout: "a\nb\n"}, "+b"},
		{"an exit status", head + "-- stdout --\n", fake{exit: 1, stderr: "boom\n"}, "got 1, want 0\nboom"},
		{"an exit status as expected", "exit: 1\n" + head + "-- stderr --\nboom\n", fake{exit: 1, stderr: "boom\n"}, ""},
		{"results by value", head + "-- saved.json --\n{\"x\":{\"shape\":[2],\"data\":[1.5,2]}}\n",
			fake{saved: `{"_meta":{"v":1},"x":{"data":[1.5001,2],"shape":[2]}}`}, ""},
		{"results differ", head + "-- saved.json --\n{\"x\":{\"shape\":[2],\"data\":[1.5,2]},\"y\":\"NaN\"}\n",
			fake{saved: `{"x":{"data":[1.6,3],"shape":[2]},"y":"Infinity","z":1}`},
			"x.data[0]: got 1.6, want 1.5\nx.data[1]: got 3, want 2\ny: got \"Infinity\", want \"NaN\"\nz: got 1, want nothing"},
		{"what an array carries besides is compared where it is recorded", head + "-- saved.json --\n{\"x\":{\"shape\":[1],\"data\":[1.5],\"axes\":[\"pos\"]}}\n",
			fake{saved: `{"x":{"shape":[1],"data":[1.5],"axes":["pos"],"dtype":"float32","labels":[["a"]]}}`}, ""},
		{"another dtype", head + "-- saved.json --\n{\"x\":{\"shape\":[1],\"data\":[1.5],\"dtype\":\"int64\"}}\n",
			fake{saved: `{"x":{"shape":[1],"data":[1.5],"dtype":"float32"}}`}, `x.dtype: got "float32", want "int64"`},
		{"Windows' ends of lines", "tol: 1e-3\r\n-- script.patch --\r\nprint 1\r\n-- stdout --\r\na 1.5\r\n", fake{stdout: "a 1.5\n"}, ""},
		{"results are missing", head + "-- saved.json --\n{\"x\":1}\n", fake{saved: `{}`}, "x: is missing, want 1"},
		{"no results", head + "-- saved.json --\n{}\n", fake{}, "wrote no results"},
		{"the counts listed", head + "-- stats.json --\n{\"passes\": 2}\n", fake{stats: `{"passes":2,"chunks":9,"run_s":0.5}`}, ""},
		{"a count off by one", head + "-- stats.json --\n{\"states_planned\": 4000}\n", fake{stats: `{"states_planned":4001}`}, "got 4001, want 4000"},
		{"a time is no count", head + "-- stats.json --\n{\"run_s\": 1}\n", fake{stats: `{"run_s":1}`}, "only counts"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a, err := Parse("x.txtar", []byte(tt.archive))
			if err != nil {
				t.Fatal(err)
			}
			out, err := a.Test(context.Background(), tt.run.run)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, f := range out.Failures {
				got += f.Text
			}
			if (got == "") != (tt.want == "") || !strings.Contains(got, tt.want) {
				t.Errorf("differences:\n%s\nwant %q", got, tt.want)
			}
			if _, err := os.Stat(tt.run.dir); err == nil {
				t.Errorf("%s is left behind", tt.run.dir)
			}
		})
	}
}

// full is a disk without space.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestAReportThatCannotBeWrittenIsAnError(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.txtar")
	if err := os.WriteFile(path, []byte("-- script.patch --\nprint 1\n-- stdout --\n1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	f := fake{stdout: "1\n"}
	if _, err := Run(context.Background(), f.run, Compare, full{}, path); err == nil {
		t.Error("got no error")
	}
}

func TestCallsOfAnArchive(t *testing.T) {
	const archive = "args: check -set 'k=a b' -seed=3\nmodel: gpt2\n-- script.patch --\n-- in/a.txt --\nx\n-- fmt --\n-- ir --\n-- stdout --\n-- saved.json --\n-- stats.json --\n"
	a, err := Parse("x.txtar", []byte(archive))
	if err != nil {
		t.Fatal(err)
	}
	f := fake{saved: "{}", stats: "{}"}
	if _, err := a.Test(context.Background(), f.run); err != nil {
		t.Fatal(err)
	}
	got := f.calls[len(f.calls)-1]
	for _, want := range []string{"check -set k=a b -seed=3 -model gpt2", "-o saved.json", "-stats stats.json"} {
		if !strings.Contains(got, want) {
			t.Errorf("the run is called with %q, want %q in it", got, want)
		}
	}
	want := []string{"fmt script.patch", "run -dump ir -model gpt2 -set k=a b -seed=3 -o saved.json script.patch"}
	if fmt.Sprint(f.calls[:2]) != fmt.Sprint(want) {
		t.Errorf("calls %q, want %q first", f.calls, want)
	}
}

func TestAScriptThatIsOnlyPrintedIsNotRun(t *testing.T) {
	a, err := Parse("x.txtar", []byte("-- script.patch --\n-- fmt --\n"))
	if err != nil {
		t.Fatal(err)
	}
	var f fake
	if _, err := a.Test(context.Background(), f.run); err != nil || len(f.calls) != 1 {
		t.Errorf("calls %q, error %v; want fmt alone", f.calls, err)
	}
}

func TestHostileArchivesAreRefused(t *testing.T) {
	tests := []struct{ name, archive, want string }{
		{"an input outside in/", "-- script.patch --\n-- in/../../x --\n-- stdout --\n", "outside in/"},
		{"an absolute input", "-- script.patch --\n-- in//etc/x --\n-- stdout --\n", "outside in/"},
		{"a file of another name", "-- script.patch --\n-- ../x --\n-- stdout --\n", "neither"},
		{"a slip in a header", "exi: 1\n-- script.patch --\n-- stdout --\n", "did you mean exit?"},
		{"results elsewhere", "args: -o ../x.json\n-- script.patch --\n-- stdout --\n", "outside the directory"},
		{"results at an absolute path", "args: --o=/x.json\n-- script.patch --\n-- stdout --\n", "outside the directory"},
		{"statistics elsewhere", "args: -stats a/../../x\n-- script.patch --\n-- stdout --\n", "outside the directory"},
		{"an input read from elsewhere", "args: -in a=/etc/passwd\n-- script.patch --\n-- stdout --\n", "outside the directory"},
		{"a profile", "args: -cpuprofile x\n-- script.patch --\n-- stdout --\n", "cannot stand"},
		{"a model as an option", "args: -model gpt2\n-- script.patch --\n-- stdout --\n", "model: NAME"},
		{"another command", "args: fmt -w\n-- script.patch --\n-- stdout --\n", "want options"},
		{"an option without its value", "args: -seed\n-- script.patch --\n-- stdout --\n", "needs a value"},
		{"a quote that stays open", "args: -set 'x\n-- script.patch --\n-- stdout --\n", "never closed"},
		{"no script", "-- stdout --\n", "no file script.patch"},
		{"two scripts", "-- script.patch --\n-- script.patch --\n-- stdout --\n", "twice"},
		{"nothing to compare", "-- script.patch --\n", "nothing to compare"},
		{"a tolerance that is none", "tol: NaN\n-- script.patch --\n-- stdout --\n", "tol"},
		{"a status that is none", "exit: -1\n-- script.patch --\n-- stdout --\n", "exit"},
		{"a header twice", "tol: 1\ntol: 2\n-- script.patch --\n-- stdout --\n", "twice"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Parse("x.txtar", []byte(tt.archive))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got error %v, want %q in it", err, tt.want)
			}
		})
	}
}

func TestUpdateRewritesWhatIsThere(t *testing.T) {
	const archive = "a remark\ntol: 1e-3\n-- script.patch --\nprint 1\n-- stdout --\n1.0001 old\n-- stats.json --\n{\"passes\": 1}\n-- saved.json --\n"
	const updated = "a remark\ntol: 1e-3\n-- script.patch --\nprint 1\n-- stdout --\n1 new\n-- stats.json --\n{\n  \"passes\": 2\n}\n-- saved.json --\n{\n  \"a\": {\"data\":[1]}\n}\n"
	path := filepath.Join(t.TempDir(), "x.txtar")
	if err := os.WriteFile(path, []byte(archive), 0o644); err != nil {
		t.Fatal(err)
	}
	f := fake{stdout: "1 new\n", stats: `{"passes":2,"noops":3}`, saved: `{"_meta":{}, "a": {"data": [1]}}`}
	run := func(mode Mode) (string, int) {
		var out bytes.Buffer
		failed, err := Run(context.Background(), f.run, mode, &out, filepath.Dir(path))
		if err != nil {
			t.Fatal(err)
		}
		return out.String(), failed
	}
	if text, failed := run(Compare); failed != 1 || !strings.Contains(text, "FAIL "+path) {
		t.Errorf("compare: %d failed:\n%s", failed, text)
	}
	text, failed := run(Diff)
	if now, _ := os.ReadFile(path); failed != 0 || string(now) != archive || !strings.Contains(text, "-1.0001 old\n+1 new\n") {
		t.Errorf("diff: %d failed:\n%s\nthe archive is now\n%s", failed, text, now)
	}
	if text, failed := run(Update); failed != 0 || !strings.Contains(text, "new  "+path) {
		t.Errorf("update: %d failed:\n%s", failed, text)
	}
	if now, _ := os.ReadFile(path); string(now) != updated {
		t.Errorf("the archive is now\n%s\nwant\n%s", now, updated)
	}
	if text, failed := run(Compare); failed != 0 || !strings.Contains(text, "ok") {
		t.Errorf("compare again: %d failed:\n%s", failed, text)
	}
	f.exit, f.stdout = 1, "1.0004 new\n" // within the tolerance
	if text, failed := run(Update); failed != 1 || !strings.Contains(text, "exit:\n    got 1, want 0") {
		t.Errorf("update of a script that fails: %d failed:\n%s", failed, text)
	}
	if now, _ := os.ReadFile(path); string(now) != updated {
		t.Errorf("an update within the tolerance wrote\n%s", now)
	}
}

func TestOutputThatNoArchiveCanHold(t *testing.T) {
	a, err := Parse("x.txtar", []byte("-- script.patch --\n-- stdout --\n"))
	if err != nil {
		t.Fatal(err)
	}
	f := fake{stdout: "-- in/x --\n"}
	if _, err := a.Test(context.Background(), f.run); err == nil || !strings.Contains(err.Error(), "begins a file") {
		t.Errorf("got error %v", err)
	}
}

func TestModelsAreFoundAboveTheArchive(t *testing.T) {
	root := t.TempDir()
	if err := os.MkdirAll(filepath.Join(root, "models", "m"), 0o755); err != nil {
		t.Fatal(err)
	}
	for model, want := range map[string]string{"models/m": filepath.Join(root, "models", "m"), "gpt2": "gpt2"} {
		a, err := Parse(filepath.Join(root, "golden", "deep", "x.txtar"), []byte("model: "+model+"\n-- script.patch --\n-- fmt --\n"))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := a.ModelArg(); got != want || err != nil {
			t.Errorf("model %s: got %s, error %v; want %s", model, got, err, want)
		}
	}
	a, err := Parse(filepath.Join(root, "x.txtar"), []byte("model: models/none\n-- script.patch --\n-- fmt --\n"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.ModelArg(); err == nil || !strings.Contains(err.Error(), "models/none") {
		t.Errorf("got error %v", err)
	}
}
