package nnrt

import (
	"math"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"interp/nnrt/arch"
)

// random opens a loaded model of these sizes.
func random(t testing.TB, d arch.Dims, threads int) *Model {
	t.Helper()
	m, err := Random("random", d, 1)
	if err == nil {
		err = m.Load(LoadOptions{Threads: threads})
	}
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// odd are sizes that fill no tile of any kernel.
var odd = arch.Dims{Layers: 2, Heads: 3, KVHeads: 3, DModel: 39, DHead: 13, DMlp: 70, DVocab: 101, NCtx: 40}

func equalBits(a, b []float32) bool {
	return slices.EqualFunc(a, b, func(x, y float32) bool { return math.Float32bits(x) == math.Float32bits(y) })
}

func prompt(n, vocab int) []int32 {
	rng, ids := rand.New(rand.NewSource(3)), make([]int32, n)
	for i := range ids {
		ids[i] = int32(rng.Intn(vocab))
	}
	return ids
}

// request asks for the row of one position at a point, from dense rows.
func request(a *arch.Arch, rows [][][]float32, ids []int32, p arch.Point, at []int) *Rows {
	r := &Rows{In: make([][][]float32, len(a.Inputs(p)))}
	for _, pos := range at {
		r.Out = append(r.Out, make([]float32, a.Width(p, pos)))
		r.Tok, r.Pos = append(r.Tok, ids[pos]), append(r.Pos, int32(pos))
		for i, q := range a.Inputs(p) {
			r.In[i] = append(r.In[i], rows[q][pos])
		}
		if a.Row(p).Keys {
			r.Keys = append(r.Keys, prefixes(rows[a.KV(a.Layer(p))])[pos])
		}
	}
	return r
}

func TestARowHasTheSameBitsInAnyCompany(t *testing.T) {
	one, two := random(t, odd, 1), random(t, odd, 2)
	a, ids := one.Arch(), prompt(37, odd.DVocab)
	rows := dense(t, one, ids)
	rng := rand.New(rand.NewSource(1))
	for p := range arch.Point(a.Points()) {
		if a.Row(p).Arrive {
			continue
		}
		for _, n := range []int{1, 2, 5, 13, 37} {
			at := rng.Perm(len(ids))[:n]
			r := request(a, rows, ids, p, at)
			if err := two.Rows(p, r); err != nil {
				t.Fatal(err)
			}
			for i, pos := range at {
				if !equalBits(r.Out[i], rows[p][pos]) {
					t.Fatalf("%s of position %d differs among %d rows", a.PointName(p), pos, n)
				}
			}
		}
	}
}

func TestFusedAttentionHasTheBitsOfItsSteps(t *testing.T) {
	m := random(t, odd, 2)
	a, ids := m.Arch(), prompt(37, odd.DVocab)
	rows := dense(t, m, ids)
	for l := range odd.Layers {
		q, _ := a.Named(l, "q")
		z, _ := a.Named(l, "z")
		for _, runs := range []int{1, 3, 37} { // keys in pieces of any length
			r := &Rows{In: [][][]float32{rows[q]}}
			for pos := range ids {
				r.Out = append(r.Out, make([]float32, a.Width(z, pos)))
				r.Keys = append(r.Keys, pieces(rows[a.KV(l)][:pos+1], runs))
			}
			if err := m.Attention(l, r); err != nil {
				t.Fatal(err)
			}
			for pos := range ids {
				if !equalBits(r.Out[pos], rows[z][pos]) {
					t.Fatalf("layer %d position %d differs with keys in %d runs", l, pos, runs)
				}
			}
		}
	}
}

// pieces copies rows into at most n runs.
func pieces(kv [][]float32, n int) []KeyRun {
	var out []KeyRun
	size := (len(kv) + n - 1) / n
	for part := range slices.Chunk(kv, size) {
		w := len(part[0])
		buf := make([]float32, 0, len(part)*(w+3)) // rows need not touch
		for _, row := range part {
			buf = append(append(buf, row...), 7, 7, 7)
		}
		out = append(out, KeyRun{Buf: buf, N: len(part), Stride: w + 3})
	}
	return out
}

func TestLogitsByColumnHaveTheBitsOfAll(t *testing.T) {
	m := random(t, arch.Dims{Layers: 1, Heads: 1, KVHeads: 1, DModel: 20, DHead: 20, DMlp: 8, DVocab: 4100, NCtx: 8}, 2)
	ids := prompt(3, 4100)
	rows := dense(t, m, ids)
	p := m.Arch().Logits()
	for _, cols := range [][]int32{{}, {0}, {4099, 7}, {5, 6, 7, 5}, {4095, 4096}} {
		r := request(m.Arch(), rows, ids, p, []int{0, 2})
		r.Cols = cols
		for i := range r.Out {
			r.Out[i] = make([]float32, len(cols))
		}
		if err := m.Rows(p, r); err != nil {
			t.Fatal(err)
		}
		for i, pos := range []int{0, 2} {
			for k, c := range cols {
				if r.Out[i][k] != rows[p][pos][c] {
					t.Errorf("column %d of %v at %d: %v, want %v", c, cols, pos, r.Out[i][k], rows[p][pos][c])
				}
			}
		}
	}
}

func TestScoresAreScaledAsTheConfigurationSays(t *testing.T) {
	var plain [][]float32
	for _, row := range []struct {
		name, config string
		factor       float64 // of layer 1, to the usual
	}{
		{"by the width of a head", "", 1},
		{"not at all", `, "scale_attn_weights": false`, 2},
		{"by layer", `, "scale_attn_by_inverse_layer_idx": true`, 0.5},
	} {
		t.Run(row.name, func(t *testing.T) {
			m, err := load(checkpoint(t, row.config, nil))
			if err != nil {
				t.Fatal(err)
			}
			a := m.Arch()
			p, _ := a.Named(1, "scores")
			q, _ := a.Named(1, "q")
			rows := make([][][]float32, a.Points())
			rng := rand.New(rand.NewSource(5))
			for _, x := range []arch.Point{q, a.KV(1)} {
				rows[x] = [][]float32{make([]float32, a.Width(x, 0))}
				for i := range rows[x][0] {
					rows[x][0][i] = rng.Float32()
				}
			}
			r := request(a, rows, []int32{0}, p, []int{0})
			if err := m.Rows(p, r); err != nil {
				t.Fatal(err)
			}
			if plain == nil {
				plain = r.Out
			}
			for i, v := range r.Out[0] {
				if want := float64(plain[0][i]) * row.factor; math.Abs(float64(v)-want) > 1e-6*math.Abs(want) {
					t.Errorf("score %d is %v, want %v", i, v, want)
				}
			}
		})
	}
}

// TestBackAgreesWithDifferences checks the reverse of every point against differences of its rows.
func TestBackAgreesWithDifferences(t *testing.T) {
	for _, act := range []string{"gelu_new", "gelu", "relu"} {
		m, err := load(checkpoint(t, `, "activation_function": "`+act+`"`, nil))
		if err != nil {
			t.Fatal(err)
		}
		a, ids := m.Arch(), []int32{3, 1, 4, 1, 5}
		rows := dense(t, m, ids)
		for p := a.At(0, 0); int(p) < a.Points(); p++ {
			row := a.Row(p)
			if row.Arrive || act != "gelu_new" && row.Kind != "post" {
				continue
			}
			t.Run(strings.Join([]string{act, a.PointName(p)}, "/"), func(t *testing.T) { checkBack(t, m, rows, ids, p) })
		}
	}
}

func checkBack(t *testing.T, m *Model, rows [][][]float32, ids []int32, p arch.Point) {
	a, at := m.Arch(), []int{4, 2}
	rng := rand.New(rand.NewSource(int64(p)))
	b := &Back{Rows: *request(a, rows, ids, p, at)}
	for _, pos := range at {
		d := make([]float32, a.Width(p, pos))
		for i := range d {
			d[i] = float32(rng.NormFloat64())
		}
		b.D = append(b.D, d)
	}
	var nudges []nudge
	for i := range b.In {
		var into [][]float32
		for _, x := range b.In[i] {
			into = append(into, make([]float32, len(x)))
		}
		b.DIn = append(b.DIn, into)
		for r := range b.In[i] {
			nudges = append(nudges, nudge{b.In[i][r], into[r]})
		}
	}
	if a.Row(p).Keys {
		kv := rows[a.KV(a.Layer(p))]
		grads := make([][]float32, len(kv))
		for j := range grads {
			grads[j] = make([]float32, len(kv[j]))
			nudges = append(nudges, nudge{kv[j], grads[j]})
		}
		for _, pos := range at {
			b.DKeys = append(b.DKeys, prefixes(grads)[pos])
		}
	}
	if err := m.Back(p, b); err != nil {
		t.Fatal(err)
	}
	metric := func() float64 {
		r := request(a, rows, ids, p, at)
		if err := m.Rows(p, r); err != nil {
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
	for _, n := range nudges {
		n.check(t, metric)
	}
}

// nudge is an input row and the gradient that was found for it.
type nudge struct{ x, grad []float32 }

func (n nudge) check(t *testing.T, metric func() float64) {
	t.Helper()
	for i := range n.x {
		old, h := n.x[i], float32(1.0/256)
		if len(n.x) == 1 { // a norm's scale, which is divided by
			h = old / 64
		}
		n.x[i] = old + h
		up := metric()
		n.x[i] = old - h
		down := metric()
		n.x[i] = old
		got, want := float64(n.grad[i]), (up-down)/(2*float64(h))
		if math.Abs(got-want) > 2e-3*(1+math.Abs(want)) && math.Abs(float64(old)) > float64(h) { // relu bends at 0
			t.Fatalf("gradient of input %d is %v, differences give %v", i, got, want)
		}
	}
}
