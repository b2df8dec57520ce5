package scripts

import (
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"

	"interp"
	"interp/internal/shared"
)

// world is what the tests of numbers share.
type world struct {
	*testing.T
	model                 *interp.Model
	m                     *gpt2
	clean, corrupted      []int
	john, mary            int
	cleanActs, brokenActs *acts
}

func begin(t *testing.T) *world {
	if testing.Short() {
		t.Skip("SKIPPED: the forward pass written apart is slow, without -short")
	}
	w := &world{T: t, model: proto(t), m: openOracle(t)}
	w.clean, w.corrupted = w.ids(clean), w.ids(corrupted)
	w.john, w.mary = w.ids(" John")[0], w.ids(" Mary")[0]
	w.cleanActs, w.brokenActs = w.m.forward(w.clean, nil), w.m.forward(w.corrupted, nil)
	return w
}

func (w *world) ids(text string) []int { return encode(w, w.model, text) }

func (w *world) run(script string) outcome {
	return run(w, script, interp.Options{Model: w.model, Inputs: inputs(w, script, w.model)})
}

// diff is the logit difference of a changed run.
func (w *world) diff(ids []int, change edit) float64 {
	return w.m.forward(ids, change).diff(w.john, w.mary)
}

// end is the last position of the README's prompts.
func (w *world) end() int { return len(w.clean) - 1 }

const tol = 1e-4

