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

const (
	tableRows    = 2000   // rows of a table in a terminal
	pictureRows  = 250    // rows of a table in a file
	tableColumns = 200    // of a table
	tableWidth   = 2000.0 // units of a table in a picture
)

// Check reports rows that do not fit the header.
func (t *Table) Check() error {
	n := t.columns()
	if n == 0 {
		return fmt.Errorf("table: got no columns, want at least one")
	}
	if n > tableColumns {
		return fmt.Errorf("table: got %d columns, want at most %d\nhint: a heatmap shows a large array", n, tableColumns)
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
	hidden := t.columns() - len(width)
	if t.Header != nil {
		out.line(tableLine(tokens(t.Header), width, num))
		var rule []string
		for _, n := range width {
			rule = append(rule, strings.Repeat("─", n))
		}
		out.line(strings.Join(rule, "  "))
	}
	for i, row := range t.Rows {
		if i == tableRows {
			out.line(fmt.Sprintf("... %d more rows", len(t.Rows)-i))
			break
		}
		out.line(tableLine(tokens(row), width, num))
	}
	if hidden > 0 {
		out.line(fmt.Sprintf("... %d more columns", hidden))
	}
	return out.flush(w)
}

func tableLine(row []string, width []int, num []bool) string {
	parts := make([]string, len(width))
	for j := range width {
		s := cutTo(row[j], width[j])
		if num[j] {
			parts[j] = padLeft(s, width[j])
		} else {
			parts[j] = padRight(s, width[j])
		}
	}
	return strings.Join(parts, "  ")
}

// widths are the cells of the columns, made to fit a line by narrowing the widest, and of the first
// ones alone where that is not enough.
func (t *Table) widths(line int) []int {
	width := make([]int, t.columns())
	for j := range width {
		width[j] = 1
		if t.Header != nil {
			width[j] = max(1, cells(token(t.Header[j])))
		}
		for _, row := range t.Rows[:min(len(t.Rows), tableRows)] {
			width[j] = max(width[j], cells(token(row[j])))
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
			break
		}
		cut := min(total-line, max(1, (width[k]-least)/4))
		width[k] -= cut
		total -= cut
	}
	for total > line && len(width) > 1 {
		last := len(width) - 1
		total -= width[last] + 2
		width = width[:last]
	}
	return width
}
