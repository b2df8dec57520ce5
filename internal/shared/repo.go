package shared

import (
	"path/filepath"
	"runtime"
)

// Repo is the absolute path of a file inside the repository: Repo("testdata", "models", "nano-sort").
// It serves tests, which run in the checkout they were built from.
func Repo(elem ...string) string {
	_, here, _, _ := runtime.Caller(0)
	root := filepath.Join(filepath.Dir(here), "..", "..")
	return filepath.Join(append([]string{root}, elem...)...)
}
