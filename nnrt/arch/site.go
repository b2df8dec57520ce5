package arch

import (
	"math"
	"strconv"
	"strings"
)

var negInf = float32(math.Inf(-1))

// Site is what people read and set: a view of the rows at a point, under the names of two worlds.
// Paths are written with [] where the layer stands: "transformer.h[].attn.c_proj.input".
type Site struct {
	Name    string   // short name: site("z", 5)
	HF      []string // Hugging Face module paths (nnsight's names); the first is the one documents show
	TL      []string // hook names (TransformerLens' names)
	Kind    string   // the point's kind: in Block when Layered, else in Embed or Final
	Shift   int      // added to the layer: resid_post of l is resid_pre of l+1; where there is none, the layer: -1 embeddings
	Layered bool
	Lead    []string // axes before the row's own: batch pos, or batch head query for scores (see Attn)
	Axes    []Axis   // the row's own axes as the site shows them
	Sub     int      // for k and v: which half of a kv row (0 k, 1 v)
	Parts   []string // a site made of others stacked along Lead's next axis: c_attn is q, k, v
	Derived bool     // computed from others: hook_result
	Attn    bool     // scores and pattern: shown as [batch head query key]
	Fill    float32  // what stands beyond the query there
}

// Module is a part of the model that can be applied to a value: SITE(e).
type Module struct {
	Path    string // Hugging Face's, with [] for the layer
	TL      string // TransformerLens' name; "" where it has none
	Layered bool
	In, Out int    // widths of the last axis
	Pos     bool   // needs a pos axis: attention and whole blocks
	OutAxis string // name of the result's last axis; "" keeps the argument's
	Kinds   []string
}

// Weight is a parameter of the checkpoint.
type Weight struct {
	Name   string // "h.[].attn.c_attn.weight", without the transformer. prefix; [] is the layer
	Shape  []int
	Axes   []string
	Layers bool
	Tied   string // may be absent: then it is this one
}

// names are the paths of a module.
func (m *Module) names() []string {
	if m.TL == "" {
		return []string{m.Path}
	}
	return []string{m.Path, m.TL}
}

// Lookup finds a path: a site, a module, or both nil.
func (a *Arch) Lookup(path string) (*Site, *Module) {
	return a.paths[path], a.modules[path]
}

// SiteNamed finds a site by its short name.
func (a *Arch) SiteNamed(name string) *Site {
	for _, s := range a.Sites {
		if s.Name == name {
			return s
		}
	}
	return nil
}

// Paths lists all names of sites, in the order of the table.
func (a *Arch) Paths() []string {
	var out []string
	for _, s := range a.Sites {
		out = append(append(out, s.HF...), s.TL...)
	}
	for _, m := range a.Modules {
		out = append(out, m.names()...)
	}
	return out
}

// Matches says that a checkpoint's name (without the prefix transformer.) is this weight's.
func (w *Weight) Matches(name string, layers int) bool {
	if !w.Layers {
		return w.Name == name
	}
	_, ok := w.Layer(name, layers)
	return ok
}

// Layer is the layer that a checkpoint's name of this weight speaks of.
func (w *Weight) Layer(name string, layers int) (int, bool) {
	front, back, _ := strings.Cut(w.Name, "[]")
	mid, ok := strings.CutPrefix(name, front)
	if !ok {
		return 0, false
	}
	if mid, ok = strings.CutSuffix(mid, back); !ok {
		return 0, false
	}
	l, err := strconv.Atoi(mid)
	return l, err == nil && l >= 0 && l < layers && strconv.Itoa(l) == mid
}
