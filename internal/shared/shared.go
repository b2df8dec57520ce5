// Package shared finds the reference material that tests compare with: a folder beside the
// repository, or where INTERP_SHARED points. A clone without it skips those tests by name.
package shared

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// Path is a file of the reference folder; the test is skipped by that name when it is absent.
func Path(t testing.TB, elem ...string) string {
	t.Helper()
	root := os.Getenv("INTERP_SHARED")
	if root == "" {
		_, here, _, _ := runtime.Caller(0)
		root = filepath.Join(filepath.Dir(here), "..", "..", "..", "shared")
	}
	p := filepath.Join(append([]string{root}, elem...)...)
	if _, err := os.Stat(p); err != nil {
		t.Skipf("SKIPPED: reference material is absent: %s (set INTERP_SHARED to the folder that holds it)", filepath.Join(append([]string{"shared"}, elem...)...))
	}
	return p
}
