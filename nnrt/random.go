package nnrt

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"interp/nnrt/arch"
	"interp/nnrt/weights"
)

// Random is GPT-2 with random weights of the size that trained ones have, for tests and measurements:
// tied head, context as in dims. A number depends on seed, tensor and place alone. There is no
// tokenizer.
func Random(name string, d arch.Dims, seed uint64) (*Model, error) {
	text := fmt.Sprintf(`{"model_type": "gpt2", "n_layer": %d, "n_head": %d, "n_embd": %d, "n_inner": %d, "vocab_size": %d, "n_positions": %d}`,
		d.Layers, d.Heads, d.DModel, d.DMlp, d.DVocab, d.NCtx)
	c, err := parseConfig([]byte(text))
	if err != nil {
		return nil, fmt.Errorf("model %s: %w", name, err)
	}
	a, err := arch.GPT2(c.Dims)
	if err != nil {
		return nil, err
	}
	return newModel(name, c, func() (source, error) { return &randomSource{a, seed}, nil })
}

// SmallDims are the sizes of GPT-2 small.
func SmallDims() arch.Dims {
	return arch.Dims{Layers: 12, Heads: 12, KVHeads: 12, DModel: 768, DHead: 64, DMlp: 3072, DVocab: 50257, NCtx: 1024}
}

// randomSource makes tensors when they are read.
type randomSource struct {
	a    *arch.Arch
	seed uint64
}

// Where stands for a file: the tensors are in none.
func (s *randomSource) Where() string { return "random weights" }

func (s *randomSource) Names() []string {
	var out []string
	for i := range s.a.Weights {
		w := &s.a.Weights[i]
		if w.Tied != "" {
			continue
		}
		for l := range s.a.Dims.Layers {
			out = append(out, strings.Replace(w.Name, "[]", strconv.Itoa(l), 1))
			if !w.Layers {
				break
			}
		}
	}
	slices.Sort(out)
	return out
}

func (s *randomSource) Info(name string) (weights.Info, bool) {
	w := weightOf(s.a, name)
	if w == nil {
		return weights.Info{}, false
	}
	return weights.Info{DType: weights.F32, Shape: w.Shape, Count: size(w.Shape)}, true
}

func (s *randomSource) ReadF32(name string, dst []float32) error {
	w := weightOf(s.a, name)
	for r := range w.Shape[0] {
		n := len(dst) / w.Shape[0]
		s.row(w, name, r, dst[r*n:(r+1)*n])
	}
	return nil
}

func (s *randomSource) ReadRows(name string, from, to int) ([]float32, error) {
	w := weightOf(s.a, name)
	n := size(w.Shape) / w.Shape[0]
	out := make([]float32, (to-from)*n)
	for r := from; r < to; r++ {
		s.row(w, name, r, out[(r-from)*n:][:n])
	}
	return out, nil
}

// row fills row r of a weight: uniform numbers with the spread of GPT-2's.
func (s *randomSource) row(w *arch.Weight, name string, r int, dst []float32) {
	h := fnv.New64a()
	fmt.Fprintf(h, "%s %d", name, r)
	g := rand.NewPCG(s.seed, h.Sum64())
	spread, mean := 0.02, 0.0
	switch {
	case strings.HasSuffix(name, "wte.weight"), strings.HasSuffix(name, "c_attn.weight"), strings.HasSuffix(name, "c_fc.weight"):
		spread = 0.1
	case strings.HasSuffix(name, "c_proj.weight"):
		spread = 0.1 / math.Sqrt(2*float64(s.a.Dims.Layers))
	case strings.Contains(name, "ln_") && strings.HasSuffix(name, ".weight"):
		spread, mean = 0.05, 1
	}
	scale := spread * math.Sqrt(12) / (1 << 32)
	for i := 0; i < len(dst); i += 2 {
		x := g.Uint64()
		dst[i] = float32(mean + scale*(float64(uint32(x))-(1<<31)))
		if i+1 < len(dst) {
			dst[i+1] = float32(mean + scale*(float64(x>>32)-(1<<31)))
		}
	}
}

func (s *randomSource) Hash() (string, error) { return fmt.Sprintf("%016x", s.seed), nil }

func (s *randomSource) Close() error { return nil }
