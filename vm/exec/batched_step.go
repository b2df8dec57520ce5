package exec

import (
	"context"
	"slices"

	"interp/compiler/plan"
	"interp/nnrt"
	"interp/nnrt/arch"
)

// step makes the rows of one point: first all computed ones, then the edited ones in column order,
// since an edit may read an edited row before it.
func (x *chunkRun) step(ctx context.Context, pass int, model int16, pt arch.Point, cols []int32) error {
	m := &x.models[model]
	var made, edited []int32
	for _, i := range cols {
		switch x.p.How(i, pt) {
		case plan.Computed:
			made = append(made, i)
		case plan.Edited:
			edited = append(edited, i)
		}
	}
	bases := x.holdBases(m, pt, edited)
	var err error
	switch {
	case m.wide[pt]:
		err = x.plainRows(m, model, pt, slices.DeleteFunc(made, func(i int32) bool { return x.fused(m, model, pt, i) }))
	case m.a.Row(pt).Keys:
		err = x.attention(m, model, pt, made)
	case pt == m.a.Logits():
		err = x.logits(ctx, m, model, pt, made)
	case m.a.Row(pt).KV:
		x.slabFor(m, model, pt, slices.DeleteFunc(slices.Clone(cols), func(i int32) bool { return !x.p.Makes(i, pt) }))
		err = x.plainRows(m, model, pt, made)
	default:
		err = x.plainRows(m, model, pt, made)
	}
	if err != nil {
		return err
	}
	for _, i := range edited {
		x.edit(m, model, pt, i)
	}
	for _, k := range bases {
		x.unhold(k)
	}
	return nil
}

// holdBases holds the rows that edited ones are copies of, at a point that no later one reads: a value
// that is handed over, or written by another edit, may be the last to need such a row.
func (x *chunkRun) holdBases(m *modelSteps, pt arch.Point, edited []int32) (held []plan.RowKey) {
	if m.last[pt] != pt {
		return nil
	}
	for _, i := range edited {
		if base, _ := x.table.Edits(x.p.Cols[i]); base >= 0 {
			k := plan.RowKey{C: x.table.Owner(pt, base), P: pt}
			x.holdRow(k)
			held = append(held, k)
		}
	}
	return held
}

// fused says that attention makes the column's row of scores or patterns within itself.
func (x *chunkRun) fused(m *modelSteps, model int16, pt arch.Point, i int32) bool {
	c, l := x.p.Cols[i], m.a.Layer(pt)
	if z := m.z[l]; x.p.How(i, z) != plan.Computed {
		return false
	}
	for p := x.models[model].a.Arrival(l) + 1; p < m.z[l]; p++ {
		if !m.wide[p] {
			continue
		}
		if x.p.How(i, p) != plan.Computed || x.p.Wide(c, p) {
			return false
		}
	}
	return true
}

// attention makes rows of z: those whose scores and patterns nobody reads or sets in one go.
func (x *chunkRun) attention(m *modelSteps, model int16, pt arch.Point, made []int32) error {
	l := m.a.Layer(pt)
	var fused, apart []int32
	for _, i := range made {
		if x.fused(m, model, pt, i) {
			fused = append(fused, i)
		} else {
			apart = append(apart, i)
		}
	}
	if err := x.plainRows(m, model, pt, apart); err != nil || len(fused) == 0 {
		return err
	}
	q := x.queries(m, l)
	r := x.request(m, model, pt, fused, []arch.Point{q})
	x.seen(r, model, l, fused)
	return m.rt.Attention(l, r)
}

// queries is the point that the scores of a layer are made from.
func (x *chunkRun) queries(m *modelSteps, l int) arch.Point {
	for p := m.a.Arrival(l) + 1; ; p++ {
		if m.wide[p] {
			return m.a.Inputs(p)[0]
		}
	}
}

// plainRows makes rows that need nothing special.
func (x *chunkRun) plainRows(m *modelSteps, model int16, pt arch.Point, made []int32) error {
	if len(made) == 0 {
		return nil
	}
	r := x.request(m, model, pt, made, m.a.Inputs(pt))
	if m.a.Row(pt).Keys {
		x.seen(r, model, m.a.Layer(pt), made)
	}
	return m.rt.Rows(pt, r)
}

// request gathers inputs and makes places for the rows of a point.
func (x *chunkRun) request(m *modelSteps, model int16, pt arch.Point, made []int32, inputs []arch.Point) *nnrt.Rows {
	r := x.inputs(model, made, inputs)
	x.alloc(r.Out, m, pt, made)
	return r
}

// inputs gathers what rows are made from.
func (x *chunkRun) inputs(model int16, made []int32, inputs []arch.Point) *nnrt.Rows {
	r, n := &x.req, len(made)
	r.Cols, r.Keys = nil, nil
	r.Out = slices.Grow(r.Out[:0], n)[:n]
	r.Tok, r.Pos = slices.Grow(r.Tok[:0], n)[:n], slices.Grow(r.Pos[:0], n)[:n]
	for len(r.In) < len(inputs) {
		r.In = append(r.In, nil)
	}
	r.In = r.In[:len(inputs)]
	for k := range inputs {
		r.In[k] = slices.Grow(r.In[k][:0], n)[:n]
	}
	for j, i := range made {
		c := x.p.Cols[i]
		_, r.Pos[j], r.Tok[j] = x.table.Place(c)
		for k, q := range inputs {
			r.In[k][j] = x.row(c, model, q)
		}
	}
	return r
}

// seen adds to a request the keys that each row sees.
func (x *chunkRun) seen(r *nnrt.Rows, model int16, layer int, made []int32) {
	x.keys.reset(len(x.p.Cols))
	for _, i := range made {
		r.Keys = append(r.Keys, x.keys.of(x, x.p.Cols[i], model, layer))
	}
}
