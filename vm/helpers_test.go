package vm

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"interp/compiler"
	"interp/internal/diag"
	"interp/internal/shared"
	"interp/ir"
	"interp/nnrt"
	"interp/nnrt/kern"
	"interp/parser"
	"interp/stdlib"
)

// recorder keeps what a script puts out.
type recorder struct {
	strings.Builder
	results map[string]ir.Value
}

func (r *recorder) Text(s string) error { r.WriteString(s); return nil }

func (r *recorder) Picture(kind string, args *ir.Record, _ diag.Span) error {
	r.WriteString("<" + kind + " " + stdlib.Text(args.Vals[0]) + ">\n")
	return nil
}

func (r *recorder) Result(name string, v ir.Value) error {
	if r.results == nil {
		r.results = map[string]ir.Value{}
	}
	r.results[name] = v
	return nil
}

// compile parses and compiles a script.
func compile(src string) (*ir.Program, diag.List) {
	tree, errs := parser.Parse("t.patch", []byte(src))
	if errs.HasErrors() {
		return nil, errs
	}
	p, more := compiler.Compile(tree, Library{}, compiler.Options{Results: true})
	return p, append(errs, more...)
}

func errorsOf(l diag.List) string {
	var b strings.Builder
	for _, d := range l {
		if d.Sev == diag.Error {
			b.WriteString(d.Code + " " + d.Msg)
			if d.Note != "" {
				b.WriteString(" (" + d.Note + ")")
			}
			b.WriteString("\n")
		}
	}
	return b.String()
}

// run compiles and runs a script and gives its output, with the error as the last line.
func run(t testing.TB, src string, o Options) string {
	t.Helper()
	p, errs := compile(src)
	if p == nil {
		return errorsOf(errs)
	}
	if err := ir.Verify(p); err != nil {
		t.Fatalf("%v\n%s", err, p)
	}
	out := &recorder{}
	o.Out = out
	err := New(o).Run(context.Background(), p)
	var e *Error
	if errors.As(err, &e) {
		out.WriteString(e.Diag.Code + " " + e.Error() + "\n")
	} else if err != nil {
		out.WriteString(err.Error() + "\n")
	}
	return out.String()
}

// checkText gives what check finds.
func checkText(t testing.TB, src string, o Options) string {
	t.Helper()
	p, errs := compile(src)
	if p == nil {
		return errorsOf(errs)
	}
	r := New(o).Check(context.Background(), p)
	var b strings.Builder
	for _, d := range r.Findings {
		b.WriteString(d.Code + " " + d.Msg)
		if d.Note != "" {
			b.WriteString(" (" + d.Note + ")")
		}
		b.WriteString("\n")
	}
	return b.String()
}

// openModel opens and loads a model of testdata.
func openModel(t testing.TB, name string) *nnrt.Model {
	t.Helper()
	m, err := nnrt.Open(name, os.DirFS(shared.Repo("testdata", "models", name)))
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Load(nnrt.LoadOptions{Pool: kern.NewPool(2)}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}
