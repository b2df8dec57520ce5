package nnrt

import (
	"math"
	"slices"
	"strings"
	"testing"
)

// closeTo compares within rounding.
func closeTo(t *testing.T, got, want []float32) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d numbers, want %d", len(got), len(want))
	}
	for i := range got {
		if math.Abs(float64(got[i]-want[i])) > 1e-5*(1+math.Abs(float64(want[i]))) {
			t.Fatalf("number %d is %v, want %v", i, got[i], want[i])
		}
	}
}

func TestParametersKeepTheCheckpointsLayout(t *testing.T) {
	m := random(t, odd, 1)
	for _, row := range []struct{ name, want string }{
		{"transformer.h.1.mlp.c_fc.weight", "[d_model=39 d_mlp=70]"},
		{"h.1.mlp.c_fc.weight", "[d_model=39 d_mlp=70]"},
		{"wte.weight", "[d_vocab=101 d_model=39]"},
		{"lm_head.weight", "[d_vocab=101 d_model=39]"},
		{"transformer.wpe.weight", "[pos=40 d_model=39]"},
		{"h.0.attn.c_attn.bias", "[117]"},
		{"h.2.attn.c_attn.bias", ""},
		{"h.0.attn.bias", ""},
		{"", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			x, err := m.Param(row.name)
			switch {
			case row.want == "" && (err == nil || !strings.Contains(err.Error(), "has no parameter")):
				t.Errorf("got %v, want an error", err)
			case row.want != "" && (err != nil || x.Type.String() != row.want):
				t.Errorf("got %v, %v, want %s", x, err, row.want)
			}
		})
	}
}

// TestWeightsByHeadMakeTheRows computes q, k and v of a head by its own weights.
func TestWeightsByHeadMakeTheRows(t *testing.T) {
	m := random(t, odd, 1)
	rows := dense(t, m, prompt(3, odd.DVocab))
	d, dh, h := odd.DModel, odd.DHead, 2
	x := rows[m.mustPoint(1, "ln1")][2]
	kv := rows[m.mustPoint(1, "kv")][2]
	for _, row := range []struct {
		w, b string
		want []float32
	}{
		{"W_Q", "b_Q", rows[m.mustPoint(1, "q")][2][h*dh:]},
		{"W_K", "b_K", kv[h*dh:]},
		{"W_V", "b_V", kv[d+h*dh:]},
	} {
		t.Run(row.w, func(t *testing.T) {
			w, err := m.Weight(row.w, 1, h)
			if err != nil {
				t.Fatal(err)
			}
			b, err := m.Weight(row.b, 1, h)
			if err != nil {
				t.Fatal(err)
			}
			if w.Type.String() != "[d_model=39 d_head=13]" || b.Type.String() != "[d_head=13]" {
				t.Errorf("types %v and %v", w.Type, b.Type)
			}
			got := slices.Clone(b.F32())
			for i, v := range x {
				for k := range got {
					got[k] += v * w.F32()[i*dh+k]
				}
			}
			closeTo(t, got, row.want[:dh])
		})
	}
}

func TestWeightsUnderTransformerLensNames(t *testing.T) {
	m := random(t, odd, 1)
	for _, row := range []struct {
		kind string
		l, h int
		want string
	}{
		{"W_E", 0, 0, "[d_vocab=101 d_model=39]"},
		{"W_U", 0, 0, "[d_model=39 d_vocab=101]"},
		{"W_pos", 0, 0, "[pos=40 d_model=39]"},
		{"W_O", 1, 2, "[d_head=13 d_model=39]"},
		{"W_in", 1, 0, "[d_model=39 d_mlp=70]"},
		{"W_out", 1, 0, "[d_mlp=70 d_model=39]"},
		{"b_O", 1, 0, "[d_model=39]"},
		{"b_in", 1, 0, "[d_mlp=70]"},
		{"b_out", 1, 0, "[d_model=39]"},
		{"W_Q", 2, 0, "W_Q: layer 2 is out of range (valid: 0 to 1)"},
		{"W_Q", 0, -1, "W_Q: head -1 is out of range (valid: 0 to 2)"},
		{"W_X", 0, 0, `has no weight "W_X"`},
	} {
		t.Run(row.kind, func(t *testing.T) {
			x, err := m.Weight(row.kind, row.l, row.h)
			if err != nil && !strings.Contains(err.Error(), row.want) || err == nil && x.Type.String() != row.want {
				t.Errorf("got %v, %v, want %s", x, err, row.want)
			}
		})
	}
	u, _ := m.Weight("W_U", 0, 0)
	e, _ := m.Weight("W_E", 0, 0)
	if u.F32()[3*101+7] != e.F32()[7*39+3] {
		t.Error("W_U is not W_E transposed")
	}
}

func TestSummarySaysTheSizes(t *testing.T) {
	m, err := Random("gpt2", SmallDims(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if want := "GPT-2, 12 layers, 12 heads, width 768, 50257 tokens, context 1024, 124.4 M parameters"; m.Summary() != want {
		t.Errorf("got %s, want %s", m.Summary(), want)
	}
}
