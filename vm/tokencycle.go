package vm

import (
	"interp/internal/diag"
	"interp/ir"
)

// A generated token is chosen from the logits of the position before it, which every set at that position
// or an earlier one changes. So no set may depend on a later token of its own run, be it by generated or
// by what is read of a step that reads it.

// ownTokens refuses sets that depend on tokens which they change.
func (m *Machine) ownTokens(inv *invoke) error {
	if inv.trace.gen == nil {
		return nil
	}
	for _, id := range inv.runs {
		r := m.b.g.Runs[id]
		late := map[ir.NodeID]lateRead{}
		for i := range r.Sets {
			s := &r.Sets[i]
			if s.Pt == r.Model.Arch().Logits() && int(s.Pos) < len(r.Tokens)-1 {
				continue // no token is chosen from these
			}
			l, ok := late[s.Val]
			if !ok {
				l = m.lateRead(s.Val, r, inv.firstNode)
				late[s.Val] = l
			}
			if l.pos > s.Pos {
				return ownToken(s.Span, l.at)
			}
		}
	}
	return nil
}

func ownToken(set, read diag.Span) error {
	d := diag.Diag{Span: set, Code: "E0415", Msg: "set: the value depends on a token that is generated after what the set changes",
		Hint: "a set may read the steps before its own, or another invoke"}
	if read != set {
		d.Other, d.OtherMsg = &read, "the value is read here"
	}
	return &cycleFault{d}
}

// lateRead is the last position of a run that a value needs the generated token of, and where it is read.
type lateRead struct {
	pos int32
	at  diag.Span
}

func (m *Machine) lateRead(val ir.NodeID, r *ir.Run, first int) (out lateRead) {
	m.b.g.Walk([]ir.NodeID{val}, func(id ir.NodeID, n *ir.Node) []ir.NodeID {
		if int(id) < first {
			return nil
		}
		if pos := lastToken(m.b.g, n, r); pos > out.pos {
			out = lateRead{pos, n.Span}
		}
		if n.Call != nil && n.Call.Row == itemRow {
			return nil // it is one of the tokens below
		}
		return n.Args
	})
	return out
}

// lastToken is the last position of a run with a generated token that a node itself reads; 0 if it reads none.
func lastToken(g *ir.Graph, n *ir.Node, r *ir.Run) int32 {
	prompt := int32(len(r.Tokens))
	if n.Call != nil && n.Call.Row == itemRow {
		at := n.Call.Attrs.([2]int)
		if p := g.Nodes[n.Args[0]].View.Pieces; p[max(at[0], 0)].Run == r.ID {
			return prompt + int32(at[1])
		}
		return 0
	}
	last := int32(0)
	if n.View == nil {
		return 0
	}
	for _, p := range n.View.Pieces {
		switch {
		case p.Run != r.ID:
		case n.Kind == ir.NTokens:
			last = max(last, prompt+int32(r.Gen.N)-1)
		case p.Pos >= prompt:
			last = max(last, p.Pos)
		}
	}
	return last
}
