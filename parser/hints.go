package parser

import (
	"sort"
	"strings"

	"interp/grammar"
)

// hint is what people who write this usually mean.
func (p *place) hint(want string) string {
	for _, h := range hints {
		if h.fits(p, want) {
			if h.say != nil {
				return h.say(p)
			}
			return h.text
		}
	}
	return ""
}

// hints are tried in order.
var hints = []struct {
	fits func(p *place, want string) bool
	text string
	say  func(p *place) string
}{
	{fits: func(p *place, want string) bool { return p.got.Is(":") && want == "'{'" },
		say: func(p *place) string { return "blocks use braces: " + p.tokens[0].Text + " ... { ... }" }},
	{fits: func(p *place, _ string) bool {
		return p.got.Is("=") && (p.tokens[0].Is("if") || p.tokens[0].Is("assert") || p.open != nil && p.open.Text == "[" && !p.index || p.prev.Is("="))
	}, text: "to compare, write =="},
	{fits: func(p *place, want string) bool { return p.got.Is("=") && p.assigned && want == endOfLine },
		text: "one assignment a statement: b = 3; a = b"},
	{fits: func(p *place, want string) bool {
		return p.tokens[0].Is("save") && want == "'='" && p.i > 1 && !p.got.Is(".")
	},
		say: func(p *place) string {
			return "save gives a value a name: save " + short(p.tokens[1].Text) + " = value"
		}},
	{fits: func(p *place, want string) bool { return p.tokens[0].Is("save") && (want == "'='" || want == "a name") },
		text: "save gives a value a name: save x = SITE; to change a site, write  set SITE = value"},
	{fits: func(p *place, want string) bool { return want == "'{'" && p.prev.Kind == grammar.RecClose },
		text: "is the value before the block's { missing?"},
	{fits: func(p *place, _ string) bool { return p.got.Is("for") && p.open != nil },
		text: "only a list holds for: [e for x in xs]"},
	{fits: func(p *place, want string) bool { return want == aName && p.got.Is("(") && p.has("for") },
		text: "for takes names: for a, b in pairs"},
	{fits: func(p *place, _ string) bool { return p.i == 0 && p.got.Is("//") }, text: "a comment begins with #"},
	{fits: func(p *place, _ string) bool { return p.i == 0 && (p.got.Is("else") || p.got.Is("elif")) },
		text: "else follows the } of an if"},
	{fits: func(p *place, _ string) bool {
		return p.i == 0 && (p.got.Kind == grammar.Op || p.got.Kind == grammar.Keyword)
	}, text: "a line goes on if the operator ends the line before, or inside brackets"},
	{fits: func(p *place, want string) bool {
		return p.open != nil && p.open.Kind == grammar.RecOpen && want == aKey
	},
		text: "a record's keys are words or strings: {clean: 1, \"a b\": 2}"},
	{fits: func(p *place, _ string) bool { return p.open != nil && p.open.Kind == grammar.FillOpen },
		text: "write {{ for a brace in an f-string"},
	{fits: func(p *place, _ string) bool { return isString(p.got) && isString(p.prev) }, text: "join strings with +"},
	{fits: func(p *place, _ string) bool {
		return isString(p.got) && p.prev.Kind == grammar.Ident && p.prev.End() == p.got.Pos.Offset
	}, text: `strings begin with ", ', f" or r"`},
	{fits: func(p *place, _ string) bool {
		return p.got.Kind == grammar.Num && strings.HasPrefix(p.got.Text, ".") && p.prev.Kind == grammar.Ident && p.prev.End() == p.got.Pos.Offset
	}, say: func(p *place) string {
		return "a number stands in brackets: " + short(p.prev.Text) + "[" + p.got.Text[1:] + "]"
	}},
	{fits: func(p *place, want string) bool { return p.got.Is(":") && p.i == 1 && want == endOfLine },
		text: "names have no types: write  x = value"},
	{fits: func(p *place, _ string) bool {
		return p.i == 1 && p.prev.Kind == grammar.Ident && p.got.Kind == grammar.BlockTok
	},
		say: func(p *place) string {
			return nonEmpty(suggest(p.prev.Text), "blocks begin with trace, generate, invoke, iter, edit, def, for or if")
		}},
	{fits: func(p *place, _ string) bool {
		return p.got.Kind == grammar.BlockTok && p.tokens[0].Kind == grammar.Ident
	},
		say: func(p *place) string { return suggest(p.tokens[0].Text) }},
	{fits: func(p *place, _ string) bool {
		return p.i == 1 && p.prev.Kind == grammar.Ident && (p.got.Kind == grammar.Ident || p.got.Kind == grammar.Num || isString(p.got))
	}, say: func(p *place) string { return suggest(p.prev.Text) }},
	{fits: func(p *place, want string) bool {
		return p.got.Kind == grammar.Keyword && want == anExpression && machines().words[p.got.Text] != nil && p.i > 0
	}, say: func(p *place) string { return "'" + p.got.Text + "' begins a statement of its own" }},
}

func isString(t grammar.Token) bool {
	return t.Kind == grammar.Str || t.Kind == grammar.StrOpen || t.Kind == grammar.StrClose
}

func nonEmpty(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// suggest is the word of a statement that w may be a slip of.
func suggest(w string) string {
	best, found := 3, ""
	words := make([]string, 0, 16)
	for k := range machines().words {
		words = append(words, k)
	}
	sort.Strings(words)
	for _, k := range words {
		if d := distance(w, k, best); d < best && d <= 1+len(k)/5 {
			best, found = d, k
		}
	}
	if found == "" {
		return ""
	}
	return "did you mean " + found + "?"
}

// distance is how many letters must change to make b of a, or limit if it is as much.
func distance(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		corner := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := corner
			if a[i-1] != b[j-1] {
				cost++
			}
			corner = row[j]
			row[j] = min(cost, row[j]+1, row[j-1]+1)
		}
	}
	return row[len(b)]
}
