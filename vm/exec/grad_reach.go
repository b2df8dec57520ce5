package exec

import (
	"fmt"
	"slices"

	"interp/ir"
	"interp/nnrt/arch"
	"interp/nnrt/tensor"
)

// depends says that a node's value follows from a run of the trace, other than through detach.
func (q *gradient) depends(id ir.NodeID) bool {
	if d, ok := q.dep[id]; ok {
		return d
	}
	n, d := &q.g.Nodes[id], false
	switch n.Kind {
	case ir.NRead:
		for _, p := range n.View.Pieces {
			d = d || q.g.Runs[p.Run].Trace == q.trace
		}
	case ir.NOp:
		if n.Call.Row.Name != "detach" {
			for _, a := range n.Args {
				d = q.depends(a) || d
			}
		}
	case ir.NGrad:
		d = q.depends(n.Args[0])
	}
	q.dep[id] = d
	return d
}

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

// hand gives reads their gradients.
func (q *gradient) hand(reads []*readUse, grads map[ir.NodeID]*tensor.Array) {
	for _, u := range reads {
		if d := grads[u.node]; d != nil {
			q.fill(u, d)
		}
	}
}

func typeFloat(t tensor.Type) tensor.Type {
	t.DT = tensor.F32
	return t
}

// readsOf are the reads under a value that gradients go to, ascending.
func (q *gradient) readsOf(root ir.NodeID) []ir.NodeID {
	var out []ir.NodeID
	for _, id := range q.under(root) {
		if q.g.Nodes[id].Kind == ir.NRead {
			out = append(out, id)
		}
	}
	slices.Reverse(out)
	return out
}

// under are the nodes of a value that gradients go through, descending.
func (q *gradient) under(root ir.NodeID) []ir.NodeID {
	seen := map[ir.NodeID]bool{root: true}
	out := []ir.NodeID{root}
	for i := 0; i < len(out); i++ {
		for _, a := range q.g.Nodes[out[i]].Args {
			if !seen[a] && q.depends(a) {
				seen[a] = true
				out = append(out, a)
			}
		}
	}
	slices.Sort(out)
	slices.Reverse(out)
	return out
}

// bind notes a read among the uses of the states it reads.
func (q *gradient) bind(id ir.NodeID, set *setState) (*readUse, error) {
	v := q.g.Nodes[id].View
	n := len(v.Pieces)
	u := &readUse{node: id, runs: make([]*gradRun, n), at: make([]int32, n), use: make([]int32, n)}
	for i, p := range v.Pieces {
		if q.g.Runs[p.Run].Trace != q.trace {
			continue
		}
		r, err := q.run(p.Run)
		if err != nil {
			return nil, err
		}
		if int(p.Pos) >= r.n {
			continue
		}
		s := r.state(v.Pt, p.Pos, r.sets.count(v.Pt, p.Pos, p.After))
		u.runs[i], u.at[i], u.use[i] = r, s, int32(len(r.uses[s]))
		r.uses[s] = append(r.uses[s], use{sl: p.Sl, set: set})
	}
	return u, nil
}

// fill hands the gradient of a read to the uses of its pieces.
func (q *gradient) fill(u *readUse, d *tensor.Array) {
	v, data := q.g.Nodes[u.node].View, d.F32()
	if v.Scatter != nil {
		flat := make([]float32, len(v.Scatter))
		for i, k := range v.Scatter {
			flat[i] = data[k]
		}
		data = flat
	}
	for i, p := range v.Pieces {
		n := p.Sl.Len(q.g.Runs[p.Run].Model.Arch().Width(v.Pt, int(p.Pos)))
		if r := u.runs[i]; r != nil {
			r.uses[u.at[i]][u.use[i]].data = data[:n]
		}
		data = data[n:]
	}
}

