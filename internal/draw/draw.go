// Package draw makes the pictures of a script: heat maps, lines, bars, scatters and tables, as text
// for a terminal and as SVG, PNG and HTML files.
//
// A picture lays itself out once, as a scene of rectangles, lines and texts in units of 1/96 inch;
// SVG and PNG are two ways to write that scene, a page of HTML is SVG with the values for hovering:
//
//	arguments ── New ─▶ picture ── Terminal ─▶ text, at most TermOptions.Width cells wide
//	                           └── scene ─┬─ SVG
//	                                      ├─ PNG   (twice the scene's units in pixels)
//	                                      └─ Page  (all pictures in one file, no network)
//	                                 Write chooses by the ending of a file, and numbers the files
//
// Text is measured and drawn with one embedded font. Nothing depends on time, locale or map order:
// the same picture gives the same bytes. Numbers that are not finite are drawn apart from the rest
// and never stretch an axis; what does not fit is shown in fewer cells and the picture says so; what
// is larger than any picture is an error. Labels are shown with what would be invisible in them:
// the blank that begins a token is a dot, a newline is \n.
package draw

import "io"

// Picture is what a script draws. The kinds are *Heatmap, *Lines, *Bars, *Scatter and *Table.
type Picture interface {
	// Terminal writes the picture as lines of text.
	Terminal(w io.Writer, opt TermOptions) error
	// Check says what makes the picture impossible to draw.
	Check() error
	scene() *scene
}

// SVG writes a picture as one SVG document.
func SVG(w io.Writer, p Picture) error {
	if err := p.Check(); err != nil {
		return err
	}
	return writeSVG(w, p.scene(), true)
}

// PNG writes a picture as a PNG image, two pixels a unit.
func PNG(w io.Writer, p Picture) error {
	if err := p.Check(); err != nil {
		return err
	}
	return writePNG(w, p.scene())
}

const (
	defaultWidth = 80   // cells, where TermOptions gives none
	leastWidth   = 20   // cells: narrower terminals get this
	mostRows     = 100  // rows of a grid in a terminal
	mostCells    = 1024 // rows or columns of a grid in a file
	mostLabel    = 28   // cells of a label in a file
	mostText     = 300  // cells of a title, and of a label where all of it is shown
	mostName     = 18   // cells of a row's label in a terminal
)
