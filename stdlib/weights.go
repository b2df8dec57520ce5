package stdlib

import (
	"fmt"
	"strings"

	"interp/ir"
	"interp/nnrt/arch"
	"interp/nnrt/tensor"
)

// weightRows read the checkpoint's own numbers: nothing is folded or centred.
var weightRows = func() []*ir.OpRow {
	rows := []*ir.OpRow{
		{Name: "param", Weights: true, Doc: "A parameter of the checkpoint by its name, in its own layout.", NoGrad: "it is what grad(metric, param(name)) speaks of",
			Params: []ir.Param{par("name", "such as transformer.h.3.mlp.c_fc.weight")}, Example: "print param(\"transformer.ln_f.weight\").shape == [d_model]\n# True", Infer: inferParam, Eval: evalParam},
	}
	for _, w := range weightNames {
		rows = append(rows, weightRow(w))
	}
	return rows
}()

// weightName is one of TransformerLens' names.
type weightName struct {
	name  string
	axes  []string // of the whole: [layer head ..] in front where there are layers and heads
	dims  func(arch.Dims) []int
	about string
}

var weightNames = []weightName{
	{"W_E", []string{"d_vocab", "d_model"}, func(d arch.Dims) []int { return []int{d.DVocab, d.DModel} }, "the token embedding"},
	{"W_pos", []string{"pos", "d_model"}, func(d arch.Dims) []int { return []int{d.NCtx, d.DModel} }, "the position embedding"},
	{"W_U", []string{"d_model", "d_vocab"}, func(d arch.Dims) []int { return []int{d.DModel, d.DVocab} }, "the unembedding"},
	{"W_Q", []string{"layer", "head", "d_model", "d_head"}, headIn, "the query weights"},
	{"W_K", []string{"layer", "head", "d_model", "d_head"}, headIn, "the key weights"},
	{"W_V", []string{"layer", "head", "d_model", "d_head"}, headIn, "the value weights"},
	{"W_O", []string{"layer", "head", "d_head", "d_model"}, func(d arch.Dims) []int { return []int{d.Layers, d.Heads, d.DHead, d.DModel} }, "the output weights"},
	{"W_in", []string{"layer", "d_model", "d_mlp"}, func(d arch.Dims) []int { return []int{d.Layers, d.DModel, d.DMlp} }, "the MLP's input weights"},
	{"W_out", []string{"layer", "d_mlp", "d_model"}, func(d arch.Dims) []int { return []int{d.Layers, d.DMlp, d.DModel} }, "the MLP's output weights"},
	{"b_Q", []string{"layer", "head", "d_head"}, headBias, "the query biases"},
	{"b_K", []string{"layer", "head", "d_head"}, headBias, "the key biases"},
	{"b_V", []string{"layer", "head", "d_head"}, headBias, "the value biases"},
	{"b_O", []string{"layer", "d_model"}, func(d arch.Dims) []int { return []int{d.Layers, d.DModel} }, "the biases of the attention output"},
	{"b_in", []string{"layer", "d_mlp"}, func(d arch.Dims) []int { return []int{d.Layers, d.DMlp} }, "the MLP's input biases"},
	{"b_out", []string{"layer", "d_model"}, func(d arch.Dims) []int { return []int{d.Layers, d.DModel} }, "the MLP's output biases"},
}

func headIn(d arch.Dims) []int   { return []int{d.Layers, d.Heads, d.DModel, d.DHead} }
func headBias(d arch.Dims) []int { return []int{d.Layers, d.Heads, d.DHead} }

// weighted is a model whose weights can be read; the runtime's is one.
type weighted interface {
	Param(name string) (*tensor.Array, error)
	Weight(kind string, l, h int) (*tensor.Array, error)
}

