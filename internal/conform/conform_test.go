package conform

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"interp"
	"interp/internal/shared"
)

// tolerance is what float32 may differ from float64 by: of a number, and, a fifth of it, of the largest
// in its array.
const tolerance = 1e-4

func TestExperimentsAgreeWithPyTorch(t *testing.T) {
	model, err := interp.OpenModel(shared.Repo("testdata", "models", "ioi-proto"))
	if err != nil {
		t.Fatal(err)
	}
	scripts, err := filepath.Glob(filepath.Join("testdata", "*.patch"))
	if err != nil || len(scripts) == 0 {
		t.Fatalf("there are no scripts: %v", err)
	}
	for _, path := range scripts {
		name := strings.TrimSuffix(filepath.Base(path), ".patch")
		t.Run(name, func(t *testing.T) {
			want := readJSON(t, filepath.Join("testdata", name+".json"))
			for _, plan := range []string{"batched", "naive"} {
				got := readJSON(t, runScript(t, path, plan, model))
				for key := range want {
					if err := compare(key, got[key], want[key]); err != nil {
						t.Errorf("%s: %v", plan, err)
					}
				}
			}
		})
	}
}

// runScript runs a script and gives the file of its results.
func runScript(t *testing.T, path, plan string, model *interp.Model) string {
	t.Helper()
	src, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	p, err := interp.Compile(path, string(src))
	if err != nil {
		t.Fatal(err)
	}
	res, err := p.Run(context.Background(), interp.Options{Model: model, Plan: plan, Saves: interp.AllSaves})
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "out.json")
	if err := res.Write(out); err != nil {
		t.Fatal(err)
	}
	return out
}

func readJSON(t *testing.T, path string) map[string]any {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var v map[string]any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return v
}

// compare compares a result with what PyTorch gives: numbers by tolerance, all else exactly. Of a record,
// only the fields that are wanted count.
func compare(at string, got, want any) error {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			return fmt.Errorf("%s: got %v, want an array or a record", at, got)
		}
		for k := range w {
			if k == "data" {
				continue
			}
			if err := compare(at+"."+k, g[k], w[k]); err != nil {
				return err
			}
		}
		if w["data"] != nil {
			return compareNumbers(at, g["data"], w["data"])
		}
		return nil
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return fmt.Errorf("%s: got %v, want %v", at, got, want)
		}
		for i := range w {
			if err := compare(fmt.Sprintf("%s[%d]", at, i), g[i], w[i]); err != nil {
				return err
			}
		}
		return nil
	case float64:
		return compareNumbers(at, []any{got}, []any{want})
	}
	if !reflect.DeepEqual(got, want) {
		return fmt.Errorf("%s: got %v, want %v", at, got, want)
	}
	return nil
}

// compareNumbers compares the numbers of an array. NaN and infinities are strings.
func compareNumbers(at string, got, want any) error {
	g, w := numbers(got), numbers(want)
	if len(g) != len(w) {
		return fmt.Errorf("%s: got %d numbers, want %d", at, len(g), len(w))
	}
	most := 0.0
	for _, x := range w {
		if !math.IsInf(x, 0) {
			most = max(most, math.Abs(x))
		}
	}
	for i, x := range w {
		same := g[i] == x || g[i] != g[i] && x != x
		if !same && !(math.Abs(g[i]-x) <= tolerance*(math.Abs(x)+most/5)+1e-6) {
			return fmt.Errorf("%s: number %d: got %v, want %v", at, i, g[i], x)
		}
	}
	return nil
}

func numbers(v any) []float64 {
	list, _ := v.([]any)
	out := make([]float64, len(list))
	for i, x := range list {
		switch x := x.(type) {
		case float64:
			out[i] = x
		case string:
			out[i] = map[string]float64{"Infinity": math.Inf(1), "-Infinity": math.Inf(-1)}[x]
			if x == "NaN" {
				out[i] = math.NaN()
			}
		}
	}
	return out
}
