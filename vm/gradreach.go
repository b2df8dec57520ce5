package vm

import (
	"fmt"

	"interp/internal/diag"
	"interp/ir"
	"interp/nnrt/arch"
	"interp/nnrt/tensor"
)

// warnApart warns where nothing of a metric is made from a site (nil: a parameter): its gradient is
// zero, which is mostly a metric of another invoke, or of a lower layer.
func (m *Machine) warnApart(metric ir.NodeID, inv *invoke, r *siteRef, span diag.Span) {
	if c := m.b.g.Nodes[metric].Call; c != nil && c.Row == gatherRow {
		return // unknown to check
	}
	tops := m.madeFrom(metric)
	if len(tops) == 0 {
		m.warnText("W0303", "the metric does not depend on a run: its gradient is zero", span)
	}
	if len(tops) == 0 || r == nil {
		return
	}
	layer := r.layer()
	for _, l := range r.layers {
		layer = min(layer, l)
	}
	lowest := sitePoint(inv.model.Arch(), pointSite(inv.model.Arch(), r.site), layer)
	for _, run := range inv.runs {
		if top, ok := tops[run]; ok && top >= lowest {
			return
		}
	}
	m.warnText("W0303", fmt.Sprintf("the metric does not depend on %s of this invoke: its gradient is zero", r), span)
}

// pointSite is the lowest site that a site is made of, where it has no point of its own.
func pointSite(a *arch.Arch, s *arch.Site) *arch.Site {
	switch {
	case s.Derived:
		return a.SiteNamed("attn_out")
	case s.Parts == nil:
		return s
	}
	low := a.SiteNamed(s.Parts[0])
	for _, p := range s.Parts[1:] {
		if x := a.SiteNamed(p); sitePoint(a, x, 0) < sitePoint(a, low, 0) {
			low = x
		}
	}
	return low
}

// madeFrom has, for each run that a value is made from, the highest point of it that is read: by the
// value, or by the sets of the points below.
func (m *Machine) madeFrom(root ir.NodeID) map[ir.RunID]arch.Point {
	tops, seen, todo := map[ir.RunID]arch.Point{}, map[ir.NodeID]bool{}, []ir.NodeID{root}
	for len(todo) > 0 {
		id := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if seen[id] {
			continue
		}
		seen[id] = true
		n := &m.b.g.Nodes[id]
		switch {
		case n.Kind == ir.NRead:
			for _, p := range n.View.Pieces {
				top, ok := tops[p.Run]
				if ok && top >= n.View.Pt {
					continue
				}
				for _, s := range m.b.g.Runs[p.Run].Sets {
					if s.Pt <= n.View.Pt && (!ok || s.Pt > top) {
						todo = append(todo, s.Val)
					}
				}
				tops[p.Run] = n.View.Pt
			}
		case n.Kind == ir.NOp && n.Call.Row.Name != "detach" && (n.VKind != ir.KArray || n.Type.DT == tensor.F32):
			todo = append(todo, n.Args...)
		}
	}
	return tops
}
