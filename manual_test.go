package interp_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"interp"
	"interp/ir"
	"interp/stdlib"
)

var update = flag.Bool("update", false, "write the generated parts of docs")

// TestEveryExampleRuns runs the example of each row of the library and compares what it prints with
// its comments.
func TestEveryExampleRuns(t *testing.T) {
	for _, r := range stdlib.Rows() {
		t.Run(r.Name, func(t *testing.T) {
			if r.Doc == "" || r.Example == "" {
				t.Fatalf("%s has no documentation or no example", r.Name)
			}
			code, want := splitExample(r.Example)
			p, err := interp.Compile(r.Name, code)
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			if _, err := p.Run(context.Background(), interp.Options{Out: &out}); err != nil {
				t.Fatal(err)
			}
			if r.Output { // pictures have tests of their own
				return
			}
			if got := out.String(); got != want {
				t.Errorf("%s\nprints:\n%swanted:\n%s", code, got, want)
			}
		})
	}
}

// splitExample takes the lines of output, which begin with "# ", from an example.
func splitExample(example string) (code, want string) {
	for line := range strings.Lines(example + "\n") {
		if text, ok := strings.CutPrefix(line, "# "); ok {
			want += text
		} else {
			code += line
		}
	}
	return code, want
}

// TestDocsListTheTables compares the generated parts of docs with the tables they are made from.
func TestDocsListTheTables(t *testing.T) {
	m, err := interp.OpenModel(interp.DefaultModel)
	if err != nil {
		t.Fatal(err)
	}
	var sites strings.Builder
	fmt.Fprintf(&sites, "| short name | hook name | module path | axes |\n|---|---|---|---|\n")
	for _, s := range m.Runtime().Arch().Sites {
		axes := append([]string{}, s.Lead...)
		for _, a := range s.Axes {
			axes = append(axes, a.Name)
		}
		fmt.Fprintf(&sites, "| `%s` | %s | %s | %s |\n", s.Name, codes(s.TL), codes(s.HF), strings.Join(axes, " "))
	}
	var lib strings.Builder
	group := ""
	for _, r := range stdlib.Rows() {
		if r.Group != group {
			group = r.Group
			fmt.Fprintf(&lib, "\n### %s\n", group)
		}
		fmt.Fprintf(&lib, "\n**`%s`** %s\n\n```\n%s\n```\n", signature(r), r.Doc, strings.TrimSpace(r.Example))
	}
	generated(t, filepath.Join("docs", "sites.md"), "table", sites.String())
	generated(t, filepath.Join("docs", "language.md"), "library", lib.String())
}

// TestEveryBlockRuns runs the blocks of the manual that are scripts: those without a language's name.
func TestEveryBlockRuns(t *testing.T) {
	for _, path := range []string{"README.md", "docs/language.md", "docs/sites.md"} {
		for i, code := range blocks(t, path) {
			t.Run(fmt.Sprintf("%s/%d", filepath.Base(path), i), func(t *testing.T) {
				p, err := interp.Compile(path, code)
				if err != nil {
					t.Fatal(err)
				}
				var warned strings.Builder
				_, err = p.Run(context.Background(), interp.Options{Warn: func(text string) { warned.WriteString(text) }})
				if err != nil {
					t.Fatal(err)
				}
				if warned.Len() > 0 {
					t.Errorf("warns:\n%s", warned.String())
				}
			})
		}
	}
}

// blocks are the blocks of a page that have no language's name, apart from generated parts.
func blocks(t *testing.T, path string) (out []string) {
	text := readPage(t, path)
	if head, rest, ok := strings.Cut(text, "<!-- library -->"); ok { // its examples have a test of their own
		_, tail, _ := strings.Cut(rest, "<!-- end -->")
		text = head + tail
	}
	for i, part := range strings.Split("\n"+text, "\n```") {
		if code, ok := strings.CutPrefix(part, "\n"); ok && i%2 == 1 {
			out = append(out, code)
		}
	}
	if len(out) == 0 {
		t.Fatalf("%s has no scripts", path)
	}
	return out
}

