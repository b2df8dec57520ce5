package exec

import (
	"context"
	"slices"

	"interp/ir"
	"interp/nnrt/arch"
	"interp/nnrt/tensor"
)

// reverse makes all adjoints of some metrics: wave by wave, points descending, and at a point the rows
// with most sets on them first. Rows of all metrics go together; none is shared.
func reverse(ctx context.Context, parts []*part) error {
	waves, points, deepest := int32(0), 0, int32(0)
	for _, q := range parts {
		for _, id := range q.ids {
			r := q.runs[id]
			waves = max(waves, slices.Max(append(r.level, 0)))
			points, deepest = max(points, r.a.Points()), max(deepest, r.deepest)
		}
	}
	for w := range waves + 1 {
		for p := arch.Point(points) - 1; p >= 0; p-- {
			if err := ctx.Err(); err != nil {
				return err
			}
			for n := deepest; n >= 0; n-- {
				if err := makeRows(parts, w, p, n); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// open is a row whose adjoint is being made.
type open struct {
	q     *gradient
	r     *gradRun
	s     int32
	key   RowKey
	inner []float32
}

// makeRows makes the adjoints of the rows at p with n sets on them, in one wave.
func makeRows(parts []*part, wave int32, p arch.Point, n int32) error {
	byModel := map[ir.Model][]*open{}
	var models []ir.Model
	var all []*open
	for _, q := range parts {
		for _, o := range q.opened(wave, p, n) {
			all = append(all, o)
			if o.r.passOn(o) {
				continue
			}
			m := o.r.Model
			if byModel[m] == nil {
				models = append(models, m)
			}
			byModel[m] = append(byModel[m], o)
		}
	}
	for _, m := range models {
		if err := users(byModel[m]); err != nil {
			return err
		}
	}
	for _, o := range all {
		if err := o.finish(); err != nil {
			o.q.err = err
		}
	}
	return nil
}

// opened are the rows to be made at p, runs in order and the latest position first.
func (q *part) opened(wave int32, p arch.Point, n int32) []*open {
	var out []*open
	for _, id := range q.ids {
		r := q.runs[id]
		if q.err != nil || int(p) >= r.a.Points() || n > r.deepest {
			continue
		}
		for pos := int32(r.n) - 1; pos >= 0; pos-- {
			if n > int32(len(r.sets.at[place{p, pos}])) {
				continue
			}
			s := r.state(p, pos, n)
			if r.need[s] && r.level[s] == wave {
				out = append(out, &open{q.gradient, r, s, RowKey{id, p, pos, n}, make([]float32, r.a.Width(p, int(pos)))})
			}
		}
	}
	return out
}

// passOn takes what the next set leaves of a row; false if there is none.
func (r *gradRun) passOn(o *open) bool {
	k := o.key
	if int(k.N) == len(r.sets.at[place{k.Pt, k.Pos}]) {
		return false
	}
	k.N++
	d := r.adj[r.state(k.Pt, k.Pos, k.N)]
	if sl := r.nth(k).Sl; d != nil && !sl.Whole() {
		copy(o.inner, d)
		sl.Put(o.inner, make([]float32, sl.Len(len(o.inner))))
		for i, v := range o.inner { // +0 + x, as an accumulator that begins at +0 gives it
			o.inner[i] = 0 + v
		}
	}
	return true
}

// outer adds to what flows back through the row's own run what those reads of it pass back that count,
// and says whether some read what stood before a set.
func (o *open) outer(counts func(*use) bool) (d []float32, old bool) {
	var sum []float32
	uses := o.r.uses[o.s]
	for i := range uses {
		u := &uses[i]
		if u.data == nil {
			continue
		}
		old = old || u.old
		if !counts(u) {
			continue
		}
		if sum == nil {
			sum = make([]float32, len(o.inner))
		}
		u.sl.Each(len(sum), func(i, off int) { sum[off] += u.data[i] })
	}
	if sum == nil {
		return o.inner, old
	}
	for i := range sum {
		sum[i] += o.inner[i]
	}
	return sum, old
}

// finish adds what reads of the row pass back, and differentiates the value of the set that made it.
func (o *open) finish() error {
	r := o.r
	d, old := o.outer(func(u *use) bool { return true })
	if old {
		r.flow[o.s], _ = o.outer(func(u *use) bool { return !u.old })
	}
	r.adj[o.s] = d
	if o.key.N == 0 {
		return nil
	}
	return o.q.intoSet(o)
}

// intoSet hands the gradient of what a set wrote to the reads of its value.
func (q *gradient) intoSet(o *open) error {
	set := o.r.written[o.s]
	if set == nil || !q.follows(set.set.Val) {
		return nil
	}
	t := typeFloat(q.g.Nodes[set.set.Val].Type)
	sl := set.set.Sl
	d := o.r.adj[o.s]
	x := make([]float32, sl.Len(len(d)))
	sl.Take(x, d)
	if t.Size() == 1 && len(x) > 1 { // one number that was written to all places
		sum := float32(0)
		for _, v := range x {
			sum += v
		}
		x = []float32{sum}
	}
	grads, err := q.through(set.set.Val, tensor.FromType(t, x))
	if err != nil {
		return err
	}
	q.hand(set.reads, grads)
	return nil
}
