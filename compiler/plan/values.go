package plan

import (
	"interp/ir"
	"interp/nnrt/arch"
)

// ValID is the address of a value: equal addresses mean equal bits.
type ValID int32

type valKind uint8

const (
	vConst valKind = iota // a: index into consts
	vRead                 // a: point, b: owner column, c: slice
	vView                 // a: layout (0: numbers in a row), b: list of values
	vOp                   // a: op, b: list of values
	vHost                 // a: node; equal to nothing but itself. b: a serial, for what changes while it is read
	// of a gradient, b: how many numbers it has, c: 1 + its metric
)

// val is a value by address; interned, and operands have lower ids.
type val struct {
	kind    valKind
	a, b, c int32
}

func (x val) gradient() bool { return x.kind == vHost && x.c > 0 }

// metric of a gradient.
func (x val) metric() ValID { return ValID(x.c - 1) }

// sliceID is an interned slice; 0 is the whole row.
type sliceID int32

// edit is one set of (part of) a row.
type edit struct {
	Pt  arch.Point
	Sl  sliceID
	Val ValID
}

// listNode: edits of one column in point order as a persistent list, so that "without the latest" is
// a pointer to the parent and lists are hash-consed.
type listNode struct {
	parent listID
	edit   edit
}

// listID is an interned edit list; 0 is empty.
type listID int32

func (t *Table) top(l listID) arch.Point {
	if l == 0 {
		return -1
	}
	return t.lists[l].edit.Pt
}

// below drops the edits at or above p.
func (t *Table) below(l listID, p arch.Point) listID {
	for l != 0 && t.lists[l].edit.Pt >= p {
		l = t.lists[l].parent
	}
	return l
}

// edits are those of a column at its fork, first to last.
func (t *Table) edits(n *col) []edit {
	var at []edit
	for l := n.list; l != 0 && t.lists[l].edit.Pt == n.fork; l = t.lists[l].parent {
		at = append(at, t.lists[l].edit)
	}
	for i, j := 0, len(at)-1; i < j; i, j = i+1, j-1 {
		at[i], at[j] = at[j], at[i]
	}
	return at
}

func (t *Table) val(v val) ValID { return ValID(intern(&t.vals, t.valIx, v)) }

// read is the address of a slice of column c's row at p: through the owner, and, where the owner's
// row was set to a value, that value's address.
func (t *Table) read(p arch.Point, c ColID, s sliceID) ValID {
	o := t.owner(p, c)
	n := &t.cols[o]
	if n.fork == p && n.ownEdit {
		for l := n.list; l != 0 && t.lists[l].edit.Pt == p; l = t.lists[l].parent {
			e := t.lists[l].edit
			if e.Sl == s {
				return e.Val // what was put there
			}
			if v := t.vals[e.Val]; e.Sl == 0 && v.kind == vRead && v.c == 0 {
				return t.read(arch.Point(v.a), ColID(v.b), s) // a slice of what was put there
			}
			if t.overlap(e.Sl, s) {
				break
			}
		}
	}
	return t.val(val{vRead, int32(p), int32(o), int32(s)})
}

// push adds an edit at or above the list's top point in normal form: a whole set kills what it
// overwrites, an equal slice replaces the older one, disjoint slices stand in slice order.
func (t *Table) push(l listID, e edit) listID {
	if e.Sl == 0 {
		return t.link(t.below(l, e.Pt), e)
	}
	simple := t.top(l) < e.Pt || t.lists[l].edit.Sl < e.Sl
	for k := l; simple && k != 0 && t.lists[k].edit.Pt == e.Pt; k = t.lists[k].parent {
		simple = t.lists[k].edit.Sl != e.Sl
	}
	if simple {
		return t.link(l, e)
	}
	var same []edit // edits at this point, latest first
	for l != 0 && t.lists[l].edit.Pt == e.Pt {
		if x := t.lists[l].edit; x.Sl != e.Sl {
			same = append(same, x)
		}
		l = t.lists[l].parent
	}
	at := 0
	for at < len(same) && same[at].Sl > e.Sl && !t.overlap(same[at].Sl, e.Sl) {
		at++
	}
	for i := len(same) - 1; i >= at; i-- {
		l = t.link(l, same[i])
	}
	l = t.link(l, e)
	for i := at - 1; i >= 0; i-- {
		l = t.link(l, same[i])
	}
	return l
}

