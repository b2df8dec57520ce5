package exec

import (
	"fmt"
	"slices"

	"interp/compiler/plan"
	"interp/ir"
	"interp/nnrt/arch"
)

// edit makes the row at a column's fork: a copy of its base's, with values written on it.
func (x *chunkRun) edit(m *modelSteps, model int16, pt arch.Point, i int32) {
	c := x.p.Cols[i]
	base, edits := x.table.Edits(c)
	var out [1][]float32
	x.alloc(out[:], m, pt, []int32{i})
	row := out[0]
	if base >= 0 {
		copy(row, x.row(base, model, pt))
	} else {
		clear(row)
	}
	for _, ed := range edits {
		r := x.vals.numbers(ed.Val)
		if r.err == nil {
			r.nums, r.err = fitting(r.nums, ed.Slice.Len(len(row)))
		}
		if r.err != nil {
			x.fail(c, r.err)
		} else {
			ed.Slice.Put(row, r.nums)
		}
		x.vals.consume(ed.Val)
	}
}

// fitting are n numbers to be written: a single one is taken n times.
func fitting(x []float32, n int) ([]float32, error) {
	if len(x) == 1 && n > 1 {
		x = slices.Repeat(x, n)
	}
	if len(x) != n {
		return nil, &ir.Error{Code: "E0301", Msg: fmt.Sprintf("set: the value has %d numbers, the slice has %d", len(x), n)}
	}
	return x, nil
}

// fail marks a column whose set could not be carried out: what is made from it has no value, and none
// of it is kept.
func (x *chunkRun) fail(c plan.ColID, err error) {
	if x.bad == nil {
		x.bad = map[plan.ColID]error{}
	}
	x.bad[c] = err
	x.badOf = map[plan.ColID]error{}
}

// failed is why a column's rows have no value; nil if they do.
func (x *chunkRun) failed(c plan.ColID) error {
	if x.bad == nil {
		return nil
	}
	if err, ok := x.bad[c]; ok {
		return err
	}
	if err, ok := x.badOf[c]; ok {
		return err
	}
	var why error
	x.table.DependsOn(c, func(d plan.ColID) bool {
		why = x.failed(d)
		return why != nil
	})
	x.badOf[c] = why
	return why
}
