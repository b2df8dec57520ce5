package exec

import (
	"interp/compiler/plan"
	"interp/nnrt/arch"
)

// Where rows stand while a plan runs.

// row of column c at q, wherever it is.
func (x *chunkRun) row(c plan.ColID, model int16, q arch.Point) []float32 {
	o := x.table.Owner(q, c)
	s := x.models[model].base + int(q)
	if i := x.slot[o]; i >= 0 {
		if rows := x.at[s]; rows != nil && rows[i] != nil {
			return rows[i]
		}
		if kv := x.slabs[s]; kv != nil && kv[i].s != nil {
			return kv[i].row()
		}
		if k := x.kept[i]; k != nil {
			return k.rows[q]
		}
		return nil
	}
	if k := x.e.kept.at(o); k != nil {
		return k.rows[q]
	}
	return nil
}

// kv is the row of keys and values of column c in a layer.
func (x *chunkRun) kv(c plan.ColID, model int16, layer int) kvRow {
	q := x.table.KV(model, layer)
	o := x.table.Owner(q, c)
	if i := x.slot[o]; i >= 0 {
		if kv := x.slabs[x.models[model].base+int(q)]; kv != nil && kv[i].s != nil {
			return kv[i]
		}
		if k := x.kept[i]; k != nil && k.rows[q] != nil {
			return k.kv[layer]
		}
		return kvRow{}
	}
	if k := x.e.kept.at(o); k != nil && k.rows[q] != nil {
		return k.kv[layer]
	}
	return kvRow{}
}

// keeps says that the row of column c at a point outlives the plan.
func (x *chunkRun) keeps(m *modelSteps, c plan.ColID, pt arch.Point) bool {
	switch {
	case !m.keep[pt]:
		return false
	case x.grow:
		return m.a.Row(pt).KV || x.share.keeps(c)
	}
	return x.plain && x.table.Plain(c) || x.share.keeps(c)
}

func (x *chunkRun) keptCol(i int32, a *arch.Arch) *keptCol {
	if x.kept[i] == nil {
		x.kept[i] = x.e.kept.col(x.p.Cols[i], a)
	}
	return x.kept[i]
}

// alloc gives rows of a point their places.
func (x *chunkRun) alloc(out [][]float32, m *modelSteps, pt arch.Point, made []int32) {
	s := m.base + int(pt)
	if m.a.Row(pt).KV {
		for j, i := range made {
			out[j] = x.slabs[s][i].row()
		}
		return
	}
	rows := x.headers(s)
	if m.wide[pt] {
		for j, i := range made {
			_, pos, _ := x.table.Place(x.p.Cols[i])
			x.rows.get(out[j:j+1], m.a.Width(pt, int(pos)))
			x.place(s, rows, i, out[j])
		}
		return
	}
	w := m.a.Width(pt, 0)
	if m.keep[pt] && (x.plain || len(x.share.left) > 0) {
		for j, i := range made {
			if !x.keeps(m, x.p.Cols[i], pt) {
				x.rows.get(out[j:j+1], w)
				x.place(s, rows, i, out[j])
				continue
			}
			out[j] = make([]float32, w)
			x.e.kept.set(x.keptCol(i, m.a), pt, out[j], w)
		}
		return
	}
	x.rows.get(out, w)
	for j, i := range made {
		x.place(s, rows, i, out[j])
	}
}

// headers are the places of a step's rows.
func (x *chunkRun) headers(s int) [][]float32 {
	if x.at[s] == nil {
		n := len(x.p.Cols)
		if k := len(x.spare) - 1; k >= 0 && cap(x.spare[k]) >= n {
			x.at[s], x.spare = x.spare[k][:n], x.spare[:k]
		} else {
			x.at[s] = make([][]float32, n)
		}
	}
	return x.at[s]
}

// place puts a row in its place.
func (x *chunkRun) place(s int, rows [][]float32, i int32, row []float32) {
	rows[i] = row
	x.count[s]++
}

// drop takes a row back, and with the last of a step their places.
func (x *chunkRun) drop(s int, i int32) {
	if row := x.at[s][i]; len(row) == 0 || len(x.outside[i]) == 0 || &row[0] != &x.outside[i][0] {
		x.rows.put(row)
	}
	x.at[s][i] = nil
	if x.count[s]--; x.count[s] == 0 {
		x.spare = append(x.spare, x.at[s])
		x.at[s] = nil
	}
}

