package draw

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"interp/internal/results"
)

// newTable takes a list of records (a column a field), a record of columns, a list of rows, or an array.
func newTable(c *call) (Picture, error) {
	t := &Table{}
	v := c.arg("rows")
	switch rows := v.(type) {
	case *results.Record:
		t.columnsOf(rows)
	case []any:
		if len(rows) > 0 && !slices.ContainsFunc(rows, func(e any) bool { _, ok := e.(*results.Record); return !ok }) {
			t.records(rows)
			break
		}
		if a := asDense(v); a != nil && len(a.Shape) == 2 {
			return t.finish(c, t.array(a))
		}
		t.lists(rows)
	default:
		a := asDense(v)
		if a == nil {
			return nil, fmt.Errorf("table: got %s, want a list of records or an array", kindOf(v))
		}
		return t.finish(c, t.array(a))
	}
	return t.finish(c, nil)
}

// finish gives the table its title and the names of columns that the script gives.
func (t *Table) finish(c *call, err error) (Picture, error) {
	if err != nil {
		return nil, err
	}
	if t.Title, err = c.text("title", ""); err != nil {
		return nil, err
	}
	if t.Header, err = c.texts("columns", t.Header); err != nil {
		return nil, err
	}
	if len(t.Rows) > 0 && t.Header != nil && len(t.Header) != len(t.Rows[0]) {
		return nil, fmt.Errorf("table: columns: got %d names, want %d", len(t.Header), len(t.Rows[0]))
	}
	if len(t.Rows) == 0 && t.Header == nil { // a search that found nothing is no mistake
		t.Header = []string{"no rows"}
	}
	return t, nil
}

// records makes a row of each record; a field that one has not stays empty.
func (t *Table) records(rows []any) {
	at := map[string]int{}
	for _, r := range rows {
		for _, k := range r.(*results.Record).Keys {
			if _, ok := at[k]; !ok {
				at[k] = len(t.Header)
				t.Header = append(t.Header, k)
			}
		}
	}
	for _, r := range rows {
		row, rec := make([]string, len(t.Header)), r.(*results.Record)
		for i, k := range rec.Keys {
			row[at[k]] = cell(rec.Vals[i])
		}
		t.Rows = append(t.Rows, row)
	}
}

// columnsOf makes a column of each field where all are lists of one length, else the record is a row.
func (t *Table) columnsOf(r *results.Record) {
	columns := make([][]string, len(r.Keys))
	for i, v := range r.Vals {
		columns[i] = column(v)
		if columns[i] == nil || len(columns[i]) != len(columns[0]) {
			t.records([]any{r})
			return
		}
	}
	t.Header = r.Keys
	for i := range columns[0] {
		row := make([]string, len(columns))
		for j := range row {
			row[j] = columns[j][i]
		}
		t.Rows = append(t.Rows, row)
	}
}

// column is the cells of a list or an array of one axis, else nil.
func column(v any) []string {
	out := []string{}
	if list, ok := v.([]any); ok {
		for _, e := range list {
			out = append(out, cell(e))
		}
		return out
	}
	if a := asDense(v); a != nil && len(a.Shape) == 1 {
		for i := range a.Len() {
			out = append(out, a.text(i))
		}
		return out
	}
	return nil
}

// lists makes a row of each list, and of anything else a row of one cell.
func (t *Table) lists(rows []any) {
	for _, r := range rows {
		row := column(r)
		if row == nil {
			row = []string{cell(r)}
		}
		t.Rows = append(t.Rows, row)
	}
}

// array makes a table of a vector, one number a row, or of a matrix; labels stand before the rows.
func (t *Table) array(a *dense) error {
	shape := a.Shape
	if a = a.squeeze(2); len(a.Shape) > 2 || len(a.Shape) == 0 {
		return fmt.Errorf("table: got an array of shape %v, want one or two axes", shape)
	}
	cols := 1
	var header []string
	if len(a.Shape) == 2 {
		cols = a.Shape[1]
		_, header = a.axis(1)
	}
	axis, labels := a.axis(0)
	for i := range a.Shape[0] {
		var row []string
		if labels != nil {
			row = append(row, labels[i])
		}
		for j := range cols {
			row = append(row, a.text(i*cols+j))
		}
		t.Rows = append(t.Rows, row)
	}
	if header != nil && labels != nil {
		header = append([]string{axis}, header...)
	}
	t.Header = header
	return nil
}

const mostCell = 200 // characters of a value in a table

// cell is a value as text: strings bare, others as print writes them, on one line and not at length.
func cell(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	var b strings.Builder
	writeCell(&b, v)
	return cutTo(b.String(), mostCell)
}

func writeCell(b *strings.Builder, v any) {
	if b.Len() > mostCell {
		return
	}
	switch v := v.(type) {
	case nil:
		b.WriteString("None")
	case bool:
		b.WriteString(map[bool]string{true: "True", false: "False"}[v])
	case int64:
		b.WriteString(strconv.FormatInt(v, 10))
	case float64:
		b.WriteString(number(v))
	case string:
		b.WriteString(strconv.Quote(v))
	case []any:
		writeEach(b, "[", "]", len(v), func(i int) { writeCell(b, v[i]) })
	case *results.Record:
		writeEach(b, "{", "}", len(v.Keys), func(i int) {
			b.WriteString(v.Keys[i] + ": ")
			writeCell(b, v.Vals[i])
		})
	case *results.Array:
		if a := (&dense{v}); !v.IsRagged() && len(v.Shape) == 0 {
			b.WriteString(a.text(0))
		} else {
			writeEach(b, "[", "]", v.Len(), func(i int) { b.WriteString(a.text(i)) })
		}
	}
}

func writeEach(b *strings.Builder, open, end string, n int, f func(int)) {
	b.WriteString(open)
	for i := range n {
		if b.Len() > mostCell {
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		f(i)
	}
	b.WriteString(end)
}
