package parser

import (
	"strings"
	"testing"

	"interp/internal/diag"
)

// messages are scripts with one error each: its column in the last line that matters, its code, the
// message and the hint. "" as a hint is none.
var messages = []struct{ src, at, code, msg, hint string }{
	// what was expected
	{"x = = 3", "1:5", "E0101", "assignment: expected an expression, got '='", "to compare, write =="},
	{"x = 3 +", "1:8", "E0101", "assignment: expected an expression, got end of line", ""},
	{"y = * 3", "1:5", "E0101", "assignment: expected an expression, got '*'", ""},
	{"r = 5 5", "1:7", "E0101", "assignment: expected end of line, got number 5", ""},
	{"x y", "1:3", "E0101", "statement: expected end of line, got name 'y'", ""},
	{"f(a b)", "1:5", "E0101", "statement: expected ',' or ')', got name 'b'", ""},
	{"g(a, , b)", "1:6", "E0101", "statement: expected an expression, got ','", ""},
	{"h(a=1 b=2)", "1:7", "E0101", "statement: expected ',' or ')', got name 'b'", ""},
	{"x[1 2]", "1:5", "E0101", "statement: expected ',' or ']', got number 2", ""},
	{"x[]", "1:3", "E0101", "statement: expected an expression, got ']'", ""},
	{"x = [1 2]", "1:8", "E0101", "assignment: expected ',' or ']', got number 2", ""},
	{"x = (1 +)", "1:9", "E0101", "assignment: expected an expression, got ')'", ""},
	{"x = f(g(h(1, [2, 3 4])))", "1:20", "E0101", "assignment: expected ',' or ']', got number 4", ""},
	{"x = a.", "1:7", "E0101", "assignment: expected a name, got end of line", ""},
	{"x = a.(b)", "1:7", "E0101", "assignment: expected a name, got '('", ""},
	{"x = a if b", "1:11", "E0101", "assignment: expected 'else' of 'a if c else b', got end of line", ""},
	{"{a 1}", "1:4", "E0101", "record: expected ':', got number 1", ""},
	{"{a: 1, b 2}", "1:10", "E0101", "record: expected ':', got number 2", ""},
	{"{a: }", "1:5", "E0101", "record: expected an expression, got '}'", ""},
	{"r = {a: 1 b: 2}", "1:11", "E0101", "record: expected ',' or '}', got name 'b'", ""},
	{"{1: 2}", "1:2", "E0101", "record: expected a name or a string, got number 1", `a record's keys are words or strings: {clean: 1, "a b": 2}`},
	{"set h.output 5", "1:14", "E0101", "set: expected '=', '+=', '-=', '*=' or '/=', got number 5", ""},
	{"set x", "1:6", "E0101", "set: expected '=', '+=', '-=', '*=' or '/=', got end of line", ""},
	{"set = 4", "1:5", "E0101", "set: expected an expression, got '='", ""},
	{"save x", "1:7", "E0101", "save: expected '=', got end of line", "save gives a value a name: save x = value"},
	{"save h.output = 3", "1:7", "E0101", "save: expected '=', got '.'", "save gives a value a name: save x = SITE; to change a site, write  set SITE = value"},
	{"save = 3", "1:6", "E0101", "save: expected a name, got '='", "save gives a value a name: save x = SITE; to change a site, write  set SITE = value"},
	{"input 3", "1:7", "E0101", "input: expected a name, got number 3", ""},
	{"input x y", "1:9", "E0101", "input: expected end of line, got name 'y'", ""},
	{"assert", "1:7", "E0101", "assert: expected an expression, got end of line", ""},
	{"return = 3", "1:8", "E0101", "return: expected an expression, got '='", ""},
	{"def (x) { }", "1:5", "E0101", "def: expected a name, got '('", ""},
	{"def f { }", "1:7", "E0101", "def: expected '(', got '{'", ""},
	{"def f(x, 1) { }", "1:10", "E0101", "def: expected a name, got number 1", ""},
	{"def f() return 3", "1:9", "E0101", "def: expected '{', got 'return'", ""},
	{"edit { }", "1:6", "E0101", "edit: expected a name, got '{'", ""},
	{"edit e(1) { }", "1:8", "E0101", "edit: expected a name, got number 1", ""},
	{"for i range(3) { }", "1:7", "E0101", "for: expected ',' or 'in', got name 'range'", ""},
	{"for i, (a, b) in c { }", "1:8", "E0101", "for: expected a name, got '('", "for takes names: for a, b in pairs"},
	{"x = [a for (a, b) in c]", "1:12", "E0101", "assignment: expected a name, got '('", "for takes names: for a, b in pairs"},
	{"for x in { }", "1:10", "E0101", "for: expected an expression, got '{'", ""},
	{"invoke { save c = 1 }", "1:8", "E0101", "invoke: expected an expression, got '{'", ""},
	{"invoke p", "1:9", "E0101", "invoke: expected '{', got end of line", ""},
	{"invoke a, b { }", "1:9", "E0101", "invoke: expected '{', got ','", ""},
	{"iter { }", "1:6", "E0101", "iter: expected an expression, got '{'", ""},
	{"iter k = 1:3 { }", "1:6", "E0101", "iter: expected 'in', got '='", "write  iter k in 1:3 { ... }"},
	{"iter ... { }", "1:6", "E0101", "iter: expected steps or 'all', got '...'", "write  iter all { ... }"},
	{"generate max { }", "1:10", "E0101", "generate: expected '(' or '{', got name 'max'", ""},
	{"if x { } [2]", "1:10", "E0101", "if: expected 'else' or end of line, got '['", ""},
	{"y = [1, 2\ntrace { }", "1:5", "E0102", "'[' is never closed: expected ']'", ""},
	{"if x { } else print 2", "1:15", "E0101", "if: expected '{', got 'print'", ""},
	{"if x = 3 { }", "1:6", "E0101", "if: expected '==', got '='", "to compare, write =="},
	{"assert x = 3", "1:10", "E0101", "assert: expected '==', got '='", "to compare, write =="},
	{"for x in {a: 1}", "1:16", "E0101", "for: expected '{', got end of line", "is the value before the block's { missing?"},
	{"else { }", "1:1", "E0101", "expected a statement, got 'else'", "else follows the } of an if"},
	{"a\n+ b +\n* c", "3:1", "E0101", "statement: expected an expression, got '*'", ""},
	{"a = b\n* c", "2:1", "E0101", "expected a statement, got '*'", "a line goes on if the operator ends the line before, or inside brackets"},
	{"// c", "1:1", "E0101", "expected a statement, got '//'", "a comment begins with #"},
	{"x = set(3)", "1:5", "E0101", "assignment: expected an expression, got 'set'", "'set' begins a statement of its own"},
	{"invok clean { }", "1:7", "E0101", "statement: expected end of line, got name 'clean'", "did you mean invoke?"},
	{"gnerate(n=1) { }", "1:14", "E0101", "statement: expected end of line, got '{'", "did you mean generate?"},
	{"repeat { }", "1:8", "E0101", "statement: expected end of line, got '{'", "blocks begin with trace, generate, invoke, iter, edit, def, for or if"},
	{`x = "a" "b"`, "1:9", "E0101", "assignment: expected end of line, got a string", "join strings with +"},
	{`x = b"a"`, "1:6", "E0101", "assignment: expected end of line, got a string", `strings begin with ", ', f" or r"`},

	// brackets
	{"y = (1 + 2\nprint y", "1:5", "E0102", "'(' is never closed: expected ')'", ""},
	{"if x {\nprint 1", "1:6", "E0102", "'{' is never closed: expected '}'", ""},
	{"def f(x {\nreturn x\n}", "1:6", "E0102", "'(' is never closed: expected ')'", ""},
	{"x = (1; y = 2", "1:5", "E0102", "'(' is never closed: expected ')'", ""},
	{"x = [f(a, 1]", "1:7", "E0102", "'(' is never closed: expected ')'", ""},
	{"a = (1, 2]", "1:10", "E0103", "']' does not close '(': expected ')'", ""},
	{"if x { print 1 }}", "1:17", "E0103", "'}' closes nothing", ""},

	// strings
	{`a = "b`, "1:5", "E0104", `string is never closed: expected "`, `a string ends on its line; \n is a new line`},
	{"a = 'b\\'\nc = 1", "1:5", "E0104", "string is never closed: expected '", `a string ends on its line; \n is a new line`},
	{`a = f"b`, "1:5", "E0104", `string is never closed: expected "`, `a string ends on its line; \n is a new line`},
	{"a = \"\"\"b\nc\"\"\"", "1:5", "E0104", "there are no strings in three quotes", `a string ends on its line; \n is a new line`},
	{`a = "\q"`, "1:6", "E0105", `bad escape '\q'`, `the escapes are \n \t \r \\ \" \' \u00e9 \u{1F600}; r"..." takes text as it is`},
	{`a = "\u{110000}"`, "1:6", "E0105", `bad escape '\u'`, `the escapes are \n \t \r \\ \" \' \u00e9 \u{1F600}; r"..." takes text as it is`},
	{`a = f"{}"`, "1:8", "E0101", "assignment: expected an expression, got '}'", "write {{ for a brace in an f-string"},
	{`a = f"{x y}"`, "1:10", "E0101", "assignment: expected '}', got name 'y'", "write {{ for a brace in an f-string"},
	{`a = f"{x"`, "1:7", "E0117", "'{' in an f-string is never closed", "write {{ for a brace in an f-string"},
	{`a = f"x}"`, "1:8", "E0117", "'}' in an f-string closes nothing", "write }} for a brace in an f-string"},
	{`a = f"{x:.2q}"`, "1:9", "E0117", "bad format '.2q'", "a format is [.digits] and one of f e g d %, as in {x:.2f}"},
	{`a = f"{x:.999f}"`, "1:9", "E0117", "bad format '.999f'", "a format is [.digits] and one of f e g d %, as in {x:.2f}"},

	// characters, numbers
	{"w = a $ b", "1:7", "E0106", "unexpected character '$'", ""},
	{"f = \u201ca", "1:5", "E0106", "unexpected character '\u201c'", `use straight quotes: "`},
	{"t = 3 \u2212 2", "1:7", "E0106", "unexpected character '\u2212'", "use the minus sign of the keyboard: -"},
	{"größe = 1", "1:1", "E0106", "unexpected letter in 'größe'", "names are made of a-z A-Z 0-9 _"},
	{"a = b \\\n+ c", "1:7", "E0106", `unexpected character '\\'`, "a line goes on inside brackets or after an operator"},
	{"v = 12abc", "1:5", "E0107", "bad number '12abc'", ""},
	{"v = 0x", "1:5", "E0107", "bad number '0x'", ""},
	{"v = 1__0", "1:5", "E0107", "bad number '1__0': _ stands between two digits", ""},
	{"v = 007", "1:5", "E0107", "integer '007' begins with 0", "octal is 0o17"},
	{"v = 9223372036854775808", "1:5", "E0107", "integer '9223372036854775808' does not fit in 64 bits", "write it as a float, as in 1e20"},
	{"v = 1e999", "1:5", "E0107", "number '1e999' is too large for a float", "infinity is inf"},

	// habits
	{"while x { }", "1:1", "E0108", "'while' is not part of the language", "every script ends, so there is no while: write  for i in range(n) { ... }"},
	{"for x in y { break }", "1:14", "E0108", "'break' is not part of the language", "there is no break: put the rest of the body in an if"},
	{"f = lambda x: x", "1:5", "E0108", "'lambda' is not part of the language", "write  def f(x) { return ... }"},
	{"from a import b", "1:1", "E0108", "'from' is not part of the language", "scripts import nothing; data comes in by  input name"},
	{"x is None", "1:3", "E0108", "'is' is not part of the language", "write =="},
	{"x = 2 ^ 3", "1:7", "E0109", "'^' is not an operator of the language", "power is **; exclusive or is !="},
	{"y = a ? b : c", "1:7", "E0109", "'?' is not an operator of the language", "write  a if c else b"},
	{"y = a && b", "1:7", "E0109", "'&&' is not an operator of the language", "write and"},
	{"y = a || b", "1:7", "E0109", "'||' is not an operator of the language", "write or"},
	{"y = !a", "1:5", "E0109", "'!' is not an operator of the language", "write not, or !="},
	{"x++\ny = 1", "1:2", "E0109", "'++' is not an operator of the language", "write  x += 1"},
	{"--x", "1:1", "E0109", "'--' is not an operator of the language", "write  x -= 1"},
	{"x //= 2", "1:3", "E0109", "'//=' is not an operator of the language", "write  x = x // ..."},
	{"def f(x) -> int { }", "1:10", "E0109", "'->' is not an operator of the language", "a def states no types"},
	{"f(x) = 3", "1:1", "E0110", "assignment: cannot assign to a call", "a def is written  def f(x) { return ... }"},
	{`slice(h.input, "pos", 0, 2) = 3`, "1:1", "E0110", "assignment: cannot assign to a call", "an activation is changed by set: write  set slice(...) = ..."},
	{`site("z", 5)[0] = 3`, "1:1", "E0110", "assignment: cannot assign to a call", "an activation is changed by set: write  set site(...) = ..."},
	{"try { print 1 }", "1:1", "E0108", "'try' is not part of the language", "there are no exceptions; assert stops a script with a message"},
	{"1 = x", "1:1", "E0110", "assignment: cannot assign to a value", ""},
	{"True = x", "1:1", "E0110", "assignment: cannot assign to True", ""},
	{"-x = 3", "1:1", "E0110", "assignment: cannot assign to an expression", ""},
	{"(a, b) = c", "1:1", "E0110", "assignment: cannot assign to a list", "write  a, b = ...  without brackets"},
	{"a, b += 1", "1:1", "E0110", "assignment: += takes one name and one value", "write one statement for each"},
	{"set 3 = 4", "1:5", "E0110", "set: expected a site, got a value", "write  set SITE[...] = value"},
	{"set a + b = 4", "1:5", "E0110", "set: expected a site, got an expression", "write  set SITE[...] = value"},
	{"x = y = 3", "1:7", "E0111", "assignment: expected end of line, got '='", "one assignment a statement: b = 3; a = b"},
	{"f(a=1, 2)", "1:8", "E0114", "call: positional argument after a named one", "positional arguments come first"},
	{"z[pos=1, 2]", "1:10", "E0114", "index: position after a named axis", "positions come first, then names: z[0, head=9]"},
	{"def g(a=1, b) { }", "1:12", "E0114", "def: parameter 'b' without a default after one with", "put parameters without a default first"},
	{"f(a=1, a=2)", "1:8", "E0115", "call: 'a' is given twice", ""},
	{"z[pos=1, pos=2]", "1:10", "E0115", "index: 'pos' is given twice", ""},
	{"def g(a, a) { }", "1:10", "E0115", "def: 'a' is given twice", ""},
	{"for a, a in x { }", "1:8", "E0115", "for: 'a' is given twice", ""},
	{`r = {a: 1, "a": 2}`, "1:12", "E0115", "record: 'a' is given twice", ""},
	{"l = [a, b for x in y]", "1:6", "E0116", "list: a comprehension has one element, got 2", "for pairs, write  [[a, b] for ...]"},
	{"s = sum(x for x in y)", "1:11", "E0101", "assignment: expected ',' or ')', got 'for'", "only a list holds for: [e for x in xs]"},
	{"a, b", "1:1", "E0118", "statement: expected '=', got end of line", "to show values, write  print a, b"},
	{"x = foo.save()", "1:8", "E0119", "'.save()' is not part of the language", "write  save name = ..."},
	{"y = lm_head.output.value", "1:19", "E0119", "'.value' is not part of the language", "leave .value out: what was saved is the value"},
	{"with trace() as t:", "1:1", "E0119", "'with' begins no statement", "write  trace { ... }  or  invoke prompt { ... }"},
	{"if x > 0:", "1:9", "E0101", "if: expected '{', got ':'", "blocks use braces: if ... { ... }"},
	{"for i in x: print(i)", "1:11", "E0101", "for: expected '{', got ':'", "blocks use braces: for ... { ... }"},
	{"x: int = 3", "1:2", "E0101", "statement: expected end of line, got ':'", "names have no types: write  x = value"},
	{"x = blocks.3.hook_z", "1:11", "E0101", "assignment: expected end of line, got number .3", "a number stands in brackets: blocks[3]"},
	{"x = \"\xff\"", "1:6", "E0113", "script is not UTF-8: byte 0xff", "save the script as UTF-8"},
}

