package results

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"
)

// Write makes the file of -o in the form its ending asks for: .json or .npz.
func Write(path string, f File) error {
	var form func(io.Writer, File) error
	switch ext := strings.ToLower(filepath.Ext(path)); ext {
	case ".json":
		form = WriteJSON
	case ".npz":
		form = WriteNPZ
	default:
		return fmt.Errorf("%s: got the ending %q, want .json or .npz", path, ext)
	}
	return WriteFile(path, func(w io.Writer) error { return form(w, f) })
}
