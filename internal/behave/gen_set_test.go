package behave

import (
	"fmt"
	"math"
	"strings"
)

// set writes a set of a place in the invoke at hand.
func (g *gen) set() {
	p, l := g.somewhere()
	if p.attn {
		g.setAttention(p, l)
		return
	}
	axes := g.axes(p)
	ps := g.picks(axes)
	if g.chance(35) { // whole rows
		for i := len(axes) - len(p.own); i < len(axes); i++ {
			ps[i] = whole(axes[i].n)
		}
	}
	op := g.one("=", "=", "=", "+=", "-=", "*=")
	limit := math.MaxInt
	for _, i := range ps[1].at {
		limit = min(limit, i)
	}
	if ps[1].at == nil || g.inv.step != 0 || axes[1].lens != nil {
		limit = 0 // no values of later layers
	}
	v := g.value(kept(axes, ps), where{p, l}, limit)
	if op == "=" && p.own == nil && v == "0" {
		v = "1.5" // a scale
	}
	g.line("set %s%s %s %s", p.name(g, fmt.Sprint(l)), g.index(axes, ps), op, v)
}

// setAttention writes a set of scores or of a pattern, within what queries see.
func (g *gen) setAttention(p *place, l int) {
	name, inv := p.name(g, fmt.Sprint(l)), g.inv
	if g.chance(25) {
		g.line("set %s *= %s", name, g.one("0.5", "2", "1"))
		return
	}
	for _, k := range append(append([]*known(nil), g.saved...), g.inRun...) { // of another run, whole
		if k.place == p && !k.grad && inv.step == 0 && fmt.Sprint(k.axes) == fmt.Sprint(g.axes(p)) && (k.from != inv.id || k.order <= p.at(l)) && g.chance(60) {
			if i := g.n(-1, len(inv.lens)-1); i >= 0 {
				g.line("set %s[%d] = %s[%d]", name, i, k.expr, i)
			} else {
				g.line("set %s = %s", name, k.expr)
			}
			return
		}
	}
	row := g.n(0, len(inv.lens)-1)
	batch := g.entry(row, len(inv.lens))
	head := g.some(g.d.Heads, 0)
	n := inv.lens[row]
	var query, key pick
	switch {
	case inv.step < 0:
		query = pick{text: "-1", at: []int{0}, drop: true}
		key = g.some(n, n)
		if strings.Contains(key.text, "-") || key.text == ":" || strings.HasSuffix(key.text, ":") {
			key = g.span(n+1, 0, n, 1)
		}
	case inv.step > 0:
		query = g.entry(0, 1)
		key = g.some(n+inv.step, 0)
	default:
		q := g.n(0, n-1)
		query, key = g.entry(q, n), g.some(n, q+1)
	}
	axes := []axis{{name: "batch", n: len(inv.lens)}, {name: "head", n: g.d.Heads}, {name: "query", n: n}, {name: "key", n: n + max(inv.step, 0)}}
	ps := []pick{batch, head, query, key}
	v := g.one("0", "0.25", "1", "-1")
	if strings.HasSuffix(name, "scores") && g.chance(20) {
		v = "-inf"
	} else if g.chance(40) {
		v = g.value(kept(axes, ps), where{p, l}, 0)
	}
	g.line("set %s%s %s %s", name, g.index(axes, ps), g.one("=", "=", "+=", "*="), v)
}

// value writes a value that fits axes: a number, random ones, or what a place holds. Places of this
// invoke that follow from what is set are read below position limit alone.
func (g *gen) value(axes []axis, at where, limit int) string {
	order := at.p.at(at.l)
	k := g.n(0, 99)
	if k < 20 {
		return g.one("0", "1", "0.5", "-2", "0.001")
	}
	if k < 35 {
		return g.random(axes)
	}
	if m := g.meanOf(axes); m != "" {
		return m
	}
	for range 4 {
		src := g.source(at)
		if src.grad && src.from == g.inv.id { // it depends on the whole run
			continue
		}
		below := 0
		if src.from == g.inv.id && src.order > order && src.step >= g.inv.step {
			if limit == 0 || limit == math.MaxInt || len(src.axes) > 2 && src.axes[2].name == "query" {
				continue
			}
			below = limit
		}
		if e, ok := g.fit(src, axes, below); ok {
			return g.shaped(e, axes)
		}
	}
	return g.random(axes)
}

// meanOf writes the mean of a value over prompts and positions, where whole rows are set; "" for none.
func (g *gen) meanOf(axes []axis) string {
	if len(axes) == 0 || !g.chance(15) {
		return ""
	}
	for _, k := range append(append([]*known(nil), g.saved...), g.inRun...) {
		own := k.axes
		for len(own) > 0 && lead(own[0].name) {
			own = own[1:]
		}
		if n := len(axes) - len(own); !k.place.attn && k.axes[0].name == "batch" && k.from != g.inv.id && len(own) > 0 && n >= 0 && fmt.Sprint(axes[n:]) == fmt.Sprint(own) {
			if k.axes[1].lens != nil {
				return fmt.Sprintf("mean(mean(%s, \"pos\"), \"batch\")", k.expr)
			}
			return fmt.Sprintf("mean(%s, [\"batch\", \"pos\"])", k.expr)
		}
	}
	return ""
}

