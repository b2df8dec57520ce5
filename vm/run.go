package vm

import (
	"fmt"

	"interp/internal/diag"
	"interp/ir"
	"interp/nnrt/token"
	"interp/stdlib"
)

// runState is what the machine knows of the runs it is describing.
type runState struct {
	trace   *trace
	inv     *invoke
	step    int // generation step that the body speaks of
	stepped bool
	traces  int32
	invokes int32
	columns int // described since the tape was drained, those of generated tokens too
}

// trace is a group of invokes that belong together: trace, generate, or an invoke alone.
type trace struct {
	id    int32
	kind  string // "trace", "generate" or "invoke"
	model ir.Model
	gen   *genOpts
	span  diag.Span

	firstNode int // of the graph, when it began
}

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

// invoke is one invoke: its prompts are rows, each a run of the graph.
type invoke struct {
	id    int32
	trace *trace
	model ir.Model
	m     *Machine
	runs  []ir.RunID
	lens  []int // of the prompts
	list  bool  // a list of prompts was given, not one
	span  diag.Span

	results    map[resultKey]ir.Value // parts of hook_result that were set
	deltas     []ir.Set               // what they add to attn_out
	deltaOf    []int                  // the row of each
	deltaReads map[ir.NodeID]bool     // reads that count deltas alone
	firstNode  int                    // of the graph, when the invoke began
	reached    []int                  // tokens that each row generates, where stop may end it; nil: all
}

func (inv *invoke) run(r int) *ir.Run { return inv.m.b.g.Runs[inv.runs[r]] }

// positions that row r has at a generation step: all of the prompt at step 0, then one each.
func (inv *invoke) positions(r, step int) []int32 {
	if step > 0 {
		return []int32{int32(inv.lens[r] + step - 1)}
	}
	pos := make([]int32, inv.lens[r])
	for i := range pos {
		pos[i] = int32(i)
	}
	return pos
}

// beginTrace opens a group of invokes. kind is trace or generate; args are its arguments by name.
func (m *Machine) beginTrace(kind string, args *ir.Record, span diag.Span) error {
	if m.rs.trace != nil {
		return &ir.Error{Code: "E0208", Msg: kind + " stands inside another run", Hint: "close the run above first"}
	}
	m.rs.traces++
	t := &trace{id: m.rs.traces, kind: kind, model: m.model, span: span, firstNode: len(m.b.g.Nodes)}
	if v, ok := args.Get("model"); ok {
		mv, ok := v.(*modelValue)
		if !ok {
			return &ir.Error{Code: "E0302", Msg: fmt.Sprintf("%s: model: want a model, got %s", kind, ir.KindOf(v)), Hint: `m = model("name"), then trace(model=m)`}
		}
		t.model = mv.model
	}
	if t.model == nil {
		return errNoModel
	}
	if kind == "generate" {
		var err error
		if t.gen, err = m.genOptions(args, span); err != nil {
			return err
		}
	}
	m.rs.trace = t
	return nil
}

var errNoModel = &ir.Error{Code: "E0209", Msg: "there is no model", Hint: `name one: model "ioi-mini" in the script, or -model on the command line`}

// endTrace closes the group.
func (m *Machine) endTrace(diag.Span) error {
	m.rs.trace = nil
	return m.drainWindow()
}

