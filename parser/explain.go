package parser

import (
	"errors"
	"strings"

	"interp/grammar"
	"interp/internal/diag"

	"github.com/alecthomas/participle/v2"
)

// place is where a statement broke.
type place struct {
	tokens    []grammar.Token // of the statement, blocks folded
	i         int             // index of got
	got, prev grammar.Token
	open      *grammar.Token // the innermost open bracket
	index     bool           // it is an index, x[
	assigned  bool           // an = outside brackets lies before
}

// explain words participle's error anew. Of its own message only the place and, rarely, a literal
// are of use: it names productions and tokens, and only the first alternative.
func explain(c *cut, err error) diag.Diag {
	var perr participle.Error
	if !errors.As(err, &perr) {
		return diag.Diag{Span: c.tokens[0].Span(), Code: "E0101", Msg: "statement: " + err.Error()}
	}
	p := locate(c, perr.Position().Offset)
	want := ""
	if f := (*failure)(nil); errors.As(err, &f) {
		want = f.want
	}
	if i, w := missing(c.tokens); i >= p.i && i > 0 { // participle stops a token early after one token of an alternative
		p, want = locate(c, c.tokens[i].Pos.Offset), w
	}
	if want == "" {
		want = p.want(perr.Message())
	}
	return p.word(want)
}

// locate describes the place of the first token at or after an offset.
func locate(c *cut, offset int) place {
	p := place{tokens: c.tokens, i: len(c.tokens), got: c.end}
	for i, t := range c.tokens {
		if t.Pos.Offset >= offset {
			p.i, p.got = i, t
			break
		}
	}
	var stack []int
	for i, t := range c.tokens[:p.i] {
		switch {
		case opens(t):
			stack = append(stack, i)
		case closes(t) && len(stack) > 0: // those in a folded block are not seen
			stack = stack[:len(stack)-1]
		case t.Is("=") && len(stack) == 0:
			p.assigned = true
		}
	}
	if n := len(stack); n > 0 {
		i := stack[n-1]
		p.open = &c.tokens[i]
		p.index = p.open.Text == "[" && i > 0 && grammar.EndsOperand(c.tokens[i-1])
	}
	if p.i > 0 {
		p.prev = c.tokens[p.i-1]
	}
	return p
}

// word makes the diagnostic.
func (p *place) word(want string) diag.Diag {
	d := diag.Diag{Span: p.span(), Code: "E0101"}
	if h := grammar.Reserved(p.got.Text); p.got.Kind == grammar.Keyword && h != "" {
		d.Code, d.Hint = "E0108", h
		d.Msg = "'" + p.got.Text + "' is not part of the language"
		return d
	}
	if p.got.Is("with") && p.i == 0 {
		d.Code, d.Msg = "E0119", "'with' begins no statement"
		d.Hint = "write  trace { ... }  or  invoke prompt { ... }"
		return d
	}
	d.Msg = "expected " + want + ", got " + describe(p.got)
	if p.i > 0 {
		d.Msg = p.what() + ": " + d.Msg
	}
	d.Hint = p.hint(want)
	if p.got.Is("=") && p.assigned && p.open == nil && p.statement() == "" && want == endOfLine {
		d.Code = "E0111"
	}
	return d
}

// span is the token that does not fit; at an end, the place after the last one that does.
func (p *place) span() diag.Span {
	switch s := p.got.Span(); p.got.Kind {
	case grammar.Sep, grammar.EOF, grammar.BlockClose:
		return diag.Span{Start: p.prev.End(), End: p.prev.End() + 1}
	case grammar.BlockTok:
		return diag.Span{Start: s.Start, End: s.Start + 1}
	default:
		return diag.Span{Start: s.Start, End: max(s.End, s.Start+1)}
	}
}

// statement is the word that begins the statement, "" if it is an expression or an assignment.
func (p *place) statement() string {
	if t := p.tokens[0]; t.Kind == grammar.Keyword && machines().words[t.Text] != nil {
		return t.Text
	}
	return ""
}

// what names the construct that broke.
func (p *place) what() string {
	switch w := p.statement(); {
	case w != "":
		return w
	case p.open != nil && p.open.Kind == grammar.RecOpen:
		return "record"
	case p.assigned:
		return "assignment"
	}
	return "statement"
}

