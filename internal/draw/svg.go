package draw

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"fmt"
	"html"
	"image"
	"image/png"
	"io"
	"strconv"
	"strings"
)

// writeSVG writes a scene. Alone it is a document whose marks carry titles, which a browser shows on
// hovering; inside a page the script of the page does that.
func writeSVG(w io.Writer, s *scene, alone bool) error {
	b := bufio.NewWriter(w)
	if alone {
		b.WriteString("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
	}
	fmt.Fprintf(b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %s %s" width="%[1]s" height="%[2]s" font-family="%s" role="img" aria-label="%s">`+"\n",
		num(s.w), num(s.h), fontFamily, html.EscapeString(s.title))
	fmt.Fprintf(b, `<rect width="%s" height="%s" fill="%s"/>`+"\n", num(s.w), num(s.h), paper.hex())
	for _, it := range s.items {
		if err := svgItem(b, it, alone); err != nil {
			return err
		}
	}
	b.WriteString("</svg>\n")
	return b.Flush()
}

func svgItem(b *bufio.Writer, it item, tips bool) error {
	switch it := it.(type) {
	case box:
		fmt.Fprintf(b, `<rect x="%s" y="%s" width="%s" height="%s" fill="%s" shape-rendering="crispEdges"%s`+"\n",
			num(it.x), num(it.y), num(it.w), num(it.h), it.fill.hex(), closing("rect", it.tip, tips))
	case dot:
		fmt.Fprintf(b, `<circle cx="%s" cy="%s" r="%s" fill="%s"%s`+"\n",
			num(it.at.x), num(it.at.y), num(it.r), it.color.hex(), closing("circle", it.tip, tips))
	case stroke:
		var pts []string
		for _, p := range it.pts {
			pts = append(pts, num(p.x)+","+num(p.y))
		}
		fmt.Fprintf(b, `<polyline points="%s" fill="none" stroke="%s" stroke-width="%s" stroke-linejoin="round" stroke-linecap="round"/>`+"\n",
			strings.Join(pts, " "), it.color.hex(), num(it.width))
	case label:
		turn := ""
		if it.turn != 0 {
			turn = fmt.Sprintf(` transform="rotate(%s %s %s)"`, num(it.turn), num(it.x), num(it.y))
		}
		fmt.Fprintf(b, `<text x="%s" y="%s" font-size="%s" text-anchor="%s" fill="%s" xml:space="preserve"%s>%s</text>`+"\n",
			num(it.x), num(it.y), num(it.size), [...]string{"start", "middle", "end"}[it.anchor], it.color.hex(), turn, html.EscapeString(it.text))
	case pixels:
		var buf bytes.Buffer
		if err := png.Encode(&buf, it.image()); err != nil {
			return err
		}
		fmt.Fprintf(b, `<image x="%s" y="%s" width="%s" height="%s" preserveAspectRatio="none" style="image-rendering:pixelated" href="data:image/png;base64,%s"/>`+"\n",
			num(it.x), num(it.y), num(it.w), num(it.h), base64.StdEncoding.EncodeToString(buf.Bytes()))
	}
	return nil
}

func closing(tag, tip string, tips bool) string {
	if tip == "" || !tips {
		return "/>"
	}
	return "><title>" + html.EscapeString(tip) + "</title></" + tag + ">"
}

// image is one pixel a cell.
func (p pixels) image() *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, p.cols, p.rows))
	for i, c := range p.colors {
		img.SetRGBA(i%p.cols, i/p.cols, c.rgba())
	}
	return img
}

// num writes a coordinate with at most two decimals.
func num(v float64) string {
	s := strconv.FormatFloat(v, 'f', 2, 64)
	s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	if s == "-0" {
		return "0"
	}
	return s
}
