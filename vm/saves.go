package vm

import (
	"fmt"
	"slices"

	"interp/compiler"
	"interp/internal/diag"
	"interp/internal/results"
	"interp/ir"
	"interp/nnrt/tensor"
	"interp/stdlib"
)

func suggest(name string, candidates []string) string { return compiler.Suggest(name, candidates) }

// saveOp is save name[i, j] = e: it fills a variable of the scope that holds the run.
func (m *Machine) saveOp(f *frame, in *ir.Instr) error {
	if m.rs.inv != nil && f != m.inv {
		return &ir.Error{Code: "E0212", Msg: "save in a def that an invoke calls", Hint: "return the value, and save what the call gives"}
	}
	last := len(in.Args) - 1
	v, err := m.arg(f, in, last)
	if err != nil {
		return err
	}
	switch v.(type) {
	case *funcValue, *rowFunc, *editCall, *modelValue, *siteRef:
		return &ir.Error{Code: "E0302", Msg: fmt.Sprintf("save %s: a %s is no value to save", in.Var.Name, ir.KindOf(v))}
	}
	home := m.at(f, in.Var.Level)
	if m.opts.Results && home == m.globals {
		if err := results.CheckName(in.Var.Name); err != nil {
			return &ir.Error{Code: "E0302", Msg: "save: " + err.Error(), Hint: "take another name"}
		}
	}
	p := &home.vars[in.Var.Slot]
	first, saved := home.saved[in.Var.Slot]
	if home == m.globals {
		m.isResult(in.Var.Name, in.Span)
	}
	if last == 0 {
		if m.rs.stepped && m.several {
			return &ir.Error{Code: "E0405", Msg: "save " + in.Var.Name + ": the body runs at several steps", Hint: "iter k in 1:3 { save " + in.Var.Name + "[k] = ... }"}
		}
		if saved {
			return &twiceError{name: in.Var.Name, first: first}
		}
		if v, err = m.savedList(v); err != nil {
			return err
		}
		home.saved[in.Var.Slot] = in.Span
		m.shape(in, in.Var.Name, v)
		*p = v
		return nil
	}
	c, isCells := (*p).(*cells)
	if !saved || !isCells {
		if saved {
			if _, lost := (*p).(*ir.Lazy); lost && m.check != nil {
				return nil
			}
			return &twiceError{name: in.Var.Name, first: first}
		}
		c = &cells{name: in.Var.Name, names: in.Keys, at: map[string]*cell{}, dims: make([]int, last)}
		home.saved[in.Var.Slot], *p = in.Span, c
	}
	idx, known, err := m.cellIndex(f, in)
	if err != nil {
		return err
	}
	if !known { // check does not know which cell: all of them are open
		*p = unknown()
		return nil
	}
	m.shape(in, in.Var.Name+" cell", v)
	return c.put(idx, v, in.Span)
}

// savedList makes one array of a list of arrays, or of lists of them, where their shapes let it: save wants
// an array. Lists of plain numbers, such as token ids, stay.
func (m *Machine) savedList(v ir.Value) (ir.Value, error) {
	l, ok := v.(*ir.List)
	if !ok || !holdsArray(l) {
		return v, nil
	}
	if _, err := stdlib.TypeOf(l); err != nil {
		return v, nil
	}
	return m.asArray(l)
}

func holdsArray(l *ir.List) bool {
	return slices.ContainsFunc(l.Items, func(v ir.Value) bool {
		if inner, ok := v.(*ir.List); ok {
			return holdsArray(inner)
		}
		_, ok := ir.TypeOf(v)
		return ok
	})
}

const maxCellIndex = 1 << 24

func (m *Machine) cellIndex(f *frame, in *ir.Instr) (idx []int, known bool, err error) {
	known = true
	for i := range len(in.Args) - 1 {
		v, err := m.arg(f, in, i)
		if err != nil {
			return nil, false, err
		}
		if v, err = m.indexPart(v); err != nil {
			return nil, false, err
		}
		n, ok := intOf(v)
		switch {
		case ok && n > maxCellIndex:
			return nil, false, &ir.Error{Code: "E0405", Msg: fmt.Sprintf("save %s: index %d is greater than %d", in.Var.Name, n, maxCellIndex), Hint: "cells are counted from 0"}
		case ok && n < 0:
			return nil, false, &ir.Error{Code: "E0405", Msg: fmt.Sprintf("save %s: index %d is negative", in.Var.Name, n), Hint: "cells are counted from 0"}
		case ok:
			idx = append(idx, int(n))
		case ir.KindOf(v) != ir.KAny && ir.IsKnown(v):
			return nil, false, &ir.Error{Code: "E0405", Msg: fmt.Sprintf("save %s: want whole numbers as indices, got %s", in.Var.Name, ir.KindOf(v))}
		default:
			known = false
		}
	}
	return idx, known, m.charge(1)
}

