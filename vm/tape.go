package vm

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"interp/internal/diag"
	"interp/ir"
	"interp/stdlib"
	"interp/vm/exec"
)

// tape is the output in order. An entry is written when its values are known and all before it is
// written.
type tape struct {
	entries []*entry
	done    int // written
	asked   int // a drain asked for their values
}

// entry is one piece of output: its values and how it is written.
type entry struct {
	vals  []ir.Value
	at    diag.Span
	write func(m *Machine, vals []ir.Value) error
	fault func(err error) error // what an error of it becomes
}

// put appends an entry and writes what is filled.
func (m *Machine) put(vals []ir.Value, at diag.Span, write func(m *Machine, vals []ir.Value) error) error {
	n := 0
	for _, v := range vals {
		n += size(v)
	}
	if err := m.charge(n); err != nil {
		return err
	}
	if m.check != nil || m.silent {
		m.asked(vals)
		return nil
	}
	note := m.context()
	m.tape.entries = append(m.tape.entries, &entry{vals: vals, at: at, write: write, fault: func(err error) error { return note.wrap(m, at, err) }})
	return m.tape.flush(m)
}

// flush writes the entries that are filled, up to the first that is not. An entry with a value that
// could not be computed ends the tape with its error.
func (t *tape) flush(m *Machine) error {
	for t.done < len(t.entries) {
		e := t.entries[t.done]
		vals, whole, err := m.fillAll(e.vals)
		if err == nil && !whole {
			return nil
		}
		t.entries[t.done] = nil
		t.done++
		if err == nil {
			err = e.write(m, vals)
		}
		if err != nil {
			t.entries, t.asked = t.entries[:t.done], t.done
			return e.fault(err)
		}
	}
	t.entries, t.done, t.asked = t.entries[:0], 0, 0
	return nil
}

// ask gives what the entries wait for that no drain asked for yet.
func (t *tape) ask() (nodes []ir.NodeID) {
	for _, e := range t.entries[max(t.done, t.asked):] {
		for _, v := range e.vals {
			nodes = appendLazy(nodes, v)
		}
	}
	t.asked = len(t.entries)
	return nodes
}

// finish computes what the tape still waits for, writes it, and then reports err.
func (m *Machine) finish(err error) error {
	if err != nil && fatal(err) {
		if ferr := m.tape.flush(m); ferr != nil && !fatal(ferr) {
			err = ferr
		}
		m.tape = tape{}
		return err
	}
	if terr := m.drain(); terr != nil {
		err = terr // it stands before
	}
	m.tape = tape{}
	return err
}

// drain computes what the tape waits for and writes it.
func (m *Machine) drain() error {
	if err := m.eval(m.tape.ask()); err != nil {
		return err
	}
	return m.tape.flush(m)
}

// windowColumns are the columns of 16 chunks: with more described since the tape was drained, it is
// drained, so that a long sweep prints as it goes and what was printed can be let go.
const windowColumns = 16 * exec.ChunkColumns

// drainWindow drains the tape, between two runs, if more is outstanding than the window holds. To explain
// a script is to note that this is done.
func (m *Machine) drainWindow() error {
	if m.check != nil || m.rs.trace != nil || m.rs.columns <= m.opts.Window || len(m.tape.entries) <= m.tape.asked {
		return nil
	}
	m.rs.columns = 0
	if m.forced != nil {
		m.forced.drains = append(m.forced.drains, m.tape.ask())
		return nil
	}
	if err := m.drain(); err != nil {
		return err
	}
	m.release()
	return nil
}

// release lets the values go that were written and that no variable holds. One that is asked for again all the
// same is computed again.
func (m *Machine) release() {
	held := map[ir.NodeID]bool{}
	hold := func(vals []ir.Value) {
		for _, v := range vals {
			for _, id := range lazyNodes(v) {
				held[id] = true
			}
		}
	}
	for _, f := range m.stack {
		for ; f != nil; f = f.outer {
			hold(f.vars)
			hold(f.regs)
			for _, c := range f.yield {
				hold(c.items)
			}
		}
	}
	maps.DeleteFunc(m.known, func(id ir.NodeID, _ ir.Value) bool { return !held[id] })
}

// lazyNodes are the nodes of a variable's value, those in saved cells too.
func lazyNodes(v ir.Value) []ir.NodeID {
	c, ok := v.(*cells)
	if !ok {
		return appendLazy(nil, v)
	}
	ids := appendLazy(nil, c.array)
	for _, x := range c.order {
		ids = appendLazy(ids, x.val)
	}
	return ids
}

func (m *Machine) text(s string) error {
	if m.opts.Out == nil {
		return nil
	}
	return m.opts.Out.Text(s)
}

func (m *Machine) printOp(f *frame, in *ir.Instr) error {
	vals, err := m.args(f, in, 0)
	if err != nil {
		return err
	}
	return m.put(vals, in.Span, func(m *Machine, vals []ir.Value) error {
		parts := make([]string, len(vals))
		for i, v := range vals {
			parts[i] = stdlib.Text(v)
		}
		return m.text(strings.Join(parts, " ") + "\n")
	})
}

