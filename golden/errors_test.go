package golden

import (
	"bytes"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"interp"
	"interp/internal/diag"
	"interp/internal/golden"
	"interp/internal/shared"
)

var update = flag.Bool("update", false, "rewrite the messages in docs/errors")

// noExample are the codes whose page has no script, and why.
var noExample = map[string]string{
	"E0112": "a script nested too deep is too long to read",
	"E0113": "a page is UTF-8",
	"E0400": "the script is not at fault",
}

// runWarnings are the warnings that only a run can give: it gives them as text.
var runWarnings = map[string]string{"W0302": "were never saved", "W0305": "was not reached"}

func page(code string) string { return shared.Repo("docs", "errors", code+".md") }

// TestEveryCodeIsDocumented ranges over the source: a code that a message uses has a row in diag.Codes,
// and every row is used, has a page and an archive.
func TestEveryCodeIsDocumented(t *testing.T) {
	used := usedCodes(t)
	for _, c := range diag.Codes {
		if used[c.ID] == "" {
			t.Errorf("%s: no message uses it", c.ID)
		}
		delete(used, c.ID)
		text, err := os.ReadFile(page(c.ID))
		if err != nil {
			t.Error(err)
		} else if title := "# " + c.ID + ": " + c.Title + "\n"; !strings.HasPrefix(string(text), title) {
			t.Errorf("docs/errors/%s.md does not begin with %q", c.ID, title)
		}
		if _, err := os.Stat(filepath.Join("errors", c.ID+".txtar")); err != nil {
			t.Error(err)
		}
	}
	for _, code := range slices.Sorted(maps.Keys(used)) {
		t.Errorf("%s: %s is not in diag.Codes", used[code], code)
	}
}

// usedCodes are the codes in string literals of the source, with a file that has them.
func usedCodes(t *testing.T) map[string]string {
	t.Helper()
	code := regexp.MustCompile(`"[EW]0\d{3}"`)
	used := map[string]string{}
	err := filepath.WalkDir(shared.Repo(), func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && strings.HasPrefix(d.Name(), ".") && d.Name() != ".":
			return fs.SkipDir
		case filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") || d.Name() == "codes.go":
			return nil
		}
		text, err := os.ReadFile(path)
		for _, c := range code.FindAllString(string(text), -1) {
			used[strings.Trim(c, `"`)] = path
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return used
}

// TestPages runs the scripts of the pages: the first one fails with the page's code and the message that
// is printed below it, the mended one has nothing to be found.
func TestPages(t *testing.T) {
	files, err := filepath.Glob(page("[EW]*"))
	if err != nil || len(files) != len(diag.Codes) {
		t.Errorf("%d pages for %d codes, error %v", len(files), len(diag.Codes), err)
	}
	t.Chdir(modelsAt(t))
	for _, path := range files {
		code := strings.TrimSuffix(filepath.Base(path), ".md")
		t.Run(code, func(t *testing.T) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			blocks := blocksOf(string(text))
			if why, ok := noExample[code]; ok {
				if len(blocks) > 0 {
					t.Errorf("there is an example, though %s", why)
				}
				return
			}
			if len(blocks) != 3 || blocks[0].lang != "patch" || blocks[1].lang != "text" || blocks[2].lang != "patch" {
				t.Fatalf("got %d blocks, want a script, its message, and the script mended", len(blocks))
			}
			bad := findings(t, blocks[0].text, blocks[0].args, nil)
			if !bad.has(code) {
				t.Errorf("the script gives %v:\n%s", bad.codes, bad.text)
			}
			if bad.text != blocks[1].text && *update {
				text = slices.Concat(text[:blocks[1].at], []byte(bad.text), text[blocks[1].at+len(blocks[1].text):])
				if err := os.WriteFile(path, text, 0o644); err != nil {
					t.Fatal(err)
				}
			} else if bad.text != blocks[1].text {
				t.Errorf("the message is\n%s\nthe page has\n%s\nif that is right: go test ./golden -run TestPages -update", bad.text, blocks[1].text)
			}
			if good := findings(t, blocks[2].text, blocks[2].args, nil); good.text != "" {
				t.Errorf("the mended script gives\n%s", good.text)
			}
		})
	}
}

