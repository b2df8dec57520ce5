package interp

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"reflect"
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
	case nil:
		return nil, nil
	case []float32:
		return arrayInput(&Array{Shape: []int{len(x)}, Data: x})
	case *Record:
		if x == nil || len(x.Keys) != len(x.Vals) {
			return nil, errors.New("want a *interp.Record with a value for each key")
		}
		return recordOf(x.Keys, x.Vals)
	case *Array:
		if x == nil {
			return nil, errors.New("got a nil *interp.Array")
		}
		return arrayInput(x)
	}
	v := reflect.ValueOf(x)
	switch {
	case v.Kind() == reflect.Bool:
		return v.Bool(), nil
	case v.CanInt():
		return v.Int(), nil
	case v.CanUint() && v.Uint() <= math.MaxInt64:
		return int64(v.Uint()), nil
	case v.CanFloat():
		return v.Float(), nil
	case v.Kind() == reflect.String:
		return v.String(), nil
	case v.Kind() == reflect.Slice:
		out := &ir.List{Items: make([]ir.Value, v.Len())}
		for i := range out.Items {
			e, err := inputOf(v.Index(i).Interface())
			if err != nil {
				return nil, err
			}
			out.Items[i] = e
		}
		return out, nil
	case v.Kind() == reflect.Map && v.Type().Key().Kind() == reflect.String:
		fields := map[string]any{}
		for k, e := range v.Seq2() {
			fields[k.String()] = e.Interface()
		}
		keys := slices.Sorted(maps.Keys(fields))
		vals := make([]any, len(keys))
		for i, k := range keys {
			vals[i] = fields[k]
		}
		return recordOf(keys, vals)
	}
	return nil, fmt.Errorf("got a Go value of type %T, want nil, a bool, whole number, float, string, slice or map of these, *interp.Record or *interp.Array", x)
}

func recordOf(keys []string, vals []any) (ir.Value, error) {
	out := &ir.Record{Keys: keys}
	for _, e := range vals {
		v, err := inputOf(e)
		if err != nil {
			return nil, err
		}
		out.Vals = append(out.Vals, v)
	}
	return out, nil
}

// arrayInput is an array of the caller's, which may be of any make.
func arrayInput(a *results.Array) (ir.Value, error) {
	if err := fits(a); err != nil {
		return nil, err
	}
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
		return tensor.NewRaggedOver(a.Axes, a.Outer, rows)
	}
	axes := a.Names()
	var out *tensor.Array
	switch d := a.Data.(type) {
	case []float32:
		out = tensor.FromF32(axes, a.Shape, d)
	case []float64:
		f := make([]float32, len(d))
		for i, x := range d {
			f[i] = float32(x)
		}
		out = tensor.FromF32(axes, a.Shape, f)
	case []int64:
		out = tensor.FromI64(axes, a.Shape, d)
	case []bool:
		out = tensor.FromBool(axes, a.Shape, d)
	default:
		return nil, fmt.Errorf("an array has Data of type %T, want []float32, []float64, []int64 or []bool", a.Data)
	}
	out.Labels = a.Labels
	return out, nil
}

// fits says what is at odds in an array: shape, axes and numbers.
func fits(a *results.Array) error {
	shapes := [][]int{a.Shape}
	if a.IsRagged() {
		shapes = a.Rows
	}
	want := 0
	for _, dims := range shapes {
		n := 1
		for _, d := range dims {
			if d < 0 {
				return fmt.Errorf("an array has the shape %d, want lengths from 0", dims)
			}
			if d > 0 && n > math.MaxInt/d {
				return fmt.Errorf("an array has the shape %d: that is too large", dims)
			}
			n *= d
		}
		want += n
	}
	if v := reflect.ValueOf(a.Data); v.Kind() == reflect.Slice && v.Len() != want {
		return fmt.Errorf("an array has %d numbers in Data, want %d for its shape", v.Len(), want)
	}
	if rank := len(a.Names()); !a.IsRagged() && rank != len(a.Shape) {
		return fmt.Errorf("an array has %d axes, want one for each of %d lengths", rank, len(a.Shape))
	}
	return nil
}
