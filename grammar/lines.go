package grammar

import (
	"strings"

	"interp/internal/diag"
)

// noContinue are operators that a line may end with.
var noContinue = set(")", "]", "...", ":", "++", "--")

// newline ends a statement where a block is innermost, the last token can end one and the next line
// does not belong to it.
func (l *lexer) newline() {
	switch k := l.top().kind; {
	case k == inField || l.inFString():
		l.cutString()
		l.endLine()
	case k == inBlock:
		l.endLine()
	}
	l.at++
	l.line++
	l.bol = l.at
	if l.top().kind != inBlock && l.statementFollows() {
		l.closeBrackets()
		l.sep()
	}
}

func (l *lexer) endLine() {
	if !l.continues() && !l.goesOn() {
		l.sep()
	}
}

// continues says that the line cannot end here: an operator or a comma was last.
func (l *lexer) continues() bool {
	switch p := l.prev; p.Kind {
	case Op:
		return !noContinue[p.Text]
	case Keyword:
		return exprWords[p.Text]
	}
	return false
}

// wantsBlock says that a header is complete and its block has not begun.
func (l *lexer) wantsBlock() bool {
	p := l.prev
	return l.top().kind == inBlock && l.top().inHeader() &&
		(EndsOperand(p) || p.Is(":") || p.Is("trace") || p.Is("generate"))
}

// goesOn says that the next line belongs to this statement: else after a block, { after a header.
// What it finds holds for all newlines up to there; looking again at each would be quadratic.
func (l *lexer) goesOn() bool {
	if l.at < l.joined {
		return true
	}
	rest, on := "", false
	switch {
	case l.prev.Kind == BlockClose:
		rest = ahead(l.Text[l.at:])
		w := leadingWord(rest)
		on = w == "else" || w == "elif"
	case l.wantsBlock():
		rest = ahead(l.Text[l.at:])
		on = rest == "" || rest[0] == '{'
	}
	if on {
		l.joined = len(l.Text) - len(rest)
	}
	return on
}

// ahead is the text after blanks, newlines and comments.
func ahead(t string) string {
	for {
		t = strings.TrimLeft(t, " \t\r\n")
		if !strings.HasPrefix(t, "#") {
			return t
		}
		i := strings.IndexByte(t, '\n')
		if i < 0 {
			return ""
		}
		t = t[i:]
	}
}

func leadingWord(t string) string {
	i := 0
	for i < len(t) && wordByte(t[i]) {
		i++
	}
	return t[:i]
}

// statementFollows looks at a new line inside brackets: a word that only begins statements shows
// that the brackets were never closed. A field, a record's key or an argument's name may be any word.
func (l *lexer) statementFollows() bool {
	if l.prev.Is(".") {
		return false
	}
	rest := strings.TrimLeft(l.Text[l.at:], " \t")
	w := leadingWord(rest)
	if !hardWords[w] && !(softWords[w] && EndsOperand(l.prev)) {
		return false
	}
	rest = strings.TrimLeft(rest[len(w):], " \t")
	return rest == "" || !strings.ContainsRune(":=,)", rune(rest[0]))
}

// semicolon ends a statement everywhere but in an f-string.
func (l *lexer) semicolon() {
	if l.inFString() {
		l.fail(diag.Span{Start: l.at, End: l.at + 1}, "E0117", "write {{ for a brace in an f-string", "unexpected ';' in a field")
	} else {
		l.closeBrackets()
		l.sep()
	}
	l.at++
}

func (l *lexer) comment() {
	n := strings.IndexByte(l.Text[l.at:], '\n')
	if n < 0 {
		n = len(l.Text) - l.at
	}
	if l.inFString() {
		l.fail(diag.Span{Start: l.at, End: l.at + 1}, "E0117", "write {{ for a brace in an f-string", "unexpected '#' in a field")
	}
	own := strings.TrimLeft(l.Text[l.bol:l.at], " \t\ufeff") == ""
	if l.top().kind == inBlock && !own {
		l.endLine() // before the comment, so that a statement's end does not include it
	}
	l.Comments = append(l.Comments, Comment{Text: strings.TrimRight(l.Text[l.at:l.at+n], " \t\r"), Pos: l.pos(l.at), Own: own})
	l.at += n
	l.count()
}
