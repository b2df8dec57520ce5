package vm

import (
	"fmt"

	"interp/ir"
	"interp/nnrt/arch"
	"interp/stdlib"
)

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
		l, err := m.layerOf(items[0])
		if err != nil {
			return nil, err
		}
		layers = append(layers, l)
	}
	return m.resolveSite(in.Name, layers, model, in.Span)
}

// layerOf is the layer of a path: a number, or several. What is neither is left for the site to refuse.
func (m *Machine) layerOf(it ixValue) (ir.Value, error) {
	if it.kind == ir.IxEntry {
		if n, ok := intOf(it.lo); ok {
			return int64(clampInt(n)), nil
		}
		if k := ir.KindOf(it.lo); k != ir.KList && k != ir.KArray || !ir.IsKnown(it.lo) {
			return it.lo, nil
		}
	}
	ix, err := m.tensorIx([]ixValue{it})
	if err != nil {
		return nil, err
	}
	return layerPick(ix[0]), nil
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
		l, err := m.layerOf(ixValue{kind: ir.IxEntry, lo: vals[1]})
		if err != nil {
			return nil, err
		}
		layers = append(layers, l)
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
