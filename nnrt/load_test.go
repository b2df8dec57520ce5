package nnrt

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"interp/nnrt/arch"
	"interp/nnrt/weights"
)

// tiny are the sizes of checkpoints made here.
var tiny = arch.Dims{Layers: 2, Heads: 2, KVHeads: 2, DModel: 8, DHead: 4, DMlp: 12, DVocab: 10, NCtx: 6}

// checkpoint is a folder with random weights of tiny, changed by change.
func checkpoint(t *testing.T, config string, change func(tensors []weights.Tensor) []weights.Tensor) fstest.MapFS {
	t.Helper()
	a, err := arch.GPT2(tiny)
	if err != nil {
		t.Fatal(err)
	}
	src := &randomSource{a, 1}
	var tensors []weights.Tensor
	for _, name := range src.Names() {
		info, _ := src.Info(name)
		x := make([]float32, info.Count)
		if err := src.ReadF32(name, x); err != nil {
			t.Fatal(err)
		}
		tensors = append(tensors, weights.Tensor{Name: prefix + name, Shape: info.Shape, Data: x})
	}
	if change != nil {
		tensors = change(tensors)
	}
	var file bytes.Buffer
	if err := weights.Encode(&file, tensors, nil); err != nil {
		t.Fatal(err)
	}
	text := `{"model_type": "gpt2", "n_layer": 2, "n_head": 2, "n_embd": 8, "n_inner": 12, "vocab_size": 10, "n_positions": 6` + config + `}`
	return fstest.MapFS{ConfigFile: {Data: []byte(text)}, weights.ModelFile: {Data: file.Bytes()}}
}

// load opens and loads a folder.
func load(fsys fstest.MapFS) (*Model, error) {
	m, err := Open("tiny", fsys)
	if err != nil {
		return nil, err
	}
	return m, m.Load(LoadOptions{})
}

func without(name string) func([]weights.Tensor) []weights.Tensor {
	return func(ts []weights.Tensor) []weights.Tensor {
		return slices.DeleteFunc(ts, func(t weights.Tensor) bool { return t.Name == prefix+name })
	}
}

func TestWeightsThatAreWrongAreNamed(t *testing.T) {
	for _, row := range []struct {
		name, config string
		change       func([]weights.Tensor) []weights.Tensor
		want         string
	}{
		{"a bias is missing", "", without("h.1.mlp.c_fc.bias"), `model.safetensors: tensor "transformer.h.1.mlp.c_fc.bias" is missing, want shape [12]`},
		{"the embedding is missing", "", without("wte.weight"), `tensor "transformer.wte.weight" is missing, want shape [10 8]`},
		{"the head of an untied model is missing", `, "tie_word_embeddings": false`, nil, `tensor "lm_head.weight" is missing`},
		{"another shape", "", func(ts []weights.Tensor) []weights.Tensor {
			for i := range ts {
				if strings.HasSuffix(ts[i].Name, "h.0.attn.c_attn.weight") {
					ts[i].Shape = []int{24, 8}
				}
			}
			return ts
		}, `model.safetensors: tensor "transformer.h.0.attn.c_attn.weight": got shape [24 8], want [8 24]`},
		{"a number that is none", "", func(ts []weights.Tensor) []weights.Tensor {
			for i := range ts {
				if ts[i].Name == "transformer.h.1.ln_1.bias" || ts[i].Name == "transformer.ln_f.bias" {
					ts[i].Data[3] = float32(math.NaN())
				}
			}
			return ts
		}, `tensor "transformer.h.1.ln_1.bias" has numbers that are not finite, the first is NaN at 3`},
		{"a weight under both names", "", func(ts []weights.Tensor) []weights.Tensor {
			return append(ts, weights.Tensor{Name: "ln_f.bias", Shape: []int{8}, Data: make([]float32, 8)})
		}, "are the same weight"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := load(checkpoint(t, row.config, row.change))
			if err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("got %v, want an error that says %q", err, row.want)
			}
		})
	}
}

