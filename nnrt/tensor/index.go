package tensor

import (
	"slices"
	"strconv"
)

func itoa(i int) string { return strconv.Itoa(i) }

// IndexType is the type of t[ix].
func IndexType(t Type, ix []Ix) (Type, error) {
	sels, err := ResolveIndex(t, ix)
	if err != nil {
		return Type{}, err
	}
	return SelType(t, sels), nil
}

// Index is a[ix]. Integers drop an axis, slices keep it, lists pick entries and keep it, two lists
// pick independently.
func Index(a *Array, ix []Ix) (*Array, error) {
	sels, err := ResolveIndex(a.Type, ix)
	if err != nil {
		return nil, err
	}
	return Select(a, sels), nil
}

// SelType is the type of what a resolved index takes.
func SelType(t Type, sels []Sel) Type {
	out := Type{DT: t.DT, Axes: []string{}, Dims: []int{}}
	rows := keptRows(t, sels)
	for k, s := range sels {
		if s.Drop {
			continue
		}
		n := len(s.Pos)
		switch lens := t.lens(k); {
		case lens != nil:
			n = -1
			out.Rag = append(out.Rag, Rag{Axis: len(out.Dims), Lens: takenLens(lens, s, rows)})
		case s.All:
			n = t.Dims[k]
		}
		out.Axes = append(out.Axes, t.Axes[k])
		out.Dims = append(out.Dims, n)
	}
	return canonicalRows(out, t)
}

// canonicalRows settles the rows of a ragged result: an at() or an integer between the old outer
// axes and the first ragged one leaves the count of rows as it was.
func canonicalRows(out, t Type) Type {
	if !out.IsRagged() {
		out.Rag = nil
		return out
	}
	first := out.Rag[0].Axis
	if each := prod(out.Dims[:first]); each > 0 && len(out.Rag[0].Lens) > 0 && each != len(out.Rag[0].Lens) {
		// The first ragged axis of t was dropped; what lies between counts rows now.
		for i, g := range out.Rag {
			var lens []int
			for _, n := range g.Lens {
				lens = append(lens, slices.Repeat([]int{n}, each/len(g.Lens))...)
			}
			out.Rag[i].Lens = lens
		}
	}
	return canonical(out)
}

// keptRows lists the ragged rows that the outer selections take, in order.
func keptRows(t Type, sels []Sel) []int {
	outer := t.Outer()
	coord := make([]int, len(outer))
	var rows []int
	var down func(k, row int)
	down = func(k, row int) {
		if k == len(outer) {
			rows = append(rows, row)
			return
		}
		for _, p := range sels[k].at(coord, outer[k]) {
			coord[k] = p
			down(k+1, row*outer[k]+p)
		}
	}
	down(0, 0)
	return rows
}

// at has the entries that are taken where the axes before are at coord.
func (s Sel) at(coord []int, n int) []int {
	if s.By >= 0 {
		return []int{s.Pos[coord[s.By]]}
	}
	return picked(s, n)
}

func picked(s Sel, n int) []int {
	if s.All {
		return identity(n).In
	}
	return s.Pos
}

func takenLens(lens []int, s Sel, rows []int) []int {
	out := make([]int, len(rows))
	for i, r := range rows {
		if s.All {
			out[i] = lens[r]
		} else {
			out[i] = len(s.Rows[r])
		}
	}
	return out
}

// Select takes what a resolved index says.
func Select(a *Array, sels []Sel) *Array {
	t := SelType(a.Type, sels)
	out := wrap(t, gatherSpans(a.raw(), a.DT, selSpans(a.Type, sels), t.Size()))
	for name, labels := range a.Labels {
		k := slices.Index(a.Axes, name)
		if k < 0 || sels[k].Drop || sels[k].Rows != nil {
			continue
		}
		taken := make([]string, 0, len(labels))
		for _, p := range picked(sels[k], len(labels)) {
			taken = append(taken, labels[p])
		}
		if out.Labels == nil {
			out.Labels = map[string][]string{}
		}
		out.Labels[name] = taken
	}
	return out
}

// selSpans lists the stretches of data that an index takes, in the order of the result.
func selSpans(t Type, sels []Sel) []span {
	w := selWalk{t: t, sels: sels, coord: make([]int, t.Rank())}
	if !t.IsRagged() {
		w.dims = t.Dims
		w.axis(0, 0)
		return w.spans
	}
	w.starts = make([]int, t.Rows()+1)
	for r := range t.Rows() {
		w.starts[r+1] = w.starts[r] + t.rowSize(r)
	}
	w.outer(0, 0)
	return w.spans
}

// selWalk goes down the axes of one array, the first slowest.
type selWalk struct {
	t      Type
	sels   []Sel
	coord  []int
	dims   []int // of the ragged row at hand, or all
	first  int   // axis that dims begins with
	row    int
	starts []int
	spans  []span
}

// outer goes over the rows of a ragged array.
func (w *selWalk) outer(k, row int) {
	if k == len(w.t.Outer()) {
		w.row, w.first, w.dims = row, k, w.t.RowDims(row)
		w.axis(k, w.starts[row])
		return
	}
	for _, p := range w.taken(k, w.t.Dims[k]) {
		w.coord[k] = p
		w.outer(k+1, row*w.t.Dims[k]+p)
	}
}

// taken has the entries of axis k at the present coordinate.
func (w *selWalk) taken(k, n int) []int {
	if s := w.sels[k]; s.Rows != nil {
		return s.Rows[w.row]
	}
	return w.sels[k].at(w.coord, n)
}

// axis goes over the entries of a dense part.
func (w *selWalk) axis(k, off int) {
	rest := w.dims[k-w.first:]
	if w.wholeFrom(k) {
		w.add(off, prod(rest))
		return
	}
	step := prod(rest[1:])
	whole := w.wholeFrom(k + 1)
	for _, p := range w.taken(k, rest[0]) {
		w.coord[k] = p
		if whole {
			w.add(off+p*step, step)
			continue
		}
		w.axis(k+1, off+p*step)
	}
}

// add appends a stretch, to the one before where they touch.
func (w *selWalk) add(off, n int) {
	if n == 0 {
		return
	}
	if last := len(w.spans) - 1; last >= 0 && w.spans[last].off+w.spans[last].n == off {
		w.spans[last].n += n
		return
	}
	w.spans = append(w.spans, span{off, n})
}

func (w *selWalk) wholeFrom(k int) bool {
	for _, s := range w.sels[k:] {
		if !s.All {
			return false
		}
	}
	return true
}
