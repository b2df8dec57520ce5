package draw

import (
	"reflect"
	"strings"
	"testing"

	"interp/internal/results"
)

// args is a record of alternating names and values.
func args(pairs ...any) *results.Record {
	r := &results.Record{}
	for i := 0; i < len(pairs); i += 2 {
		r.Add(pairs[i].(string), pairs[i+1])
	}
	return r
}

func list(v ...any) []any { return v }

func array(data any, axes []string, shape ...int) *results.Array {
	return &results.Array{Data: data, Axes: axes, Shape: shape}
}

var (
	labelledArray = &results.Array{Data: []float32{1, 2, 3, 4}, Axes: []string{"layer", "pos"}, Shape: []int{2, 2}, Labels: map[string][]string{"pos": {"a", " b"}}}
	raggedArray   = &results.Array{Data: []int64{1, 2, 3}, Axes: []string{"batch", "pos"}, Outer: []int{2}, Rows: [][]int{{2}, {1}}}
)

func TestNew(t *testing.T) {
	for _, c := range []struct {
		name, kind string
		args       *results.Record
		want       Picture
	}{
		{"a matrix with its axes", "heatmap", args("z", labelledArray, "title", "t"),
			&Heatmap{Z: [][]float64{{1, 2}, {3, 4}}, XLabels: []string{"a", " b"}, XAxis: "pos", YAxis: "layer", Title: "t"}},
		{"what is given wins", "heatmap", args("z", labelledArray, "x", list("p", int64(7)), "xaxis", "Position", "yaxis", "Layer", "y", array([]int64{5, 6}, nil, 2)),
			&Heatmap{Z: [][]float64{{1, 2}, {3, 4}}, XLabels: []string{"p", "7"}, YLabels: []string{"5", "6"}, XAxis: "Position", YAxis: "Layer"}},
		{"axes of length 1 are dropped", "heatmap", args("z", array([]float32{1, 2}, []string{"batch", "pos", "head"}, 1, 2, 1)),
			&Heatmap{Z: [][]float64{{1}, {2}}, YAxis: "pos", XAxis: "head"}},
		{"lists of numbers", "heatmap", args("z", list(list(int64(1), 2.5), list(int64(3), int64(4))), "title", ""), &Heatmap{Z: [][]float64{{1, 2.5}, {3, 4}}}},
		{"a list of arrays", "heatmap", args("z", list(array([]float32{1, 2}, []string{"pos"}, 2), array([]float32{3, 4}, []string{"pos"}, 2))),
			&Heatmap{Z: [][]float64{{1, 2}, {3, 4}}, XAxis: "pos"}},
		{"one row", "heatmap", args("z", list(int64(1), int64(2))), &Heatmap{Z: [][]float64{{1, 2}}}},
		{"one number", "heatmap", args("z", 2.5), &Heatmap{Z: [][]float64{{2.5}}}},
		{"bools", "heatmap", args("z", array([]bool{true, false}, nil, 1, 2)), &Heatmap{Z: [][]float64{{1, 0}}}},
		{"a line", "lines", args("series", list(1.0, 2.0), "x", nil, "names", nil), &Lines{Series: [][]float64{{1, 2}}}},
		{"lines of a matrix", "lines", args("series", labelledArray), &Lines{Series: [][]float64{{1, 2}, {3, 4}}, XLabels: []string{"a", " b"}, XAxis: "pos", Names: []string{"layer 0", "layer 1"}}},
		{"lines of different lengths", "lines", args("series", list(array([]float32{1, 2}, []string{"layer"}, 2), array([]float32{3}, nil, 1)), "names", list("a", "b")),
			&Lines{Series: [][]float64{{1, 2}, {3}}, XAxis: "layer", Names: []string{"a", "b"}}},
		{"ragged lines", "lines", args("series", raggedArray), &Lines{Series: [][]float64{{1, 2}, {3}}, XAxis: "pos"}},
		{"lines over numbers", "lines", args("series", list(1.0, 2.0), "x", list(int64(10), int64(20))), &Lines{Series: [][]float64{{1, 2}}, X: []float64{10, 20}}},
		{"lines over labels", "lines", args("series", list(1.0, 2.0), "x", list("a", "b")), &Lines{Series: [][]float64{{1, 2}}, XLabels: []string{"a", "b"}}},
		{"a column is a line", "lines", args("series", array([]float32{1, 2}, []string{"layer", "batch"}, 2, 1)), &Lines{Series: [][]float64{{1, 2}}, XAxis: "layer"}},
		{"bars", "bars", args("series", list(1.0, 2.0), "x", list("a", "b"), "yaxis", "n"), &Bars{Series: [][]float64{{1, 2}}, Labels: []string{"a", "b"}, YAxis: "n"}},
		{"bars of numbers from runs", "bars", args("series", list(array([]float32{1}, nil), array([]float32{2}, nil))), &Bars{Series: [][]float64{{1, 2}}}},
		{"a scatter of matrices", "scatter", args("a", labelledArray, "b", labelledArray, "xaxis", "p"), &Scatter{A: []float64{1, 2, 3, 4}, B: []float64{1, 2, 3, 4}, XAxis: "p"}},
		{"records", "table", args("rows", list(args("a", int64(1)), args("b", " x", "a", 0.5)), "title", "t"),
			&Table{Header: []string{"a", "b"}, Rows: [][]string{{"1", ""}, {"0.5", " x"}}, Title: "t"}},
		{"a record of columns", "table", args("rows", args("a", list(int64(1), nil), "b", array([]float32{0.1, 2}, nil, 2))),
			&Table{Header: []string{"a", "b"}, Rows: [][]string{{"1", "0.1"}, {"None", "2"}}}},
		{"a record", "table", args("rows", args("a", true, "b", list("x", int64(1), args("k", nil)))), &Table{Header: []string{"a", "b"}, Rows: [][]string{{"True", `["x", 1, {k: None}]`}}}},
		{"rows", "table", args("rows", list(list("a", int64(1)), list("b", int64(2))), "columns", list("s", "n")), &Table{Header: []string{"s", "n"}, Rows: [][]string{{"a", "1"}, {"b", "2"}}}},
		{"nothing", "table", args("rows", list(), "title", "t"), &Table{Header: []string{"no rows"}, Title: "t"}},
		{"an array", "table", args("rows", array([]int64{1, 2}, nil, 1, 2)), &Table{Rows: [][]string{{"1", "2"}}}},
		{"an array with labels", "table", args("rows", labelledArray), &Table{Header: []string{"a", " b"}, Rows: [][]string{{"1", "2"}, {"3", "4"}}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := New(c.kind, c.args)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("got  %+v\nwant %+v", got, c.want)
			}
		})
	}
}

