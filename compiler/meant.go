package compiler

import (
	"slices"
	"strconv"
	"strings"

	"interp/grammar"
	"interp/internal/diag"
)

// prefixes are the words among habits that stand before a name of a library or a model.
var prefixes = map[string]bool{
	"np": true, "numpy": true, "torch": true, "F": true, "math": true, "einops": true, "model": true, "nnsight": true, "tokenizer": true,
	"utils": true, "patching": true,
}

// unprefixed says what to write for a name behind a prefix of other libraries, as in model.cfg.n_layers,
// torch.einsum, np.mean: the first word of the path that means something here.
func (c *comp) unprefixed(prefix string, suffix []*grammar.Suffix) string {
	if !prefixes[prefix] {
		return ""
	}
	for _, s := range suffix {
		if s.Attr == "" {
			return ""
		}
		row, isRow := c.look.Op(s.Attr)
		switch {
		case c.paths.roots[s.Attr]:
			return ""
		case modelVals[s.Attr] || constants[s.Attr] != nil || isRow && !row.Hidden:
			return "write " + s.Attr + " without a prefix"
		case habits[s.Attr] != "":
			return habits[s.Attr]
		}
	}
	return ""
}

// siteHint says what was meant by a path that names no site; known is its beginning that means something.
func (c *comp) siteHint(full, known string, at diag.Span) string {
	next := c.following(known)
	switch near, weight := c.paths.near(full), c.weightHint(full, at); {
	case siteHabits[full] != "":
		return siteHabits[full]
	case c.paths.known(full + "[]"):
		return "one layer is " + full + "[0]; all of them: for l in range(n_layers) { ... }"
	case weight != "":
		return weight
	case near != "" && (full != known || len(next) == 0):
		return "did you mean " + c.withLayer(near, at) + "?"
	case len(next) > 0:
		return "after " + c.withLayer(known, at) + " can stand: " + strings.Join(next, ", ")
	}
	return ""
}

// weightHint says how a weight is read, of a path that ends in one: h[2].ln_1.weight, blocks[2].attn.W_Q.
func (c *comp) weightHint(path string, at diag.Span) string {
	last := path[strings.LastIndexByte(path, '.')+1:]
	row, ok := c.look.Op(last)
	switch layered := strings.Contains(path, "[]"); {
	case ok && row.Value && layered:
		return "weights are values of their own: " + last + c.layer(at)
	case ok && row.Value:
		return "weights are values of their own: " + last
	case last != "weight" && last != "bias":
		return ""
	}
	layer, quote := c.layer(at), `"`
	layer = layer[1 : len(layer)-1]
	if _, err := strconv.Atoi(layer); err != nil && strings.Contains(path, "[]") {
		layer, quote = "{"+layer+"}", `f"`
	}
	return "a parameter is read by its name: param(" + quote + strings.Replace(path, "[]", "."+layer, 1) + `")`
}

// near is the path that one like it means: a module's other name, another root, a slip of letters.
func (t *pathTable) near(path string) string {
	if p := t.twin(path); p != "" {
		return p
	}
	if p := t.otherRoot(path); p != "" {
		return p
	}
	return Suggest(path, t.list)
}

// twin is the site that a path means which has .input or .output after a name of TransformerLens: blocks[].mlp.output.
func (t *pathTable) twin(p string) string {
	i := max(strings.LastIndexByte(p, '.'), 0)
	if mod, ok := t.twins[p[:i]]; ok && t.whole[mod+p[i:]] {
		return mod + p[i:]
	}
	return ""
}

// otherRoot finds a path with the same end behind its layer: transformer.h[].mlp.output for
// blocks[].mlp.output.
func (t *pathTable) otherRoot(path string) string {
	_, end, ok := strings.Cut(path, "[]")
	if !ok || end == "" {
		return ""
	}
	for _, p := range t.list {
		if _, e, _ := strings.Cut(p, "[]"); e == end {
			return p
		}
	}
	return ""
}

// holding proposes the shortest beginning of a path that ends in a word: transformer.h for h; a module or
// site, where there is one. The words that most modules have say nothing.
func (t *pathTable) holding(word string) string {
	best := ""
	for _, p := range t.list {
		words := strings.Split(p, ".")
		k := slices.IndexFunc(words, func(w string) bool { return strings.TrimSuffix(w, "[]") == word })
		if k < 1 || word == "input" || word == "output" {
			continue
		}
		q := strings.Join(words[:k], ".") + "." + word
		if _, only := t.twins[q]; only { // no .output behind it
			continue
		}
		_, is := t.whole[q]
		_, was := t.whole[best]
		if best == "" || is && !was || is == was && len(q) < len(best) {
			best = q
		}
	}
	if best == "" {
		return ""
	}
	return "did you mean " + strings.Replace(best, "[]", "[layer]", 1) + "?"
}
