package vm

import (
	"math"
	"slices"

	"interp/ir"
	"interp/nnrt/arch"
	"interp/nnrt/tensor"
)

// everySet is the After of a read that sees all sets of its run, also those further down.
const everySet = math.MaxInt32

// pick is what a site's view takes along one axis: entries in order, one fixed entry, or all.
type pick struct {
	idx  []int // nil: all of n
	n    int
	drop bool // one entry, the axis is gone
}

func (p pick) len() int {
	if p.idx == nil {
		return p.n
	}
	return len(p.idx)
}

func (p pick) at(i int) int {
	if p.idx == nil {
		return i
	}
	return p.idx[i]
}

// take narrows a pick by places in what it has picked already.
func (p pick) take(s tensor.Sel) pick {
	if s.All {
		return p
	}
	out := make([]int, len(s.Pos))
	for i, k := range s.Pos {
		out[i] = p.at(k)
	}
	return pick{idx: out, n: p.n, drop: p.drop || s.Drop}
}

// siteView is a read of a site that can still be narrowed: along each axis of the site a pick, and
// along the positions one for each prompt. Axes come in the site's order: batch, then pos and the
// row's own axes, or, for scores and patterns, head, query, key.
type siteView struct {
	inv   *invoke
	site  *arch.Site
	pt    arch.Point
	after []int32 // by row of the invoke

	rows    pick
	pos     [][]int32 // absolute positions, for each picked row
	posDrop bool
	own     []pick  // the row's own axes (of scores and patterns: head alone)
	keys    [][]int // scores and patterns: the keys picked, for each picked row
	keyDrop bool
}

// openView is the whole site in an invoke at a generation step.
func openView(inv *invoke, site *arch.Site, layer, step int) *siteView {
	a := inv.model.Arch()
	v := &siteView{inv: inv, site: site, pt: sitePoint(a, site, layer), rows: pick{n: len(inv.runs)}}
	v.rows.idx = inv.running(step)
	for r := range inv.runs {
		v.after = append(v.after, int32(len(inv.run(r).Sets)))
	}
	for i := range v.rows.len() {
		r := v.rows.at(i)
		at := inv.positions(r, step)
		v.pos = append(v.pos, at)
		if site.Attn {
			keys := make([]int, int(at[len(at)-1])+1)
			for i := range keys {
				keys[i] = i
			}
			v.keys = append(v.keys, keys)
		}
	}
	for _, x := range site.Axes {
		v.own = append(v.own, pick{n: x.Size})
	}
	if site.Attn {
		v.own = []pick{{n: a.Dims.Heads}}
	}
	return v
}

// sitePoint is the point at which a site's rows stand.
func sitePoint(a *arch.Arch, s *arch.Site, layer int) arch.Point {
	l := s.Shift
	if s.Layered {
		l += layer
	}
	p, _ := a.Named(l, s.Kind)
	return p
}

// typ is the array type of what the view reads.
func (v *siteView) typ() tensor.Type {
	t := tensor.Type{DT: tensor.F32}
	axis := func(name string, n int, drop bool) {
		if !drop {
			t.Axes, t.Dims = append(t.Axes, name), append(t.Dims, n)
		}
	}
	ragged := func(name string, n func(r int) int, drop bool) {
		if drop {
			return
		}
		outer, lens, same := 1, []int(nil), true
		for _, d := range t.Dims {
			if d < 0 {
				break
			}
			outer *= d
		}
		for r := range v.pos {
			for range outer / max(len(v.pos), 1) {
				lens = append(lens, n(r))
			}
			same = same && n(r) == n(0)
		}
		if same {
			if len(v.pos) > 0 {
				axis(name, n(0), false)
			} else { // a set of no rows
				axis(name, 0, false)
			}
			return
		}
		t.Rag = append(t.Rag, tensor.Rag{Axis: len(t.Dims), Lens: lens})
		axis(name, -1, false)
	}
	axis("batch", v.rows.len(), v.rows.drop)
	posLen := func(r int) int { return len(v.pos[r]) }
	if v.site.Attn {
		axis("head", v.own[0].len(), v.own[0].drop)
		ragged("query", posLen, v.posDrop)
		ragged("key", func(r int) int { return len(v.keys[r]) }, v.keyDrop)
		return t
	}
	ragged("pos", posLen, v.posDrop)
	for i, p := range v.own {
		axis(v.site.Axes[i].Name, p.len(), p.drop)
	}
	return t
}

