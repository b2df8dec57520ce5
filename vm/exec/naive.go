package exec

import (
	"context"
	"fmt"
	"slices"

	"interp/ir"
	"interp/nnrt/arch"
	"interp/nnrt/tensor"
)

// Naive is the reference engine: a dense forward for every run, all positions, point by point, sets
// applied in the order of the script. Nothing is shared between runs and nothing is kept between
// calls but the tokens that were generated. A run whose sets take values from its own later layers
// goes through again until every row stands.
type Naive struct {
	opts  Options
	check *Batched // lowers runs to find cycles; it computes nothing
	all   bool     // for tests: gradients pull every row
	small int64    // for tests: bytes of a part of a gradient; 0: the usual
	stats Stats
}

// NewNaive makes an engine.
func NewNaive(opts Options) *Naive {
	return &Naive{opts: opts, check: NewBatched(Options{})}
}

var _ Engine = (*Naive)(nil)

// Check finds cycles, as the batched engine does.
func (e *Naive) Check(g *ir.Graph, from ir.RunID) error { return e.check.Check(g, from) }

// Stats of all work so far: nothing is planned, so what was done is what dense runs cost.
func (e *Naive) Stats() Stats { return e.stats }

// RowKey names a row of a run: after the first N of its sets there.
type RowKey struct {
	Run ir.RunID
	Pt  arch.Point
	Pos int32
	N   int32
}

// pieceKey names a slice of a row.
type pieceKey struct {
	RowKey
	Sl ir.Slice
}

// job is one call of Eval.
type job struct {
	e     *Naive
	ctx   context.Context
	g     *ir.Graph
	runs  map[ir.RunID]*naiveRun
	got   map[pieceKey][]float32 // pieces read, once their rows stand
	memo  map[ir.NodeID]result
	seen  map[ir.NodeID]bool
	grads []ir.NodeID        // gradients wanted, in order
	busy  map[ir.NodeID]bool // metrics whose reverse pass is under way
}

// Eval computes the wanted nodes: all runs that they need in the order of the script, as often as it
// takes.
func (e *Naive) Eval(ctx context.Context, g *ir.Graph, want []ir.NodeID, done func(ir.NodeID, ir.Value, error)) error {
	j := &job{e: e, ctx: ctx, g: g, runs: map[ir.RunID]*naiveRun{}, got: map[pieceKey][]float32{}, memo: map[ir.NodeID]result{}, seen: map[ir.NodeID]bool{}, busy: map[ir.NodeID]bool{}}
	for _, id := range want {
		j.need(id)
	}
	open := slices.Clone(want)
	deliver := func() {
		open = slices.DeleteFunc(open, func(id ir.NodeID) bool {
			r, ok := j.value(id)
			if ok {
				done(id, r.value, r.err)
			}
			return ok
		})
	}
	if err := j.settle(deliver); err != nil {
		return err
	}
	deliver()
	for _, id := range open {
		done(id, nil, j.stuck())
	}
	return ctx.Err()
}

// need notes the runs, positions and pieces that a node reads, through the sets of those runs.
func (j *job) need(id ir.NodeID) {
	if j.seen[id] {
		return
	}
	j.seen[id] = true
	n := &j.g.Nodes[id]
	for _, a := range n.Args {
		j.need(a)
	}
	if n.Kind == ir.NGrad {
		j.grads = append(j.grads, id)
	}
	if n.View == nil {
		return
	}
	for _, p := range n.View.Pieces {
		r := j.run(p.Run)
		switch n.Kind {
		case ir.NTokens:
			if r.Gen != nil {
				r.target = r.Gen.N
			}
		case ir.NRead:
			key := pieceKey{RowKey{p.Run, n.View.Pt, p.Pos, r.sets.count(n.View.Pt, p.Pos, p.After)}, p.Sl}
			r.reads[key.row()] = append(r.reads[key.row()], key)
			fallthrough
		default:
			r.length = max(r.length, int(p.Pos)+1)
			if past := int(p.Pos) + 1 - len(r.Tokens); past > 0 && r.Gen != nil {
				r.target = max(r.target, past)
			}
		}
	}
}

// row is the place of a row without its count of sets.
type place struct {
	pt  arch.Point
	pos int32
}

func (k RowKey) row() place { return place{k.Pt, k.Pos} }

// run begins what is known of a run: its sets may need other runs.
func (j *job) run(id ir.RunID) *naiveRun {
	if r := j.runs[id]; r != nil {
		return r
	}
	r := newNaiveRun(j, j.g.Runs[id])
	j.runs[id] = r
	for i := range r.Sets {
		j.need(r.Sets[i].Val)
	}
	return r
}

