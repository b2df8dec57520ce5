package golden

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"

	"interp/internal/results"
)

// Mode says what becomes of sections that differ.
type Mode string

// The modes: they are reported, rewritten, or shown as a change to the archive.
const (
	Compare Mode = ""
	Update  Mode = "true"
	Diff    Mode = "diff"
)

// Set reads the value of a flag, so that -update and -update=diff can be given.
func (m *Mode) Set(s string) error {
	switch s {
	case "true", "diff":
		*m = Mode(s)
	case "false":
		*m = Compare
	default:
		return fmt.Errorf("got %q, want -update or -update=diff", s)
	}
	return nil
}

// String is the flag's value.
func (m *Mode) String() string { return string(*m) }

// IsBoolFlag says that the flag may stand alone.
func (m *Mode) IsBoolFlag() bool { return true }

// Run tests the archives at the paths and writes a line for each, with what differs. It says how many
// failed. Update rewrites the sections that differ, but never the exit status: a script that fails now and
// did not before is for a person to look at.
func Run(ctx context.Context, run Runner, mode Mode, w io.Writer, paths ...string) (failed int, err error) {
	files, err := Find(paths...)
	if err != nil {
		return 0, err
	}
	out := &reported{w: w}
	for _, path := range files {
		ok, err := one(ctx, run, mode, out, path)
		if err := cmp.Or(ctx.Err(), out.err); err != nil {
			return failed, err
		}
		if err != nil {
			fmt.Fprintf(out, "FAIL %s\n%s", path, indent(err.Error()))
		}
		if err != nil || !ok {
			failed++
		}
	}
	return failed, out.err
}

// reported is where the report goes; what keeps it from being written is kept.
type reported struct {
	w   io.Writer
	err error
}

// Write passes the report on.
func (r *reported) Write(b []byte) (int, error) {
	n, err := r.w.Write(b)
	r.err = cmp.Or(r.err, err)
	return n, err
}

// one tests an archive.
func one(ctx context.Context, run Runner, mode Mode, w io.Writer, path string) (ok bool, err error) {
	a, err := Open(path)
	if err != nil {
		return false, err
	}
	out, err := a.Test(ctx, run)
	if err != nil {
		return false, err
	}
	if len(out.Failures) == 0 {
		fmt.Fprintf(w, "ok   %s\n", path)
		return true, nil
	}
	switch changed := !bytes.Equal(out.Old, out.New); {
	case mode == Diff:
		io.WriteString(w, unified(path, path+" (updated)", string(out.Old), string(out.New)))
	case mode == Update && changed:
		err := results.WriteFile(path, func(w io.Writer) error { _, err := w.Write(out.New); return err })
		if err != nil {
			return false, err
		}
		fmt.Fprintf(w, "new  %s\n", path)
	}
	ok = true
	for _, f := range out.Failures {
		if mode != Compare && !f.Stays {
			continue
		}
		if ok {
			fmt.Fprintf(w, "FAIL %s\n", path)
		}
		ok = false
		fmt.Fprintf(w, "  %s:\n%s", f.Section, indent(f.Text))
	}
	return ok, nil
}

// indent sets lines off by four blanks.
func indent(text string) string {
	text = strings.TrimSuffix(text, "\n")
	return "    " + strings.ReplaceAll(text, "\n", "\n    ") + "\n"
}
