// Package interp compiles and runs scripts that intervene on transformer language models: the door for
// Go programs, and for the command line.
//
//	m, err := interp.OpenModel("ioi-mini")
//	p, err := interp.Compile("ioi.patch", src)
//	r, err := p.Run(ctx, interp.Options{Model: m, Inputs: map[string]any{"layer": 3}})
//	v, ok := r.Value("patched")
//	grid := v.(*interp.Array) // grid.Axes, grid.Shape, grid.Data.([]float32)
//
// Compile resolves names; Check runs a program on shapes alone, without weights; Run checks and then
// runs. What is wrong with a script is a *ScriptError with all findings; a cancelled context ends a run
// with its own error, and what was complete by then is in the results. Programs and models may be used
// by several goroutines at once; a Session, which keeps names and computed rows from entry to entry, by
// one. Nothing is written to the standard streams: text goes to Options.Out, warnings to Options.Warn.
package interp

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"interp/compiler"
	"interp/grammar"
	"interp/internal/diag"
	"interp/ir"
	"interp/parser"
	"interp/vm"
)

// Program is a script whose names are resolved.
type Program struct {
	name, text string
	tree       *grammar.Script
	code       *ir.Program
	found      Findings // warnings
}

// Compile parses a script and resolves its names. The error is a *ScriptError.
func Compile(name, src string) (*Program, error) {
	return compile(compiler.NewSession(vm.Library{}), name, src, src, compiler.Options{})
}

// compile compiles a text. A session's program has more text than that: what stood before it, which a
// finding may quote.
func compile(s *compiler.Session, name, src, text string, o compiler.Options) (p *Program, err error) {
	defer caught(&err)
	tree, errs := parser.Parse(name, []byte(src))
	var code *ir.Program
	if !errs.HasErrors() {
		var more diag.List
		code, more = s.Compile(tree, o)
		errs = append(errs, more...)
	}
	if errs.HasErrors() {
		return nil, &ScriptError{Name: name, Text: text, Findings: errs}
	}
	return &Program{name: name, text: text, tree: tree, code: code, found: errs}, nil
}

// Format gives a script in its canonical layout.
func Format(name, src string) (text string, err error) {
	defer caught(&err)
	if _, errs := parser.Parse(name, []byte(src)); errs.HasErrors() {
		return "", &ScriptError{Name: name, Text: src, Findings: errs}
	}
	return grammar.Format(src)
}

// Tree prints a script's syntax tree.
func Tree(w io.Writer, name, src string) (err error) {
	defer caught(&err)
	tree, errs := parser.Parse(name, []byte(src))
	if errs.HasErrors() {
		return &ScriptError{Name: name, Text: src, Findings: errs}
	}
	return grammar.Dump(w, tree)
}

// Name is the name the script was compiled under.
func (p *Program) Name() string { return p.name }

// Inputs lists the names of the program's input statements.
func (p *Program) Inputs() []string {
	var out []string
	grammar.Walk(p.tree, func(n grammar.Node) bool {
		if in, ok := n.(*grammar.Input); ok {
			out = append(out, in.Name.ID)
		}
		return true
	})
	return out
}

// IR prints the program.
func (p *Program) IR() string { return p.code.String() }

// Report is what check found.
type Report struct {
	name, text string
	Findings   Findings
	Shapes     []vm.Shape // what each line gives a name to
	Complete   bool       // all of the script was run on shapes
}

// Err is nil, or the errors among the findings.
func (r *Report) Err() error {
	if !r.Findings.HasErrors() {
		return nil
	}
	return &ScriptError{Name: r.name, Text: r.text, Findings: r.Findings}
}

// Text renders the findings.
func (r *Report) Text(w io.Writer, color bool) error {
	return diag.Render(w, r.name, r.text, r.Findings, color)
}

// JSON writes the findings for tools.
func (r *Report) JSON(w io.Writer) error { return diag.WriteJSON(w, r.name, r.text, r.Findings) }

