package diag

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// Render prints a list in the order of the script: for each finding its place and message, the
// line with a caret span, the second place if there is one, and the hint.
func Render(w io.Writer, file, src string, list List, color bool) error {
	s := NewSource(file, src)
	sorted := append(List(nil), list...)
	sorted.Sort()
	p := &printer{Writer: bufio.NewWriter(w), src: s, color: color}
	for i := range sorted {
		p.diag(&sorted[i])
	}
	return p.Flush()
}

// Text renders the list without colour, for tests and logs.
func (l List) Text(file, src string) string {
	var b strings.Builder
	_ = Render(&b, file, src, l, false) // a Builder never fails
	return b.String()
}

type printer struct {
	*bufio.Writer
	src   *Source
	color bool
}

// The colours of a terminal: bold for the message, red or yellow for the caret, cyan for the hint.
const (
	bold   = "1"
	red    = "31"
	yellow = "33"
	cyan   = "36"
)

func (p *printer) paint(code, text string) string {
	if !p.color || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (p *printer) diag(d *Diag) {
	msg, ink := d.Msg, red
	if d.Sev == Warning {
		msg, ink = "warning: "+msg, yellow
	}
	if d.Note != "" {
		msg += " (" + d.Note + ")"
	}
	p.place(d.Span, msg, ink)
	if d.Other != nil {
		p.place(*d.Other, d.OtherMsg, ink)
	}
	if d.Hint != "" {
		fmt.Fprintf(p, "%s %s\n", p.paint(cyan, "hint:"), clean(d.Hint))
	}
}

func (p *printer) place(at Span, msg, ink string) {
	line, col := p.src.Pos(at.Start)
	fmt.Fprintf(p, "%s:%d:%d: %s\n", clean(p.src.Name), line, col, p.paint(bold, clean(msg)))
	shown, pad, n := excerpt(p.src.Line(line), p.src.bytesInto(line, at.Start), p.src.bytesInto(line, at.End))
	fmt.Fprintf(p, "%5d | %s\n      | %s%s\n", line, shown, strings.Repeat(" ", pad), p.paint(ink, strings.Repeat("^", n)))
}
