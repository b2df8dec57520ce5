package vm

import (
	"slices"

	"interp/internal/diag"
	"interp/ir"
	"interp/nnrt/tensor"
)

// hook_result, each head's share of attn_out, is no point of the runtime: it is computed from z, and
// setting it adds the difference to attn_out. It acts between z and attn_out, whatever the order of
// the lines.

type resultKey struct {
	run   ir.RunID
	layer int
	pos   int32
	head  int
}

// resultAttrs are the model and layer whose output projection is split by heads, and the heads.
type resultAttrs struct {
	model ir.Model
	layer int
	heads []int
}

// resultModel computes the heads' shares; the runtime's model does.
type resultModel interface {
	HeadResult(layer int, heads []int, z *tensor.Array) (*tensor.Array, error)
	HeadResultBack(layer int, heads []int, dout *tensor.Array) (*tensor.Array, error)
}

// headResultRow: z [... head d_head] gives [... head d_model].
var headResultRow = &ir.OpRow{Name: "head_result", Hidden: true,
	Infer: func(c *ir.Call) (ir.Value, error) {
		t, _ := ir.TypeOf(c.Args[0])
		n := t.Rank()
		out := t
		out.Axes, out.Dims = append([]string(nil), t.Axes...), append([]int(nil), t.Dims...)
		out.Axes[n-1], out.Dims[n-1] = "d_model", c.Attrs.(*resultAttrs).model.Arch().Dims.DModel
		return &ir.Lazy{Kind: ir.KArray, Type: out}, nil
	},
	Eval: func(c *ir.Call) (ir.Value, error) {
		at := c.Attrs.(*resultAttrs)
		return at.model.(resultModel).HeadResult(at.layer, at.heads, c.Args[0].(*tensor.Array))
	},
	Grad: func(c *ir.Call, _ int, _, dout *tensor.Array) (*tensor.Array, error) {
		at := c.Attrs.(*resultAttrs)
		return at.model.(resultModel).HeadResultBack(at.layer, at.heads, dout)
	},
	Maps: func(c *ir.Call, out tensor.Type) [][]int {
		along := make([]int, out.Rank())
		for i := range along {
			along[i] = i
			if i >= len(along)-2 {
				along[i] = -2
			}
		}
		return [][]int{along}
	},
}

// readResult is hook_result as it stands: computed from z, and what was set where it was.
func (m *Machine) readResult(inv *invoke, layer, step int, span diag.Span) (ir.Value, error) {
	v := m.open(inv, inv.model.Arch().SiteNamed("z"), layer, step)
	for i := range v.after {
		v.after[i] = everySet
	}
	heads := make([]int, v.own[0].n)
	for i := range heads {
		heads[i] = i
	}
	base, err := m.op(headResultRow, &resultAttrs{model: inv.model, layer: layer, heads: heads}, span, m.b.read(v, span))
	if err != nil || !inv.setResults(layer) {
		return base, err
	}
	return m.overlay(inv, layer, v, base, span)
}

func (inv *invoke) setResults(layer int) bool {
	for k := range inv.results {
		if k.layer == layer {
			return true
		}
	}
	return false
}

// overlay puts the parts that were set over the computed ones.
func (m *Machine) overlay(inv *invoke, layer int, v *siteView, base ir.Value, span diag.Span) (ir.Value, error) {
	t, _ := ir.TypeOf(base)
	rows := make([]ir.Value, len(v.pos))
	for i := range v.pos {
		parts := make([]ir.Value, 0, len(v.pos[i])*v.own[0].n)
		for j, p := range v.pos[i] {
			for h := range v.own[0].n {
				if x, ok := inv.results[resultKey{inv.runs[v.rows.at(i)], layer, p, h}]; ok {
					parts = append(parts, x)
					continue
				}
				x, err := m.index(base, entries(i, j, h), span)
				if err != nil {
					return nil, err
				}
				parts = append(parts, x)
			}
		}
		row, err := m.joinCells(parts, []int{len(v.pos[i]), v.own[0].n}, t.Axes[1:3], span)
		if err != nil {
			return nil, err
		}
		rows[i] = row
	}
	return m.joinCells(rows, []int{len(rows)}, t.Axes[:1], span)
}

