package plan

import (
	"fmt"

	"interp/internal/toy"
	"interp/nnrt/arch"
)

// exec runs plans on toys. It keeps every row, reads only rows that a plan says exist, and fails
// loudly on a row that is not there.
type exec struct {
	t    *Table
	rows map[RowKey][]float32
	cols map[ColID]int
	made int64
	vals map[ValID][]float32
}

func newExec(t *Table) *exec {
	return &exec{t: t, rows: map[RowKey][]float32{}, cols: map[ColID]int{}, vals: map[ValID][]float32{}}
}

func (x *exec) Column(c ColID) bool            { return x.cols[c] > 0 }
func (x *exec) Row(c ColID, p arch.Point) bool { return x.rows[RowKey{c, p}] != nil }
func (x *exec) Chain(c ColID) bool {
	for ; c >= 0; c = x.t.cols[c].prev {
		for _, p := range x.t.order(c).kv {
			if !x.Row(x.t.owner(p, c), p) {
				return false
			}
		}
	}
	return true
}
func (x *exec) Value(v ValID) bool { return x.vals[v] != nil }

func (x *exec) put(c ColID, p arch.Point, row []float32) {
	if x.rows[RowKey{c, p}] == nil {
		x.cols[c]++
	}
	x.rows[RowKey{c, p}] = row
}

func (x *exec) drop(k RowKey) {
	delete(x.rows, k)
	x.cols[k.C]--
}

// run executes step by step: first all computed rows, then the edited ones in column order, since an
// edit may read an edited row before it.
func (x *exec) run(p *Plan) {
	for i := range p.Steps() {
		_, _, s, cols := p.Step(i)
		for _, c := range cols {
			if id := p.Cols[c]; p.How(c, s) == Computed {
				x.put(id, s, x.compute(id, s))
				x.made++
			}
		}
		for _, c := range cols {
			if id := p.Cols[c]; p.How(c, s) == Edited {
				x.put(id, s, x.edited(id, s))
			}
		}
		for _, u := range p.Vals {
			if int(u.Step) == i { // ready when the plan says so
				x.value(u.Val)
			}
		}
	}
}

func (x *exec) get(c ColID, s arch.Point) []float32 {
	o := x.t.owner(s, c)
	y, ok := x.rows[RowKey{o, s}]
	if !ok {
		panic(fmt.Sprintf("row of column %d (owner %d) at %s not made", c, o, x.t.order(c).a.PointName(s)))
	}
	return y
}

func (x *exec) compute(c ColID, s arch.Point) []float32 {
	n := &x.t.cols[c]
	m := x.t.models[n.model].(*toy.Model)
	chain := make([]ColID, n.pos+1)
	for q, d := n.pos, c; d >= 0; q, d = q-1, x.t.cols[d].prev {
		chain[q] = d
	}
	y := m.Row(s, n.tok, int(n.pos),
		func(p arch.Point) []float32 { return x.get(c, p) },
		func(q int) []float32 { return x.get(chain[q], m.A.KV(m.A.Layer(s))) })
	if y == nil {
		y = []float32{}
	}
	return y
}

func (x *exec) edited(c ColID, s arch.Point) []float32 {
	n := &x.t.cols[c]
	var row []float32
	if x.t.whole(n) {
		row = make([]float32, x.t.order(c).a.Width(s, int(n.pos)))
	} else {
		row = append(row, x.get(n.base, s)...)
	}
	for _, e := range x.t.edits(n) {
		x.t.slices[e.Sl].Put(row, x.value(e.Val))
	}
	return row
}

func (x *exec) value(v ValID) []float32 {
	if y, ok := x.vals[v]; ok {
		return y
	}
	t, n := x.t, x.t.vals[v]
	switch n.kind {
	case vConst:
		c := t.consts.all[n.a]
		if c.nums == nil {
			c.nums, _ = Numbers(c.value)
		}
		return c.nums
	case vRead:
		row := x.get(ColID(n.b), arch.Point(n.a))
		s := t.slices[n.c]
		y := make([]float32, s.Len(len(row)))
		s.Take(y, row)
		return y
	case vView:
		var flat []float32
		for _, a := range t.operands(n) {
			flat = append(flat, x.value(a)...)
		}
		l := t.layouts.all[n.a]
		return toy.Scattered(flat, l.scatter, l.fill, l.typ.Size())
	case vOp:
		var args [][]float32
		for _, a := range t.operands(n) {
			args = append(args, x.value(a))
		}
		return toy.Apply(t.ops.all[n.a].node.Call.Row.Name, args)
	}
	panic("no such value")
}

var _ Kept = (*exec)(nil)
