package plan

import (
	"fmt"
	"io"
	"strings"

	"interp/ir"
)

// printedColumns is how many columns of a plan are listed one by one.
const printedColumns = 400

// Fprint writes a plan for people: its columns with what they fork from, then the rows of every point
// in the order in which they are made.
//
//	column 7: pos 2 token 31 after 4; from blocks[1].resid_pre on its own, below as 5
//	pass 0 of gpt2
//	     23 rows  wte wpe blocks[0].resid_pre
func (p *Plan) Fprint(w io.Writer) error {
	out := &printer{w: w}
	passes := "1 pass"
	if p.Passes > 1 {
		passes = fmt.Sprintf("%d passes", p.Passes)
	}
	out.printf("plan: %d columns, %s, %d values, %.4g GFLOP\n", len(p.Cols), passes, len(p.Want), float64(p.Cost.Flops(p.t))/1e9)
	for i := range p.Cols {
		if i == printedColumns {
			out.printf("... and %d columns more\n", len(p.Cols)-i)
			break
		}
		p.printColumn(out, int32(i))
	}
	for pass := range p.Passes {
		for m := range p.t.orders {
			p.printPass(out, pass, int16(m))
		}
	}
	return out.err
}

type printer struct {
	w   io.Writer
	err error
}

func (p *printer) printf(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format, args...)
	}
}

func (p *Plan) printColumn(out *printer, i int32) {
	c := p.Cols[i]
	n := &p.t.cols[c]
	a := p.t.order(c).a
	out.printf("column %d: pos %d token %d", c, n.pos, n.tok)
	if n.prev >= 0 {
		out.printf(" after %d", n.prev)
	}
	if n.base >= 0 {
		out.printf("; as %d below %s", n.base, a.PointName(n.fork))
	}
	if n.alias >= 0 {
		out.printf(", as %d from there", n.alias)
		if int(n.until) < a.Points() {
			out.printf(" to %s", a.PointName(n.until))
		}
	} else if n.ownEdit {
		for _, e := range p.t.edits(n) {
			out.printf(", %s = %s", sliceText(p.t.slices[e.Sl]), p.t.valueText(e.Val))
		}
	}
	if p.makes(i) {
		out.printf("; makes %s to %s", a.PointName(p.Lo[i]), a.PointName(p.Need[i]))
		if p.Level[i] > 0 {
			out.printf(" in pass %d", p.Level[i])
		}
	} else {
		out.printf("; makes nothing")
	}
	out.printf("\n")
}

func sliceText(s ir.Slice) string {
	switch {
	case s.Whole():
		return "row"
	case s.List != nil:
		return fmt.Sprintf("row%v", s.List.At)
	}
	text := fmt.Sprintf("row[%d", s.Off)
	for _, r := range [][2]int32{{s.N1, s.S1}, {s.N2, s.S2}, {s.N3, s.S3}} {
		if r[0] > 0 {
			text += fmt.Sprintf(" %dx%d", r[0], r[1])
		}
	}
	return text + "]"
}

func (t *Table) valueText(v ValID) string {
	switch x := t.vals[v]; x.kind {
	case vConst:
		return fmt.Sprintf("constant %d", x.a)
	case vRead:
		return fmt.Sprintf("%s of %d at %s", sliceText(t.slices[x.c]), x.b, t.order(ColID(x.b)).a.PointName(pointOf(x)))
	case vView:
		return fmt.Sprintf("%d rows", len(t.operands(x)))
	case vOp:
		return t.ops.all[x.a].node.Call.Row.Name
	}
	return "host value"
}

func (p *Plan) printPass(out *printer, pass int, m int16) {
	o := p.t.orders[m]
	var names []string
	rows, head := 0, false
	flush := func() {
		if len(names) > 0 && rows > 0 {
			if !head {
				out.printf("pass %d of %s\n", pass, p.t.models[m].Name())
				head = true
			}
			out.printf("%7d rows  %s\n", rows, strings.Join(names, " "))
		}
		names = nil
	}
	for s := range o.n {
		if o.places[s].arrive {
			continue
		}
		n := 0
		for _, i := range p.lists[p.step(pass, m, s)] {
			if p.Makes(i, s) {
				n++
			}
		}
		if n != rows {
			flush()
			rows = n
		}
		names = append(names, o.a.PointName(s))
	}
	flush()
}
