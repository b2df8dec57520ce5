package nnrt

import "interp/nnrt/nn"

// gpt2 is GPT-2 (Radford et al., 2019): its layers under the names of their weights.
type gpt2 struct {
	WTE  nn.Table     `name:"wte"`
	WPE  nn.Table     `name:"wpe"`
	H    []gpt2Block  `name:"h"`
	LNF  nn.LayerNorm `name:"ln_f"`
	Head nn.Table     `name:"lm_head"`
}

// gpt2Block is h = x + attn(ln_1(x)), then h + mlp(ln_2(h)). QKV has the columns of queries, keys and
// values side by side.
type gpt2Block struct {
	LN1  nn.LayerNorm `name:"ln_1"`
	QKV  nn.Linear    `name:"attn.c_attn"`
	Attn nn.Attention
	Proj nn.Linear    `name:"attn.c_proj"`
	LN2  nn.LayerNorm `name:"ln_2"`
	Up   nn.Linear    `name:"mlp.c_fc"`
	Act  nn.Act
	Down nn.Linear `name:"mlp.c_proj"`
}

func newGPT2(c Config) network {
	d := c.Dims
	g := &gpt2{H: make([]gpt2Block, d.Layers), LNF: nn.LayerNorm{Eps: c.Epsilon}}
	for l := range g.H {
		scale := c.scores
		if c.ByLayer {
			scale /= float64(l + 1)
		}
		g.H[l] = gpt2Block{
			LN1: nn.LayerNorm{Eps: c.Epsilon}, LN2: nn.LayerNorm{Eps: c.Epsilon}, Act: c.act,
			Attn: nn.Attention{Heads: d.Heads, KVHeads: d.KVHeads, DHead: d.DHead, Scale: float32(scale)},
		}
	}
	return g
}

// units is the computation, point by point in the order of arch.GPT2.
func (g *gpt2) units(layer int) map[string]unit {
	switch {
	case layer < 0:
		return map[string]unit{
			"wte": lookup{Table: &g.WTE},
			"wpe": lookup{Table: &g.WPE, byPos: true},
		}
	case layer == len(g.H):
		return map[string]unit{
			"resid_pre": sum{},
			"lnf_scale": scale{&g.LNF},
			"lnf":       normalize{&g.LNF},
			"logits":    unembed{&g.Head},
		}
	}
	return g.H[layer].units()
}

func (h *gpt2Block) units() map[string]unit {
	attn, queries := attention{Attention: &h.Attn}, h.Attn.Heads*h.Attn.DHead
	return map[string]unit{
		"resid_pre": sum{},
		"ln1_scale": scale{&h.LN1},
		"ln1":       normalize{&h.LN1},
		"kv":        project{Linear: &h.QKV, n0: queries},
		"q":         project{Linear: &h.QKV, n1: queries},
		"scores":    scores{attn},
		"pattern":   pattern{attn},
		"z":         mix{attn},
		"attention": fused{attn},
		"attn_out":  project{Linear: &h.Proj},
		"resid_mid": sum{},
		"ln2_scale": scale{&h.LN2},
		"ln2":       normalize{&h.LN2},
		"pre":       project{Linear: &h.Up},
		"post":      activate{Act: h.Act},
		"mlp_out":   project{Linear: &h.Down},
	}
}
