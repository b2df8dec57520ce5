package vm

import (
	"math"

	"interp/internal/diag"
	"interp/ir"
	"interp/nnrt/tensor"
	"interp/stdlib"
)

// modelValue is a model as a value.
type modelValue struct{ model ir.Model }

// ValueKind makes it a value.
func (*modelValue) ValueKind() ir.Kind { return ir.KModel }

func (v *modelValue) String() string { return "model " + v.model.Name() }

// funcValue is a def or an edit with the frame it was made in and its defaults.
type funcValue struct {
	fn       *ir.Func
	defaults []ir.Value
	outer    *frame
}

// ValueKind makes it a value.
func (v *funcValue) ValueKind() ir.Kind {
	if v.fn.Kind == ir.FuncEdit {
		return ir.KEdit
	}
	return ir.KFunc
}

func (v *funcValue) String() string { return v.ValueKind().String() + " " + v.fn.Name }

// rowFunc is a function of the library as a value.
type rowFunc struct{ row *ir.OpRow }

// ValueKind makes it a value.
func (*rowFunc) ValueKind() ir.Kind { return ir.KFunc }

func (v *rowFunc) String() string { return "function " + v.row.Name }

// editCall is an edit with its arguments, ready for an invoke.
type editCall struct {
	edit *funcValue
	args []ir.Value
	site uint64
	span diag.Span
}

// ValueKind makes it a value.
func (*editCall) ValueKind() ir.Kind { return ir.KEdit }

func (v *editCall) String() string { return "edit " + v.edit.fn.Name }

// intOf reads a whole number: of the host, or an array of one.
func intOf(v ir.Value) (int64, bool) {
	switch x := v.(type) {
	case int64:
		return x, true
	case *tensor.Array:
		if x.DT == tensor.I64 && x.Size() == 1 {
			return x.I64()[0], true
		}
	}
	return 0, false
}

// floatOf reads a number: of the host, or an array of one.
func floatOf(v ir.Value) (float64, bool) {
	switch x := v.(type) {
	case float64:
		return x, true
	case bool:
		return 0, false
	case *tensor.Array:
		if x.Size() == 1 && x.DT != tensor.Bool {
			f, err := x.Float()
			return f, err == nil
		}
	}
	n, ok := intOf(v)
	return float64(n), ok
}

// listItems are the items of a list, or the numbers of an array of one axis.
func listItems(v ir.Value) ([]ir.Value, bool) {
	switch x := v.(type) {
	case *ir.List:
		return x.Items, true
	case *tensor.Array:
		if x.Rank() > 0 {
			return stdlib.Items(x)
		}
	case *ir.Lazy:
		return x.Elems, x.Kind == ir.KList && x.Elems != nil
	}
	return nil, false
}

// asArray takes a value as one array: a number, or a list of numbers, of equal lists or of arrays of
// one shape.
func (m *Machine) asArray(v ir.Value) (ir.Value, error) {
	switch x := v.(type) {
	case *tensor.Array:
		return x, nil
	case *cells:
		return m.materialise(x, m.cur.Span)
	case *ir.Lazy:
		switch x.Kind {
		case ir.KArray, ir.KAny:
			return x, nil
		case ir.KInt, ir.KFloat, ir.KBool:
			return m.op(arrayRow, nil, m.cur.Span, x)
		case ir.KList:
			if x.Elems != nil {
				return m.listArray(x.Elems)
			}
			if m.check != nil {
				return unknown(), nil
			}
			f, err := m.force(x)
			if err != nil {
				return nil, err
			}
			return m.asArray(f)
		}
	case *ir.List:
		if !ir.IsKnown(x) {
			return m.listArray(x.Items)
		}
	}
	if err := m.charge(size(v)); err != nil {
		return nil, err
	}
	a, err := stdlib.ToArray(v)
	if err != nil {
		return nil, err
	}
	return a, nil
}

// listArray stacks values of which some are lazy.
func (m *Machine) listArray(items []ir.Value) (ir.Value, error) {
	arrays := make([]ir.Value, len(items))
	for i, e := range items {
		a, err := m.asArray(e)
		if err != nil {
			return nil, err
		}
		if ir.KindOf(a) == ir.KAny {
			return unknown(), nil
		}
		arrays[i] = a
	}
	row, ok := m.opts.Lookup("stack")
	if !ok {
		return nil, &ir.Error{Code: "E0302", Msg: "there is no function stack"}
	}
	return m.apply(&ir.Call{Row: row, Args: []ir.Value{&ir.List{Items: arrays}, int64(0)}, Env: m.env(), Span: m.cur.Span})
}

// arrayRow makes an array of a number that is not known yet.
var arrayRow = &ir.OpRow{Name: "array", Hidden: true, NoGrad: "a number of the host has no gradient",
	Infer: func(c *ir.Call) (ir.Value, error) {
		t, err := typeOf(c.Args[0])
		return &ir.Lazy{Kind: ir.KArray, Type: t}, err
	},
	Eval: func(c *ir.Call) (ir.Value, error) {
		a, err := stdlib.ToArray(c.Args[0])
		if err != nil {
			return nil, err
		}
		return a, nil
	},
}

// size counts the elements of a value, for the budget.
func size(v ir.Value) int { return int(ir.Size(v)) }

// clampInt brings a number of the host into the range of an index.
func clampInt(n int64) int { return int(min(max(n, math.MinInt32), math.MaxInt32)) }
