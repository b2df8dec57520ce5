package grammar

import (
	"unicode/utf8"

	"interp/internal/diag"
)

// Limits on one script; the lexer enforces them before anything recurses or allocates.
const (
	MaxNest   = 200      // open brackets, blocks and f-strings
	MaxTree   = 1000     // depth of an expression: nesting plus operators in a row
	MaxTokens = 500_000  // tokens and comments; a token is about 450 bytes of tree
	MaxBytes  = 16 << 20 // of text
)

// lexer is the state of Lex. The innermost frame of stack decides what a byte means.
type lexer struct {
	*File
	at        int
	line, bol int // number of the current line, offset of its start
	stack     []frame
	prev      Token // the last one made; its Kind is 0 at first
	joined    int   // up to here newlines end no statement
}

// Lex turns a script into tokens. It never fails: it reports into Errs and goes on, and closes
// whatever the script left open.
func Lex(name, text string) *File {
	l := &lexer{File: &File{Name: name, Text: text}, line: 1}
	l.stack = append(l.stack, frame{kind: inBlock})
	if l.acceptable() {
		l.Tokens = make([]Token, 0, min(len(text)/4+8, 1<<14))
		l.run()
	}
	l.sep()
	l.emit(EOF, 0)
	return l.File
}

// acceptable refuses a text as a whole.
func (l *lexer) acceptable() bool {
	switch {
	case len(l.Text) > MaxBytes:
		l.stop(diag.Span{}, "data comes in by  input name  and -in name=file", "script is larger than %d MiB", MaxBytes>>20)
	case !utf8.ValidString(l.Text):
		i := invalidUTF8(l.Text)
		l.fail(diag.Span{Start: i, End: i + 1}, "E0113", "save the script as UTF-8", "script is not UTF-8: byte %#02x", l.Text[i])
		l.Stopped = true
	}
	return !l.Stopped
}

func invalidUTF8(text string) int {
	for i, r := range text {
		if r == utf8.RuneError {
			if _, n := utf8.DecodeRuneInString(text[i:]); n == 1 {
				return i
			}
		}
	}
	return 0
}

func (l *lexer) run() {
	if len(l.Text) >= 3 && l.Text[:3] == "\ufeff" {
		l.at = 3
	}
	for l.at < len(l.Text) && !l.Stopped {
		if l.top().kind == inString {
			l.fstring()
		} else {
			l.next()
		}
		if l.Errs.Full() {
			l.Stopped = true
		}
	}
	if l.inFString() {
		l.cutString()
	}
	l.Open = !l.Stopped && len(l.Errs) == 0 && (len(l.stack) > 1 || l.continues() || l.wantsBlock())
	for len(l.stack) > 1 {
		l.unclosed()
	}
}

// next reads one token outside the text of an f-string.
func (l *lexer) next() {
	switch c := l.Text[l.at]; {
	case c == '\n':
		l.newline()
	case c == ' ' || c == '\t' || c == '\r':
		l.at++
	case c == '#':
		l.comment()
	case c == ';':
		l.semicolon()
	case c == '"' || c == '\'':
		l.str(0)
	case (c == 'r' || c == 'f') && l.quoteAt(l.at+1):
		if c == 'r' {
			l.str(1)
		} else {
			l.openFString()
		}
	case digitAt(l.Text, l.at), c == '.' && digitAt(l.Text, l.at+1):
		l.number()
	case wordByte(c):
		l.word()
	default:
		l.punct()
	}
}

func (l *lexer) quoteAt(i int) bool {
	return i < len(l.Text) && (l.Text[i] == '"' || l.Text[i] == '\'')
}

func digitAt(t string, i int) bool { return i < len(t) && t[i] >= '0' && t[i] <= '9' }

func wordByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func (l *lexer) pos(at int) Pos {
	return Pos{Filename: l.Name, Offset: at, Line: l.line, Column: at - l.bol + 1}
}

// emit makes a token of the next n bytes.
func (l *lexer) emit(k Kind, n int) Token {
	t := Token{Kind: k, Text: l.Text[l.at : l.at+n], Pos: l.pos(l.at)}
	if l.atStart() {
		l.top().first = t
	}
	l.add(t)
	l.at += n
	l.count()
	return t
}

func (l *lexer) add(t Token) {
	l.Tokens = append(l.Tokens, t)
	l.prev = t
}

// atStart says that the next token begins a statement.
func (l *lexer) atStart() bool {
	k := l.prev.Kind
	return k == Sep || k == BlockOpen || k == 0
}

// sep ends a statement, unless nothing was said since the last end.
func (l *lexer) sep() {
	if l.atStart() {
		return
	}
	l.add(Token{Kind: Sep, Pos: l.pos(l.at)})
	l.element()
}

// count bounds memory; comments cost some too.
func (l *lexer) count() {
	if len(l.Tokens)+len(l.Comments) > MaxTokens {
		l.stop(diag.Span{Start: l.at, End: l.at}, "data comes in by  input name  and -in name=file", "script is longer than %d tokens", MaxTokens)
	}
}

// fail reports an error.
func (l *lexer) fail(at diag.Span, code, hint, format string, args ...any) {
	l.Errs.Errorf(at, code, hint, format, args...)
}

// stop reports that a limit is reached and ends the reading.
func (l *lexer) stop(at diag.Span, hint, format string, args ...any) {
	if !l.Stopped {
		l.Stopped = true
		l.fail(at, "E0112", hint, format, args...)
	}
}
