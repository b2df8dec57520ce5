package scripts

import (
	"math"
	"slices"
	"strings"
	"testing"

	"interp"
	"interp/internal/results"
)

func TestGeneration(t *testing.T) {
	w := begin(t)
	o := w.run("generate_steered.patch")
	prompt := w.ids("Then, John and Mary went to the park. John gave a")
	const l, steps = 2, 8
	size := math.Sqrt(dot2(w.m.forward(prompt, nil).at[site{"post", l}][len(prompt)-1]))
	near(t, "size", number(t, o, "size"), size, tol)
	push := slices.Clone(w.m.embedding(w.john))
	axpy(push, -1, w.m.embedding(w.mary))
	scale := 3 * size / math.Sqrt(dot2(push))
	write := func(steered func(step int) bool) (text []int) {
		for range steps {
			ids := append(slices.Clone(prompt), text...)
			text = append(text, argmax(w.m.forward(ids, func(at site, x mat) {
				for step := 0; at == (site{"post", l}) && len(prompt)-1+step < len(x); step++ {
					if steered(step) {
						axpy(x[len(prompt)-1+step], scale, push)
					}
				}
			}).last()))
		}
		return text
	}
	want := [][]int{write(func(int) bool { return false }), write(func(int) bool { return true })}
	for k := range steps {
		want = append(want, write(func(step int) bool { return step == k }))
	}
	for _, ids := range want {
		list := make([]any, len(ids))
		for i, id := range ids {
			list[i] = id
		}
		text := runSource(t, "decode", "input ids\nwrite(\"text\", decode(ids))", interp.Options{Model: w.model, Inputs: map[string]any{"ids": list}})
		if shown := strings.ReplaceAll(value(t, text, "text").(string), " ", "·"); !strings.Contains(strings.ReplaceAll(o.text, " ", "·"), shown) {
			t.Errorf("no text is %q in\n%s", shown, o.text)
		}
	}
}

func dot2(x []float64) float64 { return dot(x, x) }

func TestPromptToPrompt(t *testing.T) {
	w := begin(t)
	o := w.run("prompt_to_prompt.patch")
	source := w.m.forward(w.ids("When Kate and Tom went to the park, Tom gave a ring to"), nil)
	kate := w.ids(" Kate")[0]
	grid := array(t, o, "p_name")
	for i := range w.m.layers {
		for j := range w.m.layers {
			from := source.at[site{"post", i}]
			want := w.m.forward(w.clean, func(at site, x mat) {
				if at == (site{"post", j}) {
					copy(x[w.end()], from[len(from)-1])
				}
			}).prob(kate)
			near(t, "transfer", grid.at(i, j), want, tol)
		}
	}
}

func TestEffectsOverPrompts(t *testing.T) {
	w := begin(t)
	o := w.run("effects.patch")
	names := []string{"John", "Mary", "Tom", "Lisa"}
	forms := []string{"After [A] and [B] went to the store, [S] gave a ring to",
		"Then, [A] and [B] went to the park. [S] gave a book to", "When [A] and [B] went to the school, [S] gave a drink to"}
	const l, h = 1, 2
	var restored []float64
	total := 0.0
	for _, form := range forms {
		for i, a := range names {
			b := names[(i+1)%len(names)]
			prompt := func(s string) []int { return w.ids(strings.NewReplacer("[A]", a, "[B]", b, "[S]", s).Replace(form)) }
			right, wrong := w.ids(" " + a)[0], w.ids(" " + b)[0]
			good, bad := w.m.forward(prompt(b), nil), w.m.forward(prompt(a), nil)
			patched := w.m.forward(prompt(a), w.setHead(l, h, good.at[site{"z", l}])).diff(right, wrong)
			restored = append(restored, patched-bad.diff(right, wrong))
			total += good.diff(right, wrong) - bad.diff(right, wrong)
		}
	}
	n := float64(len(restored))
	mean, squares := 0.0, 0.0
	for i := range restored {
		restored[i] /= total / n
		mean += restored[i] / n
	}
	for _, x := range restored {
		squares += (x - mean) * (x - mean)
	}
	r := value(t, o, "over_prompts").(*results.Record)
	field := func(name string) float64 {
		x, _ := numbersOf(r.Vals[slices.Index(r.Keys, name)])
		return x.at(l, h)
	}
	near(t, "mean", field("mean"), mean, tol)
	near(t, "standard error", field("se"), math.Sqrt(squares/(n-1)/n), tol)
}

