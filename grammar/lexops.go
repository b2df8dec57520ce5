package grammar

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"interp/internal/diag"
)

// operators and separators; the longest match counts.
var operators = set("...", "**", "//", "==", "!=", "<=", ">=", "+=", "-=", "*=", "/=",
	"+", "-", "*", "/", "%", "@", "<", ">", "=", ",", ".", ":", "&", "|", "~")

// foreign are operators of other languages, each with its hint.
var foreign = map[string]string{
	"&&": "write and", "||": "write or", "!": "write not, or !=", "^": "power is **; exclusive or is !=",
	"?": "write  a if c else b", "->": "a def states no types", ":=": "write = in a statement of its own",
	"=>": "write >=, or  def f(x) { return ... }", "<>": "write !=", "===": "write ==", "!==": "write !=",
	"**=": "write  x = x ** ...", "//=": "write  x = x // ...", "%=": "write  x = x % ...",
	"@=": "write  x = x @ ...", "&=": "write  x = x & ...", "|=": "write  x = x | ...", "^=": "power is **",
}

// punct reads operators and brackets, and what is neither.
func (l *lexer) punct() {
	switch c := l.Text[l.at]; c {
	case '(':
		l.push(l.emit(Op, 1), inParen, ")")
		return
	case '[':
		l.push(l.emit(Op, 1), inIndex, "]")
		return
	case '{':
		l.brace()
		return
	case ')', ']', '}':
		l.closer(string(c))
		return
	case '+', '-':
		if l.step(c) {
			return
		}
	}
	for n := min(3, len(l.Text)-l.at); n > 0; n-- {
		t := l.Text[l.at : l.at+n]
		if hint, ok := foreign[t]; ok {
			l.fail(l.emit(Op, n).Span(), "E0109", hint, "'%s' is not an operator of the language", t)
			return
		}
		if operators[t] {
			l.op(n)
			return
		}
	}
	l.bad()
}

func (l *lexer) op(n int) {
	if l.top().kind == inField && l.Text[l.at] == ':' {
		l.spec()
		return
	}
	switch t := l.emit(Op, n); t.Text {
	case ",", ":", "=":
		l.element()
	case ".", "...":
	default:
		l.operator()
	}
}

// step reads x++ and ++x, which would otherwise be signs, and eat the next line if it ends one.
func (l *lexer) step(c byte) bool {
	rest := l.Text[l.at:]
	if len(rest) < 2 || rest[1] != c {
		return false
	}
	after := strings.TrimLeft(rest[2:], " \t\r")
	ends := after == "" || strings.ContainsRune("\n;#})],", rune(after[0]))
	if !(EndsOperand(l.prev) && ends) && !(l.atStart() && l.top().kind == inBlock) {
		return false
	}
	l.fail(l.emit(Op, 2).Span(), "E0109", "write  x "+string(c)+"= 1", "'%s' is not an operator of the language", rest[:2])
	return true
}

// bad reports a run of one character that no script holds.
func (l *lexer) bad() {
	r, n := utf8.DecodeRuneInString(l.Text[l.at:])
	one := l.Text[l.at : l.at+n]
	for strings.HasPrefix(l.Text[l.at+n:], one) {
		n += len(one)
	}
	if unicode.IsLetter(r) {
		for _, r := range l.Text[l.at+n:] {
			if !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' && !unicode.IsMark(r) {
				break
			}
			n += utf8.RuneLen(r)
		}
		at, end := l.at, l.at+n
		if l.prev.Kind == Ident && l.prev.End() == at {
			at = l.prev.Pos.Offset
		}
		l.fail(diag.Span{Start: at, End: end}, "E0106", "names are made of a-z A-Z 0-9 _", "unexpected letter in '%s'", clip(l.Text[at:end]))
		l.emit(Bad, n)
		return
	}
	l.fail(diag.Span{Start: l.at, End: l.at + len(one)}, "E0106", badHint(r), "unexpected character %q", r)
	l.emit(Bad, n)
}

func badHint(r rune) string {
	switch r {
	case '\\':
		return "a line goes on inside brackets or after an operator"
	case '\u201c', '\u201d', '\u2018', '\u2019', '\u201e', '\u00ab', '\u00bb':
		return `use straight quotes: "`
	case '\u2212', '\u2013', '\u2014':
		return "use the minus sign of the keyboard: -"
	case '\u00a0', '\u202f', '\u200b', '\ufeff':
		return "this is an invisible character: delete it or type a blank"
	case '\u00d7':
		return "write *"
	case '\u2264', '\u2265', '\u2260':
		return "write <=, >= or !="
	}
	return ""
}