// TestPictures compares the pictures of the documents with what the scripts they are of draw.
func TestPictures(t *testing.T) {
	for _, c := range []struct {
		script string   // a file, or a page whose first block is meant
		names  []string // of the pictures in docs, in the order they are drawn in; "" is not shown
	}{
		{"README.md", []string{"ioi"}},
		{"scripts/head_finder.patch", []string{"heads", "", "heads-through", "heads-write", "heads-list", "heads-inhibition", "heads-mover", "heads-induction"}},
	} {
		t.Run(c.script, func(t *testing.T) {
			code := readPage(t, c.script)
			if filepath.Ext(c.script) == ".md" {
				code = blocks(t, c.script)[0]
			}
			p, err := interp.Compile(c.script, code)
			if err != nil {
				t.Fatal(err)
			}
			r, err := p.Run(context.Background(), interp.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if len(r.Pictures) != len(c.names) {
				t.Fatalf("%d pictures, want %d", len(r.Pictures), len(c.names))
			}
			dir := t.TempDir()
			if err := r.Write(filepath.Join(dir, "x.svg")); err != nil {
				t.Fatal(err)
			}
			for i, name := range c.names {
				fresh := filepath.Join(dir, "x.svg")
				if i > 0 {
					fresh = filepath.Join(dir, fmt.Sprintf("x-%d.svg", i+1))
				}
				if name != "" {
					samePicture(t, filepath.Join("docs", name+".svg"), fresh)
				}
			}
		})
	}
}

// samePicture compares, or with -update writes, a picture of the documents.
func samePicture(t *testing.T, path, fresh string) {
	t.Helper()
	want, err := os.ReadFile(fresh)
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s is not what its script draws (%v): go test . -run Pictures -update writes it", path, err)
	}
}

// TestLinks follows the relative links of the documents, headings included.
func TestLinks(t *testing.T) {
	pages := []string{"README.md", "CHANGELOG.md"}
	for _, pattern := range []string{"docs/*.md", "docs/errors/*.md", "scripts/*.md", "golden/*.md"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, found...)
	}
	for _, path := range pages {
		for _, m := range link.FindAllStringSubmatch(code.ReplaceAllString(readPage(t, path), ""), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			file, heading, _ := strings.Cut(m[1], "#")
			target := filepath.Join(filepath.Dir(path), file)
			if file == "" {
				target = path
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s: there is no %s", path, m[1])
			} else if heading != "" && !headed(readPage(t, target), heading) {
				t.Errorf("%s: %s has no heading %s", path, target, heading)
			}
		}
	}
}

var (
	link = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	code = regexp.MustCompile("`[^`\n]*`")
)

func readPage(t *testing.T, path string) string {
	t.Helper()
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}

// headed says whether a page has a heading of a link's form: lower case, blanks as dashes.
func headed(page, heading string) bool {
	for line := range strings.Lines(page) {
		if text, ok := strings.CutPrefix(line, "#"); ok {
			text = strings.ToLower(strings.TrimSpace(strings.TrimLeft(text, "#")))
			if strings.ReplaceAll(text, " ", "-") == heading {
				return true
			}
		}
	}
	return false
}

func codes(names []string) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = "`" + strings.ReplaceAll(n, "[]", "[l]") + "`"
	}
	return strings.Join(out, " ")
}

func signature(r *ir.OpRow) string {
	if r.Value {
		return r.Name
	}
	var ps []string
	for _, p := range r.Params {
		switch {
		case p.Rest:
			ps = append(ps, p.Name+", ...")
		case p.Optional && p.Default == nil:
			ps = append(ps, p.Name+"=")
		case p.Optional:
			ps = append(ps, p.Name+"="+stdlib.Repr(p.Default))
		default:
			ps = append(ps, p.Name)
		}
	}
	return r.Name + "(" + strings.Join(ps, ", ") + ")"
}

// generated compares, or with -update writes, the part of a page between its two marks.
func generated(t *testing.T, path, name, want string) {
	t.Helper()
	page := readPage(t, path)
	head, rest, ok := strings.Cut(page, "<!-- "+name+" -->\n")
	_, tail, ok2 := strings.Cut(rest, "<!-- end -->")
	if !ok || !ok2 {
		t.Fatalf("%s has no part <!-- %s --> ... <!-- end -->", path, name)
	}
	text := head + "<!-- " + name + " -->\n" + want + "<!-- end -->" + tail
	if *update {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if text != page {
		t.Errorf("%s does not list what the tables say: go test . -run Docs -update writes it", path)
	}
}
