// Package stdlib is the library of the language: every function and every operator is one row of a
// table, with its parameters, documentation, shape rule, evaluation, gradient and an example that
// runs as a test. The machine, the checker, the manual and the tests range over the table.
//
// A row sees its arguments bound to its parameters. Infer sees arrays of which only the type may be
// known; Eval sees arrays with numbers. Both take their shapes from the same function of package
// tensor, so that they cannot disagree.
package stdlib

import (
	"interp/ir"
)

// group is a table of the library: one topic of the manual.
type group struct {
	name string
	rows []*ir.OpRow
}

// groups and byName are made once, below, and never change. (Rows call other rows by name, so they
// cannot be initialised in one expression.)
var (
	groups []group
	byName map[string]*ir.OpRow
)

func init() {
	groups = []group{
		{"Operators", operators},
		{"Python's functions", basics},
		{"Tokens", tokenRows},
		{"Text", textRows},
		{"Making arrays", makers},
		{"Shape", shapes},
		{"Reductions", reductions},
		{"Along an axis", alongs},
		{"Element by element", elementwise},
		{"Linear algebra", linear},
		{"Selection", selections},
		{"Logits", logitRows},
		{"Weights", weightRows},
		{"Sites and gradients", siteRows},
		{"Output", outputs},
	}
	byName = map[string]*ir.OpRow{}
	for _, g := range groups {
		for _, r := range g.rows {
			r.Group = g.name
			byName[r.Name] = r
		}
	}
}

// Lookup finds a row by its name.
func Lookup(name string) (*ir.OpRow, bool) {
	r, ok := byName[name]
	return r, ok
}

// Rows lists the library in the order of the manual, operators and steps of the machine left out.
func Rows() []*ir.OpRow {
	var out []*ir.OpRow
	for _, g := range groups {
		for _, r := range g.rows {
			if !r.Hidden {
				out = append(out, r)
			}
		}
	}
	return out
}

// All lists every row, operators and hidden steps too.
func All() []*ir.OpRow {
	var out []*ir.OpRow
	for _, g := range groups {
		out = append(out, g.rows...)
	}
	return out
}
