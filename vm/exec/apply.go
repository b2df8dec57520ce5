package exec

import "interp/ir"

// Apply evaluates a call with values in the places of its lazy arguments, in order. An error has the
// place of the call.
func Apply(c *ir.Call, vals []ir.Value) (ir.Value, error) {
	f := filler{vals: vals}
	call := *c
	call.Args = make([]ir.Value, len(c.Args))
	for i, a := range c.Args {
		call.Args[i] = f.fill(a)
	}
	if f.unknown {
		return nil, &ir.Error{Code: "E0302", Msg: c.Row.Name + ": an argument is not known"}
	}
	v, err := call.Row.Eval(&call)
	if err != nil {
		return nil, &ir.PlacedError{At: c.Span, Err: err}
	}
	return v, nil
}

// filler puts values in the place of lazy ones, also inside lists and records.
type filler struct {
	vals    []ir.Value
	unknown bool
}

func (f *filler) fill(v ir.Value) ir.Value {
	switch x := v.(type) {
	case *ir.Lazy:
		if x.Node == ir.NoNode || len(f.vals) == 0 {
			f.unknown = true
			return nil
		}
		y := f.vals[0]
		f.vals = f.vals[1:]
		return y
	case *ir.List:
		if ir.IsKnown(x) {
			return x
		}
		return &ir.List{Items: f.each(x.Items)}
	case *ir.Record:
		if ir.IsKnown(x) {
			return x
		}
		return &ir.Record{Keys: x.Keys, Vals: f.each(x.Vals)}
	}
	return v
}

func (f *filler) each(in []ir.Value) []ir.Value {
	out := make([]ir.Value, len(in))
	for i, v := range in {
		out[i] = f.fill(v)
	}
	return out
}
