package interp_test

import (
	"context"
	"slices"
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
