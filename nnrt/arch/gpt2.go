package arch

// GPT2 is the architecture of GPT-2: learned positions, LayerNorm before attention and MLP, fused
// query, key and value projection, weights stored [in, out].
func GPT2(d Dims) (*Arch, error) {
	model := Axis{"d_model", d.DModel}
	head := []Axis{{"head", d.Heads}, {"d_head", d.DHead}}
	keys := []Axis{{"head", d.Heads}, {"key", Keys}}
	mlp := Axis{"d_mlp", d.DMlp}
	return New(Arch{
		Name: "gpt2", Dims: d,
		Embed: []Row{
			{Kind: "wte", Axes: []Axis{model}},
			{Kind: "wpe", Axes: []Axis{model}, PosDep: true},
		},
		Block: []Row{
			{Kind: "resid_pre", Axes: []Axis{model}, Inputs: []Input{{"resid_mid", true}, {"mlp_out", true}}},
			{Kind: "ln1_scale", Inputs: own("resid_pre")},
			{Kind: "ln1", Axes: []Axis{model}, Inputs: own("resid_pre", "ln1_scale")},
			{Kind: "kv", Axes: []Axis{{"kv", 2}, head[0], head[1]}, Inputs: own("ln1"), KV: true},
			{Kind: "q", Axes: head, Inputs: own("ln1"), Stage: QKV},
			{Kind: "arrive", Arrive: true},
			{Kind: "scores", Axes: keys, Inputs: own("q"), Keys: true},
			{Kind: "pattern", Axes: keys, Inputs: own("scores")},
			{Kind: "z", Axes: head, Inputs: own("pattern"), Keys: true, Stage: Z},
			{Kind: "attn_out", Axes: []Axis{model}, Inputs: own("z")},
			{Kind: "resid_mid", Axes: []Axis{model}, Inputs: own("resid_pre", "attn_out"), Stage: Mid},
			{Kind: "ln2_scale", Inputs: own("resid_mid")},
			{Kind: "ln2", Axes: []Axis{model}, Inputs: own("resid_mid", "ln2_scale")},
			{Kind: "pre", Axes: []Axis{mlp}, Inputs: own("ln2")},
			{Kind: "post", Axes: []Axis{mlp}, Inputs: own("pre")},
			{Kind: "mlp_out", Axes: []Axis{model}, Inputs: own("post"), Stage: Post},
		},
		Final: []Row{
			{Kind: "resid_pre", Axes: []Axis{model}, Inputs: []Input{{"resid_mid", true}, {"mlp_out", true}}},
			{Kind: "lnf_scale", Inputs: own("resid_pre")},
			{Kind: "lnf", Axes: []Axis{model}, Inputs: own("resid_pre", "lnf_scale")},
			{Kind: "logits", Axes: []Axis{{"d_vocab", d.DVocab}}, Inputs: own("lnf")},
		},
		Sites:   gpt2Sites(d),
		Modules: gpt2Modules(d),
		Weights: gpt2Weights(d),
	})
}

func own(kinds ...string) []Input {
	in := make([]Input, len(kinds))
	for i, k := range kinds {
		in[i] = Input{Kind: k}
	}
	return in
}

