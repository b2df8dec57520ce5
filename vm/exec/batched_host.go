package exec

import (
	"context"

	"interp/compiler/plan"
	"interp/ir"
)

// host is the value of a node that the planner leaves to us: what runs generated, and gradients.
func (e *Batched) host(id ir.NodeID) result {
	n := &e.g.Nodes[id]
	if n.Kind == ir.NTokens {
		for _, p := range n.View.Pieces {
			if err := e.genErr[p.Run]; err != nil {
				return result{err: err}
			}
		}
		return result{value: Generated(e.g, n)}
	}
	return e.hosts.at[id]
}

// forward gives the reverse pass rows and values, each computed once whatever runs share it.
type forward struct {
	e     *Batched
	ctx   context.Context
	rows  map[RowKey]plan.ValID
	nodes map[ir.NodeID]plan.ValID
	vals  map[plan.ValID]result
	bytes int64 // of what is held, and of the adjoints made from it
	fatal error
}

// free lets go of what is held.
func (f *forward) free() {
	f.e.hosts.passes -= f.bytes
	f.bytes, f.rows, f.nodes, f.vals = 0, nil, nil, nil
}

// Value is the value of a node, held or not.
func (f *forward) Value(id ir.NodeID) (ir.Value, error) {
	if v, ok := f.nodes[id]; ok {
		return f.vals[v].value, f.vals[v].err
	}
	var value ir.Value
	var failed error
	err := f.e.Eval(f.ctx, f.e.g, []ir.NodeID{id}, func(_ ir.NodeID, v ir.Value, err error) { value, failed = v, err })
	if err != nil {
		f.fatal = err
		return nil, err
	}
	return value, failed
}

// Hold computes rows and values together and holds them instead of those before.
func (f *forward) Hold(keys []RowKey, values []ir.NodeID, bytes int64) error {
	f.e.hosts.passes += bytes - f.bytes
	f.bytes = bytes
	f.rows, f.vals = make(map[RowKey]plan.ValID, len(keys)), make(map[plan.ValID]result, len(keys))
	f.nodes = make(map[ir.NodeID]plan.ValID, len(values))
	var want []wanted
	add := func(v plan.ValID, err error) (plan.ValID, error) {
		if err != nil {
			return v, f.e.explain(err)
		}
		if _, ok := f.vals[v]; !ok {
			f.vals[v] = result{}
			want = append(want, wanted{ir.NoNode, v})
		}
		return v, nil
	}
	for _, k := range keys {
		v, err := add(f.e.build.Read(k.Run, k.Pos, k.Pt, ir.Slice{}, f.after(k)))
		if err != nil {
			return err
		}
		f.rows[k] = v
	}
	for _, id := range values {
		v, err := add(f.e.build.Node(id))
		if err != nil {
			return err
		}
		f.nodes[id] = v
	}
	err := f.e.values(f.ctx, want, func(v plan.ValID, r result) { f.vals[v] = r })
	if err != nil {
		f.fatal = err
		return err
	}
	for _, v := range f.rows {
		if r := f.vals[v]; r.err != nil {
			return r.err
		}
	}
	return nil
}

// after turns a count of the sets at one place into one of all sets of the run.
func (f *forward) after(k RowKey) int32 {
	n := k.N
	for i, s := range f.e.g.Runs[k.Run].Sets {
		if n == 0 {
			return int32(i)
		}
		if s.Pos == k.Pos && s.Pt == k.Pt {
			n--
		}
	}
	return 1 << 30
}

// Row is a row that is held.
func (f *forward) Row(k RowKey) []float32 {
	r := f.vals[f.rows[k]]
	if r.nums == nil {
		r.nums, _ = plan.Numbers(r.value)
	}
	return r.nums
}
