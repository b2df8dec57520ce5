package nnrt

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"interp/nnrt/arch"
	"interp/nnrt/tensor"
)

// moduleCases are modules, the point whose rows they take, and the point they give.
var moduleCases = []struct {
	path, from, to string
	layer          int
}{
	{"transformer.h[].ln_1", "resid_pre", "ln1", 1},
	{"transformer.h[].ln_2", "resid_mid", "ln2", 1},
	{"transformer.h[].mlp", "ln2", "mlp_out", 0},
	{"transformer.h[].mlp.c_fc", "ln2", "pre", 1},
	{"transformer.h[].mlp.act", "pre", "post", 1},
	{"transformer.h[].mlp.c_proj", "post", "mlp_out", 1},
	{"transformer.h[].attn", "ln1", "attn_out", 1},
	{"transformer.h[].attn.c_proj", "z", "attn_out", 0},
	{"transformer.h[]", "resid_pre", "resid_pre", 0},
	{"transformer.ln_f", "resid_pre", "lnf", 2},
	{"lm_head", "lnf", "logits", 2},
}

func (m *Model) mustPoint(layer int, kind string) arch.Point {
	p, _ := m.Arch().Named(layer, kind)
	return p
}

func TestModulesOnValuesGiveTheRowsOfTheirPoints(t *testing.T) {
	m := random(t, odd, 2)
	ids := prompt(7, odd.DVocab)
	rows := dense(t, m, ids)
	for _, c := range moduleCases {
		t.Run(c.path, func(t *testing.T) {
			after := c.layer
			if c.path == "transformer.h[]" {
				after++
			}
			in, want := rows[m.mustPoint(c.layer, c.from)], rows[m.mustPoint(after, c.to)]
			x := tensor.FromF32([]string{"batch", "pos", "d"}, []int{1, len(ids), len(in[0])}, slices.Concat(in...))
			got, err := m.Apply(c.path, c.layer, x)
			if err != nil {
				t.Fatal(err)
			}
			if !equalBits(got.F32(), slices.Concat(want...)) {
				t.Error("the rows differ")
			}
		})
	}
}

func TestProjectionOfQueriesKeysAndValuesIsSideBySide(t *testing.T) {
	m := random(t, odd, 1)
	rows := dense(t, m, prompt(3, odd.DVocab))
	in := rows[m.mustPoint(0, "ln1")]
	got, err := m.Apply("transformer.h[].attn.c_attn", 0, tensor.FromF32([]string{"pos", "d_model"}, []int{3, odd.DModel}, slices.Concat(in...)))
	if err != nil {
		t.Fatal(err)
	}
	var want []float32
	for i := range in {
		want = append(append(want, rows[m.mustPoint(0, "q")][i]...), rows[m.mustPoint(0, "kv")][i]...)
	}
	if !equalBits(got.F32(), want) {
		t.Error("the rows differ")
	}
}

func TestModulesKeepSequencesApart(t *testing.T) {
	m := random(t, odd, 1)
	rng, d := rand.New(rand.NewSource(1)), odd.DModel
	draw := func(n int) []float32 {
		x := make([]float32, n)
		for i := range x {
			x[i] = float32(rng.NormFloat64())
		}
		return x
	}
	apply := func(x *tensor.Array) []float32 {
		y, err := m.Apply("transformer.h[]", 1, x)
		if err != nil {
			t.Fatal(err)
		}
		return y.F32()
	}
	a, b := draw(3*d), draw(5*d)
	one := func(x []float32) []float32 {
		return apply(tensor.FromF32([]string{"pos", "d_model"}, []int{len(x) / d, d}, x))
	}
	want := append(one(a), one(b)...)
	t.Run("ragged prompts", func(t *testing.T) {
		x, err := tensor.NewRagged([]string{"batch", "pos", "d_model"}, []*tensor.Array{
			tensor.FromF32([]string{"pos", "d_model"}, []int{3, d}, a), tensor.FromF32([]string{"pos", "d_model"}, []int{5, d}, b)})
		if err != nil {
			t.Fatal(err)
		}
		if !equalBits(apply(x), want) {
			t.Error("the rows differ from each prompt's own")
		}
	})
	t.Run("an axis behind pos", func(t *testing.T) {
		c := draw(3 * d)
		var mixed []float32
		for i := range 3 {
			mixed = append(append(mixed, a[i*d:(i+1)*d]...), c[i*d:(i+1)*d]...)
		}
		got := apply(tensor.FromF32([]string{"pos", "k", "d_model"}, []int{3, 2, d}, mixed))
		x, y := one(a), one(c)
		for i := range 3 {
			if !equalBits(got[2*i*d:(2*i+1)*d], x[i*d:(i+1)*d]) || !equalBits(got[(2*i+1)*d:(2*i+2)*d], y[i*d:(i+1)*d]) {
				t.Errorf("position %d differs", i)
			}
		}
	})
}

