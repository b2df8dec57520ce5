package vm

import (
	"fmt"
	"slices"

	"interp/internal/diag"
	"interp/ir"
	"interp/nnrt/tensor"
)

// gradSite is grad(metric, SITE[ix]): with respect to the value that flows on, at step 0.
func (m *Machine) gradSite(metric ir.Value, r *siteRef, ix []tensor.Ix, span diag.Span) (ir.Value, error) {
	inv, err := m.here(r)
	if err != nil {
		return nil, err
	}
	node, err := m.metric(metric, span)
	if err != nil {
		return nil, err
	}
	if err := m.through(node, inv, r); err != nil {
		return nil, err
	}
	m.warnApart(node, inv, r, span)
	g, err := m.gradOf(node, inv, r, span)
	if err != nil || len(ix) == 0 {
		return g, err
	}
	return m.index(g, ix, span)
}

func (m *Machine) gradOf(metric ir.NodeID, inv *invoke, r *siteRef, span diag.Span) (ir.Value, error) {
	a := inv.model.Arch()
	each := func(refs []*siteRef) ([]ir.Value, error) {
		vals := make([]ir.Value, len(refs))
		for i, x := range refs {
			v, err := m.gradOf(metric, inv, x, span)
			if err != nil {
				return nil, err
			}
			vals[i] = v
		}
		return vals, nil
	}
	switch {
	case r.many:
		refs := make([]*siteRef, len(r.layers))
		for i, l := range r.layers {
			refs[i] = r.at(l)
		}
		vals, err := each(refs)
		if err != nil {
			return nil, err
		}
		return m.joinCells(vals, []int{len(vals)}, []string{"layer"}, span)
	case r.site.Parts != nil:
		refs := make([]*siteRef, len(r.site.Parts))
		for i, p := range r.site.Parts {
			refs[i] = &siteRef{path: r.path, model: r.model, site: a.SiteNamed(p), layers: r.layers}
		}
		vals, err := each(refs)
		if err != nil {
			return nil, err
		}
		return m.op(stackRow, &stackAttrs{at: len(r.site.Lead) - 1, name: r.site.Lead[len(r.site.Lead)-1]}, span, &ir.List{Items: vals})
	case r.site.Derived: // attn_out is the sum of the heads' results: each has its gradient
		g, err := m.gradOf(metric, inv, &siteRef{path: r.path, model: r.model, site: a.SiteNamed("attn_out"), layers: r.layers}, span)
		if err != nil {
			return nil, err
		}
		vals := make([]ir.Value, a.Dims.Heads)
		for i := range vals {
			vals[i] = g
		}
		return m.op(stackRow, &stackAttrs{at: 2, name: "head"}, span, &ir.List{Items: vals})
	}
	if r.site.Kind == "pattern" {
		return m.gradPattern(metric, inv, r, span)
	}
	return m.gradView(metric, finalView(inv, r.site, r.layer()), span), nil
}

// gradParam is grad(metric, param(name)).
func (m *Machine) gradParam(metric ir.Value, model ir.Model, name string, t tensor.Type, span diag.Span) (ir.Value, error) {
	if m.rs.inv == nil {
		return nil, &ir.Error{Code: "E0206", Msg: "grad stands outside an invoke", Hint: "invoke prompt { save g = grad(metric, param(name)) }"}
	}
	node, err := m.metric(metric, span)
	if err != nil {
		return nil, err
	}
	if err := m.weightsApart(node, model, name); err != nil {
		return nil, err
	}
	if m.paramApart(node, model, name, span) {
		node = m.b.constant(tensor.FromF32(nil, nil, []float32{0}))
	}
	n := ir.Node{Kind: ir.NGrad, VKind: ir.KArray, Type: t, Args: []ir.NodeID{node}, Param: name, Model: model, Span: span}
	return &ir.Lazy{Node: m.b.add(n), Kind: ir.KArray, Type: t}, nil
}

// metric is the node of a scalar.
func (m *Machine) metric(v ir.Value, span diag.Span) (ir.NodeID, error) {
	v, err := m.asArray(v)
	if err != nil {
		return ir.NoNode, err
	}
	t, _ := ir.TypeOf(v)
	if t.Size() != 1 {
		return ir.NoNode, &ir.Error{Code: "E0309", Msg: fmt.Sprintf("grad: the metric is one number, got %s", t), Hint: "sum it: grad(sum(x), SITE)"}
	}
	if t.DT != tensor.F32 {
		return ir.NoNode, &ir.Error{Code: "E0309", Msg: fmt.Sprintf("grad: the metric is %s: it is piecewise constant", t.DT), Hint: "take the gradient of what it was chosen by: logits, or their softmax"}
	}
	return m.b.node(v, span), nil
}

// stackAttrs are the place and the name of the new axis.
type stackAttrs struct {
	at   int
	name string
}

func (at *stackAttrs) typ(t tensor.Type) tensor.Type {
	t.Axes = append([]string(nil), t.Axes...)
	t.Axes[at.at] = at.name
	return t
}

// selectStack applies a selection to a stack: it picks items, and the rest goes into each.
func (m *Machine) selectStack(c *ir.Call, sel []tensor.Sel, span diag.Span) (ir.Value, error) {
	at, items := c.Attrs.(*stackAttrs), c.Args[0].(*ir.List).Items
	rest := slices.Delete(slices.Clone(sel), at.at, at.at+1)
	place := at.at
	for _, s := range sel[:at.at] {
		if s.Drop {
			place--
		}
	}
	var vals []ir.Value
	for _, i := range seq(sel[at.at], len(items)) {
		v, err := m.selectArray(items[i], rest, span)
		if err != nil || sel[at.at].Drop {
			return v, err
		}
		vals = append(vals, v)
	}
	return m.op(stackRow, &stackAttrs{at: place, name: at.name}, span, &ir.List{Items: vals})
}

// stackRow stacks the arrays of a list along a new named axis.
var stackRow = &ir.OpRow{Name: "stack_axis", Hidden: true,
	Infer: func(c *ir.Call) (ir.Value, error) {
		at := c.Attrs.(*stackAttrs)
		items := c.Args[0].(*ir.List).Items
		types := make([]tensor.Type, len(items))
		for i, v := range items {
			types[i], _ = ir.TypeOf(v)
		}
		t, err := tensor.StackType(types, at.at)
		if err != nil {
			return nil, err
		}
		return &ir.Lazy{Kind: ir.KArray, Type: at.typ(t)}, nil
	},
	Eval: func(c *ir.Call) (ir.Value, error) {
		at := c.Attrs.(*stackAttrs)
		items := c.Args[0].(*ir.List).Items
		arrays := make([]*tensor.Array, len(items))
		for i, v := range items {
			arrays[i] = v.(*tensor.Array)
		}
		a, err := tensor.Stack(arrays, at.at)
		if err != nil {
			return nil, err
		}
		return tensor.FromType(at.typ(a.Type), a.F32()), nil
	},
	GradItem: func(c *ir.Call, _, item int, _, dout *tensor.Array) (*tensor.Array, error) {
		sel := wholeSel(dout.Rank())
		sel[c.Attrs.(*stackAttrs).at] = tensor.Sel{Pos: []int{item}, Drop: true, By: -1}
		return tensor.Select(dout, sel), nil
	},
}
