package diag

// Code is the stable name of a kind of finding, as in interp help E0103.
type Code struct {
	ID    string
	Title string
}

// Codes lists every code once, in order. To add one, append a row to its stage's block with the
// next free number, give the finding that ID, and write docs/errors/ID.md and golden/errors/ID.txtar;
// a code is never reused and never changes its meaning.
//
//	E01xx  reading the script: lexer and parser
//	E02xx  names, arity, recursion, places of statements
//	E03xx  shapes, axes, types
//	E04xx  running
//	W02xx  names and saves that nothing uses
//	W03xx  values and sets that are most likely not meant
//
// Warnings are counted by themselves. An error in a branch that may not run is a warning under the
// error's code.
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

	{"E0201", "an undefined name"},
	{"E0202", "a call with the wrong arguments"},
	{"E0203", "a function that calls itself"},
	{"E0204", "an unknown site, module or parameter"},
	{"E0205", "a module is no value, an activation no function"},
	{"E0206", "an activation outside an invoke"},
	{"E0207", "a site of another model"},
	{"E0208", "a run inside a run"},
	{"E0209", "no model, or one that cannot be opened"},
	{"E0210", "iter where there are no steps"},
	{"E0211", "the arguments of trace and generate"},
	{"E0212", "a statement that cannot stand here"},
	{"E0213", "a name that has no value here"},
	{"E0214", "a name of a run that was not saved"},
	{"E0215", "a name that cannot be assigned here"},
	{"E0216", "this is no site that could be set"},
	{"E0217", "an activation changed without set"},
	{"E0218", "one name defined twice"},
	{"E0219", "a value that nothing uses"},

	{"E0301", "shapes or axes that do not fit"},
	{"E0302", "a value of the wrong kind"},
	{"E0303", "an index out of range"},
	{"E0304", "an operator that does not work on these values"},
	{"E0305", "nothing to go through or to unpack"},
	{"E0306", "this cannot be indexed, or is no index"},
	{"E0307", "an unknown field or function of a value"},
	{"E0308", "scores or pattern set beyond the query"},
	{"E0309", "a gradient that does not exist"},
	{"E0310", "a call of what is no function"},

	{"E0400", "something outside the script failed"},
	{"E0401", "a prompt that the model cannot take"},
	{"E0402", "a prompt longer than the context"},
	{"E0403", "a text that is not one token"},
	{"E0404", "a text that is not in the prompt"},
	{"E0405", "an index of save that names no cell"},
	{"E0406", "an array with cells that were not saved"},
	{"E0407", "a step that the run did not reach"},
	{"E0408", "a decision on a run that has not happened yet"},
	{"E0409", "a whole number beyond 64 bits"},
	{"E0410", "division by zero"},
	{"E0411", "an assertion that does not hold"},
	{"E0412", "more work than the limits allow"},
	{"E0414", "two saves into one cell or name"},
	{"E0415", "a set that depends on what it changes"},
	{"E0416", "an input that is not given"},
	{"E0417", "more memory than -mem allows"},
	{"E0419", "a picture that cannot be drawn"},

	{"W0201", "a name that nothing uses"},
	{"W0202", "a save that nothing reads"},
	{"W0203", "an edit that no invoke uses"},
	{"W0204", "braces in a string without f"},
	{"W0205", "[0] on an activation"},

	{"W0301", "axes of different names meet"},
	{"W0302", "cells that were never saved"},
	{"W0303", "a gradient that is zero"},
	{"W0304", "a set that reaches nothing"},
	{"W0305", "a step that stop cut off"},
	{"W0306", "a name both saved and written"},
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
