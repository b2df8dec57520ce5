package toy

import (
	"math/rand"

	"interp/ir"
	"interp/nnrt/arch"
	"interp/nnrt/tensor"
)

// Gen draws scripts: a few runs, mostly relatives of one another, with sets of every kind.
type Gen struct {
	*rand.Rand
	G        *ir.Graph
	Generate bool // some runs generate tokens
	models   []*Model
}

// NewGen makes a generator with an empty graph.
func NewGen(seed int64, models ...*Model) *Gen {
	return &Gen{Rand: rand.New(rand.NewSource(seed)), G: &ir.Graph{}, models: models}
}

// Add adds a node.
func (g *Gen) Add(n ir.Node) ir.NodeID {
	g.G.Nodes = append(g.G.Nodes, n)
	return ir.NodeID(len(g.G.Nodes) - 1)
}

// Constant adds n known numbers.
func (g *Gen) Constant(n int) ir.NodeID {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(g.Intn(7)-3) / 2
	}
	a := Array(x)
	return g.Add(ir.Node{Kind: ir.NConst, Const: a, Type: a.Type, VKind: ir.KArray})
}

// Read adds a read of pieces of rows.
func (g *Gen) Read(p arch.Point, m ir.Model, pieces ...ir.Piece) ir.NodeID {
	n := 0
	for _, x := range pieces {
		n += x.Sl.Len(m.Arch().Width(p, int(x.Pos)))
	}
	return g.Add(ir.Node{Kind: ir.NRead, VKind: ir.KArray, Type: tensor.NewType(tensor.F32, nil, []int{n}),
		View: &ir.View{Pt: p, Model: m, Pieces: pieces}})
}

// Op adds a call.
func (g *Gen) Op(name string, args ...ir.NodeID) ir.NodeID {
	c := &ir.Call{Row: Ops[name]}
	for _, a := range args {
		c.Args = append(c.Args, &ir.Lazy{Node: a, Kind: ir.KArray})
	}
	return g.Add(ir.Node{Kind: ir.NOp, VKind: ir.KArray, Call: c, Args: args, Type: g.G.Nodes[args[0]].Type})
}

// length is how many positions a run has, with those generated.
func length(r *ir.Run) int {
	if r.Gen != nil {
		return len(r.Tokens) + r.Gen.N - 1
	}
	return len(r.Tokens)
}

func (g *Gen) tokens() []int32 {
	const v = 5                             // few, so that prompts meet
	if len(g.G.Runs) > 0 && g.Intn(4) > 0 { // a relative of an earlier prompt
		t := append([]int32(nil), g.G.Runs[g.Intn(len(g.G.Runs))].Tokens...)
		switch g.Intn(4) {
		case 0:
			t[g.Intn(len(t))] = int32(g.Intn(v))
		case 1:
			t = append(t, int32(g.Intn(v)))
		case 2:
			t = t[:1+g.Intn(len(t))]
		}
		return t
	}
	t := make([]int32, 1+g.Intn(6))
	for i := range t {
		t[i] = int32(g.Intn(v))
	}
	return t
}

func (g *Gen) point(m *Model, below arch.Point) arch.Point {
	if g.Intn(3) == 0 {
		if p := m.A.At(g.Intn(m.A.Dims.Layers+1), 0); p < below {
			return p
		}
	}
	for {
		if p := arch.Point(g.Intn(int(below))); !m.A.Row(p).Arrive {
			return p
		}
	}
}

