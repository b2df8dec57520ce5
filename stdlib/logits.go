package stdlib

import (
	"strconv"

	"interp/ir"
	"interp/nnrt/tensor"
)

// logitRows are the field's usual measures of logits. Those of a prompt's answer look at its last
// position and give one number a prompt.
var logitRows = []*ir.OpRow{
	composed(&ir.OpRow{Name: "logit_diff", Doc: "The logit of a minus that of b at each prompt's last position. logits: [batch pos d_vocab] or [batch d_vocab]; a, b: one id or one a prompt; result: [batch].",
		Params: []ir.Param{arr("logits", "logits"), arr("a", "the right answer's id"), arr("b", "the wrong answer's id")}, Example: "print logit_diff([[1.0, 5.0, 2.0]], 1, 2)\n# [1]\n# [3.0000]"}, evalLogitDiff),
	composed(&ir.OpRow{Name: "prob", Doc: "The probability of an id at each prompt's last position. logits: [batch pos d_vocab] or [batch d_vocab]; id: one or one a prompt; result: [batch].",
		Params: []ir.Param{arr("logits", "logits"), arr("id", "a token id")}, Example: "print prob([[0.0, 0.0]], 1)\n# [1]\n# [0.5000]"}, evalProb),
	{Name: "top_tokens", Doc: "The k likeliest tokens at each prompt's last position, falling: for one prompt a list of {text, id, prob}, for several a list of those lists. logits: [batch pos d_vocab], [batch d_vocab] or [d_vocab].", NoGrad: noNumbers,
		Params: []ir.Param{arr("logits", "logits"), opt("k", int64(5), "how many")}, Example: "print len(top_tokens(zeros(1, d_vocab), 3))\n# 3", Infer: inferTopTokens, Eval: evalTopTokens},
	topRow,
	withIDs(&ir.OpRow{Name: "loss", Doc: "The mean next-token loss over each row's own positions. logits: [batch pos d_vocab]; ids: [batch pos], or a list of ids for each prompt; result: [batch].",
		Params: []ir.Param{arr("logits", "logits"), arr("ids", "the token ids")}, Example: "print loss([[[0.0, 0.0], [0.0, 0.0]]], [[0, 1]]) - log(2)\n# [1]\n# [0.0000]",
		Infer: pairInfer(tensor.LossType), Eval: pairEval(tensor.Loss),
		Grad: gradXIds(func(_ *ir.Call, x, ids, _, dout *tensor.Array) (*tensor.Array, error) {
			return tensor.LossGrad(x, ids, dout)
		})}),
	withIDs(&ir.OpRow{Name: "cross_entropy", Doc: "-log p of ids along the last axis. logits: [batch pos d_vocab], ids: [batch pos], or a list of ids for each prompt; result: [batch pos].",
		Params: []ir.Param{arr("logits", "logits"), arr("ids", "the right ids")}, Example: "print cross_entropy([0.0, 0.0], 1) - log(2)\n# 0.0",
		Infer: pairInfer(tensor.CrossEntropyType), Eval: pairEval(tensor.CrossEntropy),
		Grad: gradXIds(func(_ *ir.Call, x, ids, out, dout *tensor.Array) (*tensor.Array, error) {
			return tensor.CrossEntropyGrad(x, ids, out, dout)
		})}),
	pairRow(tensor.KLDiv, "kl_div", "The Kullback-Leibler divergence KL(p || q) of the distributions that two arrays of logits give, along an axis. p, q: [.. n]; result: [..].", "print kl_div([0.0, 0.0], [0.0, 0.0])\n# 0.0", "p", "q"),
}

// withIDs completes a row whose second argument is ids: lists of ids that differ in number, as prompts
// do, are one ragged array.
func withIDs(r *ir.OpRow) *ir.OpRow {
	infer, eval, grad := r.Infer, r.Eval, r.Grad
	r.Infer = func(c *ir.Call) (ir.Value, error) { return infer(ownIDs(c)) }
	r.Eval = func(c *ir.Call) (ir.Value, error) { return eval(ownIDs(c)) }
	r.Grad = func(c *ir.Call, arg int, out, dout *tensor.Array) (*tensor.Array, error) {
		return grad(ownIDs(c), arg, out, dout)
	}
	return r
}

// ownIDs makes [batch pos] of lists of ids of several lengths.
func ownIDs(c *ir.Call) *ir.Call {
	l, ok := c.Args[1].(*ir.List)
	if !ok {
		return c
	}
	rows := make([]*tensor.Array, len(l.Items))
	for i, item := range l.Items {
		ids, ok := item.(*ir.List)
		if !ok {
			return c
		}
		if len(ids.Items) == 0 { // what follows the only token of a prompt
			rows[i] = tensor.FromI64(nil, []int{0}, nil)
			continue
		}
		if rows[i] = numbers(ids); rows[i] == nil {
			return c
		}
	}
	a, err := tensor.NewRagged([]string{"batch", "pos"}, rows)
	if err != nil || !a.IsRagged() {
		return c
	}
	ragged := *c
	ragged.Args = []ir.Value{c.Args[0], a}
	return &ragged
}

