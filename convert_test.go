package interp_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"interp"
	"interp/internal/results"
)

func TestListsOfArraysOfOneShapeAreOneResult(t *testing.T) {
	for _, c := range []struct {
		name, src string
		shape     []int // nil: it stays a list
	}{
		{"arrays", "save x = [zeros(2), ones(2)]", []int{2, 2}},
		{"a grid of numbers, some of them arrays", "save x = [[sum(ones(2)), 1.0], [2, 3]]", []int{2, 2}},
		{"values of runs", `def one(l) { invoke "John gave" { save y = transformer.h[l].output[0, -1] }; return y }
save x = [one(0), one(1)]`, []int{2, 128}},
		{"different shapes", "save x = [zeros(2), ones(3)]", nil},
		{"an array and a string", `save x = [zeros(2), "a"]`, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := interp.Compile(c.name, c.src)
			if err != nil {
				t.Fatal(err)
			}
			m, err := interp.OpenModel("testdata/models/ioi-proto")
			if err != nil {
				t.Fatal(err)
			}
			res, err := p.Run(context.Background(), interp.Options{Model: m})
			if err != nil {
				t.Fatal(err)
			}
			x, _ := res.Value("x")
			a, ok := x.(*results.Array)
			if ok != (c.shape != nil) {
				t.Fatalf("got a %T", x)
			}
			if ok && !slices.Equal(a.Shape, c.shape) {
				t.Errorf("got shape %v, want %v", a.Shape, c.shape)
			}
		})
	}
}

func TestInputsOfGoCallers(t *testing.T) {
	for _, c := range []struct {
		name string
		in   any
		want string // what str(k) is, or the error
	}{
		{"nothing", nil, "None"},
		{"a truth value", true, "True"},
		{"a small whole number", int8(-3), "-3"},
		{"a float", float32(0.5), "0.5"},
		{"a list of lists", [][]int{{1}, {2, 3}}, "[[1], [2, 3]]"},
		{"strings", []string{"a", "b"}, `["a", "b"]`},
		{"a map", map[string]any{"b": 1, "a": "x"}, `{a: "x", b: 1}`},
		{"numbers without names of axes", &interp.Array{Shape: []int{2}, Data: []int64{4, 5}}, "[2]\n[4 5]"},
		{"too few numbers", &interp.Array{Shape: []int{3}, Data: []int64{4}}, "input k: an array has 1 numbers in Data, want 3 for its shape"},
		{"a ragged array of too few numbers", &interp.Array{Axes: []string{"", ""}, Outer: []int{2}, Rows: [][]int{{1}, {2}}, Data: []int64{4}}, "input k: an array has 1 numbers in Data, want 3 for its shape"},
		{"ragged over two axes", &interp.Array{Axes: []string{"layer", "batch", "pos"}, Outer: []int{2, 2}, Rows: [][]int{{1}, {2}, {1}, {2}}, Data: []int64{1, 2, 3, 4, 5, 6}},
			"[layer=2 batch=2 pos=1|2]\n[[[1]\n  [2 3]]\n\n [[4]\n  [5 6]]]"},
		{"too few axes", &interp.Array{Axes: []string{"a"}, Shape: []int{1, 1}, Data: []int64{4}}, "input k: an array has 1 axes, want one for each of 2 lengths"},
		{"a negative length", &interp.Array{Shape: []int{-1, -1}, Data: []int64{4}}, "input k: an array has the shape [-1 -1], want lengths from 0"},
		{"numbers of another type", &interp.Array{Shape: []int{1}, Data: []int{4}}, "input k: an array has Data of type []int, want []float32, []float64, []int64 or []bool"},
		{"a whole number without a sign", uint8(3), "3"},
		{"no array", (*interp.Array)(nil), "input k: got a nil *interp.Array"},
		{"no record", (*interp.Record)(nil), "input k: want a *interp.Record with a value for each key"},
		{"a record of a key without a value", &interp.Record{Keys: []string{"a", "b"}, Vals: []any{1}}, "input k: want a *interp.Record with a value for each key"},
		{"more numbers than can be counted", &interp.Array{Shape: []int{1 << 40, 1 << 40}, Data: []int64{}}, "input k: an array has the shape [1099511627776 1099511627776]: that is too large"},
		{"a channel", make(chan int), "input k: got a Go value of type chan int, want nil, a bool, whole number, float, string, slice or map of these, *interp.Record or *interp.Array"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := interp.Compile(c.name, "input k\nprint k")
			if err != nil {
				t.Fatal(err)
			}
			var out strings.Builder
			_, err = p.Run(context.Background(), interp.Options{Inputs: map[string]any{"k": c.in}, Out: &out})
			got := strings.TrimSuffix(out.String(), "\n")
			if err != nil {
				got = err.Error()
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestAnInputThatTheScriptDoesNotHave(t *testing.T) {
	p, err := interp.Compile("p", "input layer\nprint layer")
	if err != nil {
		t.Fatal(err)
	}
	_, err = p.Run(context.Background(), interp.Options{Inputs: map[string]any{"layr": 1}})
	if err == nil || err.Error() != "the script has no input layr; did you mean layer?" {
		t.Errorf("got %v", err)
	}
}
