package main

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"interp/nnrt"
	"interp/nnrt/kern"
)

// other is a measure of what the model can do besides the task: prompts with the answers that are
// right, and whether the share is of prompts whose first token is one of them, or their probability.
type other struct {
	name        string
	probability bool
	make        func(w *writer, words []string) (prompt string, answers []string)
}

// perOther is the number of prompts of each.
const perOther = 300

var others = []other{
	{"repeated sequences, next is first", false, func(w *writer, words []string) (string, []string) {
		prompt := ""
		order := w.Perm(len(words))[:10]
		for i := range 15 {
			prompt += " " + words[order[i%10]]
		}
		return prompt, []string{words[order[5]]}
	}},
	{"one of three gives, other two", true, func(w *writer, _ []string) (string, []string) {
		n := w.people(3, false)
		return fmt.Sprintf("Then, %s, %s and %s went to the %s. %s gave a %s to", n[0], n[1], n[2], pick(w, places), n[0], pick(w, objects)), []string{n[1], n[2]}
	}},
	{"a stranger gives, the two who met", true, func(w *writer, _ []string) (string, []string) {
		n := w.people(3, false)
		return fmt.Sprintf("After %s and %s went to the %s, %s gave a %s to", n[0], n[1], pick(w, places), n[2], pick(w, objects)), n[:2]
	}},
	{"one of two is named again, other is first", false, func(w *writer, _ []string) (string, []string) {
		n := w.people(2, false)
		return fmt.Sprintf("Then, %s and %s went to the %s. %s was %s. A %s was given to", n[0], n[1], pick(w, places), n[1], pick(w, moods), pick(w, objects)), n[:1]
	}},
	{"pronouns, right is first", false, func(w *writer, _ []string) (string, []string) {
		if w.IntN(2) == 0 {
			return pick(w, girls) + " said that", []string{"she"}
		}
		return pick(w, boys) + " said that", []string{"he"}
	}},
	{"agreement, right is first", false, func(w *writer, _ []string) (string, []string) {
		one, many := pick(w, nouns), pick(w, nouns)
		if w.IntN(2) == 0 {
			return fmt.Sprintf("The %s near the %s", one[0], many[1]), []string{"is"}
		}
		return fmt.Sprintf("The %s near the %s", many[1], one[0]), []string{"are"}
	}},
	{"capitals and landmarks, first", false, func(w *writer, _ []string) (string, []string) {
		if w.IntN(2) == 0 {
			c := pick(w, capitals)
			return "The capital of " + c[0] + " is", []string{c[1]}
		}
		l := pick(w, landmarks)
		return "The " + l[0] + " is in the city of", []string{l[1]}
	}},
}

// measure is the share of prompts answered right, or the mean probability of the right answers.
func (o other) measure(m *nnrt.Model) (float64, error) {
	w := &writer{Rand: rand.New(rand.NewPCG(evalSeed, 1))}
	words := slices.Concat(names, places, animals, adjectives, moods, colors)
	words = slices.Compact(slices.Sorted(slices.Values(words)))
	var prompts [][]int32
	var right [][]int32
	for range perOther {
		prompt, answers := o.make(w, words)
		ids, err := m.Tokenizer().Encode(prompt)
		if err != nil {
			return 0, err
		}
		prompts = append(prompts, ids)
		var tokens []int32
		for _, a := range answers {
			id, ok := m.Tokenizer().ID(" " + a)
			if !ok {
				return 0, fmt.Errorf("%q is not one token", a)
			}
			tokens = append(tokens, id)
		}
		right = append(right, tokens)
	}
	logits, err := lastLogits(m, prompts)
	if err != nil {
		return 0, err
	}
	sum := 0.0
	for i, l := range logits {
		if !o.probability {
			if slices.Contains(right[i], int32(kern.ArgMax(l))) {
				sum++
			}
			continue
		}
		kern.Softmax(l, l)
		for _, id := range right[i] {
			sum += float64(l[id])
		}
	}
	return sum / perOther, nil
}
