package vm

import (
	"fmt"

	"interp/internal/diag"
	"interp/ir"
	"interp/nnrt/token"
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
