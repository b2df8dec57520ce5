package exec

import (
	"context"
	"fmt"
	"time"

	"interp/compiler/plan"
	"interp/ir"
	"interp/nnrt/arch"
)

// chunk plans and runs one chunk; left is how many come after it.
func (e *Batched) chunk(ctx context.Context, c *plan.Chunk, left int, s *sharing, deliver func(plan.ValID, result)) error {
	p, err := e.plan(ctx, c, s)
	if err != nil {
		return err
	}
	e.dense.Modules += p.Cost.Modules
	if err := e.fits(p, c); err != nil {
		return err
	}
	if e.dump != nil {
		if err := p.Fprint(e.dump); err != nil {
			return err
		}
	}
	e.count(p)
	if e.dry {
		e.pretend(p, c, s, deliver)
		e.cost.Add(p.Cost, 1)
		return nil
	}
	e.run.progress = nil
	if e.opts.Progress != nil {
		states := p.Cost.States(e.table)
		e.run.progress = func(part float64) {
			e.opts.Progress(e.stats.StatesPlanned+int64(part*float64(states)), e.stats.StatesPlanned+states*int64(1+left))
		}
	}
	err = e.run.do(ctx, p, s, deliver)
	if err != nil { // rows may have places and no numbers yet
		e.kept.clear()
	}
	e.cost.Add(p.Cost, 1)
	e.refresh()
	return err
}

// plan plans a chunk once the gradients that it reads are there. Making them may drop what a plan counted
// on, so that the next one may read others.
func (e *Batched) plan(ctx context.Context, c *plan.Chunk, s *sharing) (*plan.Plan, error) {
	for {
		t0 := time.Now()
		p := e.planner.Make(c.Want, e.has())
		e.stats.PlanSeconds += time.Since(t0).Seconds()
		grads := e.missing(p)
		if len(grads) == 0 {
			return p, nil
		}
		if err := e.gradients(ctx, grads, s); err != nil {
			return nil, err
		}
	}
}

// count takes a plan into the statistics, if it has anything to do.
func (e *Batched) count(p *plan.Plan) {
	if len(p.Cols) > 0 {
		e.stats.Chunks++
		e.stats.Passes = max(e.stats.Passes, int64(p.Passes))
	}
}

// fits refuses a chunk that cannot be cut any further and is too large for -mem.
func (e *Batched) fits(p *plan.Plan, c *plan.Chunk) error {
	if e.opts.Mem <= 0 || len(c.Want) > 1 {
		return nil
	}
	need := p.Peak()
	for _, v := range c.Want {
		need += e.table.Bytes(v)
	}
	if need <= e.opts.Mem {
		return nil
	}
	return &ir.Error{Code: "E0417", Msg: fmt.Sprintf("one value alone takes %s of memory for the rows it is made from, -mem allows %s", sizeText(need), sizeText(e.opts.Mem)),
		Hint: "allow more with -mem, or read less at once: fewer positions, a part of a row"}
}

// tooLarge refuses, before anything is computed, a value that does not fit into -mem together with what
// it is made of: chunks are cut through operands, but those of one operation are held at once. seen are
// the values that were looked at.
func (e *Batched) tooLarge(v plan.ValID, seen map[plan.ValID]bool) error {
	if e.opts.Mem <= 0 || seen[v] || e.Value(v) {
		return nil
	}
	seen[v] = true
	need := e.table.Bytes(v)
	for _, a := range e.table.Operands(v) {
		if err := e.tooLarge(a, seen); err != nil {
			return err
		}
		need += e.table.Bytes(a)
	}
	if need <= e.opts.Mem {
		return nil
	}
	seen[v] = false // whoever needs it fails too
	return &ir.Error{Code: "E0417", Msg: fmt.Sprintf("this takes %s of memory with what it is made from, -mem allows %s", sizeText(need), sizeText(e.opts.Mem)),
		Hint: "allow more with -mem, or read less at once: fewer prompts or positions, a part of a row"}
}

func sizeText(n int64) string {
	switch {
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	}
	return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10))
}

// has is what a plan may leave out: nothing at first, which is the planner's quicker way.
func (e *Batched) has() plan.Kept {
	if e.kept.n == 0 && len(e.vals) == 0 && len(e.known.at) == 0 {
		return plan.Nothing
	}
	return e
}

// Column says that a row of the column is kept.
func (e *Batched) Column(c plan.ColID) bool { return e.kept.at(c) != nil }

// Row says that the row is kept.
func (e *Batched) Row(c plan.ColID, p arch.Point) bool {
	k := e.kept.at(c)
	return k != nil && k.rows[p] != nil
}

// Chain says that all keys and values up to a column are kept. What was found once holds until a row
// is dropped.
func (e *Batched) Chain(c plan.ColID) bool {
	s := &e.kept
	d := c
	for ; d >= 0; d = e.table.Prev(d) {
		if k := s.at(d); k != nil && k.chain == s.drops+1 {
			break
		}
		if !e.hasKeys(d) {
			return false
		}
	}
	for ; c != d; c = e.table.Prev(c) {
		if k := s.at(c); k != nil {
			k.chain = s.drops + 1
		}
	}
	return true
}

func (e *Batched) hasKeys(c plan.ColID) bool {
	model, _, _ := e.table.Place(c)
	for l := range e.table.Models()[model].Arch().Dims.Layers {
		p := e.table.KV(model, l)
		if k := e.kept.at(e.table.Owner(p, c)); k == nil || k.rows[p] == nil {
			return false
		}
	}
	return true
}

// Value says that the result is kept.
func (e *Batched) Value(v plan.ValID) bool {
	_, ok := e.result(v)
	return ok
}

func (e *Batched) result(v plan.ValID) (result, bool) {
	if r, ok := e.vals[v]; ok {
		return r, true
	}
	r, ok := e.known.at[v]
	return r, ok
}
