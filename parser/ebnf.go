package parser

import "strings"

// EBNF is the grammar: statements and operands as participle reads them from the tags of the tree,
// files, blocks and expressions, which are read otherwise, added.
func EBNF() string {
	var b strings.Builder
	b.WriteString("Script = (Statement Sep)* .\nSep = newline | \";\" .  # none is needed after a block\n")
	for _, line := range strings.Split(strings.TrimSpace(machines().whole.String()), "\n") {
		switch name, _, _ := strings.Cut(line, " "); name {
		case "Statement":
			line = strings.Replace(line, " | Operand .", " .", 1)
		case "Block":
			line = `Block = "{" (Statement Sep)* "}" .`
		case "Operand":
			b.WriteString(expressions)
		}
		b.WriteString(tokenNames.Replace(line) + "\n")
	}
	return b.String()
}

// expressions says what precedence climbing reads; a row of level says how tightly each binds.
const expressions = `Expr = OrExpr ("if" OrExpr "else" Expr)? .
OrExpr = OrExpr Binary OrExpr | ("not" | "-" | "+" | "~") OrExpr | Operand .
Binary = "or" | "and" | Comparison | "|" | "&" | "+" | "-" | "*" | "/" | "//" | "%" | "@" | "**" .
Comparison = "==" | "!=" | "<" | "<=" | ">" | ">=" | "in" | "not" "in" .
`

// tokenNames are words for the kinds of tokens.
var tokenNames = strings.NewReplacer("<ident>", "name", "<number>", "number", "<string>", "string",
	"<stropen>", `"f" quote`, "<strclose>", "quote", "<strtext>", "text", "<fillopen>", `"{"`, "<fillclose>", `"}"`,
	"<fillspec>", `(":" format)`, "<recopen>", `"{"`, "<recclose>", `"}"`)
