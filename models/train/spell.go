package main

import (
	"maps"
	"math/rand/v2"
	"slices"

	"interp/nnrt/token"
)

// sample is the number of texts that the vocabulary is learnt from.
const sample = 20000

// corpusWords counts the words of a sample of the corpus. Each name is in it with and without a space
// before it.
func corpusWords(seed uint64) map[string]int {
	w := &writer{Rand: rand.New(rand.NewPCG(seed, 0))}
	count := map[string]int{}
	for range sample {
		for _, t := range (mix{give: 0.3, nobody: 0.1, bystander: 0.05, crowd: 0.1}).text(w) {
			count[t.text]++
		}
	}
	for _, n := range names {
		count[n]++
		count[" "+n]++
	}
	return count
}

// written gives a function that writes text as the files of GPT-2 do.
func written() func(text string) string {
	runes := token.ByteRunes()
	return func(text string) string {
		out := make([]rune, len(text))
		for i := range len(text) {
			out[i] = runes[text[i]]
		}
		return string(out)
	}
}

// sorted is the words in order of bytes.
func sorted(words map[string]int) []string { return slices.Sorted(maps.Keys(words)) }
