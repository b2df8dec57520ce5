package vm

import (
	"fmt"

	"interp/ir"
	"interp/nnrt/tensor"
)

func (m *Machine) setFieldOp(f *frame, in *ir.Instr) (ir.Value, error) {
	r, err := m.arg(f, in, 0)
	if err != nil {
		return nil, err
	}
	v, err := m.arg(f, in, 1)
	if err != nil {
		return nil, err
	}
	switch x := r.(type) {
	case *ir.Record:
		return x.With(in.Name, v), m.charge(len(x.Keys))
	case *ir.Lazy:
		if m.check != nil {
			return unknown(), nil
		}
	}
	return nil, &ir.Error{Code: "E0307", Msg: fmt.Sprintf("%s has no field to change", ir.KindOf(r)), Hint: "records have: {a: 1}"}
}

// setIndexOp is a0 with [Ix] changed to a1.
func (m *Machine) setIndexOp(f *frame, in *ir.Instr) (ir.Value, error) {
	v, err := m.arg(f, in, 0)
	if err != nil {
		return nil, err
	}
	x, err := m.arg(f, in, 1)
	if err != nil {
		return nil, err
	}
	items, known, err := m.items(f, in.Ix)
	if err != nil {
		return nil, err
	}
	if !known || ir.KindOf(v) == ir.KAny {
		return unknown(), nil
	}
	if err := m.charge(size(v)); err != nil {
		return nil, err
	}
	switch y := v.(type) {
	case *ir.Record:
		if len(items) == 1 {
			if k, ok := items[0].lo.(string); ok {
				return y.With(k, x), nil
			}
		}
		_, err := field(y, items)
		return nil, err
	case *ir.List:
		return m.setListItem(y, items, x)
	}
	t, ok := ir.TypeOf(v)
	if !ok {
		return nil, &ir.Error{Code: "E0306", Msg: ir.KindOf(v).String() + " has no entries to change"}
	}
	ix, err := m.tensorIx(items)
	if err != nil {
		return nil, err
	}
	sels, err := tensor.ResolveIndex(t, ix)
	if err != nil {
		return nil, err
	}
	a, err := m.asArray(x)
	if err != nil {
		return nil, err
	}
	return m.op(putRow, &putAttrs{sels: sels}, in.Span, v, a)
}

func (m *Machine) setListItem(l *ir.List, items []ixValue, v ir.Value) (ir.Value, error) {
	if len(items) != 1 || items[0].kind != ir.IxEntry {
		return nil, &ir.Error{Code: "E0306", Msg: "a list is changed one item at a time", Hint: "build a new list: xs[:2] + ys + xs[3:]"}
	}
	ix, err := m.tensorIx(items)
	if err != nil {
		return nil, err
	}
	if ix[0].Unknown {
		return unknownOf(ir.KList), nil
	}
	if ix[0].Kind != tensor.Entry {
		return nil, &ir.Error{Code: "E0306", Msg: "a list is changed one item at a time"}
	}
	i, err := listIndex(ix[0].I, len(l.Items), "list")
	if err != nil {
		return nil, err
	}
	out := append([]ir.Value(nil), l.Items...)
	out[i] = v
	return &ir.List{Items: out}, nil
}
