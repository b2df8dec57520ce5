package tensor

import "slices"

// Ragged arrays are worked on row by row. The lengths of a ragged array depend on the entries of
// some outer axes, its row axes (of [batch head query key] on batch alone); split takes it apart by
// them into dense arrays in which the row axes have length 1, and join puts such arrays together.

// canonical makes dense what has the same length in all rows.
func canonical(t Type) Type {
	if t.Axes == nil {
		t.Axes = make([]string, len(t.Dims))
	}
	if !t.IsRagged() {
		t.Rag = nil
		return t
	}
	first := t.Rag[0].Axis
	out := Type{DT: t.DT, Axes: t.Axes, Dims: slices.Clone(t.Dims)}
	for _, g := range t.Rag {
		if n, same := uniform(g.Lens); same {
			out.Dims[g.Axis] = n
		} else {
			out.Rag = append(out.Rag, g)
		}
	}
	if len(out.Rag) == 0 || out.Rag[0].Axis == first {
		return out
	}
	// Axes between the old and the new first ragged axis count rows now.
	each := prod(out.Dims[first:out.Rag[0].Axis])
	for i, g := range out.Rag {
		var lens []int
		for _, n := range g.Lens {
			lens = append(lens, slices.Repeat([]int{n}, each)...)
		}
		out.Rag[i].Lens = lens
	}
	return out
}

func uniform(lens []int) (int, bool) {
	if len(lens) == 0 {
		return 0, true
	}
	for _, n := range lens {
		if n != lens[0] {
			return 0, false
		}
	}
	return lens[0], true
}

// rowAxes has the outer axes along which some length varies.
func (t Type) rowAxes() []int {
	if !t.IsRagged() {
		return nil
	}
	outer := t.Outer()
	step := strides(outer)
	var axes []int
	for k := range outer {
		if t.varies(step[k], outer[k]) {
			axes = append(axes, k)
		}
	}
	return axes
}

func (t Type) varies(step, n int) bool {
	for _, g := range t.Rag {
		for r, l := range g.Lens {
			if first := r - r/step%n*step; l != g.Lens[first] {
				return true
			}
		}
	}
	return false
}

// prefix is the number of leading axes that block counts over: all row axes are among them and
// every block is one stretch of the data.
func (t Type) prefix(axes []int) int {
	if t.IsRagged() {
		return t.Rag[0].Axis
	}
	if len(axes) == 0 {
		return 0
	}
	return slices.Max(axes) + 1
}

// blocks calls f for each stretch of data under the prefix, with the row (a number that counts the
// entries of the row axes) that it is part of.
func (t Type) blocks(axes []int, f func(row, off, n int)) {
	p := t.prefix(axes)
	dims := t.Dims[:p]
	weight := make([]int, p)
	n := 1
	for _, k := range slices.Backward(axes) {
		weight[k] = n
		n *= t.Dims[k]
	}
	size, off := 0, 0
	if !t.IsRagged() {
		size = prod(t.Dims[p:])
	}
	coord := make([]int, p)
	for r := range prod(dims) {
		if t.IsRagged() {
			size = t.rowSize(r)
		}
		row := 0
		for k, c := range coord {
			row += weight[k] * c
		}
		f(row, off, size)
		off += size
		odometer(coord, dims)
	}
}

// splitTypes has the types of the rows under the given axes, which keep the length 1.
func (t Type) splitTypes(axes []int) []Type {
	n := 1
	for _, k := range axes {
		n *= t.Dims[k]
	}
	out := make([]Type, n)
	block := 0
	t.blocks(axes, func(row, _, _ int) {
		if out[row].Dims == nil {
			dims := slices.Clone(t.Dims)
			for _, k := range axes {
				dims[k] = 1
			}
			for _, g := range t.Rag {
				dims[g.Axis] = g.Lens[block]
			}
			out[row] = NewType(t.DT, t.Axes, dims)
		}
		block++
	})
	return out
}

