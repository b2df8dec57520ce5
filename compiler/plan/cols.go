package plan

import (
	"interp/ir"
	"interp/nnrt/arch"
)

// ColID is a hash-consed column. A negative one is no column: where a chain begins, it says of which
// model and at which position. The column at position 0, and at any position the embedding column,
// whose points before the first attention every equal token at that position shares, have such a prev.
type ColID int32

// posBits is the room for a position in a negative ColID; the model stands above it.
const posBits = 24

func none(model int16, pos int32) ColID { return -1 - (ColID(model)<<posBits | ColID(pos)) }

func (c ColID) pos() int32   { return int32((-1 - c) & (1<<posBits - 1)) }
func (c ColID) model() int16 { return int16((-1 - c) >> posBits) }

// col is one token position of one run, by content.
type col struct {
	prev ColID // the column before it, with only the edits that attention can see
	tok  int32
	list listID // own edits

	pos    int32
	base   ColID // who owns the points below fork
	fork   arch.Point
	maxVis arch.Point // highest point at which a later column sees an edit of this chain
	alias  ColID      // who owns [fork, until), if anyone else
	until  arch.Point

	stripAt  arch.Point // memo of strip
	stripCol ColID

	model   int16
	ownEdit bool // the fork is an own edit; else a prefix arrived or changed
	plain   bool // no edit has touched it or its prefix, or it is such a column's from its fork on
}

// futKey is what decides a column from the attention of a layer on, if no edit comes later: who
// supplies its row there, and its prefix from there.
type futKey struct {
	from, prev ColID
	layer      int32
}

// Table holds everything interned. Ids ascend: whatever a column refers to (prev, base, alias,
// values) has a lower id, and all sweeps rely on it. A table lives as long as the session.
type Table struct {
	models  []ir.Model
	orders  []*order
	cols    []col
	colIx   colIndex
	futIx   map[futKey]ColID
	vals    []val
	valIx   map[val]int32
	slices  []ir.Slice
	sliceIx map[ir.Slice]int32
	lists   []listNode
	listIx  map[listNode]int32
	args    argTable
	consts  constTable
	ops     opTable
	layouts layoutTable
}

// NewTable makes an empty table.
func NewTable() *Table {
	return &Table{
		futIx: map[futKey]ColID{}, valIx: map[val]int32{},
		slices: make([]ir.Slice, 1), sliceIx: map[ir.Slice]int32{{}: 0},
		lists: make([]listNode, 1), listIx: map[listNode]int32{},
		args: newArgTable(), consts: newConstTable(), ops: newOpTable(), layouts: newLayoutTable(),
	}
}

// Len is the number of columns.
func (t *Table) Len() int { return len(t.cols) }

// Model gives the number of a model in this table.
func (t *Table) Model(m ir.Model) int16 {
	for i, x := range t.models {
		if x == m {
			return int16(i)
		}
	}
	t.models = append(t.models, m)
	t.orders = append(t.orders, derive(m.Arch()))
	return int16(len(t.models) - 1)
}

func (t *Table) order(c ColID) *order {
	if c < 0 {
		return t.orders[c.model()]
	}
	return t.orders[t.cols[c].model]
}

func (t *Table) maxVis(c ColID) arch.Point {
	if c < 0 {
		return -1
	}
	return t.cols[c].maxVis
}

// column interns (prev, tok, list). prev must be free of edits that no later column sees; see
// Builder.prefix.
func (t *Table) column(prev ColID, tok int32, list listID) ColID {
	if c, ok := t.colIx.find(t.cols, prev, tok, list); ok {
		return c
	}
	n := col{prev: prev, tok: tok, list: list, base: -1, alias: -1, maxVis: -1, stripAt: -1}
	own, seen := t.top(list), arch.Point(-1)
	if prev < 0 {
		n.pos, n.model = prev.pos(), prev.model()
	} else {
		p := &t.cols[prev]
		n.pos, n.model, n.maxVis = p.pos+1, p.model, p.maxVis
		seen = max(t.orders[n.model].firstArrival(), n.maxVis)
	}
	o := t.orders[n.model]
	for l := list; l != 0; l = t.lists[l].parent { // the highest visible own edit
		if v := o.vis(t.lists[l].edit.Pt); v != arch.Never {
			n.maxVis = max(n.maxVis, v)
			break
		}
	}
	if own >= 0 || seen >= 0 {
		n.fork = max(own, seen)
		n.ownEdit = own > seen
		q := none(n.model, n.pos)
		if n.fork != o.firstArrival() {
			q = t.strip(prev, n.fork)
		}
		n.base = t.column(q, tok, t.below(list, n.fork))
		t.follow(&n)
	}
	if n.plain = list == 0 && n.maxVis < 0; n.plain && n.until == arch.Never {
		t.servesPlain(n.alias)
	}
	c := ColID(len(t.cols))
	t.cols = append(t.cols, n)
	t.colIx.add(t.cols, c)
	if n.alias < 0 && n.base >= 0 && !n.ownEdit && (list != 0 || n.maxVis >= 0) { // pure columns are found by colIx
		if f, ok := t.future(n.base, n.prev, o.layer(n.fork)); ok {
			t.futIx[f] = c
		}
	}
	return c
}

