package draw

import "math"

const (
	tickSize   = 11.0
	axisSize   = 13.0
	titleSize  = 15.0
	valueSize  = 10.5
	valuePad   = 5.0 // beside a number in its cell
	margin     = 16.0
	gap        = 8.0 // between a label and what it labels
	barWidth   = 16.0
	leastBar   = 90.0  // height of a scale
	boxedCells = 20000 // grids beyond that are pixels, not boxes
)

func (h *Heatmap) scene() *scene {
	h = h.shrink(mostCells, mostCells)
	rows, cols := len(h.Z), len(h.Z[0])
	xs, ys := cutAll(labelled(h.XLabels, cols), mostLabel), cutAll(labelled(h.YLabels, rows), mostLabel)
	g := h.gridFrame(widest(ys, tickSize))
	xl := slant(xs, g.cw, h.XLabels == nil || h.binXs > 1)
	s := &scene{title: heading(h.Title)}
	most := h.most()
	t := axisTitles{fit(heading(h.XAxis), axisSize, max(g.width, chartWidth)), fit(heading(h.YAxis), axisSize, max(g.height, chartHeight))}
	over, above := t.overhang(g)
	barAt := g.width + 26 + over
	bar := barAt + barWidth + 6 + textWidth(short(most)(-most), tickSize)
	left := margin + g.labels + gap
	if h.YAxis != "" {
		left += axisSize + gap
	}
	left = max(left, margin+xl.overhangLeft(xs, g.cw), margin+over)
	s.w = left + max(bar, g.width+max(xl.overhangRight(xs, g.cw), over)) + margin
	top := s.head([]string{h.Title}, h.note(), left, left+g.width) + above
	h.cells(s, g, left, top, most)
	h.frame(s, g, xl, xs, ys, t, left, top)
	colorBar(s, left+barAt, top, g.height, most)
	s.hits.grid = &gridHits{left, top, g.cw, g.ch, labelled(h.XLabels, cols), labelled(h.YLabels, rows), heading(or(h.XAxis, "x")), heading(or(h.YAxis, "y")), h.texts()}
	return s
}

// axisTitles are the titles of both axes as they are drawn.
type axisTitles struct{ x, y string }

// overhang is how far the titles reach beyond the grid: x to the left and right, y above and below.
func (t axisTitles) overhang(g grid) (x, y float64) {
	return max(0, (textWidth(t.x, axisSize)-g.width)/2), max(0, (textWidth(t.y, axisSize)-g.height)/2)
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// grid is the size of a grid of cells and of the labels left of it.
type grid struct{ cw, ch, width, height, labels float64 }

func (h *Heatmap) gridFrame(labels float64) grid {
	rows, cols := len(h.Z), len(h.Z[0])
	cw := clamp(660/float64(cols), 1, 46)
	if wide := h.widestValue() + 2*valuePad; wide > cw && wide*float64(cols) <= 660 {
		cw = wide
	}
	ch := clamp(440/float64(rows), 1, 34)
	return grid{cw, ch, cw * float64(cols), ch * float64(rows), labels}
}

func clamp(v, lo, hi float64) float64 { return math.Max(lo, math.Min(hi, v)) }

// cells draws the numbers.
func (h *Heatmap) cells(s *scene, g grid, left, top, most float64) {
	rows, cols := len(h.Z), len(h.Z[0])
	if rows*cols > boxedCells {
		p := pixels{left, top, g.width, g.height, rows, cols, nil}
		for _, row := range h.Z {
			for _, v := range row {
				p.colors = append(p.colors, diverging(v, most))
			}
		}
		s.add(p)
		return
	}
	write := short(most)
	xs, ys := labelled(h.XLabels, cols), labelled(h.YLabels, rows)
	show := g.ch >= valueSize+3 && h.widestValue()+valuePad <= g.cw
	for i, row := range h.Z {
		for j, v := range row {
			x, y, c := left+float64(j)*g.cw, top+float64(i)*g.ch, diverging(v, most)
			s.add(box{x, y, g.cw, g.ch, c, cellTip(h, xs[j], ys[i], v)})
			if show {
				s.add(label{x + g.cw/2, y + g.ch/2 + valueSize*0.36, valueSize, write(v), atMiddle, 0, onto(c)})
			}
		}
	}
}

func cellTip(h *Heatmap, x, y string, v float64) string {
	return heading(or(h.XAxis, "x")) + ": " + x + "\n" + heading(or(h.YAxis, "y")) + ": " + y + "\n" + number(v)
}

// onto is the colour of text on a colour.
func onto(c rgb) rgb {
	if c.dark() {
		return paper
	}
	return ink
}

// widestValue is the width of the widest number, where there are so few that they may be shown.
func (h *Heatmap) widestValue() float64 {
	if len(h.Z)*len(h.Z[0]) > boxedCells {
		return math.Inf(1)
	}
	write, w := short(h.most()), 0.0
	for _, row := range h.Z {
		for _, v := range row {
			w = max(w, textWidth(write(v), valueSize))
		}
	}
	return w
}

// texts are the numbers for hovering.
func (h *Heatmap) texts() [][]string {
	out := make([][]string, len(h.Z))
	for i, row := range h.Z {
		for _, v := range row {
			out[i] = append(out[i], number(v))
		}
	}
	return out
}

// frame draws the labels and titles of both axes and closes the scene below.
func (h *Heatmap) frame(s *scene, g grid, xl slanted, xs, ys []string, t axisTitles, left, top float64) {
	step := roundStep((tickSize + 2) / g.ch)
	for i := 0; i < len(ys); i += step {
		y := top + (float64(i)+0.5)*g.ch
		s.text(left-gap, y+tickSize*0.36, tickSize, ys[i], atEnd)
	}
	bottom := top + g.height
	xl.draw(s, xs, left, g.cw, bottom)
	bottom += xl.height
	_, below := t.overhang(g)
	bottom = max(bottom, top+g.height+below)
	if t.x != "" {
		bottom += axisSize + gap
		s.text(left+g.width/2, bottom, axisSize, t.x, atMiddle)
		bottom += 4
	}
	if t.y != "" {
		s.add(label{left - gap - g.labels - gap, top + g.height/2, axisSize, t.y, atMiddle, -90, ink})
	}
	s.h = max(bottom, top+max(g.height, leastBar)+tickSize) + margin
}

// colorBar draws the scale, largest at the top.
func colorBar(s *scene, x, top, height, most float64) {
	const steps = 64
	at := top
	height = max(height, leastBar)
	for i := range steps {
		v := 1 - 2*(float64(i)+0.5)/steps
		next := top + height*float64(i+1)/steps
		s.add(box{x, at, barWidth, next - at, diverging(v, 1), ""})
		at = next
	}
	write := short(most)
	if most == 0 {
		s.text(x+barWidth+6, top+height/2+tickSize*0.36, tickSize, "0", atStart)
		return
	}
	for i := range 5 {
		f := float64(i) / 4
		s.text(x+barWidth+6, top+height*f+tickSize*0.36, tickSize, write(most*(1-2*f)), atStart)
	}
}

// cutAll is cutTo of each; nil stays nil.
func cutAll(texts []string, n int) []string {
	if texts == nil {
		return nil
	}
	out := make([]string, len(texts))
	for i, t := range texts {
		out[i] = cutTo(t, n)
	}
	return out
}
