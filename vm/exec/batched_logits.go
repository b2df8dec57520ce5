package exec

import (
	"context"
	"encoding/binary"
	"slices"

	"interp/compiler/plan"
	"interp/ir"
	"interp/nnrt/arch"
)

// logitBytes is what rows of logits made at once may take, beyond one row.
const logitBytes = 64 << 20

// logits makes rows of logits: only the columns that are read, rows that want the same together, and
// whole ones in blocks, whose values are handed over before the next block.
func (x *chunkRun) logits(ctx context.Context, m *modelSteps, model int16, pt arch.Point, made []int32) error {
	x.direct(m, pt, made)
	groups, cols := x.byColumns(m, made)
	for g, rows := range groups {
		w := m.a.Dims.DVocab
		if cols[g] != nil {
			w = len(cols[g])
		}
		block := max(1, int(min(logitBytes, x.e.bytes())/int64(4*max(w, 1))))
		for len(rows) > 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
			n := min(block, len(rows))
			if err := x.logitRows(m, model, pt, rows[:n], cols[g], w); err != nil {
				return err
			}
			if rows = rows[n:]; len(rows) > 0 || g+1 < len(groups) {
				x.some(x.now)
			}
		}
	}
	return nil
}

func (x *chunkRun) logitRows(m *modelSteps, model int16, pt arch.Point, rows []int32, cols []int32, w int) error {
	s := m.base + int(pt)
	at := x.headers(s)
	r := x.inputs(model, rows, m.a.Inputs(pt))
	r.Cols = cols
	for j, i := range rows {
		if r.Out[j] = x.outside[i]; r.Out[j] == nil {
			x.rows.get(r.Out[j:j+1], w)
		}
		x.place(s, at, i, r.Out[j])
		if cols != nil {
			x.logit[i] = cols
		}
	}
	return m.rt.Rows(pt, r)
}

// direct gives whole rows of logits that a wanted array is made of their places in that array: they
// are too large to be copied.
func (x *chunkRun) direct(m *modelSteps, pt arch.Point, made []int32) {
	x.outside = map[int32][]float32{}
	for _, w := range x.vals.at[int32(x.now)] {
		if x.table.Kind(w) != plan.View {
			continue
		}
		typ, typed, scatter, _ := x.table.Layout(w)
		rows := x.table.Operands(w)
		v := m.a.Dims.DVocab
		if !typed || scatter != nil || typ.Size() != len(rows)*v {
			continue
		}
		data := make([]float32, typ.Size())
		for k, a := range rows {
			if x.table.Kind(a) != plan.ReadRow {
				continue
			}
			key, sl := x.table.Source(a)
			i := x.slot[key.C]
			if _, ok := slices.BinarySearch(made, i); ok && key.P == pt && sl.Whole() && x.outside[i] == nil {
				x.outside[i] = data[k*v : (k+1)*v : (k+1)*v]
			}
		}
		x.vals.into[w] = data
	}
}

// byColumns groups rows by the logits that are read of them; nil columns are all.
func (x *chunkRun) byColumns(m *modelSteps, made []int32) (groups [][]int32, cols [][]int32) {
	ix := map[string]int{}
	var key []byte
	whole := x.p.EditsAt(m.a.Logits())
	for _, i := range made {
		var set []int32
		if !whole {
			set = x.p.LogitsOf(x.p.Cols[i])
		}
		if set == nil || 4*len(set) > m.a.Dims.DVocab {
			set = nil
		}
		key = key[:0]
		for _, v := range set {
			key = binary.LittleEndian.AppendUint32(key, uint32(v))
		}
		g, ok := ix[string(key)]
		if !ok {
			g = len(groups)
			ix[string(key)] = g
			groups, cols = append(groups, nil), append(cols, set)
		}
		groups[g] = append(groups[g], i)
	}
	return groups, cols
}

// picked is a slice of a row of logits of which only some columns were made.
func picked(row []float32, cols []int32, sl ir.Slice) []float32 {
	y := make([]float32, sl.Len(0))
	sl.Each(0, func(i, off int) {
		if k, ok := slices.BinarySearch(cols, int32(off)); ok {
			y[i] = row[k]
		}
	})
	return y
}
