package plan

import (
	"math/bits"
	"slices"

	"interp/nnrt/arch"
)

// Kept is what an executor still has of earlier plans over the same table. Demand stops there.
type Kept interface {
	Column(c ColID) bool            // it has some row of the column
	Row(c ColID, p arch.Point) bool // it has this row; asked only where Column is true
	Chain(c ColID) bool             // it has the keys and values of all layers of c and all before it
	Value(v ValID) bool             // it has the result of this operation
}

type nothing struct{}

func (nothing) Column(ColID) bool { return false }

func (nothing) Row(ColID, arch.Point) bool { return false }

func (nothing) Chain(ColID) bool { return false }

func (nothing) Value(ValID) bool { return false }

// Nothing is an executor that keeps nothing.
var Nothing Kept = nothing{}

// RowKey names a row.
type RowKey struct {
	C ColID
	P arch.Point
}

// Planner makes plans over a table. Its arrays are as long as the table and are cleaned after each
// plan where it touched them, so that a plan costs what it plans.
//
// Demand of a column is one number: the highest point that anyone wants of it (need). It then makes
// all its own points up to there, which is what a consumer high up reads through all layers. Where the
// executor still has rows, it is row by row: each column asks the owners of what it reads, and one of
// which rows exist is worked out point by point (exact).
type Planner struct {
	t       *Table
	have    Kept
	need    []arch.Point
	lo      []arch.Point
	keys    []int32 // highest layer whose keys of the whole chain up to here are wanted
	keysLo  []int32 // and the lowest
	level   []int32 // pass
	slot    []int32 // place in the plan's columns
	touched []uint64
	top     ColID
	chunked []int32 // by column: the last chunk that reached it
	epoch   int32

	exact  map[ColID][]uint64 // wanted own points of columns that the executor has rows of
	hold   map[RowKey]bool    // rows of scores and patterns that someone other than attention reads
	uses   []int32            // by value: by how many of the plan it is read
	used   []ValID
	ready  []when
	logits map[ColID][]sliceID
}

// NewPlanner makes a planner.
func NewPlanner(t *Table) *Planner { return &Planner{t: t} }

func (p *Planner) begin(have Kept) {
	p.have = have
	if from, n := len(p.need), len(p.t.cols); from < n {
		p.need, p.lo = grown(p.need, n, -1), grown(p.lo, n, 0)
		p.keys, p.keysLo = grown(p.keys, n, -1), grown(p.keysLo, n, 1<<30)
		p.level, p.slot = grown(p.level, n, 0), grown(p.slot, n, -1)
		p.touched = grown(p.touched, n/64+1, 0)
	}
	p.uses = grown(p.uses, len(p.t.vals), 0)
	p.ready = grown(p.ready, len(p.t.vals), when{pass: -1})
	p.top = -1
	p.exact, p.hold, p.logits = map[ColID][]uint64{}, map[RowKey]bool{}, map[ColID][]sliceID{}
}

// grown is a with n entries, the new ones v.
func grown[T any](a []T, n int, v T) []T {
	from := len(a)
	if n <= from {
		return a
	}
	a = slices.Grow(a, n-from)[:n]
	for i := from; i < n; i++ {
		a[i] = v
	}
	return a
}

// end cleans what the plan touched.
func (p *Planner) end(cols []ColID) {
	for _, c := range cols {
		p.need[c], p.keys[c], p.keysLo[c], p.level[c], p.slot[c] = -1, -1, 1<<30, 0, -1
		p.touched[c/64] = 0
	}
	for _, v := range p.used {
		p.uses[v], p.ready[v] = 0, when{pass: -1}
	}
	p.used = nil
}

func (p *Planner) touch(c ColID) {
	p.touched[c/64] |= 1 << (c % 64)
	p.top = max(p.top, c)
}

// sweep calls f for every touched column in descending order, also those that f touches below.
func (p *Planner) sweep(f func(c ColID)) {
	for w := int(p.top) / 64; w >= 0 && p.top >= 0; w-- {
		done := uint64(0)
		for {
			left := p.touched[w] &^ done
			if left == 0 {
				break
			}
			i := 63 - bits.LeadingZeros64(left)
			done |= 1 << i
			f(ColID(w*64 + i))
		}
	}
}

// raise wants a column's rows up to s, whoever owns them.
func (p *Planner) raise(c ColID, s arch.Point) {
	if c >= 0 && s >= 0 {
		p.touch(c)
		p.need[c] = max(p.need[c], s)
	}
}

// want wants one row, wherever it is made.
func (p *Planner) want(c ColID, s arch.Point) {
	o := p.t.order(c)
	if o.places[s].arrive {
		return
	}
	c = p.t.owner(s, c)
	if !p.have.Column(c) {
		p.touch(c)
		p.need[c] = max(p.need[c], s)
		return
	}
	if p.have.Row(c, s) {
		return
	}
	p.touch(c)
	b := p.exact[c]
	if b == nil {
		b = make([]uint64, o.n/64+1)
		p.exact[c] = b
	}
	b[s/64] |= 1 << (s % 64)
}
