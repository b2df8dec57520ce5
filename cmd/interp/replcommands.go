package main

import (
	"fmt"
	"path/filepath"
	"strings"

	"interp"
	"interp/compiler"
	"interp/internal/draw"
)

// replCommand is a command of the session: a line that begins with a colon.
type replCommand struct {
	name, args, doc string
	run             func(r *repl, arg string) error
}

// replCommands lists them in the order of help.
func replCommands() []replCommand {
	return []replCommand{
		{"help", "[TOPIC]", "this, or a statement, a function, an error's code", (*repl).help},
		{"check", "[ENTRY]", "what is wrong with an entry and what it makes, without running it; of the last one without ENTRY", (*repl).check},
		{"explain", "[ENTRY]", "what an entry would cost: states, FLOPs, passes", (*repl).explain},
		{"model", "[NAME]", "the model, or another: a name or a folder", (*repl).model},
		{"save", "FILE", "all saves as .json or .npz; the last picture as .png or .svg, all of them as .html", (*repl).save},
		{"quit", "", "the end, as Ctrl-D", func(r *repl, _ string) error { r.quit = true; return nil }},
	}
}

// command runs the command that a line asks for; the beginning of its name will do.
func (r *repl) command(line string) error {
	name, arg, _ := strings.Cut(line, " ")
	var names []string
	for _, c := range replCommands() {
		if name != "" && strings.HasPrefix(c.name, name) {
			return c.run(r, strings.TrimSpace(arg))
		}
		names = append(names, c.name)
	}
	if near := compiler.Suggest(name, names); near != "" {
		return fmt.Errorf("there is no command :%s; did you mean :%s?", name, near)
	}
	return fmt.Errorf("there is no command :%s; there are :%s", name, strings.Join(names, ", :"))
}

// help explains a topic, or the session.
func (r *repl) help(topic string) error {
	if topic != "" {
		return r.helpTopic(topic)
	}
	return r.helpTopic("session")
}

// entryOf is the entry that a command speaks of.
func (r *repl) entryOf(arg string) (name, src string, err error) {
	if arg == "" {
		arg = r.last
	}
	if arg == "" {
		return "", "", fmt.Errorf("there is no entry yet: write one behind the command")
	}
	name, src = r.source(arg)
	return name, src, nil
}

func (r *repl) check(arg string) error {
	name, src, err := r.entryOf(arg)
	if err != nil {
		return err
	}
	ctx, stop := r.untilInterrupt()
	defer stop()
	report, err := r.session.Check(ctx, name, src)
	if err != nil {
		return err
	}
	for _, s := range report.Shapes {
		fmt.Fprintf(r.out, "%s %s\n", s.Name, s.Text)
	}
	if err := report.Text(r.err, colors(r.err)); err != nil {
		return err
	}
	if report.Err() != nil {
		return errReported
	}
	if len(report.Findings) == 0 {
		fmt.Fprintln(r.err, "nothing wrong was found")
	}
	return nil
}

func (r *repl) explain(arg string) error {
	name, src, err := r.entryOf(arg)
	if err != nil {
		return err
	}
	ctx, stop := r.untilInterrupt()
	defer stop()
	e, err := r.session.Explain(ctx, name, src)
	if err != nil {
		return err
	}
	return e.Print(r.out)
}

func (r *repl) model(name string) error {
	if name != "" {
		if err := r.session.UseModel(name); err != nil {
			return err
		}
	}
	m := r.session.Model()
	_, err := fmt.Fprintf(r.out, "%s: %s\n", m.Name(), m.Summary())
	return err
}

func (r *repl) save(path string) error {
	if path == "" {
		return fmt.Errorf("want a file: :save results.json")
	}
	if err := interp.CheckPath(path); err != nil {
		return err
	}
	ctx, stop := r.untilInterrupt()
	defer stop()
	res, err := r.session.Results(ctx)
	if err != nil {
		return err
	}
	if isPicture(path) && !strings.EqualFold(filepath.Ext(path), ".html") && r.picture != nil {
		res.Pictures = []draw.Picture{*r.picture}
	}
	if err := res.Write(path); err != nil {
		return err
	}
	_, err = fmt.Fprintln(r.err, "written:", path)
	return err
}
