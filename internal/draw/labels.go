package draw

import "math"

// slanted is how the labels below an axis are written: level where they fit, else rising at 45
// degrees, each step-th where there are too many. Those that only count stay level.
type slanted struct {
	turned bool
	step   int
	height float64
}

const slope = math.Sqrt2 / 2

func slant(labels []string, cell float64, counted bool) slanted {
	w := widest(labels, tickSize)
	if w <= cell-4 {
		return slanted{false, 1, tickSize + gap}
	}
	if counted {
		return slanted{false, roundStep((w + 12) / cell), tickSize + gap}
	}
	step := max(1, int(math.Ceil((tickSize+3)/cell)))
	if w+8 <= cell*float64(step) {
		return slanted{false, step, tickSize + gap}
	}
	return slanted{true, step, (w+tickSize)*slope + gap}
}

// roundStep is 1, 2 or 5 times a power of ten, not below least.
func roundStep(least float64) int {
	for step := 1; ; step *= 10 {
		for _, m := range []int{1, 2, 5} {
			if float64(m*step) >= least {
				return m * step
			}
		}
	}
}

// draw writes labels under cells of one width that begin at left.
func (sl slanted) draw(s *scene, labels []string, left, cell, y float64) {
	for i := 0; i < len(labels); i += sl.step {
		x := left + (float64(i)+0.5)*cell
		if !sl.turned {
			s.text(x, y+gap/2+tickSize, tickSize, labels[i], atMiddle)
			continue
		}
		s.add(label{x + tickSize*0.3, y + gap/2 + tickSize*0.7, tickSize, labels[i], atEnd, -45, ink})
	}
}

// overhangLeft is how far labels reach to the left of the first cell.
func (sl slanted) overhangLeft(labels []string, cell float64) float64 {
	over := 0.0
	for i := 0; i < len(labels); i += sl.step {
		w := textWidth(labels[i], tickSize)
		if sl.turned {
			w *= slope
		} else {
			w /= 2
		}
		over = max(over, w-(float64(i)+0.5)*cell)
	}
	return over
}

// overhangRight is how far labels reach to the right of the last cell.
func (sl slanted) overhangRight(labels []string, cell float64) float64 {
	over := 0.0
	for i := 0; i < len(labels) && !sl.turned; i += sl.step {
		over = max(over, textWidth(labels[i], tickSize)/2-(float64(len(labels)-i)-0.5)*cell)
	}
	return over
}

// head writes the title, broken into lines, and a note under it; it makes the scene wide enough and
// gives where the picture may begin. A title is centred over the picture where there is room.
func (s *scene) head(title []string, note string, left, right float64) float64 {
	var lines []label
	y := margin
	put := func(text string, size float64, color rgb) {
		room := max(s.w-2*margin, 420)
		for _, l := range fold(text, size, room) {
			y += size
			s.w = max(s.w, textWidth(l, size)+2*margin)
			lines = append(lines, label{0, y, size, l, atMiddle, 0, color})
			y += size * 0.35
		}
	}
	for _, t := range title {
		put(heading(t), titleSize, ink)
	}
	put(note, tickSize, soft)
	for _, l := range lines {
		half := textWidth(l.text, l.size) / 2
		l.x = clamp((left+right)/2, margin+half, s.w-margin-half)
		s.add(l)
	}
	return y + gap + 4
}

// fold breaks text into lines of a width.
func fold(t string, size, width float64) []string {
	if textWidth(t, size) <= width {
		if t == "" {
			return nil
		}
		return []string{t}
	}
	n := cells(t)
	for n > 8 && widest(wrap(t, n), size) > width {
		n -= max(1, n/16)
	}
	return wrap(t, n)
}
