package interp

import (
	"fmt"
	"io"
	"strings"

	"interp/internal/diag"
	"interp/internal/draw"
	"interp/internal/results"
	"interp/ir"
)

// output takes what the machine puts out: text and pictures go to the writer at once, pictures and
// results are kept.
type output struct {
	w        io.Writer
	screen   draw.TermOptions
	pictures []draw.Picture
	values   []results.Named
}

// OutputError is a failure of the writer that printed text goes to.
type OutputError struct{ Err error }

func (e *OutputError) Error() string { return "the output cannot be written: " + e.Err.Error() }

// Unwrap is the writer's error.
func (e *OutputError) Unwrap() error { return e.Err }

// Text writes a line of print.
func (o *output) Text(s string) error {
	if o.w == nil {
		return nil
	}
	if _, err := io.WriteString(o.w, s); err != nil {
		return &OutputError{err}
	}
	return nil
}

// Picture prints a picture and keeps it.
func (o *output) Picture(kind string, args *ir.Record, _ diag.Span) error {
	x, err := resultOf(args)
	if err != nil {
		return &ir.Error{Code: "E0302", Msg: kind + ": " + err.Error()}
	}
	p, err := draw.New(kind, x.(*results.Record))
	if err != nil {
		msg, hint, _ := strings.Cut(err.Error(), "\nhint: ")
		return &ir.Error{Code: "E0419", Msg: msg, Hint: hint}
	}
	o.pictures = append(o.pictures, p)
	if o.w == nil {
		return nil
	}
	if err := p.Terminal(o.w, o.screen); err != nil {
		return &OutputError{err}
	}
	return nil
}

// Result keeps a result; one of the same name takes its place.
func (o *output) Result(name string, v ir.Value) error {
	if err := results.CheckName(name); err != nil {
		return &ir.Error{Code: "E0302", Msg: err.Error()}
	}
	x, err := savedResult(v)
	if err != nil {
		return &ir.Error{Code: "E0302", Msg: fmt.Sprintf("%s: %v", name, err)}
	}
	for i := range o.values {
		if o.values[i].Name == name {
			o.values[i].Value = x
			return nil
		}
	}
	o.values = append(o.values, results.Named{Name: name, Value: x})
	return nil
}
