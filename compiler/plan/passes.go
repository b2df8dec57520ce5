package plan

import (
	"slices"

	"interp/nnrt/arch"
)

// when is a time in a plan: pass, then model, then point. A row stands after its time.
type when struct {
	pass  int32
	model int16
	pt    arch.Point
}

func (w when) after(x when) bool {
	switch {
	case w.pass != x.pass:
		return w.pass > x.pass
	case w.model != x.model:
		return w.model > x.model
	}
	return w.pt > x.pt
}

var start = when{0, 0, -1}

// pass finds in which pass a column is made, after all that it refers to: longest chain of edges
// against the order of points, so there are no more passes than needed.
func (p *Planner) pass(c ColID) {
	t, n := p.t, &p.t.cols[c]
	o := t.orders[n.model]
	lv := int32(0)
	defer func() { p.level[c] = lv }()
	up := func(d ColID) {
		if d >= 0 && d != c {
			lv = max(lv, p.level[d])
		}
	}
	if k := p.keys[c]; k >= 0 {
		up(n.prev)
		for l := p.keysLo[c]; l <= k && p.have != Nothing; l++ {
			up(t.owner(o.kv[l], c))
		}
	}
	if p.need[c] < 0 {
		return
	}
	switch {
	case p.have != Nothing:
		p.inputLevels(c, n, o, up)
	case n.base >= 0 && p.need[c] < n.fork: // all that is wanted is the base's
		up(n.base)
		return
	default:
		if !t.whole(n) || o.under(n.fork) >= 0 || o.besideTop(n.fork, p.need[c]) >= 0 {
			up(n.base)
		}
		up(n.alias)
	}
	if p.attends(n, o, p.lo[c], p.need[c]) >= 0 {
		up(n.prev)
	}
	if n.ownEdit && n.alias < 0 {
		for l := n.list; l != 0 && t.lists[l].edit.Pt == n.fork; l = t.lists[l].parent {
			lv = max(lv, p.usable(t.lists[l].edit.Val, n))
		}
	}
}

// inputLevels passes on the levels of the columns that own what c reads; they were asked directly,
// past the bases in between.
func (p *Planner) inputLevels(c ColID, n *col, o *order, up func(ColID)) {
	b, to := p.exact[c], p.need[c]
	if b == nil {
		to = min(to, o.sectionEnd(p.lo[c]))
	}
	for s := p.lo[c]; s <= to; s++ {
		if b != nil && b[s/64]>>(s%64)&1 == 0 {
			continue
		}
		for _, q := range o.all[s] {
			up(p.t.owner(q, c))
		}
		if s == n.fork && n.base >= 0 {
			up(p.t.owner(s, n.base))
		}
	}
}

// usable is the pass in which a value can be written at a column's fork. A row made later in the
// order than it is used opens a new pass.
func (p *Planner) usable(v ValID, n *col) int32 {
	w := p.readyAt(v)
	if w.after(when{w.pass, n.model, n.fork}) {
		return w.pass + 1
	}
	return w.pass
}

func (p *Planner) readyAt(v ValID) when {
	if p.ready[v].pass >= 0 {
		return p.ready[v]
	}
	w := start
	switch x := p.t.vals[v]; {
	case p.have.Value(v):
	case x.kind == vRead:
		c, s := ColID(x.b), arch.Point(x.a)
		if !p.have.Column(c) || !p.have.Row(c, s) {
			w = when{p.level[c], p.t.cols[c].model, s}
		}
	default:
		for _, a := range p.t.operands(x) {
			if u := p.readyAt(a); u.after(w) {
				w = u
			}
		}
	}
	p.ready[v] = w
	if p.uses[v] == 0 { // asked for, not used: clean it all the same
		p.used = append(p.used, v)
	}
	return w
}

