// Package vm runs programs. One machine does it for real and, on shapes alone, for check.
//
//	program ─▶ host part ──▶ graph: runs, sets, reads, ops ──▶ engine ─▶ values
//	              │                                                       │
//	              └─▶ tape: print, assert, pictures, in order ◀───────────┘
//
// The host part (exec.go and the files of its handlers) walks the instructions. Values it knows it
// computes with at once; a value that depends on a run is lazy: a node of the graph (graph.go,
// index.go). Runs, sites, sets and saves are in run.go, site.go, set.go, cells.go.
//
// Output does not force: what a script prints, asserts or draws is an entry of the tape that may hold
// lazy values, and is written when all before it is. Forced are decisions of the host: a condition, a
// loop's sequence, an index, a prompt. Besides, the tape is drained between two runs when those described
// since amount to more than 16 chunks.
//
// In check nothing is ever computed. What is not known stays unknown (a lazy value without a node): an
// if on it runs both branches on copies of the variables and joins them, a loop over it runs once, and
// an operation on it is silent.
//
// Invariants: the graph only grows; a value handed out never changes (cells apart, which saves
// fill); an error of the machine is an *Error with a place of the script; panics are defects.
package vm

import (
	"context"

	"interp/internal/diag"
	"interp/ir"
	"interp/nnrt/tensor"
	"interp/stdlib"
	"interp/vm/exec"
)

// Output is where a script's output goes, in order.
type Output interface {
	Text(s string) error // a line of print, with its newline
	Picture(kind string, args *ir.Record, at diag.Span) error
	Result(name string, v ir.Value) error
}

// Options are what a machine runs with. The zero value runs scripts that need no model and drops
// their output.
type Options struct {
	Model      ir.Model                              // the default
	FixedModel bool                                  // a model statement does not change it
	Open       func(name string) (ir.Model, error)   // model "name"
	Ready      func(context.Context, ir.Model) error // called before a model's first run: loads the weights
	Engine     exec.Engine                           // of the session; nil: the batched one
	Out        Output                                // nil: none
	Seed       uint64                                // of everything random
	MaxSteps   int64                                 // host steps; 0: 10^8
	Window     int                                   // columns outstanding before the tape is drained; 0: those of 16 chunks
	Mem        func(bytes int64) error               // called before host values are made
	Inputs     map[string]ir.Value                   // for input statements
	Results    bool                                  // compute and hand over all saves
	Lookup     func(name string) (*ir.OpRow, bool)   // the library; nil: stdlib
}

const (
	defaultSteps = 100_000_000
	checkSteps   = 1_000_000
)

// Machine is a session: it runs programs one after the other, which share variables and the graph.
type Machine struct {
	opts    Options
	ctx     context.Context
	model   ir.Model
	seed    uint64
	b       *builder
	rs      runState
	engine  exec.Engine
	ready   map[ir.Model]bool
	applied []ir.Model // whose modules are nodes of the graph

	globals *frame
	names   []string // of the globals, by slot
	stack   []*frame // of calls
	loops   []*loop
	cur     *ir.Instr
	inv     *frame // that opened the invoke at hand
	ghost   bool   // in an invoke whose prompt check does not know
	several bool   // in an iter over several steps
	silent  bool   // nothing is put out: an invoke is described to know how far it goes

	narrow narrowing
	tape   tape
	known  map[ir.NodeID]ir.Value
	failed map[ir.NodeID]error
	saves  []string             // results, in the order of their first save
	wrote  map[string]diag.Span // names that write gave to results of this program
	steps  int64
	warns  diag.List
	warned map[warning]bool

	sets   *setLines
	check  *checker // nil when running for real
	forced *forced  // nil but in Explain
}

type warning struct {
	at  diag.Span
	msg string
}

// New makes a machine.
func New(o Options) *Machine {
	if o.MaxSteps <= 0 {
		o.MaxSteps = defaultSteps
	}
	if o.Window <= 0 {
		o.Window = windowColumns
	}
	if o.Lookup == nil {
		o.Lookup = stdlib.Lookup
	}
	m := &Machine{opts: o, ctx: context.Background(), model: o.Model, seed: o.Seed, b: newBuilder(), engine: o.Engine,
		ready: map[ir.Model]bool{}, globals: &frame{fn: &ir.Func{Name: "script"}, saved: map[int]diag.Span{}},
		sets: newSetLines(), known: map[ir.NodeID]ir.Value{}, failed: map[ir.NodeID]error{}, warned: map[warning]bool{}}
	m.b.constant(nil) // node 0: no operation gives it, so that a new value can be told from a node's
	return m
}

