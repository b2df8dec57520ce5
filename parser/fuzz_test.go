package parser

import (
	"strings"
	"testing"
)

// FuzzParse is seeded from the tables: no text makes lexer, parser, renderer, printer or formatter
// panic, and what parses keeps its tree when formatted.
func FuzzParse(f *testing.F) {
	for _, r := range trees {
		f.Add(r.src)
	}
	for _, r := range messages {
		f.Add(r.src)
	}
	for seed := range int64(10) {
		f.Add(random(seed, 3, 2))
	}
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) > 1<<12 {
			s = strings.ToValidUTF8(s[:1<<12], "")
		}
		if !tryAll(s) {
			checkFormat(t, "fuzz", s)
		}
	})
}