// isResult makes a saved name one of the results, unless a written value has that name.
func (m *Machine) isResult(name string, at diag.Span) {
	switch _, wrote := m.wrote[name]; {
	case wrote:
		m.warnText("W0306", savedAndWritten(name), at)
	case m.check == nil && !slices.Contains(m.saves, name):
		m.saves = append(m.saves, name)
	}
}

func savedAndWritten(name string) string {
	return name + " is saved and written: the results hold what is written"
}

// wantResults puts all saves on the tape as results.
func (m *Machine) wantResults() {
	for _, name := range m.saves {
		v, at, err := m.result(name)
		if err != nil {
			v = err
		}
		_ = at
		m.tape.entries = append(m.tape.entries, &entry{vals: []ir.Value{v}, at: at,
			write: func(m *Machine, vals []ir.Value) error {
				if err, bad := vals[0].(error); bad {
					return err
				}
				if m.opts.Out == nil {
					return nil
				}
				return m.opts.Out.Result(name, vals[0])
			},
			fault: func(err error) error { return m.newFault(at, err) }})
	}
}

// handWhole hands over, after an error, the saves that are complete: after one of the script those whose
// statements ran, after Ctrl-C those that are known.
func (m *Machine) handWhole(stopped bool) {
	if m.opts.Out == nil {
		return
	}
	vals := map[string]ir.Value{}
	var nodes []ir.NodeID
	for _, name := range m.saves {
		v, _, err := m.result(name)
		if err != nil {
			continue
		}
		if inv := m.rs.inv; inv == nil || !m.reads(v, inv.firstNode, func(r *ir.Run) bool { return !r.Closed }) {
			vals[name], nodes = v, appendLazy(nodes, v)
		}
	}
	if !stopped {
		_ = m.eval(nodes) // the script's error is the one to report
	}
	for _, name := range m.saves {
		if v, ok := vals[name]; ok {
			if v, whole, err := m.fill(v); err == nil && whole {
				_ = m.opts.Out.Result(name, v)
			}
		}
	}
}

// Saved lists the names of saves, in the order of their first save.
func (m *Machine) Saved() []string { return append([]string(nil), m.saves...) }

// Value computes a variable of the script.
func (m *Machine) Value(name string) (ir.Value, error) {
	v, at, err := m.result(name)
	if err == nil {
		v, err = m.force(v)
	}
	if err != nil {
		return nil, m.faultAt(at, err)
	}
	return v, nil
}

const nan32bits = 0x7fc00000

// globalName is the name of a slot of the script.
func (m *Machine) globalName(slot int) string {
	if slot < len(m.names) {
		return m.names[slot]
	}
	return ""
}

// result is the value of a variable of the script as a result: cells that were never saved are nan.
func (m *Machine) result(name string) (ir.Value, diag.Span, error) {
	g := m.globals
	for i := len(g.vars) - 1; i >= 0; i-- {
		if i >= len(g.vars) || m.globalName(i) != name {
			continue
		}
		at := g.saved[i]
		switch x := g.vars[i].(type) {
		case unset:
			continue
		case *cells:
			m.cur = &ir.Instr{Span: at, Dst: ir.NoReg}
			v, err := m.materialise(x.whole(func(text string) { m.warnText("W0302", text, at) }), at)
			return v, at, err
		default:
			return x, at, nil
		}
	}
	return nil, diag.Span{}, &ir.Error{Code: "E0213", Msg: name + " has no value"}
}

// whole is a copy in which cells that were never saved hold nan, if the others are numbers of one
// shape.
func (c *cells) whole(warn func(string)) *cells {
	n := 1
	for _, d := range c.dims {
		if n *= d; n > max(maxHoles, len(c.order)) {
			return c
		}
	}
	if n == len(c.order) || len(c.order) == 0 {
		return c
	}
	t, err := typeOf(c.order[0].val)
	if err != nil || t.IsRagged() || t.DT != tensor.F32 {
		return c
	}
	out := c.clone()
	idx := make([]int, len(c.dims))
	for range n {
		if _, ok := out.at[cellKey(idx)]; !ok {
			hole := append([]int(nil), idx...)
			_ = out.put(hole, nanOf(t), c.order[0].span) // a cell that is not there can be put
		}
		for k := len(idx) - 1; k >= 0; k-- {
			if idx[k]++; idx[k] < c.dims[k] {
				break
			}
			idx[k] = 0
		}
	}
	warn(fmt.Sprintf("%s: %d of %d cells were never saved: they are nan", c.name, n-len(c.order), n))
	return out
}

func (c *cells) clone() *cells {
	out := &cells{name: c.name, names: c.names, at: make(map[string]*cell, len(c.at)), dims: append([]int(nil), c.dims...)}
	for _, x := range c.order {
		n := *x
		out.order = append(out.order, &n)
		out.at[cellKey(x.idx)] = &n
	}
	return out
}
