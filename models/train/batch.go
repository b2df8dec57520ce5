package main

import (
	"fmt"
	"math/rand/v2"
)

// batch is rows of tokens that follow one another in memory, each row length tokens long.
type batch struct {
	length  int
	tokens  []int32
	targets []int32   // the token after each
	weights []float32 // what missing each target counts
	slips   []int32   // what stands in the target's place now and then; -1: nothing
}

// mix is the shares of the kinds of rows, the rest being sentences of other kinds.
type mix struct {
	give, stranger, nobody, bystander, crowd, repeat float64
}

// sureWeight is what a token counts that the context determines; any other counts 1.
const sureWeight = 6

// repeatWeight is what a repeated token of a random sequence counts: there are many of them, and until
// they are learnt they are mostly noise to the rest.
const repeatWeight = 2

// source makes batches of fresh rows: row r of step s depends on the seed, s and r alone.
type source struct {
	seed  uint64
	ids   map[string]int32 // of words with the space before them
	words []int32          // all of them
	names []int32          // those of names, with a space
	end   int32
}

// newSource numbers the words of the corpus.
func newSource(seed uint64, v vocabulary, words map[string]int) (*source, error) {
	ids, runes := v.ids(), written()
	s := &source{seed: seed, ids: map[string]int32{}, end: int32(ids[endOfText])}
	for _, w := range sorted(words) {
		id, ok := ids[runes(w)]
		if !ok {
			return nil, fmt.Errorf("%q is not one token", w)
		}
		s.ids[w] = int32(id)
		s.words = append(s.words, int32(id))
	}
	for _, n := range names {
		s.names = append(s.names, s.ids[" "+n])
	}
	return s, nil
}

// batch makes the rows of a step.
func (s *source) batch(step, rows, length int, m mix) *batch {
	b := &batch{length: length}
	for r := range rows {
		w := &writer{Rand: rand.New(rand.NewPCG(s.seed, uint64(step)<<20|uint64(r)))}
		row := s.row(w, length+1, m)
		for i, t := range row[:length] {
			b.tokens = append(b.tokens, t.id)
			b.targets = append(b.targets, row[i+1].id)
			b.weights = append(b.weights, row[i+1].weight)
			b.slips = append(b.slips, row[i+1].slip)
		}
	}
	return b
}

// item is a token of a row and what missing it counts.
type item struct {
	id     int32
	weight float32
	slip   int32
}

// row makes a row: a random sequence again and again, or texts with the end of text between them.
func (s *source) row(w *writer, length int, m mix) []item {
	var row []item
	if w.IntN(4) == 0 {
		row = append(row, item{s.end, 0, -1})
	}
	if w.Float64() < m.repeat {
		return s.repeat(w, row, length)
	}
	for len(row) < length {
		for _, t := range m.text(w) {
			weight := float32(1)
			if t.sure {
				weight = sureWeight
			}
			slip := int32(-1)
			if t.slip != "" {
				slip = s.ids[t.slip]
			}
			row = append(row, item{s.ids[t.text], weight, slip})
		}
		row = append(row, item{s.end, 1, -1})
	}
	return row[:length]
}

// repeat fills a row with a random sequence of names or of any words; what is new in it counts nothing.
// Short sequences are likelier.
func (s *source) repeat(w *writer, row []item, length int) []item {
	from, period, words := len(row), 3+w.IntN(1+w.IntN(length/2-3)), s.words
	if w.IntN(2) == 0 {
		words = s.names
	}
	for range period {
		row = append(row, item{pick(w, words), 0, -1})
	}
	for i := from; len(row) < length; i++ {
		row = append(row, item{row[i].id, repeatWeight, -1})
	}
	return row
}

// text is one text of the mix.
func (m mix) text(w *writer) []word {
	x := w.Float64() * (1 - m.repeat)
	among := func(share float64) bool {
		x -= share
		return x < 0
	}
	var out []word
	switch {
	case among(m.give):
		out = w.give(false, false).words
	case among(m.stranger):
		out = w.stranger()
	case among(m.nobody):
		out = w.nobody()
	case among(m.bystander):
		out = w.bystander()
	case among(m.crowd):
		out = w.crowd()
	case w.IntN(16) == 0:
		return w.count()
	default:
		return w.other(plain)
	}
	if w.IntN(4) == 0 {
		first := w.other(before)
		out[0].text = " " + out[0].text
		out = append(first, out...)
	}
	return out
}
