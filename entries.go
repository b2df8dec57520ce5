package interp

import (
	"context"
	"slices"

	"interp/compiler"
)

// Exec compiles and runs an entry. Bare expressions are shown. After an error, or a cancelled context,
// the session's names are as before; what was computed by then is not computed again. Lines are
// counted through the session, so that a finding in a def of an earlier entry quotes it.
func (s *Session) Exec(ctx context.Context, name, src string) (*Results, error) {
	p, err := s.entry(name, src)
	if err != nil {
		return nil, err
	}
	mark, values := s.machine.Mark(), slices.Clone(s.out.values)
	r, err := s.run(ctx, p)
	if err != nil {
		s.names.Undo()
		s.machine.Return(mark)
		s.out.values = values
	}
	return r, err
}

// entry compiles an entry. The places of its program are those of the session's whole text: blanks
// stand where the entries before it are.
func (s *Session) entry(name, src string) (*Program, error) {
	if n := len(s.past); n > 0 && s.past[n-1] != '\n' {
		s.past += "\n"
	}
	text := s.past + src
	p, err := compile(s.names, name, blanks(s.past)+src, text, compiler.Options{Session: true})
	s.past = text
	return p, err
}

// blanks is a text of as many bytes and lines that says nothing.
func blanks(text string) string {
	b := []byte(text)
	for i, c := range b {
		if c != '\n' {
			b[i] = ' '
		}
	}
	return string(b)
}

// Check says what is wrong with an entry, and what it makes; the session is as before.
func (s *Session) Check(ctx context.Context, name, src string) (r *Report, err error) {
	defer caught(&err)
	p, err := s.entry(name, src)
	if err != nil {
		return nil, err
	}
	defer s.names.Undo()
	return s.check(ctx, p), ctx.Err()
}

// Explain plans what an entry would run; the session is as before.
func (s *Session) Explain(ctx context.Context, name, src string) (*Explanation, error) {
	p, err := s.entry(name, src)
	if err != nil {
		return nil, err
	}
	defer s.machine.Return(s.machine.Mark())
	defer s.names.Undo()
	return s.explain(ctx, p, nil)
}

// Results are all saves of the session and its pictures.
func (s *Session) Results(ctx context.Context) (*Results, error) {
	err := scriptError("session", s.past, s.handOver(ctx))
	r := s.results()
	r.Failed = reason(err)
	return r, err
}

func (s *Session) handOver(ctx context.Context) (err error) {
	defer caught(&err)
	return s.machine.HandOver(ctx)
}

// UseModel changes the model of the entries that follow.
func (s *Session) UseModel(name string) error {
	m, err := s.models.open(name)
	if err == nil {
		s.machine.SetModel(m)
	}
	return err
}

// Model is the model of the next entry.
func (s *Session) Model() *Model {
	for _, m := range s.models.opened {
		if m.rt == s.machine.Model() {
			return m
		}
	}
	return nil
}

// Names lists what the next entry may use: variables, functions of the library, numbers of the model
// and the first words of sites.
func (s *Session) Names() []string { return s.names.InScope() }
