package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"interp"
	"interp/internal/results"
	"interp/nnrt/arch"
)

// checkCommand finds what is wrong with a script.
func (a *app) checkCommand(args []string) error {
	f := newRunFlags("check")
	asJSON := f.set.Bool("json", false, "\tthe findings as JSON")
	shapes := f.set.Bool("shapes", false, "\twhat each line makes, with its shape")
	rest, err := parse(f.set, args)
	if err != nil {
		return err
	}
	name, src, err := a.script(f, rest)
	if err != nil {
		return err
	}
	o, err := f.options(a.ctx)
	if err != nil {
		return err
	}
	if p, err := interp.Compile(name, src); err == nil {
		if err := p.CheckInputs(o.Inputs); err != nil {
			return usagef("%v", err)
		}
	}
	r, err := interp.CheckScript(a.ctx, name, src, o)
	if err != nil {
		return err
	}
	if *shapes {
		for _, s := range r.Shapes {
			if _, err := fmt.Fprintf(a.out, "%s:%d: %s %s\n", name, r.Line(s.At), s.Name, s.Text); err != nil {
				return err
			}
		}
	}
	if *asJSON {
		err = r.JSON(a.out)
	} else {
		err = r.Text(a.err, colors(a.err))
	}
	if err != nil {
		return err
	}
	if r.Err() != nil {
		return errReported
	}
	return nil
}

// explainCommand says what a script costs.
func (a *app) explainCommand(args []string) error {
	f := newRunFlags("explain")
	rest, err := parse(f.set, args)
	if err != nil {
		return err
	}
	p, o, err := a.program(f, rest)
	if err != nil {
		return err
	}
	e, err := p.Explain(a.ctx, o, nil)
	if err != nil {
		return a.failed(err)
	}
	return e.Print(a.out)
}

// fmtCommand lays scripts out.
func (a *app) fmtCommand(args []string) error {
	s := newFlags("fmt")
	write := s.Bool("w", false, "\twrite the files in place")
	rest, err := parse(s, args)
	if err != nil {
		return err
	}
	if len(rest) == 0 {
		return usagef("fmt: got no file")
	}
	for _, path := range rest {
		name, src, err := a.read(path)
		if err != nil {
			return err
		}
		text, err := interp.Format(name, src)
		if err != nil {
			return a.failed(err)
		}
		switch {
		case !*write:
			_, err = io.WriteString(a.out, text)
		case path == "-":
			err = usagef("fmt: -w with the standard input")
		case text != src:
			err = results.WriteFile(path, func(w io.Writer) error { _, err := io.WriteString(w, text); return err })
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// modelsCommand lists models.
func (a *app) modelsCommand(args []string) error {
	s := newFlags("models")
	rest, err := parse(s, args)
	if err == nil {
		err = noArgs(s, rest)
	}
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(a.out, 0, 4, 2, ' ', 0)
	for _, m := range interp.Models() {
		if m.Err != nil {
			fmt.Fprintf(w, "%s\tcannot be opened: %v\n", m.Name, m.Err)
			continue
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", m.Name, m.Summary, m.From)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(a.out, "others: a folder with config.json and model.safetensors; interp pull NAME fetches to %s\n", interp.CacheDir())
	return nil
}

// sitesCommand lists a model's sites.
func (a *app) sitesCommand(args []string) error {
	s := newFlags("sites")
	name := s.String("model", interp.DefaultModel, "NAME|FOLDER\tthe model; "+interp.DefaultModel+" otherwise")
	rest, err := parse(s, args)
	if err == nil {
		err = noArgs(s, rest)
	}
	if err != nil {
		return err
	}
	m, err := interp.OpenModel(*name)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(a.out, "%s: %s\n\n", m.Name(), m.Summary()); err != nil {
		return err
	}
	return siteTable(a.out, m.Runtime().Arch().Sites)
}

// siteTable lists sites with their axes and names.
func siteTable(out io.Writer, sites []*arch.Site) error {
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintf(w, "site\taxes\tother names\n")
	for _, site := range sites {
		names := siteNames(site)
		fmt.Fprintf(w, "%s\t%s\t%s\n", names[0], siteAxes(site), strings.Join(names[1:], ", "))
	}
	return w.Flush()
}

// siteNames are a site's names: short, hook names, module paths.
func siteNames(s *arch.Site) []string {
	return append(append([]string{s.Name}, s.TL...), s.HF...)
}

// versionCommand prints the version.
func (a *app) versionCommand(args []string) error {
	s := newFlags("version")
	rest, err := parse(s, args)
	if err == nil {
		err = noArgs(s, rest)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(a.out, "interp", interp.Version())
	return err
}

// siteAxes are a site's axes with the model's sizes.
func siteAxes(s *arch.Site) string {
	parts := append([]string{}, s.Lead...)
	for _, x := range s.Axes {
		parts = append(parts, fmt.Sprintf("%s=%d", x.Name, x.Size))
	}
	return "[" + strings.Join(parts, " ") + "]"
}