// shaped puts a function of the same shape around a value.
func (g *gen) shaped(e string, axes []axis) string {
	last := axes[max(len(axes)-1, 0):]
	if len(last) == 1 && last[0].name == "d_model" && last[0].n == g.d.DModel && g.chance(15) {
		return fmt.Sprintf(g.one("transformer.ln_f(%s)", "transformer.h[1].mlp(%s)", "transformer.h[0].ln_1(%s)"), e)
	}
	switch g.n(0, 9) {
	case 0:
		return e + " * 0.5"
	case 1:
		return "-" + e
	case 2:
		return "gelu(" + e + ")"
	case 3:
		return e + " + " + g.random(axes)
	case 4:
		return "(" + e + " - mean(" + e + "))"
	case 5:
		return fmt.Sprintf(g.one("where(%[1]s > 0, %[1]s, 0.5)", "clamp(%s, -1, 1)", "maximum(%s, 0)", "tanh(%s) / 2"), e)
	case 6:
		if n := len(axes); n > 0 && axes[n-1].lens == nil && axes[n-1].n > 1 && axes[n-1].n <= 64 && axes[n-1].name != "pos" && axes[n-1].name != "batch" {
			return fmt.Sprintf("%s @ randn(%d, %d, seed=%d)", e, axes[n-1].n, axes[n-1].n, g.n(0, 9))
		}
	}
	return e
}

// random writes random numbers for the last one or two axes.
func (g *gen) random(axes []axis) string {
	var dims []string
	for i := len(axes) - 1; i >= 0 && axes[i].lens == nil && len(dims) < 2; i-- {
		dims = append([]string{fmt.Sprint(axes[i].n)}, dims...)
		if g.chance(50) {
			break
		}
	}
	if len(dims) == 0 {
		return "0.5"
	}
	return fmt.Sprintf("%s(%s, seed=%d)", g.one("randn", "rand"), strings.Join(dims, ", "), g.n(0, 9))
}

// source is something to take values from, often the same place in another run or another row.
func (g *gen) source(at where) *known {
	from := append(append([]*known(nil), g.saved...), g.inRun...)
	if g.chance(35) {
		alike := []*known{{expr: at.p.name(g, fmt.Sprint(at.l)), axes: g.axes(at.p), from: g.inv.id, order: at.p.at(at.l), step: g.inv.step}}
		for _, k := range from {
			if k.place == at.p && k.layer == at.l {
				alike = append(alike, k)
			}
		}
		if src := alike[g.n(0, len(alike)-1)]; !at.p.attn || g.inv.step >= 0 {
			return src
		}
	}
	if len(from) > 0 && g.chance(55) {
		return from[g.n(0, len(from)-1)]
	}
	p, l := g.somewhere()
	if p.attn && g.inv.step < 0 {
		p = g.sites[2]
	}
	return &known{expr: p.name(g, fmt.Sprint(l)), axes: g.axes(p), from: g.inv.id, order: p.at(l), step: g.inv.step}
}

// fit indexes a source so that it may be set where axes are. Positions are below a limit, if that is
// not 0.
func (g *gen) fit(src *known, axes []axis, limit int) (string, bool) {
	ps := make([]pick, len(src.axes))
	i, j := len(src.axes)-1, len(axes)-1
	ragged, same := false, true // its names are those of axes
	var row int
	for ; i >= 0 && !lead(src.axes[i].name); i-- {
		a, ok := src.axes[i], true
		if a.lens != nil {
			return "", false
		}
		switch {
		case j >= 0 && !lead(axes[j].name) && (i > 0 || !lead(src.axes[0].name)):
			if axes[j].lens != nil {
				return "", false
			}
			if ps[i], ok = g.exactly(axes[j].n, a.n, 0); !ok {
				return "", false
			}
			same = same && a.name == axes[j].name
			j--
		default:
			ps[i] = g.entry(g.n(0, a.n-1), a.n)
		}
	}
	if j >= 0 && !lead(axes[j].name) {
		return "", false
	}
	byName := map[string]axis{}
	for _, a := range axes {
		byName[a.name] = a
	}
	for k := 0; k <= i; k++ {
		a, ok := src.axes[k], true
		want, in := byName[a.name]
		switch a.name {
		case "layer":
			ps[k] = g.entry(g.n(0, a.n-1), a.n)
		case "batch":
			pos := byName["pos"]
			switch {
			case in && want.n == a.n && (pos.lens != nil || g.chance(60)):
				ps[k], ragged = whole(a.n), true
			case in && want.n == 1:
				row = g.n(0, a.n-1)
				ps[k] = g.span(a.n, row, row+1, 1)
			default:
				row = g.n(0, a.n-1)
				ps[k] = g.entry(row, a.n)
			}
		case "pos":
			size := a.n
			switch {
			case a.lens != nil && ragged:
				size = least(a.lens)
			case a.lens != nil:
				size = a.lens[row]
			}
			switch {
			case g.inv.step < 0 && src.from == g.inv.id:
				if limit > 0 {
					return "", false
				}
				ps[k] = pick{text: "-1", at: []int{0}, drop: true}
				if in {
					return "", false
				}
			case in && want.lens != nil:
				if !ragged || fmt.Sprint(a.lens) != fmt.Sprint(want.lens) {
					ps[k] = g.entry(g.n(0, size-1), size)
					break
				}
				ps[k] = pick{text: ":"}
			case in:
				if a.lens != nil && ragged {
					return "", false
				}
				ps[k], ok = g.exactly(want.n, size, limit)
			default:
				ps[k] = g.entry(g.n(0, below(limit, size)-1), size)
			}
		default:
			return "", false
		}
		if !ok {
			return "", false
		}
	}
	if !same && len(kept(src.axes, ps)) != len(axes) { // then axes meet by name
		return "", false
	}
	return src.expr + g.index(src.axes, ps), true
}

func below(limit, n int) int {
	if limit <= 0 {
		return n
	}
	return min(limit, n)
}

// lead says that an axis is one of those in front of a place's own.
func lead(name string) bool { return name == "batch" || name == "pos" || name == "layer" }