// settle goes through the runs until all stand, or until another round would change nothing.
func (j *job) settle(deliver func()) error {
	ids := make([]ir.RunID, 0, len(j.runs))
	for id := range j.runs {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	finished := 0
	for {
		moved := false
		for _, id := range ids {
			r := j.runs[id]
			if r.done {
				continue
			}
			before := r.standing
			if err := r.advance(); err != nil {
				return err
			}
			moved = moved || r.done || r.standing > before
			if r.done {
				finished++
				deliver()
			}
			if j.e.opts.Progress != nil {
				j.e.opts.Progress(j.e.stats.StatesDense, j.e.stats.StatesDense/int64(max(finished, 1))*int64(len(ids)))
			}
		}
		if !moved {
			return nil
		}
	}
}

// stuck is the error of what waits for itself.
func (j *job) stuck() error {
	c := &CycleError{}
	for _, r := range j.runs {
		if r.done {
			continue
		}
		for i := range r.Sets {
			if _, ok := j.value(r.Sets[i].Val); !ok {
				c.Sets = append(c.Sets, &r.Sets[i])
			}
		}
	}
	if len(c.Sets) == 0 {
		return &ir.Error{Code: "E0415", Msg: "a value depends on itself"}
	}
	slices.SortFunc(c.Sets, func(a, b *ir.Set) int { return int(a.Val - b.Val) })
	return c
}

// value is a node's value; false while something it reads does not stand yet.
func (j *job) value(id ir.NodeID) (result, bool) {
	if r, ok := j.memo[id]; ok {
		return r, true
	}
	r, ok := j.compute(id)
	if ok {
		j.memo[id] = r
	}
	return r, ok
}

func (j *job) compute(id ir.NodeID) (result, bool) {
	n := &j.g.Nodes[id]
	args := make([]ir.Value, len(n.Args))
	for i, a := range n.Args {
		r, ok := j.value(a)
		if !ok || r.err != nil {
			return r, ok
		}
		args[i] = r.value
	}
	switch n.Kind {
	case ir.NConst:
		return result{value: n.Const}, true
	case ir.NRead:
		return j.read(n)
	case ir.NOp:
		if f := n.Call.Row.Flops; f != nil {
			j.e.stats.FlopsDense += f(n.Call)
			j.e.stats.FlopsPlanned += f(n.Call)
		}
		v, err := Apply(n.Call, args)
		return result{value: v, err: err}, true
	case ir.NTokens:
		for _, p := range n.View.Pieces {
			if r := j.runs[p.Run]; !r.generated() {
				return result{}, false
			}
		}
		return result{value: Generated(j.g, n)}, true
	}
	return j.gradient(id)
}

// read puts the pieces of a view together.
func (j *job) read(n *ir.Node) (result, bool) {
	data := make([]float32, 0, n.Type.Size())
	for _, p := range n.View.Pieces {
		r := j.runs[p.Run]
		key := pieceKey{RowKey{p.Run, n.View.Pt, p.Pos, r.sets.count(n.View.Pt, p.Pos, p.After)}, p.Sl}
		x, ok := j.got[key]
		if !ok {
			if err := r.unreached(p.Pos); err != nil {
				return result{err: err}, true
			}
			return result{}, false
		}
		data = append(data, x...)
	}
	out := data
	if n.View.Scatter != nil {
		out = make([]float32, n.Type.Size())
		for i := range out {
			out[i] = n.View.Fill
		}
		for i, k := range n.View.Scatter {
			out[k] = data[i]
		}
	}
	if len(out) != n.Type.Size() {
		return result{err: fmt.Errorf("a read of %d numbers does not fill shape %s", len(out), n.Type.Shape())}, true
	}
	return result{value: tensor.FromType(n.Type, out)}, true
}

// numbers are those of a set's value.
func (j *job) numbers(s *ir.Set, n int) ([]float32, bool, error) {
	r, ok := j.value(s.Val)
	if !ok || r.err != nil {
		return nil, ok, r.err
	}
	x, err := numbersOf(r.value, n)
	return x, true, err
}

// numbersOf are n numbers of a value: a single number is taken n times.
func numbersOf(v ir.Value, n int) ([]float32, error) {
	var x []float32
	switch v := v.(type) {
	case *tensor.Array:
		x = v.F32()
	case float64:
		x = []float32{float32(v)}
	case int64:
		x = []float32{float32(v)}
	default:
		return nil, &ir.Error{Code: "E0302", Msg: fmt.Sprintf("set: want numbers, got %s", ir.KindOf(v))}
	}
	if len(x) == 1 && n > 1 {
		x = slices.Repeat(x, n)
	}
	if len(x) != n {
		return nil, fmt.Errorf("set: the value has %d numbers, the slice %d", len(x), n)
	}
	return x, nil
}