func reference(t testing.TB) (r struct {
	Tokens    []int
	Corrupted []int       `json:"corrupted_tokens"`
	Clean     float64     `json:"clean_diff"`
	Broken    float64     `json:"corrupted_diff"`
	Grid      [][]float64 `json:"grid"`
}) {
	t.Helper()
	text, err := os.ReadFile(shared.Repo("testdata", "models", "ioi-proto", "reference.json"))
	if err == nil {
		err = json.Unmarshal(text, &r)
	}
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestOracle: the forward pass of these tests agrees with PyTorch in float64.
func TestOracle(t *testing.T) {
	w, r := begin(t), reference(t)
	near(t, "clean", w.cleanActs.diff(w.john, w.mary), r.Clean, 1e-9)
	near(t, "corrupted", w.brokenActs.diff(w.john, w.mary), r.Broken, 1e-9)
	for l, row := range r.Grid {
		for p, want := range row {
			patched := w.diff(w.corrupted, func(at site, x mat) {
				if at == (site{"post", l - 1}) {
					copy(x[p], w.cleanActs.at[at][p])
				}
			})
			near(t, "patched", (patched-r.Broken)/(r.Clean-r.Broken), want, 1e-9)
		}
	}
}

// TestPatchingGrid: both forms of activation patching give the same bits; the cells that causality
// settles are exact; the rest agrees with PyTorch.
func TestPatchingGrid(t *testing.T) {
	w, ref := begin(t), reference(t)
	loop, batched := w.run("ioi.patch"), w.run("ioi_batched.patch")
	a, b := array(t, loop, "patched"), array(t, batched, "patched")
	first := 0
	for w.clean[first] == w.corrupted[first] {
		first++
	}
	cleanLogits, brokenLogits := array(t, loop, "clean_logits"), array(t, loop, "corrupted_logits")
	logitDiff := func(x numbers) float64 { // in float32, as a script computes it
		return float64(float32(x.at(0, w.end(), w.john)) - float32(x.at(0, w.end(), w.mary)))
	}
	cleanDiff, brokenDiff := logitDiff(cleanLogits), logitDiff(brokenLogits)
	near(t, "clean", cleanDiff, ref.Clean, tol)
	near(t, "corrupted", brokenDiff, ref.Broken, tol)
	near(t, "clean of the batched form", number(t, batched, "clean_diff"), cleanDiff, 0)
	near(t, "corrupted of the batched form", number(t, batched, "corrupted_diff"), brokenDiff, 0)
	grid := array(t, batched, "grid")
	for l, row := range ref.Grid {
		for p, want := range row {
			if x, y := a.at(l, p), b.at(l, p); x != y {
				t.Errorf("layer %d, position %d: %v by the loop, %v batched", l, p, x, y)
			}
			got := (a.at(l, p) - brokenDiff) / (cleanDiff - brokenDiff)
			near(t, "grid", got, want, 1e-3)
			near(t, "grid of the script", grid.at(l, p), want, 1e-3)
			switch {
			case p < first || l == 0 && p != first:
				if got != 0 {
					t.Errorf("layer %d, position %d: %v, want exactly 0", l, p, got)
				}
			case l == 0:
				if got != 1 {
					t.Errorf("layer 0, position %d: %v, want exactly 1", p, got)
				}
			}
		}
	}
}

func TestLogitLens(t *testing.T) {
	w := begin(t)
	lens := array(t, w.run("logit_lens.patch"), "lens")
	for l := range w.m.layers {
		want := w.m.lens(w.cleanActs.at[site{"post", l}][9])
		for id := 0; id < w.m.vocab; id += 37 {
			near(t, "lens", lens.at(l, 9, id), want[id], tol)
		}
	}
}

func TestAttentionScores(t *testing.T) {
	w := begin(t)
	const said = 12
	o := w.run("attention_patterns.patch")
	pattern := array(t, o, "pattern") // [layer batch head query key]
	for name, back := range map[string]int{"previous": 1, "duplicate": said, "induction": said - 1} {
		score := array(t, o, name)
		for _, c := range [][2]int{{0, 0}, {2, 2}, {3, 1}} {
			sum := 0.0
			for row := range pattern.shape[1] {
				for q := said + 1; q <= 2*said; q++ {
					sum += pattern.at(c[0], row, c[1], q, q-back)
				}
			}
			near(t, name, score.at(c[0], c[1]), sum/float64(said*pattern.shape[1]), 1e-6)
		}
	}
	on := array(t, o, "on_prompt")
	best, n := argmax(array(t, o, "duplicate").data), len(w.clean)
	want := w.cleanActs.at[site{"pattern", best / w.m.heads}][best%w.m.heads*n:]
	for q := range n {
		for k := range n {
			near(t, "pattern", on.at(q, k), want[q][k], tol)
		}
	}
}

func argmax(x []float64) int {
	best := 0
	for i := range x {
		if x[i] > x[best] {
			best = i
		}
	}
	return best
}

// setHead puts a head's numbers at all positions in place, those of from, or zeros.
func (w *world) setHead(l, h int, from mat) edit {
	return func(at site, x mat) {
		if at != (site{"z", l}) {
			return
		}
		for p := range x {
			if from == nil {
				clear(x[p][h*w.m.dHead : (h+1)*w.m.dHead])
			} else {
				w.m.head(x, from, p, h)
			}
		}
	}
}

func TestAblation(t *testing.T) {
	w := begin(t)
	o := w.run("ablation.patch")
	zero, byMean := array(t, o, "zero"), array(t, o, "by_mean")
	names := []string{"Tom", "Lisa", "Paul", "Anna", "Mark", "Sarah", "Peter", "Kate"}
	var others [][]int
	for i := range names[1:] {
		for _, giver := range names[i : i+2] {
			others = append(others, w.ids("After "+names[i]+" and "+names[i+1]+" went to the store, "+giver+" gave a bottle of milk to"))
		}
	}
	for _, c := range [][2]int{{0, 0}, {1, 2}, {3, 1}} {
		l, h := c[0], c[1]
		plain := w.cleanActs.diff(w.john, w.mary)
		near(t, "zero ablation", zero.at(l, h), w.diff(w.clean, w.setHead(l, h, nil))-plain, tol)
		mean := zeros(len(w.clean), w.m.width)
		for _, ids := range others {
			for p, row := range w.m.forward(ids, nil).at[site{"z", l}] {
				axpy(mean[p], 1/float64(len(others)), row)
			}
		}
		near(t, "mean ablation", byMean.at(l, h), w.diff(w.clean, w.setHead(l, h, mean))-plain, tol)
	}
}

func TestLogitAttribution(t *testing.T) {
	w := begin(t)
	o := w.run("logit_attribution.patch")
	end := w.end()
	adds := func(x []float64) float64 {
		mean, sum := 0.0, 0.0
		for _, v := range x {
			mean += v / float64(len(x))
		}
		for i, v := range x {
			sum += (v - mean) / w.cleanActs.scale[end] * w.m.w["transformer.ln_f.weight"][i] * (w.m.embedding(w.john)[i] - w.m.embedding(w.mary)[i])
		}
		return sum
	}
	total := number(t, o, "from_embed") + number(t, o, "from_bias")
	near(t, "embeddings", number(t, o, "from_embed"), adds(w.cleanActs.at[site{"post", -1}][end]), tol)
	heads, mlps := array(t, o, "from_heads"), array(t, o, "from_mlps")
	for l := range w.m.layers {
		near(t, "mlp", mlps.at(l), adds(w.cleanActs.at[site{"mlp", l}][end]), tol)
		total += mlps.at(l)
		for h := range w.m.heads {
			near(t, "head", heads.at(l, h), adds(w.m.result(l, h, w.cleanActs.at[site{"z", l}][end])), tol)
			total += heads.at(l, h)
		}
	}
	near(t, "sum of the parts", total, w.cleanActs.diff(w.john, w.mary), tol)
}

// frozen sets all heads to what they were, and then one to what it is elsewhere.
func (w *world) frozen(to *acts, l, h int, from *acts) edit {
	return func(at site, x mat) {
		if at.name != "z" {
			return
		}
		for p := range x {
			copy(x[p], to.at[at][p])
			if at.layer == l {
				w.m.head(x, from.at[at], p, h)
			}
		}
	}
}

func TestPathPatching(t *testing.T) {
	w := begin(t)
	o := w.run("path_patching.patch")
	other := w.m.forward(w.ids("After Tom and Lisa went to the store, Paul gave a bottle of milk to"), nil)
	plain := w.cleanActs.diff(w.john, w.mary)
	direct := array(t, o, "to_logits")
	sizes := make([]float64, len(direct.data))
	for l := range w.m.layers {
		for h := range w.m.heads {
			want := (w.diff(w.clean, w.frozen(w.cleanActs, l, h, other)) - plain) / plain
			near(t, "to the logits", direct.at(l, h), want, tol)
			sizes[l*w.m.heads+h] = math.Abs(want)
		}
	}
	first := argmax(sizes)
	sizes[first] = 0
	second := argmax(sizes)
	through := array(t, o, "to_queries")
	for l := range through.shape[0] {
		for h := range w.m.heads {
			sent := w.m.forward(w.clean, w.frozen(w.cleanActs, l, h, other))
			got := w.diff(w.clean, func(at site, x mat) {
				for _, r := range []int{first, second} {
					if at == (site{"q", r / w.m.heads}) {
						w.m.head(x, sent.at[at], w.end(), r%w.m.heads)
					}
				}
			})
			near(t, "to the queries", through.at(l, h), (got-plain)/plain, tol)
		}
	}
}

func TestCausalTrace(t *testing.T) {
	w := begin(t)
	o := w.run("causal_trace.patch")
	noise := array(t, o, "noise") // [sample position d_model]
	s2 := 9
	near(t, "clean", number(t, o, "p_clean"), w.cleanActs.prob(w.john), tol)
	deviation(t, w, noise)
	answer := func(restore edit) float64 {
		sum := 0.0
		for i := range noise.shape[0] {
			sum += w.m.forward(w.clean, func(at site, x mat) {
				if at.name == "embed" {
					add(x[s2], noise.sub(i, 0).data)
				}
				if restore != nil {
					restore(at, x)
				}
			}).prob(w.john)
		}
		return sum / float64(noise.shape[0])
	}
	near(t, "with noise", number(t, o, "p_noisy"), answer(nil), tol)
	for _, c := range []struct {
		result, name string
		l, p, from   int
		to           int
	}{{"single", "post", 0, 9, 0, 1}, {"single", "post", 2, 15, 2, 3}, {"single", "post", 1, 11, 1, 2},
		{"by_attn", "attn", 1, 15, 0, 2}, {"by_mlp", "mlp", 0, 9, 0, 1}, {"by_mlp", "mlp", 3, 15, 2, 4}} {
		grid, ok := numbersOf(value(t, o, c.result))
		if !ok {
			t.Fatalf("%s is %T", c.result, value(t, o, c.result))
		}
		want := answer(func(at site, x mat) {
			if at.name == c.name && at.layer >= c.from && at.layer < c.to {
				copy(x[c.p], w.cleanActs.at[at][c.p])
			}
		})
		near(t, c.result, grid.at(c.l, c.p), want, tol)
	}
}

// deviation wants the noise to be of three standard deviations of the embeddings.
func deviation(t *testing.T, w *world, noise numbers) {
	spread := func(x []float64) float64 {
		mean, sum := 0.0, 0.0
		for _, v := range x {
			mean += v / float64(len(x))
		}
		for _, v := range x {
			sum += (v - mean) * (v - mean)
		}
		return math.Sqrt(sum / float64(len(x)-1))
	}
	if r := spread(noise.data) / spread(w.m.w["transformer.wte.weight"]); r < 2.6 || r > 3.4 {
		t.Errorf("the noise is %.2f times the embeddings' standard deviation, want some 3", r)
	}
}

func TestKnockout(t *testing.T) {
	w := begin(t)
	o := w.run("knockout.patch")
	cut := func(source int, in func(l int) bool) float64 {
		n := len(w.clean)
		return w.m.forward(w.clean, func(at site, x mat) {
			if at.name == "scores" && in(at.layer) {
				for h := range w.m.heads {
					x[h*n+n-1][source] = math.Inf(-1)
				}
			}
		}).prob(w.john)
	}
	one, every := array(t, o, "without"), array(t, o, "without_all")
	for _, c := range [][2]int{{0, 11}, {1, 9}, {3, 1}} {
		near(t, "cut in a layer", one.at(c[0], c[1]), cut(c[1], func(l int) bool { return l == c[0] }), tol)
		near(t, "cut in all layers", every.at(c[1]), cut(c[1], func(int) bool { return true }), tol)
	}
}

func TestSteering(t *testing.T) {
	w := begin(t)
	o := w.run("steering.patch")
	templates := []string{"After John and Mary went to the store, [S] gave a bottle of milk to",
		"When Mary and John went to the park, [S] gave a ring to", "Then, John and Mary went to the school. [S] gave a book to"}
	const l = 2
	vector := make([]float64, w.m.width)
	for _, form := range templates {
		for name, sign := range map[string]float64{"Mary": 1, "John": -1} {
			ids := w.ids(strings.ReplaceAll(form, "[S]", name))
			axpy(vector, sign/float64(len(templates)), w.m.forward(ids, nil).at[site{"post", l}][len(ids)-1])
		}
	}
	got := array(t, o, "vector").sub(l)
	for i := range vector {
		near(t, "vector", got.data[i], vector[i], tol)
	}
	ids := w.ids("While Mary and John were working at the office, Mary gave a drink to")
	for i, c := range []float64{-2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2} {
		want := w.diff(ids, func(at site, x mat) {
			if at == (site{"post", l}) {
				axpy(x[len(ids)-1], c, vector)
			}
		})
		near(t, "steered", array(t, o, "steered").at(l, i), want, tol)
	}
}
