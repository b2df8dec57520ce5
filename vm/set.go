package vm

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"interp/internal/diag"
	"interp/ir"
	"interp/nnrt/arch"
	"interp/nnrt/tensor"
)

// setSite is set SITE[ix] op= v: the value is split by rows, and each row of each prompt gets a set
// of its own, so that a row depends on no more than its own part of the value.
func (m *Machine) setSite(r *siteRef, ix []tensor.Ix, op string, v ir.Value, span diag.Span) error {
	inv, err := m.here(r)
	if err != nil {
		return err
	}
	m.sets.line(span)
	if r.many {
		return m.setLayers(inv, r, ix, op, v, span)
	}
	step := m.rs.step
	switch {
	case r.site.Parts != nil:
		return m.setParts(inv, r, ix, op, v, span)
	case r.site.Derived:
		return m.setResult(inv, r, step, ix, op, v, span)
	}
	view := m.open(inv, r.site, r.layer(), step)
	if len(ix) > 0 {
		sels, err := tensor.ResolveIndex(view.typ(), ix)
		if err != nil {
			return err
		}
		view = view.narrow(sels)
	}
	val, err := m.newValue(func() ir.Value { return m.b.read(view, span) }, op, v, span)
	if err != nil {
		return err
	}
	return m.assign(view, val, span)
}

// newValue is what a set writes: the value, or for += and the like what stands combined with it.
func (m *Machine) newValue(old func() ir.Value, op string, v ir.Value, span diag.Span) (ir.Value, error) {
	if op != "=" {
		var err error
		if v, err = m.binary(op[:1], old(), v, span); err != nil {
			return nil, err
		}
	}
	return m.asArray(v)
}

// setLayers sets h[a:b] layer by layer: from a value with a layer axis, or one for all.
func (m *Machine) setLayers(inv *invoke, r *siteRef, ix []tensor.Ix, op string, v ir.Value, span diag.Span) error {
	layers, rest, slice, err := m.layerSlice(inv, r, ix, span)
	if err != nil {
		return err
	}
	if rest.drop {
		return m.setSite(r.at(layers[0]), rest.ix, op, v, span)
	}
	a, err := m.asArray(v)
	if err != nil {
		return err
	}
	t, _ := ir.TypeOf(a)
	axis, err := m.layerAxis(t, slice, op, span)
	if err != nil {
		return err
	}
	if axis >= 0 && t.Dims[axis] != 1 && t.Dims[axis] != len(layers) {
		return &ir.Error{Code: "E0301", Msg: fmt.Sprintf("set: value has %d layers, %s has %d", t.Dims[axis], r, len(layers))}
	}
	for i, l := range layers {
		part := a
		if axis >= 0 {
			at := make([]tensor.Ix, axis+1)
			for k := range at {
				at[k].Kind = tensor.Slice
			}
			at[axis] = tensor.Ix{Kind: tensor.Entry, I: min(i, t.Dims[axis]-1)}
			if part, err = m.index(a, at, span); err != nil {
				return err
			}
		}
		if err := m.setSite(r.at(l), rest.ix, op, part, span); err != nil {
			return err
		}
	}
	return nil
}

// eachLayer is what an index of a site at several layers says of each layer.
type eachLayer struct {
	ix   []tensor.Ix
	drop bool // it chose one layer, whose axis goes
}

// layerSlice splits an index of a site at several layers: the layers it takes, what it takes of each,
// and the type of it all, [layer ..].
func (m *Machine) layerSlice(inv *invoke, r *siteRef, ix []tensor.Ix, span diag.Span) (layers []int, rest eachLayer, slice tensor.Type, err error) {
	one, err := m.siteType(inv, r.at(r.layers[0]), span)
	if err != nil {
		return nil, rest, slice, err
	}
	whole, err := layered(one, len(r.layers))
	if err != nil {
		return nil, rest, slice, err
	}
	items, err := tensor.PlaceIndex(whole, ix)
	if err != nil {
		return nil, rest, slice, err
	}
	sels, err := tensor.ResolveIndex(whole, items[:1])
	if err != nil {
		return nil, rest, slice, err
	}
	layers = r.layers
	if !sels[0].All {
		layers = make([]int, len(sels[0].Pos))
		for i, p := range sels[0].Pos {
			layers[i] = r.layers[p]
		}
	}
	rest = eachLayer{ix: items[1:], drop: sels[0].Drop}
	if sels, err = tensor.ResolveIndex(one, rest.ix); err == nil && len(layers) > 0 {
		slice, err = layered(tensor.SelType(one, sels), len(layers))
	}
	return layers, rest, slice, err
}

