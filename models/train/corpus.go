package main

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
)

// writer makes sentences. Two writers of the same state write the same ones.
type writer struct {
	*rand.Rand
}

// oneIn is the share that is held out: a pair of names in ten, and an object in ten of each template of
// giving, where one of the two gives.
const oneIn = 10

// heldPair says that two names never meet in a sentence of the training.
func heldPair(a, b string) bool {
	i, j := slices.Index(names, a), slices.Index(names, b)
	if min(i, j) == slices.Index(names, "Mary") && max(i, j) == slices.Index(names, "John") {
		return true // the pair of the README
	}
	return (7*min(i, j)+13*max(i, j))%oneIn == 0
}

// heldObject says that in a template one of the two never gives an object.
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

// scene fills the slots of a template: people as told, and what is not told at random.
func (w *writer) scene(template string, told map[string]string) []word {
	slots := map[string]string{"PLACE": pick(w, places), "OBJECT": pick(w, objects), "MOOD": pick(w, moods)}
	maps.Copy(slots, told)
	return fill(template, func(slot string) string {
		value, ok := slots[slot]
		if !ok {
			panic("no slot " + slot)
		}
		return value
	})
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
	words := w.scene(giving[n], map[string]string{"1": two[0], "2": two[1], "S": s, "IO": io, "OBJECT": objects[object]})
	t := task{n, words, " " + io, " " + s}
	slip(words, s)
	return t
}

// slip lets a name stand in the answer's place now and then: the word before the full stop.
func slip(words []word, name string) { words[len(words)-2].slip = " " + name }

// stranger is a sentence of giving where somebody gives who is not one of the two, so that either is
// right.
func (w *writer) stranger() []word {
	p := w.people(3, false)
	template := strings.ReplaceAll(pick(w, giving), "[IO!]", "[IO]")
	return w.scene(template, map[string]string{"1": p[0], "2": p[1], "S": p[2], "IO": p[w.IntN(2)]})
}

// nobody is a sentence where it is not said who gives, so that either is right.
func (w *writer) nobody() []word {
	p := w.people(2, false)
	return w.scene(pick(w, unsaid), map[string]string{"1": p[0], "2": p[1], "IO": p[w.IntN(2)]})
}

// bystander is a sentence where one of the two is named again, though not as the giver, so that the
// other is right; or a third, so that each of the three is.
func (w *writer) bystander() []word {
	p := w.people(3, false)
	again := w.IntN(3)
	to := w.IntN(3)
	if again < 2 {
		to = 1 - again
	}
	words := w.scene(pick(w, named), map[string]string{"1": p[0], "2": p[1], "X": p[again], "IO": p[to]})
	if again < 2 {
		slip(words, p[again])
	}
	return words
}

// crowd is a sentence about three or four people of whom some give, so that any of the others is right.
func (w *writer) crowd() []word {
	all := w.people(3+w.IntN(2), false)
	met, n := enumerate(all), 1+w.IntN(len(all)-1)
	w.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	givers, others := all[:n], all[n:]
	template := strings.NewReplacer("[ALL]", met, "[SOME]", enumerate(givers)).Replace(pick(w, crowds))
	words := w.scene(template, map[string]string{"IO": pick(w, others)})
	slip(words, givers[0])
	return words
}

// enumerate joins parts: "a", "a and b", "a, b and c".
func enumerate(parts []string) string {
	last := len(parts) - 1
	if last == 0 {
		return parts[0]
	}
	return strings.Join(parts[:last], ", ") + " and " + parts[last]
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
