package exec

import (
	"context"
	"maps"
	"slices"

	"interp/ir"
	"interp/nnrt"
	"interp/nnrt/arch"
	"interp/nnrt/tensor"
)

// Gradients. The unit of the reverse pass is (metric, run, point, position, sets applied): a gradient
// speaks of the site of one run, so adjoints are never shared between runs, equal or not. An adjoint is
// the sum of two accumulators, both begun at +0, so that leaving out an exact zero changes no bit:
//
//	outer: reads by the metric, by ascending node and piece; then reads by sets, last run and last
//	       set first
//	inner: what uses the row in its own run, highest point first, latest position first; of a row
//	       that a set changes, what the set leaves of it
//
// Parameters: runs in the order of the script, positions ascending, one accumulator.
//
// Rows are pulled point by point: a row's adjoint is made when those of all that use it are there.
// Points go down, and a set that reads a row at a lower or equal point than its own (a value of a later
// layer, say) opens another wave over the points.

// Differentiable is a model whose rows have a reverse; nnrt's is one.
type Differentiable interface {
	Runtime
	Back(p arch.Point, b *nnrt.Back) error
	BackReads(p arch.Point) ([]int, error)
	ParamPoints(name string) ([]arch.Point, error)
	BackParam(name string, p arch.Point, b *nnrt.Back, acc []float32) error
}

// Forward gives the reverse pass what stood in the forward one.
type Forward interface {
	// Value is the value of a node.
	Value(id ir.NodeID) (ir.Value, error)
	// Hold makes rows ready for Row and values for Value, instead of those held before. With the adjoints
	// they take so many bytes.
	Hold(rows []RowKey, values []ir.NodeID, bytes int64) error
	// Row is a row that is held. It is not written to.
	Row(k RowKey) []float32
}

// gradient is the reverse pass of one metric.
type gradient struct {
	g       *ir.Graph
	fwd     Forward
	metric  ir.NodeID
	want    []ir.NodeID // gradient nodes
	trace   int32
	all     bool // pull every row of the runs there are, also zeros: for tests
	runs    map[ir.RunID]*gradRun
	ids     []ir.RunID // ascending
	dep     map[ir.NodeID]bool
	needed  map[ir.NodeID]bool // values that follow from what is asked for
	reads   []*readUse         // of the metric
	sums    map[ir.NodeID][][]float32
	refused map[ir.NodeID]error // of those wanted
	err     error
}

// part is the reverse pass through some of a metric's runs, which no set ties to the others.
type part struct {
	*gradient
	ids   []ir.RunID // ascending
	first bool       // of the metric's parts
}

// gradBytes is what the rows of reverse passes that go together may take where memory is no matter.
const gradBytes = defaultBytes

// gradients computes gradient nodes. Those of one metric share a reverse pass; passes of several
// metrics go together, and one through many runs goes in parts, as the limit on the bytes of their rows
// allows. A part that takes more than most, if that is not 0, is refused.
func gradients(ctx context.Context, g *ir.Graph, fwd Forward, ids []ir.NodeID, all bool, limit, most int64) map[ir.NodeID]result {
	out := map[ir.NodeID]result{}
	qs := metrics(g, fwd, ids, all)
	var together []*part
	room := limit
	flush := func() {
		pull(ctx, fwd, together)
		together, room = nil, limit
	}
	for _, q := range qs {
		if q.err = q.prepare(); q.err != nil {
			continue
		}
		parts := q.parts(limit)
		if q.err = tooMuch(parts, most); q.err != nil {
			continue
		}
		for _, p := range parts {
			if n := p.bytes(); n > room && len(together) > 0 || !p.first {
				flush()
			}
			room -= p.bytes()
			together = append(together, p)
		}
	}
	flush()
	for _, q := range qs {
		for _, id := range q.want {
			out[id] = q.result(id)
		}
	}
	return out
}

// metrics groups gradient nodes by their metric and trace, in order.
func metrics(g *ir.Graph, fwd Forward, ids []ir.NodeID, all bool) []*gradient {
	type key struct {
		metric ir.NodeID
		trace  int32
	}
	at := map[key]*gradient{}
	var out []*gradient
	for _, id := range ids {
		n := &g.Nodes[id]
		k := key{n.Args[0], traceOf(g, n)}
		if at[k] == nil {
			at[k] = newGradient(g, fwd, k.metric, k.trace)
			at[k].all = all
			out = append(out, at[k])
		}
		at[k].want = append(at[k].want, id)
	}
	return out
}

func newGradient(g *ir.Graph, fwd Forward, metric ir.NodeID, trace int32) *gradient {
	return &gradient{g: g, fwd: fwd, metric: metric, trace: trace, runs: map[ir.RunID]*gradRun{}, dep: map[ir.NodeID]bool{}, sums: map[ir.NodeID][][]float32{}, refused: map[ir.NodeID]error{}}
}

// prepare finds what has to be made, without any numbers.
func (q *gradient) prepare() error {
	for _, step := range []func() error{q.find, q.second, q.outside, q.mark, q.markReads, q.levels} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// pull makes the adjoints of some parts. Where rows of one cannot be had, each goes by itself.
func pull(ctx context.Context, fwd Forward, parts []*part) {
	h := holding{seen: map[RowKey]bool{}, values: map[ir.NodeID]bool{}}
	bytes := int64(0)
	for _, p := range parts {
		p.note(p.hold(&h))
		bytes += p.bytes()
	}
	if err := fwd.Hold(h.rows, slices.Sorted(maps.Keys(h.values)), bytes); err != nil {
		for _, p := range parts {
			if len(parts) == 1 {
				p.note(err)
			} else {
				pull(ctx, fwd, []*part{p})
			}
		}
		return
	}
	for _, p := range parts {
		if p.first && p.err == nil {
			p.note(p.seed())
		}
	}
	err := reverse(ctx, parts)
	for _, p := range parts {
		p.note(err)
		p.note(p.collect())
		p.free()
	}
}

// note keeps the first error of a metric.
func (q *gradient) note(err error) {
	if q.err == nil {
		q.err = err
	}
}

// seed differentiates the metric by what it reads.
func (q *gradient) seed() error {
	if !q.follows(q.metric) {
		return nil
	}
	t := typeFloat(q.g.Nodes[q.metric].Type)
	one := make([]float32, t.Size())
	for i := range one {
		one[i] = 1
	}
	grads, err := q.through(q.metric, tensor.FromType(t, one))
	q.hand(q.reads, grads)
	return err
}

// traceOf is the trace that a gradient is taken in: the site's, or for a parameter the latest that the
// metric reads. Values of other traces are constants.
func traceOf(g *ir.Graph, n *ir.Node) int32 {
	if n.View != nil && len(n.View.Pieces) > 0 {
		return g.Runs[n.View.Pieces[0].Run].Trace
	}
	last, seen := int32(-1), map[ir.NodeID]bool{}
	var walk func(id ir.NodeID)
	walk = func(id ir.NodeID) {
		if seen[id] {
			return
		}
		seen[id] = true
		m := &g.Nodes[id]
		if m.Kind == ir.NRead {
			for _, p := range m.View.Pieces {
				last = max(last, g.Runs[p.Run].Trace)
			}
		}
		for _, a := range m.Args {
			walk(a)
		}
	}
	walk(n.Args[0])
	return last
}
