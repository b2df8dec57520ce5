package exec

import (
	"context"
	"fmt"
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

// gradRun is the reverse pass of a run. Its states are numbered: a row before any set by point and
// position, then those after each set.
type gradRun struct {
	*ir.Run
	rt    Differentiable
	a     *arch.Arch
	n     int // positions
	sets  setIndex
	extra map[place]int32 // number of the state after the first set there
	of    []RowKey        // by number, of the states after sets
	users [][]user        // by point: who uses its rows, highest first

	live    []bool      // the metric depends on it
	need    []bool      // and a gradient wanted depends on it
	level   []int32     // the wave in which it is made
	uses    [][]use     // reads of it, in order
	adj     [][]float32 // made so far
	written map[int32]*setState
	deepest int32 // most sets at one place
}

// user is a point whose rows are made of another's: as which input, or as keys and values.
type user struct {
	pt    arch.Point
	input int
	keys  bool
}

// use is a read of a row: by the metric, or by the value of a set.
type use struct {
	sl   ir.Slice
	set  *setState // whose value reads it; nil: the metric
	data []float32 // the gradient of what was read, once it is known
}

// setState is the state after a set whose value reads rows.
type setState struct {
	run   *gradRun
	state int32
	set   *ir.Set
	reads []*readUse
}

// readUse ties a read node to the states it reads.
type readUse struct {
	node ir.NodeID
	runs []*gradRun // by piece; nil: a constant
	at   []int32    // state
	use  []int32    // place in its uses
}

func (q *gradient) run(id ir.RunID) (*gradRun, error) {
	if r := q.runs[id]; r != nil {
		return r, nil
	}
	run := q.g.Runs[id]
	rt, ok := run.Model.(Differentiable)
	if !ok {
		return nil, fmt.Errorf("model %s has no gradients", run.Model.Name())
	}
	r := &gradRun{Run: run, rt: rt, a: run.Model.Arch(), n: len(run.Tokens), sets: indexSets(run), extra: map[place]int32{}, written: map[int32]*setState{}}
	if run.Gen != nil {
		r.n += len(run.Gen.Done)
	}
	base := r.a.Points() * r.n
	for i := range run.Sets {
		p := place{run.Sets[i].Pt, run.Sets[i].Pos}
		if _, ok := r.extra[p]; ok || int(p.pos) >= r.n {
			continue
		}
		r.extra[p] = int32(base + len(r.of))
		for k := range r.sets.at[p] {
			r.of = append(r.of, RowKey{id, p.pt, p.pos, int32(k) + 1})
		}
		r.deepest = max(r.deepest, int32(len(r.sets.at[p])))
	}
	states := base + len(r.of)
	r.live, r.need, r.level = make([]bool, states), make([]bool, states), make([]int32, states)
	r.uses, r.adj = make([][]use, states), make([][]float32, states)
	r.users = usersOf(r.a)
	q.runs[id] = r
	q.ids = append(q.ids, id)
	slices.Sort(q.ids)
	return r, nil
}

// usersOf lists for every point who uses its rows, highest first.
func usersOf(a *arch.Arch) [][]user {
	out := make([][]user, a.Points())
	for p := arch.Point(a.Points()) - 1; p >= 0; p-- {
		for i, in := range a.Inputs(p) {
			out[in] = append(out[in], user{pt: p, input: i})
		}
		if a.Row(p).Keys {
			kv := a.KV(a.Layer(p))
			out[kv] = append(out[kv], user{pt: p, keys: true})
		}
	}
	return out
}

// state is the number of a row after n sets.
func (r *gradRun) state(p arch.Point, pos, n int32) int32 {
	if n == 0 {
		return int32(p)*int32(r.n) + pos
	}
	return r.extra[place{p, pos}] + n - 1
}

// key is the row of a state.
func (r *gradRun) key(s int32) RowKey {
	if base := int32(r.a.Points() * r.n); s >= base {
		return r.of[s-base]
	}
	return RowKey{r.ID, arch.Point(s / int32(r.n)), s % int32(r.n), 0}
}

// final is the state that flows on.
func (r *gradRun) final(p arch.Point, pos int32) int32 {
	return r.state(p, pos, int32(len(r.sets.at[place{p, pos}])))
}

// finalKey is the row that flows on.
func (r *gradRun) finalKey(p arch.Point, pos int32) RowKey {
	return RowKey{r.ID, p, pos, int32(len(r.sets.at[place{p, pos}]))}
}

// result is the gradient of one node, from the adjoints.
func (q *gradient) result(id ir.NodeID) (ir.Value, error) {
	n := &q.g.Nodes[id]
	if n.View == nil {
		return q.param(n)
	}
	var data []float32
	for _, p := range n.View.Pieces {
		a := q.g.Runs[p.Run].Model.Arch()
		width := a.Width(n.View.Pt, int(p.Pos))
		x := make([]float32, p.Sl.Len(width))
		if r := q.runs[p.Run]; r != nil && int(p.Pos) < r.n {
			if d := r.adj[r.final(n.View.Pt, p.Pos)]; d != nil {
				p.Sl.Take(x, d)
			}
		}
		data = append(data, x...)
	}
	if n.View.Scatter != nil {
		wide := make([]float32, n.Type.Size())
		for i, k := range n.View.Scatter {
			wide[k] = data[i]
		}
		data = wide
	}
	if len(data) != n.Type.Size() {
		return nil, fmt.Errorf("a gradient of %d numbers does not fill shape %s", len(data), n.Type.Shape())
	}
	return tensor.FromType(n.Type, data), nil
}

// param sums the gradient of a parameter: points ascending, runs in the order of the script, positions
// ascending.
func (q *gradient) param(n *ir.Node) (ir.Value, error) {
	acc := make([]float32, n.Type.Size())
	rt, ok := n.Model.(Differentiable)
	if !ok {
		return nil, fmt.Errorf("model %s has no gradients", n.Model.Name())
	}
	points, err := rt.ParamPoints(n.Param)
	if err != nil {
		return nil, err
	}
	for _, p := range points {
		for _, id := range q.ids {
			r := q.runs[id]
			if r.Model != n.Model {
				continue
			}
			if err := q.paramRows(r, n.Param, p, acc); err != nil {
				return nil, err
			}
		}
	}
	return tensor.FromType(n.Type, acc), nil
}

func (q *gradient) paramRows(r *gradRun, name string, p arch.Point, acc []float32) error {
	b := &nnrt.Back{}
	b.In = make([][][]float32, len(r.a.Inputs(p)))
	for pos := range int32(r.n) {
		d := r.adj[r.state(p, pos, 0)]
		if d == nil {
			continue
		}
		b.D = append(b.D, d)
		b.Tok, b.Pos = append(b.Tok, r.token(pos)), append(b.Pos, pos)
		for i, in := range r.a.Inputs(p) {
			b.In[i] = append(b.In[i], q.fwd.Row(r.finalKey(in, pos)))
		}
	}
	return r.rt.BackParam(name, p, b, acc)
}

func (r *gradRun) token(pos int32) int32 {
	if int(pos) < len(r.Tokens) {
		return r.Tokens[pos]
	}
	return r.Gen.Done[int(pos)-len(r.Tokens)]
}
