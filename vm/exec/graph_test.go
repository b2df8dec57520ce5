package exec

import (
	"context"
	"os"
	"testing"

	"interp/internal/shared"
	"interp/ir"
	"interp/nnrt"
	"interp/nnrt/arch"
	"interp/nnrt/kern"
	"interp/nnrt/tensor"
)

// script builds a graph by hand.
type script struct {
	t testing.TB
	m *nnrt.Model
	g *ir.Graph
}

func newScript(t testing.TB, m *nnrt.Model) *script { return &script{t, m, &ir.Graph{}} }

// openModel opens and loads a model of testdata.
func openModel(t testing.TB, elem ...string) *nnrt.Model {
	t.Helper()
	m, err := nnrt.Open(elem[len(elem)-1], os.DirFS(shared.Repo(append([]string{"testdata"}, elem...)...)))
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Load(nnrt.LoadOptions{Pool: kern.NewPool(2)}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

func (s *script) add(n ir.Node) ir.NodeID {
	s.g.Nodes = append(s.g.Nodes, n)
	return ir.NodeID(len(s.g.Nodes) - 1)
}

// run adds an invoke of one prompt, a trace of its own.
func (s *script) run(ids []int32) *ir.Run {
	n := len(s.g.Runs)
	r := &ir.Run{ID: ir.RunID(n), Invoke: int32(n), Trace: int32(n), Model: s.m, Tokens: ids}
	s.g.Runs = append(s.g.Runs, r)
	return r
}

// pt is a point by kind; a layer past the last is the final one.
func (s *script) pt(layer int, kind string) arch.Point {
	s.t.Helper()
	p, ok := s.m.Arch().Named(layer, kind)
	if !ok {
		s.t.Fatalf("there is no point %s in layer %d", kind, layer)
	}
	return p
}

const allSets = 1 << 30

// read is a slice of a row after all sets, or after so many of the run's.
func (s *script) read(r *ir.Run, p arch.Point, pos int, sl ir.Slice, after int32) ir.NodeID {
	n := sl.Len(s.m.Arch().Width(p, pos))
	return s.add(ir.Node{Kind: ir.NRead, VKind: ir.KArray, Type: tensor.NewType(tensor.F32, nil, []int{n}),
		View: &ir.View{Pt: p, Model: s.m, Pieces: []ir.Piece{{Run: r.ID, Pos: int32(pos), Sl: sl, After: after}}}})
}

// site is a view of all positions of a run at a point.
func (s *script) site(r *ir.Run, p arch.Point) *ir.View {
	v := &ir.View{Pt: p, Model: s.m}
	for pos := range r.Tokens {
		v.Pieces = append(v.Pieces, ir.Piece{Run: r.ID, Pos: int32(pos), After: allSets})
	}
	return v
}

// viewSize counts the numbers of a view.
func (s *script) viewSize(v *ir.View) int {
	n := 0
	for _, p := range v.Pieces {
		n += p.Sl.Len(s.m.Arch().Width(v.Pt, int(p.Pos)))
	}
	return n
}

// all reads all positions of a run at a point, flat.
func (s *script) all(r *ir.Run, p arch.Point) ir.NodeID {
	v := s.site(r, p)
	return s.add(ir.Node{Kind: ir.NRead, VKind: ir.KArray, Type: tensor.NewType(tensor.F32, nil, []int{s.viewSize(v)}), View: v})
}

func (s *script) constant(x ...float32) ir.NodeID {
	a := tensor.FromF32(nil, []int{len(x)}, x)
	return s.add(ir.Node{Kind: ir.NConst, VKind: ir.KArray, Type: a.Type, Const: a})
}

func (s *script) op(row *ir.OpRow, args ...ir.NodeID) ir.NodeID {
	c := &ir.Call{Row: row}
	for _, a := range args {
		c.Args = append(c.Args, &ir.Lazy{Node: a, Kind: ir.KArray, Type: s.g.Nodes[a].Type})
	}
	t := s.g.Nodes[args[0]].Type
	if row == sumRow {
		t = tensor.NewType(tensor.F32, nil, []int{1})
	}
	return s.add(ir.Node{Kind: ir.NOp, VKind: ir.KArray, Call: c, Args: args, Type: t})
}

func (s *script) set(r *ir.Run, p arch.Point, pos int, sl ir.Slice, val ir.NodeID) {
	r.Sets = append(r.Sets, ir.Set{Pos: int32(pos), Pt: p, Sl: sl, Val: val})
}

// diff is the difference of two logits at the last position.
func (s *script) diff(r *ir.Run, a, b int32) ir.NodeID {
	p, last := s.m.Arch().Logits(), len(r.Tokens)-1
	at := func(id int32) ir.Slice { return ir.Slice{Off: id, N1: 1, S1: 1} }
	return s.op(subRow, s.read(r, p, last, at(a), allSets), s.read(r, p, last, at(b), allSets))
}

// grad is the gradient of a metric by a view.
func (s *script) grad(metric ir.NodeID, v *ir.View) ir.NodeID {
	return s.add(ir.Node{Kind: ir.NGrad, VKind: ir.KArray, Type: tensor.NewType(tensor.F32, nil, []int{s.viewSize(v)}), Args: []ir.NodeID{metric}, View: v, Model: s.m})
}

// eval computes nodes with an engine.
func (s *script) eval(e Engine, ids ...ir.NodeID) [][]float32 {
	s.t.Helper()
	at := map[ir.NodeID][]float32{}
	err := e.Eval(context.Background(), s.g, ids, func(id ir.NodeID, v ir.Value, err error) {
		if err != nil {
			s.t.Fatalf("node %d: %v", id, err)
		}
		at[id] = v.(*tensor.Array).F32()
	})
	if err != nil {
		s.t.Fatal(err)
	}
	out := make([][]float32, len(ids))
	for i, id := range ids {
		if out[i] = at[id]; out[i] == nil {
			s.t.Fatalf("node %d was not computed", id)
		}
	}
	return out
}

// elementwise is a row of two operands of one shape.
func elementwise(name string, f func(a, b float32) float32, d func(arg int, a, b, g float32) float32) *ir.OpRow {
	zip := func(c *ir.Call, f func(i int, a, b float32) float32) *tensor.Array {
		a, b := c.Args[0].(*tensor.Array), c.Args[1].(*tensor.Array)
		x, y := a.F32(), b.F32()
		out := make([]float32, len(x))
		for i := range x {
			out[i] = f(i, x[i], y[i])
		}
		return tensor.FromType(a.Type, out)
	}
	return &ir.OpRow{Name: name,
		Eval: func(c *ir.Call) (ir.Value, error) {
			return zip(c, func(_ int, a, b float32) float32 { return f(a, b) }), nil
		},
		Grad: func(c *ir.Call, arg int, _, dout *tensor.Array) (*tensor.Array, error) {
			g := dout.F32()
			return zip(c, func(i int, a, b float32) float32 { return d(arg, a, b, g[i]) }), nil
		},
	}
}

var (
	addRow = elementwise("+", func(a, b float32) float32 { return a + b }, func(_ int, _, _, g float32) float32 { return g })
	subRow = elementwise("-", func(a, b float32) float32 { return a - b }, func(arg int, _, _, g float32) float32 {
		if arg == 1 {
			return -g
		}
		return g
	})
	mulRow = elementwise("*", func(a, b float32) float32 { return a * b }, func(arg int, a, b, g float32) float32 {
		if arg == 1 {
			return a * g
		}
		return b * g
	})
	detachRow = &ir.OpRow{Name: "detach", NoGrad: "that is what it is for", Eval: func(c *ir.Call) (ir.Value, error) { return c.Args[0], nil }}
	sumRow    = &ir.OpRow{Name: "sum",
		Eval: func(c *ir.Call) (ir.Value, error) {
			s := 0.0
			for _, v := range c.Args[0].(*tensor.Array).F32() {
				s += float64(v)
			}
			return tensor.FromF32(nil, []int{1}, []float32{float32(s)}), nil
		},
		Grad: func(c *ir.Call, _ int, _, dout *tensor.Array) (*tensor.Array, error) {
			a := c.Args[0].(*tensor.Array)
			out := make([]float32, a.Size())
			for i := range out {
				out[i] = dout.F32()[0]
			}
			return tensor.FromType(a.Type, out), nil
		},
	}
)
