package draw

import (
	"fmt"
	"math"
	"strconv"
)

// chart is a rectangle with axes in which lines, bars and points are drawn.
type chart struct {
	s               *scene
	left, top, w, h float64
	x0, x1, y0, y1  float64 // what the edges stand for
	xticks, yticks  []float64
	words           []string // labels of places 0, 1, ... instead of xticks
	counted         bool     // words are only numbers of places
	xaxis, yaxis    string
	names           []string // of the legend; none for one series without a name
	keys            int      // names that have a colour
	xl              slanted
	yTickWide       float64
}

const (
	chartWidth  = 620.0
	chartHeight = 360.0
	tickTarget  = 6
	legendLine  = tickSize + 7
)

// span is the range of the finite numbers; of none, 0 to 1; of one, some room about it.
func span(rows ...[]float64) (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, row := range rows {
		for _, v := range row {
			if finite(v) {
				lo, hi = math.Min(lo, v), math.Max(hi, v)
			}
		}
	}
	switch {
	case lo > hi:
		return 0, 1
	case lo == hi:
		room := math.Max(math.Abs(lo)/2, 0.5)
		return bounded(lo - room), bounded(hi + room)
	}
	return lo, hi
}

// bounded keeps a number finite.
func bounded(v float64) float64 { return clamp(v, -math.MaxFloat64, math.MaxFloat64) }

// ticks are round numbers from at or below lo to at or above hi.
func ticks(lo, hi float64) []float64 {
	// Halves first: the difference of two huge numbers need not be a number.
	step := (hi/2 - lo/2) / tickTarget * 2
	if step <= 0 || !finite(step) {
		return []float64{lo, hi}
	}
	base := math.Pow(10, math.Floor(math.Log10(step)))
	for _, m := range []float64{1, 2, 2.5, 5, 10} {
		if base*m >= step*0.999 {
			step = base * m
			break
		}
	}
	first, last := math.Floor(lo/step+1e-9), math.Ceil(hi/step-1e-9)
	const narrow = 1e12 // steps from zero: beyond, rounding moves the ticks
	if math.Abs(first) > narrow || last-first > 4*tickTarget || last <= first || !finite(last*step) || !finite(first*step) {
		return []float64{lo, hi}
	}
	out := make([]float64, int(last-first)+1)
	for k := range out {
		out[k] = (first + float64(k)) * step
	}
	return out
}

// tickTexts writes ticks with as many decimals as they need.
func tickTexts(at []float64) []string {
	most, step := largest(at), math.Inf(1)
	for i := 1; i < len(at); i++ {
		step = math.Min(step, at[i]-at[i-1])
	}
	out := make([]string, len(at))
	for i, v := range at {
		switch {
		case most >= 1e6 || most < 1e-3:
			digits := math.Ceil(math.Log10(most/step)) + 1 // that tell neighbours apart
			out[i] = strconv.FormatFloat(v, 'g', int(clamp(digits, 3, 17)), 64)
		default:
			out[i] = strconv.FormatFloat(v, 'f', decimals(step), 64)
		}
	}
	return out
}

// decimals a step of ticks needs: 0.25 two, 0.5 one, 20 none.
func decimals(step float64) int {
	for n := range 7 {
		if x := step * math.Pow(10, float64(n)); math.Abs(x-math.Round(x)) < 1e-6*x {
			return n
		}
	}
	return 7
}

// leftOut says how many of all are not drawn, or nothing.
func leftOut(n int, what string, all int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%d of %d %s not drawn: nan or inf", n, all, what)
}

