package vm

import (
	"fmt"
	"slices"
	"strings"

	"interp/internal/diag"
	"interp/ir"
	"interp/nnrt/tensor"
)

// maxHoles bounds the array that the cells of a sparse save are in.
const maxHoles = 1 << 18

// cells is what `save x[i, j] = e` fills: values by index, and the span that saved each.
type cells struct {
	name  string
	names []string // of the index axes: the loop variable, or ""
	at    map[string]*cell
	order []*cell
	dims  []int // one past the greatest index on each axis
	array ir.Value
}

type cell struct {
	idx  []int
	val  ir.Value
	span diag.Span
}

// ValueKind makes cells a value.
func (c *cells) ValueKind() ir.Kind { return ir.KArray }

func cellKey(idx []int) string { return fmt.Sprint(idx) }

// put saves a value into a cell; saving twice is an error that names the first place.
func (c *cells) put(idx []int, v ir.Value, span diag.Span) error {
	if len(idx) != len(c.dims) {
		return &ir.Error{Code: "E0405", Msg: fmt.Sprintf("save %s: got %d indices, want %d as before", c.name, len(idx), len(c.dims))}
	}
	for _, i := range idx {
		if i < 0 {
			return &ir.Error{Code: "E0405", Msg: fmt.Sprintf("save %s: index %d is negative", c.name, i), Hint: "cells are counted from 0"}
		}
	}
	key := cellKey(idx)
	if old, ok := c.at[key]; ok {
		return &twiceError{name: c.name, idx: idx, first: old.span}
	}
	n := &cell{idx: idx, val: v, span: span}
	c.at[key], c.order, c.array = n, append(c.order, n), nil
	for k, i := range idx {
		c.dims[k] = max(c.dims[k], i+1)
	}
	return nil
}

// twiceError is a second save into one cell or name, or a second write of one.
type twiceError struct {
	name  string
	idx   []int
	first diag.Span
	write bool
}

func (e *twiceError) Error() string {
	if e.idx == nil {
		return fmt.Sprintf("%s was saved before", e.name)
	}
	return fmt.Sprintf("%s%s was saved before", e.name, indexText(e.idx))
}

// indexText is an index as a script writes it: [0, 3].
func indexText(idx []int) string { return strings.ReplaceAll(fmt.Sprint(idx), " ", ", ") }

// under gives the cells below a partial index, in row-major order, and the dimensions left.
func (c *cells) under(idx []int) ([]ir.Value, []int, error) {
	dims := c.dims[len(idx):]
	n := 1
	for _, d := range dims {
		n *= d
	}
	if n > max(maxHoles, len(c.order)) {
		return nil, nil, c.missing(idx, nil)
	}
	out := make([]ir.Value, 0, n)
	full := append(slices.Clone(idx), make([]int, len(dims))...)
	for range n {
		x, ok := c.at[cellKey(full)]
		if !ok {
			return nil, nil, c.missing(idx, full)
		}
		out = append(out, x.val)
		for k := len(full) - 1; k >= len(idx); k-- {
			if full[k]++; full[k] < c.dims[k] {
				break
			}
			full[k] = 0
		}
	}
	return out, dims, nil
}

func (c *cells) missing(idx, full []int) error {
	at := ""
	if full != nil {
		at = fmt.Sprintf(": cell %s was not", indexText(full))
	}
	if len(idx) == len(c.dims) {
		return &ir.Error{Code: "E0406", Msg: fmt.Sprintf("%s%s was not saved", c.name, indexText(idx))}
	}
	return &ir.Error{Code: "E0406", Msg: fmt.Sprintf("%s is not saved whole%s", c.name, at),
		Hint: "a whole array needs every cell from 0 on; a single cell can be read at any time"}
}

// materialise is the value of a name as an expression sees it: cells used whole become an array.
func (m *Machine) materialise(v ir.Value, span diag.Span) (ir.Value, error) {
	c, ok := v.(*cells)
	if !ok {
		return v, nil
	}
	if c.array != nil {
		return c.array, nil
	}
	a, err := m.cellsUnder(c, nil, span)
	if err == nil {
		c.array = a
	}
	return a, err
}

func (m *Machine) cellsUnder(c *cells, idx []int, span diag.Span) (ir.Value, error) {
	vals, dims, err := c.under(idx)
	if err != nil {
		return nil, err
	}
	return m.joinCells(vals, dims, c.names[len(idx):], span)
}

// joinCells makes an array of the values of all cells. Strings, records, and lists that are no numbers
// or differ in length, make a list (of lists).
func (m *Machine) joinCells(vals []ir.Value, dims []int, names []string, span diag.Span) (ir.Value, error) {
	if len(dims) == 0 {
		return vals[0], nil
	}
	arrays, uneven := make([]ir.Value, len(vals)), false
	for i, v := range vals {
		if ir.KindOf(v) == ir.KAny {
			return &ir.Lazy{Node: ir.NoNode}, nil
		}
		a, err := m.asArray(v)
		if err != nil {
			return nestList(vals, dims), nil
		}
		arrays[i] = a
		t, _ := ir.TypeOf(a)
		first, _ := ir.TypeOf(arrays[0])
		uneven = uneven || ir.KindOf(v) == ir.KList && !slices.Equal(t.Dims, first.Dims)
	}
	if uneven { // lists of ids, as prompts and generated are
		return nestList(vals, dims), nil
	}
	return m.op(cellsRow, &cellsAttrs{dims: dims, names: names}, span, &ir.List{Items: arrays})
}

func nestList(vals []ir.Value, dims []int) ir.Value {
	if len(dims) == 1 {
		return &ir.List{Items: vals}
	}
	n := len(vals) / max(dims[0], 1)
	l := &ir.List{}
	for i := range dims[0] {
		l.Items = append(l.Items, nestList(vals[i*n:(i+1)*n], dims[1:]))
	}
	return l
}

