package draw

import (
	"fmt"
	"io"
)

// Scatter are points of two numbers each. Those that are not finite are left out and counted under
// the title.
type Scatter struct {
	A, B         []float64 // across and up
	Labels       []string  // one a point, or nil
	XAxis, YAxis string
	Title        string
}

const mostPoints = 100000

// Check reports numbers and labels that do not pair.
func (p *Scatter) Check() error {
	switch {
	case len(p.A) != len(p.B):
		return fmt.Errorf("scatter: got %d numbers across and %d up, want as many", len(p.A), len(p.B))
	case len(p.A) == 0:
		return fmt.Errorf("scatter: got no points, want at least one")
	case len(p.A) > mostPoints:
		return fmt.Errorf("scatter: got %d points, want at most %d", len(p.A), mostPoints)
	}
	return checkLabels("scatter: labels", p.Labels, len(p.A))
}

// note counts the points that cannot be drawn.
func (p *Scatter) note() string {
	n := 0
	for i := range p.A {
		if !p.drawn(i) {
			n++
		}
	}
	return leftOut(n, "points", len(p.A))
}

func (p *Scatter) drawn(i int) bool { return finite(p.A[i]) && finite(p.B[i]) }

// within is the numbers of drawn points.
func (p *Scatter) within(of []float64) []float64 {
	var out []float64
	for i, v := range of {
		if p.drawn(i) {
			out = append(out, v)
		}
	}
	return out
}

func (p *Scatter) scene() *scene {
	x0, x1 := span(p.within(p.A))
	y0, y1 := span(p.within(p.B))
	c := newChart(p.Title, p.note(), chart{xticks: ticks(x0, x1), yticks: ticks(y0, y1), xaxis: p.XAxis, yaxis: p.YAxis})
	taken := &places{right: c.left + c.w}
	for i := range p.A {
		if p.drawn(i) {
			at := point{c.X(p.A[i]), c.Y(p.B[i])}
			taken.add(at.x-4, at.y-4, 8, 8)
			c.s.add(dot{at, 3.5, seriesColor(0), p.tip(i)})
			c.s.mark(at.x-10, at.y-10, 20, 20, p.tip(i))
		}
	}
	if len(p.A) > 400 {
		return c.s // hovering still names them
	}
	for i := range p.Labels {
		if p.drawn(i) {
			taken.name(c.s, point{c.X(p.A[i]), c.Y(p.B[i])}, cutTo(token(p.Labels[i]), mostLabel))
		}
	}
	return c.s
}

// places are the rectangles that something stands in already.
type places struct {
	right float64
	taken []box
}

func (p *places) add(x, y, w, h float64) { p.taken = append(p.taken, box{x: x, y: y, w: w, h: h}) }

func (p *places) free(x, y, w, h float64) bool {
	if x+w > p.right {
		return false
	}
	for _, b := range p.taken {
		if x < b.x+b.w && b.x < x+w && y < b.y+b.h && b.y < y+h {
			return false
		}
	}
	return true
}

// name writes a label where there is room about a point: right, left, above, below; else not at all.
func (p *places) name(s *scene, at point, text string) {
	w, h := textWidth(text, valueSize), valueSize
	for _, d := range []point{{6, -h / 2}, {-6 - w, -h / 2}, {-w / 2, -6 - h}, {-w / 2, 6}} {
		x, y := at.x+d.x, at.y+d.y
		if p.free(x, y, w, h) && x > margin {
			p.add(x, y, w, h)
			s.text(x, y+h*0.85, valueSize, text, atStart)
			return
		}
	}
}

func (p *Scatter) tip(i int) string {
	text := heading(or(p.XAxis, "x")) + ": " + number(p.A[i]) + "\n" + heading(or(p.YAxis, "y")) + ": " + number(p.B[i])
	if p.Labels != nil {
		text = token(p.Labels[i]) + "\n" + text
	}
	return text
}

// Terminal draws the points on a grid of characters.
func (p *Scatter) Terminal(w io.Writer, opt TermOptions) error {
	if err := p.Check(); err != nil {
		return err
	}
	t := newTerm(opt)
	x0, x1 := span(p.within(p.A))
	y0, y1 := span(p.within(p.B))
	g := newPlot(t, x0, x1, y0, y1)
	for i := range p.A {
		if p.drawn(i) {
			g.put(0, p.A[i], p.B[i])
		}
	}
	for i, l := range p.Labels {
		if p.drawn(i) {
			g.name(p.A[i], p.B[i], token(l))
		}
	}
	t.title(p.Title)
	t.title(p.note())
	g.write(p.YAxis, p.XAxis, nil)
	return t.flush(w)
}

// name writes a label right of a point, else left of it, where the grid is empty.
func (p *plot) name(x, y float64, text string) {
	letters := []rune(text)
	if cells(text) != len(letters) {
		return // wide characters would shift the rest of the line
	}
	row, c := p.at[p.row(y)], p.column(x)
	for _, start := range []int{c + 2, c - len(letters) - 1} {
		if !empty(row, start-1, len(letters)+2, c) {
			continue
		}
		for i, r := range letters {
			row[start+i] = spot{r, 6}
		}
		return
	}
}

// empty says that nothing stands in n places from start but the point itself.
func empty(row []spot, start, n, self int) bool {
	for i := start; i < start+n; i++ {
		inside := i >= 0 && i < len(row)
		if i > start && i < start+n-1 && !inside {
			return false
		}
		if inside && i != self && row[i].r != 0 {
			return false
		}
	}
	return true
}
