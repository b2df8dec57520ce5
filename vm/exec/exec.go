package exec

import (
	"context"

	"interp/ir"
)

// Engine computes nodes of a graph. It belongs to a session: the graph only grows between calls, and
// what was computed may be kept for later calls.
type Engine interface {
	// Eval computes the wanted nodes and hands each to done as soon as it is known, in any order
	// but never concurrently. It extends Gen.Done of runs that generate. A wanted node
	// that cannot be computed (a host function failed) is handed over as an error value; Eval itself
	// fails for what ends the whole run: ctx, memory, a broken weights file.
	Eval(ctx context.Context, g *ir.Graph, want []ir.NodeID, done func(ir.NodeID, ir.Value, error)) error

	// Check lowers what the graph says without computing: it finds cycles (a set whose value depends
	// on what it changes). Called when an invoke is complete, also where weights are not loaded.
	Check(g *ir.Graph, from ir.RunID) error

	// Stats of all work so far.
	Stats() Stats
}

// CycleError is a set whose value depends on the set itself.
type CycleError struct {
	Sets []*ir.Set // in order; the last one depends on the first
}

func (e *CycleError) Error() string { return "a set depends on what it changes" }

// Stats counts work. A state is a row of one of the four stages of a block that was computed.
type Stats struct {
	StatesDense, StatesPlanned int64
	FlopsDense, FlopsPlanned   int64
	Passes, Chunks, NoOps      int64
	PeakBytes                  int64
	PlanSeconds                float64
}
