package tensor

import (
	"fmt"
	"slices"
	"strings"
)

// A rowOp is an operation on dense arrays that lifting makes work on ragged ones: infer decides
// the shape, eval fills it. Dense operands beside ragged ones are sliced along the row axes too.
type rowOp struct {
	infer func(ts []Type) (Type, error)
	eval  func(out Type, xs []*Array) (*Array, error)
	along []int // axes of the first operand that it works along: they cannot be row axes
}

// lifting takes ragged operands apart.
func (o rowOp) lifting(ts []Type) (*lifting, error) {
	for _, k := range ts[0].rowAxes() {
		if slices.Contains(o.along, k) {
			return nil, acrossRows(ts[0].axisText(k))
		}
	}
	return liftByName(ts)
}

func acrossRows(axis string) *Error {
	return errf("this works across the rows of axis %s, which differ in length", axis).
		hint("pad(x, value) makes all rows one length")
}

// typeOf is the type of the result.
func (o rowOp) typeOf(ts ...Type) (Type, error) {
	if !anyRagged(ts) {
		return o.infer(ts)
	}
	l, err := o.lifting(ts)
	if err != nil {
		return Type{}, err
	}
	return l.typeOf(ts, o.infer)
}

// run is the result.
func (o rowOp) run(xs ...*Array) (*Array, error) {
	ts := types(xs)
	var out *Array
	if !anyRagged(ts) {
		t, err := o.infer(ts)
		if err != nil {
			return nil, err
		}
		if out, err = o.eval(t, xs); err != nil {
			return nil, err
		}
	} else {
		l, err := o.lifting(ts)
		if err != nil {
			return nil, err
		}
		if out, err = l.run(xs, o.infer, o.eval); err != nil {
			return nil, err
		}
	}
	out.carry(xs...)
	return out, nil
}

func types(xs []*Array) []Type {
	ts := make([]Type, len(xs))
	for i, x := range xs {
		ts[i] = x.Type
	}
	return ts
}

func anyRagged(ts []Type) bool { return slices.ContainsFunc(ts, Type.IsRagged) }

// lifting is how the operands of one operation are taken apart into rows.
type lifting struct {
	dims  []int    // the lengths of the row axes
	names []string // of the row axes; found by them in the result where at is nil
	axes  [][]int  // of each operand: its axis for each row axis, -1 where it has none
	at    []int    // the result's axis for each row axis
}

// rowTag names an unnamed row axis while an operation runs, so that it can be found in the result.
const rowTag = "\x00row"

// liftByName takes the row axes of the ragged operands, and in each other operand the axes of the
// same name (unnamed: of the same place, in ragged operands only).
func liftByName(ts []Type) (*lifting, error) {
	l := &lifting{}
	for _, t := range ts {
		for _, k := range t.rowAxes() {
			name := tagged(t, k)
			if i := slices.Index(l.names, name); i < 0 {
				l.names, l.dims = append(l.names, name), append(l.dims, t.Dims[k])
			}
		}
	}
	for _, t := range ts {
		axes := make([]int, len(l.names))
		for i, name := range l.names {
			axes[i] = -1
			for k := range t.Dims {
				if t.Axes[k] == name || t.IsRagged() && tagged(t, k) == name {
					axes[i] = k
					break
				}
			}
		}
		if err := l.fit(t, axes); err != nil {
			return nil, err
		}
		l.axes = append(l.axes, axes)
	}
	return l, nil
}

func tagged(t Type, k int) string {
	if t.Axes[k] != "" {
		return t.Axes[k]
	}
	return fmt.Sprint(rowTag, k)
}

// fit drops axes of length 1, which broadcast over the rows, and refuses other lengths.
func (l *lifting) fit(t Type, axes []int) error {
	for i, k := range axes {
		if k < 0 || t.Dims[k] == l.dims[i] {
			continue
		}
		if t.Dims[k] != 1 {
			return errf("axis %s has %d entries in one operand and %d in another", t.axisText(k), l.dims[i], t.Dims[k])
		}
		axes[i] = -1
	}
	return nil
}