// weightRow is a weight's row. The language indexes it like an array, W_Q[l, h]; the machine calls it
// with what integers stand in front, so that only that part is made.
func weightRow(w weightName) *ir.OpRow {
	lead := 0
	for lead < len(w.axes) && (w.axes[lead] == "layer" || w.axes[lead] == "head") {
		lead++
	}
	at := []ir.Param{opt("layer", nil, "the layer; none: all"), opt("head", nil, "the head; none: all")}[:lead]
	r := fn(&ir.OpRow{Name: w.name, Doc: fmt.Sprintf("%s, in the checkpoint's own numbers. result: [%s].", strings.ToUpper(w.about[:1])+w.about[1:], strings.Join(w.axes, " ")),
		Params: at, Value: true, Weights: true,
		Example: "print " + w.name + ".axes\n# [\"" + strings.Join(w.axes, "\", \"") + "\"]"},
		func(c *ir.Call) (tensor.Type, error) {
			d, err := dims(c)
			if err != nil {
				return tensor.Type{}, err
			}
			k := 0
			for k < len(c.Args) && c.Args[k] != nil {
				k++
			}
			return tensor.NewType(tensor.F32, w.axes[k:], w.dims(d)[k:]), nil
		},
		func(c *ir.Call) (*tensor.Array, error) { return evalWeight(c, w, lead) })
	return r
}

func dims(c *ir.Call) (arch.Dims, error) {
	if c.Env.Model == nil {
		return arch.Dims{}, &ir.Error{Code: "E0209", Msg: c.Row.Name + ": there is no model", Hint: `name one: model "ioi-mini"`}
	}
	return c.Env.Model.Arch().Dims, nil
}

func evalWeight(c *ir.Call, w weightName, lead int) (*tensor.Array, error) {
	d, err := dims(c)
	if err != nil {
		return nil, err
	}
	m := c.Env.Model.(weighted)
	limits := []int{d.Layers, d.Heads}
	var at []int
	for i := 0; i < lead && c.Args[i] != nil; i++ {
		n, err := intArg(c, i)
		if err != nil {
			return nil, err
		}
		size := int64(limits[i])
		if n < -size || n >= size {
			return nil, &ir.Error{Code: "E0303", Msg: fmt.Sprintf("%s: index %d is out of range for axis %s of length %d (valid: %d to %d)", w.name, n, w.axes[i], size, -size, size-1)}
		}
		at = append(at, int((n+size)%size))
	}
	return weightAt(c, m, w, lead, at, limits)
}

// weightAt joins what the model gives for one layer and head.
func weightAt(c *ir.Call, m weighted, w weightName, lead int, at, limits []int) (*tensor.Array, error) {
	if len(at) == lead {
		l, h := 0, 0
		if lead > 0 {
			l = at[0]
		}
		if lead > 1 {
			h = at[1]
		}
		return m.Weight(w.name, l, h)
	}
	parts := make([]*tensor.Array, limits[len(at)])
	for i := range parts {
		p, err := weightAt(c, m, w, lead, append(append([]int(nil), at...), i), limits)
		if err != nil {
			return nil, err
		}
		if err := charge(c, p.Size()); err != nil {
			return nil, err
		}
		parts[i] = p
	}
	a, err := tensor.Stack(parts, 0)
	if err != nil {
		return nil, err
	}
	return tensor.Rename(a, tensor.ByPlace(0), w.axes[len(at)])
}

// ParamType is the type of a parameter by name; a prefix transformer. may be left out.
func ParamType(m ir.Model, name string) (tensor.Type, error) {
	short := strings.TrimPrefix(name, "transformer.")
	for _, w := range m.Arch().Weights {
		if w.Matches(short, m.Arch().Dims.Layers) {
			return tensor.NewType(tensor.F32, w.Axes, w.Shape), nil
		}
	}
	return tensor.Type{}, &ir.Error{Code: "E0204", Msg: fmt.Sprintf("model %s has no parameter %q", m.Name(), name), Hint: "names are the checkpoint's: transformer.h.3.mlp.c_fc.weight"}
}

func inferParam(c *ir.Call) (ir.Value, error) {
	if _, err := dims(c); err != nil {
		return nil, err
	}
	name, ok := c.Args[0].(string)
	if !ok {
		return &ir.Lazy{Kind: ir.KArray}, nil
	}
	return lazyArray(ParamType(c.Env.Model, name))
}

func evalParam(c *ir.Call) (ir.Value, error) {
	if _, err := dims(c); err != nil {
		return nil, err
	}
	name, err := stringArg(c, 0)
	if err != nil {
		return nil, err
	}
	if _, err := ParamType(c.Env.Model, name); err != nil {
		return nil, err
	}
	return value(c.Env.Model.(weighted).Param(name))
}
