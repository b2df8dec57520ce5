package toy

import (
	"math/rand"

	"interp/ir"
	"interp/nnrt/arch"
)

// Small are the sizes of GPT-2 small.
var Small = arch.Dims{Layers: 12, Heads: 12, KVHeads: 12, DModel: 768, DHead: 64, DMlp: 3072, DVocab: 50257, NCtx: 1024}

// Script is an experiment put together by hand: a graph and its wanted nodes, in order.
type Script struct {
	*Gen
	M    ir.Model
	Want []ir.NodeID
}

// NewScript makes an empty script on a model.
func NewScript(m ir.Model) *Script { return &Script{Gen: NewGen(1), M: m} }

// At is a point by layer and kind.
func (s *Script) At(layer int, kind string) arch.Point {
	p, ok := s.M.Arch().Named(layer, kind)
	if !ok {
		panic("no point " + kind)
	}
	return p
}

// Invoke adds a run.
func (s *Script) Invoke(toks []int32, sets ...ir.Set) *ir.Run {
	id := len(s.G.Runs)
	r := &ir.Run{ID: ir.RunID(id), Invoke: int32(id), Model: s.M, Tokens: toks, Sets: sets, Closed: true}
	s.G.Runs = append(s.G.Runs, r)
	return r
}

// Of reads a slice of a row after all sets of the run.
func (s *Script) Of(r *ir.Run, pos int, p arch.Point, sl ir.Slice) ir.NodeID {
	return s.Read(p, s.M, ir.Piece{Run: r.ID, Pos: int32(pos), Sl: sl, After: int32(len(r.Sets))})
}

// Diff wants the difference of two logits at the last position.
func (s *Script) Diff(r *ir.Run) ir.NodeID {
	one := func(tok int) ir.NodeID {
		return s.Of(r, len(r.Tokens)-1, s.M.Arch().Logits(), ir.Slice{Off: int32(tok), N1: 1, S1: 1})
	}
	v := s.M.Arch().Dims.DVocab
	id := s.Op("-", one(1757%v), one(5335%v))
	s.Want = append(s.Want, id)
	return id
}

// Pair adds a clean and a corrupted prompt of n tokens that differ at d alone, and wants their logit
// differences.
func (s *Script) Pair(n, d int) (clean, corrupted *ir.Run) {
	a, b := make([]int32, n), make([]int32, n)
	for i := range a {
		a[i], b[i] = int32((100+i)%s.M.Arch().Dims.DVocab), int32((100+i)%s.M.Arch().Dims.DVocab)
	}
	b[d] = 7
	clean, corrupted = s.Invoke(a), s.Invoke(b)
	s.Diff(clean)
	s.Diff(corrupted)
	return clean, corrupted
}

// ResidSweep patches the residual stream from clean to corrupted at every layer and position, and
// wants logit differences.
func ResidSweep(m ir.Model, n, d int) *Script {
	s := NewScript(m)
	clean, corrupted := s.Pair(n, d)
	for l := range m.Arch().Dims.Layers {
		for pos := range n {
			p := s.At(l, "resid_pre")
			s.Diff(s.Invoke(corrupted.Tokens, ir.Set{Pos: int32(pos), Pt: p, Val: s.Of(clean, pos, p, ir.Slice{})}))
		}
	}
	return s
}

// HeadSweep patches z of every head at all positions.
func HeadSweep(m ir.Model, n, d int) *Script {
	s := NewScript(m)
	clean, corrupted := s.Pair(n, d)
	w := m.Arch().Dims.DHead
	for l := range m.Arch().Dims.Layers {
		for h := range m.Arch().Dims.Heads {
			p, sl := s.At(l, "z"), ir.Slice{Off: int32(h * w), N1: int32(w), S1: 1}
			var sets []ir.Set
			for pos := range n {
				sets = append(sets, ir.Set{Pos: int32(pos), Pt: p, Sl: sl, Val: s.Of(clean, pos, p, sl)})
			}
			s.Diff(s.Invoke(corrupted.Tokens, sets...))
		}
	}
	return s
}

// Prompts are n random prompts of some length.
func Prompts(m ir.Model, n, length int) *Script {
	s, rng := NewScript(m), rand.New(rand.NewSource(1))
	for range n {
		s.Diff(s.Invoke(RandomTokens(rng, m, length)))
	}
	return s
}

// RandomTokens draws a prompt.
func RandomTokens(rng *rand.Rand, m ir.Model, n int) []int32 {
	x := make([]int32, n)
	for i := range x {
		x[i] = int32(rng.Intn(m.Arch().Dims.DVocab))
	}
	return x
}

// Patches set one number of the residual stream from another prompt, n times.
func Patches(m ir.Model, n, length int) *Script {
	s, rng := NewScript(m), rand.New(rand.NewSource(1))
	clean, corrupted := s.Invoke(RandomTokens(rng, m, length)), RandomTokens(rng, m, length)
	for range n {
		p, pos := s.At(rng.Intn(m.Arch().Dims.Layers), "resid_pre"), rng.Intn(length)
		sl := ir.Slice{Off: int32(rng.Intn(m.Arch().Dims.DModel)), N1: 1, S1: 1}
		s.Diff(s.Invoke(corrupted, ir.Set{Pos: int32(pos), Pt: p, Sl: sl, Val: s.Of(clean, pos, p, sl)}))
	}
	return s
}

// LongPatches set the residual stream of a middle layer at every position of a long prompt.
func LongPatches(m ir.Model, length int) *Script {
	s, rng := NewScript(m), rand.New(rand.NewSource(1))
	clean, corrupted := s.Invoke(RandomTokens(rng, m, length)), RandomTokens(rng, m, length)
	p := s.At(m.Arch().Dims.Layers/2, "resid_pre")
	for pos := range length {
		s.Diff(s.Invoke(corrupted, ir.Set{Pos: int32(pos), Pt: p, Val: s.Of(clean, pos, p, ir.Slice{})}))
	}
	return s
}