// part draws a slice: whole, half, strided, nested, a list, reversed, or the whole row spelled out.
func (g *Gen) part(w int32) ir.Slice {
	if w < 4 {
		return [...]ir.Slice{{}, {N1: w, S1: 1}}[g.Intn(2)]
	}
	switch g.Intn(8) {
	case 0, 1:
		return ir.Slice{}
	case 2: // a head's share, or half
		return ir.Slice{Off: w / 2 * int32(g.Intn(2)), N1: w / 2, S1: 1}
	case 3:
		o := int32(g.Intn(int(w)))
		return ir.Slice{Off: o, N1: 1 + (w-1-o)/3, S1: 3}
	case 4: // the same places in each half
		k := 1 + int32(g.Intn(int(w/2)))
		return ir.Slice{Off: int32(g.Intn(int(w/2-k) + 1)), N1: 2, S1: w / 2, N2: k, S2: 1}
	case 5:
		at := g.Perm(int(w))[:1+g.Intn(int(w))]
		o := &ir.Offsets{}
		for _, i := range at {
			o.At = append(o.At, int32(i))
		}
		return ir.Slice{List: o}
	case 6:
		return ir.Slice{Off: w - 1, N1: w, S1: -1}
	}
	return ir.Slice{Off: 0, N1: 2, S1: w / 2, N2: w / 2, S2: 1}
}

func width(m *Model, p arch.Point, pos int32) int32 { return int32(m.A.Width(p, int(pos))) }

// value draws a value of as many numbers as a slice has, for a set of r (not yet in the graph) at
// (p, pos, s) with all its sets so far above it.
func (g *Gen) value(r *ir.Run, p arch.Point, pos int32, s ir.Slice, depth int) ir.NodeID {
	m := r.Model.(*Model)
	n := int32(s.Len(int(width(m, p, pos))))
	switch k := g.Intn(12); {
	case k < 4 && len(g.G.Runs) > 0: // the same place in another run
		o := g.G.Runs[g.Intn(len(g.G.Runs))]
		if int(pos) < length(o) && int(p) < o.Model.Arch().Points() {
			if om := o.Model.(*Model); s.Len(int(width(om, p, pos))) == int(n) && (om == m || s.Whole()) {
				return g.Read(p, om, ir.Piece{Run: o.ID, Pos: pos, Sl: s, After: int32(len(o.Sets))})
			}
		}
	case k < 6: // any place of that many numbers, this run or another
		if id := g.elsewhere(r, p, n); id >= 0 {
			return id
		}
	case k < 8 && depth < 2: // +=, -=, *=
		old := g.Read(p, m, ir.Piece{Run: r.ID, Pos: pos, Sl: s, After: int32(len(r.Sets))})
		v := g.value(r, p, pos, s, depth+1)
		return g.Op([]string{"+", "*", "-"}[g.Intn(3)], old, v)
	case k == 8 && depth < 2: // of three values
		return g.Op("mid", g.value(r, p, pos, s, depth+1), g.value(r, p, pos, s, 2), g.Constant(int(n)))
	case k == 9 && n > 1 && depth < 2: // put together from two places
		a, b := g.elsewhere(r, p, n/2), g.elsewhere(r, p, n-n/2)
		if a >= 0 && b >= 0 && g.G.Nodes[a].View.Pt == g.G.Nodes[b].View.Pt && g.G.Nodes[a].View.Model == g.G.Nodes[b].View.Model {
			va, vb := g.G.Nodes[a].View, g.G.Nodes[b].View
			id := g.Read(va.Pt, va.Model.(*Model), va.Pieces[0], vb.Pieces[0])
			if g.Intn(2) == 0 { // and laid out backwards with a hole
				v := g.G.Nodes[id].View
				at := g.Perm(int(n))
				for _, i := range at[:n] {
					v.Scatter = append(v.Scatter, int32(i))
				}
				v.Fill = 7
			}
			return id
		}
	}
	return g.Constant(int(n))
}

func (g *Gen) elsewhere(r *ir.Run, p arch.Point, n int32) ir.NodeID {
	o := r
	if len(g.G.Runs) > 0 && g.Intn(2) == 0 {
		o = g.G.Runs[g.Intn(len(g.G.Runs))]
	}
	m := o.Model.(*Model)
	q := int32(g.Intn(length(o)))
	pp := g.point(m, arch.Point(m.A.Points()-1))
	if g.Intn(2) == 0 {
		pp = g.point(m, min(p+1, arch.Point(m.A.Points()-1)))
	}
	w := width(m, pp, q)
	if w < n {
		return -1
	}
	return g.Read(pp, m, ir.Piece{Run: o.ID, Pos: q, Sl: ir.Slice{Off: int32(g.Intn(int(w - n + 1))), N1: n, S1: 1}, After: int32(len(o.Sets))})
}

