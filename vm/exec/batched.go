package exec

import (
	"context"
	"errors"
	"fmt"
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
	Columns  int                     // a chunk closes at so many; 0: 4,096
	Evict    func() bool             // of each row kept between plans: drop it (for tests)
	Progress func(done, total int64) // floating point operations: done, and an estimate of all
}

const (
	defaultColumns = 4096
	defaultBytes   = 256 << 20 // of a chunk's rows and results
	keptShare      = 2         // of the bytes for rows, this part may be kept between plans
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
	known   results               // of operations, from earlier plans
	hosts   map[ir.NodeID]result  // gradients
	genErr  map[ir.RunID]error
	run     *chunkRun // scratch, reused
	stats   Stats
	cost    plan.Cost // planned so far
	dense   plan.Cost
	counted map[ir.RunID]int // runs in dense, with the tokens counted
	total   int64
}

// NewBatched makes an engine.
func NewBatched(opts Options) *Batched {
	if opts.Columns <= 0 {
		opts.Columns = defaultColumns
	}
	return &Batched{opts: opts, hosts: map[ir.NodeID]result{}, vals: map[plan.ValID]result{}, genErr: map[ir.RunID]error{}, counted: map[ir.RunID]int{}}
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
// generated yet come after the tokens.
func (e *Batched) Eval(ctx context.Context, g *ir.Graph, want []ir.NodeID, done func(ir.NodeID, ir.Value, error)) error {
	e.attach(g)
	for len(want) > 0 {
		var ready []wanted
		var later []ir.NodeID
		tokens := map[ir.RunID]int{}
		t0 := time.Now()
		for _, id := range want {
			v, err := e.build.Node(id)
			var pending *plan.Pending
			switch {
			case err == nil:
				ready = append(ready, wanted{id, v})
			case errors.As(err, &pending):
				tokens[pending.Run] = max(tokens[pending.Run], pending.Tokens)
				later = append(later, id)
			default:
				done(id, nil, e.explain(err))
			}
		}
		e.stats.PlanSeconds += time.Since(t0).Seconds()
		if len(ready) > 0 {
			if err := e.compute(ctx, ready, done); err != nil {
				return err
			}
		}
		if len(tokens) > 0 {
			if err := e.generate(ctx, tokens); err != nil {
				return err
			}
		}
		want = later
	}
	return nil
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
	return &ir.Error{Code: "E0407", Msg: fmt.Sprintf("step %d was not reached: the run stopped after %d tokens", int(u.Pos)-len(r.Tokens)+1, n)}
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
	if err := e.gradients(ctx); err != nil {
		return err
	}
	t0 := time.Now()
	final := map[plan.ValID]bool{}
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
		vals = append(vals, w.val)
	}
	chunks := e.planner.Chunks(vals, e.has(), plan.Limit{Columns: e.opts.Columns, Bytes: e.bytes()})
	shared := e.share(chunks)
	e.stats.PlanSeconds += time.Since(t0).Seconds()
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
		e.kept.trim(e.opts.Evict, shared.keeps)
		e.known.trim(e.opts.Evict)
	}
	clear(e.vals)
	return nil
}

// chunk plans and runs one chunk; left is how many come after it.
func (e *Batched) chunk(ctx context.Context, c *plan.Chunk, left int, s *sharing, deliver func(plan.ValID, result)) error {
	t0 := time.Now()
	p := e.planner.Make(c.Want, e.has())
	e.stats.PlanSeconds += time.Since(t0).Seconds()
	if err := e.fits(p, c); err != nil {
		return err
	}
	e.stats.Chunks++
	e.stats.Passes = max(e.stats.Passes, int64(p.Passes))
	flops := p.Cost.Flops(e.table)
	e.run.progress = nil
	if e.opts.Progress != nil {
		e.run.progress = func(part float64) {
			e.opts.Progress(e.stats.FlopsPlanned+int64(part*float64(flops)), e.stats.FlopsPlanned+flops*int64(1+left))
		}
	}
	err := e.run.do(ctx, p, s, deliver)
	e.cost.Add(p.Cost, 1)
	e.refresh()
	return err
}