func TestCopyScores(t *testing.T) {
	w := begin(t)
	o := w.run("ov_copy.patch")
	names := []string{"John", "Mary", "Tom", "Lisa", "Paul", "Anna", "Mark", "Sarah", "Peter", "Kate", "James", "Helen"}
	const l, h = 2, 1
	copied := 0.0
	for i, name := range names {
		ids := w.ids("After " + name + " and " + names[(i+1)%len(names)] + " went to the store")
		x := w.m.forward(ids, nil).at[site{"post", 0}][1]
		normed, _ := w.m.norm("transformer.h.2.ln_1", mat{x})
		v := w.m.linear("transformer.h.2.attn.c_attn", normed)[0][2*w.m.width:]
		logits := w.m.lens(w.m.result(l, h, v))
		above := 0
		for _, y := range logits {
			if y > logits[ids[1]] {
				above++
			}
		}
		if above < 5 {
			copied += 1 / float64(len(names))
		}
	}
	near(t, "copy score", array(t, o, "copied").at(l, h), copied, tol)

	// the eigenvalues' sum is the trace of W_E W_V W_O W_U, over all tokens
	trace := 0.0
	for id := range w.m.vocab {
		v := make([]float64, w.m.width)
		for i, x := range w.m.embedding(id) {
			axpy(v, x, w.m.row("transformer.h.2.attn.c_attn.weight", i, 3*w.m.width)[2*w.m.width:])
		}
		trace += dot(w.m.result(l, h, v), w.m.embedding(id))
	}
	eigen := array(t, o, "eigen").at(l, h)
	if math.Signbit(eigen) != math.Signbit(trace) || math.Abs(eigen) > 1 {
		t.Errorf("eigenvalue score %v, the trace is %v", eigen, trace)
	}
}

func TestAutoencoder(t *testing.T) {
	w := begin(t)
	sae := autoencoder(t, w.model)
	o := run(t, "sae.patch", interp.Options{Model: w.model, Inputs: map[string]any{"sae": sae}})
	part := func(name string) numbers {
		x, _ := numbersOf(sae.Vals[slices.Index(sae.Keys, name)])
		return x
	}
	enc, bEnc, dec, bDec := part("W_enc"), part("b_enc"), part("W_dec"), part("b_dec")
	const l = 2
	features := func(x []float64) []float64 {
		f := slices.Clone(bEnc.data)
		for j := range f {
			for i := range x {
				f[j] += (x[i] - bDec.data[i]) * enc.at(i, j)
			}
			f[j] = max(0, f[j])
		}
		return f
	}
	stream := w.cleanActs.at[site{"post", l}]
	f := array(t, o, "f")
	var want []float64
	for p := range stream {
		want = features(stream[p])
		for j := range want {
			near(t, "feature", f.at(p, j), want[j], tol)
		}
	}
	strongest := argmax(want) // at the last position
	got := w.diff(w.clean, func(at site, x mat) {
		for p := 0; at == (site{"post", l}) && p < len(x); p++ {
			axpy(x[p], -features(stream[p])[strongest], dec.sub(strongest).data)
		}
	})
	near(t, "effect", array(t, o, "effect").at(0), got-w.cleanActs.diff(w.john, w.mary), tol)
	spliced := w.diff(w.clean, func(at site, x mat) {
		for p := 1; at == (site{"post", l}) && p < len(x); p++ {
			copy(x[p], bDec.data)
			for j, a := range features(stream[p]) {
				axpy(x[p], a, dec.sub(j).data)
			}
		}
	})
	near(t, "spliced", number(t, o, "spliced"), spliced, tol)
}