func entries(at ...int) []tensor.Ix {
	ix := make([]tensor.Ix, len(at))
	for i, k := range at {
		ix[i] = tensor.Ix{Kind: tensor.Entry, I: k}
	}
	return ix
}

// setResult sets heads' shares: the difference to what z gives goes into attn_out. Each head of each row
// takes its own part of the value, so that it depends on no more.
func (m *Machine) setResult(inv *invoke, r *siteRef, step int, ix []tensor.Ix, op string, v ir.Value, span diag.Span) error {
	old, err := m.readResult(inv, r.layer(), step, span)
	if err != nil {
		return err
	}
	t, _ := ir.TypeOf(old)
	sels, err := tensor.ResolveIndex(t, ix)
	if err != nil {
		return err
	}
	set := &resultSet{inv: inv, layer: r.layer(), old: old, own: sels[3], span: span}
	if set.val, err = m.newValue(func() ir.Value { x, _ := m.selectArray(old, sels, span); return x }, op, v, span); err != nil {
		return err
	}
	vt, _ := ir.TypeOf(set.val)
	maps, warn, err := tensor.AlignSet(vt, tensor.SelType(t, sels))
	if err != nil {
		return err
	}
	m.warnText("W0301", warn, span)
	k := 0
	for n := range set.axes {
		set.axes[n] = -1
		if !sels[n].Drop {
			set.axes[n] = maps.In[k]
			k++
		}
	}
	set.view = m.open(inv, inv.model.Arch().SiteNamed("attn_out"), r.layer(), step)
	for a, i := range seq(sels[0], t.Dims[0]) {
		for b, j := range m.pickedPos(sels[1], i, len(set.view.pos[i])) {
			if err := m.resultRow(set, [2]int{i, j}, [2]int{a, b}, seq(sels[2], t.Dims[2])); err != nil {
				return err
			}
		}
	}
	return nil
}

// resultSet is one set of heads' shares.
type resultSet struct {
	inv   *invoke
	layer int
	view  *siteView // of attn_out
	old   ir.Value  // the shares before
	val   ir.Value  // what is written, and which of its axes run along batch, pos, head; -1: none
	axes  [3]int
	own   tensor.Sel // of d_model
	span  diag.Span
}

// part is what is written into one head of one row: places count what was selected.
func (s *resultSet) part(m *Machine, places [3]int) (ir.Value, error) {
	t, _ := ir.TypeOf(s.val)
	ix := make([]tensor.Ix, t.Rank())
	for k := range ix {
		ix[k] = tensor.Ix{Kind: tensor.Slice}
	}
	for n, axis := range s.axes {
		if axis < 0 {
			continue
		}
		at := places[n]
		if t.Dims[axis] == 1 {
			at = 0
		}
		ix[axis] = tensor.Ix{Kind: tensor.Entry, I: at}
	}
	return m.index(s.val, ix, s.span)
}

func (m *Machine) pickedPos(s tensor.Sel, row, n int) []int {
	idx := make([]int, n)
	for k := range idx {
		idx[k] = k
	}
	return through(idx, s, row, 1)
}

// resultRow notes what one row of attn_out gains from the heads that were set.
func (m *Machine) resultRow(s *resultSet, row, place [2]int, heads []int) error {
	i, j := row[0], row[1]
	sum := m.deltaRead(s.inv, s.view, i, j, s.span)
	for k, h := range heads {
		was, err := m.index(s.old, entries(i, j, h), s.span)
		if err != nil {
			return err
		}
		now, err := s.part(m, [3]int{place[0], place[1], k})
		if err != nil {
			return err
		}
		if now, err = m.op(putRow, &putAttrs{sels: []tensor.Sel{s.own}}, s.span, was, now); err != nil {
			return err
		}
		diff, err := m.binary("-", now, was, s.span)
		if err != nil {
			return err
		}
		if sum, err = m.binary("+", sum, diff, s.span); err != nil {
			return err
		}
		if s.inv.results == nil {
			s.inv.results = map[resultKey]ir.Value{}
		}
		s.inv.results[resultKey{s.inv.runs[s.view.rows.at(i)], s.layer, s.view.pos[i][j], h}] = now
	}
	s.inv.deltas = append(s.inv.deltas, ir.Set{Pos: s.view.pos[i][j], Pt: s.view.pt, Val: m.b.node(sum, s.span), Span: s.span})
	s.inv.deltaOf = append(s.inv.deltaOf, s.view.rows.at(i))
	return nil
}