// layered is a type with an axis layer in front.
func layered(t tensor.Type, n int) (tensor.Type, error) {
	out, err := tensor.StackType(slices.Repeat([]tensor.Type{t}, n), 0)
	if err != nil {
		return out, err
	}
	return tensor.RenameType(out, tensor.ByPlace(0), "layer")
}

// layerAxis is the axis of a value that goes layer by layer, -1 if it is one for all: the first, if it
// is called so, else that which meets the layers of the slice.
func (m *Machine) layerAxis(value, slice tensor.Type, op string, span diag.Span) (int, error) {
	if value.Rank() > 0 && value.Axes[0] == "layer" {
		return 0, nil
	}
	if op == "=" || value.Rank() > slice.Rank() {
		maps, warn, err := tensor.AlignSet(value, slice)
		if err != nil {
			return -1, ofSet(err)
		}
		m.warnText("W0301", warn, span)
		return maps.In[0], nil
	}
	met, err := tensor.Meet(slice, value)
	if err != nil {
		return -1, err
	}
	return met.Maps[1].In[0], nil
}

// ofSet says that a value does not fit what a set names.
func ofSet(err error) error {
	var e *tensor.Error
	if errors.As(err, &e) {
		return &tensor.Error{Msg: "set: " + e.Msg, Hint: e.Hint, Range: e.Range}
	}
	return err
}

// setParts sets a site made of several: c_attn is q, k and v along the axis qkv.
func (m *Machine) setParts(inv *invoke, r *siteRef, ix []tensor.Ix, op string, v ir.Value, span diag.Span) error {
	a := inv.model.Arch()
	whole, err := m.siteValue(inv, r, span)
	if err != nil {
		return err
	}
	t, _ := ir.TypeOf(whole)
	sels, err := tensor.ResolveIndex(t, ix)
	if err != nil {
		return err
	}
	at := len(r.site.Lead) - 1
	val, err := m.newValue(func() ir.Value { old, _ := m.index(whole, ix, span); return old }, op, v, span)
	if err != nil {
		return err
	}
	vt, _ := ir.TypeOf(val)
	out := tensor.SelType(t, sels)
	maps, warn, err := tensor.AlignSet(vt, out)
	if err != nil {
		return ofSet(err)
	}
	m.warnText("W0301", warn, span)
	axis := -1 // of the value, that runs along qkv
	if !sels[at].Drop {
		k := 0
		for i := range at {
			if !sels[i].Drop {
				k++
			}
		}
		axis = maps.In[k]
	}
	rest := append(append([]tensor.Sel(nil), sels[:at]...), sels[at+1:]...)
	for i, c := range seq(sels[at], t.Dims[at]) {
		part := val
		if axis >= 0 {
			sel := wholeSel(vt.Rank())
			sel[axis] = tensor.Sel{Pos: []int{min(i, vt.Dims[axis]-1)}, Drop: true, By: -1}
			if part, err = m.selectArray(val, sel, span); err != nil {
				return err
			}
		}
		view := m.open(inv, a.SiteNamed(r.site.Parts[c]), r.layer(), m.rs.step).narrow(rest)
		if err := m.assign(view, part, span); err != nil {
			return err
		}
	}
	return nil
}

// assign writes a value into a view, row by row.
func (m *Machine) assign(view *siteView, val ir.Value, span diag.Span) error {
	if l, ok := val.(*ir.Lazy); ok && l.Kind != ir.KArray {
		m.sets.open = true
		return nil // unknown to check
	}
	s, err := m.splitter(view, val, span)
	if err != nil {
		return err
	}
	for i := range view.pos {
		run := view.inv.run(view.rows.at(i))
		for j, p := range view.pos[i] {
			sl, node, err := s.part(i, j, p)
			if err != nil {
				return err
			}
			if node == ir.NoNode {
				continue
			}
			if err := m.chargeTable(512); err != nil {
				return err
			}
			run.Sets = append(run.Sets, ir.Set{Pos: p, Pt: view.pt, Sl: sl, Val: node, Span: span})
		}
	}
	return nil
}

// splitter takes a value apart into the parts of a view's rows. Rows that get the same part (it
// broadcasts over them) share its node.
type splitter struct {
	m     *Machine
	view  *siteView
	val   ir.Value
	typ   tensor.Type
	axes  []int // of the value, along batch and pos (query); -1: it broadcasts
	sl    ir.Slice
	nodes map[[3]int]ir.NodeID
	span  diag.Span
}

