package plan

import (
	"interp/ir"
	"interp/nnrt/arch"
	"interp/nnrt/tensor"
)

// What an executor asks a table. None of it changes the table.

// ValKind says what a value is made of.
type ValKind = valKind

// The kinds of values.
const (
	Const   = vConst // a value of the host: Constant
	ReadRow = vRead  // a slice of a row: Source
	View    = vView  // the operands' numbers, laid out: Layout
	Op      = vOp    // a call: Call, on the operands
	Host    = vHost  // what the host makes of a node: gradients, generated tokens
)

// Kind of a value.
func (t *Table) Kind(v ValID) ValKind { return t.vals[v].kind }

// Operands of a view or a call; all have lower ids.
func (t *Table) Operands(v ValID) []ValID { return t.operands(t.vals[v]) }

// Source is the row that a read takes a slice of.
func (t *Table) Source(v ValID) (RowKey, ir.Slice) {
	x := t.vals[v]
	return RowKey{ColID(x.b), pointOf(x)}, t.slices[x.c]
}

func pointOf(x val) arch.Point { return arch.Point(x.a) }

// Constant is a host value; nums is set when a set writes it.
func (t *Table) Constant(v ValID) (value ir.Value, nums []float32) {
	c := t.consts.all[t.vals[v].a]
	return c.value, c.nums
}

// Layout is how a view's numbers make an array; untyped where they only follow one another.
func (t *Table) Layout(v ValID) (typ tensor.Type, typed bool, scatter []int32, fill float32) {
	l := &t.layouts.all[t.vals[v].a]
	return l.typ, l.typed, l.scatter, l.fill
}

// Call is the node of the call that a value is the result of; the lazy arguments of its Call are, in
// order, the operands.
func (t *Table) Call(v ValID) *ir.Node { return t.ops.all[t.vals[v].a].node }

// HostNode is the node of a host value.
func (t *Table) HostNode(v ValID) ir.NodeID { return ir.NodeID(t.vals[v].a) }

// Gradient says that a value is a gradient.
func (t *Table) Gradient(v ValID) bool { return t.vals[v].gradient() }

// Bytes is the size of a value's numbers as far as it is known beforehand.
func (t *Table) Bytes(v ValID) int64 { return t.bytes(v) }

// Models are the models of the table by number.
func (t *Table) Models() []ir.Model { return t.models }

// Owner is the column whose row at p column c's row is.
func (t *Table) Owner(p arch.Point, c ColID) ColID { return t.owner(p, c) }

// Place is a column's model, position and token.
func (t *Table) Place(c ColID) (model int16, pos, tok int32) {
	n := &t.cols[c]
	return n.model, n.pos, n.tok
}

// Prev is the column before; negative for none.
func (t *Table) Prev(c ColID) ColID { return t.cols[c].prev }

// Plain says that no edit has touched the column or its prefix, or that one of which this holds is this
// column from its fork on.
func (t *Table) Plain(c ColID) bool { return t.cols[c].plain }

// Edit is a slice of a row and the value written there.
type Edit struct {
	Slice ir.Slice
	Val   ValID
}

// Edits are how an Edited row is made: a copy of base's row (none if it is set whole), then the edits
// in order.
func (t *Table) Edits(c ColID) (base ColID, edits []Edit) {
	n := &t.cols[c]
	base = n.base
	if t.whole(n) {
		base = -1
	}
	for _, e := range t.edits(n) {
		edits = append(edits, Edit{t.slices[e.Sl], e.Val})
	}
	return base, edits
}

// Wide says that rows at p have a number a key: attention scores and patterns.
func (t *Table) Wide(model int16, p arch.Point) bool { return t.orders[model].wide[p] }

// LastReader is the last point whose row is made from the row at p.
func (t *Table) LastReader(model int16, p arch.Point) arch.Point { return t.orders[model].last[p] }

// KV is the point of a layer's keys and values.
func (t *Table) KV(model int16, layer int) arch.Point { return t.orders[model].kv[layer] }

// DependsOn says whether column c, at or above its fork, is made from any of the columns marked bad:
// through its base, what it follows, its prefix, or a value it was set to.
func (t *Table) DependsOn(c ColID, bad func(ColID) bool) bool {
	n := &t.cols[c]
	for _, d := range []ColID{n.base, n.alias, n.prev} {
		if d >= 0 && bad(d) {
			return true
		}
	}
	if n.ownEdit && n.alias < 0 {
		seen := map[ValID]bool{}
		for _, e := range t.edits(n) {
			if t.readsAny(e.Val, bad, seen) {
				return true
			}
		}
	}
	return false
}

// readsAny says that a value is computed from a bad column; what is in seen is not.
func (t *Table) readsAny(v ValID, bad func(ColID) bool, seen map[ValID]bool) bool {
	x := t.vals[v]
	if x.kind == vRead {
		return bad(ColID(x.b))
	}
	if seen[v] {
		return false
	}
	seen[v] = true
	for _, a := range t.operands(x) {
		if t.readsAny(a, bad, seen) {
			return true
		}
	}
	return false
}