// stateRef is a state of a run.
type stateRef struct {
	r *gradRun
	s int32
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

// nth is the set that a state is made by.
func (r *gradRun) nth(k RowKey) *ir.Set {
	return &r.Sets[r.sets.at[place{k.Pt, k.Pos}][k.N-1]]
}

// bindSets notes the reads of the sets that are live, last run and last set first.
func (q *gradient) bindSets() error {
	for i := len(q.ids) - 1; i >= 0; i-- {
		r := q.runs[q.ids[i]]
		for k := len(r.Sets) - 1; k >= 0; k-- {
			s := &r.Sets[k]
			if int(s.Pos) >= r.n || !q.depends(s.Val) {
				continue
			}
			st := r.state(s.Pt, s.Pos, r.sets.count(s.Pt, s.Pos, int32(k))+1)
			if !r.live[st] {
				continue
			}
			set := &setState{run: r, state: st, set: s}
			for _, id := range q.readsOf(s.Val) {
				u, err := q.bind(id, set)
				if err != nil {
					return err
				}
				set.reads = append(set.reads, u)
			}
			r.written[st] = set
		}
	}
	return nil
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
		n := &q.g.Nodes[id]
		if n.View == nil {
			if err := q.wantParam(n, mark); err != nil {
				return err
			}
			continue
		}
		for _, p := range n.View.Pieces {
			if r := q.runs[p.Run]; r != nil && int(p.Pos) < r.n {
				mark(r, r.final(n.View.Pt, p.Pos))
			}
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

// levels finds the wave of every state: one more than that of a use which comes later in the order of
// a wave, points descending and at a point most sets first.
func (q *gradient) levels() error {
	if !q.backwards() {
		return nil
	}
	most := int32(1) // waves that there can be, for each opens at a set
	for _, r := range q.runs {
		most += int32(len(r.written))
	}
	for changed := true; changed; {
		changed = false
		for _, id := range q.ids {
			r := q.runs[id]
			for s := len(r.need) - 1; s >= 0; s-- {
				if r.need[s] {
					changed = q.level(stateRef{r, int32(s)}) || changed
				}
				if r.level[s] > most {
					return fmt.Errorf("grad: a set depends on what it changes")
				}
			}
		}
	}
	return nil
}

// backwards says that some set reads a row that comes before its own in a wave.
func (q *gradient) backwards() bool {
	for _, r := range q.runs {
		for s, uses := range r.uses {
			for _, u := range uses {
				if u.set != nil && later(u.set.run.key(u.set.state), r.key(int32(s))) {
					return true
				}
			}
		}
	}
	return false
}

// later says that in a wave the row c does not come before the row k.
func later(c, k RowKey) bool { return c.Pt < k.Pt || c.Pt == k.Pt && c.N <= k.N }

func (q *gradient) level(x stateRef) bool {
	k, lv := x.r.key(x.s), int32(0)
	for _, c := range q.flowsInto(x, nil) {
		if !c.r.need[c.s] {
			continue
		}
		l := c.r.level[c.s]
		if later(c.r.key(c.s), k) {
			l++
		}
		lv = max(lv, l)
	}
	if lv == x.r.level[x.s] {
		return false
	}
	x.r.level[x.s] = lv
	return true
}

// holding collects the rows and values that reverse passes read.
type holding struct {
	rows   []RowKey
	seen   map[RowKey]bool
	values map[ir.NodeID]bool
}

func (h *holding) add(k RowKey) {
	if !h.seen[k] {
		h.seen[k] = true
		h.rows = append(h.rows, k)
	}
}

// hold notes what this pass reads.
func (q *gradient) hold(h *holding) error {
	for _, id := range q.ids {
		r := q.runs[id]
		for p := range arch.Point(r.a.Points()) {
			if r.a.Row(p).Arrive {
				continue
			}
			reads, err := r.rt.BackReads(p)
			if err != nil {
				return err
			}
			for pos := range int32(r.n) {
				if r.need[r.state(p, pos, 0)] {
					r.holdRow(p, pos, reads, h.add)
				}
			}
		}
	}
	for _, id := range q.want {
		if err := q.holdParam(&q.g.Nodes[id], h.add); err != nil {
			return err
		}
	}
	q.valuesOf(q.metric, h.values)
	for _, id := range q.ids {
		r := q.runs[id]
		for s, w := range r.written {
			if r.need[s] {
				q.valuesOf(w.set.Val, h.values)
			}
		}
	}
	return nil
}

// valuesOf are the operands and results of the operations under a value that gradients go through.
func (q *gradient) valuesOf(root ir.NodeID, seen map[ir.NodeID]bool) {
	if !q.depends(root) {
		return
	}
	for _, id := range q.under(root) {
		if n := &q.g.Nodes[id]; n.Kind == ir.NOp {
			seen[id] = true
			for _, a := range n.Args {
				seen[a] = true
			}
		}
	}
}

func (r *gradRun) holdRow(p arch.Point, pos int32, reads []int, add func(RowKey)) {
	in := r.a.Inputs(p)
	for _, i := range reads {
		add(r.finalKey(in[i], pos))
	}
	if r.a.Row(p).Keys {
		kv := r.a.KV(r.a.Layer(p))
		for j := range pos + 1 {
			add(r.finalKey(kv, j))
		}
	}
}

func (q *gradient) holdParam(n *ir.Node, add func(RowKey)) error {
	rt, ok := n.Model.(Differentiable)
	if n.View != nil || !ok {
		return nil
	}
	points, err := rt.ParamPoints(n.Param)
	for _, p := range points {
		for _, id := range q.ids {
			r := q.runs[id]
			for pos := range int32(r.n) {
				if r.Model != n.Model || !r.need[r.state(p, pos, 0)] {
					continue
				}
				for _, in := range r.a.Inputs(p) {
					add(r.finalKey(in, pos))
				}
			}
		}
	}
	return err
}
