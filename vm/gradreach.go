package vm

import (
	"fmt"
	"strings"

	"interp/internal/diag"
	"interp/ir"
	"interp/nnrt/arch"
	"interp/nnrt/tensor"
	"interp/vm/exec"
)

// warnApart warns where nothing of a metric is made from a site: its gradient is zero, which is mostly
// a metric of another invoke, or of a lower layer.
func (m *Machine) warnApart(metric ir.NodeID, inv *invoke, r *siteRef, span diag.Span) {
	lowest := lowestPoint(inv, r)
	m.warnZero(metric, r.String()+" of this invoke", span, func(tops map[ir.RunID]arch.Point) bool {
		for _, run := range inv.runs {
			if top, ok := tops[run]; ok && top >= lowest {
				return true
			}
		}
		return false
	})
}

// paramApart warns where no run of the trace that a metric is made from uses a parameter, and says so.
func (m *Machine) paramApart(metric ir.NodeID, model ir.Model, name string, span diag.Span) bool {
	lowest, trace := paramPoint(model.Arch(), name), m.b.g.Runs[m.rs.inv.runs[0]].Trace
	return m.warnZero(metric, fmt.Sprintf("param(%q) in this trace", name), span, func(tops map[ir.RunID]arch.Point) bool {
		for run, top := range tops {
			if r := m.b.g.Runs[run]; r.Trace == trace && r.Model == model && top >= lowest {
				return true
			}
		}
		return false
	})
}

// warnZero warns where a metric does not depend on what is asked for, given the runs it is made from.
func (m *Machine) warnZero(metric ir.NodeID, of string, span diag.Span, depends func(map[ir.RunID]arch.Point) bool) bool {
	if c := m.b.g.Nodes[metric].Call; c != nil && c.Row == gatherRow {
		return false // unknown to check
	}
	tops, _ := m.madeFrom(metric)
	if depends(tops) {
		return false
	}
	if len(tops) == 0 {
		of = "a run"
	}
	m.warnText("W0303", "the metric does not depend on "+of+": its gradient is zero", span)
	return true
}

// paramPoint is the lowest point whose rows a parameter may be used for.
func paramPoint(a *arch.Arch, name string) arch.Point {
	name = strings.TrimPrefix(name, "transformer.")
	for _, w := range a.Weights {
		if !w.Matches(name, a.Dims.Layers) || w.Tied != "" {
			continue
		}
		path := "transformer." + strings.Replace(w.Name[:strings.LastIndexByte(w.Name, '.')], ".[]", "[]", 1)
		_, mod := a.Lookup(path)
		if mod == nil {
			break
		}
		layer := a.Dims.Layers
		if w.Layers {
			layer, _ = w.Layer(name, a.Dims.Layers)
		}
		low := a.Logits()
		for _, kind := range mod.Kinds {
			if p, ok := a.Named(layer, kind); ok {
				low = min(low, p)
			}
		}
		return low
	}
	return 0
}

// through refuses a metric that is made from the site by way of what has no gradient: a function
// without one, or another gradient, for second derivatives are not taken. What sets hand on is found
// when the gradient is computed.
func (m *Machine) through(metric ir.NodeID, inv *invoke, r *siteRef) error {
	lowest := lowestPoint(inv, r)
	follows := func(roots []ir.NodeID) bool {
		for _, root := range roots {
			tops, _ := m.madeFrom(root)
			for _, run := range inv.runs {
				if top, ok := tops[run]; ok && top >= lowest {
					return true
				}
			}
		}
		return false
	}
	var err error
	m.b.g.Walk([]ir.NodeID{metric}, func(_ ir.NodeID, n *ir.Node) []ir.NodeID {
		switch {
		case n.Kind == ir.NGrad:
			if follows(n.Args) {
				err = exec.ErrSecond
			}
			return n.Args
		case n.Kind != ir.NOp || n.Call.Row.Name == "detach" || n.VKind == ir.KArray && n.Type.DT != tensor.F32:
			return nil
		}
		if none := exec.NoGrad(n.Call.Row); none != nil && (n.VKind == ir.KArray || n.VKind == ir.KFloat) && follows(n.Args) {
			err = none
		}
		return n.Args
	})
	return err
}

// lowestPoint is the lowest point of a site in an invoke.
func lowestPoint(inv *invoke, r *siteRef) arch.Point {
	layer := r.layer()
	for _, l := range r.layers {
		layer = min(layer, l)
	}
	a := inv.model.Arch()
	return sitePoint(a, pointSite(a, r.site), layer)
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
		if w, ok := c.Attrs.(exec.Weighted); ok {
			if err := w.Refuse(model, name); err != nil {
				return err
			}
		}
	}
	return nil
}

// Refuse is an error where the module computes with a parameter.
func (at *applyAttrs) Refuse(model ir.Model, name string) error {
	return refuse(at.model, at.module.Path, at.layer, model, name)
}

// Refuse is an error where the parameter is the projection that splits attn_out; its bias is no head's.
func (at *resultAttrs) Refuse(model ir.Model, name string) error {
	if !strings.HasSuffix(name, ".weight") {
		return nil
	}
	return refuse(at.model, "transformer.h[].attn.c_proj", at.layer, model, name)
}

func refuse(of ir.Model, path string, layer int, model ir.Model, name string) error {
	if of != model || !hasWeight(of.Arch(), path, layer, name) {
		return nil
	}
	path = strings.Replace(path, "[]", fmt.Sprintf("[%d]", layer), 1)
	return &ir.Error{Code: "E0309", Msg: fmt.Sprintf("grad: the metric computes with %s outside of a run, and the gradient of param(%q) is taken through runs alone", path, name),
		Hint: "take the metric from the sites of a run; detach(x) takes x for a constant"}
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
