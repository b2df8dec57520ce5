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
	// Hold makes rows ready for Row and values for Value, instead of those held before.
	Hold(rows []RowKey, values []ir.NodeID) error
	// Row is a row that is held. It is not written to.
	Row(k RowKey) []float32
}

// gradient is the reverse pass of one metric.
type gradient struct {
	g      *ir.Graph
	fwd    Forward
	metric ir.NodeID
	want   []ir.NodeID // gradient nodes
	trace  int32
	all    bool // pull every row of the runs there are, also zeros: for tests
	runs   map[ir.RunID]*gradRun
	ids    []ir.RunID // ascending
	dep    map[ir.NodeID]bool
	reads  []*readUse // of the metric
	made   map[ir.NodeID]result
	err    error
}

// Gradients computes gradient nodes. Those of one metric share a reverse pass; passes of several
// metrics go together, as many as fit into gradBytes.
func Gradients(ctx context.Context, g *ir.Graph, fwd Forward, ids []ir.NodeID) map[ir.NodeID]result {
	return gradients(ctx, g, fwd, ids, false)
}

// gradBytes is what the rows of reverse passes that go together may take, beyond those of one.
const gradBytes = 256 << 20

func gradients(ctx context.Context, g *ir.Graph, fwd Forward, ids []ir.NodeID, all bool) map[ir.NodeID]result {
	out := map[ir.NodeID]result{}
	var together []*gradient
	size := int64(0)
	flush := func() {
		pullAll(ctx, fwd, together)
		for _, q := range together {
			q.results(out)
		}
		together, size = nil, 0
	}
	for _, q := range metrics(g, fwd, ids, all) {
		if q.err = q.prepare(); q.err != nil {
			q.results(out)
			continue
		}
		n := q.bytes()
		if size += n; size > gradBytes && len(together) > 0 {
			flush()
			size = n
		}
		together = append(together, q)
	}
	flush()
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
			at[k] = &gradient{g: g, fwd: fwd, metric: k.metric, trace: k.trace, all: all, runs: map[ir.RunID]*gradRun{}, dep: map[ir.NodeID]bool{}}
			out = append(out, at[k])
		}
		at[k].want = append(at[k].want, id)
	}
	return out
}

// prepare finds what has to be made, without any numbers.
func (q *gradient) prepare() error {
	if err := q.find(); err != nil {
		return err
	}
	if err := q.mark(); err != nil {
		return err
	}
	return q.levels()
}

// bytes are those of the rows that are read and made.
func (q *gradient) bytes() int64 {
	n := int64(0)
	for _, r := range q.runs {
		for s, need := range r.need {
			if need {
				k := r.key(int32(s))
				n += 8 * int64(r.a.Width(k.Pt, int(k.Pos)))
			}
		}
	}
	return n
}

// pullAll makes the adjoints of several metrics. Where rows of one cannot be had, each goes by itself.
func pullAll(ctx context.Context, fwd Forward, qs []*gradient) {
	if len(qs) == 0 {
		return
	}
	h := holding{seen: map[RowKey]bool{}, values: map[ir.NodeID]bool{}}
	for _, q := range qs {
		q.err = q.hold(&h)
	}
	if err := fwd.Hold(h.rows, slices.Sorted(maps.Keys(h.values))); err != nil {
		if len(qs) == 1 {
			qs[0].err = err
			return
		}
		for _, q := range qs {
			pullAll(ctx, fwd, []*gradient{q})
			q.finish()
		}
		return
	}
	for _, q := range qs {
		if q.err == nil {
			q.err = q.seed()
		}
	}
	if err := reverse(ctx, qs); err != nil {
		for _, q := range qs {
			q.err = err
		}
	}
	for _, q := range qs {
		q.finish()
	}
}

// seed differentiates the metric by what it reads.
func (q *gradient) seed() error {
	if !q.depends(q.metric) {
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

// finish makes the gradients of the adjoints while the rows are held.
func (q *gradient) finish() {
	if q.made != nil {
		return
	}
	q.made = map[ir.NodeID]result{}
	for _, id := range q.want {
		if q.err != nil {
			q.made[id] = result{err: q.err}
			continue
		}
		v, err := q.result(id)
		q.made[id] = result{value: v, err: err}
	}
	q.runs = nil
}

// results hands over what was made.
func (q *gradient) results(out map[ir.NodeID]result) {
	q.finish()
	for id, r := range q.made {
		out[id] = r
	}
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
