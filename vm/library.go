package vm

import (
	"interp/ir"
	"interp/stdlib"
)

// Library is the standard library as the compiler looks it up.
type Library struct{}

// Op finds a row, also of an operator.
func (Library) Op(name string) (*ir.OpRow, bool) { return stdlib.Lookup(name) }

// Names lists the functions and values of the language.
func (Library) Names() []string {
	var out []string
	for _, r := range stdlib.Rows() {
		out = append(out, r.Name)
	}
	return out
}
