package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"interp/internal/shared"
	"interp/nnrt"
	"interp/nnrt/weights"
)

// BenchmarkGPT2SmallCold runs the sweep as a process of its own, the weights in the disk's cache.
func BenchmarkGPT2SmallCold(b *testing.B) {
	dir := b.TempDir()
	bin := filepath.Join(dir, "interp")
	if runtime.GOOS == "windows" {
		bin += ".exe"
	}
	if out, err := exec.Command("go", "build", "-o", bin, ".").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	writeGPT2Small(b, filepath.Join(dir, "gpt2-small"))
	script := shared.Repo("testdata", "bench", "ioi-loop.patch")
	for b.Loop() {
		cmd := exec.Command(bin, "-quiet", "-model", filepath.Join(dir, "gpt2-small"), script)
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("%v\n%s", err, out)
		}
	}
}

// writeGPT2Small writes a model of GPT-2 small's shape with random weights and no tokenizer.
func writeGPT2Small(b *testing.B, dir string) {
	b.Helper()
	m, err := nnrt.Random("gpt2-small", nnrt.SmallDims(), 1)
	if err != nil {
		b.Fatal(err)
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		b.Fatal(err)
	}
	const config = `{"model_type": "gpt2", "n_layer": 12, "n_head": 12, "n_embd": 768, "n_positions": 1024, "vocab_size": 50257}`
	if err := os.WriteFile(filepath.Join(dir, nnrt.ConfigFile), []byte(config), 0o644); err != nil {
		b.Fatal(err)
	}
	var all []weights.Tensor
	a := m.Arch()
	for _, w := range a.Weights {
		for l := range a.Dims.Layers {
			name := strings.Replace(w.Name, "[]", strconv.Itoa(l), 1)
			if w.Tied != "" || l > 0 && !w.Layers {
				break
			}
			x, err := m.Param(name)
			if err != nil {
				b.Fatal(err)
			}
			all = append(all, weights.Tensor{Name: name, Shape: w.Shape, Data: x.F32()})
		}
	}
	if err := weights.Write(filepath.Join(dir, weights.ModelFile), all, nil); err != nil {
		b.Fatal(err)
	}
}
