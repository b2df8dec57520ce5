package main

import (
	"math/rand/v2"
	"slices"
	"strings"
)

// writer makes sentences. Two writers of the same state write the same ones.
type writer struct {
	*rand.Rand
}

// oneIn is the share that is held out: a pair of names in ten, and an object in ten of each template.
const oneIn = 10

// heldPair says that two names never meet in a sentence of the training.
func heldPair(a, b string) bool {
	i, j := slices.Index(names, a), slices.Index(names, b)
	if min(i, j) == slices.Index(names, "Mary") && max(i, j) == slices.Index(names, "John") {
		return true // the pair of the README
	}
	return (7*min(i, j)+13*max(i, j))%oneIn == 0
}

// heldObject says that a template is never trained with an object.
func heldObject(template, object int) bool { return (3*template+object)%oneIn == 0 }

func pick[T any](w *writer, from []T) T { return from[w.IntN(len(from))] }

// people draws n different names of which each two may meet.
func (w *writer) people(n int, held bool) []string {
	for {
		var out []string
		for range n {
			out = append(out, pick(w, names))
		}
		if meet(out, held) {
			return out
		}
	}
}

// meet says that names are different and each two are held out, or none.
func meet(names []string, held bool) bool {
	for i, a := range names {
		for _, b := range names[:i] {
			if a == b || heldPair(a, b) != held {
				return false
			}
		}
	}
	return true
}

// task is a sentence with an indirect object, and what is asked of it.
type task struct {
	template int
	words    []word
	io, s    string // with a space before them
}

// prompt is the sentence up to the answer, and the answer's place.
func (t task) prompt() string { return text(t.words[:t.answer()]) }

func (t task) answer() int {
	for i := len(t.words) - 1; ; i-- {
		if t.words[i].text == t.io {
			return i
		}
	}
}

// give writes a sentence of giving: names and template with object from what is trained or held out.
func (w *writer) give(heldNames, heldObjects bool) task {
	two := w.people(2, heldNames)
	s, io := two[0], two[1]
	w.Shuffle(2, func(i, j int) { two[i], two[j] = two[j], two[i] })
	n, object := w.IntN(len(giving)), w.IntN(len(objects))
	for strings.Contains(giving[n], "[OBJECT]") && heldObject(n, object) != heldObjects {
		n, object = w.IntN(len(giving)), w.IntN(len(objects))
	}
	place := pick(w, places)
	words := fill(giving[n], func(slot string) string {
		switch slot {
		case "1":
			return two[0]
		case "2":
			return two[1]
		case "S":
			return s
		case "IO":
			return io
		case "PLACE":
			return place
		case "OBJECT":
			return objects[object]
		}
		panic("no slot " + slot)
	})
	t := task{n, words, " " + io, " " + s}
	words[t.answer()].slip = t.s
	return t
}

// stranger is a sentence of giving where somebody gives who is not one of the two, so that either is
// right.
func (w *writer) stranger() []word {
	three := w.people(3, false)
	place, object := pick(w, places), pick(w, objects)
	answer := three[w.IntN(2)]
	return fill(strings.ReplaceAll(pick(w, giving), "[IO!]", "[IO]"), func(slot string) string {
		switch slot {
		case "1":
			return three[0]
		case "2":
			return three[1]
		case "S":
			return three[2]
		case "IO":
			return answer
		case "PLACE":
			return place
		}
		return object
	})
}

// three writes a sentence about three people: one gives to either of the others, or two to the third.
func (w *writer) three() []word {
	three := w.people(3, false)
	place, object := pick(w, places), pick(w, objects)
	from := w.IntN(3)
	to := (from + 1 + w.IntN(2)) % 3
	template := pick(w, threes)
	if w.IntN(3) == 0 {
		template = pick(w, both)
	}
	return fill(template, func(slot string) string {
		switch slot {
		case "1", "2", "3":
			return three[slot[0]-'1']
		case "S":
			return three[from]
		case "IO":
			return three[to]
		case "PLACE":
			return place
		}
		return object
	})
}

// other writes a sentence from templates whose slots stand for themselves.
func (w *writer) other(templates []string) []word {
	capital, language, landmark := pick(w, capitals), pick(w, languages), pick(w, landmarks)
	opposite, one, many := pick(w, opposites), pick(w, nouns), pick(w, nouns)
	return fill(pick(w, templates), func(slot string) string {
		switch slot {
		case "COUNTRY":
			return capital[0]
		case "CAPITAL":
			return capital[1]
		case "LAND":
			return language[0]
		case "LANGUAGE":
			return language[1]
		case "LANDMARK":
			return landmark[0]
		case "CITY":
			return landmark[1]
		case "WORD":
			return opposite[0]
		case "OPPOSITE":
			return opposite[1]
		case "ONE":
			return one[0]
		case "MANY":
			return many[1]
		}
		return pick(w, slotWords[slot])
	})
}

// slotWords are the slots that any word of a list may fill.
var slotWords = map[string][]string{
	"ANIMAL": animals, "ADJ": adjectives, "VERB": verbs, "THINGS": things, "MOOD": moods, "COLOR": colors,
	"PLACE": places, "OBJECT": objects, "NAME": names, "GIRL": girls, "BOY": boys,
}

// count writes some of a series in order, from a random place on.
func (w *writer) count() []word {
	s := pick(w, series)
	from := w.IntN(len(s) - 3)
	out := []word{{text: s[from]}}
	for _, t := range s[from+1 : from+3+w.IntN(len(s)-from-2)] {
		out = append(out, word{text: ","}, word{text: " " + t, sure: true})
	}
	return append(out, word{text: "."})
}
