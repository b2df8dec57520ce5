package exec

import (
	"errors"
	"maps"
	"slices"

	"interp/compiler/plan"
	"interp/ir"
)

// waiting are the wanted nodes that runs in generation have to get on for: nodes of later steps, and those
// that read such a run anywhere, so that the rows of its steps are made once for all readers.
type waiting struct {
	g      *ir.Graph
	tokens map[ir.RunID]int        // that runs have to reach
	nodes  map[ir.RunID][]waitsFor // in the order wanted
	reads  map[ir.NodeID]ir.RunID  // which run in generation a node reads; noRun: none
}

type waitsFor struct {
	node   ir.NodeID
	tokens int
	part   bool // of a node that waits: its value is kept for that
}

const noRun ir.RunID = -1

func newWaiting(g *ir.Graph) *waiting {
	return &waiting{g: g, tokens: map[ir.RunID]int{}, nodes: map[ir.RunID][]waitsFor{}, reads: map[ir.NodeID]ir.RunID{}}
}

// add makes a node, or a part of one, wait for tokens.
func (w *waiting) add(id ir.NodeID, p *plan.Pending, part bool) {
	w.reach(p)
	run := slices.Min(slices.Collect(maps.Keys(p.Tokens)))
	w.nodes[run] = append(w.nodes[run], waitsFor{id, p.Tokens[run], part})
}

// reach makes runs go on to the tokens that something waits for.
func (w *waiting) reach(p *plan.Pending) {
	for run, n := range p.Tokens {
		w.tokens[run] = max(w.tokens[run], n)
	}
}

// joins makes a node that reads a run in generation wait for the run's next step.
func (w *waiting) joins(id ir.NodeID) bool {
	run := w.reader(id)
	if run != noRun {
		w.nodes[run] = append(w.nodes[run], waitsFor{node: id})
	}
	return run != noRun
}

// takeApart makes the largest parts of the waiting nodes that read one step wait for that step: what many
// steps filled is not computed at the end.
func (w *waiting) takeApart(b *plan.Builder) {
	seen := map[ir.NodeID]bool{} // true: it waits
	var parts []ir.NodeID
	for _, id := range w.left() {
		parts = w.parts(b, id, seen, parts)
	}
	slices.Sort(parts)
	for _, id := range slices.Compact(parts) {
		if run := w.reader(id); run != noRun {
			w.nodes[run] = append(w.nodes[run], waitsFor{node: id, part: true})
		}
	}
}

// parts adds the arguments of a waiting node that do not wait, and the reads that do.
func (w *waiting) parts(b *plan.Builder, id ir.NodeID, seen map[ir.NodeID]bool, out []ir.NodeID) []ir.NodeID {
	if _, ok := seen[id]; ok {
		return out
	}
	seen[id] = true
	n := &w.g.Nodes[id]
	for _, a := range n.Args {
		out = w.parts(b, a, seen, out)
	}
	var p *plan.Pending
	switch n.Kind {
	case ir.NGrad:
		return out
	case ir.NTokens:
		if _, err := b.Node(id); errors.As(err, &p) {
			w.reach(p)
		}
		return out
	}
	if !slices.ContainsFunc(n.Args, func(a ir.NodeID) bool { return seen[a] }) {
		_, err := b.Node(id)
		if seen[id] = errors.As(err, &p); seen[id] && n.Kind == ir.NRead {
			w.add(id, p, true)
		}
		return out
	}
	for _, a := range n.Args {
		if !seen[a] {
			out = append(out, a)
		}
	}
	return out
}

// reader is the first run in generation that a node reads.
func (w *waiting) reader(id ir.NodeID) ir.RunID {
	if run, ok := w.reads[id]; ok {
		return run
	}
	n, run := &w.g.Nodes[id], noRun
	if n.View != nil {
		if i := slices.IndexFunc(n.View.Pieces, func(p ir.Piece) bool { return w.tokens[p.Run] > 0 }); i >= 0 {
			run = n.View.Pieces[i].Run
		}
	}
	for _, a := range n.Args {
		if run == noRun {
			run = w.reader(a)
		}
	}
	w.reads[id] = run
	return run
}

// take hands out the nodes that wait for a run to have so many tokens.
func (w *waiting) take(run ir.RunID, tokens int) (out []waitsFor) {
	w.nodes[run] = slices.DeleteFunc(w.nodes[run], func(x waitsFor) bool {
		if x.tokens > tokens {
			return false
		}
		out = append(out, x)
		return true
	})
	return out
}

// left are the nodes that no step has computed, in the order of the graph.
func (w *waiting) left() (out []ir.NodeID) {
	for _, nodes := range w.nodes {
		for _, x := range nodes {
			if !x.part {
				out = append(out, x.node)
			}
		}
	}
	slices.Sort(out)
	return out
}