// gpt2Sites is the table of design documents: one row a site, all its names.
func gpt2Sites(d Dims) []*Site {
	bp := []string{"batch", "pos"}
	model := []Axis{{"d_model", d.DModel}}
	head := []Axis{{"head", d.Heads}, {"d_head", d.DHead}}
	mlp := []Axis{{"d_mlp", d.DMlp}}
	attn := []string{"batch", "head", "query", "key"}
	h := "transformer.h[]."
	b := "blocks[]."
	return []*Site{
		{Name: "embed", Kind: "wte", Shift: -1, HF: []string{"transformer.wte.output"}, TL: []string{"hook_embed"}, Lead: bp, Axes: model},
		{Name: "pos_embed", Kind: "wpe", Shift: -1, HF: []string{"transformer.wpe.output"}, TL: []string{"hook_pos_embed"}, Lead: bp, Axes: model},
		{Name: "resid_first", Kind: "resid_pre", HF: []string{"transformer.drop.output", "transformer.drop.input"}, Lead: bp, Axes: model},
		{Name: "resid_pre", Kind: "resid_pre", Layered: true, HF: []string{h + "input", h + "ln_1.input"}, TL: []string{b + "hook_resid_pre"}, Lead: bp, Axes: model},
		{Name: "ln1_scale", Kind: "ln1_scale", Layered: true, TL: []string{b + "ln1.hook_scale"}, Lead: bp},
		{Name: "ln1", Kind: "ln1", Layered: true, HF: []string{h + "ln_1.output", h + "attn.input", h + "attn.c_attn.input"}, TL: []string{b + "ln1.hook_normalized"}, Lead: bp, Axes: model},
		{Name: "c_attn", Layered: true, HF: []string{h + "attn.c_attn.output"}, Lead: []string{"batch", "pos", "qkv"}, Axes: head, Parts: []string{"q", "k", "v"}},
		{Name: "q", Kind: "q", Layered: true, TL: []string{b + "attn.hook_q"}, Lead: bp, Axes: head},
		{Name: "k", Kind: "kv", Layered: true, TL: []string{b + "attn.hook_k"}, Lead: bp, Axes: head},
		{Name: "v", Kind: "kv", Layered: true, TL: []string{b + "attn.hook_v"}, Lead: bp, Axes: head, Sub: 1},
		{Name: "attn_scores", Kind: "scores", Layered: true, TL: []string{b + "attn.hook_attn_scores"}, Lead: attn, Attn: true, Fill: negInf},
		{Name: "pattern", Kind: "pattern", Layered: true, HF: []string{h + "attn.attn_dropout.output", h + "attn.attn_dropout.input"}, TL: []string{b + "attn.hook_pattern"}, Lead: attn, Attn: true},
		{Name: "z", Kind: "z", Layered: true, HF: []string{h + "attn.c_proj.input"}, TL: []string{b + "attn.hook_z"}, Lead: bp, Axes: head},
		{Name: "result", Layered: true, TL: []string{b + "attn.hook_result"}, Lead: bp, Axes: []Axis{head[0], model[0]}, Derived: true},
		{Name: "attn_out", Kind: "attn_out", Layered: true, HF: []string{h + "attn.output", h + "attn.c_proj.output", h + "attn.resid_dropout.output", h + "attn.resid_dropout.input"}, TL: []string{b + "hook_attn_out"}, Lead: bp, Axes: model},
		{Name: "resid_mid", Kind: "resid_mid", Layered: true, HF: []string{h + "ln_2.input"}, TL: []string{b + "hook_resid_mid"}, Lead: bp, Axes: model},
		{Name: "ln2_scale", Kind: "ln2_scale", Layered: true, TL: []string{b + "ln2.hook_scale"}, Lead: bp},
		{Name: "ln2", Kind: "ln2", Layered: true, HF: []string{h + "ln_2.output", h + "mlp.input", h + "mlp.c_fc.input"}, TL: []string{b + "ln2.hook_normalized"}, Lead: bp, Axes: model},
		{Name: "pre", Kind: "pre", Layered: true, HF: []string{h + "mlp.c_fc.output", h + "mlp.act.input"}, TL: []string{b + "mlp.hook_pre"}, Lead: bp, Axes: mlp},
		{Name: "post", Kind: "post", Layered: true, HF: []string{h + "mlp.c_proj.input", h + "mlp.act.output"}, TL: []string{b + "mlp.hook_post"}, Lead: bp, Axes: mlp},
		{Name: "mlp_out", Kind: "mlp_out", Layered: true, HF: []string{h + "mlp.output", h + "mlp.c_proj.output", h + "mlp.dropout.output", h + "mlp.dropout.input"}, TL: []string{b + "hook_mlp_out"}, Lead: bp, Axes: model},
		{Name: "resid_post", Kind: "resid_pre", Shift: 1, Layered: true, HF: []string{h + "output"}, TL: []string{b + "hook_resid_post"}, Lead: bp, Axes: model},
		{Name: "resid_final", Kind: "resid_pre", Shift: d.Layers, HF: []string{"transformer.ln_f.input"}, Lead: bp, Axes: model},
		{Name: "lnf_scale", Kind: "lnf_scale", Shift: d.Layers, TL: []string{"ln_final.hook_scale"}, Lead: bp},
		{Name: "lnf", Kind: "lnf", Shift: d.Layers, HF: []string{"transformer.ln_f.output", "lm_head.input", "transformer.output"}, TL: []string{"ln_final.hook_normalized"}, Lead: bp, Axes: model},
		{Name: "logits", Kind: "logits", Shift: d.Layers, HF: []string{"lm_head.output"}, TL: []string{"logits"}, Lead: bp, Axes: []Axis{{"d_vocab", d.DVocab}}},
	}
}

