package draw

import (
	"io"
	"strings"
)

const (
	panels     = 3  // a grid of plain numbers too wide for a line is cut into at most so many pieces
	labelLines = 4  // into which the label of a column is broken
	upright    = 14 // lines of a label written from top to bottom
)

// Terminal writes the grid with its numbers where they fit: on a terminal with colours as coloured
// cells, otherwise as plain digits, in several pieces where one line is too short.
func (h *Heatmap) Terminal(w io.Writer, opt TermOptions) error {
	if err := h.Check(); err != nil {
		return err
	}
	t := newTerm(opt)
	g := h.termGrid(t)
	t.title(h.Title)
	t.title(g.h.note())
	for from := 0; from < len(g.xs); from += g.per {
		if from > 0 {
			t.line("")
		}
		g.panel(from, min(from+g.per, len(g.xs)))
	}
	if g.width < g.values {
		g.scale()
	}
	return t.flush(w)
}

// termGrid is a heat map fitted to a terminal.
type termGrid struct {
	*term
	h      *Heatmap
	xs, ys []string
	name   int // cells of a row's label
	width  int // cells of a column
	values int // cells a column needs to show numbers
	per    int // columns in a piece
	most   float64
}

func (h *Heatmap) termGrid(t *term) *termGrid {
	g := &termGrid{term: t, most: h.most()}
	g.values = h.valueCells()
	g.name = min(max(maxCells(labelled(h.YLabels, len(h.Z))), cells(heading(h.YAxis))), mostName, t.width/3)
	room := t.width - g.name - 1
	g.width, g.per = g.values, max(1, room/g.values)
	if cols := len(h.Z[0]); g.per < cols {
		switch pieces := bin(cols, g.per); {
		case t.colored():
			g.width = clampInt(room/cols, 1, g.values-1)
			g.per = max(1, room/g.width)
			h = h.shrink(mostRows, g.per)
		case pieces <= panels:
			g.per = bin(cols, pieces)
		default:
			h = h.shrink(mostRows, g.per)
		}
	}
	h = h.shrink(mostRows, len(h.Z[0]))
	if cols := len(h.Z[0]); g.per >= cols {
		// Wider columns keep more of their labels.
		want := min(maxCells(labelled(h.XLabels, cols))+1, 12)
		g.width = max(g.width, min(want, room/cols))
	}
	g.h, g.xs, g.ys = h, labelled(h.XLabels, len(h.Z[0])), labelled(h.YLabels, len(h.Z))
	return g
}

func clampInt(v, lo, hi int) int { return max(lo, min(hi, v)) }

// valueCells is the width of the widest number with a blank beside it.
func (h *Heatmap) valueCells() int {
	write, n := short(h.most()), 0
	for _, row := range h.Z {
		for _, v := range row {
			n = max(n, cells(write(v)))
		}
	}
	return n + 1
}

func maxCells(texts []string) int {
	n := 0
	for _, t := range texts {
		n = max(n, cells(t))
	}
	return n
}

// panel writes columns [from, to): the rows, then the labels of the columns below.
func (g *termGrid) panel(from, to int) {
	if axis := heading(g.h.YAxis); axis != "" {
		g.line(cutTo(axis, g.term.width))
	}
	for i, row := range g.h.Z {
		var b strings.Builder
		b.WriteString(padLeft(cutTo(g.ys[i], g.name), g.name) + " ")
		for _, v := range row[from:to] {
			b.WriteString(g.cell(v))
		}
		g.line(b.String())
	}
	g.columns(from, to)
	if axis := heading(g.h.XAxis); axis != "" {
		g.line(blanks(g.name+1) + center(cutTo(axis, g.term.width-g.name-1), g.width*(to-from)))
	}
}

func (g *termGrid) cell(v float64) string {
	text := ""
	if g.width >= g.values {
		text = short(g.most)(v)
	}
	if !g.colored() {
		return padLeft(text, g.width)
	}
	return g.on(center(text, g.width), diverging(v, g.most))
}

// scale shows what the colours stand for where the cells are too narrow to say.
func (g *termGrid) scale() {
	const steps = 11
	low, high := short(g.most)(-g.most)+" ", " "+short(g.most)(g.most)
	var b strings.Builder
	for i := range steps {
		b.WriteString(g.on(" ", diverging(float64(2*i)/(steps-1)-1, 1)))
	}
	g.line(blanks(min(g.name+1, g.term.width-cells(low+high)-steps)) + low + b.String() + high)
}

// columns writes the labels of columns: broken into a few short lines where columns are wide, else
// one character a line.
func (g *termGrid) columns(from, to int) {
	n := 1
	broken := make([][]string, 0, to-from)
	for _, x := range g.xs[from:to] {
		var lines []string
		if g.width < 4 {
			lines = uprightLabel(x)
		} else {
			lines = brokenLabel(x, g.width-1)
		}
		n = max(n, len(lines))
		broken = append(broken, lines)
	}
	for k := range n {
		var b strings.Builder
		b.WriteString(blanks(g.name + 1))
		for _, lines := range broken {
			text := ""
			if k < len(lines) {
				text = lines[k]
			}
			b.WriteString(g.place(text))
		}
		g.line(b.String())
	}
}

// place puts a label's line where the column's numbers are.
func (g *termGrid) place(text string) string {
	if g.colored() {
		return center(text, g.width)
	}
	return padLeft(text, g.width)
}

func brokenLabel(s string, width int) []string {
	lines := wrap(s, width)
	if len(lines) > labelLines {
		last := lines[labelLines-1]
		lines = append(lines[:labelLines-1:labelLines-1], cutTo(last+"…", width))
		if cells(last) == width {
			head, _ := takeCells(last, width-1)
			lines[labelLines-1] = head + "…"
		}
	}
	return lines
}

func uprightLabel(s string) []string {
	var lines []string
	for s = strings.Trim(s, " "); s != "" && len(lines) < upright; {
		head, rest := takeCells(s, 1)
		if head == "" {
			_, rest = takeCells(s, 2)
			head = "?" // a wide character does not fit a narrow column
		}
		if head == "" || rest == s {
			break
		}
		lines, s = append(lines, head), rest
	}
	if s != "" && len(lines) > 0 {
		lines[len(lines)-1] = "…"
	}
	return lines
}
