// Package plan turns an intervention graph into the least exact work: which rows of activations to
// compute, in which order, and nothing twice. It is run-time code: the executor in vm asks it whenever
// values are wanted. It computes no numbers and knows no weights, only architectures (nnrt/arch).
//
// # Columns that fork
//
// A column is one token position of one run, by content: the column before it, its token, its edits. A
// column that edits touch, its own or some that attention shows it, has a base, the column without the
// latest of these causes, and a fork: below the fork its rows are the base's. So equal prefixes, equal
// runs and everything under a patch are shared without being looked for.
//
//	point   0 ......... fork(c) ................ need(c)
//	        base(c) has  c has its own            nobody wants it
//	                     (alias(c) has, up to until(c))
//
// Three things make it exact. The base drops causes, not effects: an edit of an earlier column is
// dropped at the attention where this column sees it, whatever columns in between see. The prefix is
// itself a cause: before the first attention a row depends on token and position alone (the embedding
// column). And a column whose row is set to another column's row is that column (its alias) until
// something else differs, for ever if their prefixes have the same keys and values.
//
// # The machine
//
//	graph ─ Builder ─▶ Table of columns and values ─ Planner ─▶ Plan ─▶ executor
//	        (lower.go)  (cols.go, values.go)          (demand.go, passes.go)
//
// Everything is interned in arenas and ids ascend along every reference: a column's prev, base and
// alias and the values it was set to come before it. So demand is one sweep down the ids and passes are
// one sweep up, and a plan costs a step a column, not one a row. Values have addresses (constants by
// hash, reads by the row's owner, operations by their operands); equal addresses mean equal bits, which
// is how a set that changes nothing is known before anything runs.
//
// Which points follow from which, and when later columns see an edit, is derived from the
// architecture's table (derive.go); there is nothing of GPT-2 here.
//
// A Table lives as long as a session. Rows are a cache over it: an executor may drop any of them
// between plans, says what it still has (Kept), and the next plan makes what is missing.
package plan
