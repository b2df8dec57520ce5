package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"interp/nnrt/arch"
	"interp/nnrt/weights"
)

// save writes a model as a Hugging Face folder.
func (m *model) save(dir string, v vocabulary) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for name, text := range map[string]string{"config.json": configJSON(m.d), "vocab.json": v.vocabJSON(), "merges.txt": v.mergesText()} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	var tensors []weights.Tensor
	for _, p := range m.params {
		tensors = append(tensors, weights.Tensor{Name: p.name, Shape: p.shape, Data: p.x})
	}
	return weights.Write(filepath.Join(dir, "model.safetensors"), tensors, map[string]string{"format": "pt"})
}

// configJSON is config.json. The last token is the end of text.
func configJSON(d arch.Dims) string {
	return fmt.Sprintf(`{
  "model_type": "gpt2",
  "architectures": ["GPT2LMHeadModel"],
  "activation_function": "gelu_new",
  "n_layer": %d,
  "n_head": %d,
  "n_embd": %d,
  "n_positions": %d,
  "n_ctx": %[4]d,
  "vocab_size": %d,
  "layer_norm_epsilon": 1e-05,
  "bos_token_id": %[6]d,
  "eos_token_id": %[6]d
}
`, d.Layers, d.Heads, d.DModel, d.NCtx, d.DVocab, d.DVocab-1)
}

// vocabJSON is vocab.json in order of its ids.
func (v vocabulary) vocabJSON() string {
	var out strings.Builder
	out.WriteString("{")
	for i, t := range v.tokens {
		if i > 0 {
			out.WriteString(",")
		}
		key, _ := json.Marshal(t) // a string always has a JSON form
		fmt.Fprintf(&out, "\n%s: %d", key, i)
	}
	out.WriteString("\n}\n")
	return out.String()
}
