package behave

import (
	"fmt"
	"testing"

	"interp/internal/results"
)

// Work is counted in states: rows of the four stages of a block. A dense run of a prompt takes
// layers x length x stages of them.

func Test15ABlockWhoseOutputIsSetWholeIsNotComputed(t *testing.T) {
	l := run(t, `invoke clean { save a = logits }`)
	l.planned(layers * length * stages)
	one := run(t, `invoke clean { set transformer.h[1].output = 0.5; save a = logits }`)
	one.planned(2 * length * stages)
	chain := run(t, `
invoke clean {
    set transformer.h[0].output = 0.5
    set transformer.h[2].output = transformer.h[0].output
    save a = logits
}`)
	chain.planned(1 * length * stages)
	direct := run(t, `invoke clean { set transformer.h[2].output = 0.5; save a = logits }`)
	chain.equalIn("a", direct, "a")
	if bitsDiffer(chain.nums("a"), one.nums("a")) == nil {
		t.Error("the set of block 2 is not seen")
	}
	mlp := run(t, `invoke clean { set transformer.h[1].mlp.output = 0; save a = logits }`)
	mlp.planned((layers*stages - 1) * length)
}

func Test24StartingAtALayerFromGivenValues(t *testing.T) {
	first := run(t, `invoke clean { save a = logits; for l in range(n_layers) { save x[l] = blocks[l].hook_resid_pre } }`)
	v, _ := first.Value("x")
	for l := range layers {
		t.Run(fmt.Sprint("layer ", l), func(t *testing.T) {
			data := v.(*results.Array).Data.([]float32)
			n := len(data) / layers
			in := &results.Array{Axes: []string{"batch", "pos", "d_model"}, Shape: []int{1, length, 128}, Data: data[l*n : (l+1)*n]}
			// other tokens than those of the values: nothing of them may be seen
			src := fmt.Sprintf("input x\ninvoke corrupted { set blocks[%d].hook_resid_pre = x; save a = logits }", l)
			got := runWith(t, src, map[string]any{"x": in})
			got.equalIn("a", first, "a")
			got.planned(int64(layers-l) * length * stages)
		})
	}
}

func Test30ASetLeavesLowerLayersAndEarlierPositionsAlone(t *testing.T) {
	const at, pos = 1, 6
	body := "save a = logits; for l in range(n_layers) { save pre[l] = blocks[l].hook_resid_pre; save mid[l] = blocks[l].hook_resid_mid; save z[l] = blocks[l].attn.hook_z; save k[l] = blocks[l].attn.hook_k }\n"
	plain := run(t, "invoke clean { "+body+"}")
	src := fmt.Sprintf("invoke clean { set blocks[%d].hook_resid_pre[0, %d] += 1; %s}", at, pos, body)
	patched := run(t, src)
	for _, name := range []string{"pre", "mid", "z", "k"} {
		x, y := plain.nums(name), patched.nums(name)
		n := len(x) / layers / length
		changed := 0
		for l := range layers {
			for p := range length {
				from := (l*length + p) * n
				same := bitsDiffer(x[from:from+n], y[from:from+n]) == nil
				if below := l < at || p < pos; below && !same {
					t.Errorf("%s of layer %d, position %d changed", name, l, p)
				} else if !below && !same {
					changed++
				}
			}
		}
		if changed == 0 {
			t.Errorf("%s changed nowhere", name)
		}
	}
	// the patched run beside the plain one: at the position itself all of the layers from at on, at later
	// ones all but keys and queries of the first
	both := run(t, fmt.Sprintf("invoke clean { save a = logits }\ninvoke clean { set blocks[%d].hook_resid_pre[0, %d] += 1; save b = logits }", at, pos))
	both.planned(layers*length*stages + (layers-at)*stages + (length-1-pos)*((layers-at)*stages-1))
	both.unequal("a", "b")
}

