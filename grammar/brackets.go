package grammar

import "interp/internal/diag"

// within says what is innermost at a place of the script.
type within byte

const (
	inBlock  within = '{'
	inParen  within = '('
	inIndex  within = '['
	inRecord within = 'r'
	inString within = '"' // text of an f-string
	inField  within = 'f' // between the braces of an f-string
)

// frame is an open bracket. ops counts the operators of the running element, kid is the depth of the
// deepest bracket in it: ops+kid bounds the depth of the tree that the parser will build of it.
type frame struct {
	kind    within
	open    Token
	close   string
	first   Token // of the running statement, in a block
	ops     int
	kid     int
	deepest int // of the elements before
}

// closeKind is the kind of the token that closes a frame.
var closeKind = map[within]Kind{inBlock: BlockClose, inParen: Op, inIndex: Op, inRecord: RecClose,
	inString: StrClose, inField: FillClose}

func (l *lexer) top() *frame { return &l.stack[len(l.stack)-1] }

// element closes the running element of the innermost bracket in the account of depth.
func (l *lexer) element() {
	f := l.top()
	f.deepest = max(f.deepest, f.ops+f.kid)
	f.ops, f.kid = 0, 0
}

func (l *lexer) operator() {
	f := l.top()
	if f.ops++; f.ops+f.kid > MaxTree {
		l.stop(l.prev.Span(), "split it: give parts of it names", "expression has more than %d operators in a row", MaxTree)
	}
}

func (l *lexer) push(t Token, kind within, close string) {
	l.stack = append(l.stack, frame{open: t, kind: kind, close: close})
	if len(l.stack) > MaxNest {
		l.stop(t.Span(), "split it: give parts of it names", "nested more than %d levels deep", MaxNest)
	}
}

func (l *lexer) pop() {
	l.element()
	closed := *l.top()
	l.stack = l.stack[:len(l.stack)-1]
	if closed.kind == inBlock {
		return // its statements are trees of their own
	}
	f := l.top()
	if f.kid = max(f.kid, closed.deepest+1); f.ops+f.kid > MaxTree {
		l.stop(l.prev.Span(), "split it: give parts of it names", "expression is more than %d levels deep", MaxTree)
	}
}

// unclosed reports the innermost bracket as never closed, and closes it.
func (l *lexer) unclosed() {
	f := l.top()
	if !l.Stopped {
		if f.kind == inField {
			l.fail(f.open.Span(), "E0117", "write {{ for a brace in an f-string", "'{' in an f-string is never closed")
		} else {
			l.fail(f.open.Span(), "E0102", "", "'%s' is never closed: expected '%s'", f.open.Text, f.close)
		}
	}
	l.supply()
}

// supply puts in the closing token that the script lacks, so that the parser sees balanced brackets.
func (l *lexer) supply() {
	if l.top().kind == inBlock {
		l.sep()
	}
	f := *l.top()
	l.add(Token{Kind: closeKind[f.kind], Text: f.close, Pos: l.pos(l.at)})
	l.pop()
}

// closeBrackets reports and closes everything open within the innermost block.
func (l *lexer) closeBrackets() {
	for l.top().kind != inBlock {
		l.unclosed()
	}
}

// closer reads a closing bracket; one that does not match the innermost shows that inner ones were
// never closed.
func (l *lexer) closer(c string) {
	here := diag.Span{Start: l.at, End: l.at + 1}
	if !l.closes(c) {
		f := l.top()
		if f.kind == inBlock || f.kind == inField {
			l.fail(here, "E0103", "", "'%s' closes nothing", c)
		} else {
			open := f.open.Span()
			l.Errs.Add(diag.Diag{Span: here, Code: "E0103", Msg: "'" + c + "' does not close '" + f.open.Text + "': expected '" + f.close + "'",
				Other: &open, OtherMsg: "opened here"})
			l.supply()
		}
		l.at++
		return
	}
	for l.top().close != c {
		l.unclosed()
	}
	k := l.top().kind
	if k == inBlock {
		l.sep()
	}
	l.emit(closeKind[k], 1)
	l.pop()
}

// closes says that some open bracket waits for c: not one outside a block or a field, though, if
// c is ) or ].
func (l *lexer) closes(c string) bool {
	for i := len(l.stack) - 1; i > 0; i-- {
		f := &l.stack[i]
		if f.close == c {
			return true
		}
		if f.kind == inBlock || f.kind == inField {
			return false
		}
	}
	return false
}

// brace reads {, which opens a block or a record.
func (l *lexer) brace() {
	l.closeHeader()
	if l.top().kind == inBlock && l.blockFollows() {
		l.push(l.emit(BlockOpen, 1), inBlock, "}")
	} else {
		l.push(l.emit(RecOpen, 1), inRecord, "}")
	}
}

// closeHeader closes brackets that a header left open: in def f(x { the brace can only be the block.
func (l *lexer) closeHeader() {
	i := len(l.stack) - 1
	for l.stack[i].kind == inParen || l.stack[i].kind == inIndex {
		i--
	}
	if f := &l.stack[i]; f.kind == inBlock && f.inHeader() && EndsOperand(l.prev) {
		l.closeBrackets()
	}
}

// inHeader says that the running statement takes a block.
func (f *frame) inHeader() bool { return f.first.Kind == Keyword && headers[f.first.Text] }

// blockFollows decides what a { between statements' tokens opens: a block after a complete
// expression and after the words that take one at once, else a record.
func (l *lexer) blockFollows() bool {
	p := l.prev
	switch {
	case EndsOperand(p), p.Kind == BlockClose, p.Is(":"), p.Is("trace"), p.Is("generate"):
		return true
	case p.Kind == Keyword && reserved[p.Text] != "" && p == l.top().first: // try { ... } of other languages
		return true
	case p.Is("else"):
		n := len(l.Tokens)
		return n < 2 || l.Tokens[n-2].Kind == BlockClose || l.Tokens[n-2].Kind == Sep || l.Tokens[n-2].Kind == BlockOpen
	case p.Is("in"), p.Kind == Keyword && headers[p.Text] && p == l.top().first:
		return !l.recordFollows()
	}
	return false
}

// recordFollows says that the { after a header's word opens a record, as in if {a: 1}.a { ... }, and
// not the block of a header that lacks its expression.
func (l *lexer) recordFollows() bool {
	rest := ahead(l.Text[l.at+1:])
	if len(rest) > 0 && rest[0] == '}' {
		rest = ahead(rest[1:])
		return len(rest) > 0 && rest[0] == '{'
	}
	i := 0
	if len(rest) > 0 && (rest[0] == '"' || rest[0] == '\'') {
		i, _ = stringLen(rest, true)
	} else {
		for i < len(rest) && wordByte(rest[i]) {
			i++
		}
	}
	rest = ahead(rest[i:])
	return i > 0 && len(rest) > 0 && rest[0] == ':'
}
