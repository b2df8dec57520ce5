package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"interp/internal/golden"
)

// testCommand runs golden archives.
func (a *app) testCommand(args []string) error {
	s := newFlags("test")
	var mode golden.Mode
	s.Var(&mode, "update", "rewrite the sections that differ; -update=diff shows what it would change")
	paths, err := parse(s, args)
	if err != nil {
		return err
	}
	if len(paths) == 0 {
		return usagef("test: got no archive or directory")
	}
	for _, path := range paths {
		if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
			return usagef("there is no archive or directory %s", path)
		}
	}
	failed, err := golden.Run(a.ctx, runIn, mode, a.out, paths...)
	if err != nil {
		return err
	}
	if failed > 0 {
		fmt.Fprintf(a.err, "interp: %d failed\n", failed)
		return errReported
	}
	return nil
}

// runIn is a call of the program in a directory. The directory is the process's for that time, so calls
// do not overlap.
func runIn(ctx context.Context, args []string, dir string, stdout, stderr io.Writer) int {
	back, err := os.Getwd()
	if err == nil {
		err = os.Chdir(dir)
	}
	if err != nil {
		fmt.Fprintln(stderr, "interp:", err)
		return exitFailed
	}
	defer os.Chdir(back)
	call := &app{ctx: ctx, in: strings.NewReader(""), out: stdout, err: stderr}
	return call.main(args)
}
