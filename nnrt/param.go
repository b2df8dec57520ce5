package nnrt

import (
	"fmt"
	"strconv"
	"strings"

	"interp/nnrt/arch"
	"interp/nnrt/tensor"
)

// Param reads a weight in the checkpoint's own layout and numbers, by its name there; the prefix
// "transformer." may be left out.
func (m *Model) Param(name string) (*tensor.Array, error) {
	w, file, err := m.weight(name)
	if err != nil {
		return nil, err
	}
	data := make([]float32, size(w.Shape))
	if err := m.src.ReadF32(file, data); err != nil {
		return nil, err
	}
	return tensor.FromF32(w.Axes, w.Shape, data), nil
}

// weight finds a weight and its tensor.
func (m *Model) weight(name string) (*arch.Weight, string, error) {
	if _, err := m.source(); err != nil {
		return nil, "", err
	}
	short := strings.TrimPrefix(name, prefix)
	w := weightOf(m.arch, short)
	if w == nil {
		return nil, "", fmt.Errorf("model %s has no parameter %q", m.name, name)
	}
	return w, m.names[short], nil
}

func size(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

// headPart is one of TransformerLens' weights as a part of the checkpoint's: columns or rows of it.
type headPart struct {
	weight string // without the layer
	part   func(d arch.Dims, h int) (row, rows, col, cols int)
	axes   []string
}

// headParts are the weights that stand in the checkpoint in another shape. A vector has one row.
var headParts = map[string]headPart{
	"W_Q": {"h.%d.attn.c_attn.weight", headColumns(0), []string{"d_model", "d_head"}},
	"W_K": {"h.%d.attn.c_attn.weight", headColumns(1), []string{"d_model", "d_head"}},
	"W_V": {"h.%d.attn.c_attn.weight", headColumns(2), []string{"d_model", "d_head"}},
	"b_Q": {"h.%d.attn.c_attn.bias", headColumns(0), []string{"d_head"}},
	"b_K": {"h.%d.attn.c_attn.bias", headColumns(1), []string{"d_head"}},
	"b_V": {"h.%d.attn.c_attn.bias", headColumns(2), []string{"d_head"}},
	"W_O": {"h.%d.attn.c_proj.weight", func(d arch.Dims, h int) (int, int, int, int) {
		return h * d.DHead, d.DHead, 0, d.DModel
	}, []string{"d_head", "d_model"}},
	"W_E":   {weight: "wte.weight"},
	"W_pos": {weight: "wpe.weight"},
	"W_in":  {weight: "h.%d.mlp.c_fc.weight"},
	"W_out": {weight: "h.%d.mlp.c_proj.weight"},
	"b_O":   {weight: "h.%d.attn.c_proj.bias"},
	"b_in":  {weight: "h.%d.mlp.c_fc.bias"},
	"b_out": {weight: "h.%d.mlp.c_proj.bias"},
}

// headColumns are those of a head in the columns of queries (0), keys (1) or values (2).
func headColumns(part int) func(arch.Dims, int) (int, int, int, int) {
	return func(d arch.Dims, h int) (int, int, int, int) {
		return 0, d.DModel, part*d.Heads*d.DHead + h*d.DHead, d.DHead
	}
}

// Weight reads a weight under its name in TransformerLens, in the checkpoint's own numbers: W_E and
// W_pos, W_U [d_model d_vocab], W_in, W_out, b_in, b_out and b_O of layer l, W_Q, W_K, W_V
// [d_model d_head], W_O [d_head d_model] and b_Q, b_K, b_V of layer l and head h.
func (m *Model) Weight(kind string, l, h int) (*tensor.Array, error) {
	if kind == "W_U" {
		u, err := m.Param("lm_head.weight")
		if err != nil {
			return nil, err
		}
		return tensor.Transpose(u, []int{1, 0})
	}
	k, ok := headParts[kind]
	if !ok {
		return nil, fmt.Errorf("model %s has no weight %q", m.name, kind)
	}
	d := m.arch.Dims
	if strings.Contains(k.weight, "%d") && (l < 0 || l >= d.Layers) {
		return nil, fmt.Errorf("%s: layer %d is out of range (valid: 0 to %d)", kind, l, d.Layers-1)
	}
	if k.part != nil && (h < 0 || h >= d.Heads) {
		return nil, fmt.Errorf("%s: head %d is out of range (valid: 0 to %d)", kind, h, d.Heads-1)
	}
	name := strings.Replace(k.weight, "%d", strconv.Itoa(l), 1)
	if k.part == nil {
		return m.Param(name)
	}
	w, file, err := m.weight(name)
	if err != nil {
		return nil, err
	}
	row, rows, col, cols := k.part(d, h)
	shape := []int{rows, cols}
	if len(w.Shape) == 1 {
		row, rows, shape = 0, 1, []int{cols}
	}
	data, err := m.block(w, file, row, rows, col, cols)
	if err != nil {
		return nil, err
	}
	return tensor.FromF32(k.axes, shape, data), nil
}

// block reads a part of a weight.
func (m *Model) block(w *arch.Weight, file string, row, rows, col, cols int) ([]float32, error) {
	width := w.Shape[len(w.Shape)-1]
	if len(w.Shape) == 1 {
		x, err := m.src.ReadRows(file, col, col+cols)
		return x, err
	}
	x, err := m.src.ReadRows(file, row, row+rows)
	if err != nil || cols == width {
		return x, err
	}
	out := make([]float32, 0, rows*cols)
	for r := range rows {
		out = append(out, x[r*width+col:][:cols]...)
	}
	return out, nil
}
