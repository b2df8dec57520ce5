package exec

import (
	"context"
	"errors"
	"slices"

	"interp/compiler/plan"
	"interp/ir"
)

// missing are the gradients that a plan reads and that are not there.
func (e *Batched) missing(p *plan.Plan) []plan.ValID {
	var out []plan.ValID
	if e.dry {
		return nil
	}
	for _, u := range p.Vals {
		if e.table.Gradient(u.Val) && !e.hosts.has(e.table.HostNode(u.Val)) && !e.Value(u.Val) {
			out = append(out, u.Val)
		}
	}
	return out
}

// gradients computes the gradients that a plan reads, and those that they rest on. One that rests on
// another, as each step of a gradient ascent does on the one before, comes in a later wave.
func (e *Batched) gradients(ctx context.Context, of []plan.ValID, s *sharing) error {
	vals := map[ir.NodeID]plan.ValID{}
	var ids []ir.NodeID
	for _, v := range e.planner.Gradients(of, e.has()) {
		id := e.table.HostNode(v)
		if _, ok := vals[id]; !ok && !e.hosts.has(id) {
			vals[id] = v
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	for len(ids) > 0 {
		now, later := wave(e.g, ids)
		fwd := &forward{e: e, ctx: ctx}
		made := gradients(ctx, e.g, fwd, now, false, e.passBytes(), e.opts.Mem)
		fwd.free()
		for _, id := range now {
			e.hosts.add(id, made[id], e.opts.Mem)
			s.made = append(s.made, vals[id])
		}
		e.refresh()
		if err := errors.Join(ctx.Err(), fwd.fatal); err != nil {
			return err
		}
		ids = later
	}
	return nil
}

// wave splits gradients into those that rest on none of another metric among them, and the rest. A run
// is taken whole, wherever in it the sets are; where that leaves none (two gradients of one run may be
// set into it, one above the other), the metric that the script says first goes alone.
func wave(g *ir.Graph, ids []ir.NodeID) (now, later []ir.NodeID) {
	byMetric := map[ir.NodeID][]ir.NodeID{}
	pending := make(map[ir.NodeID]bool, len(ids))
	for _, id := range ids {
		m := g.Nodes[id].Args[0]
		byMetric[m] = append(byMetric[m], id)
		pending[id] = true
	}
	rests := make(map[ir.NodeID]bool, len(byMetric))
	for m, of := range byMetric {
		rests[m] = restsOn(g, of, pending)
	}
	if first := g.Nodes[slices.Min(ids)].Args[0]; !slices.ContainsFunc(ids, func(id ir.NodeID) bool { return !rests[g.Nodes[id].Args[0]] }) {
		rests[first] = false
	}
	for _, id := range ids {
		if rests[g.Nodes[id].Args[0]] {
			later = append(later, id)
		} else {
			now = append(now, id)
		}
	}
	return now, later
}

// restsOn says whether gradients of one metric rest on a pending one of another.
func restsOn(g *ir.Graph, grads []ir.NodeID, pending map[ir.NodeID]bool) bool {
	seen, runs := map[ir.NodeID]bool{}, map[ir.RunID]bool{}
	todo := slices.Clone(grads)
	for _, id := range grads {
		seen[id] = true
	}
	add := func(id ir.NodeID) {
		if !seen[id] {
			seen[id] = true
			todo = append(todo, id)
		}
	}
	for len(todo) > 0 {
		n := &g.Nodes[todo[len(todo)-1]]
		todo = todo[:len(todo)-1]
		for _, a := range n.Args {
			add(a)
		}
		if n.View == nil {
			continue
		}
		for _, p := range n.View.Pieces {
			if runs[p.Run] {
				continue
			}
			runs[p.Run] = true
			for _, s := range g.Runs[p.Run].Sets {
				add(s.Val)
			}
		}
	}
	for id := range seen {
		if pending[id] && !slices.Contains(grads, id) {
			return true
		}
	}
	return false
}