// has lists the row axes that an operand has, and where.
func (l *lifting) has(op int) (rowAxes, axes []int) {
	for i, k := range l.axes[op] {
		if k >= 0 {
			rowAxes, axes = append(rowAxes, i), append(axes, k)
		}
	}
	return rowAxes, axes
}

// each calls f with the row's number and, for each operand, which of its own rows that is.
func (l *lifting) each(f func(row int, of []int) error) error {
	coord := make([]int, len(l.dims))
	of := make([]int, len(l.axes))
	for row := range prod(l.dims) {
		for op := range l.axes {
			of[op] = 0
			own, _ := l.has(op)
			for _, i := range own {
				of[op] = of[op]*l.dims[i] + coord[i]
			}
		}
		if err := f(row, of); err != nil {
			return err
		}
		odometer(coord, l.dims)
	}
	return nil
}

// rowTypes infers the type of each row of the result.
func (l *lifting) rowTypes(ts []Type, infer func([]Type) (Type, error)) ([]Type, error) {
	parts := make([][]Type, len(ts))
	for op, t := range ts {
		_, axes := l.has(op)
		parts[op] = t.splitTypes(axes)
		for r := range parts[op] {
			parts[op][r].Axes = l.tag(op, t.Axes)
		}
	}
	var rows []Type
	one := make([]Type, len(ts))
	err := l.each(func(row int, of []int) error {
		for op, r := range of {
			one[op] = parts[op][r]
		}
		t, err := infer(one)
		if err != nil {
			return inRow(err, row)
		}
		rows = append(rows, t)
		return nil
	})
	return rows, err
}

// tag names an operand's row axes as the lifting does.
func (l *lifting) tag(op int, names []string) []string {
	if l.at != nil {
		return names
	}
	out := slices.Clone(names)
	for i, k := range l.axes[op] {
		if k >= 0 {
			out[k] = l.names[i]
		}
	}
	return out
}

// locate finds the row axes in a row of the result.
func (l *lifting) locate(row Type) ([]int, error) {
	if l.at != nil {
		return l.at, nil
	}
	at := make([]int, len(l.names))
	for i, name := range l.names {
		at[i] = slices.Index(row.Axes, name)
		if at[i] < 0 || row.Dims[at[i]] != 1 || slices.Contains(row.Axes[at[i]+1:], name) {
			return nil, acrossRows(plain(name))
		}
	}
	return at, nil
}

func plain(name string) string {
	if strings.HasPrefix(name, rowTag) {
		return name[len(rowTag):]
	}
	return name
}

// join infers the rows and the type they make together.
func (l *lifting) join(ts []Type, infer func([]Type) (Type, error)) (Type, []Type, []int, error) {
	rows, err := l.rowTypes(ts, infer)
	if err != nil {
		return Type{}, nil, nil, err
	}
	at, err := l.locate(rows[0])
	if err != nil {
		return Type{}, nil, nil, err
	}
	t, err := joinType(rows, l.dims, at)
	for i, k := range t.Axes {
		if strings.HasPrefix(k, rowTag) {
			t.Axes[i] = ""
		}
	}
	return t, rows, at, err
}

func (l *lifting) typeOf(ts []Type, infer func([]Type) (Type, error)) (Type, error) {
	t, _, _, err := l.join(ts, infer)
	return t, err
}

// run does the operation row by row.
func (l *lifting) run(xs []*Array, infer func([]Type) (Type, error), eval func(Type, []*Array) (*Array, error)) (*Array, error) {
	t, rowTypes, at, err := l.join(types(xs), infer)
	if err != nil {
		return nil, err
	}
	parts := make([][]*Array, len(xs))
	for op, x := range xs {
		_, axes := l.has(op)
		parts[op] = slices.Clone(x.split(axes))
		for r, p := range parts[op] {
			parts[op][r] = &Array{Type: NewType(p.DT, l.tag(op, p.Axes), p.Dims), data: p.data}
		}
	}
	rows := make([]*Array, len(rowTypes))
	err = l.each(func(row int, of []int) error {
		one := make([]*Array, len(xs))
		for op, r := range of {
			one[op] = parts[op][r]
		}
		var err error
		rows[row], err = eval(rowTypes[row], one)
		return inRow(err, row)
	})
	if err != nil {
		return nil, err
	}
	return join(t, rows, at), nil
}
