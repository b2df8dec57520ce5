// Package scripts holds the shipped experiments. Its tests run each on a small trained model, under
// both plans, and compare numbers with those of a forward pass written out in this package.
package scripts

import (
	"bytes"
	"context"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"interp"
	"interp/internal/draw"
	"interp/internal/results"
	"interp/internal/shared"
)

// outcome is what a script printed and gave.
type outcome struct {
	*interp.Results
	text string
}

// run runs a script of this folder on a model. A warning fails the test.
func run(t testing.TB, script string, o interp.Options) outcome {
	t.Helper()
	src, err := os.ReadFile(script)
	if err != nil {
		t.Fatal(err)
	}
	return runSource(t, script, string(src), o)
}

func runSource(t testing.TB, name, src string, o interp.Options) outcome {
	t.Helper()
	p, err := interp.Compile(name, src)
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	o.Out = &text
	o.Warn = func(w string) { t.Errorf("%s warns: %s", name, w) }
	r, err := p.Run(context.Background(), o)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return outcome{r, text.String()}
}

// proto is the model of the numbers here.
func proto(t testing.TB) *interp.Model {
	t.Helper()
	m, err := interp.OpenModel(shared.Repo("testdata", "models", "ioi-proto"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

// inputs keep the slow scripts short, and give sae.patch its autoencoder, made for the model.
func inputs(t testing.TB, script string, m *interp.Model) map[string]any {
	t.Helper()
	switch script {
	case "causal_trace.patch":
		return map[string]any{"samples": 2}
	case "integrated_gradients.patch":
		return map[string]any{"steps": 20}
	case "train_sae.patch":
		return map[string]any{"steps": 30, "features": 32}
	case "effects.patch", "head_finder.patch":
		return map[string]any{"names": []any{"John", "Mary", "Tom", "Lisa"}}
	case "sae.patch":
		return map[string]any{"sae": autoencoder(t, m)}
	}
	return nil
}

func autoencoder(t testing.TB, m *interp.Model) *results.Record {
	t.Helper()
	made := run(t, "train_sae.patch", interp.Options{Model: m, Inputs: inputs(t, "train_sae.patch", m)})
	sae := &results.Record{}
	for _, name := range []string{"W_enc", "b_enc", "W_dec", "b_dec"} {
		sae.Keys, sae.Vals = append(sae.Keys, name), append(sae.Vals, value(t, made, name))
	}
	return sae
}

func all(t testing.TB) []string {
	t.Helper()
	names, err := filepath.Glob("*.patch")
	if err != nil || len(names) < 20 {
		t.Fatalf("found the scripts %v, %v", names, err)
	}
	return names
}

func value(t testing.TB, o outcome, name string) any {
	t.Helper()
	v, ok := o.Value(name)
	if !ok {
		t.Fatalf("no result is named %s", name)
	}
	return v
}

// number is a result of one number.
func number(t testing.TB, o outcome, name string) float64 {
	t.Helper()
	if f, ok := value(t, o, name).(float64); ok {
		return f
	}
	return array(t, o, name).at()
}

// numbers is an array in float64.
type numbers struct {
	shape []int
	data  []float64
}

func (x numbers) at(index ...int) float64 {
	k := 0
	for i, j := range index {
		k = k*x.shape[i] + j
	}
	return x.data[k]
}

// sub is what stands under the first indices.
func (x numbers) sub(index ...int) numbers {
	for _, j := range index {
		n := len(x.data) / x.shape[0]
		x = numbers{x.shape[1:], x.data[j*n : (j+1)*n]}
	}
	return x
}

func array(t testing.TB, o outcome, name string) numbers {
	t.Helper()
	x, err := numbersOf(value(t, o, name))
	if !err {
		t.Fatalf("%s is %T, want numbers", name, value(t, o, name))
	}
	return x
}

// numbersOf reads an array, or a list of equal ones.
func numbersOf(v any) (numbers, bool) {
	switch v := v.(type) {
	case float64:
		return numbers{nil, []float64{v}}, true
	case int64:
		return numbers{nil, []float64{float64(v)}}, true
	case []any:
		x := numbers{shape: []int{len(v)}}
		for _, item := range v {
			y, ok := numbersOf(item)
			if !ok {
				return x, false
			}
			x.shape = append(x.shape[:1], y.shape...)
			x.data = append(x.data, y.data...)
		}
		return x, true
	case *results.Array:
		x := numbers{shape: v.Shape}
		for i, d := 0, reflect.ValueOf(v.Data); i < d.Len(); i++ {
			if d.Index(i).CanFloat() {
				x.data = append(x.data, d.Index(i).Float())
			} else {
				x.data = append(x.data, float64(d.Index(i).Int()))
			}
		}
		return x, v.Rows == nil
	}
	return numbers{}, false
}

// near compares a number of a script with one worked out here.
func near(t testing.TB, what string, got, want, tol float64) {
	t.Helper()
	if d := math.Abs(got - want); !(d <= tol) {
		t.Errorf("%s: got %.6f, want %.6f: off by %.2g, more than %.2g", what, got, want, d, tol)
	}
}

// TestScriptsRunAlikeUnderBothPlans runs every script by the naive plan and by the batched one: the same
// text, the same bits of all results, and pictures with titles and named axes.
func TestScriptsRunAlikeUnderBothPlans(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: every script twice takes half a minute, without -short")
	}
	m := proto(t)
	for _, name := range all(t) {
		t.Run(name, func(t *testing.T) {
			in := inputs(t, name, m)
			batched := run(t, name, interp.Options{Model: m, Plan: "batched", Inputs: in})
			naive := run(t, name, interp.Options{Model: m, Plan: "naive", Inputs: in})
			if batched.text != naive.text {
				t.Errorf("batched prints\n%s\nnaive prints\n%s", batched.text, naive.text)
			}
			if len(batched.Values) == 0 || len(batched.Values) != len(naive.Values) {
				t.Fatalf("batched has %d results, naive %d", len(batched.Values), len(naive.Values))
			}
			if len(batched.Pictures) == 0 && name != "train_sae.patch" {
				t.Errorf("no picture")
			}
			titled(t, batched.Pictures)
			for i, v := range batched.Values {
				if w := naive.Values[i]; v.Name != w.Name || !reflect.DeepEqual(bits(v.Value), bits(w.Value)) {
					t.Errorf("%s and %s differ", v.Name, w.Name)
				}
			}
		})
	}
}

// titled wants a title on each picture, and names on its axes.
func titled(t *testing.T, pictures []draw.Picture) {
	t.Helper()
	for _, p := range pictures {
		v := reflect.ValueOf(p).Elem()
		fields := []string{"Title", "XAxis", "YAxis"}
		if _, ok := p.(*draw.Table); ok {
			fields = fields[:1]
		}
		for _, f := range fields {
			if v.FieldByName(f).String() == "" {
				t.Errorf("%T %q has no %s", p, v.FieldByName("Title").String(), f)
			}
		}
	}
}

// bits is a value with the bits of its numbers in place of them.
func bits(v any) any {
	switch v := v.(type) {
	case float64:
		return math.Float64bits(v)
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = bits(v[i])
		}
		return out
	case *results.Record:
		return []any{v.Keys, bits(v.Vals)}
	case *results.Array:
		c := *v
		if f, ok := v.Data.([]float32); ok {
			b := make([]uint32, len(f))
			for i := range f {
				b[i] = math.Float32bits(f[i])
			}
			c.Data = b
		}
		return c
	}
	return v
}

// TestScriptsRunOnTheDefaultModel: what a reader tries first works, sae.patch with the file beside it.
func TestScriptsRunOnTheDefaultModel(t *testing.T) {
	for _, name := range all(t) {
		t.Run(name, func(t *testing.T) {
			o := interp.Options{Inputs: map[string]any{}}
			switch name {
			case "train_sae.patch":
				o.Inputs = inputs(t, name, nil) // 300 steps would take long under the race detector
			case "sae.patch":
				sae, err := interp.ReadInput("data/sae.npz", 1<<30)
				if err != nil {
					t.Fatal(err)
				}
				o.Inputs["sae"] = sae
			}
			run(t, name, o)
		})
	}
}

// TestScriptsFitGPT2: on GPT-2 small's configuration and vocabulary every name is a token, every prompt
// fits and every shape agrees; that takes no weights.
func TestScriptsFitGPT2(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: thousands of runs are checked, without -short")
	}
	dir := t.TempDir()
	for _, name := range []string{"vocab.json", "merges.txt"} {
		text, err := os.ReadFile(shared.Path(t, "data", "gpt2-vocab", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	const config = `{"model_type": "gpt2", "activation_function": "gelu_new", "n_layer": 12, "n_head": 12, "n_embd": 768,
		"n_positions": 1024, "vocab_size": 50257, "layer_norm_epsilon": 1e-5, "bos_token_id": 50256, "eos_token_id": 50256}`
	if err := os.WriteFile(filepath.Join(dir, "config.json"), []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	m, err := interp.OpenModel(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	for _, name := range all(t) {
		t.Run(name, func(t *testing.T) {
			src, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			o := interp.Options{Model: m}
			if name == "sae.patch" {
				zeros := func(shape ...int) *results.Array {
					n := 1
					for _, d := range shape {
						n *= d
					}
					return &results.Array{Axes: make([]string, len(shape)), Shape: shape, Data: make([]float32, n)}
				}
				o.Inputs = map[string]any{"sae": &results.Record{Keys: []string{"W_enc", "b_enc", "W_dec", "b_dec"},
					Vals: []any{zeros(768, 8), zeros(8), zeros(8, 768), zeros(768)}}}
			}
			r, err := interp.CheckScript(context.Background(), name, string(src), o)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range r.Findings {
				t.Errorf("%s", f.Msg)
			}
		})
	}
}

// TestScriptsAreReadable: a row in README.md, a header that says how to run, and the canonical layout.
func TestScriptsAreReadable(t *testing.T) {
	list, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range all(t) {
		t.Run(name, func(t *testing.T) {
			src, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if out, err := interp.Format(name, string(src)); err != nil || out != string(src) {
				t.Errorf("not as interp fmt writes it (%v)", err)
			}
			if !strings.Contains(string(list), "["+name+"]("+name+")") {
				t.Errorf("README.md does not list it")
			}
			if !strings.HasPrefix(string(src), "# "+name+": ") {
				t.Errorf("the first line does not say what the script is")
			}
			if name != "ioi.patch" && !strings.Contains(string(src), "\n# Run: interp "+name) {
				t.Errorf("the header does not say how to run it")
			}
		})
	}
}
