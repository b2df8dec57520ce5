// Package arch describes transformer architectures as data: the points at which a row of numbers
// stands, what each is computed from, and the sites by which people name them.
//
// A point is a place in the order in which the rows of one token position are computed:
//
//	embed points | block 0: resid_pre ln1_scale ... mlp_out | block 1 ... | final: resid ln_f logits
//
// Everything the planner must know of an architecture is derived from this table (which points
// follow from which, what later positions can see), so a new architecture is a new table. Two rules
// hold for the order in a block: points that keys and values follow from come before the others, and
// points that need no earlier position stand before the arrival.
package arch

import "fmt"

// Point is a place in the layer order, counted through all blocks.
type Point int32

// Never is a point beyond all others.
const Never Point = 1 << 30

// Axis is one axis of a row. Size Keys means: as many as there are positions up to the row's own.
type Axis struct {
	Name string
	Size int
}

// Keys is the size of an axis that counts the keys a query sees: its position plus one.
const Keys = -1

// Input is a point that a row is computed from: a kind of the same block, or of the block below.
type Input struct {
	Kind  string
	Below bool
}

// Stage groups points into the four units that statistics count as states.
type Stage uint8

// The stages of a block. A point that does not end a stage has None.
const (
	None Stage = iota
	QKV
	Z
	Mid
	Post
)

func (s Stage) String() string { return [...]string{"", "qkv", "z", "mid", "post"}[s] }

// Row describes one kind of point.
type Row struct {
	Kind   string  // "resid_pre", "kv", "z", ...
	Inputs []Input // rows of the same column it is computed from
	Keys   bool    // also from the keys and values of its own and all earlier positions
	PosDep bool    // depends on the position itself (wpe, rotary q and k)
	Axes   []Axis  // of a row; none: a single number
	Stage  Stage   // the stage this point completes
	Arrive bool    // no numbers: where the earlier positions are first seen
	KV     bool    // the keys and values that later positions see
}

// Dims are the sizes of a model.
type Dims struct {
	Layers, Heads, KVHeads, DModel, DHead, DMlp, DVocab, NCtx int
}

// Arch is an architecture with a model's sizes.
type Arch struct {
	Name    string
	Dims    Dims
	Embed   []Row // before the first block
	Block   []Row // of one block, in execution order
	Final   []Row // after the last block; Final[0] is the residual stream, as Block[0]
	Sites   []*Site
	Modules []*Module
	Weights []Weight

	kind    map[string]int // in Block
	inputs  [][]Point
	paths   map[string]*Site
	modules map[string]*Module
}

// New completes a table: it checks the rules of the package comment and resolves inputs to points.
func New(a Arch) (*Arch, error) {
	a.kind = map[string]int{}
	for i, r := range a.Block {
		a.kind[r.Kind] = i
	}
	a.paths, a.modules = map[string]*Site{}, map[string]*Module{}
	for _, s := range a.Sites {
		for _, p := range append(append([]string(nil), s.HF...), s.TL...) {
			a.paths[p] = s
		}
	}
	for _, m := range a.Modules {
		for _, p := range m.names() {
			a.modules[p] = m
		}
	}
	a.inputs = make([][]Point, a.Points())
	for p := Point(0); int(p) < a.Points(); p++ {
		in, err := a.resolve(p)
		if err != nil {
			return nil, err
		}
		a.inputs[p] = in
	}
	return &a, nil
}

func (a *Arch) resolve(p Point) ([]Point, error) {
	row, l := a.Row(p), a.Layer(p)
	if p == a.first() { // the first residual is made of the embeddings
		in := make([]Point, len(a.Embed))
		for i := range in {
			in[i] = Point(i)
		}
		return in, nil
	}
	var out []Point
	for _, in := range row.Inputs {
		q, ok := a.find(l, in)
		if !ok || q >= p {
			return nil, fmt.Errorf("architecture %s: %s reads %q, which is not before it", a.Name, row.Kind, in.Kind)
		}
		out = append(out, q)
	}
	return out, nil
}

func (a *Arch) find(layer int, in Input) (Point, bool) {
	if in.Below {
		layer--
	} else if layer == a.Dims.Layers {
		for i, r := range a.Final {
			if r.Kind == in.Kind {
				return a.At(layer, 0) + Point(i), true
			}
		}
		return 0, false
	}
	k, ok := a.kind[in.Kind]
	return a.At(layer, k), ok && layer >= 0
}

func (a *Arch) first() Point { return Point(len(a.Embed)) }