func (m *Machine) splitter(view *siteView, val ir.Value, span diag.Span) (*splitter, error) {
	s := &splitter{m: m, view: view, val: val, axes: []int{-1, -1}, nodes: map[[3]int]ir.NodeID{}, span: span}
	s.typ, _ = ir.TypeOf(val)
	maps, warn, err := tensor.AlignSet(s.typ, view.typ())
	if err != nil {
		return nil, ofSet(err)
	}
	m.warnText("W0301", warn, span)
	k := 0
	lead := []bool{view.rows.drop, view.posDrop}
	if view.site.Attn {
		lead = []bool{view.rows.drop, view.own[0].drop, view.posDrop}
	}
	for i, dropped := range lead {
		if dropped {
			continue
		}
		if !view.site.Attn || i != 1 {
			s.axes[min(i, 1)] = maps.In[k]
		}
		k++
	}
	if !view.site.Attn {
		s.sl = view.slice(m.b)
	}
	return s, nil
}

// part is the slice of row (i, j) of the view and the node of its part of the value.
func (s *splitter) part(i, j int, pos int32) (ir.Slice, ir.NodeID, error) {
	key := [3]int{-1, -1, 0}
	ix := make([]tensor.Ix, s.typ.Rank())
	for k := range ix {
		ix[k] = tensor.Ix{Kind: tensor.Slice}
	}
	for n, at := range []int{i, j} {
		axis := s.axes[n]
		if axis < 0 {
			continue
		}
		if s.typ.Dims[axis] == 1 {
			at = 0
		}
		key[n] = at
		ix[axis] = tensor.Ix{Kind: tensor.Entry, I: at}
	}
	if s.view.site.Attn {
		return s.attnPart(i, pos, ix)
	}
	if id, ok := s.nodes[key]; ok {
		return s.sl, id, nil
	}
	row := tensor.Type{DT: tensor.F32}
	for k, p := range s.view.own {
		if !p.drop {
			row.Axes, row.Dims = append(row.Axes, s.view.site.Axes[k].Name), append(row.Dims, p.len())
		}
	}
	id, err := s.node(ix, row)
	s.nodes[key] = id
	return s.sl, id, err
}

// node is the part of the value at ix, spread over a row's type.
func (s *splitter) node(ix []tensor.Ix, row tensor.Type) (ir.NodeID, error) {
	v, err := s.m.index(s.val, ix, s.span)
	if err != nil {
		return ir.NoNode, err
	}
	return s.spread(v, row)
}

func (s *splitter) spread(v ir.Value, row tensor.Type) (ir.NodeID, error) {
	t, _ := ir.TypeOf(v)
	var err error
	if t.Size() != row.Size() || t.DT != tensor.F32 {
		if v, err = s.m.op(spreadRow, row, s.span, v); err != nil {
			return ir.NoNode, err
		}
	}
	if l, ok := v.(*ir.Lazy); ok && l.Node == ir.NoNode {
		s.m.sets.open = true
		return s.m.b.unknown(row), nil
	}
	return s.m.b.node(v, s.span), nil
}

// attnPart is the part of a row of scores or of a pattern: heads by the keys up to the position.
// Beyond it only what stands there may be set.
func (s *splitter) attnPart(i int, pos int32, ix []tensor.Ix) (ir.Slice, ir.NodeID, error) {
	none := ir.NoNode
	v, err := s.m.index(s.val, ix, s.span)
	if err != nil {
		return ir.Slice{}, none, err
	}
	full := tensor.Type{DT: tensor.F32}
	if !s.view.own[0].drop {
		full.Axes, full.Dims = append(full.Axes, "head"), append(full.Dims, s.view.own[0].len())
	}
	if !s.view.keyDrop {
		full.Axes, full.Dims = append(full.Axes, "key"), append(full.Dims, len(s.view.keys[i]))
	}
	t, _ := ir.TypeOf(v)
	if t.Size() != full.Size() || t.DT != tensor.F32 {
		if v, err = s.m.op(spreadRow, full, s.span, v); err != nil {
			return ir.Slice{}, none, err
		}
	}
	sl, keys := s.view.attnSlice(s.m.b, i, pos)
	if len(keys) < len(s.view.keys[i]) {
		if v, err = s.within(v, keys, i, pos); err != nil {
			return ir.Slice{}, none, err
		}
	}
	if len(keys) == 0 {
		return sl, none, nil
	}
	if l, ok := v.(*ir.Lazy); ok && l.Node == ir.NoNode {
		s.m.sets.open = true
		return sl, s.m.b.unknown(full), nil
	}
	return sl, s.m.b.node(v, s.span), nil
}

