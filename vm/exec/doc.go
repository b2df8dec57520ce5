// Package exec computes the values of an intervention graph. There are two engines: Naive runs a
// dense forward for every run and shares nothing; it is the reference and stays for ever. Batched
// asks compiler/plan for the least exact work and gives the same bits.
//
// Batched, from nodes to numbers:
//
//	wanted nodes ── lowered (plan.Builder) ──▶ values over columns
//	    │ tokens among them: runs go on until they are there   (batched_gen.go)
//	    ▼
//	chunks (plan.Planner), one after the other, each a plan:
//	    gradients that it reads: their reverse passes first   (batched_grad.go, grad*.go)
//	    pass by pass, point by point   (chunkRun, batched_step.go)
//	        computed rows in packed matrices, then edited ones, copies of their base's with values written on
//	        values as soon as their rows stand   (batched_values.go), wanted ones handed over
//	        rows freed behind their last reader   (batched_place.go)
//
// What lives how long:
//
//	a row in the pool            until its last reader in the plan
//	store, of rows               between plans: a cache, the oldest go first
//	results, of operations       between plans: a cache as well
//	rows of reverse passes       until the pass is over; a chunk takes as many passes as -mem allows
//	held, gradients              until the last chunk of the work at hand that reads them; then they are results
//	the table of columns         as long as the engine; a column is never another one's content
//
// Keys and values stand in slabs, those of a chain one behind the other, so that attention goes through
// few pieces of memory (batched_keys.go).
//
// A gradient's unit is (metric, run, point, position, sets applied). Forward rows are shared, adjoints are
// not: each is the sum, in the order of the graph, of what its uses pass back. Points go down; what
// reads against their order opens another wave.
package exec