func TestOddWeightsLoadWithAWarning(t *testing.T) {
	for _, row := range []struct {
		name   string
		change func([]weights.Tensor) []weights.Tensor
		want   []string
	}{
		{"masks are ignored", func(ts []weights.Tensor) []weights.Tensor {
			return append(ts, weights.Tensor{Name: "transformer.h.0.attn.bias", Shape: []int{1, 1, 6, 6}, Data: make([]float32, 36)},
				weights.Tensor{Name: "h.1.attn.masked_bias", Shape: []int{}, Data: make([]float32, 1)})
		}, nil},
		{"more tensors than weights", func(ts []weights.Tensor) []weights.Tensor {
			return append(ts, weights.Tensor{Name: "score.weight", Shape: []int{1}, Data: []float32{1}})
		}, []string{`tensor "score.weight" is not part of gpt2: ignored`}},
	} {
		t.Run(row.name, func(t *testing.T) {
			m, err := load(checkpoint(t, "", row.change))
			if err != nil {
				t.Fatal(err)
			}
			if got := m.Warnings(); !slices.Equal(got, row.want) {
				t.Errorf("warnings %q, want %q", got, row.want)
			}
		})
	}
}

func TestATokenizerOfMoreTokensWarns(t *testing.T) {
	fsys := checkpoint(t, "", nil)
	fsys["vocab.json"] = &fstest.MapFile{Data: []byte(`{"a":0,"b":1,"c":2,"d":3,"e":4,"f":5,"g":6,"h":7,"i":8,"j":9,"k":10}`)}
	m, err := load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"the tokenizer has 11 tokens, vocab_size in config.json is 10: those beyond cannot be read"}
	if got := m.Warnings(); !slices.Equal(got, want) {
		t.Errorf("warnings %q, want %q", got, want)
	}
}

func TestNamesWithAndWithoutThePrefixAreOneModel(t *testing.T) {
	fsys := checkpoint(t, "", nil)
	bare := checkpoint(t, "", func(ts []weights.Tensor) []weights.Tensor {
		for i := range ts {
			ts[i].Name = strings.TrimPrefix(ts[i].Name, prefix)
		}
		return ts
	})
	var logits [2][]float32
	for i, f := range []fstest.MapFS{fsys, bare} {
		m, err := load(f)
		if err != nil {
			t.Fatal(err)
		}
		rows := dense(t, m, []int32{1, 2, 3})
		logits[i] = rows[m.Arch().Logits()][2]
	}
	if !slices.Equal(logits[0], logits[1]) {
		t.Errorf("logits %v and %v", logits[0], logits[1])
	}
}

func TestATiedHeadIsTheEmbeddingWhateverTheFileHolds(t *testing.T) {
	other := func(ts []weights.Tensor) []weights.Tensor {
		return append(ts, weights.Tensor{Name: "lm_head.weight", Shape: []int{10, 8}, Data: make([]float32, 80)})
	}
	for _, row := range []struct {
		name, config string
		zero         bool
	}{{"tied", "", false}, {"untied", `, "tie_word_embeddings": false`, true}} {
		t.Run(row.name, func(t *testing.T) {
			m, err := load(checkpoint(t, row.config, other))
			if err != nil {
				t.Fatal(err)
			}
			logits := dense(t, m, []int32{4})[m.Arch().Logits()][0]
			if zero := slices.Max(logits) == 0 && slices.Min(logits) == 0; zero != row.zero {
				t.Errorf("logits %v", logits)
			}
		})
	}
}

func TestRowsBeforeLoadAreAnError(t *testing.T) {
	m, err := Open("tiny", checkpoint(t, "", nil))
	if err != nil {
		t.Fatal(err)
	}
	err = m.Rows(0, &Rows{})
	if want := "model tiny: the weights are not loaded"; fmt.Sprint(err) != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestLoadingEndsWithItsContextAndBeginsAnew(t *testing.T) {
	m, err := Open("tiny", checkpoint(t, "", nil))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := m.LoadContext(ctx, LoadOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	if err := m.Load(LoadOptions{}); err != nil {
		t.Fatal(err)
	}
	dense(t, m, []int32{1, 3, 3})
}

func TestLoadIsDoneOnce(t *testing.T) {
	m, err := Open("tiny", checkpoint(t, "", nil))
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if err := m.Load(LoadOptions{}); err != nil {
				t.Error(err)
			}
			if _, err := m.Hash(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}
