package scripts

import (
	"encoding/binary"
	"encoding/json"
	"math"
	"os"
	"testing"

	"interp"
	"interp/internal/results"
	"interp/internal/shared"
)

// gpt2 is a GPT-2 in float64, read and computed here with plain loops: the numbers that the scripts are
// held against come from no other part of interp. Matrices are rows of numbers.
type gpt2 struct {
	layers, heads, width, dHead int
	w                           map[string][]float64
	vocab                       int
}

// mat is [row column].
type mat [][]float64

// site is a place of the forward pass: post of layer -1 is the embeddings' sum. scores is
// [head*position key], q, k, v and z are [position head*d_head].
type site struct {
	name  string
	layer int
}

// edit changes a site's numbers in place.
type edit func(at site, x mat)

// acts are the numbers at all sites, after the edits, and the logits.
type acts struct {
	at     map[site]mat
	scale  []float64 // of the last LayerNorm, [position]
	logits mat
}

func openOracle(t testing.TB) *gpt2 {
	t.Helper()
	dir := shared.Repo("testdata", "models", "ioi-proto")
	var c struct {
		L int `json:"n_layer"`
		H int `json:"n_head"`
		D int `json:"n_embd"`
		V int `json:"vocab_size"`
	}
	text, err := os.ReadFile(dir + "/config.json")
	if err == nil {
		err = json.Unmarshal(text, &c)
	}
	if err != nil {
		t.Fatal(err)
	}
	m := &gpt2{c.L, c.H, c.D, c.D / c.H, map[string][]float64{}, c.V}
	file, err := os.ReadFile(dir + "/model.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	n := binary.LittleEndian.Uint64(file)
	header, body := file[8:8+n], file[8+n:]
	var entries map[string]json.RawMessage
	if err := json.Unmarshal(header, &entries); err != nil {
		t.Fatal(err)
	}
	for name, raw := range entries {
		var e struct {
			DType   string `json:"dtype"`
			Offsets [2]int `json:"data_offsets"`
		}
		if json.Unmarshal(raw, &e) != nil || e.DType == "" {
			continue // the metadata
		}
		bytes := body[e.Offsets[0]:e.Offsets[1]]
		var x []float64
		switch e.DType {
		case "F32":
			for ; len(bytes) > 0; bytes = bytes[4:] {
				x = append(x, float64(math.Float32frombits(binary.LittleEndian.Uint32(bytes))))
			}
		default:
			t.Fatalf("%s is %s, want F32", name, e.DType)
		}
		m.w[name] = x
	}
	return m
}

// row i of a matrix of weights with so many columns.
func (m *gpt2) row(name string, i, columns int) []float64 {
	return m.w[name][i*columns : (i+1)*columns]
}

func (m *gpt2) embedding(id int) []float64 { return m.row("transformer.wte.weight", id, m.width) }

// linear is x W + b, W as the checkpoint has it: [in out].
func (m *gpt2) linear(name string, x mat) mat {
	w, b := m.w[name+".weight"], m.w[name+".bias"]
	y := zeros(len(x), len(b))
	for p := range x {
		copy(y[p], b)
		for i, xi := range x[p] {
			for j := range y[p] {
				y[p][j] += xi * w[i*len(b)+j]
			}
		}
	}
	return y
}

func (m *gpt2) norm(name string, x mat) (y mat, scale []float64) {
	w, b := m.w[name+".weight"], m.w[name+".bias"]
	y = zeros(len(x), m.width)
	for p := range x {
		mean, variance := 0.0, 0.0
		for _, v := range x[p] {
			mean += v / float64(m.width)
		}
		for _, v := range x[p] {
			variance += (v - mean) * (v - mean) / float64(m.width)
		}
		scale = append(scale, math.Sqrt(variance+1e-5))
		for i, v := range x[p] {
			y[p][i] = (v-mean)/scale[p]*w[i] + b[i]
		}
	}
	return y, scale
}

// forward runs the model over tokens; change may be nil.
func (m *gpt2) forward(ids []int, change edit) *acts {
	a := &acts{at: map[site]mat{}}
	visit := func(name string, layer int, x mat) mat {
		if change != nil {
			change(site{name, layer}, x)
		}
		a.at[site{name, layer}] = clone(x)
		return x
	}
	x := zeros(len(ids), m.width)
	for p, id := range ids {
		copy(x[p], m.embedding(id))
	}
	x = visit("embed", -1, x)
	for p := range x {
		add(x[p], m.row("transformer.wpe.weight", p, m.width))
	}
	x = visit("post", -1, x)
	for l := range m.layers {
		h := "transformer.h." + string(rune('0'+l)) + "."
		normed, _ := m.norm(h+"ln_1", x)
		qkv := m.linear(h+"attn.c_attn", normed)
		part := func(name string, from int) mat {
			y := zeros(len(ids), m.width)
			for p := range y {
				copy(y[p], qkv[p][from*m.width:])
			}
			return visit(name, l, y)
		}
		z := visit("z", l, m.attend(l, part("q", 0), part("k", 1), part("v", 2), visit))
		addAll(x, visit("attn", l, m.linear(h+"attn.c_proj", z)))
		normed, _ = m.norm(h+"ln_2", x)
		inner := m.linear(h+"mlp.c_fc", normed)
		for _, row := range inner {
			for i, v := range row {
				row[i] = 0.5 * v * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(v+0.044715*v*v*v)))
			}
		}
		addAll(x, visit("mlp", l, m.linear(h+"mlp.c_proj", inner)))
		x = visit("post", l, x)
	}
	last, scale := m.norm("transformer.ln_f", x)
	a.scale = scale
	a.logits = zeros(len(ids), m.vocab)
	for p := range last {
		for id := range m.vocab {
			a.logits[p][id] = dot(last[p], m.embedding(id))
		}
	}
	return a
}