// Line is the line of the script that a place is on, counted from 1.
func (r *Report) Line(at diag.Span) int {
	line, _ := diag.NewSource(r.name, r.text).Pos(at.Start)
	return line
}

// Check runs the program on shapes alone, for a model or, where that is nil, the one that the script
// names. It opens configurations and tokenizers, never weights. Inputs that have no default are unknown.
func (p *Program) Check(m *Model) (*Report, error) {
	return p.CheckWith(context.Background(), Options{Model: m})
}

// CheckWith is Check with inputs and limits: only those of the options, and the model, count. After the
// context has ended the report has what was found by then.
func (p *Program) CheckWith(ctx context.Context, o Options) (r *Report, err error) {
	defer caught(&err)
	s, err := p.session(o)
	if err != nil {
		return nil, err
	}
	r = s.check(ctx, p)
	return r, ctx.Err()
}

// CheckScript compiles and checks a script: the report has all findings of both.
func CheckScript(ctx context.Context, name, src string, o Options) (*Report, error) {
	p, err := Compile(name, src)
	var bad *ScriptError
	if errors.As(err, &bad) {
		return &Report{name: name, text: src, Findings: bad.Findings}, nil
	} else if err != nil {
		return nil, err
	}
	return p.CheckWith(ctx, o)
}

// Run checks the program and runs it. After an error of the script, or a cancelled context, the
// results hold what was complete by then.
func (p *Program) Run(ctx context.Context, o Options) (*Results, error) {
	s, err := p.session(o)
	if err != nil {
		return nil, err
	}
	return s.run(ctx, p)
}

// session is a session for this program alone.
func (p *Program) session(o Options) (s *Session, err error) {
	defer caught(&err)
	if err := p.CheckInputs(o.Inputs); err != nil {
		return nil, err
	}
	return newSession(o, vm.Library{})
}

// warnings of the compiler, as far as they hold: with results, every save is read.
func (p *Program) warnings(results bool) diag.List {
	if !results {
		return p.found
	}
	return slices.DeleteFunc(slices.Clone(p.found), func(d diag.Diag) bool { return d.Code == "W0202" })
}

// ScriptError is what is wrong with a script: one finding or more, each with its place.
type ScriptError struct {
	Name, Text string
	Findings   Findings
	Stack      []string // the calls that led to a run-time error, innermost first
}

// Error is the findings as text, in lines.
func (e *ScriptError) Error() string {
	return strings.TrimSuffix(e.Findings.Text(e.Name, e.Text)+e.calls(), "\n")
}

// Pos is the line and the column of a byte offset, such as a finding's Start, counted from 1; columns are
// characters.
func (e *ScriptError) Pos(offset int) (line, col int) {
	return diag.NewSource(e.Name, e.Text).Pos(offset)
}

// Render writes the findings, in colour for a terminal.
func (e *ScriptError) Render(w io.Writer, color bool) error {
	if err := diag.Render(w, e.Name, e.Text, e.Findings, color); err != nil {
		return err
	}
	_, err := io.WriteString(w, e.calls())
	return err
}

func (e *ScriptError) calls() string {
	out := ""
	for _, c := range e.Stack {
		out += "  in " + c + "\n"
	}
	return out
}

// scriptError gives an error of the machine the script's text; others pass.
func scriptError(name, text string, err error) error {
	var out *OutputError
	if errors.As(err, &out) {
		return out
	}
	var e *vm.Error
	if !errors.As(err, &e) || errors.Is(err, context.Canceled) {
		return err
	}
	found := &ScriptError{Name: name, Text: text, Findings: diag.List{e.Diag}}
	src := diag.NewSource(name, text)
	for _, c := range e.Stack {
		line, _ := src.Pos(c.At.Start)
		found.Stack = append(found.Stack, callText(c.Name, name, line))
	}
	return found
}
