package main

import (
	"io/fs"
	"math/rand/v2"
	"testing"

	"interp/models"
	"interp/nnrt"
	"interp/nnrt/kern"
)

// shipped is the model inside the binary.
func shipped(t *testing.T) (*nnrt.Model, fs.FS) {
	t.Helper()
	dir, ok := models.FS(models.Default)
	if !ok {
		t.Fatalf("%s is not embedded", models.Default)
	}
	m, err := nnrt.Open(models.Default, dir)
	if err != nil {
		t.Fatal(err)
	}
	p := kern.NewPool(2)
	if err := m.Load(nnrt.LoadOptions{Pool: p}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		m.Close()
		p.Close()
	})
	return m, dir
}

func TestShippedVocabularyIsThatOfTheCorpus(t *testing.T) {
	_, dir := shipped(t)
	v := learn(corpusWords(1))
	for name, want := range map[string]string{"vocab.json": v.vocabJSON(), "merges.txt": v.mergesText()} {
		got, err := fs.ReadFile(dir, name)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != want {
			t.Errorf("%s is not what the corpus gives: train the shipped model anew", name)
		}
	}
}

// What docs/models.md promises, on sentences that the training never saw.
func TestShippedModelDoesTheTask(t *testing.T) {
	m, _ := shipped(t)
	for _, c := range []struct {
		name           string
		names, objects bool
	}{
		{"held-out names", true, false},
		{"held-out objects", false, true},
		{"both held out", true, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := &writer{Rand: rand.New(rand.NewPCG(99, 0))}
			var tasks []task
			for range 300 {
				tasks = append(tasks, w.give(c.names, c.objects))
			}
			r, err := measure(m, tasks)
			if err != nil {
				t.Fatal(err)
			}
			if r.right < 0.98 || r.diff < 2.5 || r.diff > 6 {
				t.Errorf("%v; want 98 %% right or more and a mean difference of 2.5 to 6", r)
			}
		})
	}
	t.Run("the README's prompts", func(t *testing.T) {
		for prompt, sign := range map[string]float64{clean: 1, corrupted: -1} {
			r, err := measure(m, []task{pair(prompt)})
			if err != nil {
				t.Fatal(err)
			}
			if r.diff*sign < 2 {
				t.Errorf("%q: John above Mary by %.2f", prompt, r.diff)
			}
		}
	})
}

func TestShippedModelContinuesRepeatedSequences(t *testing.T) {
	m, _ := shipped(t)
	share, err := others[0].measure(m)
	if err != nil {
		t.Fatal(err)
	}
	if share < 0.95 {
		t.Errorf("%s: %.1f %%, want 95 %% or more", others[0].name, 100*share)
	}
}
