package grammar

// Incomplete says that more lines may follow an entry of the REPL: a bracket or a block is open, the
// last line ends in an operator, or a header waits for its block. A string ends on its line, so an
// open one is an error and not incomplete.
func Incomplete(src string) bool { return Lex("", src).Open }
