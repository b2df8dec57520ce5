// Package docs has the pages of the manual that the program prints.
package docs

import (
	"embed"
	"strings"
)

//go:embed errors/*.md
var pages embed.FS

// Page is the page of a code, such as E0303. Where the number is there under the other letter alone, that
// one's.
func Page(code string) (string, bool) {
	code = strings.ToUpper(code)
	if len(code) != 5 || code[0] != 'E' && code[0] != 'W' {
		return "", false
	}
	for _, letter := range []string{code[:1], "E", "W"} {
		if text, err := pages.ReadFile("errors/" + letter + code[1:] + ".md"); err == nil {
			return string(text), true
		}
	}
	return "", false
}
