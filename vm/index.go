package vm

import (
	"fmt"
	"slices"

	"interp/internal/diag"
	"interp/ir"
	"interp/nnrt/tensor"
)

// index takes entries of an array. Of a lazy array it narrows what is read: the index goes down
// through ops that work element by element along the indexed axes, to the reads, so that a logit of a
// saved array demands one logit.
func (m *Machine) index(v ir.Value, ix []tensor.Ix, span diag.Span) (ir.Value, error) {
	switch x := v.(type) {
	case *tensor.Array:
		return tensor.Index(x, ix)
	case *ir.Lazy:
		sel, err := tensor.ResolveIndex(x.Type, ix)
		if err != nil {
			return nil, err
		}
		return m.selectLazy(x, sel, span)
	}
	return nil, &ir.Error{Code: "E0306", Msg: "only lists, strings, records and arrays can be indexed, got " + ir.KindOf(v).String()}
}

// selectArray applies resolved selections to an array, lazy or not.
func (m *Machine) selectArray(v ir.Value, sel []tensor.Sel, span diag.Span) (ir.Value, error) {
	if x, ok := v.(*ir.Lazy); ok {
		return m.selectLazy(x, sel, span)
	}
	a, ok := v.(*tensor.Array)
	if !ok {
		return v, nil
	}
	return tensor.Select(a, sel), nil
}

func (m *Machine) selectLazy(x *ir.Lazy, sel []tensor.Sel, span diag.Span) (ir.Value, error) {
	if allWhole(sel) {
		return x, nil
	}
	if x.Node == ir.NoNode {
		return &ir.Lazy{Node: ir.NoNode, Kind: ir.KArray, Type: tensor.SelType(x.Type, sel)}, nil
	}
	if picksNone(sel) {
		return m.op(selectRow, sel, span, x)
	}
	if w := m.b.views[x.Node]; w != nil {
		return m.b.read(w.narrow(sel), m.b.g.Nodes[x.Node].Span), nil
	}
	if n := m.b.g.Nodes[x.Node]; n.Kind == ir.NOp {
		return m.narrow.once(x.Node, sel, func() (ir.Value, error) { return m.selectOp(x, n.Call, sel, span) })
	}
	return m.op(selectRow, sel, span, x)
}

// selectOp applies a selection to the result of an op.
func (m *Machine) selectOp(x *ir.Lazy, c *ir.Call, sel []tensor.Sel, span diag.Span) (ir.Value, error) {
	if err := m.charge(0); err != nil {
		return nil, err
	}
	switch c.Row {
	case cellsRow:
		return m.selectCells(x, c, sel, span)
	case stackRow:
		return m.selectStack(c, sel, span)
	case selectRow:
		t, _ := ir.TypeOf(c.Args[0])
		if both, ok := compose(t, c.Attrs.([]tensor.Sel), sel); ok {
			return m.selectArray(c.Args[0], both, span)
		}
	}
	if c.Row.Maps != nil && !ownRows(sel) {
		push := m.push
		if slices.ContainsFunc(sel, func(s tensor.Sel) bool { return s.Rows != nil }) {
			push = m.pushPrompt
		}
		if v, ok, err := push(c, x.Type, sel, span); ok || err != nil {
			return v, err
		}
	}
	return m.op(selectRow, sel, span, x)
}

// narrowing remembers what an index made of the ops that it goes down through: an op that many others
// use is narrowed once for all of them.
type narrowing struct {
	depth int
	done  map[narrowed]ir.Value
}

type narrowed struct {
	node ir.NodeID
	sel  string
}

// once narrows an op, unless the index at hand did so before.
func (n *narrowing) once(node ir.NodeID, sel []tensor.Sel, f func() (ir.Value, error)) (ir.Value, error) {
	if n.depth == 0 { // nothing was narrowed yet
		n.depth++
		defer func() { *n = narrowing{} }()
		return f()
	}
	key := narrowed{node, fmt.Sprint(sel)}
	if v, ok := n.done[key]; ok {
		return v, nil
	}
	v, err := f()
	if err == nil {
		if n.done == nil {
			n.done = map[narrowed]ir.Value{}
		}
		n.done[key] = v
	}
	return v, err
}

