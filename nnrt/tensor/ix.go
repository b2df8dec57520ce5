package tensor

import (
	"slices"
	"strings"
)

// IxKind is the form of one item between index brackets.
type IxKind uint8

// The forms of an index item.
const (
	Entry    IxKind = iota // x[3]: the axis goes
	Slice                  // x[1:5:2]; without bounds the whole axis
	List                   // x[[0, 2]]: picks entries, the axis stays
	Ellipsis               // x[...]: fills up
	Per                    // x[at(ps)]: one own position per row, the axis goes
)

// Ix is one item between index brackets. Items without an Axis go by place and come first.
type Ix struct {
	Kind                  IxKind
	Axis                  string // by name
	I                     int    // Entry
	Lo, Hi, Step          int    // Slice, where the flag below is set
	HasLo, HasHi, HasStep bool
	List                  []int // List; Per: one a row, or one for all
	Unknown               bool  // Entry, Per: the number is not known yet, only the shape counts
}

// Sel is what an index takes along one axis.
type Sel struct {
	Drop bool    // the axis goes
	All  bool    // every entry, in order
	Pos  []int   // the entries, where they are the same in all rows
	Rows [][]int // of a ragged axis: the entries in each of the rows
	By   int     // at() on a dense axis: Pos[i] is the entry where axis By is at i (-1: not taken); else -1
}

// ResolveIndex decides what an index takes along each axis of t.
func ResolveIndex(t Type, ix []Ix) ([]Sel, error) {
	items, err := place(t, ix)
	if err != nil {
		return nil, err
	}
	sels := make([]Sel, t.Rank())
	for k, it := range items {
		if it == nil || it.Kind == Per {
			sels[k] = Sel{All: true, By: -1}
			continue
		}
		if sels[k], err = resolveAxis(t, k, *it, sels[:k]); err != nil {
			return nil, err
		}
	}
	for k, it := range items {
		if it != nil && it.Kind == Per {
			if sels[k], err = resolvePer(t, k, *it, sels); err != nil {
				return nil, err
			}
		}
	}
	return sels, nil
}

// PlaceIndex gives one item for each axis of t, in their order.
func PlaceIndex(t Type, ix []Ix) ([]Ix, error) {
	items, err := place(t, ix)
	if err != nil {
		return nil, err
	}
	out := make([]Ix, len(items))
	for k, it := range items {
		out[k] = Ix{Kind: Slice}
		if it != nil {
			out[k] = *it
			out[k].Axis = ""
		}
	}
	return out, nil
}

// place gives each axis its item, or nil.
func place(t Type, ix []Ix) ([]*Ix, error) {
	items := make([]*Ix, t.Rank())
	var byPlace []Ix
	dots := -1
	for i := range ix {
		it := &ix[i]
		switch {
		case it.Axis != "":
			continue
		case it.Kind == Ellipsis && dots >= 0:
			return nil, errf("two ... in one index")
		case it.Kind == Ellipsis:
			dots = len(byPlace)
		default:
			byPlace = append(byPlace, *it)
		}
	}
	if len(byPlace) > t.Rank() {
		if t.Rank() == 0 {
			return nil, errf("a single number has no axis to index")
		}
		return nil, errf("%d indices for %d axes: shape is %s", len(byPlace), t.Rank(), t)
	}
	for i := range byPlace {
		k := i
		if dots >= 0 && i >= dots {
			k = t.Rank() - len(byPlace) + i
		}
		items[k] = &byPlace[i]
	}
	return items, placeNamed(t, ix, items)
}

func placeNamed(t Type, ix []Ix, items []*Ix) error {
	for i := range ix {
		if ix[i].Axis == "" {
			continue
		}
		k, err := t.Axis(ix[i].Axis)
		if err != nil {
			return err
		}
		if items[k] != nil {
			return errf("axis %s is indexed twice", ix[i].Axis)
		}
		items[k] = &ix[i]
	}
	return nil
}

// resolveAxis resolves one item, in each row by itself on a ragged axis; of rows that the axes before
// leave out, any place will do.
func resolveAxis(t Type, k int, it Ix, before []Sel) (Sel, error) {
	s := Sel{Drop: it.Kind == Entry, By: -1, All: it.Kind == Slice && !it.HasLo && !it.HasHi && !it.HasStep}
	lens := t.lens(k)
	if s.All {
		return s, nil
	}
	if lens == nil {
		var err error
		s.Pos, err = it.entries(t, k, t.Dims[k], -1)
		return s, err
	}
	s.Rows = make([][]int, len(lens))
	taken := t.takenRows(before)
	for r, n := range lens {
		var err error
		switch s.Rows[r], err = it.entries(t, k, n, r); {
		case err != nil && taken(r):
			return s, err
		case err != nil:
			s.Rows[r] = make([]int, max(1, len(it.List)))
		}
	}
	return s, nil
}

