// Package grammar is the language on paper: tokens, lexer, tree, printer of the tree, formatter.
//
// It imports no library. The tree carries participle's struct tags, which are only strings; package
// parser is the one that reads them.
//
//	bytes ─ Lex ─▶ File{Tokens, Comments, Errs} ─ parser ─▶ Script{Stmts}
//	                   └─ Format ─▶ bytes
//
// The lexer knows more than usual, so that everything after it can be simple: it decides at every
// brace whether it opens a block or a record, drops newlines that end no statement, reads the fields
// of f-strings, closes what was left open, and bounds nesting, operators in a row, tokens and bytes.
//
// Invariants: the brackets of Tokens are balanced, whatever the script holds; no expression is
// nested deeper than MaxTree, so that a walker may recurse freely; comments are beside the tokens,
// never among them; every node's Range runs from its first token to the end of its last.
package grammar
