package grammar

import (
	"fmt"
	"strings"
	"testing"
)

// brief writes tokens as the tables below do: blocks < >, records { }, names as they are, keywords
// in capitals, strings by their kind, | for the end of a statement.
func brief(f *File) string {
	var b strings.Builder
	for _, t := range f.Tokens {
		if b.Len() > 0 && t.Kind != EOF {
			b.WriteByte(' ')
		}
		switch t.Kind {
		case EOF:
		case Sep:
			b.WriteByte('|')
		case Keyword:
			b.WriteString(strings.ToUpper(t.Text))
		case BlockOpen:
			b.WriteByte('<')
		case BlockClose:
			b.WriteByte('>')
		case StrText, FillSpec:
			fmt.Fprintf(&b, "`%s`", t.Text)
		case FillOpen:
			b.WriteString("$(")
		case FillClose:
			b.WriteString(")$")
		default:
			b.WriteString(t.Text)
		}
	}
	return b.String()
}

func TestTokens(t *testing.T) {
	rows := []struct{ name, src, want string }{
		{"newlines and ; end statements", "a\nb;c\n\n;d", "a | b | c | d |"},
		{"a line goes on after an operator, a comma, a point", "a = b +\nc\nprint x,\ny\na.\nb", "a = b + c | PRINT x , y | a . b |"},
		{"a line goes on after and, or, not, in, if, else", "a and\nb or\nnot\nc in\nd if\ne else\nf", "a AND b OR NOT c IN d IF e ELSE f |"},
		{"a line does not go on before an operator", "a\n+ b", "a | + b |"},
		{"newlines vanish in brackets and records", "f(\na\n,b)[\n1\n]\nx = {\na: 1\n}", "f ( a , b ) [ 1 ] | x = { a : 1 } |"},
		{"a comment ends nothing by itself", "a + # c\nb # d\nc", "a + b | c |"},
		{"a brace after a header's expression is a block", "if a { b }", "IF a < b | > |"},
		{"a brace where an operand is missing is a record", "x = {a: 1} if c else {a: 2}", "x = { a : 1 } IF c ELSE { a : 2 } |"},
		{"a header compares records", "if r == {a: 1} { b }", "IF r == { a : 1 } < b | > |"},
		{"a header begins with a record", "if {a: 1}.a { b }\nfor k in {} { }", "IF { a : 1 } . a < b | > | FOR k IN { } < > |"},
		{"a header that lacks its expression has its block", "invoke { a }\nfor x in { a }", "INVOKE < a | > | FOR x IN < a | > |"},
		{"iter takes a colon before its block", "iter 1: { a }\niter k in 1:3 { b }", "ITER 1 : < a | > | ITER k IN 1 : 3 < b | > |"},
		{"trace and generate take a block at once", "trace { a }\ngenerate(n=1) { b }\ntrace\n{ c }", "TRACE < a | > | GENERATE ( n = 1 ) < b | > | TRACE < c | > |"},
		{"else and elif join their if over lines and comments", "if a { b }\n# c\n\nelse { d }\nif a { }\nelif b { }", "IF a < b | > ELSE < d | > | IF a < > ELIF b < > |"},
		{"a block's brace ends its statement", "def f(p) { invoke p { a } return b }", "DEF f ( p ) < INVOKE p < a | > | RETURN b | > |"},
		{"a header's brace may stand on the next line", "if a # c\n\n{ b }", "IF a < b | > |"},
		{"a statement's words are names elsewhere", "input = 3\nmodel.x\ny = trace + iter\nedit, z = f()\ngenerate += 1", "input = 3 | model . x | y = trace + iter | edit , z = f ( ) | generate += 1 |"},
		{"a statement's words begin statements", "input x\nmodel \"a\"\nmodel m\nedit e { }\niter all { }\ninput", "INPUT x | MODEL \"a\" | MODEL m | EDIT e < > | ITER all < > | input |"},
		{"any word is a field, a key, an argument's name", "a.set.for\nf(set=1, if=2)\nx = {save: 1, for: 2}\nz[in=3]", "a . set . for | f ( set = 1 , if = 2 ) | x = { save : 1 , for : 2 } | z [ in = 3 ] |"},
		{"from is a name unless a word follows", "from = 3\nf(from)\nfrom a import b", "from = 3 | f ( from ) | FROM a IMPORT b |"},
		{"numbers are Python's", "1 1_000 0x1F 0b1 0o7 .5 5. 1e-3 1.5E+2 5.abs() 1.e3", "1 1_000 0x1F 0b1 0o7 .5 5. 1e-3 1.5E+2 5 . abs ( ) 1.e3 |"},
		{"dots stay whole", "x[...] 1...", "x [ ... ] 1 ... |"},
		{"operators are as long as they can be", "a**b//c<=d>=e!=f==g+=h", "a ** b // c <= d >= e != f == g += h |"},
		{"signs in a row are signs", "x = --y\na - -b", "x = - - y | a - - b |"},
		{"strings are whole", `"a {b} \" c" 'd"' r"\" ""`, `"a {b} \" c" 'd"' r"\" "" |`},
		{"f-strings have fields", `f"a{{ {x:.2f}{y}" f''`, "f\" `a{{ ` $( x `:.2f` )$ $( y )$ \" f' ' |"},
		{"fields hold strings, brackets, records, f-strings", `f"{r["a"]}{ {a: 1}.a}{f"{x}"}{g(a=":")}"`,
			`f" $( r [ "a" ] )$ $( { a : 1 } . a )$ $( f" $( x )$ " )$ $( g ( a = ":" ) )$ " |`},
		{"a byte order mark and carriage returns are blanks", "\ufeffa\r\nb\r\n", "a | b |"},
		{"a first line may name the program", "#!/usr/bin/env interp\na", "a |"},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			f := Lex("t", r.src)
			if got := strings.TrimSpace(brief(f)); got != r.want {
				t.Errorf("got  %s\nwant %s", got, r.want)
			}
			if len(f.Errs) > 0 && !strings.Contains(r.src, "from a") {
				t.Error(f.Errs.Text("t", r.src))
			}
		})
	}
}

