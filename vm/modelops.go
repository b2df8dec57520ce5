package vm

import (
	"fmt"

	"interp/ir"
)

func (m *Machine) modelValOp(_ *frame, in *ir.Instr) (ir.Value, error) {
	if m.inUse() == nil {
		return nil, errNoModel
	}
	return modelVal(m.inUse(), in.Name)
}

// modelVals are the numbers of a model by name.
var modelVals = map[string]func(ir.Model) int{
	"n_layers": func(m ir.Model) int { return m.Arch().Dims.Layers }, "n_heads": func(m ir.Model) int { return m.Arch().Dims.Heads },
	"d_model": func(m ir.Model) int { return m.Arch().Dims.DModel }, "d_head": func(m ir.Model) int { return m.Arch().Dims.DHead },
	"d_mlp": func(m ir.Model) int { return m.Arch().Dims.DMlp }, "d_vocab": func(m ir.Model) int { return m.Arch().Dims.DVocab },
	"n_ctx": func(m ir.Model) int { return m.Arch().Dims.NCtx },
	"bos":   func(m ir.Model) int { return special(m.(interface{ BOS() int }).BOS) },
	"eos":   func(m ir.Model) int { return special(m.(interface{ EOS() int }).EOS) },
}

func special(id func() int) int { return id() }

func modelVal(model ir.Model, name string) (ir.Value, error) {
	f, ok := modelVals[name]
	if !ok {
		return nil, &ir.Error{Code: "E0307", Msg: "a model has no field " + name, Hint: "it has n_layers, n_heads, d_model, d_head, d_mlp, d_vocab, n_ctx, bos, eos, weights (W_U), and sites"}
	}
	if _, ok := model.(interface {
		BOS() int
		EOS() int
	}); !ok && (name == "bos" || name == "eos") {
		return nil, &ir.Error{Code: "E0307", Msg: "model " + model.Name() + " names no " + name}
	}
	n := f(model)
	if n < 0 {
		return nil, &ir.Error{Code: "E0307", Msg: "the configuration of " + model.Name() + " names no " + name}
	}
	return int64(n), nil
}

// modelField is m.n_layers or m.W_U.
func (m *Machine) modelField(x *modelValue, name string) (ir.Value, error) {
	row, ok := m.opts.Lookup(name)
	if !ok || !row.Value {
		return modelVal(x.model, name)
	}
	return m.of(x.model, func() (ir.Value, error) { return m.callRow(row, nil, nil, m.cur.Span) })
}

// of does something with a model in use.
func (m *Machine) of(model ir.Model, f func() (ir.Value, error)) (ir.Value, error) {
	inv, trace, old := m.rs.inv, m.rs.trace, m.model
	m.rs.inv, m.rs.trace, m.model = nil, nil, model
	v, err := f()
	m.rs.inv, m.rs.trace, m.model = inv, trace, old
	return v, err
}

func (m *Machine) openModel(v ir.Value) (ir.Value, error) {
	if x, ok := v.(*modelValue); ok {
		return x, nil
	}
	if l, ok := v.(*ir.Lazy); ok {
		k, err := m.force(l)
		if err != nil {
			return nil, err
		}
		v = k
	}
	name, ok := v.(string)
	if !ok {
		return nil, &ir.Error{Code: "E0302", Msg: "model: want a name or a folder as a string, got " + ir.KindOf(v).String()}
	}
	if m.opts.Open == nil {
		return nil, &ir.Error{Code: "E0209", Msg: "model: there is no way to open " + name}
	}
	model, err := m.opts.Open(name)
	if err != nil {
		return nil, &ir.Error{Code: "E0209", Msg: err.Error(), Hint: "interp models lists what is here"}
	}
	return &modelValue{model}, nil
}

func (m *Machine) modelOpenOp(f *frame, in *ir.Instr) (ir.Value, error) {
	v, err := m.arg(f, in, 0)
	if err != nil {
		return nil, err
	}
	return m.openModel(v)
}

// modelOp is the statement: the default model, unless the caller chose one.
func (m *Machine) modelOp(f *frame, in *ir.Instr) error {
	if m.opts.FixedModel && m.opts.Model != nil {
		return nil
	}
	v, err := m.arg(f, in, 0)
	if err != nil {
		return err
	}
	x, err := m.openModel(v)
	if err == nil {
		m.model = x.(*modelValue).model
	}
	return err
}

func (m *Machine) inputOp(f *frame, in *ir.Instr) (control, error) {
	p := m.slot(f, in.Var)
	if v, ok := m.opts.Inputs[in.Var.Name]; ok {
		*p = v
		return goesOn, nil
	}
	switch {
	case len(in.Blocks) > 0:
		return m.block(f, in.Blocks[0])
	case m.check != nil:
		m.sets.open = true
		*p = unknown()
		return goesOn, nil
	}
	name := in.Var.Name
	return goesOn, &ir.Error{Code: "E0416", Msg: "input " + name + " is not given", Hint: fmt.Sprintf("-set %s=VALUE or -in %s=FILE on the command line, or a default: input %s = ...", name, name, name)}
}

func (m *Machine) generatedOp(_ *frame, in *ir.Instr) (ir.Value, error) {
	if m.ghost {
		return unknownOf(ir.KList), nil
	}
	return m.generated(in.Span)
}

// weightOp is W_Q[l, h]: whole numbers in front choose what is made.
func (m *Machine) weightOp(f *frame, in *ir.Instr) (ir.Value, error) {
	items, known, err := m.items(f, in.Ix)
	if err != nil {
		return nil, err
	}
	if !known {
		return unknown(), nil
	}
	var lead []ir.Value
	for len(lead) < len(in.Row.Params) && len(lead) < len(items) {
		it := items[len(lead)]
		n, ok := intOf(it.lo)
		if !ok || it.kind != ir.IxEntry || it.axis != "" {
			break
		}
		lead = append(lead, n)
	}
	v, err := m.callRow(in.Row, lead, nil, in.Span)
	if err != nil || len(items) == len(lead) {
		return v, err
	}
	return m.indexItems(v, items[len(lead):], in.Span)
}
