//go:build unix

package results

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestAPipeIsWrittenToWhereItIsRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.json")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Skip("SKIPPED: no named pipes can be made here:", err)
	}
	text := strings.Repeat("0123456789", 100_000) // more than a pipe holds
	write := func(w io.Writer) error { _, err := io.WriteString(w, text); return err }
	if err := WriteFile(path, write); err == nil || !strings.Contains(err.Error(), "nobody reads the pipe") {
		t.Errorf("without a reader: got %v", err)
	}
	r, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	done := make(chan error, 1)
	go func() { done <- WriteFile(path, write) }()
	got := make([]byte, len(text))
	for n := 0; n < len(got); {
		k, err := r.Read(got[n:])
		if n += k; err != nil && err != io.EOF {
			t.Fatal(err)
		}
	}
	if err := <-done; err != nil || string(got) != text {
		t.Errorf("what came differs, or %v", err)
	}
}

// TestWithoutEnd: a device or a pipe that never ends is given up before the buffer has grown to the limit.
func TestWithoutEnd(t *testing.T) {
	path := filepath.Join(t.TempDir(), "zero.json")
	if err := os.Symlink("/dev/zero", path); err != nil {
		t.Skip("SKIPPED: no symbolic links can be made here:", err)
	}
	const limit = 1 << 20
	_, err := Read(path, ReadOptions{Limit: limit})
	if want := fmt.Sprintf("is larger than %d bytes", limit/4); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want that it %s", err, want)
	}
}