// beginInvoke opens an invoke of prompts; alone it is its own trace.
func (m *Machine) beginInvoke(prompt ir.Value, span diag.Span) error {
	if m.rs.inv != nil {
		return &ir.Error{Code: "E0208", Msg: "invoke stands inside another invoke"}
	}
	t := m.rs.trace
	if t == nil {
		if m.model == nil {
			return errNoModel
		}
		m.rs.traces++
		t = &trace{id: m.rs.traces, kind: "invoke", model: m.model, span: span, firstNode: len(m.b.g.Nodes)}
	}
	prompts, list, err := m.prompts(prompt, t.model)
	if err != nil {
		return err
	}
	if t.gen != nil && t.gen.perRow && len(t.gen.seeds) != len(prompts) {
		return &ir.Error{Code: "E0211", Msg: fmt.Sprintf("generate has %d seeds, the invoke %d prompts", len(t.gen.seeds), len(prompts)), Hint: "seed takes one number, or one a row"}
	}
	m.rs.invokes++
	inv := &invoke{id: m.rs.invokes, trace: t, model: t.model, m: m, list: list, span: span, firstNode: len(m.b.g.Nodes)}
	for row, ids := range prompts {
		if err := checkPrompt(ids, row, list, t); err != nil {
			return err
		}
		if err := m.chargeTable(1024 * int64(len(ids))); err != nil {
			return err
		}
		r := &ir.Run{ID: ir.RunID(len(m.b.g.Runs)), Invoke: inv.id, Trace: t.id, Row: row, Model: t.model, Tokens: ids, Span: span}
		m.rs.columns += len(ids)
		if t.gen != nil {
			r.Gen = t.gen.forRow(row)
			m.rs.columns += t.gen.n - 1
		}
		m.b.g.Runs = append(m.b.g.Runs, r)
		inv.runs, inv.lens = append(inv.runs, r.ID), append(inv.lens, len(ids))
	}
	m.rs.inv, m.rs.step, m.rs.stepped = inv, 0, false
	return nil
}

// checkPrompt refuses what cannot run: no tokens, ids out of the vocabulary, more than the context.
func checkPrompt(ids []int32, row int, list bool, t *trace) error {
	where := "the prompt"
	if list {
		where = fmt.Sprintf("prompt %d", row)
	}
	d := t.model.Arch().Dims
	if len(ids) == 0 {
		return &ir.Error{Code: "E0401", Msg: where + " is empty", Hint: "no token is ever prepended; to begin with one: [bos] + tokens(p)"}
	}
	for i, id := range ids {
		if id < 0 || int(id) >= d.DVocab {
			return &ir.Error{Code: "E0401", Msg: fmt.Sprintf("%s: token id %d at position %d is not in the vocabulary (0 to %d)", where, id, i, d.DVocab-1)}
		}
	}
	if len(ids) > d.NCtx {
		return &ir.Error{Code: "E0402", Msg: fmt.Sprintf("%s has %d tokens, the context has %d positions", where, len(ids), d.NCtx)}
	}
	if t.gen != nil && len(ids)+t.gen.n-1 > d.NCtx {
		return &ir.Error{Code: "E0402", Msg: fmt.Sprintf("%s takes %d positions, of them %d for generated tokens; the context has %d", where, len(ids)+t.gen.n-1, t.gen.n-1, d.NCtx),
			Hint: fmt.Sprintf("max_new_tokens can be %d at most here: the last token takes no position", d.NCtx-len(ids)+1)}
	}
	return nil
}

// prompts reads what invoke was given: a string, a list of ids, or a list of those.
func (m *Machine) prompts(v ir.Value, model ir.Model) ([][]int32, bool, error) {
	v, err := m.force(v)
	if err != nil {
		return nil, false, err
	}
	one, err := promptIDs(v, model)
	if one != nil || err != nil {
		return [][]int32{one}, false, err
	}
	items, ok := listItems(v)
	if !ok {
		return nil, false, &ir.Error{Code: "E0302", Msg: fmt.Sprintf("invoke: want a string, token ids, or a list of them, got %s", ir.KindOf(v))}
	}
	if len(items) == 0 {
		return nil, true, &ir.Error{Code: "E0401", Msg: "invoke: the list of prompts is empty"}
	}
	var out [][]int32
	for i, p := range items {
		if p, err = m.force(p); err != nil {
			return nil, true, err
		}
		ids, err := promptIDs(p, model)
		if l, ok := listItems(p); err == nil && ok && len(l) == 0 {
			ids = []int32{} // told with the other prompts that are empty
		}
		if err == nil && ids == nil {
			err = &ir.Error{Code: "E0302", Msg: fmt.Sprintf("want a string or a list of token ids, got %s", ir.KindOf(p))}
		}
		if err != nil {
			return nil, true, fmt.Errorf("prompt %d: %w", i, err)
		}
		out = append(out, ids)
	}
	return out, true, nil
}