// merge makes one whole set of the top point's edits where together they copy another column's row
// piece by piece: keys, then values; head after head.
func (t *Table) merge(l listID, width int) listID {
	e := t.lists[l].edit
	v, n := t.vals[e.Val], 0
	var seen []sliceID
	for k := l; k != 0 && t.lists[k].edit.Pt == e.Pt; k = t.lists[k].parent {
		x := t.lists[k].edit
		w := t.vals[x.Val]
		if w != (val{vRead, int32(e.Pt), v.b, int32(x.Sl)}) || x.Sl == 0 || t.slices[x.Sl].List != nil {
			return l
		}
		n += t.slices[x.Sl].Len(0)
		seen = append(seen, x.Sl)
	}
	if n != width {
		return l
	}
	for i, a := range seen {
		for _, b := range seen[:i] {
			if t.overlap(a, b) {
				return l
			}
		}
	}
	return t.link(t.below(l, e.Pt), edit{e.Pt, 0, t.read(e.Pt, ColID(v.b), 0)})
}

func (t *Table) link(l listID, e edit) listID {
	return listID(intern(&t.lists, t.listIx, listNode{l, e}))
}

// slice interns a slice of a row of the given width in normal form.
func (t *Table) slice(s ir.Slice, width int) sliceID {
	return sliceID(intern(&t.slices, t.sliceIx, normal(s, width)))
}

// normal gives equal ranges one form: no range of one entry, no two that are one, no whole row.
func normal(s ir.Slice, width int) ir.Slice {
	if s.Whole() || s.List != nil {
		return s
	}
	type rng struct{ n, s int32 }
	var r []rng
	for _, x := range []rng{{s.N1, s.S1}, {max(s.N2, 1), s.S2}, {max(s.N3, 1), s.S3}} {
		if x.n == 1 {
			continue
		}
		if k := len(r) - 1; k >= 0 && r[k].s == x.n*x.s {
			r[k] = rng{r[k].n * x.n, x.s}
			continue
		}
		r = append(r, x)
	}
	if len(r) == 0 {
		r = []rng{{1, 1}}
	}
	if s.Off == 0 && len(r) == 1 && int(r[0].n) == width && r[0].s == 1 {
		return ir.Slice{}
	}
	r = append(r, rng{}, rng{})
	return ir.Slice{Off: s.Off, N1: r[0].n, S1: r[0].s, N2: r[1].n, S2: r[1].s, N3: r[2].n, S3: r[2].s}
}

// extent is the lowest and the highest place of a slice that is not the whole row.
func extent(s ir.Slice) (lo, hi int32) {
	if s.List != nil {
		lo, hi = 1<<30, -1
		for _, o := range s.List.At {
			lo, hi = min(lo, o), max(hi, o)
		}
		return lo, hi
	}
	lo, hi = s.Off, s.Off
	for _, r := range [][2]int32{{s.N1, s.S1}, {s.N2, s.S2}, {s.N3, s.S3}} {
		if d := (r[0] - 1) * r[1]; r[0] > 1 && d > 0 {
			hi += d
		} else if r[0] > 1 {
			lo += d
		}
	}
	return lo, hi
}

// overlap says whether two slices share a place.
func (t *Table) overlap(a, b sliceID) bool {
	if a == 0 || b == 0 || a == b {
		return true
	}
	x, y := t.slices[a], t.slices[b]
	xl, xh := extent(x)
	yl, yh := extent(y)
	lo, hi := max(xl, yl), min(xh, yh)
	if lo > hi {
		return false
	}
	seen := make([]uint64, (hi-lo)/64+1)
	x.Each(0, func(_, o int) {
		if k := int32(o) - lo; k >= 0 && k <= hi-lo {
			seen[k/64] |= 1 << (k % 64)
		}
	})
	hit := false
	y.Each(0, func(_, o int) {
		if k := int32(o) - lo; k >= 0 && k <= hi-lo {
			hit = hit || seen[k/64]>>(k%64)&1 != 0
		}
	})
	return hit
}