// slabFor gives rows of keys and values their places, in the order of columns, so that a chain's stand
// together: in one slab for the step, in slabs of their own with room to grow, or behind the row of
// the column before, where chains go on.
func (x *chunkRun) slabFor(m *modelSteps, model int16, pt arch.Point, cols []int32) {
	s, l, w := m.base+int(pt), m.a.Layer(pt), m.a.Width(pt, 0)
	places := x.keyPlaces(s)
	x.count[s] += int32(len(cols))
	stay := 0
	for _, i := range cols {
		if x.keeps(m, x.p.Cols[i], pt) {
			stay++
		}
	}
	var step, keep *slab
	if n := len(cols) - stay; n > 0 {
		step = x.rows.slab(n, w)
	}
	for _, i := range cols {
		c := x.p.Cols[i]
		if !x.keeps(m, c, pt) {
			places[i], _ = step.next()
			continue
		}
		r, ok := x.behind(c, model, l)
		switch {
		case ok:
		case x.goesOn(c, model, l):
			r, _ = newSlab(1+max(growRows/len(cols), leastGrowRows), w).next()
		default:
			if keep == nil {
				keep = newSlab(stay+x.room(), w)
			}
			r, _ = keep.next()
		}
		stay--
		k := x.keptCol(i, m.a)
		k.kv[l] = r
		x.e.kept.set(k, pt, r.row(), w)
		places[i] = r
	}
}

func (x *chunkRun) keyPlaces(s int) []kvRow {
	if x.slabs[s] == nil {
		n := len(x.p.Cols)
		if k := len(x.spareKeys) - 1; k >= 0 && cap(x.spareKeys[k]) >= n {
			x.slabs[s], x.spareKeys = x.spareKeys[k][:n], x.spareKeys[:k]
		} else {
			x.slabs[s] = make([]kvRow, n)
		}
	}
	return x.slabs[s]
}

// growRows is the room behind a chain that goes on; where many do, each has less.
const growRows, leastGrowRows = 64, 8

func (x *chunkRun) room() int {
	if x.grow {
		return growRows
	}
	return 0
}

// goesOn says that the column begins a new piece of a chain that grows from plan to plan.
func (x *chunkRun) goesOn(c plan.ColID, model int16, layer int) bool {
	d := x.table.Prev(c)
	return x.grow && d >= 0 && x.kv(d, model, layer).s != nil
}

// behind is the free row behind the one of the column before.
func (x *chunkRun) behind(c plan.ColID, model int16, layer int) (kvRow, bool) {
	d := x.table.Prev(c)
	if !x.grow || d < 0 {
		return kvRow{}, false
	}
	r := x.kv(d, model, layer)
	if r.s == nil || r.i != r.s.used-1 {
		return kvRow{}, false
	}
	return r.s.next()
}

// release frees the rows that nobody reads after a point, but for those on hold.
func (x *chunkRun) release(pass int, model int16, pt arch.Point) {
	m := &x.models[model]
	for _, q := range m.ends[pt] {
		s := m.base + int(q)
		if x.at[s] == nil && x.slabs[s] == nil {
			continue
		}
		_, _, _, cols := x.p.Step(pass*len(x.at) + s)
		for _, i := range cols {
			switch {
			case x.holds[s] > 0 && x.hold[plan.RowKey{C: x.p.Cols[i], P: q}] > 0:
				x.detach(s, i)
			case x.at[s] != nil && x.at[s][i] != nil:
				x.drop(s, i)
			case x.slabs[s] != nil && x.slabs[s][i].s != nil:
				x.dropKeys(s, i)
			}
		}
	}
}

// dropKeys lets go of a row of keys and values; its slab goes when the last row does.
func (x *chunkRun) dropKeys(s int, i int32) {
	x.rows.leave(x.slabs[s][i])
	x.slabs[s][i] = kvRow{}
	if x.count[s]--; x.count[s] == 0 {
		x.spareKeys = append(x.spareKeys, x.slabs[s])
		x.slabs[s] = nil
	}
}

// detach copies a row of keys and values on hold out of its slab, which others leave.
func (x *chunkRun) detach(s int, i int32) {
	if x.slabs[s] == nil || x.slabs[s][i].s == nil || x.slabs[s][i].s.live < 2 {
		return
	}
	r := x.slabs[s][i]
	own := x.rows.slab(1, r.s.width)
	copy(own.buf, r.row())
	x.rows.leave(r)
	x.slabs[s][i], _ = own.next()
}

// holdRow keeps a row beyond its last reader in the order of points.
func (x *chunkRun) holdRow(k plan.RowKey) {
	model, _, _ := x.table.Place(k.C)
	x.hold[k]++
	x.holds[x.models[model].base+int(k.P)]++
}

// unhold ends one hold on a row, and frees it if it only stood for that.
func (x *chunkRun) unhold(k plan.RowKey) {
	model, _, _ := x.table.Place(k.C)
	m := &x.models[model]
	s := m.base + int(k.P)
	x.holds[s]--
	if x.hold[k]--; x.hold[k] > 0 {
		return
	}
	delete(x.hold, k)
	i := x.slot[k.C]
	if i < 0 {
		return
	}
	if x.now < int(x.p.Level[i])*len(x.at)+m.base+int(m.last[k.P]) {
		return // attention or a later point of the column still reads it
	}
	switch {
	case x.at[s] != nil && x.at[s][i] != nil:
		x.drop(s, i)
	case x.slabs[s] != nil && x.slabs[s][i].s != nil:
		x.dropKeys(s, i)
	}
}
