package diag

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
)

func TestRender(t *testing.T) {
	at := func(start, end int) Diag { return Diag{Span: Span{start, end}, Code: "E0101", Msg: "set: no"} }
	with := func(d Diag, f func(*Diag)) Diag { f(&d); return d }
	other := Span{0, 1}
	rows := []struct {
		name, src string
		d         Diag
		want      string
	}{
		{"a span is underlined", "abc = 1\nset x = 3\n", at(12, 13),
			"f:2:5: set: no\n    2 | set x = 3\n      |     ^\n"},
		{"a hint comes last, after the second place", "abc = 1\nset x = 3", with(at(12, 13), func(d *Diag) { d.Hint, d.Other, d.OtherMsg = "try", &other, "here" }),
			"f:2:5: set: no\n    2 | set x = 3\n      |     ^\nf:1:1: here\n    1 | abc = 1\n      | ^\nhint: try\n"},
		{"a warning says so, and when", "x", with(at(0, 1), func(d *Diag) { d.Sev, d.Note = Warning, "layer = 12, first of 4 times" }),
			"f:1:1: warning: set: no (layer = 12, first of 4 times)\n    1 | x\n      | ^\n"},
		{"a tab reaches to the next stop", "\tx\ty", at(3, 4),
			"f:1:4: set: no\n    1 |     x   y\n      |         ^\n"},
		{"a wide rune is two cells", "\"日本\" x", at(9, 10),
			"f:1:6: set: no\n    1 | \"日本\" x\n      |        ^\n"},
		{"wide runes are underlined whole", "\"日本\" x", at(1, 7),
			"f:1:2: set: no\n    1 | \"日本\" x\n      |  ^^^^\n"},
		{"a combining mark has no cell", "e\u0301x", at(3, 4),
			"f:1:3: set: no\n    1 | e\u0301x\n      |  ^\n"},
		{"control characters are replaced", "x = \x1b[31m\x00\u202ey", at(0, 1),
			"f:1:1: set: no\n    1 | x = \ufffd[31m\ufffd\ufffdy\n      | ^\n"},
		{"an empty span has one caret", "abc", at(1, 1), "f:1:2: set: no\n    1 | abc\n      |  ^\n"},
		{"a span over lines ends with the first", "abc\ndef", at(1, 6), "f:1:2: set: no\n    1 | abc\n      |  ^^\n"},
		{"the end of the text is a place", "abc\n", at(4, 4), "f:2:1: set: no\n    2 | \n      | ^\n"},
		{"a place past the end is the end", "abc", at(70, 80), "f:1:4: set: no\n    1 | abc\n      |    ^\n"},
		{"a negative place is the start", "abc", at(-5, -2), "f:1:1: set: no\n    1 | abc\n      | ^\n"},
		{"a carriage return is not shown", "abc\r\nd", at(0, 3), "f:1:1: set: no\n    1 | abc\n      | ^^^\n"},
		{"broken UTF-8 is replaced", "a\xffb", at(2, 3), "f:1:3: set: no\n    1 | a\ufffdb\n      |   ^\n"},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			if got := (List{r.d}).Text("f", r.src); got != r.want {
				t.Errorf("got\n%s\nwant\n%s", got, r.want)
			}
		})
	}
}

func TestALongLineShowsAWindow(t *testing.T) {
	src := strings.Repeat("a", 5000) + "HERE" + strings.Repeat("b", 5000)
	lines := strings.Split(List{{Span: Span{5000, 5004}, Msg: "m"}}.Text("f", src), "\n")
	if len(lines[1]) > 140 {
		t.Errorf("%d characters are shown", len(lines[1]))
	}
	if i, j := strings.Index(lines[1], "HERE"), strings.Index(lines[2], "^^^^"); i < 0 || i != j {
		t.Errorf("carets at %d under HERE at %d:\n%s", j, i, strings.Join(lines, "\n"))
	}
}

func TestMessagesCannotMoveTheCursor(t *testing.T) {
	out := List{{Msg: "bad \x1b[2J name\n", Hint: "\r\x07"}}.Text("a\x1bb", "x\x9by")
	if regexp.MustCompile(`[\x00-\x09\x0b-\x1f\x7f]|\x{9b}`).MatchString(out) || strings.Count(out, "\n") != 4 {
		t.Errorf("%q", out)
	}
}

