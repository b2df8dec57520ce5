package exec

import (
	"context"
	"fmt"
	"slices"

	"interp/compiler/plan"
	"interp/nnrt"
	"interp/nnrt/arch"
)

// chunkRun executes one plan. Rows stand by step of a pass (models one after the other, points in
// order) and column of the plan; each is freed after its last reader. Those that values or a later
// pass read are held longer; some are kept for later plans, in the engine's store.
type chunkRun struct {
	e         *Batched
	table     *plan.Table
	p         *plan.Plan
	share     *sharing
	rows      pool
	slot      []int32 // by column of the table: its place in the plan; -1: not in it
	kept      []*keptCol
	at        [][][]float32 // by step of a pass, then column of the plan
	slabs     [][]kvRow     // the same for keys and values
	count     []int32       // by step of a pass: rows there
	holds     []int32       // and holds on them
	spare     [][][]float32 // places for reuse
	spareKeys [][]kvRow
	hold      map[plan.RowKey]int32
	plain     bool // rows of plain columns are kept
	grow      bool // keys and values are kept, and their chains grow
	now       int

	models   []modelSteps
	keys     keyLists
	req      nnrt.Rows
	vals     values
	logit    map[int32][]int32   // by column of the plan: which logits its row has; not there: all
	outside  map[int32][]float32 // by column of the plan: where its row of logits stands, if in a result
	deliver  func(plan.ValID, result)
	progress func(part float64)   // may be nil
	bad      map[plan.ColID]error // columns with a set whose value failed
	badOf    map[plan.ColID]error // and those made from them, as asked
}

// modelSteps is what the run must know of a model's points.
type modelSteps struct {
	rt   Runtime
	a    *arch.Arch
	base int            // its first step in a pass
	last []arch.Point   // by point: the last one made from it
	ends [][]arch.Point // by point: those of which it is the last
	keep []bool         // by point: worth keeping between plans
	z    []arch.Point   // by layer: where attention ends
	wide []bool
}

func newChunkRun(e *Batched) *chunkRun {
	return &chunkRun{e: e, table: e.table, rows: newPool()}
}

func (x *chunkRun) addModels() {
	for m := len(x.models); m < len(x.table.Models()); m++ {
		model := x.table.Models()[m]
		a := model.Arch()
		n := a.Points()
		s := modelSteps{a: a, last: make([]arch.Point, n), ends: make([][]arch.Point, n), keep: make([]bool, n), z: make([]arch.Point, a.Dims.Layers), wide: make([]bool, n)}
		s.rt, _ = model.(Runtime)
		if m > 0 {
			s.base = x.models[m-1].base + x.models[m-1].a.Points()
		}
		for p := range arch.Point(n) {
			row := a.Row(p)
			s.wide[p] = x.table.Wide(int16(m), p)
			s.keep[p] = row.KV || row.Stage != arch.None || a.Layer(p) >= 0 && a.Off(p) == 0
			if row.Keys && !s.wide[p] {
				s.z[a.Layer(p)] = p
			}
		}
		for p := range arch.Point(n) {
			s.last[p] = x.table.LastReader(int16(m), p)
			if s.wide[s.last[p]] { // attention may do it all at its end
				s.last[p] = s.z[a.Layer(p)]
			}
			s.ends[s.last[p]] = append(s.ends[s.last[p]], p)
		}
		x.models = append(x.models, s)
	}
}

// do runs a plan and hands over its wanted values as they become known.
func (x *chunkRun) do(ctx context.Context, p *plan.Plan, share *sharing, deliver func(plan.ValID, result)) error {
	x.begin(p, share, deliver)
	defer x.end()
	for m := range x.models {
		if x.models[m].rt == nil {
			return fmt.Errorf("model %s cannot compute", x.table.Models()[m].Name())
		}
	}
	x.ready(-1)
	last := 0
	for i := range p.Steps() {
		pass, model, pt, cols := p.Step(i)
		for ; last < pass; last++ {
			x.unpin(last)
		}
		if len(cols) == 0 {
			continue
		}
		if x.now = i; x.models[model].a.Off(pt) == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
			if x.progress != nil {
				x.progress(float64(i) / float64(p.Steps()))
			}
		}
		if err := x.step(ctx, pass, model, pt, cols); err != nil {
			return err
		}
		x.release(pass, model, pt)
		x.ready(i)
	}
	return nil
}

func (x *chunkRun) begin(p *plan.Plan, share *sharing, deliver func(plan.ValID, result)) {
	x.p, x.share, x.deliver = p, share, deliver
	x.addModels()
	for len(x.slot) < x.table.Len() {
		x.slot = append(x.slot, -1)
	}
	n := len(p.Cols)
	x.kept = slices.Grow(x.kept[:0], n)[:n]
	x.e.kept.clock++
	plain := 0
	for i, c := range p.Cols {
		x.slot[c] = int32(i)
		if x.kept[i] = x.e.kept.at(c); x.kept[i] != nil {
			x.kept[i].used = x.e.kept.clock
		}
		if p.Need[i] >= p.Lo[i] && x.table.Plain(c) {
			plain++
		}
	}
	steps := p.Steps() / p.Passes
	x.at, x.slabs = make([][][]float32, steps), make([][]kvRow, steps)
	x.count, x.holds = make([]int32, steps), make([]int32, steps)
	x.plain = !x.grow && int64(plain)*x.keepBytes() <= x.e.kept.limit
	x.hold, x.logit, x.bad, x.badOf = map[plan.RowKey]int32{}, map[int32][]int32{}, nil, nil
	x.outside = nil
	x.vals.begin(x)
	for k := range p.Pin {
		x.holdRow(k)
	}
}

// unpin lets go of what was held for a pass that is over.
func (x *chunkRun) unpin(pass int) {
	for k, level := range x.p.Pin {
		if int(level) == pass {
			x.unhold(k)
		}
	}
}

// keepBytes is what keeping a plain column takes.
func (x *chunkRun) keepBytes() int64 {
	var n int64
	for _, m := range x.models {
		w := int64(0)
		for p, keep := range m.keep {
			if keep && !m.wide[p] {
				w += int64(4 * m.a.Width(arch.Point(p), 0))
			}
		}
		n = max(n, w)
	}
	return n
}

// end frees what is left and cleans up.
func (x *chunkRun) end() {
	for s := range x.at {
		for i := int32(0); x.count[s] > 0 && int(i) < len(x.p.Cols); i++ {
			switch {
			case x.at[s] != nil && x.at[s][i] != nil:
				x.drop(s, i)
			case x.slabs[s] != nil && x.slabs[s][i].s != nil:
				x.dropKeys(s, i)
			}
		}
	}
	for _, c := range x.p.Cols {
		if x.failed(c) != nil {
			x.e.kept.forget(c)
		}
		x.slot[c] = -1
	}
	clear(x.kept)
	x.slabs, x.p, x.deliver = nil, nil, nil
}
