package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"interp/compiler"
	"interp/docs"
	"interp/internal/diag"
	"interp/stdlib"
)

// helpCommand prints the overview or a topic.
func (a *app) helpCommand(args []string) error {
	if len(args) == 1 && (args[0] == "-h" || args[0] == "-help" || args[0] == "--help") {
		args = []string{"help"}
	}
	if len(args) == 0 {
		return a.overview()
	}
	return a.helpTopic(strings.Join(args, " "))
}

// overview lists commands, options and topics.
func (a *app) overview() error {
	p := &page{w: a.out}
	p.printf(`interp runs scripts that read and change the activations of transformer language models.

  interp FILE.patch       run a script; - is the standard input
  interp                  a session: type statements, see values
  interp -c 'print n_layers'

commands
`)
	for _, c := range commands() {
		p.printf("  %-31s %s\n", strings.TrimSpace(c.name+" "+c.args), c.doc)
	}
	p.printf("\noptions of run, check, explain and the session: -x or --x, anywhere on the line\n")
	p.flags(newRunFlags("").set)
	p.printf(`
topics of interp help
  a command               interp help check
  a statement             interp help invoke      all: interp help statements
  a function              interp help softmax     all: interp help functions
  a site                  interp help hook_z      all: interp sites
  an error's code         interp help E0301       all: interp help errors

Results go to the standard output, everything else to the standard error.
Exit status: 0 done, 1 the script failed, 2 bad usage, 130 interrupted.
Environment: HF_HOME, HF_HUB_CACHE, HF_ENDPOINT, HF_TOKEN for models, NO_COLOR, COLUMNS.
`)
	return p.err
}

// helpTopic prints a topic, or says what was meant.
func (a *app) helpTopic(topic string) error {
	p := &page{w: a.out}
	if p.topic(topic) {
		return p.err
	}
	if near := compiler.Suggest(topic, topics()); near != "" {
		return usagef("there is no help on %s; did you mean %s?", topic, near)
	}
	return usagef("there is no help on %s; there is on commands, statements, functions, sites and errors", topic)
}

// topics lists what helpTopic knows, codes of errors apart.
func topics() []string {
	out := []string{"commands", "statements", "functions", "errors", "session"}
	for _, c := range commands() {
		out = append(out, c.name)
	}
	for _, s := range statements {
		out = append(out, s.name)
	}
	for _, r := range stdlib.Rows() {
		out = append(out, r.Name, strings.ToLower(r.Group))
	}
	return out
}

// page writes a page; after an error nothing more.
type page struct {
	w   io.Writer
	err error
}

func (p *page) printf(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format, args...)
	}
}

// topic prints a topic and says whether there is one of that name. A name of several gets all.
func (p *page) topic(name string) bool {
	lower := strings.ToLower(name)
	switch lower {
	case "commands", "options":
		p.err = (&app{out: p.w}).overview()
		return true
	case "statements", "language":
		p.statements()
		return true
	case "functions", "library":
		p.library()
		return true
	case "errors":
		p.codes()
		return true
	case "session", "repl":
		p.session()
		return true
	}
	if text, ok := docs.Page(name); ok {
		p.printf("%s", wrapPage(text))
		return true
	}
	if title := diag.Title(strings.ToUpper(name)); title != "" {
		p.printf("%s: %s\n", strings.ToUpper(name), title)
		return true
	}
	parts := parts(p, name)
	for i, part := range parts {
		if i > 0 {
			p.printf("\n")
		}
		part()
	}
	return len(parts) > 0
}

// codes lists the codes of errors.
func (p *page) codes() {
	for _, c := range diag.Codes {
		p.printf("%s  %s\n", c.ID, c.Title)
	}
	p.printf("\ninterp help CODE prints the page of one\n")
}

func (p *page) statements() {
	w := tabwriter.NewWriter(p.w, 0, 4, 2, ' ', 0)
	for _, s := range statements {
		fmt.Fprintf(w, "%s\t%s\n", s.name, s.form)
	}
	p.err = w.Flush()
	p.printf("\ninterp help NAME explains one\n")
}

func (p *page) statement(s statement) {
	p.printf("%s\n\n%s\n\nexample\n%s", s.form, wrap(s.doc), indent(s.example))
}

// indent sets a text off.
func indent(text string) string {
	return "    " + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n    ") + "\n"
}

const width = 90 // of text

// wrap breaks a paragraph into lines.
func wrap(text string) string {
	var b strings.Builder
	n := 0
	for i, word := range strings.Fields(text) {
		switch {
		case i > 0 && n+1+len(word) > width:
			b.WriteByte('\n')
			n = 0
		case i > 0:
			b.WriteByte(' ')
			n++
		}
		b.WriteString(word)
		n += len(word)
	}
	return b.String()
}

// wrapPage wraps the paragraphs and lists of a page, and leaves its code and tables alone.
func wrapPage(text string) string {
	var b strings.Builder
	code := false
	for line := range strings.Lines(text) {
		fence := strings.HasPrefix(line, "```")
		if fence {
			code = !code
		}
		if !code && !fence && !strings.HasPrefix(line, "|") && len(line) > width {
			line = wrap(line) + "\n"
			if strings.HasPrefix(line, "- ") {
				line = strings.TrimSuffix(strings.ReplaceAll(line, "\n", "\n  "), "  ")
			}
		}
		b.WriteString(line)
	}
	return b.String()
}
