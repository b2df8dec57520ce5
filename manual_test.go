package interp_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
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
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(page), "<!-- "+name+" -->\n")
	_, tail, ok2 := strings.Cut(rest, "<!-- end -->")
	if !ok || !ok2 {
		t.Fatalf("%s has no part <!-- %s --> ... <!-- end -->", path, name)
	}
	text := head + "<!-- " + name + " -->\n" + want + "<!-- end -->" + tail
	if *update {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if text != string(page) {
		t.Errorf("%s does not list what the tables say: go test . -run Docs -update writes it", path)
	}
}
