//go:build unix

package results

import (
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
		t.Skip(err)
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
