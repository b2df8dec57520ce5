// Package diag says where in a script something went wrong, what it is and what to try.
//
// Every stage of the machine, from the lexer to the running program, reports into one List; places
// are byte offsets into the script, so a tree needs no line numbers and a message can be made
// before anybody knows how it will be shown. Render prints a list for a terminal, JSON for tools.
//
//	ioi.patch:25:17: set: value has shape [1 16 768], the slice has [768]
//	   25 |             set transformer.h[layer].input[0, pos, :] = clean_resid[layer]
//	      |                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
//	hint: pick one position: clean_resid[layer][0, pos, :]
//
// Invariants: a Code, once given, keeps its meaning (see Codes); a script's own bytes never reach
// the terminal as control characters; a list holds at most Max findings of each severity.
package diag

import (
	"fmt"
	"sort"
)

// Max is how many findings of one severity a List keeps.
const Max = 50

// Span is a piece of a script: byte offsets, End exclusive.
type Span struct {
	Start int `json:"start"`
	End   int `json:"end"`
}

// To is the span from the start of s to the end of t.
func (s Span) To(t Span) Span { return Span{s.Start, max(s.End, t.End)} }

// Severity tells what fails a script from what is only worth knowing.
type Severity int

// The severities. The zero value is Error.
const (
	Error Severity = iota
	Warning
)

// String is the severity's word in output.
func (s Severity) String() string {
	if s == Warning {
		return "warning"
	}
	return "error"
}

// Diag is one finding.
type Diag struct {
	Span
	Sev  Severity
	Code string // a row of Codes
	Msg  string // "what: got X, want Y", one line
	Hint string // what to try; "" if there is nothing to say

	// Other is the second place where two are at odds, OtherMsg what stands there.
	Other    *Span
	OtherMsg string

	// Note says when, as in "layer = 12, first of 4 times".
	Note string
}

// List is what a stage found.
type List []Diag

// Add appends d, unless the list already holds Max of its severity or the same message at the same place.
func (l *List) Add(d Diag) {
	n := 0
	for i := range *l {
		e := &(*l)[i]
		if e.Sev == d.Sev {
			n++
		}
		if e.Span == d.Span && e.Msg == d.Msg {
			return
		}
	}
	if n < Max {
		*l = append(*l, d)
	}
}

// Errorf appends an error without a second place.
func (l *List) Errorf(at Span, code, hint, format string, args ...any) {
	l.Add(Diag{Span: at, Code: code, Hint: hint, Msg: fmt.Sprintf(format, args...)})
}

// Warnf appends a warning without a second place.
func (l *List) Warnf(at Span, code, hint, format string, args ...any) {
	l.Add(Diag{Span: at, Sev: Warning, Code: code, Hint: hint, Msg: fmt.Sprintf(format, args...)})
}

// Sort orders the list by place; findings at one place keep the order in which they were made.
func (l List) Sort() {
	sort.SliceStable(l, func(i, j int) bool { return l[i].Start < l[j].Start })
}

// HasErrors says whether anything in the list fails the script.
func (l List) HasErrors() bool {
	for i := range l {
		if l[i].Sev == Error {
			return true
		}
	}
	return false
}

// Full says that no more errors will be kept, so that a stage may stop looking.
func (l List) Full() bool {
	n := 0
	for i := range l {
		if l[i].Sev == Error {
			n++
		}
	}
	return n >= Max
}
