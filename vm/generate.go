package vm

import (
	"fmt"

	"interp/internal/diag"
	"interp/ir"
	"interp/stdlib"
)

// genOpts are the arguments of generate.
type genOpts struct {
	n           int
	temperature float64
	topK        int
	topP        float64
	seeds       []uint64 // one, or one a row
	perRow      bool     // one a row
	key         uint64
	stop        []int32
}

// genOptions reads the arguments of generate.
func (m *Machine) genOptions(args *ir.Record, span diag.Span) (*genOpts, error) {
	g := &genOpts{topP: 1, key: m.callKey(span), seeds: []uint64{m.seed}}
	n, ok := args.Get("max_new_tokens")
	if !ok {
		return nil, &ir.Error{Code: "E0211", Msg: "generate: max_new_tokens is missing", Hint: "generate(max_new_tokens=1) { ... }"}
	}
	given, cut := false, false // a temperature; a cut, which is sampled from at temperature 1
	for i, key := range args.Keys {
		v, err := m.force(args.Vals[i])
		if err != nil {
			return nil, err
		}
		if v == nil && key != "max_new_tokens" { // None: as if it were not given
			continue
		}
		if err := g.option(key, v); err != nil {
			return nil, err
		}
		switch key {
		case "temperature":
			given = true
		case "top_k", "top_p":
			cut = true
		}
	}
	if cut && !given {
		g.temperature = 1
	}
	if g.n < 1 {
		return nil, &ir.Error{Code: "E0211", Msg: fmt.Sprintf("generate: max_new_tokens is %v, want 1 or more", n)}
	}
	return g, nil
}

func (g *genOpts) option(key string, v ir.Value) error {
	bad := func(want string) error {
		return &ir.Error{Code: "E0211", Msg: fmt.Sprintf("generate: %s: got %s, want %s", key, stdlib.Repr(v), want)}
	}
	switch key {
	case "max_new_tokens":
		n, ok := intOf(v)
		if !ok || n > 1<<20 {
			return bad("a whole number")
		}
		g.n = int(n)
	case "temperature":
		x, ok := floatOf(v)
		if !ok || !(x >= 0) {
			return bad("a number from 0 (greedy)")
		}
		g.temperature = x
	case "top_k":
		n, ok := intOf(v)
		if !ok || n < 0 || n > 1<<30 {
			return bad("a whole number from 0 (all)")
		}
		g.topK = int(n)
	case "top_p":
		x, ok := floatOf(v)
		if !ok || !(x > 0 && x <= 1) {
			return bad("a number above 0 and up to 1")
		}
		g.topP = x
	case "seed":
		return g.seedOption(v, bad)
	case "stop":
		return g.stopOption(v, bad)
	}
	return nil
}

func (g *genOpts) seedOption(v ir.Value, bad func(string) error) error {
	if n, ok := intOf(v); ok {
		g.seeds, g.key = []uint64{uint64(n)}, 0
		return nil
	}
	items, ok := listItems(v)
	if !ok || len(items) == 0 {
		return bad("a number, or one a row")
	}
	g.seeds, g.key, g.perRow = nil, 0, true
	for _, e := range items {
		n, ok := intOf(e)
		if !ok {
			return bad("a number, or one a row")
		}
		g.seeds = append(g.seeds, uint64(n))
	}
	return nil
}

func (g *genOpts) stopOption(v ir.Value, bad func(string) error) error {
	items, ok := listItems(v)
	if !ok {
		items = []ir.Value{v}
	}
	for _, e := range items {
		n, ok := intOf(e)
		if !ok || n < 0 || n > 1<<30 {
			return bad("a token id, or a list of them")
		}
		g.stop = append(g.stop, int32(n))
	}
	return nil
}

// forRow is the generation of one row of an invoke. A row with a seed of its own draws as it does alone
// with that seed, wherever in the script: a seed that is given stands for the place of the call too.
func (g *genOpts) forRow(row int) *ir.Gen {
	out := &ir.Gen{N: g.n, Temperature: g.temperature, TopK: g.topK, TopP: g.topP, Seed: g.seeds[0], Key: g.key + uint64(row)*0x9e3779b97f4a7c15, Stop: g.stop}
	if g.perRow {
		out.Seed, out.Key = g.seeds[row], g.key
	}
	return out
}

// generated is the ids that the invoke's rows produced: all of them, or, inside iter, those so far.
func (m *Machine) generated(span diag.Span) (ir.Value, error) {
	inv := m.rs.inv
	if inv == nil || inv.trace.gen == nil {
		return nil, &ir.Error{Code: "E0210", Msg: "generated is known inside an invoke of generate(max_new_tokens=n) { ... }"}
	}
	all := m.tokensOf(inv, span)
	n := inv.trace.gen.n
	if m.rs.stepped {
		n = m.rs.step
	}
	if inv.trace.gen.stop != nil && !m.rs.stepped {
		return all, nil
	}
	rows := make([]ir.Value, len(inv.runs))
	for r := range rows {
		items := make([]ir.Value, n)
		if inv.reached != nil {
			items = items[:min(n, inv.reached[r])]
		}
		for k := range items {
			items[k] = m.tokenItem(all, inv.list, r, k, span)
		}
		rows[r] = &ir.List{Items: items}
	}
	if inv.list {
		return &ir.List{Items: rows}, nil
	}
	return rows[0], nil
}

// tokensOf is all that an invoke's rows generate.
func (m *Machine) tokensOf(inv *invoke, span diag.Span) *ir.Lazy {
	v := &ir.View{Model: inv.model}
	for _, r := range inv.runs {
		v.Pieces = append(v.Pieces, ir.Piece{Run: r, After: everySet})
	}
	n := ir.Node{Kind: ir.NTokens, VKind: ir.KList, View: v, Span: span}
	if inv.list {
		n.Param = "rows"
	}
	return &ir.Lazy{Node: m.b.add(n), Kind: ir.KList}
}

func (m *Machine) tokenItem(all *ir.Lazy, list bool, row, k int, span diag.Span) ir.Value {
	c := &ir.Call{Row: itemRow, Args: []ir.Value{all}, Attrs: [2]int{row, k}, Span: span}
	if !list {
		c.Attrs = [2]int{-1, k}
	}
	l := &ir.Lazy{Kind: ir.KInt}
	l.Node = m.b.call(c, l, span)
	return l
}

// itemRow is one token of those generated: Attrs are the row (-1: the only one) and the place.
var itemRow = &ir.OpRow{Name: "item", Hidden: true, NoGrad: "token ids have no gradient",
	Eval: func(c *ir.Call) (ir.Value, error) {
		at, l := c.Attrs.([2]int), c.Args[0].(*ir.List)
		if at[0] >= 0 {
			l = l.Items[at[0]].(*ir.List)
		}
		if at[1] >= len(l.Items) {
			return nil, &ir.Error{Code: "E0407", Msg: fmt.Sprintf("step %d was not reached: tokens generated until the stop: %d", at[1], len(l.Items))}
		}
		return l.Items[at[1]], nil
	},
}