// within keeps the keys that the query sees and makes sure that the others hold what stands there. A
// read of the same site up to the same query holds it by nature; other values are looked at when they
// are known.
func (s *splitter) within(v ir.Value, keys []int, i int, pos int32) (ir.Value, error) {
	at := &withinAttrs{site: s.view.site, keys: keys, drop: s.view.keyDrop, pos: pos}
	if l, ok := v.(*ir.Lazy); ok && !at.drop {
		if w := s.m.b.views[l.Node]; w != nil && w.site == s.view.site && w.posDrop && w.rows.drop && !w.keyDrop && w.pos[0][0] <= pos {
			sel := wholeSel(l.Type.Rank())
			sel[len(sel)-1] = tensor.Sel{Pos: keys, By: -1}
			return s.m.selectArray(v, sel, s.span)
		}
	}
	return s.m.op(withinRow, at, s.span, v)
}

type withinAttrs struct {
	site *arch.Site
	keys []int // places on the last axis that the query sees
	drop bool  // there is no key axis: one key, beyond the query
	pos  int32
}

// withinRow takes the keys that a query sees and checks the rest.
var withinRow = &ir.OpRow{Name: "within", Hidden: true,
	Infer: func(c *ir.Call) (ir.Value, error) {
		at := c.Attrs.(*withinAttrs)
		t, _ := ir.TypeOf(c.Args[0])
		if !at.drop {
			sel := wholeSel(t.Rank())
			sel[len(sel)-1] = tensor.Sel{Pos: at.keys, By: -1}
			t = tensor.SelType(t, sel)
		}
		return &ir.Lazy{Kind: ir.KArray, Type: t}, nil
	},
	Eval: func(c *ir.Call) (ir.Value, error) {
		at, a := c.Attrs.(*withinAttrs), c.Args[0].(*tensor.Array)
		n := 1
		if !at.drop {
			n = a.Dims[len(a.Dims)-1]
		}
		seen := make([]bool, n)
		for _, k := range at.keys {
			seen[k] = true
		}
		for i, x := range a.F32() {
			if !seen[i%n] && math.Float32bits(x) != math.Float32bits(at.site.Fill) {
				return nil, &ir.Error{Code: "E0308", Msg: fmt.Sprintf("set: query %d does not see later keys: only %s may stand there, got %s", at.pos, strings.ToLower(fmt.Sprint(at.site.Fill)), strings.ToLower(fmt.Sprint(x))),
					Hint: "set the keys up to the query: [..., query, :query + 1]"}
			}
		}
		if at.drop {
			return a, nil
		}
		sel := wholeSel(a.Rank())
		sel[len(sel)-1] = tensor.Sel{Pos: at.keys, By: -1}
		return tensor.Select(a, sel), nil
	},
	Grad: func(c *ir.Call, _ int, _, dout *tensor.Array) (*tensor.Array, error) {
		at := c.Attrs.(*withinAttrs)
		if at.drop {
			return dout, nil
		}
		t, _ := ir.TypeOf(c.Args[0])
		sel := wholeSel(t.Rank())
		sel[len(sel)-1] = tensor.Sel{Pos: at.keys, By: -1}
		return tensor.SelectGrad(t, sel, dout)
	},
}

// spreadRow broadcasts a value over the type of a slice (Attrs).
var spreadRow = &ir.OpRow{Name: "spread", Hidden: true,
	Infer: func(c *ir.Call) (ir.Value, error) {
		return &ir.Lazy{Kind: ir.KArray, Type: c.Attrs.(tensor.Type)}, nil
	},
	Eval: func(c *ir.Call) (ir.Value, error) {
		a, err := tensor.Spread(c.Args[0].(*tensor.Array), c.Attrs.(tensor.Type))
		if err != nil {
			return nil, err
		}
		return a.As(tensor.F32), nil
	},
	Grad: func(c *ir.Call, _ int, _, dout *tensor.Array) (*tensor.Array, error) {
		t, _ := ir.TypeOf(c.Args[0])
		return tensor.SpreadGrad(t, dout)
	},
}

// unknown is the node of a value of a known type that check will never know.
func (b *builder) unknown(t tensor.Type) ir.NodeID {
	return b.add(ir.Node{Kind: ir.NConst, VKind: ir.KArray, Type: t, Const: &ir.Lazy{Node: ir.NoNode, Kind: ir.KArray, Type: t}})
}
