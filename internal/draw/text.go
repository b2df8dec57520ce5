package draw

import (
	"math"
	"strconv"
	"strings"
	"unicode"

	"github.com/rivo/uniseg"
)

var escapes = map[rune]string{'\n': `\n`, '\t': `\t`, '\r': `\r`}

// plain is text as it may be drawn: whatever moves a cursor, is invisible or changes the direction
// of text is shown escaped.
func plain(s string) string {
	clean := func(r rune) bool { return !odd(r) }
	if strings.IndexFunc(s, func(r rune) bool { return !clean(r) }) < 0 {
		return s
	}
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == unicode.ReplacementChar && !strings.HasPrefix(s[i:], "\uFFFD"):
			b.WriteString(`\x` + strconv.FormatInt(int64(s[i]), 16))
		case clean(r):
			b.WriteRune(r)
		case escapes[r] != "":
			b.WriteString(escapes[r])
		default:
			b.WriteString(`\u{` + strconv.FormatInt(int64(r), 16) + `}`)
		}
	}
	return b.String()
}

func odd(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029' ||
		r == unicode.ReplacementChar || r&0xFFFE == 0xFFFE
}

// token is a label as it is drawn: plain, and the blanks at its ends, which tell tokens apart, are
// dots. What no picture has room for is cut.
func token(s string) string {
	s = plain(runes(s, mostText))
	inner := strings.Trim(s, " ")
	if len(inner) == len(s) {
		return s
	}
	before := len(s) - len(strings.TrimLeft(s, " "))
	return strings.Repeat("·", before) + inner + strings.Repeat("·", len(s)-before-len(inner))
}

// tokens is token of each; it never changes its argument.
func tokens(s []string) []string {
	out := make([]string, len(s))
	for i, t := range s {
		out[i] = token(t)
	}
	return out
}

// heading is a title as it is drawn.
func heading(s string) string { return plain(runes(strings.TrimSpace(s), mostText)) }

// runes is the first n characters of text, with "…" where there are more.
func runes(s string, n int) string {
	for i := range s {
		if n--; n < 0 {
			return s[:i] + "…"
		}
	}
	return s
}

// cells is the width of text in a terminal.
func cells(s string) int { return uniseg.StringWidth(s) }

// cutTo shortens text to at most n cells, the last one "…" where something is missing.
func cutTo(s string, n int) string {
	if cells(s) <= n {
		return s
	}
	if n < 1 {
		return ""
	}
	head, _ := takeCells(s, n-1)
	return head + "…"
}

// takeCells splits off the longest beginning of at most n cells, never within a character.
func takeCells(s string, n int) (head, rest string) {
	at, state, left := 0, -1, s
	for left != "" {
		cluster, next, w, st := uniseg.FirstGraphemeClusterInString(left, state)
		if n -= w; n < 0 {
			break
		}
		at, left, state = at+len(cluster), next, st
	}
	return s[:at], s[at:]
}

func padLeft(s string, n int) string  { return blanks(n-cells(s)) + s }
func padRight(s string, n int) string { return s + blanks(n-cells(s)) }

func center(s string, n int) string {
	free := max(n-cells(s), 0)
	return blanks(free/2) + s + blanks(free-free/2)
}

func blanks(n int) string { return strings.Repeat(" ", max(n, 0)) }

// wrap cuts text into lines of at most n cells, at blanks where it can.
func wrap(s string, n int) []string {
	n = max(n, 2) // a character may be two cells wide
	var out []string
	for s = strings.Trim(s, " "); s != ""; s = strings.TrimLeft(s, " ") {
		head, rest := takeCells(s, n)
		if head == "" {
			head, rest = s, ""
		}
		if k := strings.LastIndexByte(head, ' '); rest != "" && rest[0] != ' ' && k > 0 {
			head, rest = s[:k], s[k:]
		}
		out, s = append(out, strings.TrimRight(head, " ")), rest
	}
	return out
}

// number is the fewest digits that read back the same float32, or float64 where it is none.
func number(v float64) string {
	bits := 64
	if float64(float32(v)) == v {
		bits = 32
	}
	return special(v, strconv.FormatFloat(v, 'g', -1, bits))
}

func special(v float64, usual string) string {
	switch {
	case math.IsNaN(v):
		return "nan"
	case math.IsInf(v, 1):
		return "inf"
	case math.IsInf(v, -1):
		return "-inf"
	}
	return usual
}

// short gives the way to write numbers of which the largest is most: two decimals where those say
// something, else two digits and an exponent.
func short(most float64) func(float64) string {
	verb, prec := byte('f'), 2
	switch {
	case most != 0 && most < 0.05, most >= 1e5:
		verb, prec = 'e', 1
	case most >= 1000:
		prec = 0
	case most >= 100:
		prec = 1
	}
	return func(v float64) string {
		if v == 0 && verb == 'e' {
			return "0"
		}
		s := strconv.FormatFloat(v, verb, prec, 64)
		if strings.Trim(s, "-0.") == "" {
			s = strings.TrimPrefix(s, "-")
		}
		return special(v, s)
	}
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// indices are the labels of an axis that has none.
func indices(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = strconv.Itoa(i)
	}
	return out
}

// labelled is the labels of an axis of n entries, ready to draw.
func labelled(labels []string, n int) []string {
	if labels == nil {
		return indices(n)
	}
	return tokens(labels)
}
