package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/pprof"

	"interp"
	"interp/internal/results"
)

const mostScript = 16 << 20 // bytes

// script reads the script of a call: -c, a file, or - for the standard input.
func (a *app) script(f *runFlags, rest []string) (name, src string, err error) {
	switch {
	case f.code != "" && len(rest) > 0:
		return "", "", usagef("got -c and the file %s, want one of them", rest[0])
	case f.code != "":
		return "-c", f.code, nil
	case len(rest) != 1:
		return "", "", usagef("%s: got %d files, want one", f.set.Name(), len(rest))
	}
	return a.read(rest[0])
}

// read reads a script's file.
func (a *app) read(path string) (name, src string, err error) {
	var r io.Reader = a.in
	if path != "-" {
		file, err := os.Open(path)
		if errors.Is(err, os.ErrNotExist) {
			return "", "", usagef("there is no file or command %s", path)
		} else if err != nil {
			return "", "", err
		}
		defer file.Close()
		if st, err := file.Stat(); err == nil && st.IsDir() {
			return "", "", usagef("%s is a directory, want a script", path)
		}
		r = file
	}
	data, err := io.ReadAll(io.LimitReader(r, mostScript+1))
	if err != nil {
		return "", "", fmt.Errorf("%s: %w", path, err)
	}
	return path, string(data), nil
}

// failed reports an error of a script where it was made, and passes others.
func (a *app) failed(err error) error {
	var e *interp.ScriptError
	if !errors.As(err, &e) {
		return err
	}
	if rerr := e.Render(a.err, colors(a.err)); rerr != nil {
		return rerr
	}
	return errReported
}

// runCommand runs a script.
func (a *app) runCommand(args []string) error {
	f := newRunFlags("run")
	rest, err := parse(f.set, args)
	if errors.Is(err, errHelp) {
		return a.helpCommand([]string{"run"})
	} else if err != nil {
		return err
	}
	if err := checkDump(f.dump); err != nil {
		return err
	}
	if len(rest) == 0 && f.code == "" {
		return a.repl(args)
	}
	o, err := f.options()
	if err != nil {
		return err
	}
	name, src, err := a.script(f, rest)
	if err != nil {
		return err
	}
	p, err := interp.Compile(name, src)
	if err != nil {
		return a.failed(err)
	}
	if f.dump != "" {
		return a.failed(a.dump(p, f.dump, o))
	}
	stop, err := profile(f.profile)
	if err != nil {
		return err
	}
	defer stop()
	return a.run(p, f, o)
}

// run runs a program and writes its files: after an error too, with what was complete.
func (a *app) run(p *interp.Program, f *runFlags, o interp.Options) error {
	o.Out, o.Screen = a.out, screen(a.out)
	bar := newProgress(a.err, f.quiet)
	if !f.quiet {
		o.Warn = func(text string) {
			bar.clear()
			io.WriteString(a.err, text)
		}
	}
	o.Out = bar.before(a.out)
	o.Progress = bar.show
	res, err := p.Run(a.ctx, o)
	bar.clear()
	if res != nil {
		if werr := a.files(res, f, err == nil); werr != nil && (err == nil || !errors.Is(err, context.Canceled)) {
			if err != nil {
				a.failed(err)
			}
			return werr
		}
	}
	return a.failed(err)
}

// files writes the files of -o and -stats. Pictures are written only of a script that drew some.
func (a *app) files(res *interp.Results, f *runFlags, whole bool) error {
	var first error
	for _, path := range f.outputs {
		if !whole && len(res.Pictures) == 0 && isPicture(path) {
			continue
		}
		if err := res.Write(path); err != nil && first == nil {
			first = err
		}
	}
	if f.stats != "" && whole {
		if err := res.Stats.Write(f.stats); err != nil && first == nil {
			first = err
		}
	}
	return first
}

// dump prints a stage of a script.
func (a *app) dump(p *interp.Program, stage string, o interp.Options) error {
	switch stage {
	case "ast":
		return p.Tree(a.out)
	case "ir":
		_, err := io.WriteString(a.out, p.IR())
		return err
	case "graph":
		text, err := p.Graph(a.ctx, o)
		if err == nil {
			_, err = io.WriteString(a.out, text)
		}
		return err
	}
	_, err := p.Explain(a.ctx, o, a.out)
	return err
}

// profile starts a profile of the processor.
func profile(path string) (stop func(), err error) {
	if path == "" {
		return func() {}, nil
	}
	pr, pw := io.Pipe()
	done := make(chan error, 1)
	go func() {
		done <- results.WriteFile(path, func(w io.Writer) error { _, err := io.Copy(w, pr); return err })
	}()
	if err := pprof.StartCPUProfile(pw); err != nil {
		return nil, err
	}
	return func() {
		pprof.StopCPUProfile()
		pw.Close()
		if err := <-done; err != nil {
			fmt.Fprintln(os.Stderr, "interp:", err)
		}
	}, nil
}
