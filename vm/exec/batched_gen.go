package exec

import (
	"context"
	"errors"
	"slices"
	"time"

	"interp/compiler/plan"
	"interp/ir"
)

// generate makes runs reach the tokens that nodes wait for. Runs go on together, as many as the cache of
// keys and values holds; one that reads what another generates waits for it. Nodes that read a run at a
// step are computed with the step's logits.
func (e *Batched) generate(ctx context.Context, w *waiting, done func(ir.NodeID, ir.Value, error)) error {
	for {
		group := e.group(w.tokens)
		if len(group) == 0 {
			return nil
		}
		if err := e.generateGroup(ctx, group, w, done); err != nil {
			return err
		}
	}
}

// group takes the first of the runs that have tokens to go.
func (e *Batched) group(target map[ir.RunID]int) []ir.RunID {
	var ids []ir.RunID
	for id, n := range target {
		if e.wants(id, n) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	var sum int64
	for i, id := range ids {
		r := e.g.Runs[id]
		a := r.Model.Arch()
		sum += int64(4*a.Width(a.KV(0), 0)*a.Dims.Layers) * int64(len(r.Tokens)+r.Gen.N)
		if i > 0 && sum > e.bytes() {
			return ids[:i]
		}
	}
	return ids
}

func (e *Batched) wants(id ir.RunID, n int) bool {
	g := e.g.Runs[id].Gen
	return g != nil && !g.Stopped && len(g.Done) < n && e.genErr[id] == nil
}

// generateGroup advances runs token by token until each has enough. Each step is a pass of its own.
func (e *Batched) generateGroup(ctx context.Context, group []ir.RunID, w *waiting, done func(ir.NodeID, ir.Value, error)) error {
	e.run.grow = true
	limit, passes, most := e.kept.limit, int64(0), e.stats.Passes
	e.kept.limit = max(limit, e.bytes())
	defer func() {
		e.run.grow, e.kept.limit = false, limit
		e.kept.trim(nil, func(plan.ColID) bool { return false })
		e.stats.Passes = max(most, passes)
	}()
	for {
		var step []stepValue
		first := map[ir.RunID]int{} // tokens that runs wait for
		for _, id := range group {
			if !e.wants(id, w.tokens[id]) {
				continue
			}
			v, err := e.nextLogits(id)
			var pending *plan.Pending
			switch {
			case err == nil:
				step = append(step, stepValue{wanted: wanted{ir.NoNode, v}, run: id})
				step = e.atStep(step, id, w, done)
			case errors.As(err, &pending):
				for run, n := range pending.Tokens {
					first[run] = max(first[run], n)
				}
			default:
				e.stop(id, e.explain(err))
			}
		}
		if len(step) == 0 {
			return e.waitFor(ctx, first, group, w.tokens)
		}
		e.stats.Passes = 0
		if err := e.tokens(ctx, step, done); err != nil {
			return err
		}
		passes += e.stats.Passes
	}
}

// atStep adds the nodes that wait for a run to get where it is.
func (e *Batched) atStep(step []stepValue, id ir.RunID, w *waiting, done func(ir.NodeID, ir.Value, error)) []stepValue {
	t0 := time.Now()
	defer func() { e.stats.PlanSeconds += time.Since(t0).Seconds() }()
	for _, x := range w.take(id, len(e.g.Runs[id].Gen.Done)) {
		v, err := e.build.Node(x.node)
		var pending *plan.Pending
		switch {
		case err == nil:
			step = append(step, stepValue{wanted: wanted{x.node, v}, part: x.part})
		case errors.As(err, &pending):
			w.add(x.node, pending, x.part)
		case x.part: // whoever it is a part of will say it
		default:
			done(x.node, nil, e.explain(err))
		}
	}
	return step
}

// waitFor generates first what the rest of a group needs, or says that it waits for itself.
func (e *Batched) waitFor(ctx context.Context, first map[ir.RunID]int, group []ir.RunID, target map[ir.RunID]int) error {
	more := false
	for id, n := range first {
		if target[id] < n && e.wants(id, n) {
			target[id], more = n, true
		}
	}
	if more || len(first) == 0 {
		return nil
	}
	for _, id := range group {
		if e.wants(id, target[id]) {
			e.stop(id, &ir.Error{Code: "E0415", Msg: "a token depends on itself: a set reads what this run generates later"})
		}
	}
	return nil
}

// stop ends a run that cannot go on.
func (e *Batched) stop(id ir.RunID, err error) {
	e.genErr[id] = err
	e.g.Runs[id].Gen.Stopped = true
}

// stepValue is what one step computes: the logits that a run's next token is chosen from, a node, or a part
// of one, whose value is kept.
type stepValue struct {
	wanted
	run  ir.RunID
	part bool
}

// nextLogits is the address of the logits that a run's next token is chosen from.
func (e *Batched) nextLogits(id ir.RunID) (v plan.ValID, err error) {
	t0 := time.Now()
	defer func() { e.stats.PlanSeconds += time.Since(t0).Seconds() }()
	r := e.g.Runs[id]
	pos := int32(len(r.Tokens) + len(r.Gen.Done) - 1)
	err = e.build.Partial(func() error {
		v, err = e.build.Read(id, pos, r.Model.Arch().Logits(), ir.Slice{}, 1<<30)
		return err
	})
	return v, err
}

// tokens computes a step and appends the tokens chosen from its logits.
func (e *Batched) tokens(ctx context.Context, step []stepValue, done func(ir.NodeID, ir.Value, error)) error {
	of := map[plan.ValID][]stepValue{}
	want := make([]wanted, len(step))
	for i, s := range step {
		want[i] = s.wanted
		of[s.val] = append(of[s.val], s)
	}
	return e.values(ctx, want, func(v plan.ValID, r result) {
		for _, s := range of[v] {
			switch {
			case s.node == ir.NoNode:
				e.choose(s.run, v, r)
			case !s.part:
				done(s.node, r.value, r.err)
			}
		}
	})
}

func (e *Batched) choose(id ir.RunID, logits plan.ValID, r result) {
	g := e.g.Runs[id].Gen
	if r.err != nil {
		e.stop(id, r.err)
		return
	}
	if e.dry {
		AddToken(g, madeUp(logits, id, g))
		return
	}
	if r.nums == nil {
		r.nums, _ = plan.Numbers(r.value)
	}
	AddToken(g, Choose(r.nums, g, len(g.Done)))
}