// fits refuses a chunk that cannot be cut any further and is too large for -mem.
func (e *Batched) fits(p *plan.Plan, c *plan.Chunk) error {
	if e.opts.Mem <= 0 || len(c.Want) > 1 {
		return nil
	}
	need := p.Peak()
	for _, v := range c.Want {
		need += e.table.Bytes(v)
	}
	if need <= e.opts.Mem {
		return nil
	}
	return &ir.Error{Code: "E0410", Msg: fmt.Sprintf("one value alone takes %s of memory for the rows it is made from, -mem allows %s", sizeText(need), sizeText(e.opts.Mem)),
		Hint: "allow more with -mem, or read less at once: fewer positions, a part of a row"}
}

func sizeText(n int64) string {
	switch {
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	}
	return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10))
}

// has is what a plan may leave out: nothing at first, which is the planner's quicker way.
func (e *Batched) has() plan.Kept {
	if e.kept.n == 0 && len(e.vals) == 0 && len(e.known.at) == 0 {
		return plan.Nothing
	}
	return e
}

// Column says that a row of the column is kept.
func (e *Batched) Column(c plan.ColID) bool { return e.kept.at(c) != nil }

// Row says that the row is kept.
func (e *Batched) Row(c plan.ColID, p arch.Point) bool {
	k := e.kept.at(c)
	return k != nil && k.rows[p] != nil
}

// Chain says that all keys and values up to a column are kept. What was found once holds until a row
// is dropped.
func (e *Batched) Chain(c plan.ColID) bool {
	s := &e.kept
	d := c
	for ; d >= 0; d = e.table.Prev(d) {
		if k := s.at(d); k != nil && k.chain == s.drops+1 {
			break
		}
		if !e.hasKeys(d) {
			return false
		}
	}
	for ; c != d; c = e.table.Prev(c) {
		if k := s.at(c); k != nil {
			k.chain = s.drops + 1
		}
	}
	return true
}

func (e *Batched) hasKeys(c plan.ColID) bool {
	model, _, _ := e.table.Place(c)
	for l := range e.table.Models()[model].Arch().Dims.Layers {
		p := e.table.KV(model, l)
		if k := e.kept.at(e.table.Owner(p, c)); k == nil || k.rows[p] == nil {
			return false
		}
	}
	return true
}

// Value says that the result is kept.
func (e *Batched) Value(v plan.ValID) bool {
	_, ok := e.result(v)
	return ok
}

func (e *Batched) result(v plan.ValID) (result, bool) {
	if r, ok := e.vals[v]; ok {
		return r, true
	}
	r, ok := e.known.at[v]
	return r, ok
}

// refresh brings the statistics up to what was planned.
func (e *Batched) refresh() {
	e.stats.FlopsPlanned = e.cost.Flops(e.table)
	e.stats.StatesPlanned = e.cost.States(e.table)
	e.stats.FlopsDense = e.dense.Flops(e.table)
	e.stats.StatesDense = e.dense.States(e.table)
	e.stats.NoOps = int64(len(e.build.NoOps))
	e.stats.PeakBytes = max(e.stats.PeakBytes, e.run.rows.peak+e.kept.bytes)
}

// countDense adds the runs that were lowered, as each would cost by itself.
func (e *Batched) countDense() {
	e.build.Used(func(r *ir.Run) {
		n := 0
		if r.Gen != nil {
			n = len(r.Gen.Done)
		}
		if at, ok := e.counted[r.ID]; ok && at == n {
			return
		} else if ok {
			e.dense.Add(e.table.Dense(r, at), -1)
		}
		e.counted[r.ID] = n
		e.dense.Add(e.table.Dense(r, n), 1)
	})
}

// Stats of all work so far.
func (e *Batched) Stats() Stats { return e.stats }
