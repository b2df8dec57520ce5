package grammar

import (
	"strconv"
	"strings"

	"interp/internal/diag"
)

// word reads a name or a word of the language.
func (l *lexer) word() {
	w := leadingWord(l.Text[l.at:])
	if l.prev.Kind == BlockClose && w != "else" && w != "elif" {
		l.sep() // a block's brace ends its statement: def f(p) { invoke p { ... } return y }
	}
	if l.isName(w) {
		l.emit(Ident, len(w))
		return
	}
	l.emit(Keyword, len(w))
	switch w {
	case "and", "or", "not", "in", "else", "if":
		l.operator()
	}
}

// isName says that w is an ordinary word here.
func (l *lexer) isName(w string) bool {
	after := strings.TrimLeft(l.Text[l.at+len(w):], " \t")
	switch {
	case l.prev.Is("."), l.isLabel(after) && !constWords[w]:
		return true
	case softWords[w]:
		return !l.atStart() || !startsStatement(w, after)
	case onlyLeading[w]:
		return !l.atStart() || leadingWord(after) == ""
	}
	return !isKeyword(w)
}

// isLabel says that a word followed by after is the key of a record's field or the name of an
// argument, and so may be any word.
func (l *lexer) isLabel(after string) bool {
	if p := l.prev; !p.Is(",") && !p.Is("(") && !p.Is("[") && p.Kind != RecOpen {
		return false
	}
	switch l.top().kind {
	case inRecord:
		return strings.HasPrefix(after, ":")
	case inParen, inIndex:
		return strings.HasPrefix(after, "=") && !strings.HasPrefix(after, "==")
	}
	return false
}

// startsStatement says that a soft word at the start of a statement is its word and not a name:
// a name is assigned to, read from or alone.
func startsStatement(w, after string) bool {
	switch w {
	case "trace", "generate":
		rest := ahead(after)
		return strings.HasPrefix(after, "(") || strings.HasPrefix(rest, "{") || leadingWord(after) != "" && !exprWords[leadingWord(after)]
	case "model", "input", "edit":
		return after != "" && (wordByte(after[0]) || strings.ContainsRune(`"'{`, rune(after[0]))) && !exprWords[leadingWord(after)]
	}
	return strings.HasPrefix(after, "...") || after != "" && !strings.ContainsRune("=.,;\r\n#)]}", rune(after[0])) && !compound(after)
}

// compound says that t begins with an assignment such as +=.
func compound(t string) bool {
	return len(t) > 1 && t[1] == '=' && strings.ContainsRune("+-*/", rune(t[0]))
}

// number reads an integer or a float as Python writes them.
func (l *lexer) number() {
	start := l.at
	n := numberLen(l.Text[start:])
	t := l.emit(Num, n)
	if more := leadingWord(l.Text[l.at:]); more != "" {
		l.at += len(more)
		l.fail(diag.Span{Start: start, End: l.at}, "E0107", "", "bad number '%s'", clip(l.Text[start:l.at]))
		return
	}
	if why, hint := badNumber(t.Text); why != "" {
		l.fail(t.Span(), "E0107", hint, "%s", why)
	}
}

// numberLen is the length of the number that t begins with.
func numberLen(t string) int {
	if based(t) {
		return len(leadingWord(t))
	}
	i := digits(t, 0)
	if i < len(t) && t[i] == '.' && pointOfNumber(t[i+1:]) {
		i = digits(t, i+1)
	}
	if e := exponent(t[i:]); e > 0 {
		i = digits(t, i+e)
	}
	return i
}

func digits(t string, i int) int {
	for i < len(t) && (t[i] == '_' || digitAt(t, i)) {
		i++
	}
	return i
}

// pointOfNumber says that a point followed by rest belongs to a number: 5. and 5.0 and 5.e3, not
// 5.abs() and 5...
func pointOfNumber(rest string) bool {
	return rest == "" || digitAt(rest, 0) || exponent(rest) > 0 || rest[0] != '.' && !wordByte(rest[0])
}

// exponent is the length of the e and the sign that t begins with if digits follow, else 0.
func exponent(t string) int {
	if t == "" || t[0] != 'e' && t[0] != 'E' {
		return 0
	}
	if len(t) > 1 && (t[1] == '+' || t[1] == '-') && digitAt(t, 2) {
		return 2
	}
	if digitAt(t, 1) {
		return 1
	}
	return 0
}

// badNumber says what is wrong with a number that looks like one.
func badNumber(t string) (why, hint string) {
	if strings.Contains(t, "__") || strings.HasSuffix(t, "_") || strings.Contains(t, "_.") || strings.Contains(t, "._") || strings.Contains(t, "_e") {
		return "bad number '" + clip(t) + "': _ stands between two digits", ""
	}
	if n := (Number{Text: t}); !n.IsInt() {
		if _, err := strconv.ParseFloat(strings.ReplaceAll(t, "_", ""), 64); err != nil {
			return "number '" + clip(t) + "' is too large for a float", "infinity is inf"
		}
		return "", ""
	}
	_, err := parseInt(t)
	switch {
	case err != nil && strings.HasSuffix(err.Error(), "out of range"):
		return "integer '" + clip(t) + "' does not fit in 64 bits", "write it as a float, as in 1e20"
	case err != nil:
		return "bad number '" + clip(t) + "'", ""
	case len(t) > 1 && t[0] == '0' && !based(t) && strings.Trim(t, "0_") != "":
		return "integer '" + clip(t) + "' begins with 0", "octal is 0o17"
	}
	return "", ""
}

// clip keeps a message short, whatever the script holds.
func clip(t string) string {
	const most = 40
	if len(t) <= most {
		return t
	}
	cut := most - 3
	for cut > 0 && t[cut]&0xC0 == 0x80 {
		cut--
	}
	return t[:cut] + "..."
}
