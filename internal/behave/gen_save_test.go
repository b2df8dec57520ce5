package behave

import (
	"fmt"
	"strings"
)

// save writes a save of a place, of a part of it or of a function of it.
func (g *gen) save() {
	p, l := g.somewhere()
	name, axes := g.name("s"), g.axes(p)
	site := p.name(g, fmt.Sprint(l))
	if g.inv.loop != "" {
		g.line("save %s[%s] = %s%s", name, g.inv.loop, site, g.index(axes, g.picks(axes)))
		return
	}
	if g.chance(40) {
		g.line("save %s = %s", name, site)
		g.saved = append(g.saved, &known{expr: name, axes: axes, from: g.inv.id, order: p.at(l), place: p, layer: l, step: g.inv.step})
		return
	}
	ps := g.picks(axes)
	e, left := site+g.index(axes, ps), kept(axes, ps)
	switch {
	case len(left) == 0:
		if g.inv.steps == 0 {
			g.scalars = append(g.scalars, name)
		}
	case g.chance(50):
		e = g.reduced(e, left)
	}
	g.line("save %s = %s", name, e)
}

// reduced writes a function of a value.
func (g *gen) reduced(e string, axes []axis) string {
	last := axes[len(axes)-1]
	if last.lens == nil && g.chance(60) {
		e = fmt.Sprintf(g.one("softmax(%s)", "argmax(%s)", "log_softmax(%s)", "sum(%s, -1)", "norm(%s, -1)", "cumsum(%s)", "sort(%s)", "max(%s, -1)"), e)
		return e
	}
	if last.name == "d_model" && last.n == g.d.DModel && g.chance(60) {
		return fmt.Sprintf(g.one("transformer.ln_f(%s)", "lm_head(%s)", "lm_head(transformer.ln_f(%s))", "transformer.h[0].mlp(%s)"), e)
	}
	return fmt.Sprintf(g.one("%s * 2", "abs(%s)", "%s > 0", "sum(%s)", "mean(%s)", "std(%s)", "exp(-abs(%s))"), e)
}

// keep gives a value a name that later invokes of the run may use.
func (g *gen) keep() {
	if g.inv.loop != "" {
		g.save()
		return
	}
	p, l := g.somewhere()
	name := g.name("x")
	g.line("%s = %s", name, p.name(g, fmt.Sprint(l)))
	g.inRun = append(g.inRun, &known{expr: name, axes: g.axes(p), from: g.inv.id, order: p.at(l), place: p, layer: l, step: g.inv.step})
}

// overLayers writes a loop over layers that saves or sets each.
func (g *gen) overLayers() {
	p, _ := g.somewhere()
	if !p.layered || p.attn || g.inv.loop != "" {
		g.save()
		return
	}
	l, axes := g.name("l"), g.axes(p)
	from := g.n(0, g.d.Layers-1)
	site := p.name(g, l)
	if g.chance(50) {
		name := g.name("s")
		g.line("for %s in range(n_layers) { save %s[%s] = %s }", l, name, l, site)
		g.saved = append(g.saved, &known{expr: name, axes: append([]axis{{name: "layer", n: g.d.Layers}}, axes...), from: g.inv.id, order: p.at(g.d.Layers - 1), place: p, layer: -1, step: g.inv.step})
		return
	}
	ps := g.picks(axes)
	v := g.value(kept(axes, ps), where{p, from}, 0)
	g.line("for %s in range(%d, n_layers) { set %s%s %s %s }", l, from, site, g.index(axes, ps), g.one("=", "+=", "*="), v)
}

// allLayers reads or sets a place at several layers at once.
func (g *gen) allLayers() {
	p, _ := g.somewhere()
	if !p.layered || p.attn || g.inv.loop != "" {
		g.save()
		return
	}
	site := p.name(g, g.one(":", "1:", ":2", "::2"))
	if g.chance(50) {
		g.line("save %s = %s", g.name("s"), site)
		return
	}
	g.line("set %s %s %s", site, g.one("+=", "*=", "="), g.one("0.5", "1", "2"))
}

