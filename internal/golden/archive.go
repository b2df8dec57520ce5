// Package golden runs golden archives: a script, its inputs, and what it printed, saved and complained
// of when somebody last looked at it and found it right.
//
// An archive is a txtar file. Its comment holds headers and, in other lines, remarks:
//
//	args:  -set k=3 -in prompts=in/prompts.jsonl     as on the command line; check or explain may come first
//	model: testdata/models/ioi-proto                 a name, or a folder seen from the archive's or one above it
//	tol:   1e-4                                      how far numbers may be off, relative to max(1, |x|); 0 if absent
//	exit:  1                                         the status expected; 0 if absent
//
// Its files are script.patch, inputs in/*, and any of the sections, each of which is compared:
//
//	fmt ast ir graph plan        what interp fmt and -dump print
//	stdout stderr                what the run prints
//	saved.json                   what -o saved.json writes, but _meta
//	stats.json                   what -stats writes, the counts that the section lists
//
// A script runs in an empty directory with its inputs, through the door that a Runner is. What an archive
// says cannot make it write elsewhere: names and paths stay inside, and only the options of a run are known.
package golden

import (
	"bytes"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/txtar"

	"interp/compiler"
)

// Script is the name of an archive's script, as its messages give it.
const Script = "script.patch"

// Sections are the files of an archive that are compared, in the order of the stages.
var Sections = []string{"fmt", "ast", "ir", "graph", "plan", "stdout", "stderr", "saved.json", "stats.json"}

// Archive is one golden archive.
type Archive struct {
	Path  string // of the file
	Args  []string
	Model string // "": the script's own
	Tol   float64
	Exit  int

	runs  bool // the script is run, not only printed
	txtar *txtar.Archive
}

// Open reads the archive of a file.
func Open(path string) (*Archive, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	a, err := Parse(path, data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return a, nil
}

// Parse reads an archive. The path says where its model is looked for.
func Parse(path string, data []byte) (*Archive, error) {
	a := &Archive{Path: path, txtar: txtar.Parse(unixLines(data))}
	if err := a.readHeaders(string(a.txtar.Comment)); err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, f := range a.txtar.Files {
		if seen[f.Name] {
			return nil, fmt.Errorf("the file %s is there twice", f.Name)
		}
		seen[f.Name] = true
		if in, ok := strings.CutPrefix(f.Name, "in/"); ok {
			if !filepath.IsLocal(in) {
				return nil, fmt.Errorf("the file %s lies outside in/", f.Name)
			}
		} else if f.Name != Script && !slices.Contains(Sections, f.Name) {
			return nil, fmt.Errorf("the file %s is neither %s, an input in/..., nor a section: %s", f.Name, Script, strings.Join(Sections, ", "))
		}
	}
	if !seen[Script] {
		return nil, fmt.Errorf("there is no file %s", Script)
	}
	for _, s := range Sections[slices.Index(Sections, "stdout"):] {
		a.runs = a.runs || seen[s]
	}
	if !a.runs && a.Exit == 0 && !slices.ContainsFunc(Sections, func(s string) bool { return seen[s] }) {
		return nil, fmt.Errorf("there is nothing to compare: add an empty section (%s) and run interp test -update", strings.Join(Sections, ", "))
	}
	a.runs = a.runs || a.Exit != 0
	return a, nil
}

// unixLines is an archive without carriage returns, where they are the archive's own: of an editor or a
// version control system of Windows, which end every line with one, the markers' too.
func unixLines(data []byte) []byte {
	if !bytes.Contains(data, []byte("-- "+Script+" --\r\n")) {
		return data
	}
	return bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
}

// headers are the keys of comment lines that mean something; all others are remarks.
var headers = []string{"args", "model", "tol", "exit"}

// readHeaders reads the comment.
func (a *Archive) readHeaders(comment string) error {
	seen := map[string]bool{}
	for line := range strings.Lines(comment) {
		key, text, ok := strings.Cut(strings.TrimSpace(line), ":")
		if !ok || !slices.Contains(headers, key) {
			if near := compiler.Suggest(key, headers); ok && near != "" {
				return fmt.Errorf("%s: there is no such header; did you mean %s?", key, near)
			}
			continue
		}
		if seen[key] {
			return fmt.Errorf("%s: is there twice", key)
		}
		seen[key] = true
		if err := a.header(key, strings.TrimSpace(text)); err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
	}
	return nil
}

func (a *Archive) header(key, text string) (err error) {
	switch key {
	case "args":
		if a.Args, err = words(text); err == nil {
			err = checkArgs(a.Args)
		}
	case "model":
		a.Model = text
	case "tol":
		if a.Tol, err = strconv.ParseFloat(text, 64); err != nil || !(a.Tol >= 0) || math.IsInf(a.Tol, 0) {
			err = fmt.Errorf("got %q, want a number such as 1e-4", text)
		}
	case "exit":
		if a.Exit, err = strconv.Atoi(text); err != nil || a.Exit < 0 || a.Exit > 255 {
			err = fmt.Errorf("got %q, want an exit status", text)
		}
	}
	return err
}

// File is the text of a file of the archive.
func (a *Archive) File(name string) (data []byte, ok bool) {
	for _, f := range a.txtar.Files {
		if f.Name == name {
			return f.Data, true
		}
	}
	return nil, false
}

// ModelArg is the model for the command line: a name, or the absolute path of a folder.
func (a *Archive) ModelArg() (string, error) {
	if !strings.ContainsAny(a.Model, "/.") {
		return a.Model, nil
	}
	if filepath.IsAbs(a.Model) {
		return a.Model, nil
	}
	dir, err := filepath.Abs(filepath.Dir(a.Path))
	if err != nil {
		return "", err
	}
	for {
		path := filepath.Join(dir, a.Model)
		if st, err := os.Stat(path); err == nil && st.IsDir() {
			return path, nil
		}
		if up := filepath.Dir(dir); up != dir {
			dir = up
			continue
		}
		return "", fmt.Errorf("model: there is no folder %s in the archive's directory or one above it", a.Model)
	}
}

// Find gives the archives at the paths: a file is one, of a directory every *.txtar below it.
func Find(paths ...string) ([]string, error) {
	var found []string
	for _, p := range paths {
		st, err := os.Stat(p)
		if err != nil {
			return nil, err
		}
		if !st.IsDir() {
			found = append(found, p)
			continue
		}
		n := len(found)
		err = filepath.WalkDir(p, func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() && filepath.Ext(path) == ".txtar" {
				found = append(found, path)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		if len(found) == n {
			return nil, fmt.Errorf("%s holds no archive (*.txtar)", p)
		}
	}
	return found, nil
}