func TestNewErrors(t *testing.T) {
	cube := array(make([]float32, 8), nil, 2, 2, 2)
	for _, c := range []struct {
		kind string
		args *results.Record
		want string
	}{
		{"pie", args(), "draw: got a picture of kind \"pie\", want heatmap"},
		{"heatmap", args("z", cube), "heatmap: got an array of shape [2 2 2], want two axes longer than 1\nhint: index or average"},
		{"heatmap", args("z", raggedArray), "heatmap: got a ragged array, want an array of two axes\nhint: pad(x, nan)"},
		{"heatmap", args("z", "x"), "heatmap: got a string, want an array"},
		{"heatmap", args("z", list(list(1.0), list("a"))), "heatmap: got a list, want an array"},
		{"heatmap", args("z", array([]float32{}, nil, 0, 3)), "heatmap: got 0 rows and no columns"},
		{"heatmap", args("z", labelledArray, "x", list("a")), "heatmap: x: got 1 labels, want 2"},
		{"heatmap", args("z", labelledArray, "x", "ab"), "heatmap: x: got a string, want a list of labels"},
		{"heatmap", args("z", labelledArray, "y", list(list("a"))), "heatmap: y: got a list, want a list of labels"},
		{"heatmap", args("z", labelledArray, "title", int64(3)), "heatmap: title: got an int, want a string"},
		{"lines", args("series", cube), "lines: got an array of shape [2 2 2], want one axis, or two"},
		{"lines", args("series", list()), "lines: got 0 series without a number"},
		{"lines", args("series", list("a")), "lines: series 0: got a string, want an array of one axis"},
		{"lines", args("series", list(1.0, 2.0), "x", list(1.0)), "lines: x: got 1 numbers, want 2"},
		{"lines", args("series", array(make([]float64, mostPoints+1), nil, mostPoints+1)), "lines: got 100001 numbers, want at most 100000\nhint: "},
		{"bars", args("series", raggedArray), "bars: series 1 has 1 numbers, series 0 has 2"},
		{"bars", args("series", list(1.0), "names", list("a", "b")), "bars: names: got 2 labels, want 1"},
		{"scatter", args("a", list(1.0), "b", list(1.0, 2.0)), "scatter: got 1 numbers across and 2 up"},
		{"scatter", args("a", list(1.0), "b", nil), "scatter: b: got None, want an array"},
		{"table", args("rows", "x"), "table: got a string, want a list of records or an array"},
		{"table", args("rows", cube), "table: got an array of shape [2 2 2], want one or two axes"},
		{"table", args("rows", list(list(1.0), list(1.0, 2.0))), "table: row 1 has 2 cells, want 1"},
		{"table", args("rows", list(list(1.0)), "columns", list("a", "b")), "table: columns: got 2 names, want 1"},
		{"table", args("rows", array(make([]float32, 300), nil, 1, 300)), "table: got 300 columns, want at most 200\nhint: "},
	} {
		t.Run(c.want, func(t *testing.T) {
			p, err := New(c.kind, c.args)
			if err == nil {
				t.Fatalf("got %+v", p)
			}
			if !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("got %q\nwant %q", err, c.want)
			}
		})
	}
}