// Points is the number of points.
func (a *Arch) Points() int {
	return len(a.Embed) + a.Dims.Layers*len(a.Block) + len(a.Final)
}

// At is a kind (an index into Block) in a layer; At(Layers, i) is Final[i].
func (a *Arch) At(layer, kind int) Point { return a.first() + Point(layer*len(a.Block)+kind) }

// Kind is the index of a kind in Block, -1 if there is none of that name.
func (a *Arch) Kind(name string) int {
	if k, ok := a.kind[name]; ok {
		return k
	}
	return -1
}

// Named is the point of a kind by name: in Block for a layer below Layers, else in Final or, with
// layer -1, in Embed.
func (a *Arch) Named(layer int, kind string) (Point, bool) {
	if layer < 0 {
		for i, r := range a.Embed {
			if r.Kind == kind {
				return Point(i), true
			}
		}
		return 0, false
	}
	return a.find(layer, Input{Kind: kind})
}

// Layer of a point: -1 for embeddings, Layers for the final ones.
func (a *Arch) Layer(p Point) int {
	if p < a.first() {
		return -1
	}
	return min(int(p-a.first())/len(a.Block), a.Dims.Layers)
}

// Off is a point's index in Embed, Block or Final.
func (a *Arch) Off(p Point) int {
	if l := a.Layer(p); l >= 0 {
		return int(p - a.At(l, 0))
	}
	return int(p)
}

// Row is the description of a point.
func (a *Arch) Row(p Point) *Row {
	switch l := a.Layer(p); {
	case l < 0:
		return &a.Embed[p]
	case l == a.Dims.Layers:
		return &a.Final[a.Off(p)]
	default:
		return &a.Block[a.Off(p)]
	}
}

// Inputs are the points of the same position that the row at p is computed from.
func (a *Arch) Inputs(p Point) []Point { return a.inputs[p] }

// KV is the point of a layer that holds its keys and values; Arrival is where they are first seen.
func (a *Arch) KV(layer int) Point { return a.At(layer, a.flagged(func(r *Row) bool { return r.KV })) }

// Arrival is the point of a layer at which earlier positions are first seen.
func (a *Arch) Arrival(layer int) Point {
	return a.At(layer, a.flagged(func(r *Row) bool { return r.Arrive }))
}

func (a *Arch) flagged(f func(*Row) bool) int {
	for i := range a.Block {
		if f(&a.Block[i]) {
			return i
		}
	}
	return -1
}

// Logits is the last point.
func (a *Arch) Logits() Point { return Point(a.Points() - 1) }

// Width is the count of numbers in a row at p of position pos.
func (a *Arch) Width(p Point, pos int) int {
	row := a.Row(p)
	if row.Arrive {
		return 0
	}
	w := 1
	for _, x := range row.Axes {
		if x.Size == Keys {
			w *= pos + 1
		} else {
			w *= x.Size
		}
	}
	return w
}

// PointName is for people: "blocks[3].z", "wte", "final.logits".
func (a *Arch) PointName(p Point) string {
	switch l := a.Layer(p); {
	case l < 0:
		return a.Embed[p].Kind
	case l == a.Dims.Layers:
		return "final." + a.Row(p).Kind
	default:
		return fmt.Sprintf("blocks[%d].%s", l, a.Row(p).Kind)
	}
}

// Flops is what one row costs: 2 for each multiply-add of the matrix products and of attention;
// norms, softmax and activations are not counted. The unembedding is counted by the logits read.
func (a *Arch) Flops(p Point, pos int) int64 {
	if l := a.Layer(p); l < 0 || l == a.Dims.Layers {
		return 0
	}
	d, f := int64(a.Dims.DModel), int64(a.Dims.DMlp)
	z, kv := int64(a.Dims.Heads*a.Dims.DHead), int64(a.Dims.KVHeads*a.Dims.DHead)
	switch a.Row(p).Kind {
	case "kv":
		return 4 * d * kv
	case "q", "attn_out":
		return 2 * d * z
	case "scores", "z":
		return 2 * z * int64(pos+1)
	case "pre", "mlp_out":
		return 2 * d * f
	}
	return 0
}

// ModuleFlops is what a module costs at a position, when it is applied to a row by itself.
func (a *Arch) ModuleFlops(m *Module, pos int) int64 {
	sum, layer := int64(0), 0
	if !m.Layered {
		layer = a.Dims.Layers
	}
	for _, k := range m.Kinds {
		if p, _ := a.Named(layer, k); p == a.Logits() {
			sum += 2 * int64(m.In) * int64(m.Out)
		} else {
			sum += a.Flops(p, pos)
		}
	}
	return sum
}