// showOp shows the value of a bare expression of a session and gives it the name of the last one; None
// shows nothing.
func (m *Machine) showOp(f *frame, in *ir.Instr) error {
	v, err := m.arg(f, in, 0)
	if err != nil || v == nil {
		return err
	}
	for _, name := range in.Vars {
		*m.slot(f, name) = v
	}
	return m.put([]ir.Value{v}, in.Span, func(m *Machine, vals []ir.Value) error {
		return m.text(stdlib.Repr(vals[0]) + "\n")
	})
}

// assertOp stops the script, in the order of its output, where a condition does not hold.
func (m *Machine) assertOp(f *frame, in *ir.Instr) error {
	vals, err := m.args(f, in, 0)
	if err != nil {
		return err
	}
	holds := func(vals []ir.Value) error {
		t, err := stdlib.Truth(vals[0])
		if err != nil || t {
			return err
		}
		msg := "assertion failed"
		if len(vals) > 1 {
			msg += ": " + stdlib.Text(vals[1])
		}
		return &ir.Error{Code: "E0411", Msg: msg}
	}
	if t, ok := ir.TypeOf(vals[0]); ok && t.Size() != 1 {
		_, _, err := m.truth(vals[0])
		return err
	}
	if m.check != nil {
		if ir.IsKnown(vals[0]) {
			return holds(vals)
		}
		m.asked(vals)
		return nil
	}
	return m.put(vals, in.Span, func(_ *Machine, vals []ir.Value) error { return holds(vals) })
}

// output puts a picture, a table or a named result on the tape.
func (m *Machine) output(c *ir.Call) error {
	if hasAny(c.Args) && m.check != nil {
		m.sets.open = true
		return nil
	}
	if _, err := c.Row.Infer(c); err != nil {
		return err
	}
	if name, ok := c.Args[0].(string); ok && c.Row.Name == "write" {
		if err := m.writeOnce(name, c.Span); err != nil {
			return err
		}
	}
	return m.put(c.Args, c.Span, func(m *Machine, vals []ir.Value) error {
		if m.opts.Out == nil {
			return nil
		}
		if c.Row.Name == "write" {
			name, ok := vals[0].(string)
			if !ok {
				return &ir.Error{Code: "E0302", Msg: fmt.Sprintf("write: name: want a string, got %s", ir.KindOf(vals[0]))}
			}
			return m.opts.Out.Result(name, vals[1])
		}
		r := &ir.Record{}
		for i, p := range c.Row.Params {
			r.Keys, r.Vals = append(r.Keys, p.Name), append(r.Vals, vals[i])
		}
		return m.opts.Out.Picture(c.Row.Name, r, c.Span)
	})
}

// writeOnce notes a name that write gives to a result. A second one would be lost; a saved value of that
// name gives way.
func (m *Machine) writeOnce(name string, at diag.Span) error {
	if m.silent {
		return nil
	}
	if first, ok := m.wrote[name]; ok {
		return &twiceError{name: name, first: first, write: true}
	}
	for slot := range m.globals.saved {
		if m.globalName(slot) == name {
			m.warnText("W0306", savedAndWritten(name), at)
		}
	}
	m.saves = slices.DeleteFunc(m.saves, func(s string) bool { return s == name })
	if m.check == nil || m.check.maybe == 0 { // of two branches one may run
		m.wrote[name] = at
	}
	return nil
}

// formatOp is an f-string; of values that are not known yet it is not known yet.
func (m *Machine) formatOp(f *frame, in *ir.Instr) (ir.Value, error) {
	vals, err := m.args(f, in, 0)
	if err != nil {
		return nil, err
	}
	n := 0
	for _, v := range vals {
		n += size(v)
	}
	if err := m.charge(n); err != nil {
		return nil, err
	}
	l := &ir.List{Items: vals}
	if !ir.IsKnown(l) {
		return m.op(formatRow, in.Parts, in.Span, l)
	}
	return format(in.Parts, vals)
}

// formatRow is an f-string: Attrs are its parts, the argument is the list of its values.
var formatRow = &ir.OpRow{Name: "f-string", Hidden: true, NoGrad: "a string has no gradient",
	Infer: func(*ir.Call) (ir.Value, error) { return &ir.Lazy{Kind: ir.KString}, nil },
	Eval: func(c *ir.Call) (ir.Value, error) {
		return format(c.Attrs.([]string), c.Args[0].(*ir.List).Items)
	},
}

func format(parts []string, vals []ir.Value) (ir.Value, error) {
	var b strings.Builder
	b.WriteString(parts[0])
	for i, v := range vals {
		s, err := stdlib.Format(v, parts[2*i+1])
		if err != nil {
			return nil, err
		}
		b.WriteString(s)
		b.WriteString(parts[2*i+2])
	}
	return b.String(), nil
}
