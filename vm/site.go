package vm

import (
	"fmt"
	"slices"
	"strings"

	"interp/internal/diag"
	"interp/ir"
	"interp/nnrt/arch"
	"interp/nnrt/tensor"
)

// siteRef is a place in a model: a site or a module, at one layer or at several.
type siteRef struct {
	path   string // as the script says it, with [] for the layer
	model  ir.Model
	site   *arch.Site
	module *arch.Module
	layers []int
	many   bool // the layer was a slice or a list: values have a layer axis in front
}

// ValueKind makes a site a value of the machine.
func (r *siteRef) ValueKind() ir.Kind { return ir.KSite }

// String names the site as a message shows it: transformer.h[3].input.
func (r *siteRef) String() string { return r.named(r.path) }

// named is a path with the layers of r.
func (r *siteRef) named(path string) string {
	if len(r.layers) == 0 {
		return path
	}
	at := fmt.Sprint(r.layers[0])
	if n := len(r.layers); r.many {
		at = fmt.Sprintf("%d:%d", r.layers[0], r.layers[n-1]+1)
		if last := r.layers[n-1]; last-r.layers[0] != n-1 {
			at = strings.ReplaceAll(fmt.Sprint(r.layers), " ", ", ")
		}
	}
	return strings.Replace(path, "[]", "["+at+"]", 1)
}

// resolveSite finds the site or module of a path in a model. layers holds the layer index as the
// script gives it: an int, or several as a layerPick.
func (m *Machine) resolveSite(path string, layers []ir.Value, model ir.Model, span diag.Span) (ir.Value, error) {
	if model == nil {
		return nil, errNoModel
	}
	a := model.Arch()
	r := &siteRef{path: path, model: model}
	r.site, r.module = a.Lookup(path)
	if r.site == nil && r.module == nil {
		return nil, &ir.Error{Code: "E0204", Msg: fmt.Sprintf("model %s has no site %s", model.Name(), path), Hint: didYouMean(path, a.Paths())}
	}
	for _, l := range layers {
		switch x := l.(type) {
		case int64:
			i, err := layerIndex(int(x), a.Dims.Layers)
			if err != nil {
				return nil, err
			}
			r.layers = []int{i}
		case layerPick:
			many, err := x.of(a.Dims.Layers)
			if err != nil {
				return nil, err
			}
			r.layers, r.many = many, true
		case *ir.Lazy:
			return &ir.Lazy{Node: ir.NoNode}, nil
		default:
			return nil, &ir.Error{Code: "E0302", Msg: fmt.Sprintf("layer index: want int, slice or list of int, got %s", ir.KindOf(l))}
		}
	}
	return r, nil
}

func layerIndex(i, n int) (int, error) {
	if i < -n || i >= n {
		return 0, &ir.Error{Code: "E0303", Msg: fmt.Sprintf("layer %d is out of range: the model has %d layers", i, n), Hint: fmt.Sprintf("valid: 0 to %d, or %d to -1", n-1, -n)}
	}
	return (i + n) % n, nil
}

// layerPick is a slice or a list where the layer stands.
type layerPick tensor.Ix

// ValueKind is that of what the script wrote.
func (p layerPick) ValueKind() ir.Kind { return ir.KList }

// String is the pick as a script writes it, without a step.
func (p layerPick) String() string {
	if p.Kind == tensor.List {
		return strings.ReplaceAll(fmt.Sprint(p.List), " ", ", ")
	}
	lo, hi := "", ""
	if p.HasLo {
		lo = fmt.Sprint(p.Lo)
	}
	if p.HasHi {
		hi = fmt.Sprint(p.Hi)
	}
	return lo + ":" + hi
}

// of gives the layers of n that are picked.
func (p layerPick) of(n int) ([]int, error) {
	sels, err := tensor.ResolveIndex(tensor.NewType(tensor.I64, []string{"layer"}, []int{n}), []tensor.Ix{tensor.Ix(p)})
	switch {
	case err != nil:
		return nil, err
	case sels[0].All:
		return upTo(n), nil
	case len(sels[0].Pos) == 0:
		return nil, &ir.Error{Code: "E0303", Msg: fmt.Sprintf("layers %s: the model has %d layers, none of these", p, n)}
	}
	return sels[0].Pos, nil
}

