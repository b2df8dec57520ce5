package draw

import (
	"fmt"
	"io"
	"strings"
)

// Table is rows of texts under a header. A column whose cells are all numbers is aligned to the right.
type Table struct {
	Header []string // nil: none
	Rows   [][]string
	Title  string
}

const tableRows = 2000 // rows of a table in a picture

// Check reports rows that do not fit the header.
func (t *Table) Check() error {
	n := t.columns()
	if n == 0 {
		return fmt.Errorf("table: got no columns, want at least one")
	}
	for i, row := range t.Rows {
		if len(row) != n {
			return fmt.Errorf("table: row %d has %d cells, want %d", i, len(row), n)
		}
	}
	return nil
}

func (t *Table) columns() int {
	switch {
	case t.Header != nil:
		return len(t.Header)
	case len(t.Rows) > 0:
		return len(t.Rows[0])
	}
	return 0
}

// numeric says of each column whether its cells are numbers or empty.
func (t *Table) numeric() []bool {
	out := make([]bool, t.columns())
	for j := range out {
		some := false
		out[j] = true
		for _, row := range t.Rows {
			s := row[j]
			some = some || s != ""
			out[j] = out[j] && (s == "" || looksNumeric(s))
		}
		out[j] = out[j] && some
	}
	return out
}

func looksNumeric(s string) bool {
	switch strings.TrimPrefix(s, "-") {
	case "nan", "inf":
		return true
	}
	return strings.Trim(s, "+-.0123456789eE%") == "" && strings.ContainsAny(s, "0123456789")
}

// Terminal writes the table in columns; the widest give way where the line is too short.
func (t *Table) Terminal(w io.Writer, opt TermOptions) error {
	if err := t.Check(); err != nil {
		return err
	}
	out := newTerm(opt)
	out.title(t.Title)
	num := t.numeric()
	width := t.widths(out.width)
	if t.Header != nil {
		out.line(tableLine(plains(t.Header), width, num))
		var rule []string
		for _, n := range width {
			rule = append(rule, strings.Repeat("─", n))
		}
		out.line(strings.Join(rule, "  "))
	}
	for i, row := range t.Rows {
		if len(t.Rows) > tableRows && i == tableRows {
			out.line(fmt.Sprintf("... %d more rows", len(t.Rows)-i))
			break
		}
		out.line(tableLine(plains(row), width, num))
	}
	return out.flush(w)
}

func tableLine(row []string, width []int, num []bool) string {
	parts := make([]string, len(row))
	for j, s := range row {
		s = cutTo(s, width[j])
		if num[j] {
			parts[j] = padLeft(s, width[j])
		} else {
			parts[j] = padRight(s, width[j])
		}
	}
	return strings.Join(parts, "  ")
}

// widths are the cells of the columns, made to fit a line by narrowing the widest.
func (t *Table) widths(line int) []int {
	width := make([]int, t.columns())
	for j := range width {
		width[j] = 1
		if t.Header != nil {
			width[j] = max(1, cells(plain(t.Header[j])))
		}
		for _, row := range t.Rows {
			width[j] = max(width[j], cells(plain(row[j])))
		}
	}
	total := 2 * (len(width) - 1)
	for _, n := range width {
		total += n
	}
	const least = 4
	for total > line {
		k := 0
		for j := range width {
			if width[j] > width[k] {
				k = j
			}
		}
		if width[k] <= least {
			break // so many columns that the terminal has to break the line
		}
		cut := min(total-line, max(1, (width[k]-least)/4))
		width[k] -= cut
		total -= cut
	}
	return width
}

func (t *Table) scene() *scene {
	const size, pad, high, widestCell = 12.0, 10.0, 22.0, 320.0
	s := &scene{title: plain(t.Title)}
	rows := t.Rows[:min(len(t.Rows), tableRows)]
	num := t.numeric()
	width := make([]float64, t.columns())
	left := margin
	all := rows
	if t.Header != nil {
		all = append([][]string{t.Header}, rows...)
	}
	for j := range width {
		for _, row := range all {
			width[j] = max(width[j], min(textWidth(plain(row[j]), size), widestCell))
		}
		width[j] += 2 * pad
		s.w += width[j]
	}
	whole := s.w
	s.w += 2 * margin
	note := ""
	if len(rows) < len(t.Rows) {
		note = fmt.Sprintf("the first %d of %d rows", len(rows), len(t.Rows))
	}
	y := s.head([]string{t.Title}, note, left, left+whole)
	for i, row := range all {
		header := i == 0 && t.Header != nil
		if header {
			s.add(box{left, y, whole, high, rgb{236, 239, 244}, ""})
		}
		x := left
		for j, cell := range row {
			text := fit(plain(cell), size, widestCell)
			if num[j] {
				s.text(x+width[j]-pad, y+high*0.68, size, text, atEnd)
			} else {
				s.text(x+pad, y+high*0.68, size, text, atStart)
			}
			x += width[j]
		}
		y += high
		s.line(rule, 1, point{left, y}, point{left + whole, y})
	}
	s.h = y + margin
	return s
}
