package weights

import (
	"encoding/binary"
	"fmt"
	"slices"
	"unsafe"
)

// block is how many bytes are in flight when elements are widened or hashed.
const block = 1 << 18

// littleEndian is whether memory has the file's byte order, so that float32 can be read in place.
var littleEndian = binary.NativeEndian.Uint16([]byte{1, 0}) == 1

// Read is a whole tensor, row-major, widened to float32.
func (s *Set) Read(name string) ([]float32, error) {
	t, err := s.find(name)
	if err != nil {
		return nil, err
	}
	dst := make([]float32, t.count)
	return dst, t.read(name, dst, 0)
}

// ReadF32 reads a whole tensor into dst, which must have room for exactly its elements.
func (s *Set) ReadF32(name string, dst []float32) error {
	t, err := s.find(name)
	if err != nil {
		return err
	}
	if len(dst) != t.count {
		return t.errorf(name, "room for %d elements, shape %v has %d", len(dst), t.shape, t.count)
	}
	return t.read(name, dst, 0)
}

// ReadRaw is the bytes of a tensor of any type as the file has them, row-major, the lowest byte of an element first.
func (s *Set) ReadRaw(name string) ([]byte, error) {
	t, ok := s.tensors[name]
	if !ok {
		return nil, fmt.Errorf("%s: there is no tensor %q", s.Where(), name)
	}
	b := make([]byte, t.end-t.begin)
	return b, t.readAt(name, b, t.begin)
}

// ReadRows is rows from to to-1 along the first axis, each widened to float32.
func (s *Set) ReadRows(name string, from, to int) ([]float32, error) {
	t, err := s.find(name)
	if err != nil {
		return nil, err
	}
	if len(t.shape) == 0 {
		return nil, t.errorf(name, "a single number has no rows")
	}
	if from < 0 || to < from || to > t.shape[0] {
		return nil, t.errorf(name, "rows %d to %d, the tensor has %d", from, to, t.shape[0])
	}
	if from == to {
		return nil, nil
	}
	row := t.count / t.shape[0]
	dst := make([]float32, (to-from)*row)
	return dst, t.read(name, dst, from*row)
}

// find is a tensor that can be read as float32.
func (s *Set) find(name string) (located, error) {
	t, ok := s.tensors[name]
	if !ok {
		return t, fmt.Errorf("%s: there is no tensor %q", s.Where(), name)
	}
	if !t.dtype.Readable() {
		return t, t.errorf(name, "dtype %s, want F32, F16 or BF16", t.dtype)
	}
	return t, nil
}

// Where names the checkpoint's file in an error about all of it.
func (s *Set) Where() string { return s.where }

func (t located) errorf(name, format string, args ...any) error {
	return fmt.Errorf("%s: tensor %q: "+format, slices.Concat([]any{t.shard.name, name}, args)...)
}

// read fills dst with the elements from first on.
func (t located) read(name string, dst []float32, first int) error {
	kind := dtypes[t.dtype]
	at := t.begin + int64(first)*kind.size
	if t.dtype == F32 && littleEndian {
		return t.readAt(name, bytesOf(dst), at)
	}
	step := block / int(kind.size)
	buf := make([]byte, min(block, len(dst)*int(kind.size)))
	for len(dst) > 0 {
		n := min(step, len(dst))
		b := buf[:n*int(kind.size)]
		if err := t.readAt(name, b, at); err != nil {
			return err
		}
		kind.widen(dst[:n], b)
		dst, at = dst[n:], at+int64(len(b))
	}
	return nil
}

func (t located) readAt(name string, b []byte, at int64) error {
	if n, err := t.shard.data.ReadAt(b, at); n < len(b) {
		return t.errorf(name, "%w", cut(err))
	}
	return nil
}

// bytesOf is the memory of x.
func bytesOf(x []float32) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(x))), 4*len(x))
}