// attend is causal attention, all heads.
func (m *gpt2) attend(l int, q, k, v mat, visit func(string, int, mat) mat) mat {
	n := len(q)
	scores := zeros(m.heads*n, n)
	head := func(x []float64, h int) []float64 { return x[h*m.dHead : (h+1)*m.dHead] }
	for h := range m.heads {
		for i := range n {
			for j := range n {
				scores[h*n+i][j] = math.Inf(-1)
				if j <= i {
					scores[h*n+i][j] = dot(head(q[i], h), head(k[j], h)) / math.Sqrt(float64(m.dHead))
				}
			}
		}
	}
	pattern := visit("scores", l, scores)
	for _, row := range pattern {
		softmax(row)
	}
	pattern = visit("pattern", l, pattern)
	z := zeros(n, m.width)
	for h := range m.heads {
		for i := range n {
			for j, weight := range pattern[h*n+i] {
				for d, x := range head(v[j], h) {
					z[i][h*m.dHead+d] += weight * x
				}
			}
		}
	}
	return z
}

// result is what one head writes to the residual stream at a position, its bias left out.
func (m *gpt2) result(l, h int, z []float64) []float64 {
	y := make([]float64, m.width)
	for d := range m.dHead {
		w := m.row("transformer.h."+string(rune('0'+l))+".attn.c_proj.weight", h*m.dHead+d, m.width)
		for i := range y {
			y[i] += z[h*m.dHead+d] * w[i]
		}
	}
	return y
}

// head copies the numbers of head h at position p from one matrix of q, k, v or z to another.
func (m *gpt2) head(to, from mat, p, h int) {
	copy(to[p][h*m.dHead:(h+1)*m.dHead], from[p][h*m.dHead:(h+1)*m.dHead])
}

// last is the logits of the last position, diff the difference of two of them, prob a probability.
func (a *acts) last() []float64 { return a.logits[len(a.logits)-1] }

func (a *acts) diff(right, wrong int) float64 { return a.last()[right] - a.last()[wrong] }

func (a *acts) prob(id int) float64 {
	p := append([]float64(nil), a.last()...)
	softmax(p)
	return p[id]
}

func softmax(x []float64) {
	top, sum := math.Inf(-1), 0.0
	for _, v := range x {
		top = max(top, v)
	}
	for i, v := range x {
		x[i] = math.Exp(v - top)
		sum += x[i]
	}
	for i := range x {
		x[i] /= sum
	}
}

func zeros(rows, columns int) mat {
	x := make(mat, rows)
	for i := range x {
		x[i] = make([]float64, columns)
	}
	return x
}

func clone(x mat) mat {
	y := zeros(len(x), len(x[0]))
	for i := range x {
		copy(y[i], x[i])
	}
	return y
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}

func add(to, x []float64) { axpy(to, 1, x) }

func axpy(to []float64, f float64, x []float64) {
	for i := range to {
		to[i] += f * x[i]
	}
}

func addAll(to, x mat) {
	for i := range to {
		add(to[i], x[i])
	}
}

// lens is the logits that a residual stream would give at once.
func (m *gpt2) lens(x []float64) []float64 {
	normed, _ := m.norm("transformer.ln_f", mat{x})
	out := make([]float64, m.vocab)
	for id := range out {
		out[id] = dot(normed[0], m.embedding(id))
	}
	return out
}

// The README's prompts.
const (
	clean     = "After John and Mary went to the store, Mary gave a bottle of milk to"
	corrupted = "After John and Mary went to the store, John gave a bottle of milk to"
)

// encode gives the ids of a text.
func encode(t testing.TB, m *interp.Model, text string) []int {
	t.Helper()
	o := runSource(t, "ids", "input s\nwrite(\"ids\", tokens(s))", interp.Options{Model: m, Inputs: map[string]any{"s": text}})
	var ids []int
	switch v := value(t, o, "ids").(type) {
	case []any:
		for _, x := range v {
			ids = append(ids, int(x.(int64)))
		}
	case *results.Array:
		for _, x := range v.Data.([]int64) {
			ids = append(ids, int(x))
		}
	}
	if len(ids) == 0 {
		t.Fatalf("no ids of %q", text)
	}
	return ids
}
