package parser

import (
	"strings"
	"testing"

	"interp/grammar"
)

func dump(s *grammar.Script) string {
	var b strings.Builder
	_ = grammar.Dump(&b, s) // a Builder never fails
	return b.String()
}

// checkFormat requires of a sound script that formatting keeps tree and comments, and that
// formatting twice is formatting once.
func checkFormat(t *testing.T, name, text string) string {
	t.Helper()
	a, errs := Parse(name, []byte(text))
	if errs.HasErrors() {
		t.Fatalf("%s\n%s", errs.Text(name, text), text)
	}
	once := a.File.Format()
	b, errs := Parse(name, []byte(once))
	if errs.HasErrors() {
		t.Fatalf("formatted text fails:\n%s\n--- was\n%s--- now\n%s", errs.Text(name, once), text, once)
	}
	if x, y := dump(a), dump(b); x != y {
		t.Fatalf("tree changed:\n%s\n%s\n--- was\n%s--- now\n%s", x, y, text, once)
	}
	if x, y := comments(a), comments(b); x != y {
		t.Fatalf("comments changed:\n%s\n---\n%s", x, y)
	}
	if twice := b.File.Format(); twice != once {
		t.Fatalf("not idempotent:\n--- source\n%s--- once\n%s--- twice\n%s", text, once, twice)
	}
	return once
}

func comments(s *grammar.Script) string {
	var b strings.Builder
	for _, c := range s.File.Comments {
		b.WriteString(c.Text + "\n")
	}
	return b.String()
}
