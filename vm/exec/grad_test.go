package exec

import (
	"context"
	"fmt"
	"math"
	"math/rand"
	"slices"
	"testing"

	"interp/internal/toy"
	"interp/ir"
	"interp/nnrt"
	"interp/nnrt/arch"
	"interp/nnrt/tensor"
)

// fold is an op of any number of operands of one shape, from the left: a step and its slopes by what
// stands on its left and right.
func fold(name string, slope func(l, r float32) (dl, dr float32)) *ir.OpRow {
	args := func(c *ir.Call) [][]float32 {
		var out [][]float32
		for _, a := range c.Args {
			out = append(out, a.(*tensor.Array).F32())
		}
		return out
	}
	return &ir.OpRow{Name: name,
		Eval: func(c *ir.Call) (ir.Value, error) { return toy.Array(toy.Apply(name, args(c))), nil },
		Grad: func(c *ir.Call, arg int, _, dout *tensor.Array) (*tensor.Array, error) {
			xs, g := args(c), slices.Clone(dout.F32())
			for k := len(xs) - 1; k > 0 && k >= arg; k-- {
				left := toy.Apply(name, xs[:k])
				for i := range g {
					dl, dr := slope(left[i], xs[k][i])
					if k == arg {
						g[i] *= dr
					} else {
						g[i] *= dl
					}
				}
			}
			return toy.Array(g), nil
		},
	}
}

// smooth are the toys' ops with gradients.
var smooth = map[string]*ir.OpRow{
	"+":   fold("+", func(_, _ float32) (float32, float32) { return 1, 1 }),
	"-":   fold("-", func(_, _ float32) (float32, float32) { return 1, -1 }),
	"*":   fold("*", func(l, r float32) (float32, float32) { return r, l }),
	"mid": fold("mid", func(_, _ float32) (float32, float32) { return 0.5, 0.5 }),
}

// drawn is a random graph with a metric.
type drawn struct {
	*script
	rng    *rand.Rand
	metric ir.NodeID
}

// draw makes a random graph of the runtime's tiny model and a metric of what it saves. Where mixed is
// set, runs are in traces of their own now and then, and parts of the metric are constants.
func draw(t testing.TB, m *nnrt.Model, seed int64, mixed bool) *drawn {
	g := toy.NewGen(seed, toy.New(toy.Serial(toy.Dims), 1))
	for range 1 + g.Intn(4) {
		g.Run()
	}
	var saves []ir.NodeID
	for range 1 + g.Intn(4) {
		saves = append(saves, g.Save())
	}
	d := &drawn{script: &script{t, m, g.G}, rng: rand.New(rand.NewSource(seed))}
	for i, r := range g.G.Runs {
		if r.Model = m; mixed && i > 0 {
			r.Trace = g.G.Runs[i-1].Trace + int32(d.rng.Intn(3)/2)
		}
	}
	d.metric = -1
	for _, id := range saves {
		part := d.op(sumRow, id)
		if mixed && d.rng.Intn(8) == 0 {
			part = d.op(detachRow, part)
		}
		if d.metric < 0 {
			d.metric = part
		} else {
			d.metric = d.op(addRow, d.metric, part)
		}
	}
	for i := range g.G.Nodes {
		if v := g.G.Nodes[i].View; v != nil { // a read after all sets sees further ones too
			for k, p := range v.Pieces {
				if int(p.After) == len(g.G.Runs[p.Run].Sets) {
					v.Pieces[k].After = allSets
				}
			}
		}
		if n := &g.G.Nodes[i]; n.Call != nil && smooth[n.Call.Row.Name] != nil && n.Call.Row.Grad == nil {
			n.Call.Row = smooth[n.Call.Row.Name]
		}
	}
	return d
}

// place draws a run of the last trace and a point of it.
func (d *drawn) place() (*ir.Run, arch.Point) {
	runs := d.g.Runs
	r := runs[d.rng.Intn(len(runs))]
	if last := runs[len(runs)-1]; r.Trace != last.Trace {
		r = last
	}
	for {
		if p := arch.Point(d.rng.Intn(d.m.Arch().Points() - 1)); !d.m.Arch().Row(p).Arrive {
			return r, p
		}
	}
}

func tinyModel(t testing.TB) *nnrt.Model { return randomModel(t, 2) }