// indexCells reads entries of a saved array: a single cell whether or not the others are there.
func (m *Machine) indexCells(c *cells, ix []tensor.Ix, span diag.Span) (ir.Value, error) {
	lead := 0
	idx := make([]int, 0, len(c.dims))
	for lead < len(c.dims) && lead < len(ix) && ix[lead].Kind == tensor.Entry && ix[lead].Axis == "" {
		i := ix[lead].I
		if i < 0 {
			i += c.dims[lead]
		}
		if i < 0 || i >= c.dims[lead] {
			return nil, &ir.Error{Code: "E0303", Msg: fmt.Sprintf("index %d is out of range for axis %s of %s of length %d", ix[lead].I, axisText(c.names[lead], lead), c.name, c.dims[lead]),
				Hint: fmt.Sprintf("valid: %d to %d", -c.dims[lead], c.dims[lead]-1)}
		}
		idx = append(idx, i)
		lead++
	}
	var v ir.Value
	var err error
	if lead == 0 {
		v, err = m.materialise(c, span)
	} else {
		v, err = m.cellsUnder(c, idx, span)
	}
	if err != nil || len(ix) == lead {
		return v, err
	}
	return m.indexValue(v, ix[lead:], span)
}

func axisText(name string, i int) string {
	if name == "" {
		return fmt.Sprint(i)
	}
	return name
}

// cellsAttrs are the index axes of the array that a cells node makes.
type cellsAttrs struct {
	dims  []int
	names []string
}

// typ joins the types of all cells; they may differ in the length of pos, query and key alone.
func (at *cellsAttrs) typ(types []tensor.Type) (tensor.Type, error) {
	for _, x := range types {
		if x.Rank() != types[0].Rank() {
			return x, cellsDiffer(types[0], x)
		}
	}
	t, err := tensor.StackType(types, 0)
	if err != nil {
		for _, x := range types {
			if !slices.Equal(x.Dims, types[0].Dims) {
				return t, cellsDiffer(types[0], x)
			}
		}
		return t, err
	}
	for _, g := range t.Rag {
		if name := t.Axes[g.Axis]; name != "pos" && name != "query" && name != "key" {
			return t, cellsDiffer(t)
		}
	}
	return tensor.UnflattenType(t, at.dims, at.names), nil
}

// cellsDiffer names shapes that cannot be cells of one array.
func cellsDiffer(types ...tensor.Type) error {
	texts := make([]string, len(types))
	for i, t := range types {
		texts[i] = t.String()
	}
	return &ir.Error{Code: "E0301", Msg: "the cells differ in shape: " + strings.Join(texts, " and "),
		Hint: "cells of one array have one shape, only pos may differ; after stop a step holds the rows still running, and x[k] alone can be read"}
}

// cellsRow puts the cells of a saved array together: Args[0] is the list of them in row-major order.
var cellsRow = &ir.OpRow{Name: "cells", Hidden: true,
	Infer: func(c *ir.Call) (ir.Value, error) {
		at := c.Attrs.(*cellsAttrs)
		items := c.Args[0].(*ir.List).Items
		types := make([]tensor.Type, len(items))
		for i, v := range items {
			types[i], _ = ir.TypeOf(v)
		}
		t, err := at.typ(types)
		return &ir.Lazy{Kind: ir.KArray, Type: t}, err
	},
	Eval: func(c *ir.Call) (ir.Value, error) {
		at := c.Attrs.(*cellsAttrs)
		items := c.Args[0].(*ir.List).Items
		arrays := make([]*tensor.Array, len(items))
		for i, v := range items {
			arrays[i] = v.(*tensor.Array)
		}
		a, err := tensor.Stack(arrays, 0)
		if err != nil {
			return nil, err
		}
		return tensor.Unflatten(a, at.dims, at.names), nil
	},
	GradItem: func(c *ir.Call, _, item int, _, dout *tensor.Array) (*tensor.Array, error) {
		off := 0 // cells follow one another, ragged or not
		var t tensor.Type
		for i, v := range c.Args[0].(*ir.List).Items[:item+1] {
			if t, _ = ir.TypeOf(v); i < item {
				off += t.Size()
			}
		}
		t.DT = tensor.F32
		return tensor.FromType(t, dout.F32()[off:off+t.Size()]), nil
	},
}

// selectCells applies a selection to a cells node: the index axes pick cells, the rest goes into each.
func (m *Machine) selectCells(x *ir.Lazy, c *ir.Call, sel []tensor.Sel, span diag.Span) (ir.Value, error) {
	at, items := c.Attrs.(*cellsAttrs), c.Args[0].(*ir.List).Items
	k := len(at.dims)
	rest := sel[k:]
	for _, s := range rest {
		if s.Rows != nil || s.By >= 0 { // picks that differ by row are taken from the whole
			return m.op(selectRow, sel, span, x)
		}
	}
	flat := []int{0}
	var dims []int
	var names []string
	for i, s := range sel[:k] {
		idx := seq(s, at.dims[i])
		next := make([]int, 0, len(flat)*len(idx))
		for _, f := range flat {
			for _, j := range idx {
				next = append(next, f*at.dims[i]+j)
			}
		}
		flat = next
		if !s.Drop {
			dims, names = append(dims, len(idx)), append(names, at.names[i])
		}
	}
	vals := make([]ir.Value, len(flat))
	for i, f := range flat {
		v, err := m.selectArray(items[f], rest, span)
		if err != nil {
			return nil, err
		}
		vals[i] = v
	}
	return m.joinCells(vals, dims, names, span)
}
