package exec

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"interp/compiler/plan"
	"interp/ir"
	"interp/nnrt"
	"interp/nnrt/arch"
)

// Runtime is a model that computes rows; nnrt's is one.
type Runtime interface {
	ir.Model
	Rows(p arch.Point, r *nnrt.Rows) error
	Attention(layer int, r *nnrt.Rows) error
}

// Options of the batched engine. The zero value is the usual.
type Options struct {
	Mem      int64                   // bytes for rows and results; 0: no bound but a chunk's
	Columns  int                     // a chunk closes at so many; 0: ChunkColumns
	Evict    func() bool             // of each row kept between plans: drop it (for tests)
	Progress func(done, total int64) // states: done, and an estimate of all
}

// ChunkColumns is how many columns close a chunk.
const ChunkColumns = 4096

const (
	defaultBytes = 256 << 20 // of a chunk's rows and results
	keptShare    = 2         // of the bytes for rows, this part may be kept between plans
)

// Batched is the engine that computes every distinct row once: compiler/plan says which, and they run
// pass by pass, point by point, all columns together. What it interned lives as long as the engine;
// rows are a cache and may be dropped between plans.
type Batched struct {
	opts    Options
	g       *ir.Graph
	table   *plan.Table
	build   *plan.Builder
	lenient *plan.Builder // for finding cycles before tokens are known
	invoke  []int32       // by node: the latest invoke that it reads, for Check
	planner *plan.Planner
	kept    store
	vals    map[plan.ValID]result // what later chunks of the work at hand read
	known   results               // of operations and reads, from earlier plans
	hosts   held                  // gradients
	genErr  map[ir.RunID]error
	run     *chunkRun // scratch, reused
	stats   Stats
	cost    plan.Cost // planned so far
	dense   plan.Cost
	growing []counted // runs in dense that may stop before they have all tokens
	grads   int64     // gradients met so far
	dry     bool      // plans are counted and not run, see Explain
	dump    io.Writer // gets every plan, if not nil
}

// NewBatched makes an engine.
func NewBatched(opts Options) *Batched {
	if opts.Columns <= 0 {
		opts.Columns = ChunkColumns
	}
	return &Batched{opts: opts, hosts: newHeld(), vals: map[plan.ValID]result{}, genErr: map[ir.RunID]error{}}
}

var _ Engine = (*Batched)(nil)

// attach makes the graph the engine's; it keeps to one.
func (e *Batched) attach(g *ir.Graph) {
	if e.g == g {
		return
	}
	e.g = g
	e.table = plan.NewTable()
	e.build = plan.NewBuilder(e.table, g)
	e.planner = plan.NewPlanner(e.table)
	e.kept = newStore(e.keptBytes())
	e.known = newResults(e.keptBytes() / 2)
	e.run = newChunkRun(e)
	e.lenient, e.invoke = nil, nil
}

func (e *Batched) bytes() int64 {
	if e.opts.Mem > 0 {
		return min(e.opts.Mem, defaultBytes)
	}
	return defaultBytes
}

func (e *Batched) keptBytes() int64 { return e.bytes() / keptShare }

// wanted is a node asked for, by address.
type wanted struct {
	node ir.NodeID
	val  plan.ValID
}

// Eval computes the wanted nodes chunk by chunk, in their order. Nodes that need tokens which are not
// generated yet are computed along with the tokens.
func (e *Batched) Eval(ctx context.Context, g *ir.Graph, want []ir.NodeID, done func(ir.NodeID, ir.Value, error)) error {
	e.attach(g)
	passes, most := int64(0), e.stats.Passes
	for len(want) > 0 {
		ready, w := e.sort(want, done)
		e.stats.Passes = 0
		if len(ready) > 0 {
			if err := e.compute(ctx, ready, done); err != nil {
				return err
			}
		}
		if want = nil; len(w.tokens) > 0 {
			if err := e.generate(ctx, w, done); err != nil {
				return err
			}
			want = w.left()
		}
		passes += e.stats.Passes
		e.stats.Passes = max(most, passes)
	}
	return nil
}

// sort lowers nodes: those that can be computed at once, and those that wait for tokens or read a run
// which others wait for.
func (e *Batched) sort(want []ir.NodeID, done func(ir.NodeID, ir.Value, error)) (ready []wanted, w *waiting) {
	t0 := time.Now()
	defer func() { e.stats.PlanSeconds += time.Since(t0).Seconds() }()
	w = newWaiting(e.g)
	for _, id := range want {
		v, err := e.build.Node(id)
		var pending *plan.Pending
		switch {
		case err == nil:
			ready = append(ready, wanted{id, v})
		case errors.As(err, &pending):
			w.add(id, pending, false)
		default:
			done(id, nil, e.explain(err))
		}
	}
	if len(w.tokens) > 0 {
		w.takeApart(e.build)
		ready = slices.DeleteFunc(ready, func(x wanted) bool { return w.joins(x.node) })
	}
	return ready, w
}

// explain puts the planner's errors in the words of this package.
func (e *Batched) explain(err error) error {
	var c *plan.CycleError
	var u *plan.Unreached
	switch {
	case errors.As(err, &c):
		return &CycleError{Sets: c.Sets}
	case errors.As(err, &u):
		if err := e.genErr[u.Run]; err != nil {
			return err
		}
		return e.unreached(u)
	}
	return err
}

