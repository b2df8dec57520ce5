package behave

import (
	"fmt"
	"strings"

	"pgregory.net/rapid"

	"interp/nnrt/arch"
)

// script is a random script: its top-level statements.
type script struct{ parts []string }

func (s script) String() string   { return strings.Join(s.parts, "") }
func (s script) GoString() string { return "\n" + s.String() }

// gen writes a script statement by statement and knows the shape of all it wrote, so that most
// scripts are valid.
type gen struct {
	t       *rapid.T
	d       arch.Dims
	sites   []*place
	part    strings.Builder
	depth   int
	parts   []string
	prompts []prompt
	saved   []*known // saves of runs that are over
	inRun   []*known // values of the run at hand
	scalars []string // saved numbers
	tokens  []prompt // lists of ids that were generated
	edits   []edit
	inv     *invoke
	names   int
	invokes int
	recent  []where
	twin    bool // there is a second model
	right   bool // nothing is to be wrong, any more
}

type prompt struct {
	expr string
	n    int
}

// edit is an edit that invokes may use, and the invokes it is safe in.
type edit struct {
	call func(list bool) string
}

// invoke is what the generator knows of the invoke at hand.
type invoke struct {
	id    int
	lens  []int  // of the prompts
	steps int    // generated tokens; 0: none
	step  int    // the body speaks of; -1: of several
	loop  string // the variable of an iter of several
	iter  bool   // the statement stands in an iter
}

// known is a value with a name: axes batch and pos first if it has them.
type known struct {
	expr  string
	axes  []axis
	from  int // the invoke it was read in; 0: none
	order int // what it follows from there
	place *place
	layer int // -1: several
	step  int // of generation
	grad  bool
}

// scripts generates scripts for a model.
func scripts(d arch.Dims) *rapid.Generator[script] {
	return rapid.Custom(func(t *rapid.T) script {
		g := &gen{t: t, d: d, sites: places(d)}
		g.preamble()
		g.repeat(1, 4, g.statement)
		g.end()
		return script{g.parts}
	})
}

func (g *gen) n(lo, hi int) int        { return rapid.IntRange(lo, hi).Draw(g.t, "") }
func (g *gen) chance(pct int) bool     { return g.n(0, 99) >= 100-pct }
func (g *gen) one(xs ...string) string { return xs[g.n(0, len(xs)-1)] }

// repeat runs f lo to hi times, so that rapid can leave a time out.
func (g *gen) repeat(lo, hi int, f func()) {
	outer := g.t
	rapid.SliceOfN(rapid.Custom(func(t *rapid.T) int {
		g.t = t
		t.Helper()
		_ = rapid.Bool().Draw(t, "")
		f()
		g.t = outer
		return 0
	}), lo, hi).Draw(outer, "")
	g.t = outer
}

func (g *gen) line(format string, args ...any) {
	text := format
	if len(args) > 0 {
		text = fmt.Sprintf(format, args...)
	}
	if strings.HasPrefix(text, "}") {
		g.depth--
	}
	g.part.WriteString(strings.Repeat("    ", g.depth) + text + "\n")
	if strings.HasSuffix(text, "{") {
		g.depth++
	}
}

// end closes a top-level statement.
func (g *gen) end() {
	if g.part.Len() > 0 {
		g.parts = append(g.parts, g.part.String())
		g.part.Reset()
	}
}

func (g *gen) name(prefix string) string {
	g.names++
	return fmt.Sprintf("%s%d", prefix, g.names)
}

// preamble names a few prompts; most share a prefix.
func (g *gen) preamble() {
	g.right = !g.chance(15)
	vocab := min(g.d.DVocab, 5)
	base := rapid.SliceOfN(rapid.IntRange(0, vocab-1), 3, 6).Draw(g.t, "")
	for i := range g.n(1, 3) {
		ids := append([]int(nil), base...)
		if i > 0 {
			cut := g.n(0, len(base))
			ids = append(ids[:cut], rapid.SliceOfN(rapid.IntRange(0, vocab-1), max(0, 1-cut), 4).Draw(g.t, "")...)
		}
		ids = ids[:min(len(ids), 7)]
		name := fmt.Sprintf("p%d", i)
		g.line("%s = %s", name, list(ids))
		g.prompts = append(g.prompts, prompt{name, len(ids)})
	}
	if g.d.DVocab == 3 && g.chance(30) { // of letters
		text := rapid.StringOfN(rapid.SampledFrom([]rune("ABC")), 1, 6, -1).Draw(g.t, "")
		g.line("ps = %q", text)
		g.prompts = append(g.prompts, prompt{"ps", len(text)})
	}
	if g.chance(25) {
		g.line(`twin = model("twin")`)
		g.twin = true
	}
	g.end()
}

