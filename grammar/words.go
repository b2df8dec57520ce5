package grammar

// The words of the language. A statement's word is one only where a statement starts; soft ones are
// plain names everywhere else.

// hardWords begin a statement and can stand nowhere in an expression, so that an open bracket
// before one of them at the start of a line was never closed.
var hardWords = set("def", "return", "invoke", "set", "save", "print", "assert")

// softWords begin a statement where one starts and what follows fits, and are names elsewhere.
var softWords = set("model", "input", "trace", "generate", "iter", "edit")

// headers take a block.
var headers = set("if", "elif", "for", "def", "invoke", "trace", "generate", "iter", "edit")

// exprWords belong to expressions and headers; a line that ends in one goes on.
var exprWords = set("and", "or", "not", "in", "if", "else", "elif", "for", "with")

var constWords = set("True", "False", "None")

// reserved words have no meaning here, but a Python user may try them: each has its hint.
var reserved = map[string]string{
	"while":    "every script ends, so there is no while: write  for i in range(n) { ... }",
	"break":    "there is no break: put the rest of the body in an if",
	"continue": "there is no continue: put the rest of the body in an if",
	"lambda":   "write  def f(x) { return ... }",
	"import":   "scripts import nothing; data comes in by  input name",
	"from":     "scripts import nothing; data comes in by  input name",
	"class":    `records hold fields: {clean: "...", n: 3}`,
	"try":      "there are no exceptions; assert stops a script with a message",
	"except":   "there are no exceptions; assert stops a script with a message",
	"raise":    `there are no exceptions; write  assert False, "message"`,
	"del":      "names need not be deleted",
	"global":   "a def reads outer names and cannot change them: return the value",
	"nonlocal": "a def reads outer names and cannot change them: return the value",
	"pass":     "leave the block empty: { }",
	"yield":    "build a list: [e for x in xs]",
	"is":       "write ==",
}

// onlyLeading words are reserved where a statement starts with one and another word follows, and
// are names elsewhere: the language does not reserve them.
var onlyLeading = set("from", "except", "raise")

func set(words ...string) map[string]bool {
	m := map[string]bool{}
	for _, w := range words {
		m[w] = true
	}
	return m
}

// Reserved is the hint for a word that other languages have and this one has not, or "".
func Reserved(w string) string { return reserved[w] }

// isKeyword says that w can only be a word of the language, fields and names of arguments apart.
func isKeyword(w string) bool {
	return hardWords[w] || exprWords[w] || constWords[w] || reserved[w] != "" && !onlyLeading[w]
}

// EndsOperand says whether an expression can end with t; then a { opens a block, a [ indexes, a -
// subtracts.
func EndsOperand(t Token) bool {
	switch t.Kind {
	case Ident, Num, Str, StrClose, RecClose:
		return true
	case Keyword:
		return constWords[t.Text]
	case Op:
		return t.Text == ")" || t.Text == "]" || t.Text == "..."
	}
	return false
}
