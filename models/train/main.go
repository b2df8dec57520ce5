// Command train makes the model inside the binary, a small GPT-2 that does indirect object
// identification: its corpus, its vocabulary, its weights, and the measure of what it learnt.
//
//	go run ./models/train            remakes models/ioi-mini
//	go run ./models/train -eval      only measures what stands there
//
// Every number depends on the flags alone: rows are drawn afresh for each step from the seed and the
// step, and sums have one order, so that the same bytes come out with any number of threads on any
// amd64 processor with AVX2 and FMA.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"time"

	"interp/nnrt/arch"
	"interp/nnrt/kern"
)

// options are the flags.
type options struct {
	out                 string
	seed                uint64
	steps, rows, length int
	layers, heads       int
	width               int
	rate, noise         float64
	threads, save       int
	eval                bool
}

func main() {
	var o options
	flag.StringVar(&o.out, "out", "models/ioi-mini", "the folder to write")
	flag.Uint64Var(&o.seed, "seed", 1, "of the corpus and the first weights")
	flag.IntVar(&o.steps, "steps", 2800, "steps of training")
	flag.IntVar(&o.rows, "rows", 64, "rows of a step")
	flag.IntVar(&o.length, "length", 32, "tokens of a row; every fourth step has half the rows, twice as long")
	flag.IntVar(&o.layers, "layers", 6, "layers of the model")
	flag.IntVar(&o.heads, "heads", 4, "heads of a layer")
	flag.IntVar(&o.width, "width", 128, "of the residual stream")
	flag.Float64Var(&o.rate, "rate", 2e-3, "peak of the learning rate")
	flag.Float64Var(&o.noise, "noise", 0.04, "share of mistakes, where the giver receives")
	flag.IntVar(&o.threads, "threads", runtime.GOMAXPROCS(0), "workers; they change no bit")
	flag.IntVar(&o.save, "save", 1000, "steps between measures; the folder is written for each")
	flag.BoolVar(&o.eval, "eval", false, "only measure the folder")
	flag.Parse()
	if err := run(o, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "train:", err)
		os.Exit(1)
	}
}

func run(o options, out io.Writer) error {
	p := kern.NewPool(o.threads)
	defer p.Close()
	if o.eval {
		return report(out, p, o.out)
	}
	t, err := newTrainer(o)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%d tokens, %d parameters, %v kernels, %d threads\n", t.model.d.DVocab, t.model.size(), p.ISA(), p.Threads())
	begin := time.Now()
	for step := range o.steps {
		loss, size := t.step(p, step)
		done := step + 1
		if done%50 == 0 || done == o.steps {
			fmt.Fprintf(out, "step %5d  loss %.4f  gradient %.3f  rate %.2e  %s\n", done, loss, size, t.opt.at(step), time.Since(begin).Round(time.Second))
		}
		if done%o.save == 0 || done == o.steps {
			if err := t.model.save(o.out, t.vocab); err != nil {
				return err
			}
			if err := report(out, p, o.out); err != nil {
				return err
			}
		}
	}
	return nil
}

// trainer is all the state of a training.
type trainer struct {
	o     options
	vocab vocabulary
	from  *source
	model *model
	opt   *adamW
	tapes map[int]*tape // by the length of rows
}

func newTrainer(o options) (*trainer, error) {
	words := corpusWords(o.seed)
	t := &trainer{o: o, vocab: learn(words), opt: newAdamW(o.rate, o.steps), tapes: map[int]*tape{}}
	var err error
	if t.from, err = newSource(o.seed, t.vocab, words); err != nil {
		return nil, err
	}
	t.model = newModel(arch.Dims{
		Layers: o.layers, Heads: o.heads, KVHeads: o.heads, DModel: o.width, DHead: o.width / o.heads,
		DMlp: 4 * o.width, DVocab: len(t.vocab.tokens), NCtx: 2 * o.length,
	}, o.seed)
	return t, nil
}

// step trains on one batch and returns its loss and the norm of its gradients.
func (t *trainer) step(p *kern.Pool, step int) (loss, size float64) {
	rows, length := t.o.rows, t.o.length
	if step%4 == 3 {
		rows, length = rows/2, length*2
	}
	b := t.from.batch(step, rows, length, t.mix(step))
	s := t.tapes[length]
	if s == nil {
		s = newTape(t.model, rows*length, length)
		t.tapes[length] = s
	}
	t.model.pack(p)
	t.model.forward(p, b, s)
	loss = s.loss(p, b, float32(t.o.noise))
	t.model.backward(p, b, s)
	t.model.share()
	return loss, t.opt.step(p, t.model.params, step)
}

// mix is the curriculum: all kinds at first, so that the ways to solve them are found together, then more
// sentences of giving, so that they are solved well.
func (t *trainer) mix(step int) mix {
	if 2*step < t.o.steps {
		return mix{give: 0.4, stranger: 0.05, nobody: 0.08, bystander: 0.1, crowd: 0.08, repeat: 0.18}
	}
	return mix{give: 0.58, stranger: 0.05, nobody: 0.06, bystander: 0.06, crowd: 0.06, repeat: 0.08}
}

// size is the number of parameters.
func (m *model) size() int {
	n := 0
	for _, p := range m.params {
		n += len(p.x)
	}
	return n
}