func TestModulesSayWhatTheyTake(t *testing.T) {
	m := random(t, odd, 1)
	x := tensor.FromF32([]string{"d_model"}, []int{odd.DModel}, make([]float32, odd.DModel))
	for _, row := range []struct {
		name, path string
		layer      int
		x          *tensor.Array
		want       string
	}{
		{"another width", "lm_head", 0, tensor.FromF32(nil, []int{3}, make([]float32, 3)), "lm_head takes a last axis of 39, got [3]"},
		{"a number", "lm_head", 0, tensor.Float(1), "takes a last axis of 39"},
		{"no positions", "transformer.h[].attn", 0, x, "needs an axis pos"},
		{"no such module", "transformer.h[].attn.dropout", 0, x, `has no module "transformer.h[].attn.dropout"`},
		{"no such layer", "transformer.h[].mlp", 2, x, "layer 2 is out of range (valid: 0 to 1)"},
	} {
		t.Run(row.name, func(t *testing.T) {
			if _, err := m.Apply(row.path, row.layer, row.x); err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("got %v, want an error that says %q", err, row.want)
			}
		})
	}
}

func TestGradientsOfModulesAgreeWithDifferences(t *testing.T) {
	m, err := load(checkpoint(t, "", nil))
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewSource(2))
	for _, c := range moduleCases {
		t.Run(c.path, func(t *testing.T) {
			n := m.Arch().Width(m.mustPoint(c.layer, c.from), 0)
			data := make([]float32, 3*n)
			for i := range data {
				data[i] = float32(rng.NormFloat64())
			}
			x := tensor.FromF32([]string{"pos", "d"}, []int{3, n}, data)
			y, err := m.Apply(c.path, c.layer, x)
			if err != nil {
				t.Fatal(err)
			}
			d := make([]float32, y.Size())
			for i := range d {
				d[i] = float32(rng.NormFloat64())
			}
			dx, err := m.ApplyBack(c.path, c.layer, x, tensor.FromType(y.Type, d))
			if err != nil {
				t.Fatal(err)
			}
			nudge{data, dx.F32()}.check(t, func() float64 {
				y, err := m.Apply(c.path, c.layer, tensor.FromF32([]string{"pos", "d"}, []int{3, n}, data))
				if err != nil {
					t.Fatal(err)
				}
				sum := 0.0
				for i, v := range y.F32() {
					sum += float64(v) * float64(d[i])
				}
				return sum
			})
		})
	}
}

func TestHeadsResultsAndTheBiasMakeTheAttentionOutput(t *testing.T) {
	m := random(t, odd, 1)
	rows := dense(t, m, prompt(4, odd.DVocab))
	h, dh, d := odd.Heads, odd.DHead, odd.DModel
	z := tensor.FromF32([]string{"pos", "head", "d_head"}, []int{4, h, dh}, slices.Concat(rows[m.mustPoint(1, "z")]...))
	res, err := m.HeadResult(1, []int{0, 1, 2}, z)
	if err != nil {
		t.Fatal(err)
	}
	if want := "[pos=4 head=3 d_model=39]"; fmt.Sprint(res.Type) != want {
		t.Errorf("type %v, want %s", res.Type, want)
	}
	bias, err := m.Weight("b_O", 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	var got []float32
	for pos := range 4 {
		for k := range d {
			sum := bias.F32()[k]
			for i := range h {
				sum += res.F32()[(pos*h+i)*d+k]
			}
			got = append(got, sum)
		}
	}
	closeTo(t, got, slices.Concat(rows[m.mustPoint(1, "attn_out")]...))
	t.Run("some heads in another order", func(t *testing.T) {
		some := tensor.FromF32([]string{"head", "d_head"}, []int{2, dh}, append(slices.Clone(z.F32()[2*dh:3*dh]), z.F32()[:dh]...))
		part, err := m.HeadResult(1, []int{2, 0}, some)
		if err != nil {
			t.Fatal(err)
		}
		if !equalBits(part.F32(), append(slices.Clone(res.F32()[2*d:3*d]), res.F32()[:d]...)) {
			t.Error("the results differ from those of all heads")
		}
	})
	t.Run("the reverse is the transpose", func(t *testing.T) {
		back, err := m.HeadResultBack(1, []int{0, 1, 2}, res)
		if err != nil {
			t.Fatal(err)
		}
		var l, r float64 // <W z, W z> = <z, W^T W z>
		for _, v := range res.F32() {
			l += float64(v) * float64(v)
		}
		for i, v := range z.F32() {
			r += float64(v) * float64(back.F32()[i])
		}
		if d := (l - r) / l; d > 1e-5 || d < -1e-5 {
			t.Errorf("products %v and %v", l, r)
		}
	})
}
