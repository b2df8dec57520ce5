package main

import (
	"regexp"
	"strings"
)

// list is the words of a text.
func list(text string) []string { return strings.Fields(text) }

// lines is the lines of a text that are not empty, without the space around them.
func lines(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}

// pairs reads "a b, c d"; an underscore is a space within a part.
func pairs(text string) [][2]string {
	var out [][2]string
	for p := range strings.SplitSeq(text, ",") {
		w := strings.Fields(p)
		out = append(out, [2]string{strings.ReplaceAll(w[0], "_", " "), strings.ReplaceAll(w[1], "_", " ")})
	}
	return out
}

// word is a stretch of text that is one token, with the space before it.
type word struct {
	text string
	sure bool   // the context determines it
	slip string // what stands there now and then by mistake; "": nothing
}

// slots finds the parts of a template: [SLOT] or a word, with the space before it, or a mark.
var slots = regexp.MustCompile(`( ?)(?:\[(\w+?)(!?)\]|([A-Za-z]+)(!?))|[^\sA-Za-z]`)

// fill replaces the slots of a template.
func fill(template string, value func(slot string) string) []word {
	var out []word
	for _, m := range slots.FindAllStringSubmatch(template, -1) {
		space, slot, text, sure := m[1], m[2], m[4], m[3]+m[5] != ""
		if slot != "" {
			text = value(slot)
		}
		if text == "" {
			out = append(out, word{text: m[0]})
			continue
		}
		for _, t := range strings.Fields(text) {
			out = append(out, word{text: space + t, sure: sure})
			space = " "
		}
	}
	return out
}

// text is what the words say.
func text(words []word) string {
	var out strings.Builder
	for _, w := range words {
		out.WriteString(w.text)
	}
	return out.String()
}
