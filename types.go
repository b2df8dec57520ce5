package interp

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"interp/compiler"
	"interp/internal/diag"
	"interp/internal/draw"
	"interp/internal/results"
)

// What results and findings are made of.
type (
	// Array is numbers in row-major order under named axes: Data is []float32, []float64, []int64 or
	// []bool. A dense array has a Shape; a ragged one has Rows instead, the shapes of its dense rows, and
	// EachRow goes through them.
	Array = results.Array
	// Record is named fields in order: Get(key), or Keys and Vals.
	Record = results.Record
	// Named is a result: Name and Value.
	Named = results.Named
	// Stats are a run's times in seconds, states, GFLOP, passes and bytes.
	Stats = results.Stats

	// Picture is what a script drew: *Heatmap, *Lines, *Bars, *Scatter or *Table.
	Picture = draw.Picture
	// Heatmap is a matrix in colours.
	Heatmap = draw.Heatmap
	// Lines is lines over a common axis.
	Lines = draw.Lines
	// Bars is one series of bars or several.
	Bars = draw.Bars
	// Scatter is points.
	Scatter = draw.Scatter
	// Table is rows and columns.
	Table = draw.Table
	// TermOptions say how wide a terminal is and which colours it has.
	TermOptions = draw.TermOptions

	// Finding is one error or warning: Code, Msg, Hint, and its place as byte offsets of the script.
	Finding = diag.Diag
	// Findings are errors and warnings; HasErrors tells which there are.
	Findings = diag.List
	// Span is a piece of a script: byte offsets, the end exclusive.
	Span = diag.Span
	// Severity tells errors from warnings.
	Severity = diag.Severity
)

// The severities of findings.
const (
	SeverityError   = diag.Error
	SeverityWarning = diag.Warning
)

// CheckInputs refuses a value for an input that the script does not have. Run and Check do so first.
func (p *Program) CheckInputs(in map[string]any) error {
	have := p.Inputs()
	for _, name := range slices.Sorted(maps.Keys(in)) {
		near := compiler.Suggest(name, have)
		switch {
		case slices.Contains(have, name):
		case near != "":
			return fmt.Errorf("the script has no input %s; did you mean %s?", name, near)
		case len(have) == 0:
			return fmt.Errorf("the script has no input %s: it has none, as  input %s  would be", name, name)
		default:
			return fmt.Errorf("the script has no input %s, only %s", name, strings.Join(have, ", "))
		}
	}
	return nil
}
