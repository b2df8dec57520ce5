package nnrt

import (
	"interp/nnrt/kern"
	"interp/nnrt/nn"
)

// unit is what computes the rows of one point: a layer, or a part of one, bound to its weights. An
// architecture is a table of units beside the table of its points.
type unit interface {
	rows(p *kern.Pool, r *Rows) error
	// back adds the gradient of input i, or of the keys and values where i is toKeys.
	back(p *kern.Pool, i int, b *Back) error
	// reads are the inputs whose rows back needs; those with keys need these too.
	reads() []int
	// layer has the unit's weights; nil: it has none.
	layer() nn.Layer
	// backParam adds the gradient of the layer's weight, or of its bias, row by row in order.
	backParam(p *kern.Pool, bias bool, b *Back, acc []float32) error
}

// toKeys is the number of the input that keys and values are.
const toKeys = -1

// plain is the part that units without weights share.
type plain struct{}

func (plain) layer() nn.Layer { return nil }

func (plain) backParam(*kern.Pool, bool, *Back, []float32) error { return nil }

// lookup is a row of a table, by token or by position.
type lookup struct {
	*nn.Table
	byPos bool
}

func (u lookup) ids(r *Rows) []int32 {
	if u.byPos {
		return r.Pos
	}
	return r.Tok
}

func (lookup) reads() []int { return nil }

func (u lookup) layer() nn.Layer                   { return u.Table }
func (u lookup) rows(_ *kern.Pool, r *Rows) error  { return u.Rows(r.Out, u.ids(r)) }
func (u lookup) back(*kern.Pool, int, *Back) error { return nil }
func (u lookup) backParam(_ *kern.Pool, _ bool, b *Back, acc []float32) error {
	u.RowsBackParam(acc, u.ids(&b.Rows), b.D)
	return nil
}

// sum is a residual connection; at the bottom it joins token and position.
type sum struct{ plain }

func (sum) reads() []int { return nil }

func (sum) rows(p *kern.Pool, r *Rows) error {
	nn.Add(p, r.Out, r.In[0], r.In[1])
	return nil
}

func (sum) back(p *kern.Pool, i int, b *Back) error {
	nn.AddTo(p, b.DIn[i], b.D)
	return nil
}

// scale is the first step of a norm: input 0 is what is normalised.
type scale struct{ *nn.LayerNorm }

func (scale) reads() []int { return []int{0} }

func (u scale) layer() nn.Layer { return nil } // weights belong to the second step

func (u scale) rows(p *kern.Pool, r *Rows) error {
	u.Scales(p, r.Out, r.In[0])
	return nil
}

func (u scale) back(p *kern.Pool, _ int, b *Back) error {
	u.ScalesBack(p, b.DIn[0], b.In[0], b.D)
	return nil
}

func (scale) backParam(*kern.Pool, bool, *Back, []float32) error { return nil }

// normalize is the second step: input 0 is what is normalised, input 1 the scale.
type normalize struct{ *nn.LayerNorm }

func (normalize) reads() []int { return []int{0, 1} }

func (u normalize) layer() nn.Layer { return u.LayerNorm }

func (u normalize) rows(p *kern.Pool, r *Rows) error {
	u.Normalize(p, r.Out, r.In[0], r.In[1])
	return nil
}

func (u normalize) back(p *kern.Pool, i int, b *Back) error {
	if i == 0 {
		u.NormalizeBack(p, b.DIn[0], b.In[1], b.D)
	} else {
		u.NormalizeBackScales(p, b.DIn[1], b.In[0], b.In[1], b.D)
	}
	return nil
}

func (u normalize) backParam(_ *kern.Pool, bias bool, b *Back, acc []float32) error {
	u.BackParam(acc, b.In[0], b.In[1], b.D, bias)
	return nil
}

// project is some columns of a linear layer; n1 is 0 for all.
type project struct {
	*nn.Linear
	n0, n1 int
}

func (u project) end() int {
	if u.n1 == 0 {
		return u.Out()
	}
	return u.n1
}

func (project) reads() []int { return nil }

func (u project) layer() nn.Layer { return u.Linear }

func (u project) rows(p *kern.Pool, r *Rows) error {
	u.Rows(p, r.Out, r.In[0], u.n0, u.end())
	return nil
}

func (u project) back(p *kern.Pool, _ int, b *Back) error {
	u.Back(p, b.DIn[0], b.D, u.n0, u.end())
	return nil
}

func (u project) backParam(p *kern.Pool, bias bool, b *Back, acc []float32) error {
	u.BackParam(p, acc, b.In[0], b.D, u.n0, bias)
	return nil
}

// scores, pattern and mix are attention in three steps, fused all at once.
type (
	scores  struct{ attention }
	pattern struct{ attention }
	mix     struct{ attention }
	fused   struct{ attention }
)

type attention struct {
	plain
	*nn.Attention
}

func (attention) reads() []int { return []int{0} }

func (u scores) rows(p *kern.Pool, r *Rows) error {
	u.Scores(p, r.Out, r.In[0], r.Keys)
	return nil
}

func (u scores) back(p *kern.Pool, i int, b *Back) error {
	if i == toKeys {
		u.ScoresBackKeys(b.DKeys, b.In[0], b.D)
	} else {
		u.ScoresBack(p, b.DIn[0], b.Keys, b.D)
	}
	return nil
}

func (u pattern) rows(p *kern.Pool, r *Rows) error {
	u.Pattern(p, r.Out, r.In[0])
	return nil
}

func (u pattern) back(p *kern.Pool, _ int, b *Back) error {
	u.PatternBack(p, b.DIn[0], b.In[0], b.D)
	return nil
}

func (u mix) rows(p *kern.Pool, r *Rows) error {
	u.Mix(p, r.Out, r.In[0], r.Keys)
	return nil
}

func (u mix) back(p *kern.Pool, i int, b *Back) error {
	if i == toKeys {
		u.MixBackKeys(b.DKeys, b.In[0], b.D)
	} else {
		u.MixBack(p, b.DIn[0], b.Keys, b.D)
	}
	return nil
}

func (u fused) rows(p *kern.Pool, r *Rows) error {
	u.Fused(p, r.Out, r.In[0], r.Keys)
	return nil
}

func (fused) back(*kern.Pool, int, *Back) error { return nil }

// activate is the nonlinearity of an MLP.
type activate struct {
	plain
	nn.Act
}

func (activate) reads() []int { return []int{0} }

func (u activate) rows(p *kern.Pool, r *Rows) error {
	u.Rows(p, r.Out, r.In[0])
	return nil
}

func (u activate) back(p *kern.Pool, _ int, b *Back) error {
	u.Back(p, b.DIn[0], b.In[0], b.D)
	return nil
}

// unembed is the product with the rows of a table: logits.
type unembed struct{ *nn.Table }

func (unembed) reads() []int { return nil }

func (u unembed) layer() nn.Layer { return u.Table }

func (u unembed) rows(p *kern.Pool, r *Rows) error { return u.Logits(p, r.Out, r.In[0], r.Cols) }

func (u unembed) back(p *kern.Pool, _ int, b *Back) error {
	return u.LogitsBack(p, b.DIn[0], b.D, b.Cols)
}

func (u unembed) backParam(_ *kern.Pool, _ bool, b *Back, acc []float32) error {
	u.LogitsBackParam(acc, b.In[0], b.D, b.Cols)
	return nil
}