// split takes an array apart by the given axes, which keep the length 1.
func (a *Array) split(axes []int) []*Array {
	if len(axes) == 0 && !a.IsRagged() {
		return []*Array{a}
	}
	types := a.splitTypes(axes)
	spans := make([][]span, len(types))
	a.blocks(axes, func(row, off, n int) { spans[row] = append(spans[row], span{off, n}) })
	out := make([]*Array, len(types))
	for r, t := range types {
		out[r] = wrap(t, gatherSpans(a.raw(), a.DT, spans[r], t.Size()))
	}
	return out
}

// span is a stretch of data.
type span struct{ off, n int }

// gatherSpans lays stretches one after the other; a single one is not copied.
func gatherSpans(buf any, dt DType, spans []span, size int) any {
	if len(spans) == 1 {
		return part(buf, spans[0].off, spans[0].n)
	}
	out := buffer(dt, size)
	at := 0
	for _, s := range spans {
		copyPart(out, at, buf, s.off, s.n)
		at += s.n
	}
	return out
}

// joinType is the type of rows put together: row axis i, of length dims[i], is axis at[i] of the
// rows, where each has the length 1.
func joinType(rows []Type, dims, at []int) (Type, error) {
	t := Type{DT: rows[0].DT, Axes: slices.Clone(rows[0].Axes), Dims: slices.Clone(rows[0].Dims)}
	for i, k := range at {
		t.Dims[k] = dims[i]
	}
	var ragged []int
	for k := range t.Dims {
		if slices.Contains(at, k) {
			continue
		}
		for _, r := range rows {
			if r.Dims[k] != rows[0].Dims[k] {
				ragged = append(ragged, k)
				t.Dims[k] = -1
				break
			}
		}
	}
	if len(ragged) == 0 {
		return t, nil
	}
	if slices.Max(at) > ragged[0] {
		return Type{}, errf("the ragged axis %s cannot come before axis %s, on which its lengths depend",
			t.axisText(ragged[0]), t.axisText(slices.Max(at))).hint("pad(x, value) makes all rows one length")
	}
	t.Rag = raggedLens(t, rows, at, ragged)
	return t, nil
}

// raggedLens counts out the lengths over all outer axes.
func raggedLens(t Type, rows []Type, at, ragged []int) []Rag {
	dense := Type{Dims: t.Dims[:ragged[0]]}
	rag := make([]Rag, len(ragged))
	order := rowOrder(at)
	for i, k := range ragged {
		rag[i].Axis = k
	}
	outer := dense.Dims
	coord := make([]int, len(outer))
	for range prod(outer) {
		row := order.number(coord, outer)
		for i, k := range ragged {
			rag[i].Lens = append(rag[i].Lens, rows[row].Dims[k])
		}
		odometer(coord, outer)
	}
	return rag
}

// rowOrder has, in the order in which rows count, the axis of each row axis.
type rowOrder []int

func (o rowOrder) number(coord, dims []int) int {
	row := 0
	for _, k := range o {
		row = row*dims[k] + coord[k]
	}
	return row
}

// join puts rows together as type t, which joinType gave.
func join(t Type, rows []*Array, at []int) *Array {
	if len(rows) == 1 {
		return wrap(t, rows[0].raw())
	}
	out := buffer(t.DT, t.Size())
	from := make([]int, len(rows))
	order, dims := rowOrder(at), t.Dims
	p := t.prefix(at)
	coord := make([]int, p)
	off := 0
	for range prod(dims[:p]) {
		row := order.number(coord, dims)
		n := blockSize(rows[row].Dims, p)
		copyPart(out, off, rows[row].raw(), from[row], n)
		from[row] += n
		off += n
		odometer(coord, dims[:p])
	}
	return wrap(t, out)
}

func blockSize(dims []int, p int) int { return prod(dims[p:]) }
