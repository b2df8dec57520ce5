package golden

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/pmezard/go-difflib/difflib"
)

// compare gives what differs between a section as recorded and as it came out, "" if nothing does.
func compare(section, want, got string, tol float64) string {
	switch section {
	case "saved.json":
		return compareSaved(want, got, tol)
	case "stats.json":
		return compareStats(want, got, tol)
	}
	return compareText(endLine(want), endLine(got), tol)
}

// endLine ends the last line, as an archive does.
func endLine(s string) string {
	if s != "" && !strings.HasSuffix(s, "\n") {
		s += "\n"
	}
	return s
}

// compareText compares texts: the numbers in them by the tolerance, the rest exactly. Blanks beside a
// number may be more or fewer: they fill a column.
func compareText(want, got string, tol float64) string {
	if want == got {
		return ""
	}
	w, g := strings.SplitAfter(want, "\n"), strings.SplitAfter(got, "\n")
	for i := range min(len(w), len(g)) {
		if sameLine(w[i], g[i], tol) {
			g[i] = w[i] // so that the difference shows only what counts
		}
	}
	return unified("want", "got", strings.Join(w, ""), strings.Join(g, ""))
}

var number = regexp.MustCompile(` *[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)? *`)

// sameLine compares two lines.
func sameLine(want, got string, tol float64) bool {
	if want == got {
		return true
	}
	if tol == 0 {
		return false
	}
	ws, gs := number.FindAllStringIndex(want, -1), number.FindAllStringIndex(got, -1)
	if len(ws) != len(gs) {
		return false
	}
	wAt, gAt := 0, 0
	for i := range ws {
		if want[wAt:ws[i][0]] != got[gAt:gs[i][0]] {
			return false
		}
		if !near(strings.TrimSpace(want[ws[i][0]:ws[i][1]]), strings.TrimSpace(got[gs[i][0]:gs[i][1]]), tol) {
			return false
		}
		wAt, gAt = ws[i][1], gs[i][1]
	}
	return want[wAt:] == got[gAt:]
}

// near compares two numbers. Two whole numbers, which count or name something, are equal or not; others
// are off by tol relative to max(1, |want|) at most.
func near(want, got string, tol float64) bool {
	if want == got {
		return true
	}
	if whole(want) && whole(got) {
		return false
	}
	w, werr := strconv.ParseFloat(want, 64)
	g, gerr := strconv.ParseFloat(got, 64)
	return werr == nil && gerr == nil && math.Abs(w-g) <= tol*math.Max(1, math.Abs(w))
}

func whole(s string) bool { return !strings.ContainsAny(s, ".eE") }

const contextLines = 3

// unified is the difference of two texts, with a few lines around each place; "" if they are equal.
func unified(oldName, newName, old, new string) string {
	if old == new {
		return ""
	}
	text, err := difflib.GetUnifiedDiffString(difflib.UnifiedDiff{
		A: strings.SplitAfter(old, "\n"), B: strings.SplitAfter(new, "\n"),
		FromFile: oldName, ToFile: newName, Context: contextLines,
	})
	if err != nil {
		return fmt.Sprintf("%s and %s differ: %v\n", oldName, newName, err)
	}
	return endLine(text)
}