func (e *Batched) unreached(u *plan.Unreached) error {
	r := e.g.Runs[u.Run]
	n := 0
	if r.Gen != nil {
		n = len(r.Gen.Done)
	}
	return &ir.Error{Code: "E0407", Msg: fmt.Sprintf("step %d was not reached: tokens generated until the stop: %d", int(u.Pos)-len(r.Tokens)+1, n)}
}

// compute makes the values of nodes and hands them over.
func (e *Batched) compute(ctx context.Context, want []wanted, done func(ir.NodeID, ir.Value, error)) error {
	e.countDense()
	nodes := map[plan.ValID][]ir.NodeID{}
	for _, w := range want {
		nodes[w.val] = append(nodes[w.val], w.node)
	}
	return e.values(ctx, want, func(v plan.ValID, r result) {
		for _, id := range nodes[v] {
			done(id, r.value, r.err)
		}
	})
}

// values cuts the wanted values into chunks and runs them.
func (e *Batched) values(ctx context.Context, want []wanted, deliver func(plan.ValID, result)) error {
	want, err := e.prepare(want)
	if err != nil {
		return err
	}
	outer := e.vals // of the work that these are the rows of a reverse pass for
	e.vals = map[plan.ValID]result{}
	defer func() { e.vals = outer }()
	t0 := time.Now()
	final, seen := map[plan.ValID]bool{}, map[plan.ValID]bool{}
	var vals []plan.ValID
	for _, w := range want {
		if final[w.val] {
			continue
		}
		final[w.val] = true
		if e.table.Kind(w.val) == plan.Const { // known without a plan
			v, nums := e.table.Constant(w.val)
			deliver(w.val, result{value: v, nums: nums})
			continue
		}
		if r, ok := e.known.at[w.val]; ok {
			deliver(w.val, r)
			continue
		}
		if err := e.tooLarge(w.val, seen); err != nil {
			deliver(w.val, result{err: err})
			continue
		}
		vals = append(vals, w.val)
	}
	chunks := e.planner.Chunks(vals, e.has(), e.limit())
	shared := e.share(chunks)
	e.stats.PlanSeconds += time.Since(t0).Seconds()
	defer func() { e.hosts.release(e, shared.made, func(plan.ValID) bool { return false }) }()
	for i := range chunks {
		err := e.chunk(ctx, &chunks[i], len(chunks)-1-i, shared, func(v plan.ValID, r result) {
			if shared.later(v) {
				e.vals[v] = r
			}
			if final[v] {
				deliver(v, r)
			}
		})
		if err != nil {
			return err
		}
		shared.close(i)
		shared.made = e.hosts.release(e, shared.made, shared.rest)
		e.kept.trim(e.opts.Evict, shared.still)
		e.known.trim(e.opts.Evict)
	}
	return nil
}

// prepare notes the gradients that were met while lowering.
func (e *Batched) prepare(want []wanted) ([]wanted, error) {
	if e.dry {
		return e.pretendHeld(want)
	}
	ids := e.build.Hosts()
	e.grads += int64(len(ids))
	e.hosts.meet(e.g, ids)
	return want, nil
}

// limit bounds chunks.
func (e *Batched) limit() plan.Limit {
	lim := plan.Limit{Columns: e.opts.Columns, Bytes: e.bytes()}
	if !e.dry {
		lim.Reverse, lim.Passes = e.passBytes(), e.passOf
	}
	return lim
}

// refresh brings the statistics up to what was planned.
func (e *Batched) refresh() {
	e.stats.FlopsPlanned = e.cost.Flops(e.table)
	e.stats.StatesPlanned = e.cost.States(e.table)
	e.stats.FlopsDense = e.dense.Flops(e.table)
	e.stats.StatesDense = e.dense.States(e.table)
	e.stats.NoOps = int64(len(e.build.NoOps))
	e.stats.PeakBytes = max(e.stats.PeakBytes, e.run.rows.peak+e.kept.bytes+e.known.bytes+e.hosts.bytes+e.hosts.passes)
}

// countDense adds the runs that were lowered, as each would cost by itself: one that generates, with all
// of its tokens until it is known to have stopped before.
func (e *Batched) countDense() {
	for _, r := range e.build.Fresh() {
		n := 0
		if r.Gen != nil {
			n = r.Gen.N
			e.growing = append(e.growing, counted{r, n})
		}
		e.dense.Add(e.table.Dense(r, n), 1)
	}
	e.growing = slices.DeleteFunc(e.growing, func(c counted) bool {
		if c.run.Gen.Stopped && len(c.run.Gen.Done) < c.tokens {
			e.dense.Add(e.table.Dense(c.run, c.tokens), -1)
			e.dense.Add(e.table.Dense(c.run, len(c.run.Gen.Done)), 1)
		}
		return c.run.Gen.Stopped
	})
}

// counted is a run in dense, with so many tokens.
type counted struct {
	run    *ir.Run
	tokens int
}

// Stats of all work so far, and of all runs described, whether anything reads them or not.
func (e *Batched) Stats() Stats {
	if e.table != nil {
		e.countDense()
		e.refresh()
	}
	return e.stats
}
