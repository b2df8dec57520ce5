package vm

import (
	"context"
	"io"
	"slices"

	"interp/compiler/plan"
	"interp/internal/diag"
	"interp/ir"
	"interp/vm/exec"
)

// Explanation is what a program costs.
type Explanation struct {
	Report *plan.Report
	Forced []diag.Span // the lines that needed a value before the end, each once
}

// Explain runs a program's host part and plans the runs that it describes. Computed is only what the
// script has to know to go on; nothing is written but the plans of all chunks, to dump if that is not nil.
func (m *Machine) Explain(ctx context.Context, p *ir.Program, o exec.Options, dump io.Writer) (*Explanation, error) {
	out := m.opts.Out
	m.ctx, m.steps, m.check, m.opts.Out = ctx, 0, nil, nil
	e, own := exec.NewBatched(o), m.engine
	e.Dump(dump)
	m.engine, m.forced = e, &forced{}
	defer func() { m.engine, m.forced, m.tape, m.opts.Out = own, nil, tape{}, out }()
	if err := m.start(p); err != nil {
		return nil, err
	}
	if m.opts.Results {
		m.wantResults()
	}
	evals, seen := append(m.forced.drains, m.tape.ask()), map[ir.NodeID]bool{}
	for i := range evals {
		evals[i] = m.missing(evals[i], seen)
	}
	if slices.ContainsFunc(m.b.g.Nodes, func(n ir.Node) bool { return n.Kind == ir.NGrad }) {
		if err := m.prepare(); err != nil { // what a reverse pass reads is known to a loaded model
			return nil, err
		}
	}
	r, err := e.Explain(ctx, m.b.g, evals...)
	if err != nil {
		return nil, m.faultAt(p.Main.Span, err)
	}
	return &Explanation{Report: r, Forced: m.forced.at}, nil
}

// forced records where something had to be known before the end, and what a run computes between two runs
// because the window was full: Explain only plans that, unless a line forces after it.
type forced struct {
	at     []diag.Span
	drains [][]ir.NodeID
}

// catchUp notes the line at hand as one that forces, and does what a run has done by then.
func (m *Machine) catchUp() error {
	f := m.forced
	if m.cur != nil && !slices.Contains(f.at, m.cur.Span) {
		f.at = append(f.at, m.cur.Span)
	}
	for _, nodes := range f.drains {
		err := m.eval(nodes)
		if err == nil {
			err = m.tape.flush(m)
		}
		if err != nil {
			return err
		}
	}
	f.drains = nil
	return nil
}
