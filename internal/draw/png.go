package draw

import (
	"image"
	idraw "image/draw"
	"image/png"
	"io"
	"math"

	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

const pngScale = 2 // pixels a unit

// raster draws a scene into an image.
type raster struct{ img *image.RGBA }

func writePNG(w io.Writer, s *scene) error {
	size := image.Rect(0, 0, pixel(s.w), pixel(s.h))
	r := raster{image.NewRGBA(size)}
	idraw.Draw(r.img, size, image.NewUniform(paper.rgba()), image.Point{}, idraw.Src)
	for _, it := range s.items {
		r.item(it)
	}
	enc := png.Encoder{CompressionLevel: png.DefaultCompression}
	return enc.Encode(w, r.img)
}

// pixel is the pixel at a coordinate: cells that meet in units meet in pixels.
func pixel(v float64) int { return int(math.Round(v * pngScale)) }

func (r raster) item(it item) {
	switch it := it.(type) {
	case box:
		at := image.Rect(pixel(it.x), pixel(it.y), pixel(it.x+it.w), pixel(it.y+it.h))
		idraw.Draw(r.img, at, image.NewUniform(it.fill.rgba()), image.Point{}, idraw.Src)
	case dot:
		r.fill(circle(nil, it.at, it.r), it.color)
	case stroke:
		r.stroke(it)
	case label:
		r.label(it)
	case pixels:
		r.pixels(it)
	}
}

// pixels takes for each pixel of the image the cell below it.
func (r raster) pixels(p pixels) {
	x0, y0, x1, y1 := pixel(p.x), pixel(p.y), pixel(p.x+p.w), pixel(p.y+p.h)
	for y := y0; y < y1; y++ {
		row := (y - y0) * p.rows / (y1 - y0)
		for x := x0; x < x1; x++ {
			col := (x - x0) * p.cols / (x1 - x0)
			r.img.SetRGBA(x, y, p.colors[row*p.cols+col].rgba())
		}
	}
}

// curve is a piece of an outline: a move where ctl is 0, else a line (1), or a curve of degree 2 or 3.
type curve struct {
	degree int
	pts    [3]point
}

func (r raster) stroke(s stroke) {
	var path []curve
	half := s.width / 2
	for i := 1; i < len(s.pts); i++ {
		path = segment(path, s.pts[i-1], s.pts[i], half)
	}
	if s.width > 1 {
		for _, p := range s.pts {
			path = circle(path, p, half)
		}
	}
	r.fill(path, s.color)
}

// segment adds a bar around a line. All outlines turn the same way, so that overlaps stay filled.
func segment(path []curve, a, b point, half float64) []curve {
	dx, dy := b.x-a.x, b.y-a.y
	n := math.Hypot(dx, dy)
	if n == 0 {
		return path
	}
	ox, oy := -dy/n*half, dx/n*half
	return polygon(path, point{a.x + ox, a.y + oy}, point{a.x - ox, a.y - oy}, point{b.x - ox, b.y - oy}, point{b.x + ox, b.y + oy})
}

func polygon(path []curve, pts ...point) []curve {
	for i, p := range pts {
		path = append(path, curve{min(i, 1), [3]point{p}})
	}
	return append(path, curve{1, [3]point{pts[0]}})
}

func circle(path []curve, c point, radius float64) []curve {
	const corners = 24
	var pts [corners]point
	for i := range pts {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / corners)
		pts[i] = point{c.x + radius*cos, c.y + radius*sin}
	}
	return polygon(path, pts[:]...)
}

// label fills the outlines of the characters, turned.
func (r raster) label(l label) {
	start := 0.0
	switch w := textWidth(l.text, l.size); l.anchor {
	case atMiddle:
		start = -w / 2
	case atEnd:
		start = -w
	}
	sin, cos := math.Sincos(l.turn * math.Pi / 180)
	var path []curve
	var buf sfnt.Buffer
	glyphs(l.text, l.size, func(g sfnt.GlyphIndex, x float64) {
		// Outlines are taken four times as large: the font's own rounding is to 1/64.
		segs, err := typeface().LoadGlyph(&buf, g, fixed.Int26_6(l.size*4*64), nil)
		if err != nil {
			return
		}
		for _, s := range segs {
			c := curve{degree: int(s.Op)}
			for i, p := range s.Args {
				gx, gy := start+x+float64(p.X)/256, float64(p.Y)/256
				c.pts[i] = point{l.x + gx*cos - gy*sin, l.y + gx*sin + gy*cos}
			}
			path = append(path, c)
		}
	})
	r.fill(path, l.color)
}

// fill paints the inside of an outline.
func (r raster) fill(path []curve, color rgb) {
	area := bounds(path).Intersect(r.img.Rect)
	if area.Empty() {
		return
	}
	v := vector.NewRasterizer(area.Dx(), area.Dy())
	at := func(p point) (float32, float32) {
		return float32(p.x*pngScale - float64(area.Min.X)), float32(p.y*pngScale - float64(area.Min.Y))
	}
	for i, c := range path {
		x, y := at(c.pts[0])
		x2, y2 := at(c.pts[1])
		x3, y3 := at(c.pts[2])
		switch c.degree {
		case 0:
			if i > 0 {
				v.ClosePath()
			}
			v.MoveTo(x, y)
		case 1:
			v.LineTo(x, y)
		case 2:
			v.QuadTo(x, y, x2, y2)
		case 3:
			v.CubeTo(x, y, x2, y2, x3, y3)
		}
	}
	v.ClosePath()
	v.Draw(r.img, area, image.NewUniform(color.rgba()), image.Point{})
}

// bounds is the rectangle of pixels that holds an outline.
func bounds(path []curve) image.Rectangle {
	x0, y0, x1, y1 := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, c := range path {
		for _, p := range c.pts[:max(c.degree, 1)] {
			x0, x1 = math.Min(x0, p.x), math.Max(x1, p.x)
			y0, y1 = math.Min(y0, p.y), math.Max(y1, p.y)
		}
	}
	if x0 > x1 {
		return image.Rectangle{}
	}
	return image.Rect(int(math.Floor(x0*pngScale)), int(math.Floor(y0*pngScale)), int(math.Ceil(x1*pngScale))+1, int(math.Ceil(y1*pngScale))+1)
}
