package vm

import (
	"slices"

	"interp/internal/diag"
	"interp/ir"
	"interp/nnrt/arch"
)

// A line of set of which no firing reaches anything printed or saved is most likely a mistake: the wrong
// layer, a position beyond what is read, a slice that is empty. Both check and a run look for such lines.
// A firing counts as reaching wherever it might: a later point at its own position or one after it.

// setLines notes the lines of set that were run, and the values that were asked for.
type setLines struct {
	at   []diag.Span
	seen map[diag.Span]bool
	want []ir.NodeID
	open bool // check did not know something: what is asked for is not known either
}

func newSetLines() *setLines { return &setLines{seen: map[diag.Span]bool{}} }

// line notes that a set was run.
func (l *setLines) line(at diag.Span) {
	if !l.seen[at] {
		l.seen[at] = true
		l.at = append(l.at, at)
	}
}

// asked notes that values are wanted.
func (m *Machine) asked(vals []ir.Value) {
	for _, v := range vals {
		m.sets.want = appendLazy(m.sets.want, v)
	}
	m.sets.open = m.sets.open || !m.computable(vals)
}

// warnUnread warns of the lines of set that reach nothing.
func (m *Machine) warnUnread() {
	l := m.sets
	if len(l.at) == 0 || l.open || m.ghost {
		return
	}
	for i, v := range m.globals.vars {
		if _, saved := m.globals.saved[i]; !saved {
			continue
		}
		if c, ok := v.(*cells); ok {
			for _, x := range c.order {
				m.asked([]ir.Value{x.val})
			}
			continue
		}
		m.asked([]ir.Value{v})
	}
	if l.open {
		return
	}
	r := &reacher{g: m.b.g, nodes: map[ir.NodeID]bool{}, runs: map[ir.RunID]*runReach{}, lines: map[diag.Span]bool{}}
	r.todo = append(r.todo, l.want...)
	r.walk(len(l.at))
	for _, at := range l.at {
		if !r.lines[at] {
			m.warns.Warnf(at, "W0304", "set what lies before the sites that are read, a slice that is not empty, and not what a later set writes over", "set: nothing that is printed or saved depends on this set")
		}
	}
}

// reacher walks from the values asked for to the sets they may depend on.
type reacher struct {
	g     *ir.Graph
	todo  []ir.NodeID
	nodes map[ir.NodeID]bool
	runs  map[ir.RunID]*runReach
	lines map[diag.Span]bool // that reach something
}

// runReach is what is read of a run: the reads that no other covers, and the sets reached.
type runReach struct {
	reads  []readAt
	sets   []bool
	over   []int // the next set that writes over all of a set, as a place in the run's sets; 0: none
	hidden bool  // some set is written over: a read above does not see it, and one between does
}

type readAt struct {
	pt    arch.Point
	pos   int32
	after int32
}

// covers says that whatever s sees, r sees too.
func (r readAt) covers(s readAt) bool {
	return r.pt > s.pt && r.pos >= s.pos || r.pt == s.pt && r.pos == s.pos && r.after >= s.after
}

// sees says that a set may show in a read.
func (r readAt) sees(i int, s *ir.Set) bool {
	return r.pt > s.Pt && r.pos >= s.Pos || r.pt == s.Pt && r.pos == s.Pos && int32(i) < r.after
}

// walk goes on until every line is reached or nothing is left.
func (r *reacher) walk(lines int) {
	for len(r.todo) > 0 && len(r.lines) < lines {
		id := r.todo[len(r.todo)-1]
		r.todo = r.todo[:len(r.todo)-1]
		if r.nodes[id] {
			continue
		}
		r.nodes[id] = true
		n := &r.g.Nodes[id]
		r.todo = append(r.todo, n.Args...)
		if n.View == nil {
			continue
		}
		for _, p := range n.View.Pieces {
			at := readAt{n.View.Pt, p.Pos, p.After}
			if run := r.g.Runs[p.Run]; n.Kind == ir.NTokens || int(p.Pos) >= len(run.Tokens) {
				at = readAt{arch.Never, 1 << 30, 0} // it depends on tokens, and those on everything before
			}
			r.read(p.Run, at)
		}
	}
}

func (r *reacher) read(id ir.RunID, at readAt) {
	run := r.g.Runs[id]
	have := r.runs[id]
	if have == nil {
		over := overwritten(run.Sets)
		have = &runReach{sets: make([]bool, len(run.Sets)), over: over, hidden: slices.ContainsFunc(over, func(j int) bool { return j > 0 })}
		r.runs[id] = have
	}
	for _, old := range have.reads {
		if old == at || old.covers(at) && !have.hidden {
			return
		}
	}
	have.reads = append(have.reads, at)
	for i := range run.Sets {
		s := &run.Sets[i]
		if j := have.over[i]; j > 0 && at.sees(j, &run.Sets[j]) {
			continue // what the later set made of it, its value says
		}
		if !have.sets[i] && at.sees(i, s) && (s.Sl.List == nil || len(s.Sl.List.At) > 0) {
			have.sets[i] = true
			r.lines[s.Span] = true
			r.todo = append(r.todo, s.Val)
		}
	}
}

// overwritten finds, for each set, the next one that writes over all of it: of the whole row, or of
// the same part.
func overwritten(sets []ir.Set) []int {
	type row struct {
		pt  arch.Point
		pos int32
	}
	type part struct {
		row
		sl ir.Slice
	}
	over, whole, same := make([]int, len(sets)), map[row]int{}, map[part]int{}
	for i := len(sets) - 1; i >= 0; i-- {
		at := row{sets[i].Pt, sets[i].Pos}
		p := part{at, sets[i].Sl}
		over[i] = whole[at]
		if j := same[p]; j > 0 && (over[i] == 0 || j < over[i]) {
			over[i] = j
		}
		same[p] = i
		if sets[i].Sl.Whole() {
			whole[at] = i
		}
	}
	return over
}