func TestTrimmedReverseHasTheBitsOfTheDenseOne(t *testing.T) {
	m := tinyModel(t)
	live, cycles := 0, 0
	for seed := range int64(300) {
		d := draw(t, m, seed, true)
		if cyclic(d.g) {
			cycles++
			continue
		}
		var ids []ir.NodeID
		for range 3 {
			r, p := d.place()
			ids = append(ids, d.grad(d.metric, d.site(r, p)))
		}
		ids = append(ids, d.paramGrad("h.1.attn.c_attn.weight"), d.paramGrad("wte.weight"), d.paramGrad("ln_f.bias"))
		first := d.metric // a second metric goes with the first through the same pass
		d.metric = d.op(mulRow, d.metric, d.metric)
		r, p := d.place()
		ids = append(ids, d.grad(d.metric, d.site(r, p)), d.grad(first, d.site(r, p)))
		dense := NewNaive(Options{})
		dense.all = true
		parts := NewNaive(Options{})
		parts.small = 1
		engines := map[string]Engine{"dense": dense, "in parts": parts, "batched": NewBatched(options(d.rng))}
		want, err := outcomes(NewNaive(Options{}), d.g, ids)
		if err != nil {
			t.Fatal(err)
		}
		for name, e := range engines {
			got, err := outcomes(e, d.g, ids)
			if err != nil {
				t.Fatal(err)
			}
			for _, id := range ids {
				if nan(got[id].nums) { // zero times infinity, where a set made rows infinite
					continue
				}
				if err := differ(want[id], got[id]); err != nil {
					t.Fatalf("seed %d node %d: trimmed against %s: %v", seed, id, name, err)
				}
			}
		}
		for _, id := range ids {
			if slices.ContainsFunc(want[id].nums, func(x float32) bool { return x != 0 }) {
				live++
			}
		}
	}
	if live < 500 {
		t.Errorf("only %d gradients are not zero (%d graphs are cycles)", live, cycles)
	}
}

func nan(x []float32) bool {
	return slices.ContainsFunc(x, func(v float32) bool { return v != v })
}

// paramGrad is the gradient of the metric by a parameter.
func (d *drawn) paramGrad(name string) ir.NodeID {
	x, err := d.m.Param(name)
	if err != nil {
		d.t.Fatal(err)
	}
	return d.add(ir.Node{Kind: ir.NGrad, VKind: ir.KArray, Type: x.Type, Args: []ir.NodeID{d.metric}, Param: name, Model: d.m})
}

func TestGradientsAgreeWithFiniteDifferences(t *testing.T) {
	m := tinyModel(t)
	checked, off := 0, 0
	for seed := range int64(150) {
		d := draw(t, m, seed, false)
		if cyclic(d.g) {
			continue
		}
		r, p := d.place()
		pos := d.rng.Intn(len(r.Tokens))
		width := m.Arch().Width(p, pos)
		dir := make([]float32, width)
		for i := range dir {
			dir[i] = float32(d.rng.NormFloat64())
		}
		v := &ir.View{Pt: p, Model: m, Pieces: []ir.Piece{{Run: r.ID, Pos: int32(pos), After: allSets}}}
		g := d.eval(NewNaive(Options{}), d.grad(d.metric, v))[0]
		want := 0.0
		for i, x := range g {
			want += float64(x) * float64(dir[i])
		}
		const h = 1.0 / 64
		at := func(step float32) float64 {
			n := len(r.Sets)
			defer func() { r.Sets = r.Sets[:n] }()
			by := slices.Clone(dir)
			for i := range by {
				by[i] *= step
			}
			d.set(r, p, pos, ir.Slice{}, d.op(addRow, d.read(r, p, pos, ir.Slice{}, int32(n)), d.constant(by...)))
			return float64(d.eval(NewNaive(Options{}), d.metric)[0][0])
		}
		if cyclicWith(d, r, p, pos) {
			continue
		}
		got := (at(h) - at(-h)) / (2 * h)
		checked++
		if math.Abs(got-want) > 0.02*(1+math.Abs(want)) {
			off++
			t.Logf("seed %d: %s of run %d at %d: difference %.5f, gradient %.5f", seed, m.Arch().PointName(p), r.ID, pos, got, want)
		}
	}
	if checked < 80 {
		t.Errorf("only %d gradients were checked", checked)
	}
	if off > checked/50 { // a curved place may be off at this step
		t.Errorf("%d of %d differ", off, checked)
	}
}

// cyclicWith says that the step itself, a set at the end, makes a cycle.
func cyclicWith(d *drawn, r *ir.Run, p arch.Point, pos int) bool {
	n := len(r.Sets)
	defer func() { r.Sets = r.Sets[:n] }()
	d.set(r, p, pos, ir.Slice{}, d.read(r, p, pos, ir.Slice{}, int32(n)))
	return cyclic(d.g)
}

func TestWhatHasNoGradientIsNamed(t *testing.T) {
	m := tinyModel(t)
	s := newScript(t, m)
	r := s.run([]int32{1, 2, 3})
	row := &ir.OpRow{Name: "argmax", NoGrad: "it jumps", Eval: func(c *ir.Call) (ir.Value, error) { return c.Args[0], nil }}
	metric := s.op(sumRow, s.op(row, s.all(r, s.pt(1, "z"))))
	id := s.grad(metric, s.site(r, s.pt(0, "resid_pre")))
	var got error
	err := NewNaive(Options{}).Eval(context.Background(), s.g, []ir.NodeID{id}, func(_ ir.NodeID, _ ir.Value, err error) { got = err })
	if want := "grad: there is no gradient through argmax: it jumps"; err != nil || fmt.Sprint(got) != want {
		t.Errorf("got %v, %v, want %q", got, err, want)
	}
}
