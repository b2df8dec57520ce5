package models

import (
	"io/fs"
	"slices"
	"testing"
)

// most is the size that an embedded model may add to the binary, in bytes.
const most = 8 << 20

func TestEveryModelIsAWholeFolder(t *testing.T) {
	for _, name := range Names() {
		t.Run(name, func(t *testing.T) {
			dir, ok := FS(name)
			if !ok {
				t.Fatalf("FS(%q): no folder", name)
			}
			size := int64(0)
			for _, file := range []string{"config.json", "model.safetensors", "vocab.json", "merges.txt"} {
				info, err := fs.Stat(dir, file)
				if err != nil {
					t.Fatal(err)
				}
				size += info.Size()
			}
			if size > most {
				t.Errorf("the files hold %d bytes, want at most %d", size, most)
			}
		})
	}
}

func TestDefaultIsEmbedded(t *testing.T) {
	if !slices.Contains(Names(), Default) {
		t.Errorf("Names() = %q lacks the default %q", Names(), Default)
	}
}

func TestUnknownNamesHaveNoFolder(t *testing.T) {
	for _, name := range []string{"", ".", "gpt2", "ioi-mini/config.json"} {
		if _, ok := FS(name); ok {
			t.Errorf("FS(%q) found a folder", name)
		}
	}
}