func (g *gen) statement() {
	switch k := g.n(0, 99); {
	case k < 30:
		g.run("trace")
	case k < 50:
		g.run("invoke")
	case k < 66:
		g.run("generate")
	case k < 74:
		g.sweep()
	case k < 79:
		g.each()
	case k < 84:
		g.function()
	case k < 90:
		g.defineEdit()
	case k < 95:
		g.decide()
	default:
		g.after()
	}
	g.end()
}

// run writes a trace, a generate or an invoke alone.
func (g *gen) run(kind string) {
	switch kind {
	case "invoke":
		g.invoke(0)
	case "trace":
		if g.twin && g.chance(50) {
			g.line("trace(model=twin) {")
		} else {
			g.line("trace {")
		}
		g.repeat(1, 4, func() { g.invoke(0) })
		g.line("}")
	case "generate":
		n := g.n(1, 3)
		args, tokens := fmt.Sprintf("max_new_tokens=%d", n), len(g.tokens)
		if g.chance(30) {
			args += ", temperature=" + g.one("0.5", "1", "2") + fmt.Sprintf(", seed=%d", g.n(0, 5))
			if g.chance(40) {
				args += ", " + g.one("top_k=2", "top_p=0.8")
			}
		}
		if g.chance(15) {
			args += fmt.Sprintf(", stop=%d", g.n(0, 2))
			defer func() { g.tokens = g.tokens[:tokens] }() // of a length that is not known
		}
		if g.twin && g.chance(30) {
			args += ", model=twin"
		}
		g.line("generate(%s) {", args)
		g.repeat(1, 3, func() { g.invoke(n) })
		g.line("}")
	}
	g.inRun = nil
}

// invoke writes an invoke of one prompt or several.
func (g *gen) invoke(steps int) {
	g.invokes++
	inv := &invoke{id: g.invokes, steps: steps}
	var text string
	if g.chance(60) {
		p := g.prompts[g.n(0, len(g.prompts)-1)]
		text, inv.lens = p.expr, []int{p.n}
		if g.chance(15) {
			text = "[" + text + "]"
		}
	} else {
		var parts []string
		same := g.chance(40)
		p := g.prompts[g.n(0, len(g.prompts)-1)]
		for range g.n(2, 3) {
			if !same {
				p = g.prompts[g.n(0, len(g.prompts)-1)]
			}
			parts, inv.lens = append(parts, p.expr), append(inv.lens, p.n)
		}
		text = "[" + strings.Join(parts, ", ") + "]"
	}
	if len(g.edits) > 0 && g.chance(50) {
		text += " with " + g.edits[g.n(0, len(g.edits)-1)].call(false)
		if g.chance(40) {
			text += ", " + g.edits[g.n(0, len(g.edits)-1)].call(true)
		}
	}
	g.inv = inv
	g.line("invoke %s {", text)
	g.repeat(1, 5, g.body)
	if steps > 0 && g.chance(60) {
		ids := g.name("ids")
		g.line("save %s = generated", ids)
		if !strings.Contains(text, "[") {
			g.tokens = append(g.tokens, prompt{ids, steps})
		}
	}
	g.line("}")
	g.inv = nil
}

// body writes a statement of an invoke.
func (g *gen) body() {
	switch k := g.n(0, 99); {
	case k > 89 && !g.right:
		g.mistake()
	case k < 35:
		g.set()
	case k < 65:
		g.save()
	case k < 72:
		g.keep()
	case k < 77:
		g.overLayers()
	case k < 80:
		g.allLayers()
	case k < 87:
		g.grad()
	default:
		if g.inv.steps > 0 && !g.inv.iter {
			g.iter()
		} else {
			g.set()
		}
	}
}

