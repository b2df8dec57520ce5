package exec

import (
	"context"
	"errors"
	"slices"
	"time"

	"interp/compiler/plan"
	"interp/ir"
)

// generate makes runs reach so many tokens. Runs go on together, as many as the cache of keys and
// values holds; one that reads what another generates waits for it.
func (e *Batched) generate(ctx context.Context, target map[ir.RunID]int) error {
	for {
		group := e.group(target)
		if len(group) == 0 {
			return nil
		}
		if err := e.generateGroup(ctx, group, target); err != nil {
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

// generateGroup advances runs token by token until each has enough.
func (e *Batched) generateGroup(ctx context.Context, group []ir.RunID, target map[ir.RunID]int) error {
	e.run.grow = true
	limit := e.kept.limit
	e.kept.limit = max(limit, e.bytes())
	defer func() {
		e.run.grow, e.kept.limit = false, limit
		e.kept.trim(nil, func(plan.ColID) bool { return false })
	}()
	for {
		var step []wantedLogits
		waiting := map[ir.RunID]int{}
		for _, id := range group {
			if !e.wants(id, target[id]) {
				continue
			}
			v, err := e.nextLogits(id)
			var pending *plan.Pending
			switch {
			case err == nil:
				step = append(step, wantedLogits{id, v})
			case errors.As(err, &pending):
				waiting[pending.Run] = max(waiting[pending.Run], pending.Tokens)
			default:
				e.stop(id, e.explain(err))
			}
		}
		if len(step) == 0 {
			return e.waitFor(ctx, waiting, group, target)
		}
		if err := e.tokens(ctx, step); err != nil {
			return err
		}
	}
}

// waitFor generates first what the rest of a group needs, or says that it waits for itself.
func (e *Batched) waitFor(ctx context.Context, waiting map[ir.RunID]int, group []ir.RunID, target map[ir.RunID]int) error {
	more := false
	for id, n := range waiting {
		if target[id] < n && e.wants(id, n) {
			target[id], more = n, true
		}
	}
	if more || len(waiting) == 0 {
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

type wantedLogits struct {
	run ir.RunID
	val plan.ValID
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

// tokens computes logits and appends the tokens chosen from them.
func (e *Batched) tokens(ctx context.Context, step []wantedLogits) error {
	runs := map[plan.ValID][]ir.RunID{}
	want := make([]wanted, len(step))
	for i, w := range step {
		want[i] = wanted{ir.NoNode, w.val}
		runs[w.val] = append(runs[w.val], w.run)
	}
	return e.values(ctx, want, func(v plan.ValID, r result) {
		for _, id := range runs[v] {
			e.choose(id, r)
		}
	})
}

func (e *Batched) choose(id ir.RunID, r result) {
	g := e.g.Runs[id].Gen
	if r.err != nil {
		e.stop(id, r.err)
		return
	}
	if r.nums == nil {
		r.nums, _ = plan.Numbers(r.value)
	}
	AddToken(g, Choose(r.nums, g, len(g.Done)))
}
