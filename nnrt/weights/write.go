package weights

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
)

// Tensor is one array to be written as F32.
type Tensor struct {
	Name  string
	Shape []int
	Data  []float32 // row-major
}

// Write writes tensors, in the order given, to a safetensors file. The file appears whole or not
// at all: it is written beside its place and then renamed.
func Write(path string, tensors []Tensor, metadata map[string]string) (err error) {
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			tmp.Close()
			os.Remove(tmp.Name())
		}
	}()
	if err := Encode(tmp, tensors, metadata); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if err := tmp.Chmod(0o644); err != nil { // a temporary file is private
		return err
	}
	if err := tmp.Sync(); err != nil {
		return err
	}
	if err := tmp.Close(); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}

// Encode writes tensors, in the order given, in the safetensors format.
func Encode(w io.Writer, tensors []Tensor, metadata map[string]string) error {
	head, err := encodeHeader(tensors, metadata)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(w, block)
	out.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(head))))
	out.Write(head)
	var b [4]byte
	for _, t := range tensors {
		for _, x := range t.Data {
			binary.LittleEndian.PutUint32(b[:], math.Float32bits(x))
			out.Write(b[:])
		}
	}
	return out.Flush() // reports the first error of any write
}

// encodeHeader is the JSON of the header, padded with spaces so that the data begins at a multiple
// of eight bytes.
func encodeHeader(tensors []Tensor, metadata map[string]string) ([]byte, error) {
	seen := map[string]bool{"__metadata__": true}
	head := []byte{'{'}
	if len(metadata) > 0 {
		text, err := json.Marshal(metadata) // in order of its keys
		if err != nil {
			return nil, err
		}
		head = append(append(head, `"__metadata__":`...), text...)
	}
	begin := 0
	for _, t := range tensors {
		if err := t.check(); err != nil {
			return nil, err
		}
		if seen[t.Name] {
			return nil, fmt.Errorf("tensor %q: the name is taken", t.Name)
		}
		seen[t.Name] = true
		if len(head) > 1 {
			head = append(head, ',')
		}
		end := begin + 4*len(t.Data)
		head = t.appendEntry(head, begin, end)
		begin = end
	}
	head = append(head, '}')
	for len(head)%8 != 0 {
		head = append(head, ' ')
	}
	return head, nil
}

// check requires the data to fill the shape.
func (t Tensor) check() error {
	n := 1
	for _, d := range t.Shape {
		if d < 0 || d > 0 && n > math.MaxInt/d {
			return fmt.Errorf("tensor %q: shape %v", t.Name, t.Shape)
		}
		n *= d
	}
	if n != len(t.Data) {
		return fmt.Errorf("tensor %q: %d elements, shape %v has %d", t.Name, len(t.Data), t.Shape, n)
	}
	return nil
}

func (t Tensor) appendEntry(head []byte, begin, end int) []byte {
	type fields struct {
		DType   DType  `json:"dtype"`
		Shape   []int  `json:"shape"`
		Offsets [2]int `json:"data_offsets"`
	}
	shape := t.Shape
	if shape == nil {
		shape = []int{} // a single number has shape [], never null
	}
	name, _ := json.Marshal(t.Name) // a string always has a JSON form
	text, _ := json.Marshal(fields{F32, shape, [2]int{begin, end}})
	return append(append(append(head, name...), ':'), text...)
}
