package stdlib

import (
	"interp/ir"
	"interp/nnrt/tensor"
)

// ToArray makes an array of a number or of a list of numbers, of equal lists or of arrays of one
// shape; each level of lists is an axis in front.
func ToArray(v ir.Value) (*tensor.Array, error) {
	switch x := v.(type) {
	case *tensor.Array:
		return x, nil
	case float64:
		return tensor.Float(x), nil
	case int64:
		return tensor.Int(x), nil
	case bool:
		return tensor.Truth(x), nil
	case *ir.List:
		return listArray(x)
	}
	return nil, errf("want an array, a number or a list of them, got %s", ir.KindOf(v))
}

func listArray(l *ir.List) (*tensor.Array, error) {
	if a := numbers(l); a != nil {
		return a, nil
	}
	parts := make([]*tensor.Array, len(l.Items))
	for i, e := range l.Items {
		a, err := ToArray(e)
		if err != nil {
			return nil, err
		}
		parts[i] = a
	}
	return tensor.Stack(parts, 0)
}

// numbers is the array of a list of host numbers alone; nil for any other list.
func numbers(l *ir.List) *tensor.Array {
	dt := tensor.Bool
	for _, e := range l.Items {
		switch e.(type) {
		case bool:
		case int64:
			if dt == tensor.Bool {
				dt = tensor.I64
			}
		case float64:
			dt = tensor.F32
		default:
			return nil
		}
	}
	n := len(l.Items)
	if n == 0 {
		return tensor.FromF32(nil, []int{0}, nil)
	}
	switch dt {
	case tensor.Bool:
		out := make([]bool, n)
		for i, e := range l.Items {
			out[i] = e.(bool)
		}
		return tensor.FromBool(nil, []int{n}, out)
	case tensor.I64:
		out := make([]int64, n)
		for i, e := range l.Items {
			out[i], _ = intOf(e)
		}
		return tensor.FromI64(nil, []int{n}, out)
	}
	out := make([]float32, n)
	for i, e := range l.Items {
		x, _ := floatOf(e)
		out[i] = float32(x)
	}
	return tensor.FromF32(nil, []int{n}, out)
}

// TypeOf is the type of the array that a value makes, of which only types may be known.
func TypeOf(v ir.Value) (tensor.Type, error) {
	l, ok := v.(*ir.List)
	if !ok {
		return typeOf(v)
	}
	if len(l.Items) == 0 {
		return tensor.NewType(tensor.F32, nil, []int{0}), nil
	}
	types := make([]tensor.Type, len(l.Items))
	for i, e := range l.Items {
		t, err := TypeOf(e)
		if err != nil {
			return t, err
		}
		types[i] = t
	}
	return tensor.StackType(types, 0)
}

func typeOf(v ir.Value) (tensor.Type, error) {
	switch x := v.(type) {
	case *tensor.Array:
		return x.Type, nil
	case *ir.Lazy:
		switch x.Kind {
		case ir.KArray:
			return x.Type, nil
		case ir.KBool:
			return tensor.Type{DT: tensor.Bool}, nil
		case ir.KInt:
			return tensor.Type{DT: tensor.I64}, nil
		case ir.KFloat:
			return tensor.Type{DT: tensor.F32}, nil
		case ir.KList:
			if x.Elems != nil {
				return TypeOf(&ir.List{Items: x.Elems})
			}
		}
	case float64:
		return tensor.Type{DT: tensor.F32}, nil
	case int64:
		return tensor.Type{DT: tensor.I64}, nil
	case bool:
		return tensor.Type{DT: tensor.Bool}, nil
	}
	return tensor.Type{}, errf("want an array, a number or a list of them, got %s", ir.KindOf(v))
}
