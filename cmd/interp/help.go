package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"interp/compiler"
	"interp/docs"
	"interp/internal/diag"
	"interp/ir"
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
	return usagef("there is no help on %s; there is on commands, statements, functions and errors", topic)
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
	found := 0
	part := func() {
		if found++; found > 1 {
			p.printf("\n")
		}
	}
	for _, c := range commands() {
		if c.name == name {
			part()
			p.command(c)
		}
	}
	for _, s := range statements {
		if s.name == name {
			part()
			p.statement(s)
		}
	}
	if r, ok := stdlib.Lookup(name); ok && !r.Hidden {
		part()
		p.function(r)
	}
	return found > 0 || p.group(lower) || p.option(strings.TrimLeft(name, "-"))
}

// option prints an option of run.
func (p *page) option(name string) bool {
	f := newRunFlags("run").set.Lookup(name)
	if f == nil {
		return false
	}
	arg, usage, _ := strings.Cut(f.Usage, "\t")
	p.printf("%s: %s\n", strings.TrimSpace("-"+name+" "+arg), usage)
	return true
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

// library lists the functions by group.
func (p *page) library() {
	group := ""
	for _, r := range stdlib.Rows() {
		if r.Group != group {
			group = r.Group
			p.printf("%s\n", group)
		}
		p.row(r)
	}
	p.printf("\ninterp help NAME explains one\n")
}

// group lists the functions of a group.
func (p *page) group(name string) bool {
	found := false
	for _, r := range stdlib.Rows() {
		if strings.ToLower(r.Group) == name {
			if !found {
				p.printf("%s\n", r.Group)
			}
			found = true
			p.row(r)
		}
	}
	return found
}

// row is a function in one line: its name and the beginning of its documentation.
func (p *page) row(r *ir.OpRow) {
	doc := r.Doc
	if i := strings.Index(doc, ". "); i >= 0 {
		doc = doc[:i+1]
	}
	if runes := []rune(doc); len(runes) > 76 {
		doc = string(runes[:73]) + "..."
	}
	p.printf("  %-15s %s\n", r.Name, doc)
}

// function is everything there is to know of a function.
func (p *page) function(r *ir.OpRow) {
	p.printf("%s    (%s)\n\n%s\n", signature(r), r.Group, wrap(r.Doc))
	if len(r.Params) > 0 {
		p.printf("\n")
	}
	for _, x := range r.Params {
		p.printf("  %-10s %s\n", x.Name, x.Doc)
	}
	switch {
	case r.NoGrad != "":
		p.printf("\nno gradient: %s\n", r.NoGrad)
	case r.Grad != nil:
		p.printf("\nhas a gradient\n")
	}
	if r.Example != "" {
		p.printf("\nexample\n%s", indent(r.Example))
	}
}

// signature is how a function is called.
func signature(r *ir.OpRow) string {
	if r.Value && len(r.Params) == 0 {
		return r.Name
	}
	var ps []string
	for _, x := range r.Params {
		switch {
		case x.Rest:
			ps = append(ps, "*"+x.Name)
		case x.Optional:
			ps = append(ps, x.Name+"="+stdlib.Repr(x.Default))
		default:
			ps = append(ps, x.Name)
		}
	}
	if r.Value {
		return r.Name + "[" + strings.Join(ps, ", ") + "]"
	}
	return r.Name + "(" + strings.Join(ps, ", ") + ")"
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
