package grammar

import (
	"strings"
	"unicode/utf8"

	"interp/internal/diag"
)

const escapesHint = `the escapes are \n \t \r \\ \" \' \u00e9 \u{1F600}; r"..." takes text as it is`

// str reads a whole literal whose quote stands after prefix bytes.
func (l *lexer) str(prefix int) {
	at := l.at
	t := l.Text[at+prefix:]
	if strings.HasPrefix(t, `"""`) || strings.HasPrefix(t, "'''") {
		l.triple(prefix)
		return
	}
	n, closed := stringLen(t, prefix == 0)
	if prefix == 0 {
		l.checkEscapes(at+1, at+n)
	}
	l.emit(Str, prefix+n)
	if !closed && !l.inFString() { // else cutString reports the whole
		l.fail(diag.Span{Start: at, End: l.at}, "E0104", `a string ends on its line; \n is a new line`, "string is never closed: expected %c", t[0])
	}
}

// stringLen is the length of the literal that t begins with, up to its line's end if no quote closes it.
func stringLen(t string, escapes bool) (n int, closed bool) {
	for i := 1; i < len(t); i++ {
		switch c := t[i]; {
		case c == t[0]:
			return i + 1, true
		case c == '\n':
			return i, false
		case c == '\\' && escapes && i+1 < len(t) && t[i+1] != '\n':
			i++
		}
	}
	return len(t), false
}

// triple reports a literal of three quotes, once, wherever it ends.
func (l *lexer) triple(prefix int) {
	at, quotes := l.at, l.Text[l.at+prefix:l.at+prefix+3]
	end := strings.Index(l.Text[at+prefix+3:], quotes)
	if end < 0 {
		end = strings.IndexByte(l.Text[at+prefix+3:]+"\n", '\n')
	} else {
		end += 3
	}
	l.fail(diag.Span{Start: at, End: at + prefix + 3}, "E0104", `a string ends on its line; \n is a new line`, "there are no strings in three quotes")
	line, bol := l.line, l.bol
	body := l.Text[at : at+prefix+3+end]
	if n := strings.Count(body, "\n"); n > 0 {
		line, bol = l.line+n, at+strings.LastIndexByte(body, '\n')+1
	}
	l.emit(Str, len(body))
	l.line, l.bol = line, bol
}

// checkEscapes reports the bad escapes of [from, to).
func (l *lexer) checkEscapes(from, to int) {
	for i := from; i < to; i++ {
		j := strings.IndexByte(l.Text[i:to], '\\')
		if j < 0 {
			return
		}
		i += j
		n := escapeLen(l.Text[i:to])
		if n == 0 {
			n = l.badEscape(i)
		}
		i += n - 1
	}
}

func (l *lexer) badEscape(i int) int {
	n := 1
	if i+1 < len(l.Text) && l.Text[i+1] != '\n' {
		_, size := utf8.DecodeRuneInString(l.Text[i+1:])
		n += size
	}
	l.fail(diag.Span{Start: i, End: i + n}, "E0105", escapesHint, "bad escape '%s'", l.Text[i:i+n])
	return n
}

func (l *lexer) openFString() {
	t := l.emit(StrOpen, 2)
	l.push(t, inString, t.Text[1:])
}

// inFString says that a field of an f-string is open, perhaps around other brackets.
func (l *lexer) inFString() bool {
	for i := len(l.stack) - 1; i > 0 && l.stack[i].kind != inBlock; i-- {
		if l.stack[i].kind == inString {
			return true
		}
	}
	return false
}

// fstring reads text up to the closing quote, a field or the end of the line.
func (l *lexer) fstring() {
	quote := l.top().close[0]
	t := l.Text
	for i := l.at; i < len(t); i++ {
		switch c := t[i]; {
		case c == quote:
			l.text(i)
			l.emit(StrClose, 1)
			l.pop()
			return
		case c == '\n':
			l.text(i)
			l.cutString()
			return
		case c == '\\':
			if n := escapeLen(t[i:]); n > 0 {
				i += n - 1
			} else {
				i += l.badEscape(i) - 1
			}
		case (c == '{' || c == '}') && i+1 < len(t) && t[i+1] == c:
			i++
		case c == '{':
			l.text(i)
			l.push(l.emit(FillOpen, 1), inField, "}")
			return
		case c == '}':
			l.fail(diag.Span{Start: i, End: i + 1}, "E0117", "write }} for a brace in an f-string", "'}' in an f-string closes nothing")
		}
	}
	l.text(len(t))
	l.cutString()
}

func (l *lexer) text(end int) {
	if end > l.at {
		l.emit(StrText, end-l.at)
	}
}

// cutString reports the outermost f-string of this line as cut off by the line's end, and closes it.
func (l *lexer) cutString() {
	outer := len(l.stack) - 1
	for i := outer; i > 0 && l.stack[i].kind != inBlock; i-- {
		if l.stack[i].kind == inString {
			outer = i
		}
	}
	f := l.stack[outer]
	switch {
	case l.Stopped:
	case outer+1 < len(l.stack):
		l.fail(l.stack[outer+1].open.Span(), "E0117", "write {{ for a brace in an f-string", "'{' in an f-string is never closed")
	default:
		l.fail(diag.Span{Start: f.open.Pos.Offset, End: l.at}, "E0104", `a string ends on its line; \n is a new line`, "string is never closed: expected %s", f.close)
	}
	for len(l.stack) > outer {
		l.supply()
	}
}

// spec reads the :.2f of a field, up to its brace.
func (l *lexer) spec() {
	i := l.at + 1
	for i < len(l.Text) && !strings.ContainsRune("}{\n\"'", rune(l.Text[i])) {
		i++
	}
	t := l.emit(FillSpec, i-l.at)
	if !validSpec(t.Text[1:]) {
		l.fail(t.Span(), "E0117", "a format is [.digits] and one of f e g d %, as in {x:.2f}", "bad format '%s'", clip(t.Text[1:]))
	}
}

// validSpec accepts [.n][f|e|g|d|%], n of at most two digits.
func validSpec(t string) bool {
	if strings.HasPrefix(t, ".") {
		n := 1
		for n < len(t) && n < 3 && digitAt(t, n) {
			n++
		}
		if n == 1 {
			return false
		}
		t = t[n:]
	}
	return t == "" || len(t) == 1 && strings.Contains("fegd%", t)
}
