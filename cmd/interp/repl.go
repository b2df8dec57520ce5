package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"interp"
	"interp/grammar"
	"interp/internal/draw"
)

// repl is a session: entries are read, run and shown until the input ends.
//
// At a terminal lines are edited, prompts shown, and Ctrl-C cancels the entry or what it computes.
// Otherwise the entries of the input are run one after the other without prompts; the exit status
// then says whether all of them went well.
type repl struct {
	*app
	flags    *runFlags
	session  *interp.Session
	bar      *progress
	lines    lines
	terminal bool
	skipped  string // lines since the last entry, as blank ones: lines are counted through the session
	last     string // the entry before, for :check and :explain
	picture  *draw.Picture
	failed   bool
	quit     bool
}

const (
	prompt     = "> "
	promptMore = ". "
)

// replFor runs a session with the options of the call.
func (a *app) replFor(f *runFlags) error {
	if f.dump != "" {
		return usagef("-dump wants a script: interp -dump %s FILE", f.dump)
	}
	o, err := f.options(a.ctx)
	if err != nil {
		return err
	}
	stop, err := a.profile(f.profile)
	if err != nil {
		return err
	}
	defer stop()
	r := &repl{app: a, flags: f, bar: newProgress(a.err, f.quiet)}
	a.output(&o, r.bar, f.quiet)
	if r.session, err = interp.NewSession(o); err != nil {
		return err
	}
	r.lines, r.terminal = a.openLines(r.complete)
	defer r.lines.Close()
	if r.terminal && !f.quiet {
		m := r.session.Model()
		fmt.Fprintf(a.err, "interp %s, model %s: %s\n:help explains, Ctrl-D ends\n", interp.Version(), m.Name(), m.Summary())
	}
	if err := r.loop(); err != nil {
		return err
	}
	return r.end()
}

// loop reads and runs entries until the input ends.
func (r *repl) loop() error {
	for !r.quit {
		entry, err := r.read()
		switch {
		case errors.Is(err, io.EOF):
			return r.ctx.Err() // the end of the input, or of the process
		case errors.Is(err, errInterrupt) && r.terminal:
			continue
		case errors.Is(err, errInterrupt):
			return context.Canceled
		case err != nil:
			return err
		}
		if err := r.do(entry); err != nil {
			return err
		}
	}
	return nil
}

// read gives the next entry: lines up to one that ends it.
func (r *repl) read() (string, error) {
	text, shown := "", prompt
	for {
		line, err := r.lines.Line(shown)
		if errors.Is(err, io.EOF) && text != "" {
			return text, nil // what is missing is reported; the end comes again
		} else if err != nil {
			return "", err
		}
		text += line + "\n"
		if goesOn(line) || incomplete(text) || r.elseFollows(text) {
			shown = promptMore
			continue
		}
		return text, nil
	}
}

// incomplete says that an entry, or the entry behind a command, wants more lines.
func incomplete(text string) bool {
	line, command := strings.CutPrefix(strings.TrimSpace(text), ":")
	if !command {
		return grammar.Incomplete(text)
	}
	name, entry, _ := strings.Cut(line, " ")
	return name != "" && (strings.HasPrefix("check", name) || strings.HasPrefix("explain", name)) && grammar.Incomplete(entry)
}

// goesOn says of a line, without reading all before it again, that it ends no entry.
func goesOn(line string) bool {
	line = strings.TrimRight(line, " \t\r")
	return line != "" && strings.ContainsRune(",([{", rune(line[len(line)-1])) && !strings.ContainsAny(line, "#\"'")
}

// elseFollows says that the next line of a script that is piped in continues an if.
func (r *repl) elseFollows(text string) bool {
	p, ok := r.lines.(*plainLines)
	return ok && !p.prompts() && strings.HasPrefix(strings.TrimSpace(text), "if") && strings.HasSuffix(strings.TrimSpace(text), "}") && p.next("else")
}

// aliases are what people type to leave or to be helped, where no variable has that name.
var aliases = map[string]string{"quit": ":quit", "quit()": ":quit", "exit": ":quit", "exit()": ":quit", "help": ":help", "help()": ":help"}

// do runs an entry or a command. An error ends the session; what is wrong with the entry is reported.
func (r *repl) do(entry string) error {
	text := strings.TrimSpace(entry)
	if text == "" {
		r.skip(entry)
		return nil
	}
	r.lines.Remember(text)
	if c, ok := aliases[text]; ok && !slices.Contains(r.session.Names(), strings.TrimSuffix(text, "()")) {
		text = c
	}
	select {
	case <-r.interrupts: // pressed too late for the entry before
	default:
	}
	var err error
	if rest, ok := strings.CutPrefix(text, ":"); ok {
		r.skip(entry)
		err = r.command(rest)
	} else {
		err = r.exec(entry)
	}
	r.bar.clear()
	switch {
	case err == nil:
		return nil
	case r.ctx.Err() != nil:
		return r.ctx.Err()
	case closedPipe(err):
		return err
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(r.err, "interrupted: the session is as before the entry")
		if !r.terminal {
			return err
		}
		return nil
	}
	r.failed = true
	if err := r.app.failed(err); !errors.Is(err, errReported) {
		fmt.Fprintln(r.err, "error:", err)
	}
	return nil
}

// skip keeps the count of lines over what is no entry.
func (r *repl) skip(entry string) { r.skipped += strings.Repeat("\n", strings.Count(entry, "\n")) }

// source is an entry as the session takes it, and the name under which findings quote it.
func (r *repl) source(entry string) (name, src string) {
	src, r.skipped = r.skipped+entry, ""
	if r.terminal {
		return "session", src
	}
	return "stdin", src
}

// exec runs an entry.
func (r *repl) exec(entry string) error {
	ctx, stop := r.untilInterrupt()
	defer stop()
	r.last = entry
	name, src := r.source(entry)
	res, err := r.session.Exec(ctx, name, src)
	if res != nil && len(res.Pictures) > 0 {
		r.picture = &res.Pictures[len(res.Pictures)-1]
	}
	return err
}

// end writes the files of -o and -stats.
func (r *repl) end() error {
	if len(r.flags.outputs) > 0 || r.flags.stats != "" {
		ctx, stop := r.untilInterrupt()
		defer stop()
		res, err := r.session.Results(ctx)
		if werr := r.files(res, r.flags, err == nil); err == nil {
			err = werr
		}
		if err != nil {
			return err
		}
	}
	if r.failed && !r.terminal {
		return errReported
	}
	return nil
}
