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
		{"run", "FILE", "run a script; without run: interp FILE", (*app).runCommand},
		{"check", "[-json] [-shapes] FILE", "names, shapes, causality: all errors, without weights", (*app).checkCommand},
		{"explain", "FILE", "what a script costs: states, FLOPs, passes, memory", (*app).explainCommand},
		{"fmt", "[-w] FILE...", "the canonical layout of scripts", (*app).fmtCommand},
		{"test", "[-update[=diff]] PATH...", "golden archives: what scripts print, save and complain of", (*app).testCommand},
		{"models", "", "the models that are here", (*app).modelsCommand},
		{"pull", "NAME", "fetch a model from a Hugging Face hub", (*app).pullCommand},
		{"sites", "[-model NAME]", "the activations that scripts read and set", (*app).sitesCommand},
		{"help", "[TOPIC]", "a command, a function of the library, an error's code", (*app).helpCommand},
		{"version", "", "the version", (*app).versionCommand},
	}
}

// app is one call of the program.
type app struct {
	ctx      context.Context
	in       io.Reader
	out, err io.Writer
}

// usageError is a call that makes no sense.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

func usagef(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...)} }

// errReported is a failure whose text was written.
var errReported = errors.New("failed")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends at once
	a := &app{ctx: ctx, in: os.Stdin, out: os.Stdout, err: os.Stderr}
	status := a.main(os.Args[1:])
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
	case errors.Is(err, errReported):
		return exitFailed
	case errors.As(err, &usage):
		fmt.Fprintln(a.err, "interp:", usage.text)
		fmt.Fprintln(a.err, "interp help lists commands and options")
		return exitUsage
	}
	fmt.Fprintln(a.err, "interp:", err)
	return exitFailed
}

// dispatch finds the command: the first argument, where it is one's name.
func (a *app) dispatch(args []string) error {
	if len(args) == 0 {
		return a.repl(args)
	}
	switch args[0] {
	case "-h", "-help", "--help":
		return a.helpCommand(args[1:])
	case "-version", "--version":
		return a.versionCommand(nil)
	}
	list := commands()
	if i := slices.IndexFunc(list, func(c command) bool { return c.name == args[0] }); i >= 0 {
		return list[i].run(a, args[1:])
	}
	return a.runCommand(args)
}