// takenRows tells which ragged rows an index on the axes before takes.
func (t Type) takenRows(before []Sel) func(row int) bool {
	outer := t.Outer()
	step := strides(outer)
	return func(row int) bool {
		for k, s := range before[:len(outer)] {
			if !s.All && s.By < 0 && !slices.Contains(s.Pos, row/step[k]%outer[k]) {
				return false
			}
		}
		return true
	}
}

// entries are the places an item takes of an axis of length n; row is -1 on a dense axis.
func (it Ix) entries(t Type, k, n, row int) ([]int, error) {
	switch it.Kind {
	case Entry:
		if it.Unknown {
			return []int{0}, nil
		}
		i, err := entry(t, k, n, row, it.I)
		return []int{i}, err
	case Slice:
		return it.slice(t, k, n)
	}
	out := make([]int, len(it.List))
	for j, v := range it.List {
		var err error
		if out[j], err = entry(t, k, n, row, v); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func entry(t Type, k, n, row, i int) (int, error) {
	if i >= -n && i < n {
		return (i + n) % n, nil
	}
	where := ""
	if row >= 0 {
		where = " in " + t.rowText(row)
	}
	if n == 0 {
		return 0, rangef("index %d is out of range for axis %s%s, which is empty", i, t.axisText(k), where)
	}
	return 0, rangef("index %d is out of range for axis %s of length %d%s (valid: %d to %d)", i, t.axisText(k), n, where, -n, n-1)
}

// rowText names a ragged row by its outer coordinate, as: row batch=1.
func (t Type) rowText(row int) string {
	outer := t.Outer()
	step := strides(outer)
	var parts []string
	for _, k := range t.rowAxes() {
		i := row / step[k] % outer[k]
		parts = append(parts, t.axisText(k)+"="+itoa(i))
	}
	if len(parts) == 0 {
		return "row " + itoa(row)
	}
	return "row " + strings.Join(parts, " ")
}

// slice clamps its bounds as Python does.
func (it Ix) slice(t Type, k, n int) ([]int, error) {
	step := 1
	if it.HasStep {
		step = it.Step
	}
	if step == 0 {
		return nil, errf("slice step on axis %s is 0", t.axisText(k))
	}
	lo, hi := 0, n
	if step < 0 {
		lo, hi = n-1, -1
	}
	if it.HasLo {
		lo = bound(it.Lo, n, step)
	}
	if it.HasHi {
		hi = bound(it.Hi, n, step)
	}
	out := []int{}
	for i := lo; step > 0 && i < hi || step < 0 && i > hi; i += step {
		out = append(out, i)
		if step > n || -step > n { // one entry at most; the next could overflow
			break
		}
	}
	return out, nil
}

func bound(i, n, step int) int {
	if i < 0 {
		i += n
	}
	if step < 0 {
		return min(max(i, -1), n-1)
	}
	return min(max(i, 0), n)
}

// perAxis is the axis whose entries at() counts: batch, else the first before k.
func perAxis(t Type, k int) (int, error) {
	if b := slices.Index(t.Axes, "batch"); b >= 0 && b < k {
		return b, nil
	}
	if k == 0 {
		return 0, errf("at() on the first axis %s: there is no axis of rows before it", t.axisText(0))
	}
	return 0, nil
}

// resolvePer resolves at(): its positions are one for each row that the index takes.
func resolvePer(t Type, k int, it Ix, sels []Sel) (Sel, error) {
	b, err := perAxis(t, k)
	if err != nil {
		return Sel{}, err
	}
	if sels[b].Drop {
		return Sel{}, errf("at() beside an integer on %s: there is only one row left", t.axisText(b)).
			hint("write the position itself")
	}
	rows := sels[b].Pos
	if sels[b].All {
		rows = identity(t.Dims[b]).In
	}
	list := it.List
	switch {
	case it.Unknown:
		list = make([]int, len(rows))
	case len(list) == 1:
		list = slices.Repeat(list, len(rows))
	case len(list) != len(rows):
		return Sel{}, errf("at() has %d positions for %d rows of %s", len(list), len(rows), t.axisText(b))
	}
	own := slices.Repeat([]int{-1}, t.Dims[b])
	if t.lens(k) == nil {
		for i, r := range rows {
			p, err := entry(t, k, t.Dims[k], -1, list[i])
			if err != nil && !it.Unknown {
				return Sel{}, err
			}
			own[r] = p
		}
		return Sel{Drop: true, Pos: own, By: b}, nil
	}
	return raggedPer(t, k, b, rows, list, it.Unknown)
}

// raggedPer counts the positions out over all ragged rows.
func raggedPer(t Type, k, b int, rows, list []int, unknown bool) (Sel, error) {
	outer := t.Outer()
	step := strides(outer)[b]
	s := Sel{Drop: true, By: -1, Rows: make([][]int, len(t.lens(k)))}
	for row, n := range t.lens(k) {
		i := slices.Index(rows, row/step%outer[b])
		if i < 0 {
			s.Rows[row] = []int{0}
			continue
		}
		p, err := entry(t, k, n, row, list[i])
		if err != nil && !unknown {
			return s, err
		}
		s.Rows[row] = []int{p}
	}
	return s, nil
}
