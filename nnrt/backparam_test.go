package nnrt

import (
	"math"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"interp/nnrt/arch"
	"interp/nnrt/weights"
)

// TestGradientsOfParametersAgreeWithDifferences moves numbers of every weight, point by point.
func TestGradientsOfParametersAgreeWithDifferences(t *testing.T) {
	m, err := load(checkpoint(t, "", nil))
	if err != nil {
		t.Fatal(err)
	}
	a, ids := m.Arch(), []int32{3, 1, 4, 1, 5}
	rows := dense(t, m, ids)
	for _, name := range []string{
		"wte.weight", "wpe.weight", "h.1.ln_1.weight", "h.1.ln_1.bias", "h.0.attn.c_attn.weight", "h.0.attn.c_attn.bias",
		"h.1.attn.c_proj.weight", "h.0.ln_2.weight", "h.0.mlp.c_fc.weight", "h.1.mlp.c_proj.bias", "ln_f.weight", "ln_f.bias",
	} {
		points, err := m.ParamPoints(name)
		if err != nil || len(points) == 0 {
			t.Fatalf("%s is used at %v, %v", name, points, err)
		}
		for _, p := range points {
			t.Run(name+"/"+a.PointName(p), func(t *testing.T) { checkParam(t, m, rows, ids, name, p) })
		}
	}
}

func checkParam(t *testing.T, m *Model, rows [][][]float32, ids []int32, name string, p arch.Point) {
	a, at := m.Arch(), []int{4, 2, 3}
	rng := rand.New(rand.NewSource(int64(p)))
	b := &Back{Rows: *request(a, rows, ids, p, at)}
	for _, pos := range at {
		d := make([]float32, a.Width(p, pos))
		for i := range d {
			d[i] = float32(rng.NormFloat64())
		}
		b.D = append(b.D, d)
	}
	x, err := m.Param(name)
	if err != nil {
		t.Fatal(err)
	}
	acc := make([]float32, x.Size())
	if err := m.BackParam("transformer."+name, p, b, acc); err != nil {
		t.Fatal(err)
	}
	const h = 1.0 / 256
	metric := func(i int, step float32) float64 {
		moved, err := load(checkpoint(t, "", func(ts []weights.Tensor) []weights.Tensor {
			k := slices.IndexFunc(ts, func(w weights.Tensor) bool { return w.Name == prefix+name })
			ts[k].Data[i] += step
			return ts
		}))
		if err != nil {
			t.Fatal(err)
		}
		r := request(a, rows, ids, p, at)
		if err := moved.Rows(p, r); err != nil {
			t.Fatal(err)
		}
		sum := 0.0
		for i, row := range r.Out {
			for k, v := range row {
				sum += float64(v) * float64(b.D[i][k])
			}
		}
		return sum
	}
	for range 6 {
		i := rng.Intn(len(acc))
		if want := (metric(i, h) - metric(i, -h)) / (2 * h); math.Abs(float64(acc[i])-want) > 2e-3*(1+math.Abs(want)) {
			t.Errorf("gradient of number %d is %v, differences give %v", i, acc[i], want)
		}
	}
}

func TestParametersAreUsedWhereTheArchitectureSays(t *testing.T) {
	m := random(t, odd, 1)
	for _, row := range []struct{ name, want string }{
		{"wte.weight", "wte final.logits"},
		{"lm_head.weight", "wte final.logits"},
		{"wpe.weight", "wpe"},
		{"h.1.attn.c_attn.weight", "blocks[1].kv blocks[1].q"},
		{"h.0.ln_2.bias", "blocks[0].ln2"},
		{"ln_f.weight", "final.lnf"},
	} {
		points, err := m.ParamPoints(row.name)
		var names []string
		for _, p := range points {
			names = append(names, m.Arch().PointName(p))
		}
		if got := strings.Join(names, " "); err != nil || got != row.want {
			t.Errorf("%s is used at %s, %v, want %s", row.name, got, err, row.want)
		}
	}
	if err := m.BackParam("wpe.weight", 0, &Back{}, nil); err == nil || !strings.Contains(err.Error(), "wpe.weight is not used at wte") {
		t.Errorf("got %v", err)
	}
}

func TestWeightsOfHalfTheSizeComeClose(t *testing.T) {
	full := random(t, odd, 1)
	half, err := Random("random", odd, 1)
	if err == nil {
		err = half.Load(LoadOptions{DType: BF16})
	}
	if err != nil {
		t.Fatal(err)
	}
	ids, p := prompt(9, odd.DVocab), full.Arch().Logits()
	want, got := dense(t, full, ids)[p][8], dense(t, half, ids)[p][8]
	num, den := 0.0, 0.0
	for i := range want {
		num += math.Pow(float64(got[i]-want[i]), 2)
		den += math.Pow(float64(want[i]), 2)
	}
	if d := math.Sqrt(num / den); d == 0 || d > 0.05 {
		t.Errorf("relative distance %.2g, want less than 0.05 and more than none", d)
	}
}
