package diag

// Code is the stable name of a kind of finding, as in interp help E0103.
type Code struct {
	ID    string
	Title string
}

// Codes lists every code once, in order. To add one, append a row to its stage's block with the
// next free number, give the finding that ID, and write docs/errors/ID.md; a code is never reused
// and never changes its meaning.
//
//	E01xx  reading the script: lexer and parser
//	E02xx  names, arity, recursion, places of statements
//	E03xx  shapes, axes, types
//	E04xx  running
//
// A warning's code has W for E; the two share one row of numbers.
var Codes = []Code{
	{"E0101", "something else was expected here"},
	{"E0102", "a bracket or a block is never closed"},
	{"E0103", "a closing bracket does not match"},
	{"E0104", "a string does not end on its line"},
	{"E0105", "an unknown escape in a string"},
	{"E0106", "a character that no script holds"},
	{"E0107", "a badly written number"},
	{"E0108", "a word of another language"},
	{"E0109", "an operator of another language"},
	{"E0110", "this cannot be assigned to or set"},
	{"E0111", "two assignments in one statement"},
	{"E0112", "nested too deep, or too long"},
	{"E0113", "the script is not UTF-8"},
	{"E0114", "a positional argument after a named one"},
	{"E0115", "one name given twice"},
	{"E0116", "a comprehension of more than one element"},
	{"E0117", "a field of an f-string is badly written"},
	{"E0118", "values without a statement"},
	{"E0119", "a habit of Python or nnsight that has no meaning here"},
}

// Title is the short text of a code, "" if there is no such code.
func Title(id string) string {
	for _, c := range Codes {
		if c.ID == id {
			return c.Title
		}
	}
	return ""
}
