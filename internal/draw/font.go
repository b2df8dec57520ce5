package draw

import (
	"sync"

	"codeberg.org/go-fonts/liberation/liberationsansregular"
	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// fontFamily names, in SVG, the fonts whose widths are those of the embedded one.
const fontFamily = "Liberation Sans, Arial, Helvetica, sans-serif"

// typeface is the embedded font, parsed once.
var typeface = sync.OnceValue(func() *sfnt.Font {
	f, err := sfnt.Parse(liberationsansregular.TTF)
	if err != nil {
		panic("draw: the embedded font does not parse: " + err.Error())
	}
	return f
})

// glyphs calls f for each character of s with its place, counted from the start of the text, and
// gives the width of the whole, all in the unit of size.
func glyphs(s string, size float64, f func(sfnt.GlyphIndex, float64)) float64 {
	var buf sfnt.Buffer
	face, ppem, x := typeface(), fixed.Int26_6(size*64), 0.0
	for _, r := range s {
		g, err := face.GlyphIndex(&buf, r)
		if err != nil {
			g = 0 // the box that stands for an unknown character
		}
		if f != nil {
			f(g, x)
		}
		adv, err := face.GlyphAdvance(&buf, g, ppem, font.HintingNone)
		if err == nil {
			x += float64(adv) / 64
		}
	}
	return x
}

// textWidth is the width of s drawn at a size.
func textWidth(s string, size float64) float64 { return glyphs(s, size, nil) }

// widest is the width of the widest of several texts.
func widest(texts []string, size float64) float64 {
	w := 0.0
	for _, t := range texts {
		w = max(w, textWidth(t, size))
	}
	return w
}

// fit shortens s to a width, ending in "…".
func fit(s string, size, width float64) string {
	if textWidth(s, size) <= width {
		return s
	}
	for n := cells(s) - 1; n > 1; n-- {
		if t := cutTo(s, n); textWidth(t, size) <= width {
			return t
		}
	}
	return ""
}
