package draw

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func decodePNG(t *testing.T, p Picture) image.Image {
	t.Helper()
	var b bytes.Buffer
	if err := PNG(&b, p); err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

func TestHeatmapPixels(t *testing.T) {
	z := [][]float64{{-2, 0, 2}, {nan, 1, -1}}
	for _, c := range []struct {
		name string
		p    *Heatmap
	}{
		{"boxes", &Heatmap{Z: z}},
		{"pixels", &Heatmap{Z: matrix(200, 300, func(i, j int) float64 { return z[i/100][j/100] })}},
	} {
		t.Run(c.name, func(t *testing.T) {
			img, g := decodePNG(t, c.p), c.p.scene().hits.grid
			rows, cols := len(c.p.Z), len(c.p.Z[0])
			for i := range rows {
				for j := range cols {
					if c.name == "pixels" && (i%50 != 49 || j%50 != 49) {
						continue
					}
					// The upper left of a cell is never below its number.
					x, y := pixel(g.X+float64(j)*g.W)+1, pixel(g.Y+float64(i)*g.H)+1
					if got, want := img.At(x, y), diverging(c.p.Z[i][j], 2).rgba(); got != color.Color(want) {
						t.Errorf("cell %d %d of %v: got %v, want %v", i, j, c.p.Z[i][j], got, want)
					}
				}
			}
		})
	}
}

func TestDiverging(t *testing.T) {
	white := rgb{247, 247, 247}
	for _, c := range []struct {
		v, most float64
		want    rgb
	}{
		{0, 1, white}, {1, 1, rgb{5, 48, 97}}, {-1, 1, rgb{103, 0, 31}}, {inf, 1, rgb{5, 48, 97}}, {-inf, 0, rgb{103, 0, 31}},
		{0, 0, white}, {nan, 1, missing}, {0.2, 1, rgb{209, 229, 240}}, {3e300, 3e300, rgb{5, 48, 97}},
	} {
		if got := diverging(c.v, c.most); got != c.want {
			t.Errorf("%v of %v: got %v, want %v", c.v, c.most, got, c.want)
		}
	}
}

// TestPageHover: what the page's script shows for the pointer is in the page's data.
func TestPageHover(t *testing.T) {
	var b strings.Builder
	h := &Heatmap{Z: [][]float64{{0.25, nan}}, XLabels: []string{" John", "\n<"}, YLabels: []string{"5"}, XAxis: "Position", YAxis: "Layer", Title: `a "title" </title>`}
	l := &Lines{Series: [][]float64{{1.5}}, Names: []string{"clean"}}
	long := &Table{Rows: [][]string{{"short", strings.Repeat("After John and Mary went ", 5) + "home"}}}
	if err := Page(&b, []Picture{h, l, long}); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), `"Text":"short"`) {
		t.Error("a cell that is shown whole needs no tip")
	}
	for _, want := range []string{
		`"Cols":["·John","\\n\u003c"]`, `"Rows":["5"]`, `"XAxis":"Position"`, `"YAxis":"Layer"`, `"Values":[["0.25","nan"]]`,
		`"Text":"clean\nx: 0\ny: 1.5"`, `went home"`, `<title>a &#34;title&#34; &lt;/title&gt;</title>`,
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if strings.Contains(b.String(), "<title>x:") {
		t.Error("cells in a page carry titles too, which hide behind the script's")
	}
}

func TestSVGTitles(t *testing.T) {
	var b strings.Builder
	if err := SVG(&b, &Heatmap{Z: [][]float64{{0.25}}, XAxis: "Position"}); err != nil {
		t.Fatal(err)
	}
	if want := "<title>Position: 0\ny: 0\n0.25</title></rect>"; !strings.Contains(b.String(), want) {
		t.Errorf("got\n%s\nwant in it %s", b.String(), want)
	}
	if n := len(regexp.MustCompile(`<text [^>]*>Position</text>`).FindAllString(b.String(), -1)); n != 1 {
		t.Errorf("got the title of the x axis %d times", n)
	}
}

func TestWrite(t *testing.T) {
	one, two := &Heatmap{Z: [][]float64{{1}}}, &Bars{Series: [][]float64{{1, 2}}}
	for _, c := range []struct {
		file  string
		pics  []Picture
		files string
		err   string
	}{
		{"x.png", []Picture{one, two, one}, "x-2.png x-3.png x.png", ""},
		{"x.svg", []Picture{one}, "x.svg", ""},
		{"x.HTML", []Picture{one, two}, "x.HTML", ""},
		{"a.b/../x.png", []Picture{one}, "x.png", "no such"},
		{"x.png", nil, "", "x.png: the script draws no picture, want at least one heatmap, lines, bars, scatter or table"},
		{"x.png", make([]Picture, 1001), "", "x.png: the script draws 1001 pictures, want at most 1000"},
		{"x.gif", []Picture{one}, "", `x.gif: got the ending ".gif", want one of .png .svg .html`},
		{"x.png", []Picture{one, &Heatmap{}}, "", "x.png: picture 2: heatmap: got 0 rows and no columns, want at least one number"},
	} {
		t.Run(c.file, func(t *testing.T) {
			dir := t.TempDir()
			t.Chdir(dir)
			err := Write(c.file, c.pics)
			if c.err == "no such" {
				if err == nil {
					t.Error("written into a directory that is not there")
				}
				return
			}
			if got := errText(err); got != c.err {
				t.Errorf("got %q, want %q", got, c.err)
			}
			names, _ := filepath.Glob("*")
			if got := strings.Join(names, " "); got != c.files {
				t.Errorf("got files %q, want %q", got, c.files)
			}
			hidden, _ := os.ReadDir(".")
			if len(hidden) != len(names) {
				t.Errorf("unfinished files are left: %v", hidden)
			}
		})
	}
}

func errText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