func (o *order) firstArrival() arch.Point {
	if len(o.arrival) == 0 {
		return -1
	}
	return o.arrival[0]
}

// servesPlain marks the column that a plain one follows: a patched run may have come first.
func (t *Table) servesPlain(c ColID) {
	for ; c >= 0 && !t.cols[c].plain; c = t.cols[c].alias {
		t.cols[c].plain = true
	}
}

// strip removes from a whole chain the edits that are first seen at or after f. The cause is removed
// (an edit), never only its effect on one column.
func (t *Table) strip(c ColID, f arch.Point) ColID {
	if c < 0 || t.cols[c].maxVis < f { // f is above the first attention
		return c
	}
	if n := &t.cols[c]; n.stripAt == f {
		return n.stripCol
	}
	n, o := t.cols[c], t.order(c)
	l := n.list
	for l != 0 && o.vis(t.lists[l].edit.Pt) >= f {
		l = t.lists[l].parent
	}
	s := t.column(t.strip(n.prev, f), n.tok, l)
	t.cols[c].stripAt, t.cols[c].stripCol = f, s
	return s
}

// owner is the column whose row at p column c's row is.
func (t *Table) owner(p arch.Point, c ColID) ColID {
	for {
		n := &t.cols[c]
		switch {
		case n.base >= 0 && (p < n.fork || p > n.fork && !t.orders[n.model].follows(n.fork, p)):
			c = n.base
		case n.alias >= 0 && p < n.until:
			c = n.alias
		default:
			return c
		}
	}
}

// follow finds a column that this one is from its fork on: a whole row set to that column's row; or
// a prefix that arrives at a row which some column already has, under the same keys and values.
func (t *Table) follow(n *col) {
	o, f := t.orders[n.model], n.fork
	if !n.ownEdit {
		if k, ok := t.future(n.base, n.prev, o.layer(f)); ok {
			if c, ok := t.same(k); ok {
				n.alias, n.until = c, arch.Never
			}
		}
		return
	}
	e := t.lists[n.list].edit
	v := t.vals[e.Val]
	if e.Sl != 0 || v.kind != vRead || arch.Point(v.a) != f || v.c != 0 {
		return
	}
	g := ColID(v.b)
	if t.cols[g].model != n.model || t.cols[g].pos != n.pos || o.until(f) == f+1 { // position: rotary keys
		return
	}
	n.alias, n.until = g, o.until(f)
	if o.cut(f) && n.until != arch.Never && n.prev >= 0 {
		l := o.layer(n.until)
		k := futKey{g, t.root(n.prev, l), int32(l)}
		if c, ok := t.same(k); ok && (c == g || o.startsBlock(f)) {
			n.alias, n.until = c, arch.Never
		}
	} else if o.cut(f) && n.prev == t.cols[g].prev { // position 0
		n.until = arch.Never
	}
}

func (o *order) startsBlock(p arch.Point) bool { return o.layer(p) >= 0 && o.places[p].k == 0 }

// future is the key of base under a prefix from a layer's attention on; false if more than one
// column supplies base's rows there.
func (t *Table) future(base, prev ColID, layer int) (futKey, bool) {
	o := t.order(base)
	from := t.owner(o.a.At(layer, 0), base)
	for p := o.a.At(layer, 0) + 1; p < o.arrival[layer]; p++ { // all that stands before the prefix
		if t.owner(p, base) != from {
			return futKey{}, false
		}
	}
	return futKey{from, t.root(prev, layer), int32(layer)}, true
}

// same finds a column with a future: the supplier itself, under its own prefix, or one that was
// interned before.
func (t *Table) same(k futKey) (ColID, bool) {
	o := &t.cols[k.from]
	if o.prev >= 0 && t.root(o.prev, int(k.layer)) == k.prev {
		return k.from, true
	}
	if o.prev < 0 && o.list == 0 && k.layer == 0 && t.maxVis(k.prev) < 0 {
		if c, ok := t.colIx.find(t.cols, k.prev, o.tok, 0); ok {
			return c, true
		}
	}
	c, ok := t.futIx[k]
	return c, ok
}

// root names the keys and values of a chain from a layer on: chains with the same root have the
// same ones.
func (t *Table) root(c ColID, layer int) ColID {
	for c >= 0 {
		n := &t.cols[c]
		if n.alias < 0 || n.until != arch.Never {
			break
		}
		o := t.orders[n.model]
		kv := o.kv[layer]
		if n.fork > kv && !(n.fork == o.arrival[layer] && t.owner(kv, c) == t.owner(kv, n.alias)) {
			break
		}
		c = n.alias
	}
	return c
}
