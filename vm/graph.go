package vm

import (
	"encoding/binary"

	"interp/internal/diag"
	"interp/ir"
)

// builder adds to the session's intervention graph. Known scalars and slices are interned here;
// equal content of everything else is found by the planner.
type builder struct {
	g       *ir.Graph
	scalars map[any]ir.NodeID
	offsets map[string]*ir.Offsets
	views   map[ir.NodeID]*siteView // reads that can still be narrowed
}

func newBuilder() *builder {
	return &builder{g: &ir.Graph{}, scalars: map[any]ir.NodeID{}, offsets: map[string]*ir.Offsets{}, views: map[ir.NodeID]*siteView{}}
}

func (b *builder) add(n ir.Node) ir.NodeID {
	b.g.Nodes = append(b.g.Nodes, n)
	return ir.NodeID(len(b.g.Nodes) - 1)
}

// constant is the node of a known value.
func (b *builder) constant(v ir.Value) ir.NodeID {
	switch v.(type) {
	case nil, bool, int64, float64, string:
		if id, ok := b.scalars[v]; ok {
			return id
		}
	}
	n := ir.Node{Kind: ir.NConst, Const: v, VKind: ir.KindOf(v)}
	n.Type, _ = ir.TypeOf(v)
	id := b.add(n)
	switch v.(type) {
	case nil, bool, int64, float64, string:
		b.scalars[v] = id
	}
	return id
}

// node is the node of any value: a lazy value's own, a constant's, or one that puts a list or record
// of lazy values together.
func (b *builder) node(v ir.Value, span diag.Span) ir.NodeID {
	if l, ok := v.(*ir.Lazy); ok && l.Node != ir.NoNode {
		return l.Node
	}
	if ir.IsKnown(v) {
		return b.constant(v)
	}
	return b.call(&ir.Call{Row: gatherRow, Args: []ir.Value{v}, Span: span}, &ir.Lazy{Kind: ir.KindOf(v)}, span)
}

// call is the node of an op; out is what Infer said of it.
func (b *builder) call(c *ir.Call, out *ir.Lazy, span diag.Span) ir.NodeID {
	n := ir.Node{Kind: ir.NOp, VKind: out.Kind, Type: out.Type, Call: c, Span: span}
	for _, a := range c.Args {
		n.Args = appendLazy(n.Args, a)
	}
	return b.add(n)
}

// appendLazy collects the nodes of the lazy values in v, in order.
func appendLazy(ids []ir.NodeID, v ir.Value) []ir.NodeID {
	if ir.IsKnown(v) {
		return ids
	}
	switch x := v.(type) {
	case *ir.Lazy:
		if x.Node != ir.NoNode {
			ids = append(ids, x.Node)
		}
	case *ir.List:
		for _, e := range x.Items {
			ids = appendLazy(ids, e)
		}
	case *ir.Record:
		for _, e := range x.Vals {
			ids = appendLazy(ids, e)
		}
	}
	return ids
}

// gatherRow puts a list or a record of values that became known together.
var gatherRow = &ir.OpRow{Name: "gather_values", Hidden: true, NoGrad: "a list of values has no gradient of its own",
	Eval: func(c *ir.Call) (ir.Value, error) { return c.Args[0], nil },
}

// read is the lazy value of a view.
func (b *builder) read(v *siteView, span diag.Span) *ir.Lazy {
	t := v.typ()
	id := b.add(ir.Node{Kind: ir.NRead, VKind: ir.KArray, Type: t, View: v.view(b), Span: span})
	b.views[id] = v
	return &ir.Lazy{Node: id, Kind: ir.KArray, Type: t}
}

// slice is the canonical form of the places that picks take in a row of axes of the given sizes,
// starting at off. full says that these axes are the whole row.
func (b *builder) slice(off int, full bool, size []int, own []pick) ir.Slice {
	all := full
	for i, p := range own {
		all = all && p.idx == nil && p.n == size[i]
	}
	if all {
		return ir.Slice{}
	}
	at := []int32{int32(off)}
	stride := 1
	strides := make([]int, len(size))
	for i := len(size) - 1; i >= 0; i-- {
		strides[i] = stride
		stride *= size[i]
	}
	for i, p := range own {
		next := make([]int32, 0, len(at)*p.len())
		for _, o := range at {
			for k := range p.len() {
				next = append(next, o+int32(p.at(k)*strides[i]))
			}
		}
		at = next
	}
	if full && len(at) == stride && isRange(at, 1) {
		return ir.Slice{}
	}
	return b.compress(at)
}

// compress finds the nested ranges of a list of places, from the inside out, or interns the list.
func (b *builder) compress(at []int32) ir.Slice {
	if len(at) == 0 {
		return ir.Slice{List: b.intern(at)}
	}
	n1, s1 := int32(len(at)), step(at)
	if isRange(at, s1) {
		return ir.Slice{Off: at[0], N1: n1, S1: s1}
	}
	s := ir.Slice{Off: at[0]}
	inner := prefix(at, 1)
	outer, ok := blocks(at, inner)
	if !ok {
		return ir.Slice{List: b.intern(at)}
	}
	s2 := step(at[:inner])
	if isRange(outer, step(outer)) {
		s.N1, s.S1, s.N2, s.S2 = int32(len(outer)), step(outer), int32(inner), s2
		return s
	}
	mid := prefix(outer, 1)
	top, ok := blocks(outer, mid)
	if !ok || !isRange(top, step(top)) {
		return ir.Slice{List: b.intern(at)}
	}
	s.N1, s.S1, s.N2, s.S2, s.N3, s.S3 = int32(len(top)), step(top), int32(mid), step(outer[:mid]), int32(inner), s2
	return s
}

func step(at []int32) int32 {
	if len(at) < 2 {
		return 1
	}
	return at[1] - at[0]
}

func isRange(at []int32, s int32) bool {
	for i := range at {
		if at[i] != at[0]+int32(i)*s {
			return false
		}
	}
	return true
}

// prefix is the length of the longest beginning with one step.
func prefix(at []int32, least int) int {
	n, s := least, step(at)
	for n < len(at) && at[n] == at[0]+int32(n)*s {
		n++
	}
	return n
}

// blocks splits at into blocks of m places alike and gives their beginnings.
func blocks(at []int32, m int) ([]int32, bool) {
	if len(at)%m != 0 {
		return nil, false
	}
	var first []int32
	for i := 0; i < len(at); i += m {
		for j := range m {
			if at[i+j]-at[i] != at[j]-at[0] {
				return nil, false
			}
		}
		first = append(first, at[i])
	}
	return first, true
}

func (b *builder) intern(at []int32) *ir.Offsets {
	key := make([]byte, 0, 4*len(at))
	for _, o := range at {
		key = binary.LittleEndian.AppendUint32(key, uint32(o))
	}
	if o, ok := b.offsets[string(key)]; ok {
		return o
	}
	o := &ir.Offsets{At: at}
	b.offsets[string(key)] = o
	return o
}
