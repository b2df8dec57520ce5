package plan

import (
	"cmp"
	"slices"
	"sort"

	"interp/ir"
	"interp/nnrt/arch"
)

// run is what was lowered of a run so far.
type run struct {
	*ir.Run
	id    int16 // model
	o     *order
	sets  int          // of the run, when this was made
	order []int32      // its sets by position, point, place in the script
	upTo  []listID     // by place in order: the edits of that position up to here; -1: not lowered
	busy  []bool       // by place in order: being lowered
	seen  []arch.Point // distinct points at which later columns see its sets, ascending
	chain [][]ColID    // by number of seen points taken in, then position

	besides map[besideKey]listID // see listFor
}

// besideKey is one past a place in a run's order, and the point that is read.
type besideKey struct {
	end int
	p   arch.Point
}

// beside says that point p stands after point f and does not follow from it.
func (r *run) beside(f, p arch.Point) bool { return f < p && !r.o.follows(f, p) }

func (b *Builder) run(id ir.RunID) *run {
	for len(b.runs) < len(b.g.Runs) {
		b.runs = append(b.runs, nil)
	}
	r := b.runs[id]
	if r != nil && r.sets == len(r.Sets) {
		return r
	}
	if r == nil {
		b.fresh = append(b.fresh, b.g.Runs[id])
	}
	r = &run{Run: b.g.Runs[id], sets: len(b.g.Runs[id].Sets)}
	r.id = b.Model(r.Model)
	r.o = b.orders[r.id]
	b.runs[id] = r
	r.arrange()
	return r
}

// arrange sorts the sets: at one position a read sees a first part of them.
func (r *run) arrange() {
	n := len(r.Sets)
	r.order, r.upTo, r.busy = make([]int32, n), make([]listID, n), make([]bool, n)
	for i := range n {
		r.order[i], r.upTo[i] = int32(i), -1
		if v := r.o.vis(r.Sets[i].Pt); v != arch.Never {
			if j, ok := slices.BinarySearch(r.seen, v); !ok {
				r.seen = slices.Insert(r.seen, j, v)
			}
		}
	}
	slices.SortFunc(r.order, func(i, j int32) int {
		x, y := &r.Sets[i], &r.Sets[j]
		return cmp.Or(cmp.Compare(x.Pos, y.Pos), cmp.Compare(x.Pt, y.Pt), cmp.Compare(i, j))
	})
	r.chain = make([][]ColID, len(r.seen)+1)
}

// at is the range in order of the sets at a position.
func (r *run) at(pos int32) (from, to int) {
	if len(r.order) == 0 {
		return 0, 0
	}
	from = sort.Search(len(r.order), func(k int) bool { return r.Sets[r.order[k]].Pos >= pos })
	for to = from; to < len(r.order) && r.Sets[r.order[to]].Pos == pos; to++ {
	}
	return from, to
}

// token at a position, of the prompt or generated.
func (b *Builder) token(r *run, pos int32) int32 {
	n := int32(len(r.Tokens))
	switch {
	case pos < n:
		return r.Tokens[pos]
	case r.Gen != nil && int(pos-n) < len(r.Gen.Done):
		return r.Gen.Done[pos-n]
	case r.Gen == nil || r.Gen.Stopped || int(pos-n) >= r.Gen.N:
		b.fail(&Unreached{r.ID, pos})
	case b.lenient:
		return -2
	default:
		b.fail(&Pending{map[ir.RunID]int{r.ID: int(pos-n) + 1}})
	}
	return 0
}

// Fresh are the runs lowered for the first time since the last call.
func (b *Builder) Fresh() []*ir.Run {
	runs := b.fresh
	b.fresh = nil
	return runs
}
