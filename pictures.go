package interp

import (
	"fmt"
	"slices"

	"interp/internal/draw"
	"interp/ir"
	"interp/nnrt/tensor"
	"interp/stdlib"
)

// pictureOf makes the picture of a call of heatmap, lines, bars, scatter or table.
func pictureOf(kind string, r *ir.Record) (draw.Picture, error) {
	a := pictureArgs{kind, r}
	switch kind {
	case "heatmap":
		return a.heatmap()
	case "lines", "bars":
		return a.series()
	case "scatter":
		return a.scatter()
	}
	return a.table()
}

type pictureArgs struct {
	kind string
	args *ir.Record
}

func (p pictureArgs) get(name string) ir.Value {
	v, _ := p.args.Get(name)
	return v
}

// text is a title: the argument, or what stands for it.
func (p pictureArgs) text(name, otherwise string) string {
	v := p.get(name)
	if s, ok := v.(string); ok && s == "" || v == nil {
		return otherwise
	}
	return stdlib.Text(v)
}

// labels are the texts of an argument: a list or an array, nil where it was not given.
func (p pictureArgs) labels(name string, otherwise []string) ([]string, error) {
	v := p.get(name)
	if v == nil {
		return otherwise, nil
	}
	items, ok := stdlib.Items(v)
	if !ok {
		return nil, fmt.Errorf("%s: %s: want a list of labels, got %s", p.kind, name, ir.KindOf(v))
	}
	out := make([]string, len(items))
	for i, e := range items {
		out[i] = stdlib.Text(e)
	}
	return out, nil
}

// array is an argument as a dense array without axes of length 1.
func (p pictureArgs) array(name string, v ir.Value) (*tensor.Array, error) {
	a, err := stdlib.ToArray(v)
	if err != nil {
		return nil, fmt.Errorf("%s: %s: %w", p.kind, name, err)
	}
	if a.IsRagged() {
		return nil, fmt.Errorf("%s: %s: rows of one length are needed, got %s", p.kind, name, a.Type)
	}
	return squeezed(a), nil
}

// squeezed drops axes of length 1, and keeps the labels of the others.
func squeezed(a *tensor.Array) *tensor.Array {
	t := tensor.Type{DT: a.DT}
	for i, d := range a.Dims {
		if d != 1 {
			t.Axes, t.Dims = append(t.Axes, a.Axes[i]), append(t.Dims, d)
		}
	}
	out := tensor.FromF32(t.Axes, t.Dims, a.F32())
	out.Labels = a.Labels
	return out
}

// axis is the name of an axis from the end and the labels it carries.
func axis(a *tensor.Array, back int) (name string, labels []string) {
	k := a.Rank() - back
	if k < 0 {
		return "", nil
	}
	return a.Axes[k], a.Labels[a.Axes[k]]
}

// rows cuts an array of at most two axes into its rows.
func rowsOf(a *tensor.Array) [][]float64 {
	n := 1
	if a.Rank() > 0 {
		n = a.Dims[a.Rank()-1]
	}
	data := a.F32()
	var out [][]float64
	for i := 0; i+n <= len(data) && n > 0; i += n {
		row := make([]float64, n)
		for j := range row {
			row[j] = float64(data[i+j])
		}
		out = append(out, row)
	}
	return out
}

func (p pictureArgs) heatmap() (draw.Picture, error) {
	a, err := p.array("z", p.get("z"))
	if err != nil {
		return nil, err
	}
	if a.Rank() > 2 {
		return nil, fmt.Errorf("heatmap: want two axes, got %s", a.Type)
	}
	xname, xlabels := axis(a, 1)
	yname, ylabels := axis(a, 2)
	h := &draw.Heatmap{Z: rowsOf(a), XAxis: p.text("xaxis", xname), YAxis: p.text("yaxis", yname), Title: p.text("title", "")}
	if h.XLabels, err = p.labels("x", xlabels); err != nil {
		return nil, err
	}
	h.YLabels, err = p.labels("y", ylabels)
	return h, err
}

// series are lines or bars.
func (p pictureArgs) series() (draw.Picture, error) {
	var rows [][]float64
	var xname string
	var xlabels, names []string
	v := p.get("series")
	items, isList := v.(*ir.List)
	if isList && slices.ContainsFunc(items.Items, func(e ir.Value) bool { return ir.KindOf(e) == ir.KArray || ir.KindOf(e) == ir.KList }) {
		for i, e := range items.Items {
			a, err := p.array(fmt.Sprintf("series %d", i), e)
			if err != nil {
				return nil, err
			}
			if a.Rank() > 1 {
				return nil, fmt.Errorf("%s: series %d: want one axis, got %s", p.kind, i, a.Type)
			}
			rows = append(rows, slices.Concat(rowsOf(a)...))
			if i == 0 {
				xname, xlabels = axis(a, 1)
			}
		}
	} else {
		a, err := p.array("series", v)
		if err != nil {
			return nil, err
		}
		if a.Rank() > 2 {
			return nil, fmt.Errorf("%s: want at most two axes, got %s", p.kind, a.Type)
		}
		rows = rowsOf(a)
		xname, xlabels = axis(a, 1)
		_, names = axis(a, 2)
	}
	names, err := p.labels("names", names)
	if err != nil {
		return nil, err
	}
	xaxis, yaxis, title := p.text("xaxis", xname), p.text("yaxis", ""), p.text("title", "")
	x, err := p.labels("x", xlabels)
	if err != nil {
		return nil, err
	}
	if p.kind == "bars" {
		return &draw.Bars{Series: rows, Labels: x, Names: names, XAxis: xaxis, YAxis: yaxis, Title: title}, nil
	}
	l := &draw.Lines{Series: rows, Names: names, XAxis: xaxis, YAxis: yaxis, Title: title}
	if l.X = numbers(p.get("x")); l.X == nil {
		l.XLabels = x
	}
	return l, nil
}

