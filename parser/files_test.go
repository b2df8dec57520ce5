package parser

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the expected messages anew")

// TestBrokenFiles compares all messages of scripts with many errors with those stored beside them.
func TestBrokenFiles(t *testing.T) {
	files, err := filepath.Glob("testdata/bad/*.patch")
	if err != nil || len(files) < 8 {
		t.Fatal(len(files), "files", err)
	}
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			src, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			_, errs := Parse(filepath.Base(name), src)
			got, stored := errs.Text(filepath.Base(name), string(src)), strings.TrimSuffix(name, ".patch")+".want"
			if *update {
				if err := os.WriteFile(stored, []byte(got), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(stored)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// TestSoundStatementsSurviveBrokenOnes: an error costs its own statement and nothing around it.
func TestSoundStatementsSurviveBrokenOnes(t *testing.T) {
	rows := []struct{ name, src, want string }{
		{"lines apart", "a = 1\nb = = 2\nc = 3", "assign = a <- 1 / assign = c <- 3"},
		{"in a block", "if x {\na = 1\nb = (\nprint c\n}\nd = 4", "if x /     assign = a <- 1 /     print c / assign = d <- 4"},
		{"after a broken header", "if = x {\na = 1\n}\nb = 2", "assign = b <- 2"},
		{"after an open string", "a = \"b\nc = 3", "assign = c <- 3"},
		{"after a step", "x++\ny = 1", "assign = y <- 1"},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			s, errs := Parse("t", []byte(r.src))
			if len(errs) != 1 {
				t.Errorf("got %d errors, want 1:\n%s", len(errs), errs.Text("t", r.src))
			}
			if got := strings.ReplaceAll(strings.TrimSuffix(dump(s), "\n"), "\n", " / "); got != r.want {
				t.Errorf("got  %s\nwant %s", got, r.want)
			}
		})
	}
}