func gpt2Modules(d Dims) []*Module {
	m, h, b := d.DModel, "transformer.h[]", "blocks[]"
	return []*Module{
		{Path: "lm_head", TL: "unembed", In: m, Out: d.DVocab, OutAxis: "d_vocab", Kinds: []string{"logits"}},
		{Path: "transformer.ln_f", TL: "ln_final", In: m, Out: m, Kinds: []string{"lnf_scale", "lnf"}},
		{Path: h + ".ln_1", TL: b + ".ln1", Layered: true, In: m, Out: m, Kinds: []string{"ln1_scale", "ln1"}},
		{Path: h + ".ln_2", TL: b + ".ln2", Layered: true, In: m, Out: m, Kinds: []string{"ln2_scale", "ln2"}},
		{Path: h + ".mlp", TL: b + ".mlp", Layered: true, In: m, Out: m, Kinds: []string{"pre", "post", "mlp_out"}},
		{Path: h + ".mlp.c_fc", Layered: true, In: m, Out: d.DMlp, OutAxis: "d_mlp", Kinds: []string{"pre"}},
		{Path: h + ".mlp.act", Layered: true, In: d.DMlp, Out: d.DMlp, Kinds: []string{"post"}},
		{Path: h + ".mlp.c_proj", Layered: true, In: d.DMlp, Out: m, OutAxis: "d_model", Kinds: []string{"mlp_out"}},
		{Path: h + ".attn", TL: b + ".attn", Layered: true, In: m, Out: m, Pos: true, Kinds: []string{"kv", "q", "scores", "pattern", "z", "attn_out"}},
		{Path: h + ".attn.c_attn", Layered: true, In: m, Out: 3 * m, Kinds: []string{"q", "kv"}},
		{Path: h + ".attn.c_proj", Layered: true, In: d.Heads * d.DHead, Out: m, Kinds: []string{"attn_out"}},
		{Path: h, TL: b, Layered: true, In: m, Out: m, Pos: true, Kinds: []string{"ln1_scale", "ln1", "kv", "q", "scores", "pattern", "z", "attn_out", "resid_mid", "ln2_scale", "ln2", "pre", "post", "mlp_out"}},
	}
}

func gpt2Weights(d Dims) []Weight {
	m, f := d.DModel, d.DMlp
	layer := func(name string, axes []string, shape ...int) Weight {
		return Weight{Name: "h.[]." + name, Shape: shape, Axes: axes, Layers: true}
	}
	return []Weight{
		{Name: "wte.weight", Shape: []int{d.DVocab, m}, Axes: []string{"d_vocab", "d_model"}},
		{Name: "wpe.weight", Shape: []int{d.NCtx, m}, Axes: []string{"pos", "d_model"}},
		layer("ln_1.weight", []string{"d_model"}, m),
		layer("ln_1.bias", []string{"d_model"}, m),
		layer("attn.c_attn.weight", []string{"d_model", ""}, m, 3*m),
		layer("attn.c_attn.bias", []string{""}, 3*m),
		layer("attn.c_proj.weight", []string{"", "d_model"}, m, m),
		layer("attn.c_proj.bias", []string{"d_model"}, m),
		layer("ln_2.weight", []string{"d_model"}, m),
		layer("ln_2.bias", []string{"d_model"}, m),
		layer("mlp.c_fc.weight", []string{"d_model", "d_mlp"}, m, f),
		layer("mlp.c_fc.bias", []string{"d_mlp"}, f),
		layer("mlp.c_proj.weight", []string{"d_mlp", "d_model"}, f, m),
		layer("mlp.c_proj.bias", []string{"d_model"}, m),
		{Name: "ln_f.weight", Shape: []int{m}, Axes: []string{"d_model"}},
		{Name: "ln_f.bias", Shape: []int{m}, Axes: []string{"d_model"}},
		{Name: "lm_head.weight", Shape: []int{d.DVocab, m}, Axes: []string{"d_vocab", "d_model"}, Tied: "wte.weight"},
	}
}
