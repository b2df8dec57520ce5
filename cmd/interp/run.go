package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/pprof"
	"slices"
	"strings"

	"interp"
	"interp/compiler"
	"interp/internal/diag"
)

const mostScript = 16 << 20 // bytes

// script reads the script of a call: -c, a file, or - for the standard input.
func (a *app) script(f *runFlags, rest []string) (name, src string, err error) {
	switch {
	case f.code != nil && len(rest) > 0:
		return "", "", usagef("got -c and the file %s, want one of them", rest[0])
	case f.code != nil:
		return "-c", *f.code, nil
	case len(rest) == 0:
		return "", "", usagef("%s: got no script, want a FILE or -c TEXT", f.set.Name())
	case len(rest) > 1:
		if _, err := os.Stat(rest[0]); errors.Is(err, os.ErrNotExist) { // most likely a command's name
			return "", "", noFile(rest[0])
		}
		return "", "", usagef("got %d scripts, %s, want one", len(rest), strings.Join(rest, " "))
	}
	return a.read(rest[0])
}

// read reads a script's file.
func (a *app) read(path string) (name, src string, err error) {
	src, err = await(a.ctx, func() (string, error) { return readScript(path, a.in) })
	return path, src, err
}

func readScript(path string, in io.Reader) (string, error) {
	if path != "-" {
		file, err := os.Open(path)
		if errors.Is(err, os.ErrNotExist) {
			return "", noFile(path)
		} else if err != nil {
			return "", err
		}
		defer file.Close()
		if st, err := file.Stat(); err == nil && st.IsDir() {
			return "", usagef("%s is a directory, want a script", path)
		}
		in = file
	}
	data, err := io.ReadAll(io.LimitReader(in, mostScript+1))
	if err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	return string(data), nil
}

// await reads what may have to be waited for, a terminal or a pipe, until Ctrl-C: a read that began cannot
// be taken back, so it is left alone.
func await[T any](ctx context.Context, read func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		v, err := read()
		done <- result{v, err}
	}()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}

// noFile says that there is no script of that name, and what may have been meant.
func noFile(path string) error {
	var names []string
	for _, c := range commands() {
		names = append(names, c.name)
	}
	if near := besides(path); near != "" {
		return usagef("there is no file %s; did you mean %s?", path, near)
	}
	switch near := compiler.Suggest(path, names); {
	case strings.ContainsAny(path, "./\\"):
		return usagef("there is no file %s", path)
	case near != "":
		return usagef("there is no file or command %s; did you mean interp %s?", path, near)
	}
	return usagef("there is no file or command %s", path)
}

// besides is the script in the same directory whose name is nearest.
func besides(path string) string {
	var names []string
	found, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*.patch"))
	for _, f := range found {
		names = append(names, filepath.Base(f))
	}
	name := filepath.Base(path)
	if near := name + ".patch"; slices.Contains(names, near) {
		return filepath.Join(filepath.Dir(path), near)
	}
	if near := compiler.Suggest(name, names); near != "" {
		return filepath.Join(filepath.Dir(path), near)
	}
	return ""
}

// failed reports an error of a script where it was made, and passes others.
func (a *app) failed(err error) error {
	var e *interp.ScriptError
	if !errors.As(err, &e) || closedPipe(err) {
		return err
	}
	if rerr := e.Render(a.err, colors(a.err)); rerr != nil {
		return rerr
	}
	a.more(e.Findings)
	return errReported
}

// more tells a person at a terminal where the first error is explained.
func (a *app) more(found diag.List) {
	i := slices.IndexFunc(found, func(d diag.Diag) bool { return d.Sev == diag.Error })
	if i >= 0 && isTerminal(a.err) {
		fmt.Fprintf(a.err, "more: interp help %s\n", found[i].Code)
	}
}

// wanted leaves out of an error the warnings that stand beside it, if there are to be none, and those of
// saves that nothing reads, where a file of results does.
func wanted(err error, quiet bool, o interp.Options) error {
	var e *interp.ScriptError
	if errors.As(err, &e) {
		e.Findings = slices.DeleteFunc(e.Findings, func(d diag.Diag) bool {
			return quiet && d.Sev == diag.Warning || o.Saves == interp.AllSaves && d.Code == "W0202"
		})
	}
	return err
}

// runCommand runs a script.
func (a *app) runCommand(args []string) error {
	f := newRunFlags("run")
	rest, err := parse(f.set, args)
	if err != nil {
		return err
	}
	return a.runScript(f, rest)
}

// program compiles the script that the rest of a call names.
func (a *app) program(f *runFlags, rest []string) (*interp.Program, interp.Options, error) {
	name, src, err := a.script(f, rest)
	if err != nil {
		return nil, interp.Options{}, err
	}
	o, err := f.options(a.ctx)
	if err != nil {
		return nil, o, err
	}
	p, err := interp.Compile(name, src)
	if err != nil {
		return nil, o, a.failed(wanted(err, f.quiet, o))
	}
	if err := p.CheckInputs(o.Inputs); err != nil {
		return nil, o, usagef("%v", err)
	}
	return p, o, nil
}

// runScript runs the script that the rest of a call names, or prints the stage of it that -dump asks for.
func (a *app) runScript(f *runFlags, rest []string) error {
	if err := checkDump(f.dump); err != nil {
		return err
	}
	if f.dump == "ast" { // what parses has a tree
		name, src, err := a.script(f, rest)
		if err != nil {
			return err
		}
		return a.failed(interp.Tree(a.out, name, src))
	}
	p, o, err := a.program(f, rest)
	if err != nil {
		return err
	}
	if f.dump != "" {
		return a.failed(a.dump(p, f.dump, o))
	}
	stop, err := a.profile(f.profile)
	if err != nil {
		return err
	}
	defer stop()
	return a.run(p, f, o)
}

// output sends what a run puts out to the streams of the call.
func (a *app) output(o *interp.Options, bar *progress, quiet bool) {
	o.Out, o.Screen, o.Progress = bar.before(a.out), screen(a.out), bar.show
	if !quiet {
		o.Warn = func(text string) {
			bar.clear()
			io.WriteString(a.err, text)
		}
	}
}

// run runs a program and writes its files: after an error too, with what was complete.
func (a *app) run(p *interp.Program, f *runFlags, o interp.Options) error {
	bar := newProgress(a.err, f.quiet)
	a.output(&o, bar, f.quiet)
	res, err := p.Run(a.ctx, o)
	bar.clear()
	err = a.failed(wanted(err, f.quiet, o))
	if res == nil {
		return err
	}
	werr := a.files(res, f, err == nil)
	if err == nil {
		return werr
	}
	if werr != nil {
		fmt.Fprintln(a.err, "interp:", werr)
	}
	return err
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

// profile starts a profile of the processor. It is written as it is made: an end by force leaves a part.
func (a *app) profile(path string) (stop func(), err error) {
	if path == "" {
		return func() {}, nil
	}
	file, err := os.Create(path)
	if err != nil {
		return nil, fmt.Errorf("-cpuprofile: %w", err)
	}
	if err := pprof.StartCPUProfile(file); err != nil {
		file.Close()
		return nil, err
	}
	return func() {
		pprof.StopCPUProfile()
		if err := file.Close(); err != nil {
			fmt.Fprintln(a.err, "interp: -cpuprofile:", err)
		}
	}, nil
}
