// Package weights reads and writes the tensors of a checkpoint in the safetensors format.
//
// A checkpoint is a folder: model.safetensors, or shards listed by model.safetensors.index.json.
// The folder is an fs.FS, so the model inside the binary and one on disk open the same way.
//
//	file:  [8 bytes: header length n] [n bytes: JSON header] [data]
//	                                   name -> dtype, shape, [begin, end) within data
//
// Invariants, checked when a file is opened and before anything is allocated for its data:
// the header fits the file and the limit; every name occurs once; a tensor's bytes are its
// shape times its dtype; the tensors tile the data, without overlap, without a gap, to the last byte
// of the file. What remains is that a file can be cut off while it is open. Tensors are read with
// ReadAt into fresh memory, never mapped, so that is an error and not a signal.
// Alignment is not asked for: bytes are copied out, so an odd offset is as good as any.
//
// A Set is immutable and its reads may run concurrently.
//
// The header parser is our own. The Go library for the format keeps the last of two tensors of
// one name, wants the whole file as one slice, and does not say which tensor of which file is wrong.
package weights

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// The names a Hugging Face folder uses.
const (
	ModelFile = "model.safetensors"
	IndexFile = "model.safetensors.index.json"
)

// Info describes one tensor as it is stored.
type Info struct {
	File  string // the name of the file that holds it
	DType DType
	Shape []int // empty for a single number
	Count int   // elements
}

// Set is the tensors of one checkpoint.
type Set struct {
	where   string // the file that an error about all of it names
	shards  []*shard
	tensors map[string]located
	names   []string
	hash    func() (string, error)
}

// shard is one open safetensors file.
type shard struct {
	name   string
	file   io.Closer
	data   io.ReaderAt // the whole file
	header header
}

// located is a tensor and the shard that holds it.
type located struct {
	entry
	shard *shard
}

// OpenDir opens the checkpoint in a folder on disk.
func OpenDir(dir string) (*Set, error) {
	s, err := Open(os.DirFS(dir))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Clean(dir), err)
	}
	return s, nil
}

// Open opens the checkpoint at the root of a file system.
func Open(fsys fs.FS) (*Set, error) {
	switch _, err := fs.Stat(fsys, ModelFile); {
	case err == nil:
		return openSingle(fsys, ModelFile)
	case !errors.Is(err, fs.ErrNotExist):
		return nil, cause(ModelFile, err)
	}
	switch _, err := fs.Stat(fsys, IndexFile); {
	case err == nil:
		return openSharded(fsys)
	case !errors.Is(err, fs.ErrNotExist):
		return nil, cause(IndexFile, err)
	}
	return nil, missing(fsys)
}

// missing says that there are no weights, and what there is instead.
func missing(fsys fs.FS) error {
	for _, name := range []string{"pytorch_model.bin", "pytorch_model.bin.index.json", "tf_model.h5", "flax_model.msgpack"} {
		if _, err := fs.Stat(fsys, name); err == nil {
			return fmt.Errorf("no %s: found %s, which is another format; convert it with transformers' save_pretrained: %w", ModelFile, name, fs.ErrNotExist)
		}
	}
	return fmt.Errorf("neither %s nor %s: %w", ModelFile, IndexFile, fs.ErrNotExist)
}

// OpenFile opens one file of tensors, whatever its name.
func OpenFile(path string) (*Set, error) { return openSingle(disk{}, path) }

// disk is the machine's files by any path, so that an error has the path as it was given.
type disk struct{}

func (disk) Open(path string) (fs.File, error)     { return os.Open(path) }
func (disk) Stat(path string) (fs.FileInfo, error) { return os.Stat(path) }

func openSingle(fsys fs.FS, name string) (*Set, error) {
	sh, err := openShard(fsys, name)
	if err != nil {
		return nil, err
	}
	s := &Set{where: name, shards: []*shard{sh}, tensors: make(map[string]located, len(sh.header.tensors))}
	for name, e := range sh.header.tensors {
		s.tensors[name] = located{e, sh}
	}
	return s.finish(), nil
}

// finish fixes what is derived from the tensors.
func (s *Set) finish() *Set {
	s.names = make([]string, 0, len(s.tensors))
	for name := range s.tensors {
		s.names = append(s.names, name)
	}
	slices.Sort(s.names)
	s.hash = sync.OnceValues(s.digest)
	return s
}

// openShard opens one file and checks its header against its size.
func openShard(fsys fs.FS, name string) (*shard, error) {
	info, err := fs.Stat(fsys, name)
	if err != nil {
		return nil, cause(name, err)
	}
	if !info.Mode().IsRegular() { // a pipe would wait for ever, a folder cannot be read
		return nil, fmt.Errorf("%s: not a regular file", name)
	}
	f, err := fsys.Open(name)
	if err != nil {
		return nil, cause(name, err)
	}
	sh := &shard{name: name, file: f}
	if err := sh.open(f); err != nil {
		f.Close()
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return sh, nil
}

func (sh *shard) open(f fs.File) error {
	at, ok := f.(io.ReaderAt)
	if !ok {
		return errors.New("this file system cannot read at an offset: unpack the model to a folder")
	}
	info, err := f.Stat()
	if err != nil {
		return err
	}
	sh.data = at
	sh.header, err = readHeader(at, info.Size())
	return err
}

// cause names the file once: errors of os and fs carry a path of their own.
func cause(name string, err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return fmt.Errorf("%s: %w", name, err)
}

// Close closes the files; tensors read before stay valid.
func (s *Set) Close() error {
	var errs []error
	for _, sh := range s.shards {
		errs = append(errs, sh.file.Close())
	}
	return errors.Join(errs...)
}

// Names are the tensors in alphabetical order.
func (s *Set) Names() []string { return slices.Clone(s.names) }

// Info describes a tensor; ok is false where there is none of that name.
func (s *Set) Info(name string) (Info, bool) {
	t, ok := s.tensors[name]
	if !ok {
		return Info{}, false
	}
	return Info{File: t.shard.name, DType: t.dtype, Shape: slices.Clone(t.shape), Count: t.count}, true
}

// Metadata are the free texts of the file's header (of the first shard), which may be nil.
func (s *Set) Metadata() map[string]string {
	out := make(map[string]string)
	for k, v := range s.shards[0].header.metadata {
		out[k] = v
	}
	return out
}

// Bytes is the size of all tensors as stored.
func (s *Set) Bytes() int64 {
	var n int64
	for _, t := range s.tensors {
		n += t.end - t.begin
	}
	return n
}
