package compiler

import (
	"sort"
	"strings"

	"interp/grammar"
	"interp/internal/diag"
	"interp/ir"
	"interp/nnrt/arch"
)

// pathTable has the paths of sites and modules of all architectures, and every beginning of them.
type pathTable struct {
	roots  map[string]bool // first words
	whole  map[string]bool // full paths; true: a site
	prefix map[string]bool
	twins  map[string]string // TransformerLens' name of a module: Hugging Face's
	list   []string
}

func newPathTable() *pathTable {
	t := &pathTable{roots: map[string]bool{}, whole: map[string]bool{}, prefix: map[string]bool{}, twins: map[string]string{}}
	for _, table := range []func(arch.Dims) (*arch.Arch, error){arch.GPT2} {
		a, err := table(arch.Dims{Layers: 1, Heads: 1, KVHeads: 1, DModel: 1, DHead: 1, DMlp: 1, DVocab: 1, NCtx: 1})
		if err != nil {
			continue // a table that breaks its rules is refused by the model that has it
		}
		for _, p := range a.Paths() {
			site, _ := a.Lookup(p)
			t.add(p, site != nil)
		}
		for _, m := range a.Modules {
			if m.TL != "" {
				t.twins[m.TL] = m.Path
			}
		}
	}
	sort.Strings(t.list)
	return t
}

func (t *pathTable) add(p string, site bool) {
	if !t.whole[p] {
		t.whole[p] = site
	}
	t.list = append(t.list, p)
	for i := range p {
		if p[i] == '.' || p[i] == '[' {
			t.prefix[p[:i]] = true
		}
	}
	root := p
	if i := strings.IndexAny(p, ".["); i >= 0 {
		root = p[:i]
	}
	t.roots[root] = true
}

func (t *pathTable) known(p string) bool {
	_, ok := t.whole[p]
	return ok || t.prefix[p]
}

// match reads a path off an operand: its root and as many suffixes as belong to it. layers are the
// items of its indices.
func (t *pathTable) match(root string, suffix []*grammar.Suffix) (path string, layers []*grammar.Item, used int) {
	path = root
	for _, s := range suffix {
		next := ""
		switch {
		case s.Attr != "":
			next = path + "." + s.Attr
		case s.Index != nil && len(s.Index.Items) == 1 && s.Index.Items[0].Axis == nil && !s.Index.Items[0].Dots:
			next = path + "[]"
		}
		if next == "" || !t.known(next) {
			break
		}
		if s.Index != nil {
			layers = append(layers, s.Index.Items[0])
		}
		path = next
		used++
	}
	return path, layers, used
}

// site compiles the path that an operand begins with. model is a register or NoReg.
func (c *comp) site(root string, at diag.Span, suffix []*grammar.Suffix, model ir.Reg) (ir.Reg, []*grammar.Suffix) {
	path, layers, used := c.paths.match(root, suffix)
	rest := suffix[used:]
	for _, s := range suffix[:used] {
		at = at.To(s.Span())
	}
	isSite, whole := c.paths.whole[path]
	if !whole || !isSite && len(rest) > 0 && rest[0].Attr != "" {
		c.noSite(path, at, rest)
		for _, it := range layers {
			c.item(it)
		}
		return c.none(), nil
	}
	in := &ir.Instr{Op: ir.OpSite, Name: path, Span: at}
	if model != ir.NoReg {
		in.Args = []ir.Reg{model}
	}
	for _, it := range layers {
		in.Ix = append(in.Ix, c.item(it))
	}
	return c.value(in), rest
}

// noSite reports a path that names nothing, with what could follow it or what was meant.
func (c *comp) noSite(path string, at diag.Span, rest []*grammar.Suffix) {
	full := path
	for _, s := range rest {
		switch {
		case s.Attr != "":
			full += "." + s.Attr
		case s.Index != nil && strings.HasSuffix(full, ".h") || strings.HasSuffix(full, "blocks"):
			full += "[]"
		default:
			continue
		}
		at = at.To(s.Span())
	}
	c.errorf(at, "E0204", c.siteHint(full, path, at), "there is no site %s", c.withLayer(full, at))
}

// withLayer writes a path with the layer that the script gives at a place.
func (c *comp) withLayer(path string, at diag.Span) string {
	return strings.Replace(path, "[]", c.layer(at), 1)
}

// layer is the index that the script gives at a place, with its brackets.
func (c *comp) layer(at diag.Span) string {
	text := c.src.Text[at.Start:at.End]
	if i := strings.IndexByte(text, '['); i >= 0 {
		if n := strings.IndexByte(text[i:], ']'); n >= 0 && !strings.ContainsAny(text[i+1:i+n], "[\n") {
			return text[i : i+n+1]
		}
	}
	return "[layer]"
}

// following lists what may come after the beginning of a path.
func (c *comp) following(path string) []string {
	seen := map[string]bool{}
	var out []string
	for _, p := range c.paths.list {
		rest, ok := strings.CutPrefix(p, path)
		if !ok || rest == "" || rest[0] != '.' && rest[0] != '[' {
			continue
		}
		word := "[layer]"
		if rest[0] == '.' {
			word = rest[1:]
			if i := strings.IndexAny(word, ".["); i >= 0 {
				word = word[:i]
			}
		}
		if !seen[word] {
			seen[word] = true
			out = append(out, word)
		}
	}
	return out
}

// startsSite says that an operand is a path of a site: its first word is a root and no variable.
func (c *comp) startsSite(o *grammar.Operand) bool {
	n, ok := o.X.(*grammar.Name)
	return ok && c.paths.roots[n.ID] && c.find(n.ID) == nil
}