// compose is a selection of what another one took of an array of type t, in one; false where rows differ
// in what is taken twice.
func compose(t tensor.Type, inner, outer []tensor.Sel) ([]tensor.Sel, bool) {
	out, k := slices.Clone(inner), 0
	for i, s := range inner {
		if s.By >= 0 {
			return nil, false
		}
		if s.Drop {
			continue
		}
		o := outer[k]
		k++
		switch {
		case o.By >= 0 || s.Rows != nil && !o.All || o.Rows != nil && !allWhole(inner[:i+1]):
			return nil, false
		case o.All:
		case s.All:
			out[i] = o
		default:
			out[i] = tensor.Sel{Pos: make([]int, len(o.Pos)), Drop: o.Drop, By: -1}
			for j, p := range o.Pos {
				out[i].Pos[j] = s.Pos[p]
			}
		}
	}
	for _, g := range t.Rag { // what was dense between the two
		if s := out[g.Axis]; s.Pos != nil {
			out[g.Axis] = tensor.Sel{Rows: slices.Repeat([][]int{s.Pos}, len(g.Lens)), Drop: s.Drop, By: -1}
		}
	}
	return out, true
}

// pushPrompt is push for one prompt where rows have selections of their own: without the others the
// array is dense.
func (m *Machine) pushPrompt(c *ir.Call, out tensor.Type, sel []tensor.Sel, span diag.Span) (ir.Value, bool, error) {
	if len(sel[0].Pos) != 1 {
		return nil, false, nil
	}
	row, rest := sel[0].Pos[0], slices.Clone(sel)
	for _, g := range out.Rag {
		if len(g.Lens) != out.Dims[0] {
			return nil, false, nil
		}
		if s := sel[g.Axis]; s.Rows != nil {
			rest[g.Axis] = tensor.Sel{Pos: s.Rows[row], Drop: s.Drop, By: -1}
		}
	}
	one := wholeSel(len(sel))
	one[0] = tensor.Sel{Pos: []int{row}, By: -1}
	v, ok, err := m.push(c, out, one, span)
	if !ok || err != nil {
		return nil, false, err
	}
	rest[0] = tensor.Sel{Pos: []int{0}, Drop: sel[0].Drop, By: -1}
	v, err = m.selectArray(v, rest, span)
	return v, true, err
}

func allWhole(sel []tensor.Sel) bool {
	for _, s := range sel {
		if !s.All {
			return false
		}
	}
	return true
}

// picksNone says that nothing is left along some axis: what is asked of it is only its shape.
func picksNone(sel []tensor.Sel) bool {
	return slices.ContainsFunc(sel, func(s tensor.Sel) bool { return !s.All && s.Rows == nil && len(s.Pos) == 0 })
}

// ownRows says that some axis has a selection of its own in each row: at().
func ownRows(sel []tensor.Sel) bool {
	for _, s := range sel {
		if s.By >= 0 {
			return true
		}
	}
	return false
}

// push applies a selection to the arguments of an op instead of to its result. Axes keep their place
// there (an entry is a range of one), since the op may name them by number; entries are dropped from
// the result.
func (m *Machine) push(c *ir.Call, out tensor.Type, sel []tensor.Sel, span diag.Span) (ir.Value, bool, error) {
	maps := c.Row.Maps(c, out)
	if maps == nil {
		return nil, false, nil
	}
	pushed := make([]bool, len(sel))
	any := false
	for i, s := range sel {
		pushed[i] = !s.All && reaches(maps, i)
		any = any || pushed[i]
	}
	if !any {
		return nil, false, nil
	}
	args, k := make([]ir.Value, len(c.Args)), 0
	for i, a := range c.Args {
		args[i] = a
		t, ok := ir.TypeOf(a)
		if !ok {
			continue
		}
		along := maps[k]
		k++
		if along == nil {
			continue
		}
		own := wholeSel(t.Rank())
		for axis, s := range sel {
			if j := along[axis]; pushed[axis] && j >= 0 && (t.Dims[j] != 1 || out.Dims[axis] == 1) {
				own[j] = tensor.Sel{Pos: s.Pos, By: -1}
			}
		}
		v, err := m.selectArray(a, own, span)
		if err != nil {
			return nil, false, err
		}
		args[i] = v
	}
	inner := &ir.Call{Row: c.Row, Args: args, Env: c.Env, Span: c.Span, Attrs: c.Attrs}
	v, err := m.apply(inner)
	if err != nil {
		return nil, false, err
	}
	rest := wholeSel(len(sel))
	for i, s := range sel {
		switch {
		case !pushed[i]:
			rest[i] = s
		case s.Drop:
			rest[i] = tensor.Sel{Pos: []int{0}, Drop: true, By: -1}
		}
	}
	if allWhole(rest) {
		return v, true, nil
	}
	if l, ok := v.(*ir.Lazy); ok {
		v, err = m.op(selectRow, rest, span, l)
		return v, true, err
	}
	v, err = m.selectArray(v, rest, span)
	return v, true, err
}