// iter writes a part of the body that speaks of later steps.
func (g *gen) iter() {
	n := g.inv.steps
	g.inv.iter = true
	if g.chance(40) {
		k := g.n(0, n-1)
		g.inv.step = k
		g.line("iter %d {", k)
		g.repeat(1, 3, g.body)
		g.line("}")
	} else {
		k := g.name("k")
		g.inv.step, g.inv.loop = -1, k
		if n == 1 {
			g.inv.step = 0
		}
		g.line("iter %s in %s {", k, g.one("all", "0:", fmt.Sprintf("0:%d", n)))
		g.repeat(1, 3, func() {
			if g.chance(50) {
				g.set()
			} else {
				g.save()
			}
		})
		g.line("}")
	}
	g.inv.step, g.inv.loop, g.inv.iter = 0, "", false
}

// axes are those of a place in the invoke at hand.
func (g *gen) axes(p *place) []axis {
	inv := g.inv
	pos := axis{name: "pos", n: inv.lens[0]}
	for _, n := range inv.lens {
		if n != inv.lens[0] {
			pos = axis{name: "pos", lens: inv.lens}
		}
	}
	if inv.step > 0 {
		pos = axis{name: "pos", n: 1}
	}
	batch := axis{name: "batch", n: len(inv.lens)}
	if !p.attn {
		return append([]axis{batch, pos}, p.own...)
	}
	query, key := pos, pos
	query.name, key.name = "query", "key"
	if inv.step > 0 {
		key = axis{name: "key", n: inv.lens[0] + inv.step}
		for _, n := range inv.lens {
			if n != inv.lens[0] {
				key = axis{name: "key", lens: inv.lens}
			}
		}
	}
	return []axis{batch, p.own[0], query, key}
}

// picks draws an index of axes; entries of a ragged axis stand in every row.
func (g *gen) picks(axes []axis) []pick {
	ps := make([]pick, len(axes))
	one, batch := false, 0
	for i, a := range axes {
		switch {
		case g.inv != nil && g.inv.step < 0 && (a.name == "pos" || a.name == "query"):
			ps[i] = pick{text: "-1", at: []int{0}, drop: true} // as many positions as the step has
		case g.inv != nil && g.inv.step < 0 && a.name == "key":
			ps[i] = pick{text: g.one("0", "-1"), at: []int{0}, drop: true}
		case a.lens == nil:
			ps[i] = g.some(a.n, 0)
			if a.name == "batch" {
				one, batch = ps[i].drop, i
			}
		case one:
			ps[i] = g.some(a.lens[ps[batch].at[0]], 0)
		default:
			n := least(a.lens)
			switch g.n(0, 3) {
			case 0:
				at := g.n(0, n-1)
				ps[i] = g.entry(at, n)
			case 1:
				var at []int
				for _, m := range ps[batch].at {
					at = append(at, g.n(0, a.lens[m]-1))
				}
				ps[i] = pick{text: "at(" + list(at) + ")", drop: true}
				if ps[batch].text != ":" {
					ps[i] = g.entry(g.n(0, n-1), n)
				}
			default:
				ps[i] = pick{text: ":"}
			}
		}
	}
	return ps
}

func least(xs []int) int {
	n := xs[0]
	for _, x := range xs {
		n = min(n, x)
	}
	return n
}

// kept are the axes that remain.
func kept(axes []axis, ps []pick) []axis {
	var out []axis
	for i, p := range ps {
		if p.drop {
			continue
		}
		a := axes[i]
		if a.lens == nil || p.at != nil {
			a = axis{name: a.name, n: len(p.at)}
		}
		out = append(out, a)
	}
	return out
}

// somewhere draws a place and a layer, often where something happened before.
func (g *gen) somewhere() (*place, int) {
	if len(g.recent) > 0 && g.chance(35) {
		w := g.recent[g.n(max(0, len(g.recent)-4), len(g.recent)-1)]
		return w.p, w.l
	}
	p, l := g.sites[g.n(0, len(g.sites)-1)], g.n(0, g.d.Layers-1)
	g.recent = append(g.recent, where{p, l})
	return p, l
}

// where is a place in a layer.
type where struct {
	p *place
	l int
}