func TestHeadFinder(t *testing.T) {
	w := begin(t)
	o := w.run("head_finder.patch")
	names := []string{"John", "Mary", "Tom", "Lisa"}
	type pair struct {
		plain, other *acts
		ids          []int
		io, s        int
	}
	var pairs []pair
	total, written := 0.0, 0.0
	for i := range 8 {
		a, b, c := names[i%4], names[(i+1)%4], names[(i+2)%4]
		met := a + " and " + b
		if i >= 4 {
			met = b + " and " + a
		}
		ids := w.ids("After " + met + " went to the store, " + b + " gave a bottle of milk to")
		p := pair{w.m.forward(ids, nil), w.m.forward(w.ids("After "+met+" went to the store, "+c+" gave a bottle of milk to"), nil),
			ids, w.ids(" " + a)[0], w.ids(" " + b)[0]}
		pairs = append(pairs, p)
		total += p.plain.diff(p.io, p.s)
		x, mean := w.m.result(1, 2, p.plain.at[site{"z", 1}][w.end()]), 0.0
		for _, v := range x {
			mean += v / float64(len(x))
		}
		for k, v := range x {
			written += (v - mean) / p.plain.scale[w.end()] * w.m.w["transformer.ln_f.weight"][k] * (w.m.embedding(p.io)[k] - w.m.embedding(p.s)[k])
		}
	}
	near(t, "written directly", array(t, o, "writes").at(1, 2), written/total, tol)
	needed := func(l, h int) (lost float64) {
		for _, p := range pairs {
			lost += p.plain.diff(p.io, p.s) - w.m.forward(p.ids, func(at site, x mat) {
				if at == (site{"z", l}) {
					w.m.head(x, p.other.at[at], 9, h)
				}
			}).diff(p.io, p.s)
		}
		return lost / total
	}
	near(t, "needed", array(t, o, "needed").at(0, 0), needed(0, 0), tol)
	writes := array(t, o, "writes")
	through := 0.0
	for _, p := range pairs {
		sent := w.m.forward(p.ids, w.frozen(p.plain, 0, 3, p.other))
		through += p.plain.diff(p.io, p.s) - w.m.forward(p.ids, func(at site, x mat) {
			for h := 0; at.name == "q" && h < w.m.heads; h++ {
				if writes.at(at.layer, h) > 0.05 {
					w.m.head(x, sent.at[at], w.end(), h)
				}
			}
		}).diff(p.io, p.s)
	}
	near(t, "through queries", array(t, o, "through").at(0, 3), through/total, tol)

	var lists [][]int
	var next []int
	for i := range names {
		r := append(append([]string{}, names[i:]...), names[:i]...)
		for _, o := range [][]string{r, {r[0], r[2], r[1], r[3]}} {
			lists = append(lists, w.ids(" "+strings.Join(append(o, o[:2]...), " ")))
			next = append(next, w.ids(" " + o[2])[0])
		}
	}
	const l, h = 0, 1
	mean := make(mat, len(lists[0]))
	for p := range mean {
		mean[p] = make([]float64, w.m.width)
	}
	for _, ids := range lists {
		for p, z := range w.m.forward(ids, nil).at[site{"z", l}] {
			axpy(mean[p], 1/float64(len(lists)), z)
		}
	}
	lost := 0.0
	for i, ids := range lists {
		lost += math.Log(w.m.forward(ids, nil).prob(next[i])) - math.Log(w.m.forward(ids, func(at site, x mat) {
			for p := 0; at == (site{"z", l}) && p < len(x); p++ {
				w.m.head(x, mean, p, h)
			}
		}).prob(next[i]))
	}
	near(t, "lost in a repeated list", array(t, o, "continues").at(l, h), lost/float64(len(lists)), tol)
}

// TestHeadsOfTheDefaultModel: the roles that docs/models.md names are there, and the heads that inhibit carry
// much of the difference.
func TestHeadsOfTheDefaultModel(t *testing.T) {
	o := run(t, "head_finder.patch", interp.Options{})
	for _, role := range []string{"inhibition", "name mover", "induction"} {
		if !strings.Contains(o.text, "\n"+role+" ") {
			t.Errorf("there is no head with the role %s:\n%s", role, o.text)
		}
	}
	if got := number(t, o, "together"); got < 0.3 {
		t.Errorf("the inhibition heads together carry %.2f of the difference, want 0.3 or more", got)
	}
}

func TestEvaluation(t *testing.T) {
	w := begin(t)
	o := w.run("ioi_eval.patch")
	diff, place, p := array(t, o, "diff"), array(t, o, "place"), array(t, o, "p")
	for i, s := range []struct{ prompt, io, s string }{
		{clean, " John", " Mary"}, {corrupted, " Mary", " John"},
		{"When Tom and Lisa went to the park, Lisa gave a ring to", " Tom", " Lisa"},
		{"When Tom and Lisa went to the park, Tom gave a ring to", " Lisa", " Tom"},
		{"Then, Paul and Sarah went to the school. Sarah gave a book to", " Paul", " Sarah"},
		{"Then, Peter and Anna were working at the office. Peter decided to give a letter to", " Anna", " Peter"},
	} {
		a, io := w.m.forward(w.ids(s.prompt), nil), w.ids(s.io)[0]
		near(t, s.prompt, diff.at(i), a.diff(io, w.ids(s.s)[0]), tol)
		near(t, s.prompt, p.at(i), a.prob(io), tol)
		above := 0
		for _, y := range a.last() {
			if y > a.last()[io] {
				above++
			}
		}
		near(t, s.prompt, place.at(i), float64(above), 0)
	}
}
