package weights

import (
	"embed"
	"io"
	"io/fs"
	"testing"
)

//go:embed fs_test.go
var embedded embed.FS

func TestFilesInsideTheBinaryReadAtAnOffset(t *testing.T) {
	f, err := embedded.Open("fs_test.go")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, ok := f.(io.ReaderAt); !ok {
		t.Errorf("%T has no ReadAt, so a model inside the binary cannot be opened", f)
	}
}

// streams is a file system whose files can only be read from front to back.
type streams struct{ fs.FS }

func (s streams) Open(name string) (fs.File, error) {
	f, err := s.FS.Open(name)
	return struct{ fs.File }{f}, err
}

func TestFilesThatOnlyStreamAreAnError(t *testing.T) {
	_, err := Open(streams{folder(map[string][]byte{ModelFile: mixed()})})
	wantError(t, err, ModelFile, "cannot read at an offset")
}
