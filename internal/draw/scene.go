package draw

// scene is a picture laid out: shapes in units from the top left, drawn in order.
type scene struct {
	w, h  float64
	title string // what a reader who cannot see the picture is told
	items []item
	hits  hits
}

// item is a box, stroke, dot, label or pixels.
type item any

type box struct {
	x, y, w, h float64
	fill       rgb
	tip        string
}

type stroke struct {
	pts   []point
	color rgb
	width float64
}

type dot struct {
	at    point
	r     float64
	color rgb
	tip   string
}

type point struct{ x, y float64 }

// label is a line of text whose baseline begins, is centred or ends at (x, y), turned clockwise by
// so many degrees about that point.
type label struct {
	x, y, size float64
	text       string
	anchor     anchor
	turn       float64
	color      rgb
}

type anchor int

const (
	atStart anchor = iota
	atMiddle
	atEnd
)

// pixels is a grid too large for a box a cell: one colour a cell, row by row.
type pixels struct {
	x, y, w, h float64
	rows, cols int
	colors     []rgb
}

// hits are the values a reader finds by pointing: a grid of cells or marks of their own.
type hits struct {
	grid  *gridHits
	marks []markHit
}

// gridHits are cells of equal size from (X, Y).
type gridHits struct {
	X, Y, W, H float64 // of one cell
	Cols       []string
	Rows       []string
	XAxis      string
	YAxis      string
	Values     [][]string
}

// markHit is a text about a rectangle.
type markHit struct {
	X, Y, W, H float64
	Text       string
}

func (s *scene) add(items ...item) { s.items = append(s.items, items...) }

func (s *scene) line(color rgb, width float64, pts ...point) {
	s.add(stroke{pts, color, width})
}

func (s *scene) text(x, y, size float64, t string, a anchor) {
	s.add(label{x: x, y: y, size: size, text: t, anchor: a, color: ink})
}

func (s *scene) mark(x, y, w, h float64, text string) {
	s.hits.marks = append(s.hits.marks, markHit{x, y, w, h, text})
}
