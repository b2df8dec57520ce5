package draw

import (
	"math"
	"strings"
)

const plotRows = 16

// marks stand for series 0, 1, ... where there are no colours to tell them apart.
const marks = "ox+*#@%&"

// plot is a grid of characters with axes.
type plot struct {
	*term
	cols           int
	x0, x1, y0, y1 float64
	yticks         []float64
	left           int // cells left of the grid
	at             [plotRows][]spot
}

type spot struct {
	r      rune // 0: nothing
	series int
}

// tick is a text below a place on the x axis.
type tick struct {
	x    float64
	text string
}

func newPlot(t *term, x0, x1, y0, y1 float64) *plot {
	p := &plot{term: t, x0: x0, x1: x1, yticks: ticks(y0, y1)}
	p.y0, p.y1 = p.yticks[0], p.yticks[len(p.yticks)-1]
	p.left = maxCells(tickTexts(p.yticks)) + 1
	p.cols = clampInt(t.width-p.left-1, 8, 100)
	for i := range p.at {
		p.at[i] = make([]spot, p.cols)
	}
	return p
}

func (p *plot) column(x float64) int {
	return int(math.Round(share(x, p.x0, p.x1) * float64(p.cols-1)))
}

func (p *plot) row(y float64) int {
	return int(math.Round((1 - share(y, p.y0, p.y1)) * (plotRows - 1)))
}

// put draws the mark of a series.
func (p *plot) put(series int, x, y float64) {
	p.at[p.row(y)][p.column(x)] = spot{rune(marks[series%len(marks)]), series}
}

// join draws what lies between two marks, where nothing stands yet.
func (p *plot) join(series int, xa, ya, xb, yb float64) {
	ca, cb := p.column(xa), p.column(xb)
	step := 1
	if cb < ca {
		step = -1
	}
	for c := ca + step; c*step < cb*step; c += step {
		f := float64(c-ca) / float64(cb-ca)
		row := p.row(ya*(1-f) + yb*f)
		if p.at[row][c].r == 0 {
			p.at[row][c] = spot{'·', series}
		}
	}
}

// write adds the grid with its axes; words stand below it, or round numbers.
func (p *plot) write(yaxis, xaxis string, words []tick) {
	if a := heading(yaxis); a != "" {
		p.line(cutTo(a, p.width))
	}
	texts := map[int]string{}
	for i, t := range tickTexts(p.yticks) {
		texts[p.row(p.yticks[i])] = t
	}
	for i, row := range p.at {
		var b strings.Builder
		b.WriteString(padLeft(texts[i], p.left-1))
		edge := "│"
		if texts[i] != "" {
			edge = "┤"
		}
		b.WriteString(edge)
		for _, s := range row {
			b.WriteString(p.spot(s))
		}
		p.line(b.String())
	}
	p.line(blanks(p.left) + "└" + strings.Repeat("─", p.cols))
	p.below(words)
	if a := heading(xaxis); a != "" {
		p.line(blanks(p.left+1) + center(cutTo(a, p.cols), p.cols))
	}
}

func (p *plot) spot(s spot) string {
	switch {
	case s.r == 0:
		return " "
	case !p.colored():
		return string(s.r)
	}
	return p.in(string(s.r), seriesColor(s.series))
}

// below writes texts under the axis, leaving out what would touch its neighbour.
func (p *plot) below(words []tick) {
	if words == nil {
		at := xTicks([]float64{p.x0, p.x1})
		for i, t := range tickTexts(at) {
			if at[i] >= p.x0 && at[i] <= p.x1 {
				words = append(words, tick{at[i], t})
			}
		}
	}
	line, free := strings.Builder{}, 0
	for _, w := range words {
		text := cutTo(strings.TrimSpace(w.text), 14)
		n := cells(text)
		start := clampInt(p.left+1+p.column(w.x)-n/2, 0, p.left+1+p.cols-n)
		if start < free {
			continue
		}
		line.WriteString(blanks(start-cells(line.String())) + text)
		free = start + n + 1
	}
	p.line(line.String())
}

// legend names the marks.
func (p *plot) legend(names []string, n int) {
	if names == nil && n < 2 {
		return
	}
	text, used := "", 0
	for i, name := range labelled(names, n) {
		name = cutTo(name, p.width-4)
		mark := string(marks[i%len(marks)])
		w := cells(name) + 2
		if used > 0 && used+3+w > p.width {
			p.line(text)
			text, used = "", 0
		}
		if used > 0 {
			text, used = text+"   ", used+3
		}
		if p.colored() {
			mark = p.in(mark, seriesColor(i))
		}
		text, used = text+mark+" "+name, used+w
	}
	p.line(text)
}
