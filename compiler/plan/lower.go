package plan

import (
	"fmt"
	"slices"

	"interp/ir"
	"interp/nnrt/arch"
)

// Builder lowers the runs and nodes of a graph to columns and values. It remembers what it lowered,
// so that a graph that grows costs what is new.
type Builder struct {
	*Table
	NoOps []NoOp

	g       *ir.Graph
	runs    []*run              // by RunID
	nodes   []ValID             // address of a node's value; -1: not known
	nums    []ValID             // address of a node's numbers, as sets write them
	lenient bool                // tokens that are not generated yet are made up: for finding cycles
	now     bool                // tokens generated so far may be read before their run is done
	fickle  int                 // how often that happened
	brief   map[ir.NodeID]ValID // addresses that hold while the outermost node is lowered
	hosts   []ir.NodeID
	fresh   []*ir.Run
	err     error
	stack   []*ir.Set
}

// NoOp is a set that was proven to change nothing.
type NoOp struct {
	Set    *ir.Set
	Run    ir.RunID
	Reason string
}

// CycleError is a set whose value depends on the set itself: the sets in order, the last one depends
// on the first.
type CycleError struct{ Sets []*ir.Set }

func (e *CycleError) Error() string {
	return fmt.Sprintf("a set depends on what it changes, through %d sets", len(e.Sets))
}

// Pending says that tokens have to be generated first: so many of each run.
type Pending struct{ Tokens map[ir.RunID]int }

func (e *Pending) Error() string {
	return fmt.Sprintf("%d runs have to generate tokens first", len(e.Tokens))
}

// pending are the tokens that some pieces wait for, all of them, so that their runs go on together;
// nil: none.
func (b *Builder) pending(pieces []ir.Piece, tokens func(r *ir.Run, p *ir.Piece) int) *Pending {
	var e *Pending
	for i := range pieces {
		p := &pieces[i]
		r := b.g.Runs[p.Run]
		if r.Gen == nil || r.Gen.Stopped || b.lenient {
			continue
		}
		n := min(tokens(r, p), r.Gen.N)
		if n <= len(r.Gen.Done) {
			continue
		}
		if e == nil {
			e = &Pending{map[ir.RunID]int{}}
		}
		e.Tokens[p.Run] = max(e.Tokens[p.Run], n)
	}
	return e
}

// Unreached is a position of a run that never comes to be.
type Unreached struct {
	Run ir.RunID
	Pos int32
}

func (e *Unreached) Error() string {
	return fmt.Sprintf("run %d does not reach position %d", e.Run, e.Pos)
}

// NewBuilder makes a builder of a graph on a table.
func NewBuilder(t *Table, g *ir.Graph) *Builder { return &Builder{Table: t, g: g} }

// Lenient makes up the tokens that are not known yet, for Check.
func (b *Builder) Lenient() { b.lenient = true }

func (b *Builder) fail(err error) {
	if b.err == nil {
		b.err = err
	}
}

// take ends a public call: its error, and room for the next one.
func (b *Builder) take() error {
	err := b.err
	b.err, b.stack = nil, b.stack[:0]
	return err
}

// Read is the address of (a slice of) a row of a run: all sets below p and the first after at p seen.
func (b *Builder) Read(id ir.RunID, pos int32, p arch.Point, sl ir.Slice, after int32) (ValID, error) {
	v := b.piece(p, ir.Piece{Run: id, Pos: pos, Sl: sl, After: after})
	return v, b.take()
}

// Sets lowers all sets of a run: what Check does.
func (b *Builder) Sets(id ir.RunID) error {
	r := b.run(id)
	for k := range r.order {
		if k+1 == len(r.order) || r.Sets[r.order[k]].Pos != r.Sets[r.order[k+1]].Pos {
			pos := r.Sets[r.order[k]].Pos
			from, _ := r.at(pos)
			b.list(r, pos, k+1-from)
			if b.err != nil {
				return b.take()
			}
		}
	}
	return nil
}

// at is the column of r at pos holding only what stands at or before point p: own sets below p that p
// follows from and the first `after` in script order at p, and of earlier columns the sets that
// attention up to p sees.
func (b *Builder) at(r *run, pos int32, p arch.Point, after int32) ColID {
	tok := b.token(r, pos)
	if b.err != nil { // the last of the tokens that it needs
		return 0
	}
	prev := b.before(r, pos, p)
	from, to := r.at(pos)
	n, beside := 0, false
	for ; from+n < to; n++ {
		i := r.order[from+n]
		s := &r.Sets[i]
		if s.Pt > p || s.Pt == p && i >= after {
			break
		}
		beside = beside || r.beside(s.Pt, p)
	}
	var l listID
	if beside {
		l = b.listFor(r, pos, n, p)
	} else {
		l = b.list(r, pos, n)
	}
	if b.err != nil {
		return 0
	}
	return b.column(prev, tok, l)
}