// Run runs a program for real and returns its error, an *Error for what is wrong with the script. What
// was put on the tape before an error is written.
func (m *Machine) Run(ctx context.Context, p *ir.Program) error {
	m.ctx, m.steps, m.check = ctx, 0, nil
	err := m.start(p)
	if err == nil && m.opts.Results {
		m.wantResults()
	}
	switch err = m.finish(err); {
	case err == nil:
		m.warnUnread()
	case m.opts.Results:
		m.handWhole(fatal(err))
	}
	return err
}

// start runs the statements of a program.
func (m *Machine) start(p *ir.Program) error {
	g := m.globals
	for len(g.vars) < len(p.Globals) {
		g.vars = append(g.vars, unset{})
	}
	m.names = p.Globals
	g.fn, g.regs, g.saved = p.Main, make([]ir.Value, p.Main.Regs), map[int]diag.Span{}
	m.rs = runState{traces: m.rs.traces, invokes: m.rs.invokes}
	m.stack, m.loops, m.inv, m.ghost = []*frame{g}, nil, nil, false
	m.sets, m.wrote = newSetLines(), map[string]diag.Span{}
	_, err := m.block(g, p.Main.Body)
	return err
}

// Warnings are what was odd but no error, up to now.
func (m *Machine) Warnings() diag.List { return m.warns }

// Model is the default model at hand.
func (m *Machine) Model() ir.Model { return m.model }

// Stats are the work of all runs so far.
func (m *Machine) Stats() exec.Stats {
	if m.engine == nil {
		return exec.Stats{}
	}
	return m.engine.Stats()
}

// Graph is what all runs so far say.
func (m *Machine) Graph() *ir.Graph { return m.b.g }

// engineFor is the engine that runs a model: one for all.
func (m *Machine) engineFor(ir.Model) exec.Engine {
	if m.check != nil {
		return m.check.engine
	}
	if m.engine == nil {
		m.engine = exec.NewBatched(exec.Options{})
	}
	return m.engine
}

// warnHints are what to try, by the code of a warning.
var warnHints = map[string]string{
	"W0301": "if it is meant: rename(x, \"old\", \"new\") gives an axis another name",
	"W0306": "take another name for one of them",
}

// warnText adds a warning at a place, once.
func (m *Machine) warnText(code, text string, at diag.Span) {
	if text == "" || m.check != nil && m.check.maybe > 0 {
		return
	}
	w := warning{at, text}
	if !m.warned[w] {
		m.warned[w] = true
		m.warns.Warnf(at, code, warnHints[code], "%s", text)
	}
}

// charge counts host work: one step and one for each 64 elements made.
func (m *Machine) charge(elements int) error {
	before := m.steps
	m.steps += 1 + int64(elements)/64
	if m.steps>>10 != before>>10 {
		if err := m.ctx.Err(); err != nil {
			return err
		}
	}
	if m.check != nil {
		if m.steps > checkSteps {
			return errCheckEnds
		}
		return nil
	}
	if m.steps > m.opts.MaxSteps {
		return &ir.Error{Code: "E0412", Msg: "the script takes more than " + thousands(m.opts.MaxSteps) + " host steps", Hint: "loop over less, use functions of arrays, or raise -max-steps"}
	}
	if m.opts.Mem != nil && elements > 0 {
		return m.opts.Mem(16 * int64(elements))
	}
	return nil
}

// chargeTable counts what describes runs: some kilobyte a column of the table, half of it a set.
func (m *Machine) chargeTable(bytes int64) error {
	if m.check != nil || m.opts.Mem == nil {
		return nil
	}
	return m.opts.Mem(bytes)
}

// fill puts values that became known in the place of lazy ones; whole says that none is left.
func (m *Machine) fill(v ir.Value) (filled ir.Value, whole bool, err error) {
	switch x := v.(type) {
	case *ir.Lazy:
		if x.Node == ir.NoNode {
			return v, false, nil
		}
		if err := m.failed[x.Node]; err != nil {
			return v, false, err
		}
		k, ok := m.known[x.Node]
		if !ok {
			return v, false, nil
		}
		return k, true, nil
	case *ir.List, *ir.Record:
		if ir.IsKnown(x) {
			return v, true, nil
		}
	}
	switch x := v.(type) {
	case *ir.List:
		items, whole, err := m.fillAll(x.Items)
		return &ir.List{Items: items}, whole, err
	case *ir.Record:
		vals, whole, err := m.fillAll(x.Vals)
		return &ir.Record{Keys: x.Keys, Vals: vals}, whole, err
	}
	return v, true, nil
}

func (m *Machine) fillAll(vs []ir.Value) ([]ir.Value, bool, error) {
	out, whole := make([]ir.Value, len(vs)), true
	for i, v := range vs {
		f, ok, err := m.fill(v)
		if err != nil {
			return nil, false, err
		}
		out[i], whole = f, whole && ok
	}
	return out, whole, nil
}

// typeOf is the type of the array that a value makes.
func typeOf(v ir.Value) (tensor.Type, error) { return stdlib.TypeOf(v) }
