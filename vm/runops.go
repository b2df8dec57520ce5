package vm

import (
	"fmt"

	"interp/internal/diag"
	"interp/ir"
	"interp/nnrt/arch"
	"interp/nnrt/tensor"
	"interp/stdlib"
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
		return nil, &ir.Error{Code: "E0307", Msg: "a model has no field " + name, Hint: "it has n_layers, n_heads, d_model, d_head, d_mlp, d_vocab, n_ctx, bos, eos, and sites"}
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

func (m *Machine) siteOp(f *frame, in *ir.Instr) (ir.Value, error) {
	model := m.inUse()
	if len(in.Args) > 0 {
		x, ok := f.regs[in.Args[0]].(*modelValue)
		if !ok {
			return unknown(), nil
		}
		model = x.model
	}
	var layers []ir.Value
	for _, it := range in.Ix {
		items, known, err := m.items(f, []ir.IxItem{it})
		if err != nil {
			return nil, err
		}
		if !known {
			return unknown(), nil
		}
		l, err := layerOf(items[0])
		if err != nil {
			return nil, err
		}
		layers = append(layers, l)
	}
	return m.resolveSite(in.Name, layers, model, in.Span)
}

// layerOf is the layer of a path: a number or a slice.
func layerOf(it ixValue) (ir.Value, error) {
	if it.kind == ir.IxEntry {
		if n, ok := intOf(it.lo); ok {
			return int64(clampInt(n)), nil
		}
		return it.lo, nil
	}
	s := &layerSlice{}
	for _, p := range []struct {
		v ir.Value
		n **int
	}{{it.lo, &s.lo}, {it.hi, &s.hi}, {it.step, &s.step}} {
		if p.v == nil {
			continue
		}
		n, ok := intOf(p.v)
		if !ok {
			return nil, &ir.Error{Code: "E0302", Msg: "layers: want whole numbers, got " + ir.KindOf(p.v).String()}
		}
		k := clampInt(n)
		*p.n = &k
	}
	return s, nil
}

// siteNamedOp is site("z", 5) or site("blocks.5.attn.hook_z").
func (m *Machine) siteNamedOp(f *frame, in *ir.Instr) (ir.Value, error) {
	model := m.inUse()
	if model == nil {
		return nil, errNoModel
	}
	vals, err := m.args(f, in, 0)
	if err != nil {
		return nil, err
	}
	for i, v := range vals {
		if vals[i], err = m.indexPart(v); err != nil {
			return nil, err
		}
		if !ir.IsKnown(vals[i]) {
			return unknown(), nil
		}
	}
	text, ok := vals[0].(string)
	if !ok {
		return nil, &ir.Error{Code: "E0302", Msg: "site: want a name as a string, got " + ir.KindOf(vals[0]).String()}
	}
	path, layers := splitPath(text)
	if s := model.Arch().SiteNamed(text); s != nil {
		path = append(append([]string(nil), s.HF...), s.TL...)[0]
		if !s.Layered && len(vals) > 1 {
			return nil, &ir.Error{Code: "E0202", Msg: "site: " + text + " has no layers"}
		}
		if s.Layered && len(vals) == 1 {
			return nil, &ir.Error{Code: "E0202", Msg: "site: the layer of " + text + " is missing", Hint: fmt.Sprintf("site(%q, 5)", text)}
		}
	}
	if len(vals) > 1 && vals[1] != nil {
		layers = append(layers, vals[1])
	}
	if s, mod := model.Arch().Lookup(path); s == nil && mod == nil {
		return nil, &ir.Error{Code: "E0204", Msg: fmt.Sprintf("model %s has no site %q", model.Name(), text), Hint: didYouMean(text, siteNames(model.Arch()))}
	}
	return m.resolveSite(path, layers, model, in.Span)
}

func siteNames(a *arch.Arch) []string {
	out := a.Paths()
	for _, s := range a.Sites {
		out = append(out, s.Name)
	}
	return out
}

// splitPath takes the layer out of a name as text: blocks.5.attn.hook_z or transformer.h[5].input.
func splitPath(text string) (string, []ir.Value) {
	var out []byte
	var layers []ir.Value
	for i := 0; i < len(text); {
		open := text[i] == '[' || text[i] == '.'
		j := i + 1
		for open && j < len(text) && text[j] >= '0' && text[j] <= '9' {
			j++
		}
		if !open || j == i+1 || j-i > 9 || j < len(text) && text[j] != '.' && text[j] != ']' {
			out = append(out, text[i])
			i++
			continue
		}
		n := int64(0)
		for _, d := range text[i+1 : j] {
			n = 10*n + int64(d-'0')
		}
		layers = append(layers, n)
		out = append(out, "[]"...)
		if j < len(text) && text[j] == ']' {
			j++
		}
		i = j
	}
	return string(out), layers
}

// readOp reads a place; a value that is no place it leaves as it is, or indexes.
func (m *Machine) readOp(f *frame, in *ir.Instr) (ir.Value, error) {
	v := f.regs[in.Args[0]]
	items, known, err := m.items(f, in.Ix)
	if err != nil {
		return nil, err
	}
	r, isSite := v.(*siteRef)
	switch {
	case isSite && m.ghost && r.site != nil, !known:
		return unknown(), nil
	case isSite:
		ix, err := m.tensorIx(items)
		if err != nil {
			return nil, err
		}
		return m.readSite(r, ix, in.Span)
	case len(items) == 0:
		return m.materialise(v, in.Span)
	}
	return m.indexItems(v, items, in.Span)
}

func (m *Machine) applyOp(f *frame, in *ir.Instr) (ir.Value, error) {
	x, err := m.arg(f, in, 1)
	if err != nil {
		return nil, err
	}
	r, ok := f.regs[in.Args[0]].(*siteRef)
	if !ok {
		return m.callValue(f.regs[in.Args[0]], []ir.Value{x}, nil, in)
	}
	if ir.KindOf(x) == ir.KAny && r.module != nil {
		return unknown(), nil
	}
	return m.applySite(r, x, in.Span)
}

func (m *Machine) gradOp(f *frame, in *ir.Instr) (ir.Value, error) {
	metric, err := m.arg(f, in, 0)
	if err != nil {
		return nil, err
	}
	items, known, err := m.items(f, in.Ix)
	if err != nil {
		return nil, err
	}
	r, ok := f.regs[in.Args[1]].(*siteRef)
	if !ok || !known || m.ghost || ir.KindOf(metric) == ir.KAny {
		return unknown(), nil
	}
	ix, err := m.tensorIx(items)
	if err != nil {
		return nil, err
	}
	return m.gradSite(metric, r, ix, in.Span)
}

func (m *Machine) gradParamOp(f *frame, in *ir.Instr) (ir.Value, error) {
	metric, err := m.arg(f, in, 0)
	if err != nil {
		return nil, err
	}
	v, err := m.arg(f, in, 1)
	if err != nil {
		return nil, err
	}
	if v, err = m.indexPart(v); err != nil {
		return nil, err
	}
	if !ir.IsKnown(v) || m.ghost || ir.KindOf(metric) == ir.KAny {
		return unknown(), nil
	}
	name, ok := v.(string)
	if !ok {
		return nil, &ir.Error{Code: "E0302", Msg: "param: want a name as a string, got " + ir.KindOf(v).String()}
	}
	if m.inUse() == nil {
		return nil, errNoModel
	}
	t, err := stdlib.ParamType(m.inUse(), name)
	if err != nil {
		return nil, err
	}
	return m.gradParam(metric, m.inUse(), name, t, in.Span)
}

func (m *Machine) setOp(f *frame, in *ir.Instr) error {
	v, err := m.arg(f, in, 1)
	if err != nil {
		return err
	}
	items, known, err := m.items(f, in.Ix)
	if err != nil {
		return err
	}
	r, ok := f.regs[in.Args[0]].(*siteRef)
	if !ok || !known || m.ghost {
		return nil
	}
	ix, err := m.tensorIx(items)
	if err != nil {
		return err
	}
	return m.setSite(r, ix, in.Name, v, in.Span)
}

// setSliceOp is set slice(SITE, axis, start, stop, step) = v.
func (m *Machine) setSliceOp(f *frame, in *ir.Instr) error {
	vals, err := m.args(f, in, 1)
	if err != nil {
		return err
	}
	r, ok := f.regs[in.Args[0]].(*siteRef)
	if !ok || m.ghost {
		return nil
	}
	row, ok := m.opts.Lookup("slice")
	if !ok {
		return &ir.Error{Code: "E0201", Msg: "there is no function slice"}
	}
	whole, err := m.readSite(r, nil, in.Span)
	if err != nil {
		return err
	}
	args := append([]ir.Value{whole}, vals[:4]...)
	for i, a := range args[1:] {
		if args[i+1], err = m.indexPart(a); err != nil {
			return err
		}
		if !ir.IsKnown(args[i+1]) {
			return nil
		}
	}
	if in.Args[4] == ir.NoReg {
		args[4] = int64(1)
	}
	t, _ := ir.TypeOf(whole)
	ix, err := stdlib.SliceIx(&ir.Call{Row: row, Args: args, Env: m.env(), Span: in.Span}, t)
	if err != nil {
		return err
	}
	return m.setSite(r, ix, in.Name, vals[4], in.Span)
}

func (m *Machine) traceOp(f *frame, in *ir.Instr) (control, error) {
	vals, err := m.args(f, in, 0)
	if err != nil {
		return goesOn, err
	}
	ghost := m.ghost
	if err := m.beginTrace(in.Name, &ir.Record{Keys: in.Keys, Vals: vals}, in.Span); err != nil {
		if m.check == nil || !m.check.report(m, m.fault(in, err)) {
			return goesOn, err
		}
		m.ghost = true
	}
	c, err := m.block(f, in.Blocks[0])
	if err != nil {
		return c, err
	}
	m.ghost = ghost
	m.forget(f, in.Vars)
	return c, m.endTrace(in.Span)
}

// forget ends the names of a run.
func (m *Machine) forget(f *frame, vars []ir.Var) {
	for _, v := range vars {
		*m.slot(f, v) = unset{}
	}
}

func (m *Machine) invokeOp(f *frame, in *ir.Instr) (control, error) {
	prompt, err := m.arg(f, in, 0)
	if err != nil {
		return goesOn, err
	}
	edits, err := m.args(f, in, 1)
	if err != nil {
		return goesOn, err
	}
	ghost, opener := m.ghost, m.inv
	if !ghost {
		if err := m.beginInvoke(prompt, in.Span); err != nil {
			if m.check == nil || !m.check.report(m, m.fault(in, err)) {
				return goesOn, err
			}
			m.ghost = true
		}
	}
	m.inv = f
	if !m.ghost {
		if err := m.reach(f, in, edits); err != nil {
			return goesOn, err
		}
	}
	if err := m.applyEdits(edits); err != nil {
		return goesOn, err
	}
	c, err := m.block(f, in.Blocks[0])
	if err != nil {
		return c, err
	}
	m.cur, m.inv = in, opener
	if !m.ghost {
		err = m.endInvoke(in.Span)
	}
	m.ghost = ghost
	m.forget(f, in.Vars)
	return c, err
}

// applyEdits runs the bodies of edits, in the order written.
func (m *Machine) applyEdits(edits []ir.Value) error {
	for _, e := range edits {
		switch x := e.(type) {
		case *editCall:
			if err := m.applyEdit(x); err != nil {
				return err
			}
		case *funcValue:
			if x.fn.Kind != ir.FuncEdit {
				return &ir.Error{Code: "E0302", Msg: "with: " + x.fn.Name + " is a def, want an edit"}
			}
			args, err := bindParams(x, nil, nil)
			if err != nil {
				return err
			}
			if err := m.applyEdit(&editCall{edit: x, args: args, site: m.cur.Site, span: m.cur.Span}); err != nil {
				return err
			}
		case *ir.List:
			if err := m.applyEdits(x.Items); err != nil {
				return err
			}
		case *ir.Lazy:
			if m.check == nil {
				return &ir.Error{Code: "E0302", Msg: "with: want edits, got " + ir.KindOf(e).String()}
			}
		default:
			return &ir.Error{Code: "E0302", Msg: "with: want edits, got " + ir.KindOf(e).String(), Hint: "edit name(l) { set ... }, then invoke prompt with name(1)"}
		}
	}
	return nil
}

func (m *Machine) applyEdit(x *editCall) error {
	if len(m.stack) > maxCalls {
		return &ir.Error{Code: "E0412", Msg: fmt.Sprintf("more than %d calls inside one another", maxCalls)}
	}
	cur := m.cur
	g, err := m.enter(x.edit, x.args, x.site, x.span)
	if err == nil {
		_, err = m.block(g, x.edit.fn.Body)
	}
	m.leave()
	m.cur = cur
	return err
}

// iterOp runs its block at generation steps.
func (m *Machine) iterOp(f *frame, in *ir.Instr) (control, error) {
	if m.ghost {
		return m.once(f, in)
	}
	items, known, err := m.items(f, in.Ix)
	if err != nil {
		return goesOn, err
	}
	if !known {
		return goesOn, nil
	}
	it := items[0]
	bounds := make([]*int64, 3)
	for i, v := range []ir.Value{it.lo, it.hi, it.step} {
		if v == nil {
			continue
		}
		n, ok := intOf(v)
		if !ok {
			if _, lazy := v.(*ir.Lazy); lazy {
				return goesOn, nil
			}
			return goesOn, &ir.Error{Code: "E0302", Msg: "iter: want whole numbers, got " + ir.KindOf(v).String()}
		}
		bounds[i] = &n
	}
	if it.kind == ir.IxDots {
		return goesOn, &ir.Error{Code: "E0302", Msg: "iter: want steps, got ...", Hint: "iter all { ... }"}
	}
	steps, err := m.iterSteps(bounds[0], bounds[1], bounds[2], it.kind == ir.IxEntry)
	if err != nil {
		return goesOn, err
	}
	return m.eachStep(f, in, steps)
}

func (m *Machine) eachStep(f *frame, in *ir.Instr, steps []int) (control, error) {
	l := &loop{in: in, f: f, total: len(steps)}
	m.loops = append(m.loops, l)
	m.several = len(steps) > 1
	defer func() { m.loops, m.several = m.loops[:len(m.loops)-1], false }()
	for i, k := range steps {
		l.index = i
		if m.rs.inv != nil && m.rs.inv.left(k) {
			m.warnText("W0305", fmt.Sprintf("iter: step %d was not reached, every row had stopped: what is saved from there on is left out", k), in.Span)
			break
		}
		for _, v := range in.Vars {
			*m.slot(f, v) = int64(k)
		}
		err := m.inStep(k, func() error {
			_, err := m.block(f, in.Blocks[0])
			return err
		})
		if err != nil {
			return goesOn, err
		}
	}
	m.forget(f, in.Vars)
	return goesOn, nil
}

// result is the value of a variable of the script as a result: cells that were never saved are nan.
func (m *Machine) result(name string) (ir.Value, diag.Span, error) {
	g := m.globals
	for i := len(g.vars) - 1; i >= 0; i-- {
		if i >= len(g.vars) || m.globalName(i) != name {
			continue
		}
		at := g.saved[i]
		switch x := g.vars[i].(type) {
		case unset:
			continue
		case *cells:
			m.cur = &ir.Instr{Span: at, Dst: ir.NoReg}
			v, err := m.materialise(x.whole(func(text string) { m.warnText("W0302", text, at) }), at)
			return v, at, err
		default:
			return x, at, nil
		}
	}
	return nil, diag.Span{}, &ir.Error{Code: "E0213", Msg: name + " has no value"}
}

// whole is a copy in which cells that were never saved hold nan, if the others are numbers of one
// shape.
func (c *cells) whole(warn func(string)) *cells {
	n := 1
	for _, d := range c.dims {
		if n *= d; n > max(maxHoles, len(c.order)) {
			return c
		}
	}
	if n == len(c.order) || len(c.order) == 0 {
		return c
	}
	t, err := typeOf(c.order[0].val)
	if err != nil || t.IsRagged() || t.DT != tensor.F32 {
		return c
	}
	out := c.clone()
	idx := make([]int, len(c.dims))
	for range n {
		if _, ok := out.at[cellKey(idx)]; !ok {
			hole := append([]int(nil), idx...)
			_ = out.put(hole, nanOf(t), c.order[0].span) // a cell that is not there can be put
		}
		for k := len(idx) - 1; k >= 0; k-- {
			if idx[k]++; idx[k] < c.dims[k] {
				break
			}
			idx[k] = 0
		}
	}
	warn(fmt.Sprintf("%s: %d of %d cells were never saved: they are nan", c.name, n-len(c.order), n))
	return out
}

func (c *cells) clone() *cells {
	out := &cells{name: c.name, names: c.names, at: make(map[string]*cell, len(c.at)), dims: append([]int(nil), c.dims...)}
	for _, x := range c.order {
		n := *x
		out.order = append(out.order, &n)
		out.at[cellKey(x.idx)] = &n
	}
	return out
}