// before is the chain that the column at pos sees up to point p.
func (b *Builder) before(r *run, pos int32, p arch.Point) ColID {
	if a := r.o.lastArrival(min(p, r.o.n-1)); pos > 0 && a >= 0 {
		return b.prefix(r, pos-1, a)
	}
	return none(r.id, pos)
}

// prefix is the chain up to pos with the sets seen at or before bound.
func (b *Builder) prefix(r *run, pos int32, bound arch.Point) ColID {
	v := 0
	for v < len(r.seen) && r.seen[v] <= bound {
		v++
	}
	if r.chain[v] == nil {
		r.chain[v] = make([]ColID, 0, len(r.Tokens))
	}
	for len(r.chain[v]) <= int(pos) && b.err == nil {
		q := int32(len(r.chain[v]))
		prev := none(r.id, 0)
		if q > 0 {
			prev = r.chain[v][q-1]
		}
		from, to := r.at(q)
		n := 0
		for from+n < to && r.o.vis(r.Sets[r.order[from+n]].Pt) <= bound {
			n++
		}
		tok := b.token(r, q)
		l := b.list(r, q, n)
		if len(r.chain[v]) > int(q) || b.err != nil { // filled by a nested call
			continue
		}
		r.chain[v] = append(r.chain[v], b.column(prev, tok, l))
	}
	if b.err != nil {
		return 0
	}
	return r.chain[v][pos]
}

// list interns the first n own sets at pos, dropping proven no-ops.
func (b *Builder) list(r *run, pos int32, n int) listID {
	if n == 0 || b.err != nil {
		return 0
	}
	from, _ := r.at(pos)
	for k := from; k < from+n; k++ {
		if r.upTo[k] >= 0 {
			continue
		}
		below := listID(0)
		if k > from {
			below = r.upTo[k-1]
		}
		if r.busy[k] {
			b.cycle(&r.Sets[r.order[k]])
			return 0
		}
		if l := b.lowerSet(r, k, below); b.err == nil {
			r.upTo[k] = l
		} else {
			return 0
		}
	}
	return r.upTo[from+n-1]
}

// listFor is list without the sets that point p does not follow from: a key may be set from a query of
// its own row, and the other way round.
func (b *Builder) listFor(r *run, pos int32, n int, p arch.Point) listID {
	from, _ := r.at(pos)
	key := besideKey{from + n, p}
	if l, ok := r.besides[key]; ok {
		return l
	}
	l, noops := listID(0), len(b.NoOps)
	for k := from; k < from+n && b.err == nil; k++ {
		switch s := &r.Sets[r.order[k]]; {
		case r.beside(s.Pt, p):
		case r.busy[k]:
			b.cycle(s)
		default:
			l = b.lowerSet(r, k, l)
		}
	}
	b.NoOps = b.NoOps[:noops] // list tells them
	if b.err == nil {
		if r.besides == nil {
			r.besides = map[besideKey]listID{}
		}
		r.besides[key] = l
	}
	return l
}

// lowerSet is the list below with set k of order on it.
func (b *Builder) lowerSet(r *run, k int, below listID) listID {
	s := &r.Sets[r.order[k]]
	r.busy[k] = true
	b.stack = append(b.stack, s)
	defer func() {
		r.busy[k] = false
		b.stack = b.stack[:len(b.stack)-1]
	}()
	v := b.numbers(s.Val)
	if b.err != nil {
		return 0
	}
	width := r.o.a.Width(s.Pt, int(s.Pos))
	sl := b.slice(s.Sl, width)
	if why := b.standing(r, s, below, sl, v); why != "" {
		b.NoOps = append(b.NoOps, NoOp{s, r.ID, why})
		return below
	}
	if b.err != nil {
		return 0
	}
	return b.merge(b.push(below, edit{s.Pt, sl, v}), width)
}

func (b *Builder) cycle(s *ir.Set) {
	i := len(b.stack) - 1
	for i > 0 && b.stack[i] != s {
		i--
	}
	b.fail(&CycleError{slices.Clone(b.stack[i:])})
}

// standing says why v is what already stands at the slice; "" if it is not proven. Only a read of the
// same point and slice, or the value of the same slice's last set, can be.
func (b *Builder) standing(r *run, s *ir.Set, l listID, sl sliceID, v ValID) string {
	for ; b.top(l) == s.Pt; l = b.lists[l].parent {
		if e := b.lists[l].edit; e.Sl == sl && e.Val == v {
			return "the set above writes the same value"
		} else if b.overlap(e.Sl, sl) {
			return ""
		}
	}
	if x := b.vals[v]; x.kind != vRead || arch.Point(x.a) != s.Pt || x.c != int32(sl) {
		return ""
	}
	prev := b.before(r, s.Pos, s.Pt)
	tok := b.token(r, s.Pos)
	if b.err == nil && b.read(s.Pt, b.column(prev, tok, l), sl) == v {
		return "the value is what stands there already"
	}
	return ""
}
