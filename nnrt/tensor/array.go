// Package tensor has the arrays that scripts compute with: float32, int64 or bool numbers in
// row-major order under named axes, dense or ragged.
//
// A ragged array is a list of dense rows that differ in the length of some axes:
//
//	axes  [batch pos d_model]   Dims [2 -1 4]   Rag {axis 1: lens 3 5}
//	data  row 0: 3*4 numbers, then row 1: 5*4 numbers
//
// The rows are counted by the product of the dimensions before the first ragged axis. A ragged
// axis has the dimension -1 and one length a row. Arrays never change once they are handed out.
package tensor

import (
	gt "gorgonia.org/tensor"
)

// DType is the type of an array's elements.
type DType uint8

// The element types.
const (
	F32 DType = iota
	I64
	Bool
)

// Rag gives the lengths of a ragged axis, one for each row.
type Rag struct {
	Axis int
	Lens []int
}

// Type is what is known of an array without its numbers.
type Type struct {
	DT   DType
	Axes []string // one name an axis; "" is unnamed
	Dims []int    // -1: ragged, see Rag
	Rag  []Rag    // by ascending axis; nil for a dense array
}

// Array is a value. The numbers live in a flat container of gorgonia's, which Dense hands out in
// its shape; they are shared by all holders and must not be written to.
type Array struct {
	Type
	Labels map[string][]string // of an axis, by its name: what a picture or a file writes beside it
	data   *gt.Dense           // flat, one dimension
}
