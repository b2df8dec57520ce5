// Package results reads the files a script is given (-in) and writes those it gives (-o, -stats):
// JSON, NumPy's npz, statistics. It knows nothing of scripts and models; a value is one of
//
//	nil  bool  int64  float64  string  []any  *Record  *Array
//
// and whoever runs scripts turns these into its own and back:
//
//	-in file ── Read ─▶ values      by ending: .json .jsonl .csv .txt .npy .npz .safetensors
//	values ── Write ─▶ -o file      by ending: .json .npz
//	Stats.Write ─▶ -stats file
//	            all through WriteFile: beside the file, then renamed
//
// What is written depends on the values alone: no time, no map order, the same bytes on every run.
// Files are written whole or not at all. What is read may be hostile: every reader works within a
// budget of bytes, and says the file and line of what is wrong.
package results

import (
	"fmt"
	"slices"
)

// Array is numbers in row-major order under named axes. A dense array has a Shape; a ragged one has
// Rows instead: the shapes of dense rows that follow each other in Data, counted by Outer.
type Array struct {
	Axes   []string // one name an axis, "" for none
	Shape  []int
	Outer  []int   // of a ragged array: the dimensions before the first ragged axis
	Rows   [][]int // of a ragged array: one shape a row; nil for a dense array
	Labels map[string][]string
	Data   any // []float32, []float64, []int64 or []bool
}

// Record is named fields in order.
type Record struct {
	Keys []string
	Vals []any
}

// Named is a result: a name and its value.
type Named struct {
	Name  string
	Value any
}

// Get is a field.
func (r *Record) Get(key string) (any, bool) {
	if i := slices.Index(r.Keys, key); i >= 0 {
		return r.Vals[i], true
	}
	return nil, false
}

// Add appends a field.
func (r *Record) Add(key string, v any) {
	r.Keys, r.Vals = append(r.Keys, key), append(r.Vals, v)
}

// DType is the type of the numbers: float32, float64, int64 or bool.
func (a *Array) DType() string {
	switch a.Data.(type) {
	case []float32:
		return "float32"
	case []float64:
		return "float64"
	case []int64:
		return "int64"
	case []bool:
		return "bool"
	}
	return fmt.Sprintf("%T", a.Data)
}

// Len is how many numbers the array has.
func (a *Array) Len() int {
	switch d := a.Data.(type) {
	case []float32:
		return len(d)
	case []float64:
		return len(d)
	case []int64:
		return len(d)
	case []bool:
		return len(d)
	}
	return 0
}

// IsRagged says that rows differ in length.
func (a *Array) IsRagged() bool { return a.Rows != nil }

// EachRow calls f with the rows of a ragged array, dense, sharing its numbers.
func (a *Array) EachRow(f func(i int, row *Array)) {
	from := 0
	for i, shape := range a.Rows {
		to := from + size(shape)
		f(i, a.part(shape, from, to))
		from = to
	}
}

// part is numbers [from, to) as a row.
func (a *Array) part(shape []int, from, to int) *Array {
	out := &Array{Shape: shape}
	if len(a.Axes) >= len(a.Outer) {
		out.Axes = a.Axes[len(a.Outer):]
	}
	switch d := a.Data.(type) {
	case []float32:
		out.Data = d[from:to]
	case []float64:
		out.Data = d[from:to]
	case []int64:
		out.Data = d[from:to]
	case []bool:
		out.Data = d[from:to]
	}
	return out
}

// size is how many elements a shape has.
func size(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

// checkedSize is size for a shape from outside: negative lengths and products beyond most are errors.
func checkedSize(shape []int, most int) (int, error) {
	n := 1
	for _, d := range shape {
		switch {
		case d < 0:
			return 0, fmt.Errorf("shape %v has a negative length", shape)
		case d == 0:
			return 0, nil
		case n > most/d:
			return 0, fmt.Errorf("shape %v has more elements than the file", shape)
		}
		n *= d
	}
	return n, nil
}

// AsArray is a result as an array where it is one: numbers and truth values (shape []), lists of
// them, lists of equal lists, and lists of lists of unequal length (ragged). Others give nil.
func AsArray(v any) *Array {
	switch v := v.(type) {
	case *Array:
		return v
	case bool:
		return &Array{Shape: []int{}, Data: []bool{v}}
	case int64:
		return &Array{Shape: []int{}, Data: []int64{v}}
	case float64:
		return &Array{Shape: []int{}, Data: []float64{v}}
	case []any:
		return fromList(v)
	}
	return nil
}

// fromList is a list of numbers, or of lists of them, as an array.
func fromList(list []any) *Array {
	var g gatherer
	shape, ok := g.gather(list)
	if ok && len(list) > 0 {
		return g.array(&Array{Axes: make([]string, len(shape)), Shape: shape})
	}
	return raggedList(list)
}

// raggedList is a list of lists of numbers that differ in length.
func raggedList(list []any) *Array {
	var g gatherer
	a := &Array{Axes: []string{"", ""}, Outer: []int{len(list)}}
	for _, e := range list {
		row, isList := e.([]any)
		shape, ok := g.gather(row)
		if !isList || !ok || len(shape) != 1 {
			return nil
		}
		a.Rows = append(a.Rows, shape)
	}
	if len(g.floats) == 0 {
		return nil
	}
	return g.array(a)
}

// gatherer collects the numbers of lists.
type gatherer struct {
	floats            []float64
	ints              []int64
	bools             []bool
	someFloat, someNo bool // a float was met; a number that is no truth value was met
	someBool          bool
}

// gather adds the numbers of a list and gives its shape; !ok where it is not rectangular.
func (g *gatherer) gather(list []any) (shape []int, ok bool) {
	var inner []int
	for i, e := range list {
		var s []int
		switch e := e.(type) {
		case bool:
			g.someBool = true
			g.add(0, 0, e)
		case int64:
			g.someNo = true
			g.add(float64(e), e, false)
		case float64:
			g.someNo, g.someFloat = true, true
			g.add(e, 0, false)
		case []any:
			if s, ok = g.gather(e); !ok {
				return nil, false
			}
			if s == nil {
				return nil, false
			}
		default:
			return nil, false
		}
		if i > 0 && !slices.Equal(s, inner) {
			return nil, false
		}
		inner = s
	}
	if g.someBool && g.someNo {
		return nil, false
	}
	return append([]int{len(list)}, inner...), true
}

func (g *gatherer) add(f float64, i int64, b bool) {
	g.floats, g.ints, g.bools = append(g.floats, f), append(g.ints, i), append(g.bools, b)
}

func (g *gatherer) array(a *Array) *Array {
	switch {
	case g.someBool:
		a.Data = g.bools
	case g.someFloat:
		a.Data = g.floats
	default:
		a.Data = g.ints
	}
	return a
}
