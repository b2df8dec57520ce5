package tensor

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// String is the name a script and a file know the type by.
func (d DType) String() string { return [...]string{"float32", "int64", "bool"}[d] }

// size is the number of bytes of an element.
func (d DType) size() int { return [...]int{4, 8, 1}[d] }

// NewType is the type of a dense array. A nil axes leaves all axes unnamed.
func NewType(dt DType, axes []string, dims []int) Type {
	if axes == nil {
		axes = make([]string, len(dims))
	}
	return Type{DT: dt, Axes: axes, Dims: dims}
}

// Rank is the number of axes.
func (t Type) Rank() int { return len(t.Dims) }

// IsRagged says whether some axis has a length of its own in each row.
func (t Type) IsRagged() bool { return len(t.Rag) > 0 }

// Len is the length of the first axis, a script's len(x); of a number it is 0.
func (t Type) Len() int {
	if len(t.Dims) == 0 {
		return 0
	}
	return t.Dims[0]
}

// Outer has the dimensions before the first ragged axis: their product is the number of rows. Of a
// dense type it is empty, and the array is its only row.
func (t Type) Outer() []int {
	if !t.IsRagged() {
		return nil
	}
	return t.Dims[:t.Rag[0].Axis]
}

// Rows is the number of ragged rows, 1 for a dense type.
func (t Type) Rows() int { return prod(t.Outer()) }

// RowDims has the dimensions of ragged row r, those after Outer.
func (t Type) RowDims(r int) []int {
	dims := slices.Clone(t.Dims[len(t.Outer()):])
	for _, g := range t.Rag {
		dims[g.Axis-len(t.Outer())] = g.Lens[r]
	}
	return dims
}

// RowType is the dense type of ragged row r.
func (t Type) RowType(r int) Type {
	return Type{DT: t.DT, Axes: t.Axes[len(t.Outer()):], Dims: t.RowDims(r)}
}

// Size is the number of elements.
func (t Type) Size() int {
	if !t.IsRagged() {
		return Elements(t.Dims)
	}
	n := 0
	for r := range t.Rows() {
		n += t.rowSize(r)
	}
	return n
}

// rowSize is the number of elements of ragged row r.
func (t Type) rowSize(r int) int {
	n := 1
	for _, d := range t.Dims[len(t.Outer()):] {
		if d >= 0 {
			n *= d
		}
	}
	for _, g := range t.Rag {
		n *= g.Lens[r]
	}
	return n
}

// Bytes is the memory the numbers take.
func (t Type) Bytes() int64 { return int64(t.Size()) * int64(t.DT.size()) }

// lens has the lengths of a ragged axis, nil for any other.
func (t Type) lens(axis int) []int {
	for _, g := range t.Rag {
		if g.Axis == axis {
			return g.Lens
		}
	}
	return nil
}

// Equal compares type, names and lengths.
func (t Type) Equal(u Type) bool {
	return t.DT == u.DT && slices.Equal(t.Axes, u.Axes) && t.sameDims(u)
}

// sameDims compares lengths alone.
func (t Type) sameDims(u Type) bool {
	return slices.Equal(t.Dims, u.Dims) && slices.EqualFunc(t.Rag, u.Rag, func(a, b Rag) bool {
		return a.Axis == b.Axis && slices.Equal(a.Lens, b.Lens)
	})
}

// with is the same shape of another element type.
func (t Type) with(dt DType) Type {
	t.DT = dt
	return t
}

// Axis finds an axis by its name.
func (t Type) Axis(name string) (int, error) {
	found := -1
	for k, a := range t.Axes {
		if a != name || name == "" {
			continue
		}
		if found >= 0 {
			return 0, errf("two axes are named %q: %s", name, t).hint("say which by its place, or rename one")
		}
		found = k
	}
	if found < 0 {
		return 0, t.noAxis(name)
	}
	return found, nil
}

// noAxis names the axes there are.
func (t Type) noAxis(name string) *Error {
	var have []string
	for _, a := range t.Axes {
		if a != "" {
			have = append(have, a)
		}
	}
	switch {
	case t.Rank() == 0:
		return errf("no axis %q: the value is a single number", name)
	case len(have) == 0:
		return errf("no axis %q: no axis of shape %s has a name", name, t.Shape()).hint("use a number: 0 is the first axis, -1 the last")
	}
	return errf("no axis %q: axes are %s", name, strings.Join(have, " "))
}

// axisText names an axis in a message: its name, else its place.
func (t Type) axisText(k int) string {
	if t.Axes[k] != "" {
		return t.Axes[k]
	}
	return strconv.Itoa(k)
}

// String is the header of a printed array, as [layer=4 pos=16]; unnamed axes are bare lengths and a
// ragged axis shows its lengths, or the least and greatest of many.
func (t Type) String() string {
	return t.render(func(k int, dim string) string {
		if t.Axes[k] == "" {
			return dim
		}
		return t.Axes[k] + "=" + dim
	})
}

// Shape is the lengths alone, as [1 16 768].
func (t Type) Shape() string { return t.render(func(_ int, dim string) string { return dim }) }

func (t Type) render(axis func(k int, dim string) string) string {
	parts := make([]string, t.Rank())
	for k, d := range t.Dims {
		dim := strconv.Itoa(d)
		if lens := t.lens(k); lens != nil {
			dim = lensText(t.ownLens(lens))
		}
		parts[k] = axis(k, dim)
	}
	return "[" + strings.Join(parts, " ") + "]"
}

// Lengths are those of a ragged axis, one for each row that its length depends on: of [batch head query key]
// one a prompt.
func (t Type) Lengths(k int) []int { return t.ownLens(t.lens(k)) }

// ownLens leaves out rows that repeat the lengths of others: those that differ from them only in
// outer axes on which no length depends.
func (t Type) ownLens(lens []int) []int {
	outer := t.Outer()
	step := strides(outer)
	rows := t.rowAxes()
	var out []int
	for r, n := range lens {
		first := true
		for k := range outer {
			first = first && (slices.Contains(rows, k) || r/step[k]%outer[k] == 0)
		}
		if first {
			out = append(out, n)
		}
	}
	return out
}

// lensText writes the lengths of a ragged axis: 3|5 or, for more than four rows, 3..16.
func lensText(lens []int) string {
	if len(lens) > 4 {
		return fmt.Sprintf("%d..%d", slices.Min(lens), slices.Max(lens))
	}
	parts := make([]string, len(lens))
	for i, n := range lens {
		parts[i] = strconv.Itoa(n)
	}
	return strings.Join(parts, "|")
}

// prod multiplies lengths; nothing gives 1.
// Elements is how many elements a shape has, 1<<53 where they are more: what a budget is asked for.
func Elements(dims []int) int {
	n := 1
	for _, d := range dims {
		if d == 0 {
			return 0
		}
		if n = min(n, 1<<53); d > 1<<53/n {
			n = 1 << 53
		} else {
			n *= d
		}
	}
	return n
}

func prod(dims []int) int {
	n := 1
	for _, d := range dims {
		n *= d
	}
	return n
}

// strides has the distance between neighbours along each axis of a dense array.
func strides(dims []int) []int {
	s := make([]int, len(dims))
	n := 1
	for k := len(dims) - 1; k >= 0; k-- {
		s[k] = n
		n *= dims[k]
	}
	return s
}

// odometer steps coord through dims, the last axis fastest; false when it has gone round.
func odometer(coord, dims []int) bool {
	for k := len(dims) - 1; k >= 0; k-- {
		if coord[k]++; coord[k] < dims[k] {
			return true
		}
		coord[k] = 0
	}
	return false
}
