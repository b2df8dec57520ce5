package golden

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/txtar"
)

// Runner is the command line: it does what interp does with the arguments, in a directory, and gives the
// exit status. Its standard input is empty.
type Runner func(ctx context.Context, args []string, dir string, stdout, stderr io.Writer) int

// Failure is a section that is not what it was.
type Failure struct {
	Section string // or exit
	Text    string // what differs, in lines
	Stays   bool   // an update leaves it: the exit status, or a file that the run did not write
}

// Outcome is what came of an archive.
type Outcome struct {
	Failures []Failure
	Old, New []byte // the archive as it is, and with its sections as they came out
}

// Test runs an archive and compares its sections. An error is of the archive or the machine; what differs
// is in the outcome.
func (a *Archive) Test(ctx context.Context, run Runner) (*Outcome, error) {
	got, err := a.produce(ctx, run)
	if err != nil {
		return nil, err
	}
	out := &Outcome{Old: txtar.Format(a.txtar)}
	fresh := &txtar.Archive{Comment: a.txtar.Comment}
	if status := got["exit"]; status != fmt.Sprint(a.Exit) {
		text := fmt.Sprintf("got %s, want %d\n", status, a.Exit)
		if _, compared := a.File("stderr"); !compared {
			text += got["stderr"]
		}
		out.Failures = append(out.Failures, Failure{"exit", text, true})
	}
	for _, f := range a.txtar.Files {
		if slices.Contains(Sections, f.Name) {
			fail, err := a.section(&f, got)
			if err != nil {
				return nil, err
			}
			if fail.Text != "" {
				out.Failures = append(out.Failures, fail)
			}
		}
		fresh.Files = append(fresh.Files, f)
	}
	out.New = txtar.Format(fresh)
	return out, nil
}

// section compares one section, and puts what came out in its place where it differs.
func (a *Archive) section(f *txtar.File, got map[string]string) (fail Failure, err error) {
	fail = Failure{Section: f.Name, Text: compare(f.Name, string(f.Data), got[f.Name], a.Tol)}
	isJSON := strings.HasSuffix(f.Name, ".json")
	fail.Stays = isJSON && got[f.Name] == ""
	if fail.Text == "" || fail.Stays {
		return fail, nil
	}
	f.Data = []byte(got[f.Name])
	switch f.Name {
	case "saved.json":
		f.Data, err = layoutSaved(got[f.Name])
	case "stats.json":
		data, _ := a.File("stats.json")
		f.Data, err = layoutStats(string(data), got[f.Name])
	}
	if err == nil && len(txtar.Parse(f.Data).Files) > 0 {
		err = fmt.Errorf("%s: a line of what came out is of the form -- x --, which begins a file of an archive", f.Name)
	}
	return fail, err
}

// produce makes what the sections hold: their text by name, and the exit status.
func (a *Archive) produce(ctx context.Context, run Runner) (map[string]string, error) {
	dir, err := os.MkdirTemp("", "interp-golden-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if err := a.Unpack(dir); err != nil {
		return nil, err
	}
	model, err := a.ModelArg()
	if err != nil {
		return nil, err
	}
	got := map[string]string{"exit": fmt.Sprint(a.Exit)}
	for _, stage := range []string{"fmt", "ast", "ir", "graph", "plan"} {
		if _, ok := a.File(stage); !ok {
			continue
		}
		var stdout, stderr bytes.Buffer
		if status := run(ctx, a.stageArgs(stage, model), dir, &stdout, &stderr); status != 0 {
			return nil, fmt.Errorf("%s: exit status %d\n%s", stage, status, stderr.String())
		}
		got[stage] = stdout.String()
	}
	if a.runs {
		err = a.run(ctx, run, dir, model, got)
	}
	if err == nil {
		err = ctx.Err()
	}
	if model != a.Model {
		for name, text := range got {
			got[name] = strings.ReplaceAll(text, model, a.Model) // the same on every machine
		}
	}
	return got, err
}

// Unpack writes the script and its inputs into a directory.
func (a *Archive) Unpack(dir string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	for _, f := range a.txtar.Files {
		if slices.Contains(Sections, f.Name) {
			continue
		}
		if err := root.MkdirAll(filepath.Dir(filepath.FromSlash(f.Name)), 0o755); err != nil {
			return err
		}
		if err := root.WriteFile(filepath.FromSlash(f.Name), f.Data, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// stageArgs are the arguments that print one stage.
func (a *Archive) stageArgs(stage, model string) []string {
	if stage == "fmt" {
		return []string{"fmt", Script}
	}
	args := []string{"run", "-dump", stage}
	if model != "" {
		args = append(args, "-model", model)
	}
	args = append(args, optionsOf(a.Args)...)
	if _, ok := a.File("saved.json"); ok {
		args = append(args, "-o", "saved.json") // the section reads every save; printing writes no file
	}
	return append(args, Script)
}

// run runs the script and reads the files it left.
func (a *Archive) run(ctx context.Context, run Runner, dir, model string, got map[string]string) error {
	args := append([]string{command(a.Args)}, optionsOf(a.Args)...)
	if model != "" {
		args = append(args, "-model", model)
	}
	files := map[string]string{"saved.json": "-o", "stats.json": "-stats"}
	for name, option := range files {
		if _, ok := a.File(name); ok && !slices.Contains(args, name) {
			args = append(args, option, name)
		}
	}
	var stdout, stderr bytes.Buffer
	status := run(ctx, append(args, Script), dir, &stdout, &stderr)
	got["exit"], got["stdout"], got["stderr"] = fmt.Sprint(status), stdout.String(), stderr.String()
	for name := range files {
		if _, ok := a.File(name); !ok {
			continue
		}
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil && !os.IsNotExist(err) {
			return err
		}
		got[name] = string(data)
	}
	return nil
}

// optionsOf are the arguments after the command.
func optionsOf(args []string) []string {
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		return args[1:]
	}
	return args
}
