// Command interp runs scripts that intervene on transformer language models.
//
//	interp ioi.patch            run a script
//	interp                      the REPL
//	interp help                 everything else
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"
)

// Exit statuses.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitInterrupted = 130
)

// command is one subcommand.
type command struct {
	name, args, doc string
	run             func(a *app, args []string) error
}

// commands lists the subcommands in the order of help.
func commands() []command {
	return []command{
		{"run", "FILE", "run a script; the same as: interp FILE", (*app).runCommand},
		{"check", "[-json] [-shapes] FILE", "names, shapes, causality: all errors, without weights", (*app).checkCommand},
		{"explain", "FILE", "what a script costs: states, FLOPs, passes, memory", (*app).explainCommand},
		{"fmt", "[-w] FILE...", "the canonical layout of scripts", (*app).fmtCommand},
		{"test", "[-update[=diff]] PATH...", "golden archives: what scripts print, save and complain of", (*app).testCommand},
		{"models", "", "the models that are here", (*app).modelsCommand},
		{"pull", "NAME", "fetch a model from a Hugging Face hub", (*app).pullCommand},
		{"sites", "[-model NAME]", "the activations that scripts read and set", (*app).sitesCommand},
		{"help", "[TOPIC]", "a command, a statement, a function of the library, an error's code", (*app).helpCommand},
		{"version", "", "the version", (*app).versionCommand},
	}
}

// app is one call of the program.
type app struct {
	ctx        context.Context
	in         io.Reader
	out, err   io.Writer
	interrupts <-chan os.Signal // Ctrl-C; nil: none comes
}

// untilInterrupt is a context that the next Ctrl-C cancels. Only one is open at a time.
func (a *app) untilInterrupt() (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancel(a.ctx)
	go func() {
		select {
		case <-a.interrupts:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

// usageError is a call that makes no sense.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

func usagef(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...)} }

// errReported is a failure whose text was written.
var errReported = errors.New("failed")

func main() {
	signal.Ignore(syscall.SIGPIPE) // a closed pipe is an error of the write: files of -o are whole or not there
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt)
	a := &app{ctx: ctx, in: os.Stdin, out: os.Stdout, err: os.Stderr, interrupts: interrupts}
	status := a.main(os.Args[1:])
	stop()
	os.Exit(status)
}

// main runs a call and gives its exit status.
func (a *app) main(args []string) int {
	err := a.dispatch(args)
	var usage *usageError
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, context.Canceled) || a.ctx.Err() != nil:
		fmt.Fprintln(a.err, "interrupted")
		return exitInterrupted
	case errors.Is(err, errReported), closedPipe(err):
		return exitFailed
	case errors.As(err, &usage):
		fmt.Fprintln(a.err, "interp:", usage.text)
		fmt.Fprintln(a.err, "interp help lists commands and options")
		return exitUsage
	}
	fmt.Fprintln(a.err, "interp:", err)
	return exitFailed
}

// closedPipe says that nobody reads the output any more, as with interp x.patch | head: no reason to
// complain.
func closedPipe(err error) bool { return errors.Is(err, syscall.EPIPE) }

// dispatch finds the command: the first argument that is no option, where it is one's name. Anything else
// is a script to run, or, without a script, a session.
func (a *app) dispatch(args []string) error {
	list := commands()
	if len(args) > 0 {
		switch args[0] {
		case "-version", "--version":
			args = []string{"version"}
		case "-h", "-help", "--help":
			args[0] = "help"
		}
	}
	if at := firstWord(args); at < len(args) {
		if i := slices.IndexFunc(list, func(c command) bool { return c.name == args[at] }); i >= 0 {
			args = slices.Concat(args[:at], args[at+1:])
			return a.helped(list[i].name, a.interruptible(func() error { return list[i].run(a, args) }))
		}
	}
	f := newRunFlags("run")
	rest, err := parse(f.set, args)
	switch {
	case err != nil:
		return a.helped("run", err)
	case len(rest) == 0 && f.code == nil:
		return a.replFor(f)
	}
	return a.interruptible(func() error { return a.runScript(f, rest) })
}

// helped gives the help of a command that was asked for it.
func (a *app) helped(command string, err error) error {
	if errors.Is(err, errHelp) {
		return a.helpCommand([]string{command})
	}
	return err
}

// interruptible runs a command until Ctrl-C. A second one ends the program at once.
func (a *app) interruptible(run func() error) error {
	ctx, stop := a.untilInterrupt()
	defer stop()
	outer := a.ctx
	a.ctx = ctx
	defer func() { a.ctx = outer }()
	if a.interrupts != nil {
		context.AfterFunc(ctx, func() { signal.Reset(os.Interrupt) })
	}
	return run()
}
