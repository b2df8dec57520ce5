package exec

import (
	"slices"

	"interp/ir"
)

// find finds the runs, and of each the states that the metric depends on with all reads of them.
func (q *gradient) find() error {
	if !q.depends(q.metric) {
		return nil
	}
	for _, id := range q.readsOf(q.metric) {
		u, err := q.bind(id, nil)
		if err != nil {
			return err
		}
		q.reads = append(q.reads, u)
	}
	if err := q.reach(q.metric); err != nil {
		return err
	}
	return q.bindSets()
}

// reach marks every state that the metric is made from.
func (q *gradient) reach(metric ir.NodeID) error {
	todo, err := q.readStates(metric, nil)
	if err != nil {
		return err
	}
	for len(todo) > 0 {
		x := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if x.r.live[x.s] {
			continue
		}
		x.r.live[x.s] = true
		if todo, err = q.madeFrom(x, todo); err != nil {
			return err
		}
	}
	if q.all {
		if err := q.allRuns(); err != nil {
			return err
		}
		for _, r := range q.runs {
			for s := range r.live {
				r.live[s] = !r.a.Row(r.key(int32(s)).Pt).Arrive
			}
		}
	}
	return nil
}

// allRuns finds the runs that sets of these read, also where nothing comes of it.
func (q *gradient) allRuns() error {
	for n := -1; n != len(q.ids); {
		n = len(q.ids)
		for _, id := range slices.Clone(q.ids) {
			for i := range q.runs[id].Sets {
				if _, err := q.readStates(q.runs[id].Sets[i].Val, nil); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// readStates appends the states that a value reads.
func (q *gradient) readStates(root ir.NodeID, out []stateRef) ([]stateRef, error) {
	if !q.depends(root) {
		return out, nil
	}
	for _, id := range q.readsOf(root) {
		v := q.g.Nodes[id].View
		for _, p := range v.Pieces {
			if q.g.Runs[p.Run].Trace != q.trace {
				continue
			}
			r, err := q.run(p.Run)
			if err != nil {
				return nil, err
			}
			if int(p.Pos) < r.n {
				out = append(out, stateRef{r, r.state(v.Pt, p.Pos, r.sets.count(v.Pt, p.Pos, p.After))})
			}
		}
	}
	return out, nil
}

// madeFrom appends the states that a state is made from.
func (q *gradient) madeFrom(x stateRef, out []stateRef) ([]stateRef, error) {
	k := x.r.key(x.s)
	if k.N > 0 {
		s := x.r.nth(k)
		if !s.Sl.Whole() {
			out = append(out, stateRef{x.r, x.r.state(k.Pt, k.Pos, k.N-1)})
		}
		return q.readStates(s.Val, out)
	}
	for _, in := range x.r.a.Inputs(k.Pt) {
		out = append(out, stateRef{x.r, x.r.final(in, k.Pos)})
	}
	if x.r.a.Row(k.Pt).Keys {
		kv := x.r.a.KV(x.r.a.Layer(k.Pt))
		for pos := range k.Pos + 1 {
			out = append(out, stateRef{x.r, x.r.final(kv, pos)})
		}
	}
	return out, nil
}

// mark marks what the gradients asked for need: states that are live and follow from a wanted one.
func (q *gradient) mark() error {
	wanted := map[*gradRun]map[int32]bool{}
	mark := func(r *gradRun, s int32) {
		if wanted[r] == nil {
			wanted[r] = map[int32]bool{}
		}
		wanted[r][s] = true
	}
	for _, id := range q.want {
		if err := q.wanted(&q.g.Nodes[id], mark); err != nil {
			return err
		}
	}
	for _, id := range q.ids {
		r := q.runs[id]
		for s := range r.live {
			if q.all {
				r.need[s] = r.live[s]
			}
		}
	}
	if q.all {
		return nil
	}
	return q.follow(wanted)
}

// wanted gives the states that a gradient is asked for, of the runs that the metric is made from.
func (q *gradient) wanted(n *ir.Node, mark func(*gradRun, int32)) error {
	if n.View == nil {
		return q.wantParam(n, mark)
	}
	for _, p := range n.View.Pieces {
		if r := q.runs[p.Run]; r != nil && int(p.Pos) < r.n {
			mark(r, r.asked(n.View.Pt, p))
		}
	}
	return nil
}

func (q *gradient) wantParam(n *ir.Node, mark func(*gradRun, int32)) error {
	rt, ok := n.Model.(Differentiable)
	if !ok {
		return nil
	}
	points, err := rt.ParamPoints(n.Param)
	for _, p := range points {
		for _, id := range q.ids {
			if r := q.runs[id]; r.Model == n.Model {
				for pos := range int32(r.n) {
					mark(r, r.state(p, pos, 0))
				}
			}
		}
	}
	return err
}

// follow marks the live states that wanted ones flow into: in reverse, all that must be made.
func (q *gradient) follow(wanted map[*gradRun]map[int32]bool) error {
	var todo []stateRef
	for _, id := range q.ids {
		for s := range wanted[q.runs[id]] {
			todo = append(todo, stateRef{q.runs[id], s})
		}
	}
	for len(todo) > 0 {
		x := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if x.r.need[x.s] || !x.r.live[x.s] {
			continue
		}
		x.r.need[x.s] = true
		todo = q.flowsInto(x, todo)
	}
	return nil
}

// flowsInto appends the states that are made from a state.
func (q *gradient) flowsInto(x stateRef, out []stateRef) []stateRef {
	r, k := x.r, x.r.key(x.s)
	for _, u := range r.uses[x.s] {
		if u.set != nil {
			out = append(out, stateRef{u.set.run, u.set.state})
		}
	}
	if int(k.N) < len(r.sets.at[place{k.Pt, k.Pos}]) {
		next := k
		next.N++
		if !r.nth(next).Sl.Whole() {
			out = append(out, stateRef{r, r.state(k.Pt, k.Pos, k.N+1)})
		}
		return out
	}
	for _, u := range r.users[k.Pt] {
		last := k.Pos
		if u.keys {
			last = int32(r.n) - 1
		}
		for pos := k.Pos; pos <= last; pos++ {
			out = append(out, stateRef{r, r.state(u.pt, pos, 0)})
		}
	}
	return out
}
