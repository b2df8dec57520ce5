package draw

import (
	"fmt"
	"slices"
	"strconv"

	"interp/internal/results"
)

// New makes a picture of what a script called heatmap, lines, bars, scatter or table with: args are
// the arguments by the names of their parameters, a missing one as good as nil. Axes of length 1 are
// dropped; titles and labels that are not given are those of the array.
func New(kind string, args *results.Record) (Picture, error) {
	build := map[string]func(*call) (Picture, error){
		"heatmap": newHeatmap, "lines": newLines, "bars": newBars, "scatter": newScatter, "table": newTable,
	}[kind]
	if build == nil {
		return nil, fmt.Errorf("draw: got a picture of kind %q, want heatmap, lines, bars, scatter or table", kind)
	}
	p, err := build(&call{kind, args})
	if err == nil {
		err = p.Check()
	}
	if err != nil {
		return nil, err
	}
	return p, nil
}

// call is a call of a picture's function.
type call struct {
	kind string
	args *results.Record
}

func (c *call) arg(name string) any {
	v, _ := c.args.Get(name)
	return v
}

// text is an argument that is a string, else what stands in for it.
func (c *call) text(name, otherwise string) (string, error) {
	switch v := c.arg(name).(type) {
	case nil:
		return otherwise, nil
	case string:
		return or(v, otherwise), nil
	default:
		return "", fmt.Errorf("%s: %s: got %s, want a string", c.kind, name, kindOf(v))
	}
}

// titles are those of the picture and its axes, in the order title, xaxis, yaxis.
func (c *call) titles(x, y string) (out [3]string, err error) {
	for i, name := range []string{"title", "xaxis", "yaxis"} {
		if out[i], err = c.text(name, [3]string{"", x, y}[i]); err != nil {
			return out, err
		}
	}
	return out, nil
}

// texts is an argument that is a list of strings or numbers, else what stands in for it.
func (c *call) texts(name string, otherwise []string) ([]string, error) {
	v := c.arg(name)
	if v == nil {
		return otherwise, nil
	}
	if list, ok := v.([]any); ok && !slices.ContainsFunc(list, isNested) {
		out := make([]string, len(list))
		for i, e := range list {
			out[i] = cell(e)
		}
		return out, nil
	}
	if a := asDense(v); a != nil && len(a.Shape) == 1 {
		out := make([]string, a.Len())
		for i := range out {
			out[i] = a.text(i)
		}
		return out, nil
	}
	return nil, fmt.Errorf("%s: %s: got %s, want a list of labels", c.kind, name, kindOf(v))
}

func isNested(v any) bool {
	switch v := v.(type) {
	case []any, *results.Record:
		return true
	case *results.Array:
		return v.IsRagged() || len(v.Shape) > 0
	}
	return false
}

// dense is an array without axes of length 1 beyond what a picture needs.
type dense struct{ *results.Array }

// asDense is a value as an array, also a list of arrays of one shape; nil where it is none, or ragged.
func asDense(v any) *dense {
	a := results.AsArray(v)
	if list, ok := v.([]any); ok && a == nil {
		return stacked(list)
	}
	if a != nil && a.IsRagged() && len(a.Rows) == 1 && len(a.Outer) == 1 {
		a.EachRow(func(_ int, row *results.Array) { a = row })
	}
	if a == nil || a.IsRagged() {
		return nil
	}
	return &dense{a}
}

// stacked is a list of arrays of one shape as one array with a new first axis.
func stacked(list []any) *dense {
	var out *dense
	var data []float64
	for _, e := range list {
		a := asDense(e)
		if a == nil || out != nil && !slices.Equal(a.Shape, out.Shape[1:]) {
			return nil
		}
		if out == nil {
			shape, axes := append([]int{len(list)}, a.Shape...), append([]string{""}, a.Names()...)
			out = &dense{&results.Array{Shape: shape, Axes: axes, Labels: a.Labels}}
		}
		data = append(data, a.all()...)
	}
	if out != nil {
		out.Data = data
	}
	return out
}

// squeeze drops axes of length 1, the first first, as long as more than rank are left.
func (a *dense) squeeze(rank int) *dense {
	out := *a.Array
	out.Axes = slices.Clone(a.Names())
	out.Shape = slices.Clone(a.Shape)
	for k := 0; k < len(out.Shape) && len(out.Shape) > rank; {
		if out.Shape[k] != 1 {
			k++
			continue
		}
		out.Shape, out.Axes = slices.Delete(out.Shape, k, k+1), slices.Delete(out.Axes, k, k+1)
	}
	return &dense{&out}
}

// axis is the name of an axis and its labels.
func (a *dense) axis(k int) (string, []string) {
	name := a.Axes[k]
	if l := a.Labels[name]; name != "" && len(l) == a.Shape[k] {
		return name, l
	}
	return name, nil
}

// at is number i in the order of the rows.
func (a *dense) at(i int) float64 {
	switch d := a.Data.(type) {
	case []float32:
		return float64(d[i])
	case []float64:
		return d[i]
	case []int64:
		return float64(d[i])
	case []bool:
		if d[i] {
			return 1
		}
	}
	return 0
}

// text is number i as a label or in a table.
func (a *dense) text(i int) string {
	switch d := a.Data.(type) {
	case []int64:
		return strconv.FormatInt(d[i], 10)
	case []bool:
		return cell(d[i])
	}
	return number(a.at(i))
}

func (a *dense) all() []float64 {
	out := make([]float64, a.Len())
	for i := range out {
		out[i] = a.at(i)
	}
	return out
}

// rows is a matrix.
func (a *dense) rows() [][]float64 {
	all, n := a.all(), a.Shape[1]
	out := make([][]float64, a.Shape[0])
	for i := range out {
		out[i] = all[i*n : (i+1)*n : (i+1)*n]
	}
	return out
}

// kindOf is what a script calls a value.
func kindOf(v any) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case bool:
		return "a bool"
	case int64:
		return "an int"
	case float64:
		return "a float"
	case string:
		return "a string"
	case []any:
		return "a list"
	case *results.Record:
		return "a record"
	case *results.Array:
		if v.IsRagged() {
			return "a ragged array"
		}
		return fmt.Sprintf("an array of shape %v", v.Shape)
	}
	return fmt.Sprintf("%T", v)
}
