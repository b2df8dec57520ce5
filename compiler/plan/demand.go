package plan

import (
	"interp/nnrt/arch"
)

// value demands the rows a value reads.
func (p *Planner) value(v ValID) {
	p.uses[v]++
	if p.uses[v] > 1 {
		return
	}
	p.used = append(p.used, v)
	if p.have.Value(v) {
		return
	}
	x := p.t.vals[v]
	switch x.kind {
	case vRead:
		c, s := ColID(x.b), arch.Point(x.a)
		o := p.t.order(c)
		p.want(c, s)
		if o.wide[s] {
			p.hold[RowKey{c, s}] = true
		}
		if s == o.n-1 {
			p.logits[c] = append(p.logits[c], sliceID(x.c))
		}
	case vView, vOp:
		for _, a := range p.t.operands(x) {
			p.value(a)
		}
	}
}

// start is the first point from which a column computes for itself.
func (n *col) start() arch.Point {
	switch {
	case n.alias >= 0:
		return n.until
	case n.base >= 0:
		return n.fork
	}
	return 0
}

// demand takes one column, after all that refer to it.
func (p *Planner) demand(c ColID) {
	t, n := p.t, &p.t.cols[c]
	o := t.orders[n.model]
	if k := p.keys[c]; k >= 0 {
		p.wantKeys(c, o)
		if n.prev >= 0 {
			p.wantChain(n.prev, p.keysLo[c], k)
		}
	}
	if b := p.exact[c]; b != nil {
		p.pointwise(c, b)
		return
	}
	s := p.need[c]
	p.lo[c] = n.start()
	if s < 0 {
		return
	}
	if p.have != Nothing {
		p.crossing(c, n, o)
		p.attention(c, n, o)
		return
	}
	if n.base >= 0 && s < n.fork {
		p.raise(n.base, s)
		return
	}
	if n.alias >= 0 {
		p.raise(n.alias, min(s, n.until-1))
		if s < n.until {
			if n.ownEdit { // a column forking from here may want what runs beside
				p.raise(n.base, o.under(n.fork))
				p.raise(n.base, o.besideTop(n.fork, s))
			}
			return
		}
	} else if n.ownEdit {
		for l := n.list; l != 0 && t.lists[l].edit.Pt == n.fork; l = t.lists[l].parent {
			p.value(t.lists[l].edit.Val)
		}
	}
	if n.base >= 0 {
		switch {
		case t.whole(n):
			p.raise(n.base, o.under(n.fork))
		case !n.ownEdit:
			p.raise(n.base, n.fork-1)
		default:
			p.raise(n.base, n.fork)
		}
		p.raise(n.base, o.besideTop(n.fork, s))
	}
	p.attention(c, n, o)
}

// crossing asks the owners, row by row, for what the column's own rows read of others: an executor
// may have some of it.
func (p *Planner) crossing(c ColID, n *col, o *order) {
	for s := p.lo[c]; s <= min(p.need[c], o.sectionEnd(p.lo[c])); s++ {
		switch {
		case n.base >= 0 && s > n.fork && !o.follows(n.fork, s):
		case n.base >= 0 && s == n.fork && n.ownEdit && n.alias < 0:
			p.edited(n, o)
		default:
			for _, q := range o.all[s] {
				p.want(c, q)
			}
		}
	}
}

// wantKeys wants the keys of the layers that later columns attend in.
func (p *Planner) wantKeys(c ColID, o *order) {
	if p.have == Nothing {
		p.raise(c, o.kv[p.keys[c]])
		return
	}
	for l := p.keysLo[c]; l <= p.keys[c]; l++ {
		p.want(c, o.kv[l])
	}
}

func (p *Planner) wantChain(c ColID, lo, hi int32) {
	if p.have != Nothing && p.have.Chain(c) {
		return
	}
	p.touch(c)
	p.keys[c], p.keysLo[c] = max(p.keys[c], hi), min(p.keysLo[c], lo)
}