func TestMessages(t *testing.T) {
	for _, r := range messages {
		t.Run(r.src, func(t *testing.T) {
			_, errs := Parse("t", []byte(r.src))
			if len(errs) != 1 {
				t.Fatalf("%d errors:\n%s", len(errs), errs.Text("t", r.src))
			}
			e := errs[0]
			if diag.Title(e.Code) == "" {
				t.Errorf("code %q has no title", e.Code)
			}
			shown := errs.Text("t", r.src)
			if at, _, _ := strings.Cut(strings.TrimPrefix(shown, "t:"), ": "); at != r.at {
				t.Errorf("at %s, want %s", at, r.at)
			}
			if e.Code != r.code || e.Msg != r.msg || e.Hint != r.hint {
				t.Errorf("got  %s %s\n     hint: %s\nwant %s %s\n     hint: %s", e.Code, e.Msg, e.Hint, r.code, r.msg, r.hint)
			}
		})
	}
}

func TestEveryCodeOfTheFrontEndIsSeen(t *testing.T) {
	seen := map[string]bool{"E0112": true} // limits: the hostile table
	for _, r := range messages {
		seen[r.code] = true
	}
	for _, c := range diag.Codes {
		if strings.HasPrefix(c.ID, "E01") && !seen[c.ID] {
			t.Errorf("no script gives %s", c.ID)
		}
	}
}
