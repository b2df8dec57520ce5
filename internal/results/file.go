package results

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// WriteFile makes a file of what write gives it, whole or not at all: it writes beside the file and
// renames when all is on the disk. A file that stood there before stands until then. A pipe or device
// (/dev/stdout) is written to as it is.
func WriteFile(path string, write func(io.Writer) error) error {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real // the file is replaced, not the link to it
	}
	mode := fs.FileMode(0o644)
	switch st, err := os.Stat(path); {
	case err == nil && st.IsDir():
		return fmt.Errorf("%s: is a directory, want a file", path)
	case err == nil && !st.Mode().IsRegular():
		return writeThrough(path, write)
	case err == nil:
		mode = st.Mode().Perm()
	}
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, "."+filepath.Base(path)+"-*.part")
	if err != nil {
		return noTemp(path, dir, err)
	}
	if err = fill(f, mode, write); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
		return fmt.Errorf("%s: not written: %w", path, cause(err))
	}
	return nil
}

func fill(f *os.File, mode fs.FileMode, write func(io.Writer) error) error {
	b := bufio.NewWriterSize(f, 1<<16)
	err := write(b)
	return errors.Join(err, firstOf(err, b.Flush), firstOf(err, f.Sync), f.Chmod(mode), f.Close())
}

// firstOf does a step unless one before it failed.
func firstOf(before error, step func() error) error {
	if before != nil {
		return nil
	}
	return step()
}

func writeThrough(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY|syscall.O_NONBLOCK, 0) // a pipe without a reader is an error, not a wait
	if errors.Is(err, syscall.ENXIO) {
		return fmt.Errorf("%s: not written: nobody reads the pipe", path)
	} else if err != nil {
		return fmt.Errorf("%s: not written: %w", path, cause(err))
	}
	b := bufio.NewWriter(f)
	err = write(b)
	if err = errors.Join(err, firstOf(err, b.Flush), f.Close()); err != nil {
		return fmt.Errorf("%s: not written: %w", path, cause(err))
	}
	return nil
}

// noTemp says why nothing can be made in a directory.
func noTemp(path, dir string, err error) error {
	if st, e := os.Stat(dir); errors.Is(e, fs.ErrNotExist) {
		return fmt.Errorf("%s: the directory %s does not exist\nhint: mkdir -p %[2]s", path, dir)
	} else if e == nil && !st.IsDir() {
		return fmt.Errorf("%s: %s is a file, want a directory", path, dir)
	}
	return fmt.Errorf("%s: not written: %w", path, cause(err))
}

// cause is an error without the name of the unfinished file.
func cause(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	var l *os.LinkError
	if errors.As(err, &l) {
		return l.Err
	}
	return err
}
