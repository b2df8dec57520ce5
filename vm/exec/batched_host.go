package exec

import (
	"context"

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
	return e.hosts[id]
}

// gradients computes the gradients that were met while lowering.
func (e *Batched) gradients(ctx context.Context) error {
	return ctx.Err()
}
