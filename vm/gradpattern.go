package vm

import (
	"slices"

	"interp/internal/diag"
	"interp/ir"
	"interp/nnrt/arch"
	"interp/nnrt/tensor"
	"interp/stdlib"
)

// gradView is the gradient with respect to what a view reads.
func (m *Machine) gradView(metric ir.NodeID, v *siteView, span diag.Span) *ir.Lazy {
	w := v.view(m.b)
	w.Fill = 0
	n := ir.Node{Kind: ir.NGrad, VKind: ir.KArray, Type: v.typ(), Args: []ir.NodeID{metric}, View: w, Model: v.inv.model, Span: span}
	return &ir.Lazy{Node: m.b.add(n), Kind: ir.KArray, Type: n.Type}
}

// finalView is all of a site as it flows on.
func finalView(inv *invoke, s *arch.Site, layer int) *siteView {
	v := openView(inv, s, layer, 0)
	for i := range v.after {
		v.after[i] = everySet
	}
	return v
}

// gradPattern is the gradient with respect to a pattern. At and below the diagonal the reverse pass has
// it. Beyond the query, where nothing but 0 may stand, z would still grow by the key's v with the
// pattern, since z = sum over k of pattern[q, k] v[k]: the gradient there is that of z, as it was made,
// times v. Automatic differentiation of the full product says the same.
func (m *Machine) gradPattern(metric ir.NodeID, inv *invoke, r *siteRef, span diag.Span) (ir.Value, error) {
	a := inv.model.Arch()
	g := m.gradView(metric, finalView(inv, r.site, r.layer()), span)
	z := openView(inv, a.SiteNamed("z"), r.layer(), 0)
	clear(z.after)
	v := m.b.read(finalView(inv, a.SiteNamed("v"), r.layer()), span)
	detach, _ := stdlib.Lookup("detach")
	constant, err := m.op(detach, nil, span, v)
	if err != nil {
		return nil, err
	}
	return m.op(beyondRow, inv.lens, span, g, m.gradView(metric, z, span), constant)
}

// beyondRow adds to the gradient of patterns [batch head query key] what it is beyond the query, given
// those of z and the values v, [batch pos head d_head]. Its attribute has the length of each prompt.
var beyondRow = &ir.OpRow{Name: "beyond_query", Hidden: true, NoGrad: "it is made of gradients",
	Infer: func(c *ir.Call) (ir.Value, error) {
		t, _ := ir.TypeOf(c.Args[0])
		return &ir.Lazy{Kind: ir.KArray, Type: t}, nil
	},
	Eval: func(c *ir.Call) (ir.Value, error) {
		g, z, v := c.Args[0].(*tensor.Array), c.Args[1].(*tensor.Array), c.Args[2].(*tensor.Array)
		heads, width := z.Dims[2], z.Dims[3]
		share := heads / v.Dims[2] // query heads of a key's
		out, dz, vs := slices.Clone(g.F32()), z.F32(), v.F32()
		at, zAt, vAt := 0, 0, 0
		for _, n := range c.Attrs.([]int) {
			for i := range heads * n * n {
				h, q, k := i/(n*n), i/n%n, i%n
				if k > q {
					out[at+i] = dot(dz[zAt+(q*heads+h)*width:], vs[vAt+(k*v.Dims[2]+h/share)*width:], width)
				}
			}
			at, zAt, vAt = at+heads*n*n, zAt+n*heads*width, vAt+n*v.Dims[2]*width
		}
		return tensor.FromType(g.Type, out), nil
	},
}

// dot is a sum of n products in order.
func dot(x, y []float32, n int) float32 {
	s := float32(0)
	for i := range n {
		s += float32(x[i] * y[i])
	}
	return s
}
