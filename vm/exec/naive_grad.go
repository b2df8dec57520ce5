package exec

import (
	"fmt"

	"interp/ir"
)

// gradient is the value of a gradient node; false while rows that it needs do not stand. All gradients
// of the metric that are wanted come of one reverse pass. While that goes on they do not stand: a run
// that they are set into is taken up to those sets.
func (j *job) gradient(id ir.NodeID) (result, bool) {
	metric := j.g.Nodes[id].Args[0]
	if j.busy[metric] {
		return result{}, false
	}
	j.busy[metric] = true
	defer delete(j.busy, metric)
	var ids []ir.NodeID
	for _, k := range j.grads {
		if _, known := j.memo[k]; !known && j.g.Nodes[k].Args[0] == metric {
			ids = append(ids, k)
		}
	}
	f := &naiveForward{j: j, rows: map[ir.RunID]*naiveRun{}}
	out := gradients(j.ctx, j.g, f, ids, j.e.all, j.e.limit(), 0)
	if f.waiting {
		return result{}, false
	}
	for k, r := range out {
		j.memo[k] = r
	}
	return j.memo[id], true
}

// limit is the size of a part of a gradient.
func (e *Naive) limit() int64 {
	if e.small > 0 {
		return e.small
	}
	return gradBytes
}

// naiveForward gives the reverse pass the rows of dense runs, each done once more and held.
type naiveForward struct {
	j       *job
	rows    map[ir.RunID]*naiveRun
	waiting bool // something does not stand yet
}

var errWaiting = fmt.Errorf("the value does not stand yet")

func (f *naiveForward) Value(id ir.NodeID) (ir.Value, error) {
	r, ok := f.j.value(id)
	if !ok {
		f.waiting = true
		return nil, errWaiting
	}
	return r.value, r.err
}

func (f *naiveForward) Hold(keys []RowKey, _ []ir.NodeID, _ int64) error {
	for _, k := range keys {
		r := f.rows[k.Run]
		if r == nil {
			var err error
			if r, err = f.run(k.Run); err != nil {
				return err
			}
		}
		if r.states[k] == nil {
			if r.err != nil {
				return r.err
			}
			f.waiting = true
			return errWaiting
		}
	}
	return nil
}

// run is one more pass over a run, with every state held.
func (f *naiveForward) run(id ir.RunID) (*naiveRun, error) {
	f.j.run(id) // and what its sets need
	r := newNaiveRun(f.j, f.j.g.Runs[id])
	r.keep, r.states = true, map[RowKey][]float32{}
	f.rows[id] = r
	n := len(r.Tokens)
	if r.Gen != nil {
		n += len(r.Gen.Done)
	}
	return r, r.pass(n)
}

func (f *naiveForward) Row(k RowKey) []float32 { return f.rows[k.Run].states[k] }
