package plan

import (
	"interp/ir"
	"interp/nnrt/arch"
)

// Cost counts rows by model and point: what a plan makes, or what dense runs would.
type Cost struct {
	Rows   [][]int64 // rows computed (copies and edits cost nothing)
	Keys   [][]int64 // positions that those rows see, summed
	Logits []int64   // numbers of rows of logits

	Modules int64 // operations of modules that are applied to values
}

func newCost(t *Table) Cost {
	c := Cost{Logits: make([]int64, len(t.orders))}
	for _, o := range t.orders {
		c.Rows, c.Keys = append(c.Rows, make([]int64, o.n)), append(c.Keys, make([]int64, o.n))
	}
	return c
}

// Add adds a cost so many times; either may know fewer models.
func (c *Cost) Add(d Cost, times int64) {
	c.Modules += times * d.Modules
	for m := range d.Rows {
		if m == len(c.Rows) {
			c.Rows, c.Keys = append(c.Rows, make([]int64, len(d.Rows[m]))), append(c.Keys, make([]int64, len(d.Rows[m])))
			c.Logits = append(c.Logits, 0)
		}
		for p := range d.Rows[m] {
			c.Rows[m][p] += times * d.Rows[m][p]
			c.Keys[m][p] += times * d.Keys[m][p]
		}
		c.Logits[m] += times * d.Logits[m]
	}
}

// count takes what the plan makes: by differences along the points, since a column makes a range.
func (p *Plan) count() {
	p.Cost = newCost(p.t)
	p.Cost.Modules = p.modules
	ends := newCost(p.t) // as differences
	for i, c := range p.Cols {
		if !p.makes(int32(i)) {
			continue
		}
		n := &p.t.cols[c]
		see := int64(n.pos) + 1
		lo, hi := p.Lo[i], p.Need[i]
		switch {
		case p.exact[int32(i)] != nil:
			p.countRows(int32(i), n, lo, hi)
			lo = hi + 1
		case n.base >= 0: // in the section of the fork not every point follows
			if end := p.t.orders[n.model].sectionEnd(n.fork); lo < end {
				p.countRows(int32(i), n, lo, min(hi, end-1))
				lo = end
			}
		}
		if lo <= hi {
			from, to := ends.Rows[n.model], ends.Keys[n.model]
			from[lo]++
			to[lo] += see
			if hi+1 < arch.Point(len(from)) {
				from[hi+1]--
				to[hi+1] -= see
			}
		}
		if hi == p.t.orders[n.model].n-1 {
			p.Cost.Logits[n.model] += p.logitsRead(c)
		}
	}
	for m := range ends.Rows {
		r, k := int64(0), int64(0)
		for s := range ends.Rows[m] {
			r, k = r+ends.Rows[m][s], k+ends.Keys[m][s]
			p.Cost.Rows[m][s] += r
			p.Cost.Keys[m][s] += k
		}
	}
}

// sectionEnd is the first point of the section after p's.
func (o *order) sectionEnd(p arch.Point) arch.Point {
	s, k := o.section(p)
	return p + arch.Point(len(s.dep)-k)
}

func (p *Plan) countRows(i int32, n *col, lo, hi arch.Point) {
	rows, keys := p.Cost.Rows[n.model], p.Cost.Keys[n.model]
	for s := lo; s <= hi; s++ {
		if p.How(i, s) == Computed {
			rows[s]++
			keys[s] += int64(n.pos) + 1
		}
	}
}

// logitsRead counts the numbers of a row of logits that are read.
func (p *Plan) logitsRead(c ColID) int64 {
	o := p.t.order(c)
	n := int64(0)
	for _, s := range p.logits[c] {
		if s == 0 {
			return int64(o.a.Dims.DVocab)
		}
		n += int64(p.t.slices[s].Len(0))
	}
	return n
}

// Flops of all rows counted.
func (c Cost) Flops(t *Table) int64 {
	sum := c.Modules
	for m := range c.Rows {
		for s := range c.Rows[m] {
			sum += c.at(t, m, arch.Point(s))
		}
		sum += c.Logits[m] * 2 * int64(t.orders[m].a.Dims.DModel)
	}
	return sum
}

// at is the cost of the rows at a point: one part by row, one by position seen.
func (c Cost) at(t *Table, m int, s arch.Point) int64 {
	a := t.orders[m].a
	f, g := a.Flops(s, 0), a.Flops(s, 1)
	return c.Rows[m][s]*(f-(g-f)) + c.Keys[m][s]*(g-f)
}

// States counts rows that complete one of the four stages of a block.
func (c Cost) States(t *Table) int64 {
	var sum int64
	for m := range c.Rows {
		for s, n := range c.Rows[m] {
			if t.orders[m].a.Row(arch.Point(s)).Stage != arch.None {
				sum += n
			}
		}
	}
	return sum
}

// Dense is what one run costs when it is done by itself: every position through every layer, all
// queries over all keys, all logits. done are the tokens it generated.
func (t *Table) Dense(r *ir.Run, done int) Cost {
	m := t.Model(r.Model)
	c, o := newCost(t), t.orders[m]
	n := int64(len(r.Tokens) + max(done-1, 0))
	for s := range o.n {
		c.Rows[m][s], c.Keys[m][s] = n, n*n
	}
	c.Logits[m] = n * int64(o.a.Dims.DVocab)
	return c
}