// grad writes a gradient of a metric of this invoke or of values before it.
func (g *gen) grad() {
	if g.inv.iter || g.inv.steps > 0 && g.chance(50) {
		g.save()
		return
	}
	p, l := g.somewhere()
	axes := g.axes(p)
	wrt := p.name(g, fmt.Sprint(l))
	if g.chance(20) {
		wrt = fmt.Sprintf("param(\"%s\")", g.one("h.0.attn.c_attn.weight", "h.1.mlp.c_fc.bias", "wpe.weight", "h.0.ln_1.weight", "wte.weight"))
		axes = nil
	}
	e, name := fmt.Sprintf("grad(%s, %s)", g.metric(), wrt), g.name("g")
	switch {
	case axes == nil:
	case g.chance(40):
		e += g.index(axes, g.picks(axes))
	default: // later invokes may set what it says
		k := &known{expr: name, axes: axes, from: g.inv.id, place: p, layer: l, step: g.inv.step, grad: true}
		if g.saved = append(g.saved, k); g.chance(50) {
			g.saved, g.inRun = g.saved[:len(g.saved)-1], append(g.inRun, k)
			g.line("%s = %s", name, e)
			return
		}
	}
	g.line("save %s = %s", name, e)
}

// metric is a number that depends on the invoke.
func (g *gen) metric() string {
	q, l := g.somewhere()
	axes := g.axes(q)
	e := q.name(g, fmt.Sprint(l)) + g.index(axes, g.picks(axes))
	switch g.n(0, 5) {
	case 0:
		return "sum(logit_diff(logits, 0, 1))"
	case 1:
		return "sum(logits[:, -1, 0])"
	case 2:
		if !q.attn {
			return "sum(" + e + " * " + e + ")"
		}
	case 3:
		return "sum(softmax(logits[:, -1, :])[:, 0])"
	case 4:
		var from []string
		for _, k := range g.inRun {
			from = append(from, k.expr)
		}
		if len(from) > 0 {
			return "sum(tanh(" + g.one(from...) + ")) + sum(logits[0, -1, 0])"
		}
	}
	if q.attn {
		return "sum(logits[0, 0])"
	}
	return "sum(" + e + ")"
}

// sweep writes a loop over runs that patch one prompt with the values of another.
func (g *gen) sweep() {
	a, b := g.prompts[g.n(0, len(g.prompts)-1)], g.prompts[g.n(0, len(g.prompts)-1)]
	p, _ := g.somewhere()
	for p.attn || !p.layered {
		p = g.sites[2+g.n(0, 16)]
	}
	src, out := g.name("c"), g.name("r")
	own := strings.Repeat(", :", len(p.own))
	site := p.name(g, "l")
	g.line("invoke %s { for l in range(n_layers) { save %s[l] = %s } }", a.expr, src, site)
	g.end()
	metric := g.one("logits[0, -1, 0] - logits[0, -1, 1]", "logits[0, -1]", "blocks[-1].hook_resid_post", "transformer.h[0].mlp.output[0, -1]")
	n := min(a.n, b.n)
	switch g.n(0, 2) {
	case 0:
		g.line("for l in range(n_layers) {")
		g.line("for pos in range(%d) {", n)
		g.line("invoke %s {", b.expr)
		g.line("set %s[0, pos%s] %s %s[l][0, %s%s]", site, own, g.one("=", "=", "+="), src, g.one("pos", "pos", "0"), own)
		g.line("save %s[l, pos] = %s", out, metric)
		g.line("}")
		g.line("}")
		g.line("}")
	case 1:
		g.line("for l in range(n_layers) {")
		g.line("invoke [%s] * %d {", b.expr, n)
		g.line("for pos in range(%d) { set %s[pos, pos%s] = %s[l, 0, pos%s] }", n, site, own, src, own)
		g.line("save %s[l] = %s", out, g.one("logits[:, -1, 0]", "logit_diff(logits, 0, 1)", "logits"))
		g.line("}")
		g.line("}")
	default:
		g.line("for l, pos in grid(range(n_layers), range(%d)) { invoke %s { set %s[0, pos%s] = %s[l, 0, pos%s]", n, b.expr, site, own, src, own)
		g.line("    save %s[l, pos] = %s } }", out, metric)
	}
}

// each runs prompts one after the other in a loop, alike.
func (g *gen) each() {
	var ps []string
	for range g.n(2, 4) {
		ps = append(ps, g.prompts[g.n(0, len(g.prompts)-1)].expr)
	}
	p, l := g.somewhere()
	for p.attn {
		p, l = g.somewhere()
	}
	i, out := g.name("i"), g.name("r")
	g.line("for %s, p in enumerate([%s]) {", i, strings.Join(ps, ", "))
	g.line("invoke p {")
	if g.chance(50) {
		g.line("set %s[:, %s] %s %s", p.name(g, fmt.Sprint(l)), g.one("0", "-1", ":"), g.one("*=", "+=", "="), g.one("0.5", i, "1"))
	}
	g.line("save %s[%s] = %s", out, i, g.one("logits[0, -1]", "logits", "blocks[1].hook_resid_mid", "mean(blocks[-1].mlp.hook_post, \"pos\")"))
	g.line("}")
	g.line("}")
}

