package behave

import (
	"fmt"
	"math"
	"reflect"
	"slices"

	"interp/internal/results"
)

// sameBits says how two results differ: types, shapes, or an element's bits. NaN equals NaN.
func sameBits(a, b any) error {
	switch x := a.(type) {
	case *results.Array:
		y, ok := b.(*results.Array)
		if !ok {
			return fmt.Errorf("an array against %T", b)
		}
		return sameArrays(x, y)
	case *results.Record:
		y, ok := b.(*results.Record)
		if !ok || !slices.Equal(x.Keys, y.Keys) {
			return fmt.Errorf("%v against %v", a, b)
		}
		return sameBits(x.Vals, y.Vals)
	case []any:
		y, ok := b.([]any)
		if !ok || len(x) != len(y) {
			return fmt.Errorf("%v against %v", a, b)
		}
		for i := range x {
			if err := sameBits(x[i], y[i]); err != nil {
				return fmt.Errorf("[%d]: %w", i, err)
			}
		}
		return nil
	case float64:
		y, ok := b.(float64)
		if !ok || math.Float64bits(x) != math.Float64bits(y) && !(x != x && y != y) {
			return fmt.Errorf("%v against %v", a, b)
		}
		return nil
	}
	if !reflect.DeepEqual(a, b) {
		return fmt.Errorf("%v against %v", a, b)
	}
	return nil
}

func sameArrays(a, b *results.Array) error {
	if !slices.Equal(a.Axes, b.Axes) || !slices.Equal(a.Shape, b.Shape) || !slices.Equal(a.Outer, b.Outer) || !reflect.DeepEqual(a.Rows, b.Rows) {
		return fmt.Errorf("%v %v%v against %v %v%v", a.Axes, a.Shape, a.Rows, b.Axes, b.Shape, b.Rows)
	}
	x, ok1 := a.Data.([]float32)
	y, ok2 := b.Data.([]float32)
	if !ok1 || !ok2 {
		if !reflect.DeepEqual(a.Data, b.Data) {
			return fmt.Errorf("%v against %v", a.Data, b.Data)
		}
		return nil
	}
	for i := range x {
		if math.Float32bits(x[i]) != math.Float32bits(y[i]) && !(x[i] != x[i] && y[i] != y[i]) {
			return fmt.Errorf("element %d of %v%v: %v (%#x) against %v (%#x)", i, a.Axes, a.Shape, x[i], math.Float32bits(x[i]), y[i], math.Float32bits(y[i]))
		}
	}
	return nil
}