// narrow applies an index, resolved to one selection an axis of typ().
func (v *siteView) narrow(sels []tensor.Sel) *siteView {
	n := *v
	k := 0
	next := func(dropped bool) tensor.Sel {
		if dropped {
			return tensor.Sel{All: true, By: -1}
		}
		k++
		return sels[k-1]
	}
	batch := next(v.rows.drop)
	rows := seq(batch, v.rows.len())
	n.rows = v.rows.take(batch)
	n.own = slices.Clone(v.own)
	perRow := 1 // rows that one prompt has in typ(): heads come before queries
	if v.site.Attn {
		if !v.own[0].drop {
			perRow = v.own[0].len()
		}
		n.own[0] = v.own[0].take(next(v.own[0].drop))
	}
	p := next(v.posDrop)
	n.posDrop = v.posDrop || p.Drop
	n.pos = make([][]int32, len(rows))
	for i, r := range rows {
		n.pos[i] = through(v.pos[r], p, r, perRow)
	}
	if v.site.Attn {
		q := next(v.keyDrop)
		n.keyDrop = v.keyDrop || q.Drop
		n.keys = make([][]int, len(rows))
		for i, r := range rows {
			n.keys[i] = through(v.keys[r], q, r, perRow)
		}
		return &n
	}
	for i := range n.own {
		n.own[i] = v.own[i].take(next(v.own[i].drop))
	}
	return &n
}

// through takes from one prompt's list what a selection says for prompt row.
func through[T any](list []T, s tensor.Sel, row, perRow int) []T {
	idx := s.Pos
	switch {
	case s.All:
		return list
	case s.Rows != nil:
		idx = s.Rows[row*perRow]
	case s.By >= 0:
		idx = s.Pos[row : row+1]
	}
	out := make([]T, len(idx))
	for i, k := range idx {
		out[i] = list[k]
	}
	return out
}

// seq is what a selection takes of n entries.
func seq(s tensor.Sel, n int) []int {
	if !s.All {
		return s.Pos
	}
	idx := make([]int, n)
	for i := range idx {
		idx[i] = i
	}
	return idx
}

// slice is the part of a row that the own axes pick, in the row's layout.
func (v *siteView) slice(b *builder) ir.Slice {
	off, full := 0, true
	size := make([]int, len(v.own))
	for i := range v.own {
		size[i] = v.site.Axes[i].Size
	}
	inner := 1
	for _, s := range size {
		inner *= s
	}
	if v.site.Kind == "kv" {
		off, full = v.site.Sub*inner, false
	}
	return b.slice(off, full, size, v.own)
}

// attnSlice is the part of a row of scores at position pos: heads, then the keys up to pos.
func (v *siteView) attnSlice(b *builder, r int, pos int32) (sl ir.Slice, keys []int) {
	for i, k := range v.keys[r] {
		if k <= int(pos) {
			keys = append(keys, i)
		}
	}
	seen := pick{n: int(pos) + 1, idx: make([]int, len(keys))}
	for i, k := range keys {
		seen.idx[i] = v.keys[r][k]
	}
	return b.slice(0, true, []int{v.own[0].n, int(pos) + 1}, []pick{v.own[0], seen}), keys
}

// view is the node content of the read.
func (v *siteView) view(b *builder) *ir.View {
	w := &ir.View{Pt: v.pt, Model: v.inv.model, Fill: v.site.Fill}
	if v.site.Attn {
		v.attnPieces(b, w)
		return w
	}
	sl := v.slice(b)
	for i := range v.pos {
		r := v.rows.at(i)
		for _, p := range v.pos[i] {
			w.Pieces = append(w.Pieces, ir.Piece{Run: v.inv.runs[r], Pos: p, Sl: sl, After: v.after[r]})
		}
	}
	return w
}

// attnPieces lays rows of [head key] out as [batch head query key].
func (v *siteView) attnPieces(b *builder, w *ir.View) {
	base, heads := 0, v.own[0].len()
	for i := range v.pos {
		r := v.rows.at(i)
		nq, nk := len(v.pos[i]), len(v.keys[i])
		for j, p := range v.pos[i] {
			sl, keys := v.attnSlice(b, i, p)
			if len(keys) == 0 {
				continue
			}
			w.Pieces = append(w.Pieces, ir.Piece{Run: v.inv.runs[r], Pos: p, Sl: sl, After: v.after[r]})
			for h := range heads {
				for _, k := range keys {
					w.Scatter = append(w.Scatter, int32(base+(h*nq+j)*nk+k))
				}
			}
		}
		base += heads * nq * nk
	}
	if w.Scatter == nil {
		w.Scatter = []int32{}
	}
}
