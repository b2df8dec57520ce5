package tensor

import (
	"fmt"
	"slices"

	gt "gorgonia.org/tensor"
)

// FromF32 makes a dense array of floats; it keeps data. A nil axes leaves all axes unnamed. That
// data fits dims is the caller's duty.
func FromF32(axes []string, dims []int, data []float32) *Array {
	return wrap(NewType(F32, axes, dims), data)
}

// FromI64 makes a dense array of integers; it keeps data.
func FromI64(axes []string, dims []int, data []int64) *Array {
	return wrap(NewType(I64, axes, dims), data)
}

// FromBool makes a dense array of truth values; it keeps data.
func FromBool(axes []string, dims []int, data []bool) *Array {
	return wrap(NewType(Bool, axes, dims), data)
}

// FromType makes an array of any type, also ragged, from []float32, []int64 or []bool in row-major
// order, one row after the other.
func FromType(t Type, data any) *Array { return wrap(canonical(t), data) }

// Float is the 0-d array of a host number, rounded to float32.
func Float(v float64) *Array { return FromF32(nil, nil, []float32{float32(v)}) }

// Int is the 0-d array of a host integer.
func Int(v int64) *Array { return FromI64(nil, nil, []int64{v}) }

// Truth is the 0-d array of a host truth value.
func Truth(v bool) *Array { return FromBool(nil, nil, []bool{v}) }

// Zeros makes an array of zeros, or of False.
func Zeros(t Type) *Array {
	switch t = canonical(t); t.DT {
	case I64:
		return wrap(t, make([]int64, t.Size()))
	case Bool:
		return wrap(t, make([]bool, t.Size()))
	}
	return wrap(t, make([]float32, t.Size()))
}

// Full makes an array of one number.
func Full(t Type, v *Array) (*Array, error) {
	if v.Size() != 1 {
		return nil, errf("the value to fill with has shape %s, want one number", v.Shape())
	}
	n := t.Size()
	switch v.DT {
	case I64:
		return wrap(canonical(t.with(I64)), slices.Repeat(v.I64(), n)), nil
	case Bool:
		return wrap(canonical(t.with(Bool)), slices.Repeat(v.Bools(), n)), nil
	}
	return wrap(canonical(t.with(F32)), slices.Repeat(v.F32(), n)), nil
}

// NewRagged makes an array of rows that may differ in length along any axis: it gets a new first
// axis. All axes of the result are named by axes. Rows of equal shape make a dense array.
//
//	rows: [pos d] each; result: [batch pos d]
func NewRagged(axes []string, rows []*Array) (*Array, error) {
	return NewRaggedOver(axes, []int{len(rows)}, rows)
}

// NewRaggedOver is NewRagged with rows over several axes, in row-major order.
//
//	outer: layers, prompts; rows: [pos d] each; result: [layer batch pos d]
func NewRaggedOver(axes []string, outer []int, rows []*Array) (*Array, error) {
	if prod(outer) != len(rows) {
		return nil, errf("%d rows for dimensions %v", len(rows), outer)
	}
	out, err := stack(rows, 0, true)
	if err != nil {
		return nil, err
	}
	t := out.Type
	t.Dims = append(slices.Clone(outer), t.Dims[1:]...)
	t.Rag = slices.Clone(t.Rag)
	for i := range t.Rag {
		t.Rag[i].Axis += len(outer) - 1
	}
	if len(axes) != len(t.Dims) {
		return nil, errf("%d names for %d axes", len(axes), len(t.Dims))
	}
	t.Axes = slices.Clone(axes)
	return view(t, out), nil
}

// wrap puts numbers into the container.
func wrap(t Type, data any) *Array {
	n := 0
	switch d := data.(type) {
	case []float32:
		n = len(d)
	case []int64:
		n = len(d)
	case []bool:
		n = len(d)
	}
	if n != t.Size() {
		panic(fmt.Sprintf("tensor: %d numbers for shape %s", n, t.Shape()))
	}
	return &Array{Type: t, data: gt.New(gt.WithShape(n), gt.WithBacking(data))}
}

// view is the same numbers under another type of the same size, with the labels of axes that stay.
func view(t Type, a *Array) *Array {
	out := &Array{Type: t, data: a.data}
	out.carry(a)
	return out
}

// buffer makes room for the elements of a type.
func buffer(dt DType, n int) any {
	switch dt {
	case I64:
		return make([]int64, n)
	case Bool:
		return make([]bool, n)
	}
	return make([]float32, n)
}

// raw is the container's slice: []float32, []int64 or []bool.
func (a *Array) raw() any {
	switch a.DT {
	case I64:
		return a.ints()
	case Bool:
		return a.truths()
	}
	return a.floats()
}

// part is n elements of a slice of numbers from offset off, without a copy.
func part(buf any, off, n int) any {
	switch b := buf.(type) {
	case []int64:
		return b[off : off+n : off+n]
	case []bool:
		return b[off : off+n : off+n]
	}
	b := buf.([]float32)
	return b[off : off+n : off+n]
}

// copyPart copies n elements between slices of one element type.
func copyPart(dst any, at int, src any, from, n int) {
	switch d := dst.(type) {
	case []int64:
		copy(d[at:at+n], src.([]int64)[from:from+n])
	case []bool:
		copy(d[at:at+n], src.([]bool)[from:from+n])
	case []float32:
		copy(d[at:at+n], src.([]float32)[from:from+n])
	}
}