// want is what could stand here: judged by what stands before, else taken from participle.
func (p *place) want(message string) string {
	if p.i == 0 {
		return "a statement"
	}
	if grammar.EndsOperand(p.prev) || p.prev.Kind == grammar.BlockTok || p.prev.Is("trace") || p.prev.Is("generate") {
		if w := p.afterOperand(); w != "" {
			return w
		}
	}
	if w := fromParticiple(message); w != "" {
		return w
	}
	return anExpression
}

// afterOperand is what may follow a complete expression here, "" if that is not known.
func (p *place) afterOperand() string {
	w := p.statement()
	switch {
	case p.open != nil:
		return p.inBracket()
	case p.prev.Kind == grammar.BlockTok && w == "if":
		return "'else' or end of line"
	case p.prev.Kind == grammar.BlockTok:
		return endOfLine
	case w == "set" && !p.has("=", "+=", "-=", "*=", "/="):
		return "'=', '+=', '-=', '*=' or '/='"
	case w == "save" && !p.assigned:
		return "'='"
	case w == "for" && !p.has("in"):
		return "',' or 'in'"
	case w == "def" && !p.has("("):
		return "'('"
	case w == "edit" && !p.has("("):
		return "'(' or '{'"
	case (w == "trace" || w == "generate") && p.i == 1:
		return "'(' or '{'"
	case p.got.Is("=") && (w == "if" || w == "assert"):
		return "'=='"
	case isHeader[w]:
		return "'{'"
	}
	return endOfLine
}

const endOfLine = "end of line"

var isHeader = map[string]bool{"if": true, "for": true, "def": true, "trace": true, "generate": true, "invoke": true, "iter": true, "edit": true}

// has says that one of the words stands before the place.
func (p *place) has(words ...string) bool {
	for _, t := range p.tokens[:p.i] {
		for _, w := range words {
			if t.Is(w) {
				return true
			}
		}
	}
	return false
}

func (p *place) inBracket() string {
	switch p.open.Kind {
	case grammar.RecOpen:
		if before := p.tokens[p.i-2]; before.Kind == grammar.RecOpen || before.Is(",") {
			return "':'"
		}
		return "',' or '}'"
	case grammar.FillOpen:
		return "'}'"
	}
	if p.open.Text == "(" {
		return "',' or ')'"
	}
	return "',' or ']'"
}

// productions are words for what participle calls by the names of types and tokens.
var productions = map[string]string{"<ident>": "a name", "Name": "a name", "Expr": anExpression, "OrExpr": anExpression, "Block": "'{'",
	"<blocktok>": "'{'", "<recclose>": "'}'", "<fillclose>": "'}'", "Item": "an index", "Arg": "an argument", "Param": "a parameter", "Field": "a field"}

// fromParticiple is the first thing of participle's "(expected ...)", if it is a simple one.
func fromParticiple(message string) string {
	_, list, ok := strings.Cut(message, "(expected ")
	if !ok {
		return ""
	}
	first, _, _ := strings.Cut(strings.TrimSuffix(list, ")"), " ")
	if w := productions[first]; w != "" {
		return w
	}
	if strings.HasPrefix(first, `"`) {
		return "'" + strings.Trim(first, `"`) + "'"
	}
	return ""
}

// describe names a token as a person would.
func describe(t grammar.Token) string {
	switch t.Kind {
	case grammar.EOF:
		return "end of file"
	case grammar.Sep:
		return endOfLine
	case grammar.Str, grammar.StrOpen:
		return "a string"
	case grammar.Num:
		return "number " + short(t.Text)
	case grammar.Ident:
		return "name '" + short(t.Text) + "'"
	case grammar.BlockTok, grammar.BlockOpen:
		return "'{'"
	case grammar.BlockClose:
		return "'}'"
	case grammar.FillSpec:
		return "a format"
	}
	return "'" + short(t.Text) + "'"
}

// short keeps a message in bounds; a token may be megabytes long.
func short(t string) string {
	const most = 30
	if len(t) <= most {
		return t
	}
	return strings.ToValidUTF8(t[:most-3], "") + "..."
}