// TestBracketsAreBalancedWhateverComes: the parser relies on it.
func TestBracketsAreBalancedWhateverComes(t *testing.T) {
	pieces := []string{"(", ")", "[", "]", "{", "}", "if x {", "f\"", "{", "\"", "a", ":", "\n", "def f(", "print", "'", ",", ";", "#", "=", "trace", "else"}
	n := len(pieces)
	for seed := range 60000 {
		var b strings.Builder
		for k := seed*2654435761 + 12345; k > 0 && b.Len() < 60; k /= n {
			b.WriteString(pieces[k%n] + " ")
		}
		var stack []Kind
		for _, tok := range Lex("t", b.String()).Tokens {
			switch want, ok := closing(tok); {
			case ok:
				stack = append(stack, want)
			case isClosing(tok):
				if len(stack) == 0 || stack[len(stack)-1] != closingKind(tok) {
					t.Fatalf("%q: %q closes %v", b.String(), tok.Text, stack)
				}
				stack = stack[:len(stack)-1]
			}
		}
		if len(stack) > 0 {
			t.Fatalf("%q: %v open", b.String(), stack)
		}
	}
}

const parenClose, bracketClose Kind = 1, 2 // ) and ], which are both Op

func closing(t Token) (Kind, bool) {
	switch {
	case t.Is("("):
		return parenClose, true
	case t.Is("["):
		return bracketClose, true
	case t.Kind == BlockOpen:
		return BlockClose, true
	case t.Kind == RecOpen:
		return RecClose, true
	case t.Kind == FillOpen:
		return FillClose, true
	case t.Kind == StrOpen:
		return StrClose, true
	}
	return 0, false
}

func isClosing(t Token) bool { return closingKind(t) != 0 }

func closingKind(t Token) Kind {
	switch {
	case t.Is(")"):
		return parenClose
	case t.Is("]"):
		return bracketClose
	case t.Kind == BlockClose, t.Kind == RecClose, t.Kind == FillClose, t.Kind == StrClose:
		return t.Kind
	}
	return 0
}

func TestIncomplete(t *testing.T) {
	rows := []struct {
		src  string
		want bool
	}{
		{"", false}, {"x = 1", false}, {"x = 1\n", false}, {"# (", false}, {"if a { b }", false}, {"x = [1]", false},
		{"f(", true}, {"x = [1,\n2", true}, {"r = {a: 1,", true}, {"if a {", true}, {"if a {\nprint 1\n", true},
		{"x = 1 +", true}, {"x = 1 +\n", true}, {"a and", true}, {"print a,", true}, {"x =", true}, {"x = 1 + # c\n", true},
		{"if a", true}, {"trace", false}, {"invoke p\n", true}, {"if a # c\n", true}, {"iter 1:\n", true}, {"def f(a)", true}, {"if a { }\nelse", true},
		{`x = "a`, false}, {`x = f"{a`, false}, {"x = )", false}, {"f(^", false}, {"x++", false},
	}
	for _, r := range rows {
		t.Run(r.src, func(t *testing.T) {
			if got := Incomplete(r.src); got != r.want {
				t.Errorf("got %v, want %v", got, r.want)
			}
		})
	}
}

func TestLiterals(t *testing.T) {
	for src, want := range map[string]string{
		`"a\n\t\r\\\"\'"`: "a\n\t\r\\\"'", `'\u00e9\u{1F600}\u{e9}'`: "é😀é", `r"\n{x}"`: `\n{x}`, `"{x}}"`: "{x}}", `""`: "", `"é"`: "é",
	} {
		if got := (&String{Text: src}).Value(); got != want {
			t.Errorf("%s: got %q, want %q", src, got, want)
		}
	}
	if got := (&Part{Text: `a{{b}}\n`}).Literal(); got != "a{b}\n" {
		t.Errorf("a part is %q", got)
	}
	for src, want := range map[string]float64{"1": 1, "1_000": 1000, "0x1F": 31, "0b11": 3, "0o17": 15, ".5": .5, "5.": 5, "1e-3": 1e-3, "1_0.2_5": 10.25, "0": 0, "00": 0, "0.5": .5} {
		n := &Number{Text: src}
		if got := n.Float(); got != want || n.IsInt() && float64(n.Int()) != want {
			t.Errorf("%s: got %v, want %v", src, got, want)
		}
		if n.IsInt() == strings.ContainsAny(src, ".e") {
			t.Errorf("%s: IsInt is %v", src, n.IsInt())
		}
	}
}