func TestColourIsOnlyInk(t *testing.T) {
	var plain, ink strings.Builder
	l := List{{Span: Span{0, 1}, Msg: "m", Hint: "h"}, {Span: Span{0, 2}, Sev: Warning, Msg: "w"}}
	if Render(&plain, "f", "abc", l, false) != nil || Render(&ink, "f", "abc", l, true) != nil {
		t.Fatal("a Builder fails")
	}
	if plain.String() == ink.String() {
		t.Error("no colour")
	}
	if got := regexp.MustCompile("\x1b\\[[0-9]+m").ReplaceAllString(ink.String(), ""); got != plain.String() {
		t.Errorf("got\n%s\nwant\n%s", got, plain.String())
	}
}

func TestAListIsBounded(t *testing.T) {
	var l List
	for i := range 500 {
		l.Warnf(Span{i, i + 1}, "", "", "w%d", i)
	}
	for i := range 500 {
		if l.Full() != (i >= Max) {
			t.Fatal("Full at", i)
		}
		l.Errorf(Span{500 - i, 501 - i}, "E0101", "", "e%d", i)
	}
	if len(l) != 2*Max || !l.HasErrors() || l[:Max].HasErrors() {
		t.Errorf("%d findings", len(l))
	}
	l.Sort()
	for i := 1; i < len(l); i++ {
		if l[i].Start < l[i-1].Start {
			t.Fatal("not sorted")
		}
	}
}

func TestTheSameFindingIsKeptOnce(t *testing.T) {
	var l List
	for range 3 {
		l.Errorf(Span{1, 2}, "E0101", "", "m")
	}
	l.Errorf(Span{1, 3}, "E0101", "", "m")
	if len(l) != 2 {
		t.Errorf("got %d, want 2", len(l))
	}
}

func TestPosAgreesWithCounting(t *testing.T) {
	text := "a\n\nbé\n日\r\nx"
	s := NewSource("f", text)
	line, col := 1, 1
	for i, r := range text {
		if l, c := s.Pos(i); l != line || c != col {
			t.Errorf("%d: got %d:%d, want %d:%d", i, l, c, line, col)
		}
		if col++; r == '\n' {
			line, col = line+1, 1
		}
	}
	for i, want := range []string{"", "a", "", "bé", "日", "x", ""} {
		if got := s.Line(i); got != want {
			t.Errorf("line %d: got %q, want %q", i, got, want)
		}
	}
}

func TestJSON(t *testing.T) {
	var b strings.Builder
	o := Span{0, 1}
	l := List{{Span: Span{6, 8}, Code: "E0101", Msg: "m <", Hint: "h"}, {Span: Span{2, 3}, Sev: Warning, Code: "W0201", Msg: "w", Note: "n", Other: &o, OtherMsg: "o"}}
	if err := WriteJSON(&b, "f", "a\nbé\nxy", l); err != nil {
		t.Fatal(err)
	}
	var got []map[string]any
	if err := json.Unmarshal([]byte(b.String()), &got); err != nil {
		t.Fatal(err)
	}
	want := "map[code:W0201 col:1 end:3 end_col:2 end_line:2 file:f line:2 message:w note:n other:map[col:1 end:1 end_col:2 end_line:1 line:1 message:o start:0] severity:warning start:2]" +
		" map[code:E0101 col:1 end:8 end_col:3 end_line:3 file:f hint:h line:3 message:m < severity:error start:6]"
	if s := fmt.Sprint(got[0], got[1]); s != want {
		t.Errorf("got\n%s\nwant\n%s", s, want)
	}
	b.Reset()
	if err := WriteJSON(&b, "f", "", nil); err != nil || b.String() != "[]\n" {
		t.Errorf("nothing found is %q", b.String())
	}
}

func TestCodesAreInOrderAndTitled(t *testing.T) {
	form := regexp.MustCompile(`^[EW]\d{4}$`)
	for i, c := range Codes {
		if !form.MatchString(c.ID) || c.Title == "" || strings.HasSuffix(c.Title, ".") {
			t.Errorf("%+v", c)
		}
		if i > 0 && c.ID <= Codes[i-1].ID {
			t.Errorf("%s comes after %s", c.ID, Codes[i-1].ID)
		}
		if Title(c.ID) != c.Title {
			t.Errorf("Title(%s) is %q", c.ID, Title(c.ID))
		}
	}
	if Title("E9999") != "" {
		t.Error("a code that is none has a title")
	}
}
