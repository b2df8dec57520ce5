package results

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// ReadOptions say how much a file may take and who reads weights.
type ReadOptions struct {
	Limit       int64                              // bytes of the values; 0 is DefaultLimit
	Safetensors func(path string) (*Record, error) // reads .safetensors; nil: none are read
}

// readers are the forms of files, by their ending.
var readers = []struct {
	ext  string
	read func(name string, data []byte, limit int64) (any, error)
}{
	{".json", DecodeJSON},
	{".jsonl", DecodeJSONL},
	{".csv", DecodeCSV},
	{".txt", DecodeText},
	{".npz", func(name string, data []byte, limit int64) (any, error) {
		r, err := DecodeNPZ(name, data, limit)
		if err != nil {
			return nil, err
		}
		return r, nil
	}},
	{".npy", DecodeNPY},
}

// Read reads the file of -in by its ending: .json any value, .jsonl a list of one value a line, .csv
// a list of records, .txt a list of lines, .npy an array, .npz and .safetensors a record of arrays.
func Read(path string, opt ReadOptions) (any, error) {
	ext := strings.ToLower(filepath.Ext(path))
	if ext == ".safetensors" && opt.Safetensors != nil {
		r, err := opt.Safetensors(path)
		if err != nil {
			return nil, err
		}
		return r, nil
	}
	known := []string{}
	for _, r := range readers {
		if r.ext != ext {
			known = append(known, r.ext)
			continue
		}
		data, err := readAll(path, newBudget(opt.Limit).limit)
		if err != nil {
			return nil, err
		}
		return r.read(path, data, opt.Limit)
	}
	return nil, fmt.Errorf("%s: got the ending %q, want one of %s .safetensors", path, ext, strings.Join(known, " "))
}

// readAll reads a file of at most limit bytes. What has no size, as a pipe, may take a quarter of that:
// the buffer is copied as it grows.
func readAll(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: there is no such file", path)
	} else if err != nil {
		return nil, fmt.Errorf("%s: cannot be read: %w", path, cause(err))
	}
	defer f.Close()
	var data bytes.Buffer
	size := int64(0)
	switch st, err := f.Stat(); {
	case err == nil && st.IsDir():
		return nil, fmt.Errorf("%s: is a directory, want a file", path)
	case err == nil && st.Mode().IsRegular():
		size = st.Size()
	default:
		limit /= 4
	}
	if size <= limit {
		data.Grow(int(size) + bytes.MinRead)
		if size, err = data.ReadFrom(io.LimitReader(f, limit+1)); err != nil {
			return nil, fmt.Errorf("%s: cannot be read: %w", path, cause(err))
		}
	}
	if size > limit {
		return nil, fmt.Errorf("%s: is larger than %d bytes\nhint: give a smaller file, or more memory with -mem", path, limit)
	}
	return data.Bytes(), nil
}

// DecodeNPY reads one NumPy array.
func DecodeNPY(name string, data []byte, limit int64) (any, error) {
	v, err := decodeNPY(data, newBudget(limit))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return v, nil
}

// DecodeText reads a list of lines, without their ends.
func DecodeText(name string, data []byte, limit int64) (any, error) {
	data = bytes.TrimPrefix(data, []byte("\uFEFF"))
	if at := badUTF8(data); at >= 0 {
		return nil, fmt.Errorf("%s:%d: got bytes that are not UTF-8", name, 1+bytes.Count(data[:at], []byte("\n")))
	}
	b := newBudget(limit)
	out := []any{}
	for line := range bytes.Lines(data) {
		if err := b.spend(len(line) + valueBytes); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, len(out)+1, err)
		}
		out = append(out, strings.TrimSuffix(strings.TrimSuffix(string(line), "\n"), "\r"))
	}
	return out, nil
}

// DecodeJSONL reads a list of JSON values, one a line; empty lines are left out.
func DecodeJSONL(name string, data []byte, limit int64) (any, error) {
	data = bytes.TrimPrefix(data, []byte("\uFEFF"))
	b := newBudget(limit)
	out, n := []any{}, 0
	for line := range bytes.Lines(data) {
		n++
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		v, err := decode(name, bytes.TrimRight(line, "\r\n"), n, b)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// DecodeCSV reads a list of records; the first row names the fields. A column of which all cells are
// numbers, or empty, holds numbers (None where a cell is empty); every other holds strings.
func DecodeCSV(name string, data []byte, limit int64) (any, error) {
	data = bytes.TrimPrefix(data, []byte("\uFEFF"))
	if at := badUTF8(data); at >= 0 {
		return nil, fmt.Errorf("%s:%d: got bytes that are not UTF-8", name, 1+bytes.Count(data[:at], []byte("\n")))
	}
	rows, err := csvRows(name, data, newBudget(limit))
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("%s: is empty, want a first row that names the fields", name)
	}
	header, rows := rows[0], rows[1:]
	seen := map[string]bool{}
	for _, h := range header {
		if seen[h] {
			return nil, fmt.Errorf("%s:1: the first row has the field %q twice", name, h)
		}
		seen[h] = true
	}
	out := make([]any, len(rows))
	for i := range rows {
		out[i] = &Record{Keys: header, Vals: make([]any, len(header))}
	}
	for j := range header {
		cell := columnType(rows, j)
		for i, row := range rows {
			out[i].(*Record).Vals[j] = cell(row[j])
		}
	}
	return out, nil
}

func csvRows(name string, data []byte, b *budget) ([][]string, error) {
	r := csv.NewReader(bytes.NewReader(data))
	r.FieldsPerRecord = -1
	var rows [][]string
	for {
		row, err := r.Read()
		if err == io.EOF {
			return rows, nil
		}
		var bad *csv.ParseError
		if errors.As(err, &bad) {
			return nil, fmt.Errorf("%s:%d: %w", name, bad.Line, bad.Err)
		} else if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		line, _ := r.FieldPos(0)
		if len(rows) > 0 && len(row) != len(rows[0]) {
			return nil, fmt.Errorf("%s:%d: got %d fields, want %d as in the first row", name, line, len(row), len(rows[0]))
		}
		spent := 0
		for _, s := range row {
			spent += len(s) + 2*valueBytes
		}
		if err := b.spend(spent); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, line, err)
		}
		rows = append(rows, row)
	}
}

// columnType is how the cells of a column are read: whole numbers, numbers or strings.
func columnType(rows [][]string, j int) func(string) any {
	whole, float, some := true, true, false
	for _, row := range rows {
		s := strings.TrimSpace(row[j])
		if s == "" {
			continue
		}
		some = true
		_, err := strconv.ParseInt(s, 10, 64)
		whole = whole && err == nil
		_, ok := csvFloat(s)
		float = float && ok
	}
	switch {
	case some && whole:
		return func(s string) any {
			v, err := strconv.ParseInt(strings.TrimSpace(s), 10, 64)
			if err != nil {
				return nil
			}
			return v
		}
	case some && float:
		return func(s string) any {
			if v, ok := csvFloat(strings.TrimSpace(s)); ok {
				return v
			}
			return nil
		}
	}
	return func(s string) any { return s }
}

// csvFloat is a number in decimal digits, or nan or inf, which NumPy and pandas write.
func csvFloat(s string) (float64, bool) {
	if strings.ContainsAny(s, "xX_pP") {
		return 0, false
	}
	v, err := strconv.ParseFloat(s, 64)
	return v, err == nil
}