// Make plans everything that the wanted values need and the executor does not have: two sweeps over
// the columns that are touched, descending for demand and ascending for passes, because every
// reference goes to a lower id.
func (p *Planner) Make(want []ValID, have Kept) *Plan {
	p.begin(have)
	for _, v := range want {
		p.value(v)
	}
	var cols []ColID
	p.sweep(func(c ColID) {
		cols = append(cols, c)
		p.demand(c)
	})
	slices.Reverse(cols)
	out := &Plan{t: p.t, Want: want, Cols: cols, hold: p.hold, logits: p.logits}
	out.Passes = 1
	for _, c := range cols {
		p.pass(c)
		out.Passes = max(out.Passes, int(p.level[c])+1)
	}
	p.fill(out)
	p.end(cols)
	return out
}

// fill copies what the plan is out of the planner's arrays.
func (p *Planner) fill(out *Plan) {
	n := len(out.Cols)
	out.Lo, out.Need, out.Level = make([]arch.Point, n), make([]arch.Point, n), make([]int32, n)
	for i, c := range out.Cols {
		p.slot[c] = int32(i)
		out.Lo[i], out.Need[i], out.Level[i] = p.lo[c], p.need[c], p.level[c]
		if b, ok := p.exact[c]; ok {
			if out.exact == nil {
				out.exact = map[int32][]uint64{}
			}
			out.exact[int32(i)] = b
		} else if p.lo[c] > p.need[c] {
			out.Lo[i], out.Need[i] = 0, -1
		}
	}
	out.plain = make([]arch.Point, n)
	for i := range out.plain {
		out.plain[i] = out.plainFrom(int32(i))
	}
	out.layOut()
	out.Vals = make([]Use, 0, len(p.used))
	for _, v := range p.used {
		if p.uses[v] > 0 {
			out.Vals = append(out.Vals, Use{v, p.uses[v], p.at(p.readyAt(v), out)})
			out.modules += p.applied(v)
		}
	}
	out.schedule()
	if out.Passes > 1 {
		p.pins(out)
	}
	out.count()
}

// applied is what a value costs by itself, unless the executor has it.
func (p *Planner) applied(v ValID) int64 {
	if p.t.vals[v].kind != vOp || p.have.Value(v) {
		return 0
	}
	if c := p.t.Call(v).Call; c.Row.Flops != nil {
		return c.Row.Flops(c)
	}
	return 0
}

// at is a time as a step of the plan; -1 is before the first.
func (p *Planner) at(w when, out *Plan) int32 {
	if w.pt < 0 {
		return -1
	}
	return int32(out.step(int(w.pass), w.model, w.pt))
}

// pins finds rows that a later pass reads: they outlive the pass that makes them.
func (p *Planner) pins(out *Plan) {
	t := p.t
	out.Pin = map[RowKey]int32{}
	keys := make([]int32, len(out.Cols)) // by column: the last pass that reads its keys
	pin := func(c ColID, s arch.Point, level int32) {
		k := RowKey{t.owner(s, c), s}
		if i := p.slot[k.C]; i >= 0 && out.Level[i] < level {
			out.Pin[k] = max(out.Pin[k], level)
		}
	}
	for i := len(out.Cols) - 1; i >= 0; i-- {
		c := out.Cols[i]
		n := &t.cols[c]
		o, lv := t.orders[n.model], out.Level[i]
		if n.prev >= 0 && p.slot[n.prev] >= 0 {
			at := keys[i]
			if out.makes(int32(i)) && p.attends(n, o, out.Lo[i], out.Need[i]) >= 0 {
				at = max(at, lv)
			}
			j := p.slot[n.prev]
			keys[j] = max(keys[j], at)
		}
		if lv == 0 || !out.makes(int32(i)) {
			continue
		}
		for s := out.Lo[i]; s <= out.Need[i]; s++ {
			if !out.Makes(int32(i), s) {
				continue
			}
			if s == n.fork && !t.computed(n, s) {
				if !t.whole(n) {
					pin(n.base, s, lv)
				}
				continue
			}
			for _, q := range o.all[s] {
				if t.owner(q, c) != c {
					pin(c, q, lv)
				}
			}
		}
	}
	for i, c := range out.Cols { // keys stand with whoever owns them
		if lv := keys[i]; lv > 0 {
			o := t.order(c)
			for _, s := range o.kv {
				pin(c, s, lv)
			}
		}
	}
}