// newChart lays out the frame: title, note, ticks, names of axes, legend.
func newChart(title, note string, c chart) *chart {
	c.s = &scene{title: heading(title)}
	yt := tickTexts(c.yticks)
	c.yTickWide = widest(yt, tickSize)
	c.left = margin + c.yTickWide + gap
	if c.yaxis != "" {
		c.left += axisSize + gap
	}
	c.w, c.h = chartWidth, chartHeight
	c.y0, c.y1 = c.yticks[0], c.yticks[len(c.yticks)-1]
	c.words = cutAll(c.words, mostLabel)
	cell := c.w / max(float64(len(c.words)), 1)
	if c.words != nil {
		c.xl = slant(c.words, cell, c.counted)
		c.left = max(c.left, margin+c.xl.overhangLeft(c.words, cell))
	} else {
		c.x0, c.x1 = c.xticks[0], c.xticks[len(c.xticks)-1]
		c.xl.height = tickSize + gap
	}
	c.names = c.legendTexts()
	right := gap
	if c.names != nil {
		right = 30 + widest(c.names, tickSize) + gap
	}
	if c.words == nil {
		xt := tickTexts(c.xticks)
		right = max(right, textWidth(xt[len(xt)-1], tickSize)/2)
		c.left = max(c.left, margin+textWidth(xt[0], tickSize)/2)
	}
	c.s.w = c.left + c.w + right + margin
	c.top = c.s.head([]string{title}, note, c.left, c.left+c.w)
	c.frame(yt)
	c.legend()
	return &c
}

// X and Y place a number.
func (c *chart) X(v float64) float64 { return c.left + share(v, c.x0, c.x1)*c.w }
func (c *chart) Y(v float64) float64 { return c.top + (1-share(v, c.y0, c.y1))*c.h }

// share is where v lies between lo (0) and hi (1), also where hi-lo is too large a number; in the
// middle where it is too small a one.
func share(v, lo, hi float64) float64 {
	s := (v/2 - lo/2) / (hi/2 - lo/2)
	if math.IsNaN(s) {
		return 0.5
	}
	return clamp(s, 0, 1)
}

// place is the middle of the cell of word i.
func (c *chart) place(i int) float64 {
	return c.left + (float64(i)+0.5)*c.w/float64(len(c.words))
}

// frame draws grid lines, ticks and titles of both axes and closes the scene below.
func (c *chart) frame(yt []string) {
	s := c.s
	for i, v := range c.yticks {
		y := c.Y(v)
		s.line(rule, 1, point{c.left, y}, point{c.left + c.w, y})
		s.text(c.left-gap, y+tickSize*0.36, tickSize, yt[i], atEnd)
	}
	bottom := c.top + c.h
	if c.words != nil {
		c.xl.draw(s, c.words, c.left, c.w/float64(len(c.words)), bottom)
	} else {
		for i, t := range tickTexts(c.xticks) {
			x := c.X(c.xticks[i])
			s.line(rule, 1, point{x, c.top}, point{x, bottom})
			s.text(x, bottom+gap/2+tickSize, tickSize, t, atMiddle)
		}
	}
	s.line(soft, 1, point{c.left, c.top}, point{c.left, bottom}, point{c.left + c.w, bottom})
	if c.y0 < 0 && c.y1 > 0 {
		s.line(soft, 1, point{c.left, c.Y(0)}, point{c.left + c.w, c.Y(0)})
	}
	bottom += c.xl.height
	if c.xaxis != "" {
		bottom += axisSize + gap
		s.text(c.left+c.w/2, bottom, axisSize, fit(heading(c.xaxis), axisSize, c.w), atMiddle)
		bottom += 4
	}
	if c.yaxis != "" {
		s.add(label{c.left - gap - c.yTickWide - gap, c.top + c.h/2, axisSize, fit(heading(c.yaxis), axisSize, c.h), atMiddle, -90, ink})
	}
	s.h = bottom + margin
}

// legend names the series, right of the chart.
func (c *chart) legend() {
	for i, name := range c.names {
		x, y := c.left+c.w+14, c.top+float64(i)*legendLine
		if i < c.keys {
			c.s.add(box{x, y + 1, 10, 10, seriesColor(i), ""})
		}
		c.s.text(x+16, y+tickSize-0.5, tickSize, name, atStart)
	}
}

// legendTexts are the lines of the legend: the names, and where there are too many how many more.
func (c *chart) legendTexts() []string {
	c.keys = len(c.names)
	most := int((c.h - tickSize) / legendLine)
	if len(c.names) <= most {
		return c.names
	}
	c.keys = most - 1
	return append(c.names[:c.keys:c.keys], "+ "+strconv.Itoa(len(c.names)-c.keys)+" more")
}

// legendNames are the names to show: those given, else numbers where there is more than one.
func legendNames(names []string, n int) []string {
	if names == nil && n < 2 {
		return nil
	}
	return cutAll(labelled(names, n), mostLabel)
}