func Test31PatchingAWholeLayerFromCleanIsTheCleanRun(t *testing.T) {
	l := run(t, `
invoke clean { save want = logits; for l in range(n_layers) { save x[l] = blocks[l].hook_resid_pre } }
for l in range(n_layers) { invoke corrupted { set blocks[l].hook_resid_pre = x[l]; save got[l] = logits } }`)
	want, got := l.nums("want"), l.nums("got")
	for k := range layers {
		if err := bitsDiffer(got[k*len(want):(k+1)*len(want)], want); err != nil {
			t.Errorf("layer %d: %v", k, err)
		}
	}
	l.planned(layers * length * stages)
	other := run(t, `invoke corrupted { save a = logits }`)
	if bitsDiffer(other.nums("a"), want) == nil {
		t.Error("the prompts give the same logits")
	}
}

// A condition on a result makes nothing twice.
func TestAConditionCostsNoWork(t *testing.T) {
	src := "invoke clean { set blocks[0].ln2.hook_scale[0, :] = 2; save s = blocks[3].hook_resid_pre[0, 1, 5] }\n"
	plain := run(t, src)
	plain.planned(3*2*stages - stages) // three blocks of two positions; of the first in the last block keys and values alone
	run(t, src+"if s > 0 { print s }").planned(plain.Stats.StatesPlanned)
}

// A step of generation costs its one position, whoever reads it: the token, sites at that step, and runs
// beside it that go on with it.
func TestAStepOfGenerationIsMadeOnce(t *testing.T) {
	const steps = 5
	prompt := layers*length*stages - (length-1)*stages // of the last block the last position alone
	for _, c := range []struct {
		name, src string
		states    int
		chunks    int64
	}{
		{"tokens alone", "save ids = generated", prompt + (steps-1)*layers*stages, steps},
		{"a site at each step too", "save ids = generated; iter k in all { save x[k] = blocks[2].hook_resid_mid[0, -1] }", prompt + (steps-1)*layers*stages, steps},
		{"logits of each step, the last of which gives no token", "iter k in all { save x[k] = argmax(logits[0, -1]) }", prompt + (steps-1)*layers*stages, steps},
		{"a changed prompt and what it leads to", "set blocks[0].hook_resid_pre = 2; save ids = generated; save x = logits[0, -1]", prompt + (steps-1)*layers*stages, steps},
		{"two rows of one invoke", "save ids = generated }; invoke [clean, clean] { set blocks[0].hook_resid_pre[:] = randn(2, 16, d_model); save more = generated", 3*prompt + 3*(steps-1)*layers*stages, steps},
		{"two runs", "save ids = generated }; invoke corrupted { set blocks[0].hook_resid_pre = 2; save more = generated", 2*prompt + 2*(steps-1)*layers*stages, steps},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := run(t, fmt.Sprintf("generate(max_new_tokens=%d) { invoke clean { %s } }", steps, c.src))
			l.planned(int64(c.states))
			if l.Stats.Chunks != c.chunks || l.Stats.Passes != steps {
				t.Errorf("it took %d chunks and %d passes, want %d and %d", l.Stats.Chunks, l.Stats.Passes, c.chunks, steps)
			}
		})
	}
}

// A sweep in which a condition asks for each result costs little more than one that is planned whole, also
// where the patched runs come before the runs that they share rows with.
func TestAConditionInASweepCostsLittle(t *testing.T) {
	sweep := func(decide string) *lab {
		return run(t, `
invoke clean { save x = blocks[:].hook_resid_pre }
best = -1000
for l in range(n_layers) {
    for p in range(len(tokens(clean))) {
        invoke corrupted { set blocks[l].hook_resid_pre[0, p] = x[l, 0, p]; save d[l, p] = logits[0, -1, 5] }
        `+decide+`
    }
}
print best`)
	}
	whole, forced := sweep("best = max(best, d[l, p])"), sweep("if d[l, p] > best { best = d[l, p] }")
	if a, b := whole.Stats.StatesPlanned, forced.Stats.StatesPlanned; 10*b > 12*a {
		t.Errorf("with a condition %d states, without %d", b, a)
	}
	if whole.Stats.Chunks != 1 {
		t.Errorf("without it takes %d chunks", whole.Stats.Chunks)
	}
}
