package results

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"unicode"
)

// Formats are the endings of files that Write makes.
var Formats = []string{".json", ".npz"}

// Write makes the file of -o in the form its ending asks for: .json or .npz.
func Write(path string, f File) error {
	var form func(io.Writer, File) error
	switch ext := strings.ToLower(filepath.Ext(path)); ext {
	case ".json":
		form = WriteJSON
	case ".npz":
		form = WriteNPZ
	default:
		return fmt.Errorf("%s: got the ending %q, want one of %s", path, ext, strings.Join(Formats, " "))
	}
	return WriteFile(path, func(w io.Writer) error { return form(w, f) })
}

// CheckName says why a result cannot have a name: names that begin with _ are the file's own, and
// what a ragged array's rows are told by cannot be part of one.
func CheckName(name string) error {
	switch {
	case name == "":
		return fmt.Errorf("a result needs a name")
	case strings.HasPrefix(name, "_"):
		return fmt.Errorf("a result cannot be called %q: names that begin with _ are the file's own", name)
	case strings.ContainsAny(name, `/\`) || strings.ContainsFunc(name, unicode.IsControl):
		return fmt.Errorf("a result cannot be called %q: want a name without slashes and control characters", name)
	}
	return nil
}

// check reports names that no file can hold.
func (f File) check() error {
	seen := map[string]bool{}
	for _, v := range f.Values {
		if err := CheckName(v.Name); err != nil {
			return err
		}
		if seen[v.Name] {
			return fmt.Errorf("two results are called %s", v.Name)
		}
		seen[v.Name] = true
	}
	return nil
}