// deltaRead reads a row of attn_out as the sets of results so far left it.
func (m *Machine) deltaRead(inv *invoke, view *siteView, i, j int, span diag.Span) ir.Value {
	v := *view
	v.after = make([]int32, len(view.after))
	for k := range inv.deltas {
		if row := view.rows.at(i); inv.deltaOf[k] == row {
			v.after[row]++
		}
	}
	sels := wholeSel(3)
	sels[0] = tensor.Sel{Pos: []int{i}, Drop: true, By: -1}
	sels[1] = tensor.Sel{Pos: []int{j}, Drop: true, By: -1}
	x := m.b.read(v.narrow(sels), span)
	if inv.deltaReads == nil {
		inv.deltaReads = map[ir.NodeID]bool{}
	}
	inv.deltaReads[x.Node] = true
	return x
}

// placeDeltas puts the sets of results before all others of their run, and moves the reads on.
func (inv *invoke) placeDeltas() {
	if len(inv.deltas) == 0 {
		return
	}
	shift := make([]int32, len(inv.runs))
	for i, d := range inv.deltas {
		row := inv.deltaOf[i]
		r := inv.run(row)
		r.Sets = slices.Insert(r.Sets, int(shift[row]), d)
		shift[row]++
	}
	b, moved := inv.m.b, map[*int32]bool{}
	for k := inv.firstNode; k < len(b.g.Nodes); k++ {
		v := b.views[ir.NodeID(k)]
		if v == nil || v.inv != inv || inv.deltaReads[ir.NodeID(k)] {
			continue
		}
		for j := range b.g.Nodes[k].View.Pieces {
			p := &b.g.Nodes[k].View.Pieces[j]
			if p.After != everySet {
				p.After += shift[b.g.Runs[p.Run].Row]
			}
		}
		if moved[&v.after[0]] { // narrowed views share it
			continue
		}
		moved[&v.after[0]] = true
		for row := range v.after {
			if v.after[row] != everySet {
				v.after[row] += shift[row]
			}
		}
	}
}

// putAttrs is the selection that a value is put into.
type putAttrs struct{ sels []tensor.Sel }

// putRow is an array with a value put into a selection of it.
var putRow = &ir.OpRow{Name: "put", Hidden: true,
	Infer: func(c *ir.Call) (ir.Value, error) {
		t, _ := ir.TypeOf(c.Args[0])
		vt, _ := ir.TypeOf(c.Args[1])
		_, _, err := tensor.AlignSet(vt, tensor.SelType(t, c.Attrs.(*putAttrs).sels))
		t.DT = min(t.DT, vt.DT) // float32 holds int64, and that bool
		return &ir.Lazy{Kind: ir.KArray, Type: t}, err
	},
	Eval: func(c *ir.Call) (ir.Value, error) {
		return tensor.Put(c.Args[0].(*tensor.Array), c.Attrs.(*putAttrs).sels, c.Args[1].(*tensor.Array))
	},
	Grad: func(c *ir.Call, arg int, _, dout *tensor.Array) (*tensor.Array, error) {
		sels := c.Attrs.(*putAttrs).sels
		t, _ := ir.TypeOf(c.Args[arg])
		if arg == 0 {
			return tensor.PutGrad(t, sels, dout)
		}
		return tensor.SpreadGrad(t, tensor.Select(dout, sels))
	},
}
