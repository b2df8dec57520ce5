package weights

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
)

// maxHeader bounds the JSON at the front of a file: room for some 150,000 tensors.
const maxHeader = 16 << 20

// header is what the front of one file says, already checked.
type header struct {
	metadata map[string]string
	tensors  map[string]entry
	raw      int64 // bytes before the data: the length and the JSON
}

// entry places one tensor: its bytes are data[begin:end) of the file.
type entry struct {
	dtype      DType
	shape      []int
	count      int
	begin, end int64 // from the start of the file
}

// readHeader reads and checks the header of a file of the given size.
func readHeader(r io.ReaderAt, size int64) (header, error) {
	var prefix [8]byte
	if size < 8 {
		return header{}, fmt.Errorf("%d bytes is too short for a safetensors file", size)
	}
	if _, err := r.ReadAt(prefix[:], 0); err != nil {
		return header{}, cut(err)
	}
	n := binary.LittleEndian.Uint64(prefix[:])
	switch {
	case n > uint64(size-8):
		return header{}, fmt.Errorf("the header says %d bytes, the file has %d after it: truncated, or not a safetensors file", n, size-8)
	case n > maxHeader:
		return header{}, fmt.Errorf("a header of %d bytes, want at most %d", n, maxHeader)
	}
	text := make([]byte, n)
	if _, err := r.ReadAt(text, 8); err != nil {
		return header{}, cut(err)
	}
	return parseHeader(text, size-8-int64(n))
}

// cut explains a read that ended early: sizes were checked, so the file has changed since.
func cut(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("the file was cut off while it was open")
	}
	return err
}

// parseHeader checks the JSON of a header against the bytes of data that follow it.
func parseHeader(text []byte, data int64) (header, error) {
	h := header{tensors: map[string]entry{}, raw: 8 + int64(len(text))}
	err := eachField(text, func(name string, dec *json.Decoder) error {
		if name == "__metadata__" {
			if err := dec.Decode(&h.metadata); err != nil {
				return fmt.Errorf("__metadata__: want an object of strings: %w", err)
			}
			return nil
		}
		e, err := parseEntry(dec, data)
		if err != nil {
			return fmt.Errorf("tensor %q: %w", name, err)
		}
		h.tensors[name] = e
		return nil
	})
	if err == nil {
		err = checkTiling(h.tensors, data)
	}
	if err != nil {
		return header{}, err
	}
	for name, e := range h.tensors {
		e.begin, e.end = e.begin+h.raw, e.end+h.raw
		h.tensors[name] = e
	}
	return h, nil
}

// eachField walks the fields of one JSON object; visit decodes each value. A name that occurs twice
// is an error, which decoding into a map would hide.
func eachField(text []byte, visit func(name string, dec *json.Decoder) error) error {
	dec := json.NewDecoder(bytes.NewReader(text))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return errors.New("the header is not a JSON object")
	}
	seen := map[string]bool{}
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return fmt.Errorf("the header is not JSON: %w", err)
		}
		name, ok := t.(string)
		if !ok {
			return fmt.Errorf("the header is not JSON: a name is %v", t)
		}
		if seen[name] {
			return fmt.Errorf("%q occurs twice in the header", name)
		}
		seen[name] = true
		if err := visit(name, dec); err != nil {
			return err
		}
	}
	if _, err := dec.Token(); err != nil {
		return fmt.Errorf("the header is not JSON: %w", err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return errors.New("the header goes on after its JSON object")
	}
	return nil
}

// parseEntry reads one tensor's fields; its offsets count from the start of the data.
func parseEntry(dec *json.Decoder, data int64) (entry, error) {
	var f struct {
		DType   *DType  `json:"dtype"`
		Shape   []int64 `json:"shape"`
		Offsets []int64 `json:"data_offsets"`
	}
	if err := dec.Decode(&f); err != nil {
		return entry{}, err
	}
	if f.DType == nil || f.Shape == nil || len(f.Offsets) != 2 {
		return entry{}, errors.New("want dtype, shape and two data_offsets")
	}
	kind, ok := dtypes[*f.DType]
	if !ok {
		return entry{}, fmt.Errorf("unknown dtype %q", string(*f.DType))
	}
	e := entry{dtype: *f.DType, begin: f.Offsets[0], end: f.Offsets[1]}
	if e.begin < 0 || e.end < e.begin || e.end > data {
		return entry{}, fmt.Errorf("data_offsets %v lie outside of the file's %d bytes of data", f.Offsets, data)
	}
	count, err := e.setShape(f.Shape)
	if err != nil {
		return entry{}, err
	}
	if count > math.MaxInt64/kind.size || count*kind.size != e.end-e.begin {
		return entry{}, fmt.Errorf("shape %v of %s takes %d elements of %d bytes, data_offsets %v give %d bytes",
			f.Shape, e.dtype, count, kind.size, f.Offsets, e.end-e.begin)
	}
	return e, nil
}

// setShape fills in the shape and the count of elements, which must fit an int.
func (e *entry) setShape(dims []int64) (int64, error) {
	count := int64(1)
	e.shape = make([]int, len(dims))
	for i, d := range dims {
		if d < 0 {
			return 0, fmt.Errorf("shape %v has a negative dimension", dims)
		}
		if d > math.MaxInt || d > 0 && count > math.MaxInt/d {
			return 0, fmt.Errorf("shape %v overflows", dims)
		}
		e.shape[i] = int(d)
		count *= d
	}
	e.count = int(count)
	return count, nil
}

// checkTiling requires the tensors to cover the data exactly.
func checkTiling(tensors map[string]entry, data int64) error {
	names := make([]string, 0, len(tensors))
	for name := range tensors {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		x, y := tensors[a], tensors[b]
		return cmp.Or(cmp.Compare(x.begin, y.begin), cmp.Compare(x.end, y.end), cmp.Compare(a, b))
	})
	at, before := int64(0), ""
	for _, name := range names {
		e := tensors[name]
		switch {
		case e.begin < at:
			return fmt.Errorf("tensor %q overlaps tensor %q at byte %d of the data", name, before, e.begin)
		case e.begin > at:
			return fmt.Errorf("bytes %d to %d of the data, before tensor %q, belong to no tensor", at, e.begin, name)
		}
		at, before = e.end, name
	}
	if at != data {
		return fmt.Errorf("the tensors end at byte %d of %d bytes of data", at, data)
	}
	return nil
}