func (g *Gen) set(r *ir.Run, p arch.Point, pos int32, s ir.Slice) {
	v := g.value(r, p, pos, s, 0)
	r.Sets = append(r.Sets, ir.Set{Pos: pos, Pt: p, Sl: s, Val: v})
}

// copies sets a row to another run's, at once or in halves.
func (g *Gen) copies(r, from *ir.Run, p arch.Point, pos int32) {
	parts := []ir.Slice{{}}
	if w := int32(r.Model.Arch().Width(p, int(pos))); w >= 4 && w%2 == 0 && g.Intn(3) == 0 {
		parts = []ir.Slice{{N1: w / 2, S1: 1}, {Off: w / 2, N1: w / 2, S1: 1}}
	}
	for _, sl := range parts {
		v := g.Read(p, r.Model, ir.Piece{Run: from.ID, Pos: pos, Sl: sl, After: int32(len(from.Sets))})
		r.Sets = append(r.Sets, ir.Set{Pos: pos, Pt: p, Sl: sl, Val: v})
	}
}

// Run draws a run.
func (g *Gen) Run() {
	m := g.models[g.Intn(len(g.models))]
	r := &ir.Run{ID: ir.RunID(len(g.G.Runs)), Model: m, Tokens: g.tokens(), Closed: true, Invoke: int32(len(g.G.Runs))}
	if g.Generate && g.Intn(3) == 0 {
		r.Gen = &ir.Gen{N: 1 + g.Intn(4)}
	}
	last := arch.Point(m.A.Points())
	if g.Intn(4) > 0 {
		last-- // logits are set now and then
	}
	switch g.Intn(5) {
	case 0: // plain
	case 1: // one site at every position from another run
		p, o := g.point(m, last), -1
		if len(g.G.Runs) > 0 {
			o = g.Intn(len(g.G.Runs))
		}
		for i := range length(r) {
			pos := int32(i)
			if o >= 0 && g.G.Runs[o].Model == r.Model && i < length(g.G.Runs[o]) && g.Intn(12) > 0 {
				g.copies(r, g.G.Runs[o], p, pos)
			} else {
				g.set(r, p, pos, g.part(width(m, p, pos)))
			}
		}
		for range g.Intn(3) {
			pos, p := int32(g.Intn(length(r))), g.point(m, last)
			g.set(r, p, pos, g.part(width(m, p, pos)))
		}
	default:
		for range 1 + g.Intn(6) {
			pos, p := int32(g.Intn(length(r))), g.point(m, last)
			if last > m.A.Logits() && g.Intn(4) == 0 {
				p = m.A.Logits()
			}
			if len(r.Sets) > 0 && g.Intn(4) == 0 { // again at the same place
				s := r.Sets[g.Intn(len(r.Sets))]
				pos, p = s.Pos, s.Pt
			}
			g.set(r, p, pos, g.part(width(m, p, pos)))
		}
	}
	g.G.Runs = append(g.G.Runs, r)
}

// Save draws a wanted value.
func (g *Gen) Save() ir.NodeID {
	one := func() ir.NodeID {
		r := g.G.Runs[g.Intn(len(g.G.Runs))]
		m := r.Model.(*Model)
		pos, p := int32(g.Intn(length(r))), g.point(m, arch.Point(m.A.Points()))
		if g.Intn(3) == 0 {
			pos, p = int32(length(r)-1), m.A.Logits()
		}
		return g.Read(p, m, ir.Piece{Run: r.ID, Pos: pos, Sl: g.part(width(m, p, pos)), After: int32(g.Intn(len(r.Sets) + 1))})
	}
	id := one()
	if n := g.G.Nodes[id].Type.Size(); g.Intn(4) == 0 {
		return g.Op("-", id, g.Constant(n))
	}
	return id
}