func wholeSel(n int) []tensor.Sel {
	sel := make([]tensor.Sel, n)
	for i := range sel {
		sel[i] = tensor.Sel{All: true, By: -1}
	}
	return sel
}

// reaches says that an index on an axis of the result may be applied to the arguments.
func reaches(maps [][]int, axis int) bool {
	some := false
	for _, along := range maps {
		if along == nil {
			continue
		}
		if along[axis] == -2 {
			return false
		}
		some = some || along[axis] >= 0
	}
	return some
}

// op calls a hidden row of the machine's own with what it resolved before.
func (m *Machine) op(row *ir.OpRow, attrs any, span diag.Span, args ...ir.Value) (ir.Value, error) {
	return m.apply(&ir.Call{Row: row, Args: args, Attrs: attrs, Span: span})
}

// apply calls a row: at once when everything is known, else as a node of the graph.
func (m *Machine) apply(c *ir.Call) (ir.Value, error) {
	known := true
	for _, a := range c.Args {
		known = known && ir.IsKnown(a)
	}
	if known && c.Row.Eval != nil {
		if err := m.chargeResult(c); err != nil {
			return nil, err
		}
		return c.Row.Eval(c)
	}
	v, err := c.Row.Infer(c)
	if err != nil {
		return nil, err
	}
	l, ok := v.(*ir.Lazy)
	if !ok {
		return v, nil
	}
	if l.Node != 0 { // the row made it of others: it has its node
		return v, nil
	}
	out := *l
	out.Node = ir.NoNode
	if m.computable(c.Args) {
		out.Node = m.b.call(c, l, c.Span)
	}
	return &out, nil
}

// chargeResult counts an array before it is made, where its arguments could make one that is much
// larger than they are: an outer product, a broadcast.
func (m *Machine) chargeResult(c *ir.Call) error {
	if c.Row.Infer == nil {
		return nil
	}
	args := make([]int, 0, len(c.Args))
	for _, a := range c.Args {
		args = append(args, max(size(a), 1))
	}
	if tensor.Elements(args) <= 1<<16 {
		return nil
	}
	v, err := c.Row.Infer(c)
	l, ok := v.(*ir.Lazy)
	if err != nil || !ok || l.Kind != ir.KArray {
		return nil // evaluation says what is wrong
	}
	if l.Type.IsRagged() {
		return m.charge(l.Type.Size())
	}
	return m.charge(tensor.Elements(l.Type.Dims))
}

// computable says that all lazy arguments will be known some day: none comes from an input that
// check was not given.
func (m *Machine) computable(args []ir.Value) bool {
	for _, a := range args {
		if ir.IsKnown(a) {
			continue
		}
		switch x := a.(type) {
		case *ir.Lazy:
			if x.Node == ir.NoNode {
				return false
			}
		case *ir.List:
			if !m.computable(x.Items) {
				return false
			}
		case *ir.Record:
			if !m.computable(x.Vals) {
				return false
			}
		}
	}
	return true
}

// selectRow takes entries of an array by resolved selections (Attrs).
var selectRow = &ir.OpRow{Name: "select", Hidden: true,
	Infer: func(c *ir.Call) (ir.Value, error) {
		t, _ := ir.TypeOf(c.Args[0])
		return &ir.Lazy{Kind: ir.KArray, Type: tensor.SelType(t, c.Attrs.([]tensor.Sel))}, nil
	},
	Eval: func(c *ir.Call) (ir.Value, error) {
		return tensor.Select(c.Args[0].(*tensor.Array), c.Attrs.([]tensor.Sel)), nil
	},
	Grad: func(c *ir.Call, _ int, _, dout *tensor.Array) (*tensor.Array, error) {
		t, _ := ir.TypeOf(c.Args[0])
		return tensor.SelectGrad(t, c.Attrs.([]tensor.Sel), dout)
	},
}
