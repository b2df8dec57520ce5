package draw

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// Bars are numbers as lengths, for each label one, or one of each series.
type Bars struct {
	Series       [][]float64 // series of equal length
	Labels       []string    // one a number of a series; nil counts from 0
	Names        []string    // of the series
	XAxis, YAxis string
	Title        string
}

// Check reports series of different lengths and labels and names that do not fit.
func (b *Bars) Check() error {
	if len(b.Series) == 0 || len(b.Series[0]) == 0 {
		return fmt.Errorf("bars: got %d series without a number, want at least one number", len(b.Series))
	}
	n := len(b.Series[0])
	for i, row := range b.Series {
		if len(row) != n {
			return fmt.Errorf("bars: series %d has %d numbers, series 0 has %d", i, len(row), n)
		}
	}
	if n*len(b.Series) > mostCells {
		return fmt.Errorf("bars: got %d numbers, want at most %d\nhint: topk, or a heatmap or lines", n*len(b.Series), mostCells)
	}
	if err := checkLabels("bars: x", b.Labels, n); err != nil {
		return err
	}
	return checkLabels("bars: names", b.Names, len(b.Series))
}

// span is the range of the bars, which begin at 0.
func (b *Bars) span() (lo, hi float64) {
	lo, hi = span(slices.Concat(b.Series, [][]float64{{0}})...)
	if lo == -0.5 && hi == 0.5 && largest(slices.Concat(b.Series...)) == 0 {
		lo = 0 // all bars are 0
	}
	return math.Min(lo, 0), math.Max(hi, 0)
}

func (b *Bars) scene() *scene {
	lo, hi := b.span()
	const room = 1.08 // for the numbers above and below the bars
	c := newChart(b.Title, "", chart{yticks: ticks(bounded(lo*room), bounded(hi*room)), words: labelled(b.Labels, len(b.Series[0])), counted: b.Labels == nil, xaxis: b.XAxis, yaxis: b.YAxis,
		names: legendNames(b.Names, len(b.Series))})
	cell := c.w / float64(len(c.words))
	wide := math.Min(cell*0.8, 70*float64(len(b.Series)))
	each := math.Max(wide/float64(len(b.Series)), 0.5) // a bar never vanishes
	write := short(max(math.Abs(lo), math.Abs(hi)))
	for k, row := range b.Series {
		for i, v := range row {
			x := c.place(i) - wide/2 + float64(k)*each
			tip := b.tip(k, i, v)
			c.s.mark(x, c.top, each, c.h, tip)
			if !finite(v) {
				c.s.add(label{x + each/2, c.Y(0) - 4, valueSize, number(v), atMiddle, 0, soft})
				continue
			}
			top, bottom := c.Y(math.Max(v, 0)), c.Y(math.Min(v, 0))
			c.s.add(box{x, top, each, bottom - top, seriesColor(k), tip})
			if textWidth(write(v), valueSize) > each-1 {
				continue
			}
			y := top - 4
			if v < 0 {
				y = bottom + valueSize + 2
			}
			c.s.text(x+each/2, y, valueSize, write(v), atMiddle)
		}
	}
	return c.s
}

func (b *Bars) tip(k, i int, v float64) string {
	text := labelAt(b.Labels, i) + ": " + number(v)
	if b.Names != nil || len(b.Series) > 1 {
		text = labelAt(b.Names, k) + "\n" + text
	}
	return text
}

// Terminal draws the bars from left to right, one a line, their numbers beside them.
func (b *Bars) Terminal(w io.Writer, opt TermOptions) error {
	if err := b.Check(); err != nil {
		return err
	}
	t := newTerm(opt)
	t.title(b.Title)
	if a := heading(b.YAxis); a != "" {
		t.line(cutTo(a, t.width))
	}
	labels := labelled(b.Labels, len(b.Series[0]))
	g := b.termBars(t, labels)
	for i, l := range labels {
		if i == mostRows {
			t.line(fmt.Sprintf("... %d more", len(labels)-i))
			break
		}
		for k, row := range b.Series {
			name := padLeft(cutTo(l, g.label), g.label) + " "
			if len(b.Series) > 1 {
				name += padRight(cutTo(g.names[k], g.name), g.name) + " "
				l = ""
			}
			t.line(name + g.bar(k, row[i]))
		}
	}
	if a := heading(b.XAxis); a != "" {
		t.line("by " + cutTo(a, t.width-3))
	}
	return t.flush(w)
}

// termBars is the room of the parts of a line: label, name, bar about zero, number.
type termBars struct {
	*term
	label, name, number int
	names               []string
	before, after       int // cells of the bars below and above zero
	most                float64
	write               func(float64) string
}

func (b *Bars) termBars(t *term, labels []string) *termBars {
	lo, hi := b.span()
	g := &termBars{term: t, label: min(maxCells(labels), mostName, t.width/3), most: math.Max(hi, -lo)}
	g.write = short(g.most)
	for _, row := range b.Series {
		for _, v := range row {
			g.number = max(g.number, cells(g.write(v)))
		}
	}
	room := t.width - g.label - g.number - 3
	if len(b.Series) > 1 {
		g.names = labelled(b.Names, len(b.Series))
		g.name = min(maxCells(g.names), mostName, t.width/4)
		room -= g.name + 1
	}
	room = clampInt(room, 4, 60)
	g.before = int(math.Round(share(0, lo, hi) * float64(room)))
	if lo < 0 {
		g.before = clampInt(g.before, 1, room)
	}
	g.after = room - g.before
	return g
}

const eighths = "▏▎▍▌▋▊▉█"

// bar is a number as text with its length about the place of zero.
func (g *termBars) bar(k int, v float64) string {
	n := 0.0
	if finite(v) && g.most > 0 {
		// One scale for both sides of zero.
		unit := math.Max(float64(g.before), float64(g.after))
		n = clamp(math.Abs(v)/g.most, 0, 1) * unit
	}
	body := ""
	switch {
	case v < 0:
		full := min(int(math.Round(n)), g.before)
		body = blanks(g.before-full) + g.paint(strings.Repeat("█", full), k) + "│" + blanks(g.after)
	default:
		full := min(int(n), g.after)
		text := strings.Repeat("█", full)
		if part := int((n - float64(full)) * 8); part > 0 && full < g.after {
			text += string([]rune(eighths)[part-1])
		}
		body = blanks(g.before) + "│" + g.paint(text, k) + blanks(g.after-cells(text))
	}
	return body + " " + padLeft(g.write(v), g.number)
}

func (g *termBars) paint(s string, k int) string {
	if s == "" || !g.colored() {
		return s
	}
	return g.in(s, seriesColor(k))
}
