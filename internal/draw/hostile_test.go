package draw

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"image/png"
	"io"
	"math"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

var (
	nan = math.NaN()
	inf = math.Inf(1)
)

// grid is rows by cols numbers of which each is f of its place.
func matrix(rows, cols int, f func(i, j int) float64) [][]float64 {
	out := make([][]float64, rows)
	for i := range out {
		out[i] = make([]float64, cols)
		for j := range out[i] {
			out[i][j] = f(i, j)
		}
	}
	return out
}

func wave(i, j int) float64 { return math.Sin(float64(i)/5) * math.Cos(float64(j)/7) }

var badLabels = []string{
	"", " ", "   ", "\n", " a\nb\t", "–", "<b>&\"'", "\x00\x1b[31m", "\xff\xfe", "\u202eabc", "\uffff", "日本語のとても長いラベル", "é́", "👩‍👩‍👧", "]]>", "</script>",
	strings.Repeat("long ", 200), strings.Repeat("x", 5000),
}

func someLabels(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = badLabels[i%len(badLabels)]
	}
	return out
}

// hostile are pictures that must be drawn, whatever they hold.
func hostile() map[string]Picture {
	out := map[string]Picture{
		"grid/one":           &Heatmap{Z: [][]float64{{1}}, XAxis: "Position in the prompt", YAxis: "Layer of the model", Title: "one"},
		"grid/nan alone":     &Heatmap{Z: [][]float64{{nan}}},
		"grid/not finite":    &Heatmap{Z: [][]float64{{nan, inf, -inf, 0}}},
		"grid/zero":          &Heatmap{Z: matrix(3, 4, func(int, int) float64 { return 0 })},
		"grid/constant":      &Heatmap{Z: matrix(3, 4, func(int, int) float64 { return 2.5 })},
		"grid/negative":      &Heatmap{Z: matrix(3, 4, func(i, j int) float64 { return -float64(i+j) - 1 })},
		"grid/huge":          &Heatmap{Z: [][]float64{{math.MaxFloat64, -math.MaxFloat64, 1, 1e300}}},
		"grid/tiny":          &Heatmap{Z: [][]float64{{5e-324, -5e-324, 0, 1e-300}}},
		"grid/labels":        &Heatmap{Z: matrix(18, 18, wave), XLabels: badLabels, YLabels: badLabels, XAxis: badLabels[16], YAxis: badLabels[17], Title: badLabels[17]},
		"grid/large":         &Heatmap{Z: matrix(200, 300, wave), XAxis: "Position", YAxis: "Layer", Title: "large"},
		"grid/large, named":  &Heatmap{Z: matrix(200, 300, wave), XLabels: someLabels(300), YLabels: someLabels(200)},
		"grid/tall":          &Heatmap{Z: matrix(3000, 1, wave)},
		"grid/wide":          &Heatmap{Z: matrix(1, 3000, wave)},
		"lines/one":          &Lines{Series: [][]float64{{3}}},
		"lines/nan":          &Lines{Series: [][]float64{{nan, inf, -inf}}},
		"lines/gaps":         &Lines{Series: [][]float64{{1, nan, 3, 4, inf, 2}, {2}}, Names: []string{"a", " b"}},
		"lines/huge":         &Lines{Series: [][]float64{{math.MaxFloat64, -math.MaxFloat64}}, X: []float64{-math.MaxFloat64, math.MaxFloat64}},
		"lines/tiny":         &Lines{Series: [][]float64{{0, 5e-324}}, X: []float64{0, 5e-324}},
		"lines/close":        &Lines{Series: [][]float64{{1e16, 1e16 + 2}}, X: []float64{1e16, 1e16 + 2}},
		"lines/same x":       &Lines{Series: [][]float64{{1, 2}}, X: []float64{3, 3}},
		"lines/labels":       &Lines{Series: [][]float64{make([]float64, 18)}, XLabels: badLabels, Names: []string{badLabels[16]}, Title: badLabels[4], XAxis: badLabels[11], YAxis: badLabels[8]},
		"lines/many":         &Lines{Series: matrix(40, 500, wave)},
		"bars/one":           &Bars{Series: [][]float64{{1}}},
		"bars/nan":           &Bars{Series: [][]float64{{nan, inf, -inf}}},
		"bars/zero":          &Bars{Series: [][]float64{{0, 0}}},
		"bars/negative":      &Bars{Series: [][]float64{{-1, -2}}},
		"bars/huge":          &Bars{Series: [][]float64{{math.MaxFloat64, -math.MaxFloat64}}},
		"bars/tiny":          &Bars{Series: [][]float64{{5e-324, -5e-324}}},
		"bars/labels":        &Bars{Series: [][]float64{make([]float64, 18), make([]float64, 18)}, Labels: badLabels, Names: badLabels[15:17]},
		"bars/many":          &Bars{Series: matrix(4, 250, wave)},
		"scatter/one":        &Scatter{A: []float64{1}, B: []float64{1}},
		"scatter/nan":        &Scatter{A: []float64{nan, inf}, B: []float64{1, 2}},
		"scatter/huge":       &Scatter{A: []float64{math.MaxFloat64, -math.MaxFloat64}, B: []float64{math.MaxFloat64, -math.MaxFloat64}},
		"scatter/labels":     &Scatter{A: make([]float64, 18), B: make([]float64, 18), Labels: badLabels, XAxis: badLabels[3], YAxis: badLabels[4]},
		"table/header alone": &Table{Header: []string{"a", "b"}},
		"table/labels":       &Table{Header: badLabels, Rows: [][]string{badLabels, badLabels}, Title: badLabels[16]},
		"table/wide":         &Table{Rows: [][]string{strings.Split(strings.Repeat("1234567 ", 150), " ")}},
		"table/tall":         &Table{Rows: make([][]string, 3000)},
	}
	for i := range 3000 {
		out["table/tall"].(*Table).Rows[i] = []string{fmt.Sprint(i), badLabels[i%16]}
	}
	return out
}

