package exec

import (
	"fmt"
	"slices"

	"interp/nnrt"
	"interp/nnrt/arch"
)

// users adds what the rows made of these pass back, highest point first. The rows are of one model.
func users(rows []*open) error {
	r := rows[0].r
	for _, u := range r.users[rows[0].key.Pt] {
		if u.keys {
			if err := usersByKeys(u, rows); err != nil {
				return err
			}
			continue
		}
		if u.pt == r.a.Logits() {
			if err := usersOfNorm(u, rows); err != nil {
				return err
			}
			continue
		}
		b := &nnrt.Back{}
		reads, err := r.rt.BackReads(u.pt)
		if err != nil {
			return err
		}
		b.DIn = make([][][]float32, len(r.a.Inputs(u.pt)))
		for _, o := range rows {
			d := o.r.adj[o.r.state(u.pt, o.key.Pos, 0)]
			if d == nil {
				continue
			}
			askBack(b, o.q.fwd, o.r, u.pt, o.key.Pos, reads, d)
			b.DIn[u.input] = append(b.DIn[u.input], o.inner)
		}
		if len(b.D) == 0 {
			continue
		}
		if err := r.rt.Back(u.pt, b); err != nil {
			return err
		}
	}
	return nil
}

// usersByKeys adds what queries pass back to the keys and values they saw, the latest query first.
func usersByKeys(u user, rows []*open) error {
	r := rows[0].r
	reads, err := r.rt.BackReads(u.pt)
	if err != nil {
		return err
	}
	b := &nnrt.Back{}
	for i := 0; i < len(rows); {
		run, fwd, into := rows[i].r, rows[i].q.fwd, map[int32][]float32{}
		for ; i < len(rows) && rows[i].r == run; i++ {
			into[rows[i].key.Pos] = rows[i].inner
		}
		for pos := int32(run.n) - 1; pos >= 0; pos-- {
			d := run.adj[run.state(u.pt, pos, 0)]
			if d == nil {
				continue
			}
			askBack(b, fwd, run, u.pt, pos, reads, d)
			keys := make([]nnrt.KeyRun, pos+1)
			for j := range keys {
				x := into[int32(j)]
				keys[j] = nnrt.KeyRun{Buf: x, N: 1, Stride: len(x)}
			}
			b.DKeys = append(b.DKeys, keys)
		}
	}
	if len(b.D) == 0 {
		return nil
	}
	return r.rt.Back(u.pt, b)
}

// askBack puts a row and its gradient on a request.
func askBack(b *nnrt.Back, fwd Forward, r *gradRun, p arch.Point, pos int32, reads []int, d []float32) {
	in := r.a.Inputs(p)
	if b.In == nil {
		b.In = make([][][]float32, len(in))
	}
	b.D = append(b.D, d)
	for _, i := range reads {
		b.In[i] = append(b.In[i], fwd.Row(r.finalKey(in[i], pos)))
	}
	if r.a.Row(p).Keys {
		kv := r.a.KV(r.a.Layer(p))
		keys := make([]nnrt.KeyRun, pos+1)
		for j := range keys {
			x := fwd.Row(r.finalKey(kv, int32(j)))
			keys[j] = nnrt.KeyRun{Buf: x, N: 1, Stride: len(x)}
		}
		b.Keys = append(b.Keys, keys)
	}
}

// usersOfNorm adds what logits pass back: of each row only the columns that are read, rows with the
// same columns together.
func usersOfNorm(u user, rows []*open) error {
	type group struct {
		b    nnrt.Back
		cols []int32
	}
	groups := map[string]*group{}
	var order []*group
	for _, o := range rows {
		d := o.r.adj[o.r.state(u.pt, o.key.Pos, 0)]
		if d == nil {
			continue
		}
		cols := o.r.columns(u.pt, o.key.Pos)
		k := fmt.Sprint(cols == nil, cols)
		g := groups[k]
		if g == nil {
			g = &group{cols: cols}
			g.b.Cols, g.b.DIn = cols, make([][][]float32, 1)
			groups[k], order = g, append(order, g)
		}
		if cols != nil {
			d = pickColumns(d, cols)
		}
		g.b.D, g.b.DIn[0] = append(g.b.D, d), append(g.b.DIn[0], o.inner)
	}
	for _, g := range order {
		if err := rows[0].r.rt.Back(u.pt, &g.b); err != nil {
			return err
		}
	}
	return nil
}

func pickColumns(row []float32, cols []int32) []float32 {
	out := make([]float32, len(cols))
	for i, c := range cols {
		out[i] = row[c]
	}
	return out
}

// columns are the logits that are read of a row, ascending; nil: all.
func (r *gradRun) columns(p arch.Point, pos int32) []int32 {
	if len(r.sets.at[place{p, pos}]) > 0 {
		return nil
	}
	width := r.a.Width(p, int(pos))
	cols := []int32{}
	for _, u := range r.uses[r.state(p, pos, 0)] {
		if 4*u.sl.Len(width) > width {
			return nil
		}
		u.sl.Each(width, func(_, off int) { cols = append(cols, int32(off)) })
	}
	slices.Sort(cols)
	return slices.Compact(cols)
}
