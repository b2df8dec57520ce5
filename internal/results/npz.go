package results

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// WriteNPZ writes the results as a zip of NumPy arrays that numpy.load opens without pickles:
//
//	x, x.axes     an array and the names of its axes
//	x/0, x/1      the rows of a ragged array, its axes in x.axes, the dimensions before in x.outer
//	r.field       a field of a record
//	s             a string or a list of strings, as NumPy's unicode
//	v, _meta      whatever has no such form, as JSON text
func WriteNPZ(w io.Writer, f File) error {
	if err := f.check(); err != nil {
		return err
	}
	b := bufio.NewWriter(w)
	z := &archive{zip: zip.NewWriter(b), seen: map[string]bool{}}
	if f.Meta != nil {
		text, err := json.Marshal(f.Meta)
		if err != nil {
			return err
		}
		z.strings("_meta", nil, []string{string(text)})
	}
	if f.Failed != "" {
		z.strings("_failed", nil, []string{f.Failed})
	}
	for _, v := range f.Values {
		z.value(v.Name, v.Value)
	}
	if z.err != nil {
		return z.err
	}
	if err := z.zip.Close(); err != nil {
		return err
	}
	return b.Flush()
}

const mostRunes = 1 << 24 // of a list of strings as NumPy has it

// archive keeps the first error.
type archive struct {
	zip  *zip.Writer
	seen map[string]bool
	err  error
}

// value writes a value in as many entries as it takes.
func (z *archive) value(name string, v any) {
	if a := AsArray(v); a != nil {
		z.array(name, a)
		return
	}
	switch v := v.(type) {
	case string:
		if !nulled(v) {
			z.strings(name, nil, []string{v})
			return
		}
	case []any:
		// One long text among many short ones would make all of them long.
		if texts, ok := allStrings(v); ok && len(texts)*widest(texts) <= mostRunes {
			z.strings(name, []int{len(texts)}, texts)
			return
		}
	case *Record:
		for i, k := range v.Keys {
			z.value(name+"."+k, v.Vals[i])
		}
		return
	}
	var b bytes.Buffer
	e := &encoder{b: bufio.NewWriter(&b)}
	e.value(v)
	if e.err != nil {
		z.fail(e.err)
		return
	}
	z.fail(e.b.Flush())
	z.strings(name, nil, []string{b.String()})
}

// allStrings is a list of strings, but for those that end in the zeros NumPy fills up with.
func allStrings(list []any) ([]string, bool) {
	out := make([]string, len(list))
	for i, v := range list {
		s, ok := v.(string)
		if !ok || nulled(s) {
			return nil, false
		}
		out[i] = s
	}
	return out, true
}

func (z *archive) array(name string, a *Array) {
	axes := a.Axes
	if !a.IsRagged() {
		axes = a.Names()
		z.entry(name, a.Shape, a.Data)
	}
	a.EachRow(func(i int, row *Array) {
		z.entry(name+"/"+strconv.Itoa(i), row.Shape, row.Data)
	})
	z.strings(name+".axes", []int{len(axes)}, axes)
	if a.IsRagged() {
		z.entry(name+".outer", []int{len(a.Outer)}, convert(a.Outer, func(v int) int64 { return int64(v) }))
	}
}

func (z *archive) strings(name string, shape []int, texts []string) { z.entry(name, shape, texts) }

// entry writes one array, not packed, as numpy.savez does: numbers hardly shrink. The time is that of
// the earliest zip: files do not differ from run to run.
func (z *archive) entry(name string, shape []int, data any) {
	if z.err != nil {
		return
	}
	if z.seen[name] {
		z.fail(fmt.Errorf("results: two values would be called %s in an .npz\nhint: rename the record or its field", name))
		return
	}
	z.seen[name] = true
	w, err := z.zip.CreateHeader(&zip.FileHeader{Name: name + ".npy", Method: zip.Store, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)})
	if err == nil {
		err = writeNPY(w, shape, data)
	}
	z.fail(err)
}

func (z *archive) fail(err error) {
	if z.err == nil {
		z.err = err
	}
}

// DecodeNPZ reads a zip of NumPy arrays as a record in the order of the file; axes and ragged rows
// written by WriteNPZ come back as they were.
func DecodeNPZ(name string, data []byte, limit int64) (*Record, error) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, fmt.Errorf("%s: is no zip of NumPy arrays: %w", name, err)
	}
	b := newBudget(limit)
	r := &Record{}
	seen := map[string]bool{}
	for _, f := range z.File {
		key, ok := strings.CutSuffix(f.Name, ".npy")
		if !ok {
			return nil, fmt.Errorf("%s: got the entry %q, want names that end in .npy", name, f.Name)
		}
		v, err := npzEntry(f, b)
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", name, key, err)
		}
		if seen[key] {
			return nil, fmt.Errorf("%s: %s: is there twice", name, key)
		}
		seen[key] = true
		r.Add(key, v)
	}
	return joinRows(nameAxes(r)), nil
}

// npzEntry unpacks one array within the budget, whatever the zip says of its size.
func npzEntry(f *zip.File, b *budget) (any, error) {
	in, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer in.Close()
	data, err := io.ReadAll(io.LimitReader(in, b.left+1))
	if err != nil {
		return nil, err
	}
	if err := b.spend(len(data)); err != nil {
		return nil, err
	}
	return decodeNPY(data, b)
}