var ansi = regexp.MustCompile("\x1b\\[[0-9;]*m")

func TestHostileTerminal(t *testing.T) {
	for name, p := range hostile() {
		t.Run(name, func(t *testing.T) {
			for _, width := range []int{40, 80, 200} {
				for _, colors := range []Colors{NoColors, TrueColors} {
					var b bytes.Buffer
					if err := p.Terminal(&b, TermOptions{Width: width, Colors: colors}); err != nil {
						t.Fatal(err)
					}
					checkText(t, b.String(), width, colors)
				}
			}
		})
	}
}

func checkText(t *testing.T, text string, width int, colors Colors) {
	t.Helper()
	bare := ansi.ReplaceAllString(text, "")
	if colors == NoColors && bare != text {
		t.Errorf("width %d: escapes without colours", width)
	}
	if !utf8.ValidString(bare) || strings.ContainsFunc(bare, func(r rune) bool { return r != '\n' && odd(r) }) {
		t.Errorf("width %d: text holds what is no text: %q", width, bare)
	}
	if n := strings.Count(bare, "\n"); n > tableRows+10 {
		t.Errorf("width %d: got %d lines", width, n)
	}
	for l := range strings.Lines(bare) {
		if n := cells(strings.TrimSuffix(l, "\n")); n > width {
			t.Errorf("width %d: line of %d cells: %s", width, n, l)
		}
	}
}

func TestHostileFiles(t *testing.T) {
	if testing.Short() {
		t.Skip("large pictures: not in -short")
	}
	const most = 50 << 20 // pixels
	for name, p := range hostile() {
		t.Run(name, func(t *testing.T) {
			s := p.scene()
			if n := s.w * s.h * pngScale * pngScale; !(n <= most) {
				t.Fatalf("picture of %v by %v units", s.w, s.h)
			}
			var svg, page bytes.Buffer
			if err := SVG(&svg, p); err != nil {
				t.Fatal(err)
			}
			checkXML(t, svg.Bytes())
			if err := Page(&page, []Picture{p}); err != nil {
				t.Fatal(err)
			}
			checkPage(t, page.String())
			if s.w*s.h < 4e6 {
				checkPNG(t, p, s)
			}
		})
	}
}

func checkXML(t *testing.T, data []byte) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(data))
	for {
		tok, err := d.Token()
		if err == io.EOF {
			return
		} else if err != nil {
			t.Fatalf("not well-formed: %v", err)
		}
		e, _ := tok.(xml.StartElement)
		for _, a := range e.Attr {
			if strings.Contains(a.Value, "NaN") && a.Name.Local != "aria-label" || strings.Contains(a.Value, "Inf") {
				t.Fatalf("%s: %s=%q", e.Name.Local, a.Name.Local, a.Value)
			}
		}
	}
}

func checkPage(t *testing.T, page string) {
	t.Helper()
	if n := strings.Count(page, "</script>"); n != 2 {
		t.Errorf("got %d ends of scripts, want 2", n)
	}
	for _, bad := range []string{"http://", "https://", "<b>"} {
		if rest := strings.ReplaceAll(page, "http://www.w3.org/2000/svg", ""); strings.Contains(rest, bad) {
			t.Errorf("page holds %s", bad)
		}
	}
	_, data, _ := strings.Cut(page, `<script type="application/json">`)
	data, _, _ = strings.Cut(data, "</script>")
	if !json.Valid([]byte(data)) {
		t.Errorf("the data is no JSON: %.200s", data)
	}
}

func checkPNG(t *testing.T, p Picture, s *scene) {
	t.Helper()
	var b bytes.Buffer
	if err := PNG(&b, p); err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	size := img.Bounds()
	if size.Dx() != pixel(s.w) || size.Dy() != pixel(s.h) {
		t.Errorf("got %v, want %v by %v", size, pixel(s.w), pixel(s.h))
	}
	for x := range size.Dx() { // nothing reaches the edges, so nothing is cut off
		for _, y := range []int{0, size.Dy() - 1} {
			if r, g, b, _ := img.At(x, y).RGBA(); r+g+b != 3*0xffff {
				t.Fatalf("the picture is cut off at %d %d", x, y)
			}
		}
	}
	for y := range size.Dy() {
		for _, x := range []int{0, size.Dx() - 1} {
			if r, g, b, _ := img.At(x, y).RGBA(); r+g+b != 3*0xffff {
				t.Fatalf("the picture is cut off at %d %d", x, y)
			}
		}
	}
}
