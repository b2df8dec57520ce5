package behave

import (
	"fmt"
	"strings"

	"interp/nnrt/arch"
)

// axis is one axis of a value that a script makes: n entries, or of a ragged one as many as lens say.
type axis struct {
	name string
	n    int
	lens []int
}

// place is a site as the generator sees it.
type place struct {
	names   []string // with %d for the layer
	layered bool
	order   int // within the block, or before (layer -1) and after (layer L) all blocks
	layer   int // of a place without layers: -1 or L
	own     []axis
	attn    bool
}

const perBlock = 20

// at says when a place of a layer is computed: those of higher numbers follow from those of lower.
func (p *place) at(layer int) int {
	if !p.layered {
		layer = p.layer
	}
	return (layer+1)*perBlock + p.order
}

func (p *place) name(g *gen, layer string) string {
	s := p.names[g.n(0, len(p.names)-1)]
	if p.layered {
		s = strings.Replace(s, "%d", layer, 1)
	}
	return s
}

// places of GPT-2 in the order they are computed.
func places(d arch.Dims) []*place {
	model, mlp, head := []axis{{name: "d_model", n: d.DModel}}, []axis{{name: "d_mlp", n: d.DMlp}}, []axis{{name: "head", n: d.Heads}, {name: "d_head", n: d.DHead}}
	h, b, L := "transformer.h[%d].", "blocks[%d].", d.Layers
	in := func(order int, own []axis, names ...string) *place {
		return &place{names: names, layered: true, order: order, own: own}
	}
	out := []*place{
		{names: []string{"transformer.wte.output", "hook_embed"}, layer: -1, own: model},
		{names: []string{"transformer.wpe.output", "hook_pos_embed"}, layer: -1, own: model},
		in(0, model, h+"input", b+"hook_resid_pre"),
		in(1, nil, b+"ln1.hook_scale"),
		in(2, model, h+"ln_1.output", b+"ln1.hook_normalized"),
		in(3, head, b+"attn.hook_q"),
		in(3, head, b+"attn.hook_k"),
		in(3, head, b+"attn.hook_v"),
		in(3, append([]axis{{name: "qkv", n: 3}}, head...), h+"attn.c_attn.output"),
		in(7, head, h+"attn.c_proj.input", b+"attn.hook_z"),
		in(8, []axis{head[0], model[0]}, b+"attn.hook_result"),
		in(9, model, h+"attn.output", b+"hook_attn_out"),
		in(10, model, h+"ln_2.input", b+"hook_resid_mid"),
		in(11, nil, b+"ln2.hook_scale"),
		in(12, model, h+"ln_2.output", b+"ln2.hook_normalized"),
		in(13, mlp, h+"mlp.c_fc.output", b+"mlp.hook_pre"),
		in(14, mlp, h+"mlp.c_proj.input", b+"mlp.hook_post"),
		in(15, model, h+"mlp.output", b+"hook_mlp_out"),
		in(perBlock, model, h+"output", b+"hook_resid_post"),
		{names: []string{"transformer.ln_f.input"}, layer: L, own: model},
		{names: []string{"ln_final.hook_scale"}, layer: L, order: 1},
		{names: []string{"transformer.ln_f.output", "ln_final.hook_normalized"}, layer: L, order: 2, own: model},
		{names: []string{"lm_head.output", "logits"}, layer: L, order: 3, own: []axis{{name: "d_vocab", n: d.DVocab}}},
	}
	for i, name := range []string{"attn.hook_attn_scores", "attn.hook_pattern"} {
		p := in(5+i, head[:1], b+name)
		p.attn = true
		out = append(out, p)
	}
	return out
}

// pick is an index on one axis: which entries, and whether the axis goes.
type pick struct {
	text string
	at   []int
	drop bool
}

func whole(n int) pick {
	p := pick{text: ":"}
	for i := range n {
		p.at = append(p.at, i)
	}
	return p
}

// entry picks entry i of n, counted from either end.
func (g *gen) entry(i, n int) pick {
	text := fmt.Sprint(i)
	if g.chance(30) {
		text = fmt.Sprint(i - n)
	}
	return pick{text: text, at: []int{i}, drop: true}
}

// some picks entries of an axis below limit.
func (g *gen) some(n, limit int) pick {
	if limit <= 0 || limit > n {
		limit = n
	}
	switch k := g.n(0, 9); {
	case k < 3 && limit == n:
		return whole(n)
	case k < 6:
		return g.entry(g.n(0, limit-1), n)
	case k < 8:
		lo := g.n(0, limit-1)
		return g.span(n, lo, g.n(lo+1, limit), 1)
	case k < 9:
		lo := g.n(0, limit-1)
		return g.span(n, lo, limit, g.n(2, 3))
	}
	p := pick{}
	for i := range g.n(1, 3) {
		if at := (g.n(0, limit-1) + i) % limit; len(p.at) == 0 || !has(p.at, at) {
			p.at = append(p.at, at)
		}
	}
	p.text = list(p.at)
	return p
}

func (g *gen) span(n, lo, hi, step int) pick {
	p := pick{}
	for i := lo; i < hi; i += step {
		p.at = append(p.at, i)
	}
	a, b := fmt.Sprint(lo), fmt.Sprint(hi)
	if lo == 0 && g.chance(50) {
		a = ""
	}
	if hi == n && g.chance(50) {
		b = ""
	}
	p.text = a + ":" + b
	if step > 1 {
		p.text += fmt.Sprintf(":%d", step)
	}
	return p
}

// exactly picks n entries below limit of an axis of size; false where it has not as many.
func (g *gen) exactly(n, size, limit int) (pick, bool) {
	if limit <= 0 || limit > size {
		limit = size
	}
	if n > limit {
		return pick{}, false
	}
	if n == size && g.chance(70) {
		return whole(n), true
	}
	step := 1
	if n > 1 && (n-1)*2 < limit && g.chance(30) {
		step = 2
	}
	lo := g.n(0, limit-1-(n-1)*step)
	return g.span(size, lo, lo+(n-1)*step+1, step), true
}

func has(xs []int, x int) bool {
	for _, y := range xs {
		if x == y {
			return true
		}
	}
	return false
}

func list(xs []int) string { return strings.ReplaceAll(fmt.Sprint(xs), " ", ", ") }

// index writes picks as an index: trailing whole ones may go, names may stand for places.
func (g *gen) index(axes []axis, ps []pick) string {
	if g.chance(15) {
		var parts []string
		for i, p := range ps {
			if p.text != ":" && axes[i].name != "qkv" && axes[i].name != "layer" {
				parts = append(parts, axes[i].name+"="+p.text)
			} else if p.text != ":" {
				parts = nil
				break
			}
		}
		if len(parts) > 0 {
			return "[" + strings.Join(parts, ", ") + "]"
		}
	}
	n := len(ps)
	for n > 0 && ps[n-1].text == ":" && g.chance(60) {
		n--
	}
	if n == 0 {
		return ""
	}
	var parts []string
	for _, p := range ps[:n] {
		parts = append(parts, p.text)
	}
	return "[" + strings.Join(parts, ", ") + "]"
}
