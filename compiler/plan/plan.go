package plan

import (
	"slices"

	"interp/nnrt/arch"
)

// Plan says which rows are made, in which pass, and what they cost. It holds no numbers and refers to
// its table by id; columns are called by their place in Cols.
type Plan struct {
	Want   []ValID
	Cols   []ColID      // ascending; all that the plan touches
	Lo     []arch.Point // the column makes points Lo to Need
	Need   []arch.Point // -1: it makes none
	Level  []int32      // its pass
	Passes int
	Vals   []Use            // values read by edits, other values and the wanted ones
	Pin    map[RowKey]int32 // rows that a later pass reads: up to which

	t      *Table
	plain  []arch.Point // by column: from where on it computes all rows
	exact  map[int32][]uint64
	hold   map[RowKey]bool
	logits map[ColID][]sliceID // which parts of a row of logits are read
	lists  [][]int32
	base   []int // by model: its first step in a pass
	stride int   // steps of a pass
	Cost   Cost

	modules int64 // operations of modules that are applied to values
}

// Use is a value of a plan: how often it is read, and the step after which it can be (-1: at once).
type Use struct {
	Val   ValID
	Times int32
	Step  int32
}

func (p *Plan) makes(i int32) bool { return p.Need[i] >= p.Lo[i] }

// How says how a column makes its own row at a point.
type How uint8

// The ways: not at all, by the point's operation, or from its base's row (none, if it is set whole) by
// writing values on it.
const (
	Absent How = iota
	Computed
	Edited
)

// How tells how column i makes its own row at s.
func (p *Plan) How(i int32, s arch.Point) How {
	switch {
	case s < p.Lo[i] || s > p.Need[i]:
		return Absent
	case s >= p.plain[i]:
		return Computed
	}
	if b := p.exact[i]; b != nil && b[s/64]>>(s%64)&1 == 0 {
		return Absent
	}
	n := &p.t.cols[p.Cols[i]]
	switch {
	case n.base >= 0 && s > n.fork && !p.t.orders[n.model].follows(n.fork, s):
		return Absent
	case p.t.computed(n, s):
		return Computed
	}
	return Edited
}

// Makes says that column i makes its own row at s.
func (p *Plan) Makes(i int32, s arch.Point) bool { return p.How(i, s) != Absent }

// plainFrom is the first point from which a column computes all its rows.
func (p *Plan) plainFrom(i int32) arch.Point {
	n := &p.t.cols[p.Cols[i]]
	switch {
	case p.exact[i] != nil:
		return arch.Never
	case n.base < 0:
		return 0
	}
	return p.t.orders[n.model].sectionEnd(n.fork)
}

// Steps is the number of steps: passes times models times points.
func (p *Plan) Steps() int { return p.Passes * p.stride }

// Step is the model and the point of a step, and the columns that may make a row there (see Makes).
func (p *Plan) Step(i int) (pass int, model int16, pt arch.Point, cols []int32) {
	pass, k := i/p.stride, i%p.stride
	for int(model)+1 < len(p.base) && p.base[model+1] <= k {
		model++
	}
	return pass, model, arch.Point(k - p.base[model]), p.lists[i]
}

func (p *Plan) step(pass int, model int16, s arch.Point) int {
	return pass*p.stride + p.base[model] + int(s)
}

// Wide says that someone other than attention reads the column's row of scores or patterns at s, so
// that it has to be written out.
func (p *Plan) Wide(c ColID, s arch.Point) bool { return p.hold[RowKey{c, s}] }

// layOut numbers the steps of a pass: the models one after the other, each point by point.
func (p *Plan) layOut() {
	p.base = make([]int, len(p.t.orders))
	for m, o := range p.t.orders {
		p.base[m] = p.stride
		p.stride += int(o.n)
	}
}

// schedule fills the list of columns of every step. Lists change only where a column starts or ends,
// so equal neighbours share one.
func (p *Plan) schedule() {
	p.lists = make([][]int32, p.Passes*p.stride)
	starts := make([][]int32, len(p.lists))
	ends := make([]bool, len(p.lists)+1)
	for i, c := range p.Cols {
		if p.makes(int32(i)) {
			m := p.t.cols[c].model
			from := p.step(int(p.Level[i]), m, p.Lo[i])
			starts[from] = append(starts[from], int32(i))
			ends[from+int(p.Need[i]-p.Lo[i])+1] = true
		}
	}
	for pass := range p.Passes {
		for m, o := range p.t.orders {
			var active []int32
			for s := range o.n {
				i := p.step(pass, int16(m), s)
				if ends[i] || len(starts[i]) > 0 {
					active = p.next(active, starts[i], s)
				}
				if !o.a.Row(s).Arrive {
					p.lists[i] = active
				}
			}
		}
	}
}

func (p *Plan) next(active, starts []int32, s arch.Point) []int32 {
	out := make([]int32, 0, len(active)+len(starts))
	for _, i := range active {
		if p.Need[i] >= s {
			out = append(out, i)
		}
	}
	if len(starts) == 0 {
		return out
	}
	sorted := len(out) == 0 || out[len(out)-1] < starts[0]
	out = append(out, starts...)
	if !sorted {
		slices.Sort(out)
	}
	return out
}

// EditsAt says that some column of the plan has its fork at the last point and an edit there, so that
// whole rows are needed.
func (p *Plan) EditsAt(pt arch.Point) bool {
	for i, c := range p.Cols {
		n := &p.t.cols[c]
		if n.ownEdit && n.base >= 0 && n.fork == pt && p.Makes(int32(i), pt) {
			return true
		}
	}
	return false
}

// LogitsOf are the logits of a column that are read, ascending; nil: all.
func (p *Plan) LogitsOf(c ColID) []int32 {
	cols := []int32{}
	for _, s := range p.logits[c] {
		if s == 0 {
			return nil
		}
		p.t.slices[s].Each(0, func(_, off int) { cols = append(cols, int32(off)) })
	}
	slices.Sort(cols)
	return slices.Compact(cols)
}
