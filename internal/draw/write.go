package draw

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"interp/internal/results"
)

// Formats are the endings of files that Write makes.
var Formats = []string{".png", ".svg", ".html"}

const mostPictures = 1000 // of a script in files

// Write makes the file of a script's pictures: an .html holds all of them, a .png or .svg the first,
// and x-2.png, x-3.png the others. Each file is written whole or not at all; a picture that cannot be
// drawn is reported before any file is touched.
func Write(path string, pics []Picture) error {
	ext := strings.ToLower(filepath.Ext(path))
	if len(pics) == 0 {
		return fmt.Errorf("%s: the script draws no picture, want at least one heatmap, lines, bars, scatter or table", path)
	}
	if len(pics) > mostPictures {
		return fmt.Errorf("%s: the script draws %d pictures, want at most %d", path, len(pics), mostPictures)
	}
	for i, p := range pics {
		if err := p.Check(); err != nil {
			return fmt.Errorf("%s: picture %d: %w", path, i+1, err)
		}
	}
	one := SVG
	switch ext {
	case ".html":
		return results.WriteFile(path, func(w io.Writer) error { return Page(w, pics) })
	case ".png":
		one = PNG
	case ".svg":
	default:
		return fmt.Errorf("%s: got the ending %q, want one of %s", path, ext, strings.Join(Formats, " "))
	}
	for i, p := range pics {
		err := results.WriteFile(FileName(path, i), func(w io.Writer) error { return one(w, p) })
		if err != nil {
			return err
		}
	}
	return nil
}

// FileName is the file of picture i, counted from 0: x.png, x-2.png, x-3.png.
func FileName(path string, i int) string {
	if i == 0 {
		return path
	}
	ext := filepath.Ext(path)
	return fmt.Sprintf("%s-%d%s", strings.TrimSuffix(path, ext), i+1, ext)
}