// mistake writes something that is refused, by check or while running.
func (g *gen) mistake() {
	g.right = true
	p, l := g.somewhere()
	site := p.name(g, fmt.Sprint(l))
	switch g.n(0, 7) {
	case 0:
		g.line("save %s = %s[0, 77]", g.name("w"), site)
	case 1:
		g.line("set %s[0, 0] = zeros(5, 7)", site)
	case 2:
		g.line("set transformer.h[0].input[:, -1] = transformer.h[-1].output[:, -1]")
	case 3:
		g.line("set blocks[0].attn.hook_pattern[0, 0, 0] = rand(%d)", g.inv.lens[0])
	case 4:
		g.line("assert sum(%s) == 12345", site)
	case 5:
		g.line("save %s = [1][argmax(logits[0, -1])]", g.name("w"))
	case 6:
		g.line("save %s = zeros(2) @ %s[0, 0]", g.name("w"), site)
	case 7:
		g.line("set %s = [0, 1, 2][argmax(logits[0, 0])]", site)
	}
}

// function writes a def that runs an invoke, and calls it.
func (g *gen) function() {
	f, out := g.name("f"), g.name("r")
	p, _ := g.somewhere()
	for p.attn {
		p, _ = g.somewhere()
	}
	g.line("def %s(p, l) {", f)
	g.line("invoke p {")
	g.line("set %s[:, %s] %s %s", p.name(g, "l"), g.one("0", "-1", ":"), g.one("*=", "+=", "="), g.one("0.5", "1", "2"))
	g.line("save y = %s", g.one("logits[:, -1, :]", "transformer.ln_f.output[:, -1]", "logit_diff(logits, 0, 1)"))
	g.line("}")
	g.line("return y")
	g.line("}")
	g.end()
	g.line("for l in range(n_layers) { save %s[l] = %s(%s, l) }", out, f, g.prompts[g.n(0, len(g.prompts)-1)].expr)
}

// defineEdit writes an edit, and one run that uses it.
func (g *gen) defineEdit() {
	e := g.name("e")
	p, _ := g.somewhere()
	for p.attn {
		p, _ = g.somewhere()
	}
	g.line("edit %s(l, v) { set %s[:, %s] %s v }", e, p.name(g, "l"), g.one("0", "-1", ":"), g.one("*=", "+=", "="))
	g.end()
	g.edits = append(g.edits, edit{func(list bool) string {
		if list && g.chance(50) {
			return fmt.Sprintf("[%s(l, %s) for l in range(n_layers)]", e, g.one("0.5", "1", "0"))
		}
		return fmt.Sprintf("%s(%d, %s)", e, g.n(0, g.d.Layers-1), g.one("0.5", "1", "0"))
	}})
	g.run(g.one("invoke", "trace"))
}

// decide writes a run that depends on the result of another.
func (g *gen) decide() {
	if len(g.scalars) > 0 && g.chance(50) {
		g.line("if %s > 0 {", g.one(g.scalars...))
		before := len(g.saved)
		g.run(g.one("invoke", "trace"))
		g.saved = g.saved[:before] // not saved for sure
		g.line("}")
		return
	}
	if len(g.tokens) > 0 && g.chance(50) {
		ids := g.tokens[g.n(0, len(g.tokens)-1)]
		name := g.name("q")
		g.line("%s = %s%s", name, g.one("[0] + ", "[1, 2] + ", "[2, 1] + "), ids.expr)
		g.end()
		g.line("invoke %s { save %s = logits }", name, g.name("s"))
		return
	}
	a, t := g.prompts[g.n(0, len(g.prompts)-1)], g.name("t")
	g.line("invoke %s { save %s = argmax(logits[0, -1]) }", a.expr, t)
	g.end()
	g.line("q%s = %s + [%s]", t, a.expr, t)
	if a.n < 7 {
		g.prompts = append(g.prompts, prompt{"q" + t, a.n + 1})
	}
	g.end()
	g.run("invoke")
}

// after writes what is computed of results.
func (g *gen) after() {
	if len(g.saved) == 0 {
		g.run("invoke")
		return
	}
	k := g.saved[g.n(0, len(g.saved)-1)]
	ps := g.picks(k.axes)
	e := k.expr + g.index(k.axes, ps)
	if left := kept(k.axes, ps); len(left) > 0 {
		e = g.reduced(e, left)
	}
	if g.chance(30) {
		g.line("print %s", e)
		return
	}
	g.line("save %s = %s", g.name("t"), e)
}
