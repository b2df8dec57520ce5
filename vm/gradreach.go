package vm

import (
	"fmt"
	"strings"

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
	tops, _ := m.madeFrom(metric)
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

// weightsApart refuses a parameter that a metric also uses outside of runs, by applying a module to a
// value or by splitting attn_out by heads: the gradient is taken through runs alone.
func (m *Machine) weightsApart(metric ir.NodeID, model ir.Model, name string) error {
	_, calls := m.madeFrom(metric)
	for _, c := range calls {
		var path string
		layer := 0
		switch at := c.Attrs.(type) {
		case *applyAttrs:
			if at.model != model {
				continue
			}
			path, layer = at.module.Path, at.layer
		case *resultAttrs:
			if at.model != model || !strings.HasSuffix(name, ".weight") {
				continue
			}
			path, layer = "transformer.h[].attn.c_proj", at.layer
		default:
			continue
		}
		if hasWeight(model.Arch(), path, layer, name) {
			path = strings.Replace(path, "[]", fmt.Sprintf("[%d]", layer), 1)
			return &ir.Error{Code: "E0309", Msg: fmt.Sprintf("grad: the metric computes with %s outside of a run, and the gradient of param(%q) is taken through runs alone", path, name),
				Hint: "take the metric from the sites of a run; detach(x) takes x for a constant"}
		}
	}
	return nil
}

// hasWeight says that a module computes with a parameter: its own, or the one it is tied to.
func hasWeight(a *arch.Arch, path string, layer int, name string) bool {
	name = strings.TrimPrefix(name, "transformer.")
	for _, w := range a.Weights {
		own := strings.HasPrefix("transformer."+strings.Replace(w.Name, ".[]", "[]", 1), path+".") || strings.HasPrefix(w.Name, path+".")
		if !own {
			continue
		}
		if l, ok := w.Layer(name, a.Dims.Layers); w.Layers && ok && l == layer || !w.Layers && name == w.Name || name == w.Tied {
			return true
		}
	}
	return false
}

// madeFrom has, for each run that a value is made from, the highest point of it that is read, by the
// value or by the sets of the points below; and the calls on the way.
func (m *Machine) madeFrom(root ir.NodeID) (map[ir.RunID]arch.Point, []*ir.Call) {
	var calls []*ir.Call
	tops := map[ir.RunID]arch.Point{}
	m.b.g.Walk([]ir.NodeID{root}, func(_ ir.NodeID, n *ir.Node) (next []ir.NodeID) {
		switch {
		case n.Kind == ir.NRead:
			for _, p := range n.View.Pieces {
				top, ok := tops[p.Run]
				if ok && top >= n.View.Pt {
					continue
				}
				for _, s := range m.b.g.Runs[p.Run].Sets {
					if s.Pt <= n.View.Pt && (!ok || s.Pt > top) {
						next = append(next, s.Val)
					}
				}
				tops[p.Run] = n.View.Pt
			}
		case n.Kind == ir.NOp && n.Call.Row.Name != "detach" && (n.VKind != ir.KArray || n.Type.DT == tensor.F32):
			next, calls = n.Args, append(calls, n.Call)
		}
		return next
	})
	return tops, calls
}
