package main

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"slices"
	"testing"

	"interp/nnrt"
	"interp/nnrt/kern"
)

// small is a training of a second.
var small = options{seed: 7, steps: 50, rows: 8, length: 24, layers: 2, heads: 2, width: 32, rate: 1e-2, noise: 0.02}

// trained does a whole training and returns the trainer and the last loss.
func trained(t *testing.T, o options, opts ...kern.Option) (*trainer, float64) {
	t.Helper()
	p := kern.NewPool(o.threads, opts...)
	defer p.Close()
	if p.ISA() < kern.AVX2 {
		t.Skip("the bits are promised for AVX2 with FMA, which this processor lacks")
	}
	tr, err := newTrainer(o)
	if err != nil {
		t.Fatal(err)
	}
	loss := 0.0
	for step := range o.steps {
		loss, _ = tr.step(p, step)
	}
	return tr, loss
}

func hash(m *model) string {
	h := sha256.New()
	for _, p := range m.params {
		if err := binary.Write(h, binary.LittleEndian, p.x); err != nil {
			panic(err)
		}
	}
	return fmt.Sprintf("%x", h.Sum(nil)[:8])
}

// fifty is the hash of the weights after the small training.
const fifty = "dbb2ca25f344a819"

func TestFiftyStepsGiveTheSameBits(t *testing.T) {
	for _, c := range []struct {
		name    string
		threads int
		isa     kern.ISA
	}{
		{"one worker", 1, kern.AVX512},
		{"two workers", 2, kern.AVX512},
		{"five workers with AVX2", 5, kern.AVX2},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := small
			o.threads = c.threads
			tr, _ := trained(t, o, kern.WithISA(c.isa))
			if got := hash(tr.model); got != fifty {
				t.Errorf("the weights hash to %s, want %s: after a change of corpus or training, train the shipped model anew", got, fifty)
			}
		})
	}
}

func TestFirstLayersShareQueriesAndKeys(t *testing.T) {
	o := small
	o.steps, o.layers, o.threads = 5, sharing+1, 1
	tr, _ := trained(t, o)
	for l, b := range tr.model.blocks {
		same := true
		for _, row := range append(b.qkv.inputs(b.qkv.w.x), b.qkv.b.x) {
			same = same && slices.Equal(row[:o.width], row[o.width:2*o.width])
		}
		if want := l < sharing; same != want {
			t.Errorf("layer %d: queries and keys have the same weights: %v, want %v", l, same, want)
		}
	}
}

func TestOtherSeedsGiveOtherBits(t *testing.T) {
	o := small
	o.steps, o.seed, o.threads = 2, 8, 1
	a, _ := trained(t, o)
	o.seed = 9
	b, _ := trained(t, o)
	if hash(a.model) == hash(b.model) {
		t.Error("seeds 8 and 9 give the same weights")
	}
}

func TestTrainingLowersTheLoss(t *testing.T) {
	o := small
	o.threads = 2
	tr, loss := trained(t, o)
	if begin := math.Log(float64(tr.model.d.DVocab)); loss > begin-0.5 {
		t.Errorf("the loss ended at %.2f, want well below %.2f, that of guessing", loss, begin)
	}
}

// The runtime computes from the written folder what the training computed.
func TestWrittenFolderGivesTheSameLogits(t *testing.T) {
	o := small
	o.steps, o.threads = 5, 2
	tr, _ := trained(t, o)
	dir := t.TempDir()
	if err := tr.model.save(dir, tr.vocab); err != nil {
		t.Fatal(err)
	}
	p := kern.NewPool(2)
	defer p.Close()
	m, err := nnrt.Open("written", os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if err := m.Load(nnrt.LoadOptions{Pool: p}); err != nil {
		t.Fatal(err)
	}
	if w := m.Warnings(); len(w) > 0 {
		t.Errorf("warnings: %q", w)
	}

	b := tr.from.batch(3, 4, o.length, tr.mix(3))
	s := newTape(tr.model, len(b.tokens), b.length)
	tr.model.pack(p)
	tr.model.forward(p, b, s)
	var prompts [][]int32
	for r := range b.tokens {
		prompts = append(prompts, b.tokens[r/b.length*b.length:r+1])
	}
	got, err := lastLogits(m, prompts)
	if err != nil {
		t.Fatal(err)
	}
	for r, want := range s.logits {
		for i, x := range want {
			if math.Abs(float64(got[r][i]-x)) > 1e-5 {
				t.Fatalf("token %d, logit %d: the runtime gives %v, the training %v", r, i, got[r][i], x)
			}
		}
	}
}