// tokenized is a model that has a tokenizer; the runtime's is one.
type tokenized interface{ Tokenizer() *token.Tokenizer }

// promptIDs are the ids of one prompt; nil for what is not one prompt.
func promptIDs(v ir.Value, model ir.Model) ([]int32, error) {
	if s, ok := v.(string); ok {
		ids, err := model.(tokenized).Tokenizer().Encode(s)
		if ids == nil {
			ids = []int32{}
		}
		if err != nil {
			return nil, &ir.Error{Code: "E0401", Msg: err.Error()}
		}
		return ids, nil
	}
	items, ok := listItems(v)
	if !ok || len(items) == 0 {
		return nil, nil
	}
	ids := make([]int32, len(items))
	for i, e := range items {
		n, ok := intOf(e)
		if !ok {
			return nil, nil
		}
		if n < 0 || n > 1<<30 {
			return nil, &ir.Error{Code: "E0401", Msg: fmt.Sprintf("token id %d is not in the vocabulary", n)}
		}
		ids[i] = int32(n)
	}
	return ids, nil
}

// endInvoke closes the invoke: sets of hook_result take their place, and cycles are looked for.
func (m *Machine) endInvoke(diag.Span) error {
	inv := m.rs.inv
	m.rs.inv = nil
	inv.placeDeltas()
	inv.markOld()
	first := inv.runs[0]
	for _, id := range inv.runs {
		m.b.g.Runs[id].Closed = true
	}
	if err := m.ownTokens(inv); err != nil {
		return err
	}
	return m.cycle(m.engineFor(inv.model).Check(m.b.g, first))
}

// inStep runs a part of the body at a generation step; outside iter a body speaks of step 0.
func (m *Machine) inStep(k int, f func() error) error {
	inv := m.rs.inv
	if inv == nil {
		return &ir.Error{Code: "E0210", Msg: "iter stands outside an invoke"}
	}
	if m.rs.stepped {
		return &ir.Error{Code: "E0210", Msg: "iter stands inside another iter"}
	}
	m.rs.step, m.rs.stepped = k, true
	err := f()
	m.rs.step, m.rs.stepped = 0, false
	return err
}

// iterSteps resolves the steps of an iter: from lo up to hi; nil bounds are the ends.
func (m *Machine) iterSteps(lo, hi, by *int64, single bool) ([]int, error) {
	inv := m.rs.inv
	if inv == nil || inv.trace.gen == nil {
		return nil, &ir.Error{Code: "E0210", Msg: "iter speaks of generation steps: it stands in an invoke of generate(max_new_tokens=n) { ... }"}
	}
	n := int64(inv.trace.gen.n)
	if single {
		if *lo < 0 || *lo >= n {
			return nil, stepRange(*lo, n)
		}
		return []int{int(*lo)}, nil
	}
	a, b, s := int64(0), n, int64(1)
	if lo != nil {
		a = *lo
	}
	if hi != nil {
		b = *hi
	}
	if by != nil {
		s = *by
	}
	if s <= 0 {
		return nil, &ir.Error{Code: "E0303", Msg: fmt.Sprintf("iter: step %d: steps go forward", s)}
	}
	if a < 0 || a >= n {
		return nil, stepRange(a, n)
	}
	if b > n {
		return nil, stepRange(b-1, n)
	}
	var out []int
	for k := a; k < b; k += s {
		out = append(out, int(k))
	}
	return out, nil
}

func stepRange(k, n int64) error {
	return &ir.Error{Code: "E0303", Msg: fmt.Sprintf("iter: there is no step %d: %d tokens are generated", k, n), Hint: fmt.Sprintf("valid: 0 to %d", n-1)}
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
