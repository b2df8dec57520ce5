package exec

import (
	"fmt"
	"slices"

	"interp/compiler/plan"
	"interp/ir"
	"interp/nnrt/tensor"
)

// values computes the values of a plan when they are asked for, or as soon as they can be: each once,
// and held until its last reader.
type values struct {
	x    *chunkRun
	uses []int32 // readers left, by value
	memo map[plan.ValID]result
	at   map[int32][]plan.ValID // wanted ones by the step after which they can be
	step map[plan.ValID]int32
	into map[plan.ValID][]float32 // results that rows of logits are written into
}

func (v *values) begin(x *chunkRun) {
	v.x = x
	v.memo, v.at, v.step = map[plan.ValID]result{}, map[int32][]plan.ValID{}, map[plan.ValID]int32{}
	v.into = map[plan.ValID][]float32{}
	for _, u := range x.p.Vals {
		for int(u.Val) >= len(v.uses) {
			v.uses = append(v.uses, make([]int32, int(u.Val)+1-len(v.uses))...)
		}
		v.uses[u.Val] = u.Times
		v.step[u.Val] = u.Step
		if x.table.Kind(u.Val) == plan.ReadRow && !x.e.Value(u.Val) {
			k, _ := x.table.Source(u.Val)
			x.holdRow(k)
		}
	}
	for _, w := range x.p.Want {
		v.at[v.step[w]] = append(v.at[v.step[w]], w)
	}
}

// ready hands over the wanted values that can be after step i.
func (x *chunkRun) ready(i int) {
	v := &x.vals
	for _, w := range v.at[int32(i)] {
		x.hand(w)
	}
	delete(v.at, int32(i))
}

func (x *chunkRun) hand(w plan.ValID) {
	r := x.vals.eval(w)
	x.deliver(w, r)
	x.vals.consume(w)
}

// some hands over those of step i whose rows exist already.
func (x *chunkRun) some(i int) {
	v := &x.vals
	v.at[int32(i)] = slices.DeleteFunc(v.at[int32(i)], func(w plan.ValID) bool {
		if !x.exists(w) {
			return false
		}
		x.hand(w)
		return true
	})
}

// exists says that all rows under a value are there.
func (x *chunkRun) exists(v plan.ValID) bool {
	if _, ok := x.vals.memo[v]; ok || x.e.Value(v) {
		return true
	}
	if x.table.Kind(v) == plan.ReadRow {
		k, _ := x.table.Source(v)
		model, _, _ := x.table.Place(k.C)
		return x.row(k.C, model, k.P) != nil
	}
	for _, a := range x.table.Operands(v) {
		if !x.exists(a) {
			return false
		}
	}
	return true
}

// consume ends one reading of a value.
func (v *values) consume(id plan.ValID) {
	if int(id) >= len(v.uses) || v.uses[id] == 0 {
		return
	}
	if v.uses[id]--; v.uses[id] > 0 {
		return
	}
	delete(v.memo, id)
	delete(v.into, id)
	if v.x.table.Kind(id) == plan.ReadRow && !v.x.e.Value(id) {
		k, _ := v.x.table.Source(id)
		v.x.unhold(k)
	}
}

// eval is a value: computed at first, then held.
func (v *values) eval(id plan.ValID) result {
	if r, ok := v.memo[id]; ok {
		return r
	}
	if r, ok := v.x.e.result(id); ok {
		return r
	}
	t := v.x.table
	var r result
	switch t.Kind(id) {
	case plan.Const:
		r.value, r.nums = t.Constant(id)
		return r
	case plan.ReadRow:
		r = v.slice(id)
		r.nums = slices.Clone(r.nums)
		return r
	case plan.View:
		if r = v.view(id); r.value != nil { // what a condition read, a result may be
			v.x.e.known.add(id, r)
		}
	case plan.Op:
		r = v.call(id)
		v.x.e.known.add(id, r)
	case plan.Host:
		return v.x.e.host(t.HostNode(id))
	}
	v.memo[id] = r
	for _, a := range t.Operands(id) {
		v.consume(a)
	}
	return r
}

// numbers of a value, as a set writes them. They may be a row's own and are not to be kept.
func (v *values) numbers(id plan.ValID) result {
	if v.x.table.Kind(id) == plan.ReadRow {
		if !v.x.e.Value(id) {
			return v.slice(id)
		}
	}
	r := v.eval(id)
	if r.err == nil && r.nums == nil {
		var ok bool
		if r.nums, ok = plan.Numbers(r.value); !ok {
			r.err = &ir.Error{Code: "E0302", Msg: fmt.Sprintf("set: want numbers, got %s", ir.KindOf(r.value))}
		}
	}
	return r
}

// slice reads from a row.
func (v *values) slice(id plan.ValID) result {
	x := v.x
	k, sl := x.table.Source(id)
	if err := x.failed(k.C); err != nil {
		return result{err: err}
	}
	model, _, _ := x.table.Place(k.C)
	row := x.row(k.C, model, k.P)
	if i := x.slot[k.C]; i >= 0 && k.P == x.models[model].a.Logits() {
		if cols, ok := x.logit[i]; ok {
			return result{nums: picked(row, cols, sl)}
		}
	}
	if sl.Whole() {
		return result{nums: row}
	}
	y := make([]float32, sl.Len(len(row)))
	sl.Take(y, row)
	return result{nums: y}
}

// view puts the numbers of rows together.
func (v *values) view(id plan.ValID) result {
	t := v.x.table
	typ, typed, scatter, fill := t.Layout(id)
	size := 0
	if typed {
		size = typ.Size()
	}
	data := v.into[id][:0]
	if data == nil {
		data = make([]float32, 0, size)
	}
	for _, a := range t.Operands(id) {
		r := v.numbers(a)
		if r.err != nil {
			return result{err: r.err}
		}
		if n := len(data); len(r.nums) > 0 && n+len(r.nums) <= cap(data) && &data[:n+1][n] == &r.nums[0] {
			data = data[:n+len(r.nums)] // it stands there already
			continue
		}
		data = append(data, r.nums...)
	}
	if scatter != nil {
		flat := data
		data = make([]float32, size)
		for i := range data {
			data[i] = fill
		}
		for i, k := range scatter {
			data[k] = flat[i]
		}
	}
	if !typed {
		return result{nums: data}
	}
	if len(data) != size {
		return result{err: fmt.Errorf("a read of %d numbers does not fill shape %s", len(data), typ.Shape())}
	}
	return result{value: tensor.FromType(typ, data), nums: data}
}

// call applies a row of the library.
func (v *values) call(id plan.ValID) result {
	n := v.x.table.Call(id)
	args := v.x.table.Operands(id)
	vals := make([]ir.Value, len(args))
	for i, a := range args {
		r := v.eval(a)
		if r.err != nil {
			return result{err: r.err}
		}
		vals[i] = r.value
	}
	value, err := Apply(n.Call, vals)
	return result{value: value, err: err}
}
