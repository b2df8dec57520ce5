package tensor

import (
	"math"
	"strconv"
	"strings"
)

const (
	printMost  = 1000 // elements printed in full
	printEdge  = 3    // entries kept at either end of an axis beyond that
	printWidth = 75   // where a row is wrapped
)

// String is how print shows the array: a number alone, else NumPy's layout with 4 decimals under a
// header of the axes, with ... past 1,000 elements.
func (a *Array) String() string {
	if a.Rank() == 0 {
		return a.number()
	}
	p := printer{a: a, short: a.Size() > printMost}
	if a.IsRagged() {
		p.starts = make([]int, a.Rows()+1)
		for r := range a.Rows() {
			p.starts[r+1] = p.starts[r] + a.rowSize(r)
		}
	}
	p.format()
	p.b.WriteString(a.Type.String())
	p.b.WriteByte('\n')
	p.axis(0, 0, 0)
	return p.b.String()
}

// number shows a 0-d array: floats in the fewest digits that read back the same.
func (a *Array) number() string {
	switch a.DT {
	case I64:
		return strconv.FormatInt(a.ints()[0], 10)
	case Bool:
		return boolText(a.truths()[0])
	}
	return formatFloat(a.floats()[0])
}

func boolText(v bool) string {
	if v {
		return "True"
	}
	return "False"
}

// formatFloat writes a float32 as Python would: 1.0, 1e-07, nan, inf.
func formatFloat(v float32) string {
	if s, ok := notFinite(v); ok {
		return s
	}
	if abs := math.Abs(float64(v)); abs != 0 && (abs < 1e-4 || abs >= 1e16) {
		return strconv.FormatFloat(float64(v), 'e', -1, 32)
	}
	s := strconv.FormatFloat(float64(v), 'f', -1, 32)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

func notFinite(v float32) (string, bool) {
	switch {
	case v != v:
		return "nan", true
	case v > math.MaxFloat32:
		return "inf", true
	case v < -math.MaxFloat32:
		return "-inf", true
	}
	return "", false
}

// printer lays out one array.
type printer struct {
	a      *Array
	b      strings.Builder
	short  bool
	starts []int
	text   func(i int) string
	width  int
}

// format chooses how elements are written and how wide the widest shown is.
func (p *printer) format() {
	switch p.a.DT {
	case I64:
		v := p.a.ints()
		p.text = func(i int) string { return strconv.FormatInt(v[i], 10) }
	case Bool:
		v := p.a.truths()
		p.text, p.width = func(i int) string { return boolText(v[i]) }, len("False")
	default:
		v := p.a.floats()
		verb := floatVerb(v)
		p.text = func(i int) string {
			if s, ok := notFinite(v[i]); ok {
				return s
			}
			return strconv.FormatFloat(float64(v[i]), verb, 4, 64)
		}
	}
	p.each(0, 0, 0, func(i int) { p.width = max(p.width, len(p.text(i))) })
}

// floatVerb is exponents where all numbers are too small, or some too large, for 4 decimals.
func floatVerb(v []float32) byte {
	most := 0.0
	for _, x := range v {
		if _, odd := notFinite(x); !odd {
			most = max(most, math.Abs(float64(x)))
		}
	}
	if most >= 1e8 || most > 0 && most < 1e-3 {
		return 'e'
	}
	return 'f'
}

// shown lists the entries of an axis that are printed; -1 stands for those left out.
func (p *printer) shown(n int) []int {
	if !p.short || n <= 2*printEdge {
		return identity(n).In
	}
	out := identity(printEdge).In
	out = append(out, -1)
	for i := n - printEdge; i < n; i++ {
		out = append(out, i)
	}
	return out
}

// under is where the part at entry i of axis k begins, from where the axis begins (off, and, before
// the ragged axes, row).
func (p *printer) under(k, row, off, i int) (int, int) {
	outer := len(p.a.Outer())
	switch {
	case k < outer-1:
		return row*p.a.Dims[k] + i, 0
	case k == outer-1:
		row = row*p.a.Dims[k] + i
		return row, p.starts[row]
	}
	dims := p.a.RowDims(row)
	return row, off + i*prod(dims[k-outer+1:])
}

// length of axis k in a row.
func (p *printer) length(k, row int) int {
	if lens := p.a.lens(k); lens != nil {
		return lens[row]
	}
	return p.a.Dims[k]
}

// each calls f for the elements that are shown.
func (p *printer) each(k, row, off int, f func(i int)) {
	if k == p.a.Rank() {
		f(off)
		return
	}
	for _, i := range p.shown(p.length(k, row)) {
		if i >= 0 {
			r, o := p.under(k, row, off, i)
			p.each(k+1, r, o, f)
		}
	}
}

// axis writes one bracket.
func (p *printer) axis(k, row, off int) {
	last := k == p.a.Rank()-1
	p.b.WriteByte('[')
	column := k + 1
	for j, i := range p.shown(p.length(k, row)) {
		if j > 0 && !last {
			p.b.WriteString(strings.Repeat("\n", p.a.Rank()-1-k))
			p.b.WriteString(strings.Repeat(" ", k+1))
		}
		if !last {
			if i < 0 {
				p.b.WriteString("...")
				continue
			}
			r, o := p.under(k, row, off, i)
			p.axis(k+1, r, o)
			continue
		}
		column = p.element(k, column, j, row, off, i)
	}
	p.b.WriteByte(']')
}

// element writes a number, padded to the common width, on a new line where the row is full.
func (p *printer) element(k, column, j, row, off, i int) int {
	s := "..."
	if i >= 0 {
		_, o := p.under(k, row, off, i)
		s = p.text(o)
		s = strings.Repeat(" ", p.width-len(s)) + s
	}
	if j > 0 {
		if column+1+len(s) >= printWidth {
			p.b.WriteString("\n" + strings.Repeat(" ", k+1))
			column = k + 1
		} else {
			p.b.WriteByte(' ')
			column++
		}
	}
	p.b.WriteString(s)
	return column + len(s)
}