func upTo(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// layer of a reference to one layer; 0 where the site has none.
func (r *siteRef) layer() int {
	if len(r.layers) == 0 {
		return 0
	}
	return r.layers[0]
}

// at is the same site at one of the layers.
func (r *siteRef) at(layer int) *siteRef {
	return &siteRef{path: r.path, model: r.model, site: r.site, module: r.module, layers: []int{layer}}
}

// here finds the invoke that a site speaks of, or says why there is none.
func (m *Machine) here(r *siteRef) (*invoke, error) {
	inv := m.rs.inv
	switch {
	case r.module != nil && r.site == nil:
		mod := r.named(r.module.Path)
		return nil, &ir.Error{Code: "E0205", Msg: fmt.Sprintf("%s is a module, not a value", r),
			Hint: fmt.Sprintf("read %s.output or %s.input, or apply it: %s(x)", mod, mod, r)}
	case inv == nil:
		return nil, &ir.Error{Code: "E0206", Msg: fmt.Sprintf("%s is read outside an invoke", r), Hint: "an activation belongs to a prompt: invoke prompt { save x = " + r.String() + " }"}
	case r.model != inv.model:
		return nil, &ir.Error{Code: "E0207", Msg: fmt.Sprintf("%s is a site of %s, this run is of %s", r, r.model.Name(), inv.model.Name())}
	}
	return inv, nil
}

// readSite reads (an index of) a site in the invoke at hand.
func (m *Machine) readSite(r *siteRef, ix []tensor.Ix, span diag.Span) (ir.Value, error) {
	inv, err := m.here(r)
	if err != nil {
		return nil, err
	}
	v, err := m.siteValue(inv, r, span)
	if err != nil || len(ix) == 0 {
		return v, err
	}
	return m.index(v, ix, span)
}

func (m *Machine) siteValue(inv *invoke, r *siteRef, span diag.Span) (ir.Value, error) {
	if r.many {
		vals := make([]ir.Value, len(r.layers))
		for i, l := range r.layers {
			v, err := m.siteValue(inv, r.at(l), span)
			if err != nil {
				return nil, err
			}
			vals[i] = v
		}
		return m.joinCells(vals, []int{len(vals)}, []string{"layer"}, span)
	}
	step := m.rs.step
	switch {
	case r.site.Parts != nil:
		vals := make([]ir.Value, len(r.site.Parts))
		for i, part := range r.site.Parts {
			vals[i] = m.b.read(m.open(inv, inv.model.Arch().SiteNamed(part), r.layer(), step), span)
		}
		return m.op(stackRow, &stackAttrs{at: len(r.site.Lead) - 1, name: r.site.Lead[len(r.site.Lead)-1]}, span, &ir.List{Items: vals})
	case r.site.Derived:
		return m.readResult(inv, r.layer(), step, span)
	}
	return m.b.read(m.open(inv, r.site, r.layer(), step), span), nil
}

// siteType is the type of a site in an invoke, at one layer.
func (m *Machine) siteType(inv *invoke, r *siteRef, span diag.Span) (tensor.Type, error) {
	if r.site.Parts == nil && !r.site.Derived {
		return m.open(inv, r.site, r.layer(), m.rs.step).typ(), nil
	}
	v, err := m.siteValue(inv, r, span)
	t, _ := ir.TypeOf(v)
	return t, err
}

func (m *Machine) open(inv *invoke, s *arch.Site, layer, step int) *siteView {
	return openView(inv, s, layer, step)
}

// applySite is SITE(e): a module applied to a value. No edit acts inside.
func (m *Machine) applySite(r *siteRef, x ir.Value, span diag.Span) (ir.Value, error) {
	if r.module == nil {
		return nil, &ir.Error{Code: "E0205", Msg: fmt.Sprintf("%s is an activation, it cannot be called", r), Hint: "modules are called: lm_head(transformer.ln_f(h))"}
	}
	if r.many {
		return nil, &ir.Error{Code: "E0302", Msg: fmt.Sprintf("%s names several modules: apply one layer at a time", r)}
	}
	a, err := m.asArray(x)
	if err != nil {
		return nil, err
	}
	if err := m.applies(r.model, a); err != nil {
		return nil, err
	}
	return m.callKnown(&ir.Call{Row: applyRow, Args: []ir.Value{a}, Attrs: &applyAttrs{model: r.model, module: r.module, layer: r.layer()}, Env: m.env(), Span: span})
}

// applies sees to it that the weights of a module are there when it is computed: now, where its
// argument is known, else before the graph is.
func (m *Machine) applies(model ir.Model, x ir.Value) error {
	switch {
	case m.check != nil:
		return nil
	case ir.IsKnown(x):
		return m.loaded(model)
	case !slices.Contains(m.applied, model):
		m.applied = append(m.applied, model)
	}
	return nil
}

// applyAttrs is what a module call was resolved to.
type applyAttrs struct {
	model  ir.Model
	module *arch.Module
	layer  int
}

// applier is a model that computes modules on values; the runtime's is one.
type applier interface {
	Apply(module string, layer int, x *tensor.Array) (*tensor.Array, error)
	ApplyBack(module string, layer int, x, dout *tensor.Array) (*tensor.Array, error)
}

var applyRow = &ir.OpRow{Name: "apply", Hidden: true, Weights: true,
	Infer: func(c *ir.Call) (ir.Value, error) {
		at := c.Attrs.(*applyAttrs)
		t, _ := ir.TypeOf(c.Args[0])
		out, err := applyType(at.module, t)
		return &ir.Lazy{Kind: ir.KArray, Type: out}, err
	},
	Eval: func(c *ir.Call) (ir.Value, error) {
		at, x := c.Attrs.(*applyAttrs), c.Args[0].(*tensor.Array)
		if _, err := applyType(at.module, x.Type); err != nil {
			return nil, err
		}
		return at.model.(applier).Apply(at.module.Path, at.layer, x)
	},
	Flops: func(c *ir.Call) int64 {
		at := c.Attrs.(*applyAttrs)
		t, _ := ir.TypeOf(c.Args[0])
		mean := 0 // of the rows' positions, where they see each other
		if i, err := t.Axis("pos"); at.module.Pos && err == nil && !t.IsRagged() {
			mean = (t.Dims[i] - 1) / 2
		}
		return int64(t.Size()/at.module.In) * at.model.Arch().ModuleFlops(at.module, mean)
	},
	Grad: func(c *ir.Call, _ int, _, dout *tensor.Array) (*tensor.Array, error) {
		at := c.Attrs.(*applyAttrs)
		return at.model.(applier).ApplyBack(at.module.Path, at.layer, c.Args[0].(*tensor.Array), dout)
	},
	Maps: func(c *ir.Call, out tensor.Type) [][]int {
		if c.Attrs.(*applyAttrs).module.Pos {
			return nil
		}
		along := make([]int, out.Rank())
		for i := range along {
			along[i] = i
		}
		along[len(along)-1] = -2
		return [][]int{along}
	},
}

// applyType is the type of a module's result: the last axis changes.
func applyType(mod *arch.Module, t tensor.Type) (tensor.Type, error) {
	n := t.Rank()
	if n == 0 || t.Dims[n-1] != mod.In {
		return t, &ir.Error{Code: "E0301", Msg: fmt.Sprintf("%s takes a last axis of %d, got %s", modText(mod), mod.In, t)}
	}
	if _, err := t.Axis("pos"); mod.Pos && err != nil {
		return t, &ir.Error{Code: "E0301", Msg: fmt.Sprintf("%s needs a pos axis, got %s", modText(mod), t)}
	}
	out := t
	out.DT = tensor.F32
	out.Axes, out.Dims = append([]string(nil), t.Axes...), append([]int(nil), t.Dims...)
	out.Dims[n-1] = mod.Out
	if mod.OutAxis != "" {
		out.Axes[n-1] = mod.OutAxis
	}
	return out, nil
}

// modText is a module of any layer, as a script names it.
func modText(mod *arch.Module) string { return strings.Replace(mod.Path, "[]", "[l]", 1) }