// numbers is a list or an array of numbers, nil if it is anything else.
func numbers(v ir.Value) []float64 {
	items, ok := stdlib.Items(v)
	if !ok {
		return nil
	}
	var out []float64
	for _, e := range items {
		switch e := e.(type) {
		case int64:
			out = append(out, float64(e))
		case float64:
			out = append(out, e)
		case *tensor.Array:
			f, err := e.Float()
			if err != nil {
				return nil
			}
			out = append(out, f)
		default:
			return nil
		}
	}
	return out
}

func (p pictureArgs) scatter() (draw.Picture, error) {
	a, err := p.array("a", p.get("a"))
	if err != nil {
		return nil, err
	}
	b, err := p.array("b", p.get("b"))
	if err != nil {
		return nil, err
	}
	_, own := axis(a, 1)
	if a.Rank() != 1 {
		own = nil
	}
	labels, err := p.labels("labels", own)
	return &draw.Scatter{A: slices.Concat(rowsOf(a)...), B: slices.Concat(rowsOf(b)...), Labels: labels,
		XAxis: p.text("xaxis", ""), YAxis: p.text("yaxis", ""), Title: p.text("title", "")}, err
}

// table shows a list of records, a column a field in the order they were met, or an array's rows.
func (p pictureArgs) table() (draw.Picture, error) {
	t := &draw.Table{Title: p.text("title", "")}
	v := p.get("rows")
	var err error
	if l, ok := v.(*ir.List); ok && len(l.Items) > 0 && ir.KindOf(l.Items[0]) == ir.KRecord {
		for i, e := range l.Items {
			r, ok := e.(*ir.Record)
			if !ok {
				return nil, fmt.Errorf("table: entry %d is a %s, want a record", i, ir.KindOf(e))
			}
			for _, k := range r.Keys {
				if !slices.Contains(t.Header, k) {
					t.Header = append(t.Header, k)
				}
			}
		}
		for _, e := range l.Items {
			row := make([]string, len(t.Header))
			for j, k := range t.Header {
				if x, ok := e.(*ir.Record).Get(k); ok {
					row[j] = cellText(x)
				}
			}
			t.Rows = append(t.Rows, row)
		}
		if names, err := p.labels("columns", nil); err != nil || names != nil {
			if err == nil && len(names) != len(t.Header) {
				err = fmt.Errorf("table: got %d names of columns, want %d", len(names), len(t.Header))
			}
			t.Header = names
			return t, err
		}
		return t, nil
	}
	items, ok := stdlib.Items(v)
	if !ok {
		return nil, fmt.Errorf("table: want a list of records, a list of rows or an array, got %s", ir.KindOf(v))
	}
	for _, e := range items {
		cells, ok := stdlib.Items(e)
		if !ok {
			cells = []ir.Value{e}
		}
		row := make([]string, len(cells))
		for j, x := range cells {
			row[j] = cellText(x)
		}
		t.Rows = append(t.Rows, row)
	}
	var own, names []string
	if a, ok := v.(*tensor.Array); ok && a.Rank() == 2 {
		_, own = axis(a, 1)
		_, names = axis(a, 2)
	}
	if t.Header, err = p.labels("columns", own); err != nil {
		return nil, err
	}
	if names != nil {
		for i := range t.Rows {
			t.Rows[i] = append([]string{names[i]}, t.Rows[i]...)
		}
		if t.Header != nil {
			t.Header = append([]string{""}, t.Header...)
		}
	}
	return t, nil
}

// cellText writes a value into a table: numbers of arrays and floats with four decimals.
func cellText(v ir.Value) string {
	switch x := v.(type) {
	case *tensor.Array:
		if x.Rank() == 0 && x.DT == tensor.F32 {
			f, err := x.Float()
			if err == nil {
				v = f
			}
		}
	case string:
		return x
	}
	if f, ok := v.(float64); ok {
		if s, err := stdlib.Format(f, ":.4f"); err == nil && f != float64(int64(f)) {
			return s
		}
	}
	return stdlib.Text(v)
}
