package draw

import (
	"fmt"
	"math"
)

// Heatmap is a grid of numbers on a scale of colours centred on 0: the first row at the top, red
// below zero, blue above, grey where a number is none.
type Heatmap struct {
	Z              [][]float64 // rows of equal length
	XLabels        []string    // one a column; nil counts from 0
	YLabels        []string    // one a row; nil counts from 0
	XAxis, YAxis   string
	Title          string
	binRows, binXs int // how many rows and columns of the original a cell stands for; 0 is 1
}

// Check reports rows of different lengths and labels that do not fit.
func (h *Heatmap) Check() error {
	if len(h.Z) == 0 || len(h.Z[0]) == 0 {
		return fmt.Errorf("heatmap: got %d rows and no columns, want at least one number", len(h.Z))
	}
	for i, row := range h.Z {
		if len(row) != len(h.Z[0]) {
			return fmt.Errorf("heatmap: row %d has %d numbers, row 0 has %d", i, len(row), len(h.Z[0]))
		}
	}
	if err := checkLabels("heatmap: x", h.XLabels, len(h.Z[0])); err != nil {
		return err
	}
	return checkLabels("heatmap: y", h.YLabels, len(h.Z))
}

func checkLabels(what string, labels []string, n int) error {
	if labels != nil && len(labels) != n {
		return fmt.Errorf("%s: got %d labels, want %d", what, len(labels), n)
	}
	return nil
}

// most is the largest finite magnitude: the ends of the scale.
func (h *Heatmap) most() float64 {
	m := 0.0
	for _, row := range h.Z {
		m = max(m, largest(row))
	}
	return m
}

func largest(row []float64) float64 {
	m := 0.0
	for _, v := range row {
		if finite(v) {
			m = max(m, math.Abs(v))
		}
	}
	return m
}

// shrink is the heat map with at most so many rows and columns: neighbours become one cell, which
// shows the one of largest magnitude, so that no peak is lost.
func (h *Heatmap) shrink(rows, cols int) *Heatmap {
	br, bc := bin(len(h.Z), rows), bin(len(h.Z[0]), cols)
	if br == 1 && bc == 1 {
		return h
	}
	out := *h
	out.binRows, out.binXs = br, bc
	out.Z = nil
	for i := 0; i < len(h.Z); i += br {
		var row []float64
		for j := 0; j < len(h.Z[0]); j += bc {
			row = append(row, peak(h.Z[i:min(i+br, len(h.Z))], j, j+bc))
		}
		out.Z = append(out.Z, row)
	}
	out.YLabels, out.XLabels = binLabels(h.YLabels, len(h.Z), br), binLabels(h.XLabels, len(h.Z[0]), bc)
	return &out
}

func bin(n, most int) int { return (n + most - 1) / most }

func peak(rows [][]float64, from, to int) float64 {
	best := math.NaN()
	for _, row := range rows {
		for _, v := range row[from:min(to, len(row))] {
			if math.IsNaN(best) || math.Abs(v) > math.Abs(best) {
				best = v
			}
		}
	}
	return best
}

func binLabels(labels []string, n, size int) []string {
	if size == 1 {
		return labels
	}
	var out []string
	for i := 0; i < n; i += size {
		last := min(i+size, n) - 1
		switch {
		case labels != nil:
			out = append(out, labels[i])
		case last > i:
			out = append(out, fmt.Sprintf("%d-%d", i, last))
		default:
			out = append(out, fmt.Sprint(i))
		}
	}
	return out
}

// note says what shrink did, or nothing.
func (h *Heatmap) note() string {
	rows, cols := max(h.binRows, 1), max(h.binXs, 1)
	what := ""
	switch {
	case rows > 1 && cols > 1:
		what = fmt.Sprintf("%d rows by %d columns", rows, cols)
	case rows > 1:
		what = fmt.Sprintf("%d rows", rows)
	case cols > 1:
		what = fmt.Sprintf("%d columns", cols)
	default:
		return ""
	}
	return "a cell stands for " + what + " and shows the number of largest magnitude"
}