// composed completes a row that is made of other rows: called lazily it makes their nodes.
func composed(r *ir.OpRow, f func(c *ir.Call) (ir.Value, error)) *ir.OpRow {
	r.Infer, r.Eval = f, f
	r.Composed = true
	return r
}

func call(c *ir.Call, name string, args ...ir.Value) (ir.Value, error) {
	r, _ := Lookup(name)
	for len(args) < len(r.Params) {
		args = append(args, r.Params[len(args)].Default)
	}
	return c.Env.Op(r, nil, args...)
}

// lastLogits are the logits at each prompt's last position: [batch d_vocab].
func lastLogits(c *ir.Call) (ir.Value, error) {
	t, err := typeArg(c, 0)
	if err != nil {
		return nil, err
	}
	v := c.Args[0]
	if _, lazy := v.(*ir.Lazy); !lazy {
		if v, err = arrayArg(c, 0); err != nil {
			return nil, err
		}
	}
	for k, name := range t.Axes {
		if name == "pos" {
			ix := make([]tensor.Ix, k+1)
			for i := range ix {
				ix[i] = tensor.Ix{Kind: tensor.Slice}
			}
			ix[k] = tensor.Ix{Kind: tensor.Entry, I: -1}
			return c.Env.Index(v, ix)
		}
	}
	if t.Rank() == 3 {
		return c.Env.Index(v, []tensor.Ix{{Kind: tensor.Slice}, {Kind: tensor.Entry, I: -1}})
	}
	if t.Rank() == 0 || t.Rank() > 3 {
		return nil, errf("%s: logits: want [batch pos d_vocab] or [batch d_vocab], got %s", c.Row.Name, t)
	}
	return v, nil
}

// picked are the entries of ids: by an index where they are one known id, so that no more is read.
func picked(c *ir.Call, v, ids ir.Value) (ir.Value, error) {
	if n, ok := intOf(ids); ok {
		return c.Env.Index(v, []tensor.Ix{{Kind: tensor.Ellipsis}, {Kind: tensor.Entry, I: int(min(max(n, -maxDim), maxDim))}})
	}
	return call(c, "pick", v, ids)
}

func evalLogitDiff(c *ir.Call) (ir.Value, error) {
	last, err := lastLogits(c)
	if err != nil {
		return nil, err
	}
	a, err := picked(c, last, c.Args[1])
	if err != nil {
		return nil, err
	}
	b, err := picked(c, last, c.Args[2])
	if err != nil {
		return nil, err
	}
	return call(c, "-", a, b)
}

func evalProb(c *ir.Call) (ir.Value, error) {
	last, err := lastLogits(c)
	if err != nil {
		return nil, err
	}
	p, err := call(c, "softmax", last, nil)
	if err != nil {
		return nil, err
	}
	return picked(c, p, c.Args[1])
}

// topRow is the k likeliest tokens of [.. d_vocab] logits, when they are known.
var topRow = &ir.OpRow{Name: "top_tokens of", Hidden: true, NoGrad: noNumbers, Params: []ir.Param{arr("logits", ""), par("k", "")},
	Infer: lazyKind(ir.KList),
	Eval: func(c *ir.Call) (ir.Value, error) {
		a, err := arrayArg(c, 0)
		if err != nil {
			return nil, err
		}
		k, err := intArg(c, 1)
		if err != nil {
			return nil, err
		}
		p, err := tensor.Along(tensor.Softmax, a, nil)
		if err != nil {
			return nil, err
		}
		vals, ids, err := tensor.TopK(p, int(min(max(k, -1), maxDim)), nil)
		if err != nil {
			return nil, err
		}
		return topLists(c, vals, ids, int(k))
	},
}

func topLists(c *ir.Call, vals, ids *tensor.Array, k int) (ir.Value, error) {
	tok, err := tokenizer(c)
	if err != nil {
		return nil, err
	}
	rows := []ir.Value{}
	for r := 0; r*k < ids.Size() && k > 0; r++ {
		row := make([]ir.Value, k)
		for i := range row {
			id := ids.I64()[r*k+i]
			text, err := tok.Decode([]int32{int32(id)})
			if err != nil {
				text = ""
			}
			row[i] = &ir.Record{Keys: []string{"text", "id", "prob"}, Vals: []ir.Value{text, id, decimal(vals.F32()[r*k+i])}}
		}
		rows = append(rows, &ir.List{Items: row})
	}
	if len(rows) == 1 {
		return rows[0], nil
	}
	return &ir.List{Items: rows}, nil
}

// decimal is the number that a float32 is printed as: a float64 of the same value would show digits that it
// does not have.
func decimal(x float32) float64 {
	d, _ := strconv.ParseFloat(strconv.FormatFloat(float64(x), 'g', -1, 32), 64)
	return d
}

func evalTopTokens(c *ir.Call) (ir.Value, error) {
	last, err := lastLogits(c)
	if err != nil {
		return nil, err
	}
	return c.Env.Op(topRow, nil, last, c.Args[1])
}

func inferTopTokens(c *ir.Call) (ir.Value, error) { return evalTopTokens(c) }
