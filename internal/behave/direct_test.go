package behave

import (
	"context"
	"math/rand"
	"strings"
	"testing"

	"interp/compiler"
	"interp/internal/diag"
	"interp/internal/results"
	"interp/ir"
	"interp/nnrt/tensor"
	"interp/parser"
	"interp/vm"
	"interp/vm/exec"
)

// direct runs a script on a machine of its own, whose engine is held shorter than options of a run
// can: chunks of a few columns, rows forgotten between plans. Results have no shapes.
func direct(t testing.TB, model string, s script, o exec.Options) (got outcome) {
	rt, twin := modelOn(t, model, reference.on).Runtime(), reference.on
	twin.twin = true
	out := &recorder{values: map[string]any{}}
	tree, errs := parser.Parse("random.patch", []byte(s.String()))
	if !errs.HasErrors() {
		p, more := compiler.Compile(tree, vm.Library{}, compiler.Options{Results: true})
		if errs = more; !errs.HasErrors() {
			m := vm.New(vm.Options{Model: rt, FixedModel: true, Engine: exec.NewBatched(o), Out: out, Results: true,
				Ready: func(context.Context, ir.Model) error { return nil }, Open: func(string) (ir.Model, error) { return modelOn(t, model, twin).Runtime(), nil }})
			if errs = m.Check(context.Background(), p).Findings; !errs.HasErrors() {
				got.err = m.Run(context.Background(), p)
			}
		}
	}
	if errs.HasErrors() {
		got.err = found{errs}
	}
	got.values, got.text = out.values, out.String()
	return got
}

// recorder keeps what a machine puts out.
type recorder struct {
	strings.Builder
	values map[string]any
}

func (r *recorder) Text(s string) error { r.WriteString(s); return nil }

func (r *recorder) Picture(string, *ir.Record, diag.Span) error { return nil }

func (r *recorder) Result(name string, v ir.Value) error {
	r.values[name] = bare(v)
	return nil
}

// bare is a value without shapes: numbers, and lists of such.
func bare(v any) any {
	switch v := v.(type) {
	case *tensor.Array:
		switch v.DT {
		case tensor.F32:
			return &results.Array{Data: v.F32()}
		case tensor.I64:
			return &results.Array{Data: v.I64()}
		}
		return &results.Array{Data: v.Bools()}
	case *results.Array:
		return &results.Array{Data: v.Data}
	case *ir.List:
		out := make([]any, len(v.Items))
		for i, x := range v.Items {
			out[i] = bare(x)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = bare(x)
		}
		return out
	}
	return v
}

// found is what a script is refused for.
type found struct{ diag.List }

func (f found) Error() string { return f.Text("random.patch", "") }

// shortOptions are limits that a script meets: which, follows from the script.
func shortOptions(s script) exec.Options {
	rng := rand.New(rand.NewSource(int64(len(s.String()))))
	o := exec.Options{Columns: []int{1, 3, 8, 20}[rng.Intn(4)]}
	if rng.Intn(2) == 0 {
		most := rng.Intn(100)
		o.Evict = func() bool { return rng.Intn(100) < most }
	}
	if rng.Intn(3) == 0 {
		o.Mem = int64(1) << (14 + rng.Intn(6))
	}
	return o
}

// bareOutcome is an outcome as direct gives it.
func bareOutcome(o outcome) outcome {
	out := outcome{values: map[string]any{}, text: o.text, err: o.err}
	for k, v := range o.values {
		out.values[k] = bare(v)
	}
	return out
}
