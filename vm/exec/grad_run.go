package exec

import (
	"fmt"
	"slices"

	"interp/ir"
	"interp/nnrt/arch"
)

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
	reads []bool          // by point: the reverse pass reads its forward rows

	live    []bool              // the metric depends on it
	need    []bool              // and a gradient wanted depends on it
	level   []int32             // the wave in which it is made
	uses    [][]use             // reads of it, in order
	adj     [][]float32         // made so far
	flow    map[int32][]float32 // where it differs: without the reads of what stood before a set
	written map[int32]*setState
	deepest int32 // most sets at one place
}

// user is a point whose rows are made of another's: as which input, or as keys and values.
type user struct {
	pt    arch.Point
	input int
	keys  bool
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
	r := &gradRun{Run: run, rt: rt, a: run.Model.Arch(), n: len(run.Tokens), sets: indexSets(run), extra: map[place]int32{}, written: map[int32]*setState{}, flow: map[int32][]float32{}}
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
	var err error
	if r.reads, err = readPoints(rt); err != nil {
		return nil, err
	}
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

// readPoints says of every point whether a reverse pass reads its forward rows.
func readPoints(rt Differentiable) ([]bool, error) {
	a := rt.Arch()
	out := make([]bool, a.Points())
	for p := range arch.Point(a.Points()) {
		if a.Row(p).Arrive {
			continue
		}
		reads, err := rt.BackReads(p)
		if err != nil {
			return nil, err
		}
		for _, i := range reads {
			out[a.Inputs(p)[i]] = true
		}
		if a.Row(p).Keys {
			out[a.KV(a.Layer(p))] = true
		}
	}
	return out, nil
}

// passBytes are those of a row's adjoint, and of the row itself where the pass reads it.
func passBytes(a *arch.Arch, reads []bool, p arch.Point, pos int32) int64 {
	n := 4 * int64(a.Width(p, int(pos)))
	if reads[p] {
		n *= 2
	}
	return n
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

// asked is the state that a gradient is with respect to: after all sets, or as the row was made.
func (r *gradRun) asked(p arch.Point, x ir.Piece) int32 {
	return r.state(p, x.Pos, r.sets.count(p, x.Pos, x.After))
}

// finalKey is the row that flows on.
func (r *gradRun) finalKey(p arch.Point, pos int32) RowKey {
	return RowKey{r.ID, p, pos, int32(len(r.sets.at[place{p, pos}]))}
}

// nth is the set that a state is made by.
func (r *gradRun) nth(k RowKey) *ir.Set {
	return &r.Sets[r.sets.at[place{k.Pt, k.Pos}][k.N-1]]
}

func (r *gradRun) token(pos int32) int32 {
	if int(pos) < len(r.Tokens) {
		return r.Tokens[pos]
	}
	return r.Gen.Done[int(pos)-len(r.Tokens)]
}

// stateRef is a state of a run.
type stateRef struct {
	r *gradRun
	s int32
}
