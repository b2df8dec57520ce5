package vm

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"interp/internal/diag"
	"interp/ir"
	"interp/nnrt/tensor"
	"interp/stdlib"
	"interp/vm/exec"
)

// Error is an error of a script while it runs: where, what, and how the machine came there.
type Error struct {
	Diag  diag.Diag
	Stack []Call // the calls that led there, the innermost first
	err   error
}

// Call is one call of a def.
type Call struct {
	Name string
	At   diag.Span
}

func (e *Error) Error() string {
	if e.Diag.Note != "" {
		return e.Diag.Msg + " (" + e.Diag.Note + ")"
	}
	return e.Diag.Msg
}

// Unwrap is the cause, if it was not the script's own.
func (e *Error) Unwrap() error { return e.err }

// errCheckEnds stops check: its budget is spent.
var errCheckEnds = errors.New("check has run long enough")

// fatal says that an error is not the script's: cancelled, out of budget, a broken file.
func fatal(err error) bool {
	if err == nil {
		return false
	}
	var e *Error
	if errors.As(err, &e) {
		return e.err != nil && fatal(e.err)
	}
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, errCheckEnds)
}

// faultContext is how the machine came to a line: kept for output that fails later.
type faultContext struct {
	note  string
	stack []Call
}

func (m *Machine) context() faultContext {
	return faultContext{note: m.loopNote(), stack: m.calls()}
}

func (c faultContext) wrap(m *Machine, at diag.Span, err error) error {
	e := m.newFault(at, err)
	if e.Diag.Note == "" {
		e.Diag.Note = c.note
	}
	if e.Stack == nil {
		e.Stack = c.stack
	}
	return e
}

// fault gives an error of an instruction its place and context, once.
func (m *Machine) fault(in *ir.Instr, err error) error {
	if fatal(err) {
		return err
	}
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	err = m.context().wrap(m, in.Span, err)
	if errors.As(err, &e) && e.Diag.Hint == "" && in.Op == ir.OpIndex {
		e.Diag.Hint = in.Hint
	}
	return err
}

func (m *Machine) faultAt(at diag.Span, err error) error {
	var e *Error
	if errors.As(err, &e) || fatal(err) {
		return err
	}
	return m.newFault(at, err)
}

// newFault turns any error into one with a place.
func (m *Machine) newFault(at diag.Span, err error) *Error {
	var have *Error
	if errors.As(err, &have) {
		return have
	}
	var placed *ir.PlacedError
	if errors.As(err, &placed) && placed.At != (diag.Span{}) {
		at = placed.At
	}
	out := &Error{Diag: diag.Diag{Span: at, Code: "E0400", Msg: err.Error()}}
	var op *ir.Error
	var shape *tensor.Error
	var twice *twiceError
	var cycle *cycleFault
	switch {
	case errors.As(err, &op):
		out.Diag.Code, out.Diag.Hint = op.Code, op.Hint
	case errors.As(err, &shape):
		out.Diag.Code, out.Diag.Hint = "E0301", shape.Hint
		if shape.Range {
			out.Diag.Code = "E0303"
		}
	case errors.As(err, &twice):
		out.Diag.Code, out.Diag.Hint = "E0414", m.twiceHint(twice, at)
		if twice.first != at {
			out.Diag.Other, out.Diag.OtherMsg = &twice.first, "saved here"
		}
	case errors.As(err, &cycle):
		out.Diag = cycle.diag
	default:
		out.err = err
	}
	return out
}

// twiceHint says what to do about a save or write at a place: a line of a loop that meets itself lacks an index.
func (m *Machine) twiceHint(e *twiceError, at diag.Span) string {
	if (e.idx == nil || e.first == at) && len(m.loops) > 0 {
		names := m.loopNames()
		switch {
		case names != "" && e.write:
			return fmt.Sprintf("in a loop each result needs a name of its own: write(f\"%s_{%s}\", ...)", e.name, strings.ReplaceAll(names, ", ", "}_{"))
		case names != "":
			return fmt.Sprintf("in a loop each value needs a cell of its own: save %s[%s] = ...", e.name, names)
		}
	}
	return "take another name"
}

// calls are the calls of defs that are running, the innermost first.
func (m *Machine) calls() []Call {
	var out []Call
	for _, f := range slices.Backward(m.stack) {
		if f != m.globals {
			out = append(out, Call{Name: f.fn.Name, At: f.call})
		}
	}
	return out
}

// loopNote tells the loop variables of the loops at hand: "layer = 12, pos = 3".
func (m *Machine) loopNote() string {
	var parts []string
	for _, l := range m.loops {
		for _, v := range l.in.Vars {
			parts = append(parts, v.Name+" = "+short(*m.slot(l.f, v)))
		}
	}
	return strings.Join(parts, ", ")
}

func (m *Machine) loopNames() string {
	var names []string
	for _, l := range m.loops {
		for _, v := range l.in.Vars {
			names = append(names, v.Name)
		}
	}
	return strings.Join(names, ", ")
}

// short is a value in a message.
func short(v ir.Value) string {
	switch x := v.(type) {
	case *ir.Lazy, unset, *cells:
		return "..."
	case *tensor.Array:
		if x.Size() != 1 {
			return x.Type.String()
		}
	case *ir.List:
		if size(x) > 8 || !ir.IsKnown(x) {
			return fmt.Sprintf("a list of %d", len(x.Items))
		}
	}
	s := []rune(stdlib.Repr(v))
	if len(s) > 40 {
		return string(s[:37]) + "..."
	}
	return string(s)
}

// cycleFault is a set that depends on what it changes.
type cycleFault struct{ diag diag.Diag }

func (e *cycleFault) Error() string { return e.diag.Msg }

// cycle words what an engine found when an invoke was complete.
func (m *Machine) cycle(err error) error {
	var c *exec.CycleError
	if !errors.As(err, &c) || len(c.Sets) == 0 {
		return err
	}
	d := diag.Diag{Span: c.Sets[0].Span, Code: "E0415", Msg: "set: the value depends on what the set changes",
		Hint: "a layer can be set from a later one only where it cannot see it: from an earlier position, or from another invoke"}
	if last := c.Sets[len(c.Sets)-1]; last.Span != d.Span {
		at := last.Span
		d.Other, d.OtherMsg = &at, "through this set"
	} else if at, ok := m.readOf(c.Sets[0]); ok && (at.Start < d.Start || at.Start >= d.End) {
		d.Other, d.OtherMsg = &at, "the value is read here"
	}
	return &cycleFault{d}
}

// readOf is where the value of a set is read from a point that the set changes: the highest one.
func (m *Machine) readOf(s *ir.Set) (at diag.Span, ok bool) {
	var top *ir.Node
	m.b.g.Walk([]ir.NodeID{s.Val}, func(_ ir.NodeID, n *ir.Node) []ir.NodeID {
		if n.Kind == ir.NRead && n.View.Pt >= s.Pt && (top == nil || n.View.Pt > top.View.Pt) {
			top = n
		}
		return n.Args
	})
	if top == nil || top.Span == s.Span {
		return at, false
	}
	return top.Span, true
}

// didYouMean is a hint with the path that was most likely meant.
func didYouMean(name string, candidates []string) string {
	if near := suggest(name, candidates); near != "" {
		return "did you mean " + near + "?"
	}
	return ""
}

func thousands(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
