// Package golden holds archives: scripts with what they print, save and complain of. The test runs each
// through the command line, as interp test golden does.
package golden

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"testing"

	"interp/internal/golden"
)

func TestArchives(t *testing.T) {
	run := program(t)
	files, err := golden.Find(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			a, err := golden.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			out, err := a.Test(t.Context(), run)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range out.Failures {
				t.Errorf("%s:\n%s", f.Section, f.Text)
			}
			if t.Failed() {
				t.Log("if this is right: interp test -update=diff golden, then -update")
			}
		})
	}
}

// program builds the command line and gives the door to it.
func program(t *testing.T) golden.Runner {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "interp")
	if out, err := exec.Command("go", "build", "-o", bin, "interp/cmd/interp").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return func(ctx context.Context, args []string, dir string, stdout, stderr io.Writer) int {
		call := exec.CommandContext(ctx, bin, args...)
		call.Dir, call.Stdout, call.Stderr = dir, stdout, stderr
		err := call.Run()
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			fmt.Fprintln(stderr, err)
			return 1
		}
		return call.ProcessState.ExitCode()
	}
}
