package interp

import (
	"fmt"
	"slices"

	"interp/internal/results"
	"interp/ir"
	"interp/nnrt/tensor"
	"interp/stdlib"
)

// resultOf is a value of a script as a value of a file.
func resultOf(v ir.Value) (any, error) {
	switch v := v.(type) {
	case nil, bool, int64, float64, string:
		return v, nil
	case *ir.List:
		out := make([]any, len(v.Items))
		for i, e := range v.Items {
			x, err := resultOf(e)
			if err != nil {
				return nil, err
			}
			out[i] = x
		}
		return out, nil
	case *ir.Record:
		out := &results.Record{}
		for i, k := range v.Keys {
			x, err := resultOf(v.Vals[i])
			if err != nil {
				return nil, err
			}
			out.Add(k, x)
		}
		return out, nil
	case *tensor.Array:
		return arrayResult(v), nil
	}
	return nil, fmt.Errorf("a %s is no value for a file", ir.KindOf(v))
}

// savedResult is a saved value as a value of a file: a list of arrays of one shape, or of lists of
// them, is one array, as it is wherever an array is wanted.
func savedResult(v ir.Value) (any, error) {
	if l, ok := v.(*ir.List); ok && holdsArray(l) {
		if a, err := stdlib.ToArray(l); err == nil {
			return arrayResult(a), nil
		}
	}
	return resultOf(v)
}

func holdsArray(l *ir.List) bool {
	return slices.ContainsFunc(l.Items, func(v ir.Value) bool {
		inner, ok := v.(*ir.List)
		_, is := v.(*tensor.Array)
		return is || ok && holdsArray(inner)
	})
}

func arrayResult(a *tensor.Array) *results.Array {
	out := &results.Array{Axes: a.Axes, Labels: a.Labels}
	switch a.DT {
	case tensor.F32:
		out.Data = a.F32()
	case tensor.I64:
		out.Data = a.I64()
	default:
		out.Data = a.Bools()
	}
	if !a.IsRagged() {
		out.Shape = a.Dims
		return out
	}
	out.Outer = a.Outer()
	for r := range a.Rows() {
		out.Rows = append(out.Rows, a.RowDims(r))
	}
	return out
}

// inputValues turns inputs into values of scripts.
func inputValues(in map[string]any) (map[string]ir.Value, error) {
	out := map[string]ir.Value{}
	for name, x := range in {
		v, err := inputOf(x)
		if err != nil {
			return nil, fmt.Errorf("input %s: %w", name, err)
		}
		out[name] = v
	}
	return out, nil
}

func inputOf(x any) (ir.Value, error) {
	switch x := x.(type) {
	case nil, bool, int64, float64, string:
		return x, nil
	case int:
		return int64(x), nil
	case []any:
		return listOf(x)
	case []string:
		return listOf(x)
	case []int:
		return listOf(x)
	case []float64:
		return listOf(x)
	case map[string]any:
		out := &ir.Record{}
		for _, k := range sortedKeys(x) {
			v, err := inputOf(x[k])
			if err != nil {
				return nil, err
			}
			out.Keys, out.Vals = append(out.Keys, k), append(out.Vals, v)
		}
		return out, nil
	case *results.Record:
		out := &ir.Record{Keys: x.Keys}
		for _, e := range x.Vals {
			v, err := inputOf(e)
			if err != nil {
				return nil, err
			}
			out.Vals = append(out.Vals, v)
		}
		return out, nil
	case *results.Array:
		return arrayInput(x)
	}
	return nil, fmt.Errorf("a Go value of type %T is no value of a script", x)
}

func listOf[T any](xs []T) (ir.Value, error) {
	out := &ir.List{Items: make([]ir.Value, len(xs))}
	for i, x := range xs {
		v, err := inputOf(x)
		if err != nil {
			return nil, err
		}
		out.Items[i] = v
	}
	return out, nil
}

func sortedKeys(m map[string]any) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func arrayInput(a *results.Array) (ir.Value, error) {
	if a.IsRagged() {
		rows := make([]*tensor.Array, len(a.Rows))
		var first error
		a.EachRow(func(i int, row *results.Array) {
			v, err := arrayInput(row)
			if err != nil {
				first = err
				return
			}
			rows[i] = v.(*tensor.Array)
		})
		if first != nil {
			return nil, first
		}
		return tensor.NewRagged(a.Axes, rows)
	}
	var out *tensor.Array
	switch d := a.Data.(type) {
	case []float32:
		out = tensor.FromF32(a.Axes, a.Shape, d)
	case []float64:
		f := make([]float32, len(d))
		for i, x := range d {
			f[i] = float32(x)
		}
		out = tensor.FromF32(a.Axes, a.Shape, f)
	case []int64:
		out = tensor.FromI64(a.Axes, a.Shape, d)
	case []bool:
		out = tensor.FromBool(a.Axes, a.Shape, d)
	default:
		return nil, fmt.Errorf("numbers of type %s are no array of a script", a.DType())
	}
	out.Labels = a.Labels
	return out, nil
}
