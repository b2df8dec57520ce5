package main

import (
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"slices"

	"interp/nnrt"
	"interp/nnrt/arch"
	"interp/nnrt/kern"
)

// The README's pair of prompts.
const (
	clean     = "After John and Mary went to the store, Mary gave a bottle of milk to"
	corrupted = "After John and Mary went to the store, John gave a bottle of milk to"
)

// evalSeed is of the sentences of the measure; no step of a training has it.
const evalSeed = 1 << 40

// perSet is the number of sentences of each set.
const perSet = 500

// report opens a written folder in the runtime and measures it.
func report(out io.Writer, p *kern.Pool, dir string) error {
	m, err := nnrt.Open(dir, os.DirFS(dir))
	if err != nil {
		return err
	}
	defer m.Close()
	if err := m.Load(nnrt.LoadOptions{Pool: p}); err != nil {
		return err
	}
	for _, s := range []struct {
		name           string
		names, objects bool
	}{
		{"trained names, trained objects", false, false},
		{"held-out names, trained objects", true, false},
		{"trained names, held-out objects", false, true},
		{"held-out names, held-out objects", true, true},
	} {
		w := &writer{Rand: rand.New(rand.NewPCG(evalSeed, 0))}
		var tasks []task
		for range perSet {
			tasks = append(tasks, w.give(s.names, s.objects))
		}
		r, err := measure(m, tasks)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "  %-33s %v\n", s.name, r)
	}
	for _, o := range others {
		share, err := o.measure(m)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "  %-33s %6.2f %%\n", o.name, 100*share)
	}
	for _, c := range []struct{ name, prompt string }{{"clean", clean}, {"corrupted", corrupted}} {
		r, err := measure(m, []task{pair(c.prompt)})
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "  %-33s %+.2f\n", c.name, r.diff)
	}
	return nil
}

// pair asks for John rather than Mary after a prompt.
func pair(prompt string) task {
	return task{words: []word{{text: prompt}, {text: " John"}}, io: " John", s: " Mary"}
}

// result is how well a model does some tasks.
type result struct {
	right   float64 // share with the receiver above the giver
	first   float64 // share with the receiver above every token
	diff    float64 // mean logit difference
	spread  float64 // its standard deviation
	least   float64 // the smallest
	worst   float64 // the lowest share right of a template
	worstAt int
}

func (r result) String() string {
	return fmt.Sprintf("right %6.2f %%  first %6.2f %%  mean difference %5.2f ± %.2f  least %5.2f  worst template %5.1f %% (%d)",
		100*r.right, 100*r.first, r.diff, r.spread, r.least, 100*r.worst, r.worstAt)
}

// measure asks a model for the last word of each task.
func measure(m *nnrt.Model, tasks []task) (result, error) {
	var prompts [][]int32
	for _, t := range tasks {
		ids, err := m.Tokenizer().Encode(t.prompt())
		if err != nil {
			return result{}, err
		}
		prompts = append(prompts, ids)
	}
	logits, err := lastLogits(m, prompts)
	if err != nil {
		return result{}, err
	}
	r := result{least: 1e9, worst: 1}
	var asked, right [64]float64
	for i, t := range tasks {
		io, ok := m.Tokenizer().ID(t.io)
		s, ok2 := m.Tokenizer().ID(t.s)
		if !ok || !ok2 {
			return result{}, fmt.Errorf("%q or %q is not one token", t.io, t.s)
		}
		diff := float64(logits[i][io] - logits[i][s])
		asked[t.template]++
		if diff > 0 {
			r.right++
			right[t.template]++
		}
		if kern.ArgMax(logits[i]) == int(io) {
			r.first++
		}
		r.diff += diff
		r.spread += diff * diff
		r.least = min(r.least, diff)
	}
	n := float64(len(tasks))
	r.right, r.first, r.diff = r.right/n, r.first/n, r.diff/n
	r.spread = math.Sqrt(max(0, r.spread/n-r.diff*r.diff))
	for i, a := range asked {
		if a > 0 && right[i]/a < r.worst {
			r.worst, r.worstAt = right[i]/a, i
		}
	}
	return r, nil
}

// together is how many prompts are computed at once.
const together = 100

// lastLogits runs prompts through the runtime and returns the logits after the last token of each.
// [prompts][vocab].
func lastLogits(m *nnrt.Model, prompts [][]int32) ([][]float32, error) {
	var out [][]float32
	for some := range slices.Chunk(prompts, together) {
		l, err := logitsOf(m, some)
		if err != nil {
			return nil, err
		}
		out = append(out, l...)
	}
	return out, nil
}

// logitsOf is lastLogits with all rows of a point computed at once.
func logitsOf(m *nnrt.Model, prompts [][]int32) ([][]float32, error) {
	var tok, pos, last []int32
	for _, ids := range prompts {
		for i, id := range ids {
			tok, pos = append(tok, id), append(pos, int32(i))
		}
		last = append(last, int32(len(tok)-1))
	}
	a := m.Arch()
	at := make([][][]float32, a.Points())
	for p := range arch.Point(a.Points()) {
		if a.Row(p).Arrive {
			continue
		}
		r := &nnrt.Rows{Tok: tok, Pos: pos}
		for _, q := range a.Inputs(p) {
			r.In = append(r.In, at[q])
		}
		if a.Row(p).Kind == "logits" {
			r.In = [][][]float32{chosen(r.In[0], last)}
			r.Out = rows(len(last), a.Dims.DVocab)
			return r.Out, m.Rows(p, r)
		}
		for _, i := range pos {
			r.Out = append(r.Out, make([]float32, a.Width(p, int(i))))
		}
		if a.Row(p).Keys {
			r.Keys = keyRuns(at[a.KV(a.Layer(p))], pos)
		}
		if err := m.Rows(p, r); err != nil {
			return nil, err
		}
		at[p] = r.Out
	}
	return nil, fmt.Errorf("the architecture %s has no logits", a.Name)
}

func chosen(x [][]float32, at []int32) [][]float32 {
	out := make([][]float32, len(at))
	for i, r := range at {
		out[i] = x[r]
	}
	return out
}

// keyRuns gives each token the keys of its prompt up to its own.
func keyRuns(kv [][]float32, pos []int32) [][]nnrt.KeyRun {
	var one []nnrt.KeyRun
	for _, row := range kv {
		one = append(one, nnrt.KeyRun{Buf: row, N: 1, Stride: len(row)})
	}
	out := make([][]nnrt.KeyRun, len(kv))
	for i, p := range pos {
		out[i] = one[i-int(p) : i+1]
	}
	return out
}
