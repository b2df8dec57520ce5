package draw

import (
	"io"
	"strings"

	"github.com/muesli/termenv"
)

// TermOptions say what a terminal can show.
type TermOptions struct {
	Width  int    // cells; 0 is 80
	Colors Colors // NoColors is plain text
}

// Colors is how many colours a terminal has.
type Colors int

// The kinds of terminals.
const (
	NoColors Colors = iota
	Colors256
	TrueColors
)

// Detect tells the colours of the terminal behind w from the environment (NO_COLOR, TERM,
// COLORTERM). A file or pipe has none, and 16 colours are too few for a scale: as good as none.
func Detect(w io.Writer) Colors {
	switch termenv.NewOutput(w).EnvColorProfile() {
	case termenv.TrueColor:
		return TrueColors
	case termenv.ANSI256:
		return Colors256
	}
	return NoColors
}

func (c Colors) profile() termenv.Profile {
	switch c {
	case TrueColors:
		return termenv.TrueColor
	case Colors256:
		return termenv.ANSI256
	}
	return termenv.Ascii
}

// term collects the lines of a picture.
type term struct {
	width   int
	profile termenv.Profile
	b       strings.Builder
}

func newTerm(opt TermOptions) *term {
	w := opt.Width
	if w <= 0 {
		w = defaultWidth
	}
	return &term{width: max(w, leastWidth), profile: opt.Colors.profile()}
}

func (t *term) colored() bool { return t.profile != termenv.Ascii }

// line adds a line, without blanks at its end.
func (t *term) line(s string) {
	t.b.WriteString(strings.TrimRight(s, " "))
	t.b.WriteByte('\n')
}

// title adds text broken into lines.
func (t *term) title(s string) {
	for _, l := range wrap(heading(s), t.width) {
		t.line(l)
	}
}

// on paints text on a background.
func (t *term) on(s string, bg rgb) string {
	return t.profile.String(s).Background(t.profile.Color(bg.hex())).Foreground(t.profile.Color(onto(bg).hex())).String()
}

// in paints text in a colour.
func (t *term) in(s string, fg rgb) string {
	return t.profile.String(s).Foreground(t.profile.Color(fg.hex())).String()
}

func (t *term) flush(w io.Writer) error {
	_, err := io.WriteString(w, t.b.String())
	return err
}