// modelsAt is a directory with the small models, for scripts that name a folder.
func modelsAt(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Symlink(shared.Repo("testdata", "models"), filepath.Join(dir, "models")); err != nil {
		t.Fatal(err)
	}
	return dir
}

// block is a fenced block of a page.
type block struct {
	lang, args, text string
	at               int // of the text in the page
}

func blocksOf(text string) []block {
	var out []block
	fence := regexp.MustCompile("(?m)^```([a-z]+)(.*)\n((?s:.*?))^```$")
	for _, m := range fence.FindAllStringSubmatchIndex(text, -1) {
		out = append(out, block{lang: text[m[2]:m[3]], args: strings.TrimSpace(text[m[4]:m[5]]), text: text[m[6]:m[7]], at: m[6]})
	}
	return out
}

// found is what a script is told.
type found struct {
	codes []string
	text  string
}

func (f *found) has(code string) bool {
	return slices.Contains(f.codes, code) || runWarnings[code] != "" && strings.Contains(f.text, runWarnings[code])
}

func (f *found) add(list diag.List) {
	for _, d := range list {
		f.codes = append(f.codes, d.Code)
	}
}

// findings checks a script and, where check finds no error, runs it.
func findings(t *testing.T, src, args string, m *interp.Model) *found {
	t.Helper()
	o := options(t, strings.Fields(args))
	o.Model = m
	out := &found{}
	o.Out, o.Warn = new(bytes.Buffer), func(text string) { out.text += text }
	r, err := interp.CheckScript(t.Context(), golden.Script, src, o)
	if err != nil {
		t.Fatal(err)
	}
	out.add(r.Findings)
	if r.Err() != nil {
		var b strings.Builder
		if err := r.Text(&b, false); err != nil {
			t.Fatal(err)
		}
		out.text = b.String()
		return out
	}
	p, err := interp.Compile(golden.Script, src)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = p.Run(t.Context(), o); err == nil {
		return out
	}
	bad, ok := err.(*interp.ScriptError)
	if !ok {
		t.Fatal(err)
	}
	out.add(bad.Findings)
	out.text += bad.Error() + "\n"
	return out
}

// options reads the few options that pages and archives of errors use.
func options(t *testing.T, args []string) interp.Options {
	t.Helper()
	o := interp.Options{Inputs: map[string]any{}, Saves: interp.ReadSaves, Threads: 2}
	for ; len(args) >= 2; args = args[2:] {
		value := args[1]
		var err error
		switch args[0] {
		case "-o":
			o.Saves = interp.AllSaves
		case "-max-steps":
			o.MaxSteps, err = strconv.ParseInt(value, 10, 64)
		case "-mem":
			var mib int64
			_, err = fmt.Sscanf(value, "%dMiB", &mib)
			o.Mem = mib << 20
		case "-set":
			name, text, _ := strings.Cut(value, "=")
			v, ok := interp.Literal(text)
			if !ok {
				v = text
			}
			o.Inputs[name] = v
		default:
			t.Fatalf("%s: this test does not know the option", args[0])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return o
}

// TestArchivesOfErrorsShowTheirCode looks at what golden/errors records: errors/E0303.txtar is about E0303.
func TestArchivesOfErrorsShowTheirCode(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("errors", "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		code := strings.TrimSuffix(filepath.Base(path), ".txtar")
		t.Run(code, func(t *testing.T) {
			if diag.Title(code) == "" {
				t.Fatalf("%s is no code", code)
			}
			a, err := golden.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			var m *interp.Model
			if name, err := a.ModelArg(); err != nil {
				t.Fatal(err)
			} else if name != "" {
				if m, err = interp.OpenModel(name); err != nil {
					t.Fatal(err)
				}
			}
			dir := t.TempDir()
			if err := a.Unpack(dir); err != nil {
				t.Fatal(err)
			}
			t.Chdir(dir)
			src, _ := a.File(golden.Script)
			if got := findings(t, string(src), strings.Join(a.Args, " "), m); !got.has(code) {
				t.Errorf("the script gives %v:\n%s", got.codes, got.text)
			}
			if _, ok := a.File("stderr"); !ok {
				t.Error("there is no section stderr")
			}
		})
	}
}
