package exec

import (
	"errors"

	"interp/compiler/plan"
	"interp/ir"
)

// Check lowers the sets of an invoke that read the invoke itself; others cannot form a cycle, since
// names are defined before they are used. Tokens that are not generated yet are made up.
func (e *Batched) Check(g *ir.Graph, from ir.RunID) error {
	e.attach(g)
	e.reads()
	for id := from; int(id) < len(g.Runs) && g.Runs[id].Invoke == g.Runs[from].Invoke; id++ {
		r := g.Runs[id]
		own := false
		for i := range r.Sets {
			own = own || e.invoke[r.Sets[i].Val] >= r.Invoke
		}
		if !own {
			continue
		}
		err := e.build.Sets(id)
		var wait *plan.Pending
		if errors.As(err, &wait) {
			if e.lenient == nil {
				e.lenient = plan.NewBuilder(plan.NewTable(), g)
				e.lenient.Lenient()
			}
			err = e.lenient.Sets(id)
		}
		var cycle *plan.CycleError
		if errors.As(err, &cycle) {
			return &CycleError{Sets: cycle.Sets}
		}
	}
	return nil
}

// reads notes for every new node the latest invoke that it reads.
func (e *Batched) reads() {
	for id := len(e.invoke); id < len(e.g.Nodes); id++ {
		n, last := &e.g.Nodes[id], int32(-1)
		for _, a := range n.Args {
			last = max(last, e.invoke[a])
		}
		if n.View != nil {
			for _, p := range n.View.Pieces {
				last = max(last, e.g.Runs[p.Run].Invoke)
			}
		}
		e.invoke = append(e.invoke, last)
	}
}
