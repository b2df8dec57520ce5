package draw

import (
	"fmt"
	"strings"
)

const (
	cellSize   = 12.0
	cellPad    = 10.0
	rowHeight  = 22.0
	widestCell = 320.0
)

var headerFill = rgb{236, 239, 244}

func (t *Table) scene() *scene {
	s := &scene{title: heading(t.Title)}
	rows := t.Rows[:min(len(t.Rows), pictureRows)]
	num := t.numeric()
	all := rows
	if t.Header != nil {
		all = append([][]string{t.Header}, rows...)
	}
	width, whole := columnWidths(all, t.columns())
	s.w = whole + 2*margin
	y := s.head([]string{t.Title}, t.note(len(rows), len(width)), margin, margin+whole)
	for i, row := range all {
		if i == 0 && t.Header != nil {
			s.add(box{margin, y, whole, rowHeight, headerFill, ""})
		}
		x := margin
		for j, w := range width {
			text := fit(token(row[j]), cellSize, widestCell)
			if text != token(row[j]) { // hovering shows what was cut
				s.mark(x, y, w, rowHeight, row[j])
			}
			if num[j] {
				s.text(x+w-cellPad, y+rowHeight*0.68, cellSize, text, atEnd)
			} else {
				s.text(x+cellPad, y+rowHeight*0.68, cellSize, text, atStart)
			}
			x += w
		}
		y += rowHeight
		s.line(rule, 1, point{margin, y}, point{margin + whole, y})
	}
	s.h = y + margin
	return s
}

// columnWidths are those of the first columns that a picture has room for, and their sum.
func columnWidths(rows [][]string, n int) (width []float64, whole float64) {
	for j := range n {
		w := 0.0
		for _, row := range rows {
			w = max(w, min(textWidth(token(row[j]), cellSize), widestCell))
		}
		if w += 2 * cellPad; whole+w > tableWidth {
			break
		}
		width, whole = append(width, w), whole+w
	}
	return width, whole
}

// note says what of the table is not shown, or nothing.
func (t *Table) note(rows, columns int) string {
	var parts []string
	if rows < len(t.Rows) {
		parts = append(parts, fmt.Sprintf("%d of %d rows", rows, len(t.Rows)))
	}
	if columns < t.columns() {
		parts = append(parts, fmt.Sprintf("%d of %d columns", columns, t.columns()))
	}
	if parts == nil {
		return ""
	}
	return "the first " + strings.Join(parts, ", ")
}
