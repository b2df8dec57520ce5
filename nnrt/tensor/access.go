package tensor

import (
	"math"
	"slices"
)

func (a *Array) floats() []float32 { return a.data.Float32s() }
func (a *Array) ints() []int64     { return a.data.Int64s() }
func (a *Array) truths() []bool    { return a.data.Bools() }

// F32 has the numbers in row-major order as floats. Those of a float array are shared and must not
// be written to; others are converted, truth values to 0 and 1.
func (a *Array) F32() []float32 {
	switch a.DT {
	case I64:
		return convert(a.ints(), func(v int64) float32 { return float32(v) })
	case Bool:
		return convert(a.truths(), func(v bool) float32 { return float32(bit(v)) })
	}
	return a.floats()
}

// I64 has the numbers as integers: those of an int64 array shared, truth values as 0 and 1, floats
// cut towards zero (not-a-number to 0).
func (a *Array) I64() []int64 {
	switch a.DT {
	case I64:
		return a.ints()
	case Bool:
		return convert(a.truths(), bit)
	}
	return convert(a.floats(), truncate)
}

// Bools has the truth of the numbers: those of a bool array shared, others by being other than 0.
func (a *Array) Bools() []bool {
	switch a.DT {
	case I64:
		return convert(a.ints(), func(v int64) bool { return v != 0 })
	case Bool:
		return a.truths()
	}
	return convert(a.floats(), func(v float32) bool { return v != 0 })
}

func convert[S, D any](in []S, f func(S) D) []D {
	out := make([]D, len(in))
	for i, v := range in {
		out[i] = f(v)
	}
	return out
}

func bit(v bool) int64 {
	if v {
		return 1
	}
	return 0
}

func truncate(v float32) int64 {
	switch {
	case v != v:
		return 0
	case v >= math.MaxInt64:
		return math.MaxInt64
	case v <= math.MinInt64:
		return math.MinInt64
	}
	return int64(v)
}

// As is the array with its numbers as another type, itself where they are so already.
func (a *Array) As(dt DType) *Array {
	if a.DT == dt {
		return a
	}
	var data any
	switch dt {
	case F32:
		data = a.F32()
	case I64:
		data = a.I64()
	case Bool:
		data = a.Bools()
	}
	out := wrap(a.Type.with(dt), data)
	out.Labels = a.Labels
	return out
}

// Row is ragged row r as a dense array, without a copy; a dense array is its own row 0.
func (a *Array) Row(r int) *Array {
	off := 0
	for i := range r {
		off += a.rowSize(i)
	}
	t := a.RowType(r)
	return wrap(t, part(a.raw(), off, t.Size()))
}

// At is one element, by its whole coordinate counted from 0; of a ragged array the outer axes say
// which row.
func (a *Array) At(i ...int) (*Array, error) {
	ix := make([]Ix, len(i))
	for k, v := range i {
		ix[k] = Ix{Kind: Entry, I: v}
	}
	if len(i) != a.Rank() {
		return nil, errf("%d indices for an array of %d axes", len(i), a.Rank())
	}
	return Index(a, ix)
}

// Float is the number of an array of one element.
func (a *Array) Float() (float64, error) {
	if a.Size() != 1 {
		return 0, a.notOne("number")
	}
	return float64(a.F32()[0]), nil
}

// Int is the integer of an array of one element; a float must be whole.
func (a *Array) Int() (int64, error) {
	if a.Size() != 1 {
		return 0, a.notOne("integer")
	}
	if v := a.F32()[0]; a.DT == F32 && float32(truncate(v)) != v {
		return 0, errf("got %s, want an integer", formatFloat(v))
	}
	return a.I64()[0], nil
}

// Truth is the truth of an array of one element.
func (a *Array) Truth() (bool, error) {
	if a.Size() != 1 {
		return false, a.notOne("True or False").hint("use any(x) or all(x)")
	}
	return a.Bools()[0], nil
}

func (a *Array) notOne(want string) *Error {
	return errf("array has shape %s, want one %s", a.Shape(), want)
}

// Equal says whether two arrays have the same type, names, lengths and bits. All not-a-numbers
// count as equal; 0 and -0 do not.
func (a *Array) Equal(b *Array) bool {
	if !a.Type.Equal(b.Type) {
		return false
	}
	switch a.DT {
	case I64:
		return slices.Equal(a.ints(), b.ints())
	case Bool:
		return slices.Equal(a.truths(), b.truths())
	}
	return slices.EqualFunc(a.floats(), b.floats(), func(x, y float32) bool {
		return math.Float32bits(x) == math.Float32bits(y) || x != x && y != y
	})
}

// carry takes over labels for named axes that have none and whose length they fit.
func (a *Array) carry(from ...*Array) {
	for _, b := range from {
		for name, labels := range b.Labels {
			k := slices.Index(a.Axes, name)
			if k < 0 || name == "" || a.Dims[k] != len(labels) || a.Labels[name] != nil {
				continue
			}
			if a.Labels == nil {
				a.Labels = map[string][]string{}
			}
			a.Labels[name] = labels
		}
	}
}

// WithLabels is the array with words beside the entries of a named axis.
func (a *Array) WithLabels(axis string, labels []string) (*Array, error) {
	k, err := a.Axis(axis)
	if err != nil {
		return nil, err
	}
	if a.Dims[k] != len(labels) {
		return nil, errf("%d labels for axis %s of length %d", len(labels), axis, a.Dims[k])
	}
	out := view(a.Type, a)
	kept := map[string][]string{axis: labels}
	for name, l := range a.Labels {
		if name != axis {
			kept[name] = l
		}
	}
	out.Labels = kept
	return out, nil
}
