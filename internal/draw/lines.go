package draw

import (
	"fmt"
	"io"
)

// Lines are series of numbers over one axis. A number that is not finite leaves a gap; they are
// counted under the title.
type Lines struct {
	Series       [][]float64
	X            []float64 // where each number stands; nil: XLabels, else 0, 1, ...
	XLabels      []string
	Names        []string // of the series
	XAxis, YAxis string
	Title        string
}

// Check reports series that are longer than the axis, and names and labels that do not fit.
func (l *Lines) Check() error {
	n := l.length()
	if n == 0 {
		return fmt.Errorf("lines: got %d series without a number, want at least one number", len(l.Series))
	}
	total := 0
	for _, s := range l.Series {
		total += len(s)
	}
	if total > mostPoints {
		return fmt.Errorf("lines: got %d numbers, want at most %d\nhint: slice(x, axis, 0, n, step) takes each step-th", total, mostPoints)
	}
	if l.X != nil && len(l.X) != n {
		return fmt.Errorf("lines: x: got %d numbers, want %d", len(l.X), n)
	}
	for i, v := range l.X {
		if !finite(v) {
			return fmt.Errorf("lines: x: number %d is %s, want finite numbers", i, number(v))
		}
	}
	if err := checkLabels("lines: x", l.XLabels, n); err != nil {
		return err
	}
	return checkLabels("lines: names", l.Names, len(l.Series))
}

// length is that of the longest series.
func (l *Lines) length() int {
	n := 0
	for _, s := range l.Series {
		n = max(n, len(s))
	}
	return n
}

// note counts the numbers that cannot be drawn.
func (l *Lines) note() string {
	n, all := 0, 0
	for _, row := range l.Series {
		for _, v := range row {
			if all++; !finite(v) {
				n++
			}
		}
	}
	return leftOut(n, "numbers", all)
}

func (l *Lines) places() []float64 {
	if l.X != nil {
		return l.X
	}
	out := make([]float64, l.length())
	for i := range out {
		out[i] = float64(i)
	}
	return out
}

func (l *Lines) scene() *scene {
	lo, hi := span(l.Series...)
	c := chart{yticks: ticks(lo, hi), xaxis: l.XAxis, yaxis: l.YAxis, names: legendNames(l.Names, len(l.Series))}
	if l.X == nil && l.XLabels != nil {
		c.words = tokens(l.XLabels)
	} else {
		c.xticks = xTicks(l.places())
	}
	ch := newChart(l.Title, l.note(), c)
	at := func(i int) float64 { return ch.place(i) }
	if c.words == nil {
		xs := l.places()
		at = func(i int) float64 { return ch.X(xs[i]) }
	}
	for k, row := range l.Series {
		l.series(ch, k, row, at)
	}
	return ch.s
}

// xTicks are round numbers within the places: the first and last need not be at the edges' numbers.
func xTicks(xs []float64) []float64 {
	lo, hi := span(xs)
	if len(xs) > 1 && lo != hi {
		return ticks(lo, hi)
	}
	return []float64{lo, (lo + hi) / 2, hi}
}

func (l *Lines) series(c *chart, k int, row []float64, at func(int) float64) {
	var run []point
	flush := func() {
		if len(run) > 1 {
			c.s.line(seriesColor(k), 2, run...)
		}
		run = nil
	}
	for i, v := range row {
		if !finite(v) {
			flush()
			continue
		}
		p := point{at(i), c.Y(v)}
		run = append(run, p)
		tip := l.tip(k, i, v)
		if len(row) <= 60 {
			c.s.add(dot{p, 3, seriesColor(k), tip})
		}
		c.s.mark(p.x-10, p.y-10, 20, 20, tip)
	}
	flush()
}

func (l *Lines) tip(k, i int, v float64) string {
	x := ""
	switch {
	case l.X != nil:
		x = number(l.X[i])
	default:
		x = labelAt(l.XLabels, i)
	}
	text := heading(or(l.XAxis, "x")) + ": " + x + "\n" + heading(or(l.YAxis, "y")) + ": " + number(v)
	if name := labelAt(l.Names, k); l.Names != nil || len(l.Series) > 1 {
		text = name + "\n" + text
	}
	return text
}

func labelAt(labels []string, i int) string {
	if labels == nil {
		return fmt.Sprint(i)
	}
	return token(labels[i])
}

// Terminal draws the lines as marks on a grid of characters.
func (l *Lines) Terminal(w io.Writer, opt TermOptions) error {
	if err := l.Check(); err != nil {
		return err
	}
	t := newTerm(opt)
	lo, hi := span(l.Series...)
	xs := l.places()
	x0, x1 := span(xs)
	p := newPlot(t, x0, x1, lo, hi)
	for k, row := range l.Series {
		for i := 1; i < len(row); i++ {
			if finite(row[i-1]) && finite(row[i]) {
				p.join(k, xs[i-1], row[i-1], xs[i], row[i])
			}
		}
	}
	for k, row := range l.Series {
		for i, v := range row {
			if finite(v) {
				p.put(k, xs[i], v)
			}
		}
	}
	t.title(l.Title)
	t.title(l.note())
	p.write(l.YAxis, l.XAxis, l.wordsBelow(xs))
	p.legend(l.Names, len(l.Series))
	return t.flush(w)
}

// wordsBelow are the labels of the axis by their place, nil where numbers are to be shown.
func (l *Lines) wordsBelow(xs []float64) []tick {
	if l.X != nil || l.XLabels == nil {
		return nil
	}
	out := make([]tick, len(xs))
	for i, x := range xs {
		out[i] = tick{x, token(l.XLabels[i])}
	}
	return out
}
