package results

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// arrayForm is an object in the form of an array as one, others as they are.
func arrayForm(r *Record) (any, error) {
	for _, k := range r.Keys {
		if !slices.Contains([]string{"shape", "data", "axes", "dtype", "labels", "outer", "rows"}, k) {
			return r, nil
		}
	}
	_, data := r.Get("data")
	_, shape := r.Get("shape")
	_, rows := r.Get("rows")
	_, outer := r.Get("outer")
	switch {
	case rows && outer && !data && !shape:
		return readRagged(r)
	case data && shape && !rows && !outer && len(r.Keys) > 2:
		return readDense(r)
	}
	return r, nil // also the {"shape", "data"} of a ragged array's row
}

func readDense(r *Record) (*Array, error) {
	a := &Array{}
	var err error
	if a.Shape, err = intsOf(r, "shape"); err != nil {
		return nil, err
	}
	list, err := listOf(r, "data")
	if err != nil {
		return nil, err
	}
	n, err := checkedSize(a.Shape, math.MaxInt32)
	if err != nil || n != len(list) {
		return nil, fmt.Errorf("array: got %d numbers, the shape is %v", len(list), a.Shape)
	}
	return a, a.finish(r, list, len(a.Shape))
}

func readRagged(r *Record) (*Array, error) {
	a := &Array{Rows: [][]int{}}
	var err error
	if a.Outer, err = intsOf(r, "outer"); err != nil {
		return nil, err
	}
	rows, err := listOf(r, "rows")
	if err != nil {
		return nil, err
	}
	if n, err := checkedSize(a.Outer, math.MaxInt32); err != nil || n != len(rows) {
		return nil, fmt.Errorf("array: got %d rows, outer is %v", len(rows), a.Outer)
	}
	var all []any
	for i, row := range rows {
		rec, ok := row.(*Record)
		if !ok {
			return nil, fmt.Errorf("array: row %d is no object of shape and data", i)
		}
		shape, err := intsOf(rec, "shape")
		if err != nil {
			return nil, err
		}
		list, err := listOf(rec, "data")
		if err != nil {
			return nil, err
		}
		if n, err := checkedSize(shape, math.MaxInt32); err != nil || n != len(list) {
			return nil, fmt.Errorf("array: row %d: got %d numbers, its shape is %v", i, len(list), shape)
		}
		if i > 0 && len(shape) != len(a.Rows[0]) {
			return nil, fmt.Errorf("array: row %d has %d axes, row 0 has %d", i, len(shape), len(a.Rows[0]))
		}
		a.Rows = append(a.Rows, shape)
		all = append(all, list...)
	}
	rank := len(a.Outer)
	if len(rows) > 0 {
		rank += len(a.Rows[0])
	}
	return a, a.finish(r, all, rank)
}

// finish reads axes, dtype, labels and numbers.
func (a *Array) finish(r *Record, list []any, rank int) error {
	var err error
	a.Axes = make([]string, rank)
	if _, ok := r.Get("axes"); ok {
		if a.Axes, err = stringsOf(r, "axes"); err != nil {
			return err
		}
	}
	if len(a.Axes) != rank {
		return fmt.Errorf("array: got %d axes, want %d", len(a.Axes), rank)
	}
	dtype := ""
	if v, ok := r.Get("dtype"); ok {
		if dtype, ok = v.(string); !ok {
			return errors.New("array: dtype is no string")
		}
	}
	if a.Data, err = numbersOf(list, dtype); err != nil {
		return err
	}
	v, ok := r.Get("labels")
	if !ok {
		return nil
	}
	labels, ok := v.(*Record)
	if !ok {
		return errors.New("array: labels is no object")
	}
	a.Labels = map[string][]string{}
	for _, axis := range labels.Keys {
		if a.Labels[axis], err = stringsOf(labels, axis); err != nil {
			return err
		}
		k := slices.Index(a.Axes, axis)
		if k < 0 {
			return fmt.Errorf("array: labels for the axis %q, which it has not", axis)
		}
		if !a.IsRagged() && len(a.Labels[axis]) != a.Shape[k] {
			return fmt.Errorf("array: %d labels for the axis %q of length %d", len(a.Labels[axis]), axis, a.Shape[k])
		}
	}
	return nil
}

func listOf(r *Record, key string) ([]any, error) {
	v, _ := r.Get(key)
	list, ok := v.([]any)
	if !ok {
		return nil, fmt.Errorf("array: %s is no list", key)
	}
	return list, nil
}

func intsOf(r *Record, key string) ([]int, error) {
	list, err := listOf(r, key)
	out := make([]int, len(list))
	for i, v := range list {
		n, ok := v.(int64)
		if !ok || n < 0 || n > math.MaxInt32 {
			return nil, fmt.Errorf("array: %s: got %v, want lengths", key, v)
		}
		out[i] = int(n)
	}
	return out, err
}

func stringsOf(r *Record, key string) ([]string, error) {
	list, err := listOf(r, key)
	out := make([]string, len(list))
	for i, v := range list {
		s, ok := v.(string)
		if !ok {
			return nil, fmt.Errorf("array: %s: got %v, want strings", key, v)
		}
		out[i] = s
	}
	return out, err
}

// numbersOf makes the numbers of an array; without a dtype whole numbers make int64, others float32.
func numbersOf(list []any, dtype string) (any, error) {
	if dtype == "" {
		dtype = "int64"
		for _, v := range list {
			if _, ok := v.(int64); !ok {
				dtype = "float32"
			}
		}
	}
	switch dtype {
	case "float32":
		out, err := floatsOf(list)
		for i, v := range out {
			if math.IsInf(float64(float32(v)), 0) && !math.IsInf(v, 0) {
				return nil, fmt.Errorf("array: element %d is %v, beyond the numbers of 32 bits", i, v)
			}
		}
		return convert(out, func(v float64) float32 { return float32(v) }), err
	case "float64":
		return floatsOf(list)
	case "int64":
		return intsIn(list, math.MinInt64, math.MaxInt64)
	case "bool":
		out, err := intsIn(list, 0, 1)
		return convert(out, func(v int64) bool { return v != 0 }), err
	}
	return nil, fmt.Errorf("array: got the dtype %q, want float32, float64, int64 or bool", dtype)
}

func convert[S, D any](in []S, f func(S) D) []D {
	out := make([]D, len(in))
	for i, v := range in {
		out[i] = f(v)
	}
	return out
}

var namedFloats = map[string]float64{"NaN": math.NaN(), "Infinity": math.Inf(1), "-Infinity": math.Inf(-1)}

func floatsOf(list []any) ([]float64, error) {
	out := make([]float64, len(list))
	for i, v := range list {
		ok := true
		switch v := v.(type) {
		case float64:
			out[i] = v
		case int64:
			out[i] = float64(v)
		case string:
			out[i], ok = namedFloats[v]
		default:
			ok = false
		}
		if !ok {
			return nil, fmt.Errorf("array: element %d is %v, want a number", i, v)
		}
	}
	return out, nil
}

func intsIn(list []any, lo, hi int64) ([]int64, error) {
	out := make([]int64, len(list))
	for i, v := range list {
		n, ok := v.(int64)
		if !ok || n < lo || n > hi {
			return nil, fmt.Errorf("array: element %d is %v, want a whole number from %d to %d", i, v, lo, hi)
		}
		out[i] = n
	}
	return out, nil
}
