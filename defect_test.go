package interp

import (
	"context"
	"errors"
	"io"
	"testing"

	"interp/internal/shared"
)

func TestPanicsDoNotPassTheDoors(t *testing.T) {
	m, err := OpenModel(shared.Repo("testdata", "models", "ioi-proto"))
	if err != nil {
		t.Fatal(err)
	}
	src := `m = model("other")`
	o := Options{Model: m, Open: func(string) (*Model, error) { panic("a planted one") }}
	p, err := Compile("t", src)
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	s, err := NewSession(o)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		name string
		call func() error
	}{
		{"run", func() error { _, err := p.Run(ctx, o); return err }},
		{"check", func() error { _, err := p.CheckWith(ctx, o); return err }},
		{"explain", func() error { _, err := p.Explain(ctx, o, io.Discard); return err }},
		{"graph", func() error { _, err := p.Graph(ctx, o); return err }},
		{"an entry", func() error { _, err := s.Exec(ctx, "t", src); return err }},
		{"check of an entry", func() error { _, err := s.Check(ctx, "t", src); return err }},
		{"explain of an entry", func() error { _, err := s.Explain(ctx, "t", src); return err }},
	} {
		t.Run(row.name, func(t *testing.T) {
			var d *Defect
			if err := row.call(); !errors.As(err, &d) || d.Value != "a planted one" {
				t.Errorf("got %v, want the defect", err)
			}
		})
	}
	if _, err := s.Exec(ctx, "t", "print 1"); err != nil {
		t.Errorf("the session does not go on: %v", err)
	}
}
