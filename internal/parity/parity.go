// Package parity gives tests what another implementation computed: the inputs and recorded tensors
// of testdata/parity, in double precision.
package parity

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"testing"

	"interp/internal/shared"
)

// Cases are the inputs and the metric of the recorded tensors.
type Cases struct {
	Inputs  map[string][][]int32 `json:"inputs"`
	Answer  int32                `json:"answer_token"`
	Wrong   int32                `json:"wrong_token"`
	Tensors map[string]string    `json:"tensors"`
	Greedy  map[string]struct {
		Tokens []int32 `json:"tokens"`
	} `json:"greedy"`
}

// Ref is one recorded tensor, row-major.
type Ref struct {
	Shape []int
	Data  []float64
}

// Dir is the folder with the model and the recordings.
func Dir() string { return shared.Repo("testdata", "parity") }

// Load reads cases and tensors.
func Load(t testing.TB) (*Cases, map[string]Ref) {
	t.Helper()
	var c Cases
	text, err := os.ReadFile(shared.Repo("testdata", "parity", "cases.json"))
	if err == nil {
		err = json.Unmarshal(text, &c)
	}
	if err != nil {
		t.Fatal(err)
	}
	refs, err := readF64(shared.Repo("testdata", "parity", "ref_f64.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	return &c, refs
}

// readF64 reads a safetensors file of double-precision tensors.
func readF64(path string) (map[string]Ref, error) {
	file, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	n := binary.LittleEndian.Uint64(file)
	var head map[string]struct {
		DType   string `json:"dtype"`
		Shape   []int  `json:"shape"`
		Offsets [2]int `json:"data_offsets"`
	}
	if err := json.Unmarshal(file[8:8+n], &head); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	data, out := file[8+n:], map[string]Ref{}
	for name, h := range head {
		if h.DType != "F64" {
			continue
		}
		raw := data[h.Offsets[0]:h.Offsets[1]]
		x := make([]float64, len(raw)/8)
		for i := range x {
			x[i] = math.Float64frombits(binary.LittleEndian.Uint64(raw[8*i:]))
		}
		out[name] = Ref{h.Shape, x}
	}
	return out, nil
}

// Distance is |got - want| / |want| by the 2-norm. A length that differs is infinitely far.
func Distance(got []float32, want []float64) float64 {
	if len(got) != len(want) {
		return math.Inf(1)
	}
	num, den := 0.0, 0.0
	for i, w := range want {
		num += (float64(got[i]) - w) * (float64(got[i]) - w)
		den += w * w
	}
	if num == 0 {
		return 0
	}
	return math.Sqrt(num / den)
}