// attention wants the chain's keys in the layers where a column attends, and notes which rows of
// scores and patterns must be written out.
func (p *Planner) attention(c ColID, n *col, o *order) {
	lo, s := p.lo[c], p.need[c]
	hi := p.attends(n, o, lo, s)
	if hi >= 0 {
		if n.prev >= 0 {
			p.wantChain(n.prev, o.firstAttends(lo), hi)
		}
	}
	l := o.layer(lo)
	if l < 0 || l >= o.layers || lo <= o.arrival[l] {
		return
	}
	for q := lo; q <= s && o.layer(q) == l; q++ {
		if !p.t.computed(n, q) {
			continue
		}
		for _, r := range o.all[q] {
			if o.wide[r] {
				p.holdWide(c, r)
			}
		}
	}
	if o.wide[lo] {
		p.holdWide(c, lo)
		if n.alias < 0 && n.base >= 0 && n.ownEdit && !p.t.whole(n) {
			p.holdWide(n.base, lo)
		}
	}
}

// firstAttends is the first layer with attention at or after point p.
func (o *order) firstAttends(p arch.Point) int32 {
	l := max(o.layer(p), 0)
	for q := max(p, o.a.At(l, 0)); o.layer(q) == l; q++ {
		if o.places[q].keys {
			return int32(l)
		}
	}
	return int32(l + 1)
}

func (p *Planner) holdWide(c ColID, r arch.Point) { p.hold[RowKey{p.t.owner(r, c), r}] = true }

// attends is the highest layer whose keys or values the column reads in points lo to s, which it
// computes itself; -1 if there is none.
func (p *Planner) attends(n *col, o *order, lo, s arch.Point) int32 {
	for l := min(o.layer(s), o.layers-1); l >= 0 && o.a.At(l+1, 0) > lo; l-- {
		for q := min(s, o.a.At(l+1, 0)-1); q > o.arrival[l] && q >= lo; q-- {
			if o.places[q].keys && p.t.computed(n, q) {
				return int32(l)
			}
		}
	}
	return -1
}

// whole says that the row at the fork is set whole, or followed.
func (t *Table) whole(n *col) bool {
	if n.alias >= 0 {
		return n.ownEdit // a changed prefix still has its base
	}
	if n.base < 0 || !n.ownEdit {
		return false
	}
	for l := n.list; l != 0 && t.lists[l].edit.Pt == n.fork; l = t.lists[l].parent {
		if t.lists[l].edit.Sl == 0 {
			return true
		}
	}
	return false
}

// computed says that the column's row at s costs its operation: it is not a copy of the base's row
// with an edit on it, not set whole, not the base's.
func (t *Table) computed(n *col, s arch.Point) bool {
	switch {
	case n.base < 0 || s < n.fork:
		return true
	case s > n.fork:
		return t.orders[n.model].follows(n.fork, s)
	}
	return !n.ownEdit || n.alias >= 0
}

// pointwise is demand for a column of which rows exist: each wanted point asks for its inputs.
func (p *Planner) pointwise(c ColID, b []uint64) {
	t, n := p.t, &p.t.cols[c]
	o := t.orders[n.model]
	lo, hi := arch.Never, arch.Point(-1)
	for s := o.n - 1; s >= 0; s-- {
		if b[s/64]>>(s%64)&1 == 0 {
			continue
		}
		lo, hi = s, max(hi, s)
		if n.base >= 0 && s == n.fork && n.ownEdit && n.alias < 0 {
			p.edited(n, o)
			continue
		}
		for _, q := range o.all[s] {
			p.want(c, q)
			if o.wide[q] {
				p.holdWide(c, q)
			}
		}
		if o.wide[s] {
			p.hold[RowKey{c, s}] = true
		}
		if l := int32(o.layer(s)); o.places[s].keys && n.prev >= 0 {
			p.wantChain(n.prev, l, l)
		}
	}
	p.need[c], p.lo[c] = hi, lo
}

// edited wants what makes the row at the fork.
func (p *Planner) edited(n *col, o *order) {
	for l := n.list; l != 0 && p.t.lists[l].edit.Pt == n.fork; l = p.t.lists[l].parent {
		p.value(p.t.lists[l].edit.Val)
	}
	if p.t.whole(n) {
		return
	}
	p.want(n.base, n.fork)
	if o.wide[n.fork] {
		p.holdWide(n.base, n.fork)
	}
}
