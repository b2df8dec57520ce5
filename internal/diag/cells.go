package diag

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A terminal shows cells, not bytes or runes: a caret is placed by counting cells.

const (
	window = 110 // cells of a long line that are shown
	lead   = 40  // cells before the caret, where a line is cut on the left
	tab    = 4   // a tab reaches to the next multiple of so many cells
	cut    = "..."
)

// excerpt is what to show of a line whose bytes [from, to) are meant: printable text, cells before
// the carets, and how many carets, at least one.
func excerpt(line string, from, to int) (shown string, pad, carets int) {
	from = min(max(from, 0), len(line))
	to = min(max(to, from), len(line))
	begin := 0
	if back(line, from, window-lead) > 0 {
		begin = back(line, from, lead)
	}
	end := forward(line, begin, window)
	to = min(to, end)
	left := ""
	if begin > 0 {
		left = cut
	}
	shown = left + printable(line[begin:end])
	if end < len(line) {
		shown += cut
	}
	before := cells(line[begin:from])
	return shown, len(left) + before, max(1, cells(line[begin:max(to, from)])-before)
}

// back is the offset some n cells before at.
func back(line string, at, n int) int {
	for at > 0 && n > 0 {
		r, size := utf8.DecodeLastRuneInString(line[:at])
		at -= size
		n -= max(width(r), 1)
	}
	return at
}

// forward is the offset some n cells after at.
func forward(line string, at, n int) int {
	for at < len(line) && n > 0 {
		r, size := utf8.DecodeRuneInString(line[at:])
		at += size
		n -= max(width(r), 1)
	}
	return at
}

// cells is the width of a piece of text that begins at a cell which is a multiple of tab.
func cells(t string) int {
	n := 0
	for _, r := range t {
		if r == '\t' {
			n += tab - n%tab
		} else {
			n += width(r)
		}
	}
	return n
}

// printable is text as a terminal may see it: tabs as blanks, control characters replaced.
func printable(t string) string {
	var b strings.Builder
	n := 0
	for _, r := range t {
		if r == '\t' {
			k := tab - n%tab
			b.WriteString(strings.Repeat(" ", k))
			n += k
			continue
		}
		r = safe(r)
		b.WriteRune(r)
		n += width(r)
	}
	return b.String()
}

// clean is a message without anything that moves a cursor.
func clean(t string) string { return strings.Map(safe, t) }

// safe replaces what a terminal obeys and what changes the direction of text.
func safe(r rune) rune {
	if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029' {
		return utf8.RuneError
	}
	return r
}

// width is the number of cells of one rune.
func width(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me):
		return 0
	}
	for _, w := range wide {
		if r < w[0] {
			return 1
		}
		if r <= w[1] {
			return 2
		}
	}
	return 1
}

// wide are the ranges that terminals draw two cells wide: East Asian scripts and emoji.
var wide = [...][2]rune{
	{0x1100, 0x115F}, {0x231A, 0x231B}, {0x23E9, 0x23EC}, {0x25FD, 0x25FE}, {0x2614, 0x2615},
	{0x2648, 0x2653}, {0x26AA, 0x26AB}, {0x26BD, 0x26BE}, {0x2705, 0x2705}, {0x274C, 0x274C},
	{0x2753, 0x2755}, {0x2795, 0x2797}, {0x2B1B, 0x2B1C}, {0x2B50, 0x2B50},
	{0x2E80, 0x303E}, {0x3041, 0x33FF}, {0x3400, 0x4DBF}, {0x4E00, 0x9FFF}, {0xA000, 0xA4CF},
	{0xA960, 0xA97F}, {0xAC00, 0xD7A3}, {0xF900, 0xFAFF}, {0xFE30, 0xFE6F}, {0xFF00, 0xFF60},
	{0xFFE0, 0xFFE6}, {0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF},
	{0x1FA70, 0x1FAFF}, {0x20000, 0x3FFFD},
}
