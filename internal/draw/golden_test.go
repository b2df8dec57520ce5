package draw

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the pictures of testdata anew")

var tokensIOI = []string{"After_0", " John_1", " and_2", " Mary_3", " went_4", " to_5", " the_6", " store_7", ",_8", " John_9"}

// samples are pictures a reader can judge; numbers tell their place.
var samples = []struct {
	name string
	p    Picture
}{
	{"heatmap", &Heatmap{Z: matrix(4, 10, func(i, j int) float64 { return float64(i) + float64(j)/10 - 1.5 }), XLabels: tokensIOI,
		XAxis: "Position", YAxis: "Layer", Title: "Normalized logit difference after patching the residual stream"}},
	{"heatmap_not_finite", &Heatmap{Z: [][]float64{{nan, inf, -inf}, {1e-9, -0.25, 120}}, YLabels: []string{"a", " b"}}},
	{"heatmap_large", &Heatmap{Z: matrix(200, 300, wave), XAxis: "key", YAxis: "query"}},
	{"lines", &Lines{Series: [][]float64{{1, 2, 1.5, 4, 3.2}, {-1, 0.5, nan, 2, 2.2}}, Names: []string{"clean", "corrupted"}, XAxis: "Layer", YAxis: "logit", Title: "Logit lens"}},
	{"lines_labels", &Lines{Series: [][]float64{{1, 2, 1.5}}, XLabels: []string{" Mary", " gave", " milk"}}},
	{"bars", &Bars{Series: [][]float64{{1, -2, 3}, {0.5, 1.25, -1}}, Labels: []string{"L0H3", "L4H7", "L11H10"}, Names: []string{"clean", "patched"}, Title: "Heads", YAxis: "logit difference", XAxis: "head"}},
	{"scatter", &Scatter{A: []float64{0.1, 0.5, 0.9, 0.52, nan}, B: []float64{3, 2, 7, 2.1, 1}, Labels: []string{"a.b", "name mover", "induction", "close", "?"}, XAxis: "score", YAxis: "effect", Title: "Heads"}},
	{"table", &Table{Header: []string{"prompt", "answer", "prob"}, Rows: [][]string{{"When John and\nMary", " Mary", "0.91"}, {"x", " John", "-0.1"}}, Title: "Top"}},
}

func TestTerminalGolden(t *testing.T) {
	for _, s := range samples {
		t.Run(s.name, func(t *testing.T) {
			var b strings.Builder
			for _, opt := range []TermOptions{{Width: 80}, {Width: 40}, {Width: 80, Colors: Colors256}, {Width: 60, Colors: TrueColors}} {
				if opt.Colors != NoColors && s.name == "heatmap_large" {
					continue
				}
				fmt.Fprintf(&b, "-- width %d, %s\n", opt.Width, [...]string{"no colours", "256 colours", "true colours"}[opt.Colors])
				if err := s.p.Terminal(&b, opt); err != nil {
					t.Fatal(err)
				}
			}
			golden(t, s.name+".txt", strings.ReplaceAll(b.String(), "\x1b", `\e`))
		})
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got == string(want) {
		return
	}
	g, w := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	for i := range g {
		if i >= len(w) || g[i] != w[i] {
			t.Fatalf("%s:%d differs (-update writes it anew)\ngot:\n%s", file, i+1, strings.Join(g[i:min(i+30, len(g))], "\n"))
		}
	}
	t.Fatalf("%s: got %d lines, want %d", file, len(g), len(w))
}

func TestSameBytes(t *testing.T) {
	if testing.Short() {
		t.Skip("every picture in every form: not in -short")
	}
	for _, s := range samples {
		t.Run(s.name, func(t *testing.T) {
			var first []byte
			for range 2 {
				var b bytes.Buffer
				for _, err := range []error{SVG(&b, s.p), PNG(&b, s.p), Page(&b, []Picture{s.p}), s.p.Terminal(&b, TermOptions{Colors: TrueColors})} {
					if err != nil {
						t.Fatal(err)
					}
				}
				if first != nil && !bytes.Equal(first, b.Bytes()) {
					t.Error("drawn twice the picture differs")
				}
				first = b.Bytes()
			}
		})
	}
}
