package results

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

const deepest = 200 // brackets within brackets

// DecodeJSON reads one JSON value. Whole numbers are int64, others float64; objects keep the order of
// their fields; an object in the form of an array (see WriteJSON) is an *Array. name is the file's,
// for errors; limit is how many bytes the values may take, 0 for DefaultLimit.
func DecodeJSON(name string, data []byte, limit int64) (any, error) {
	return decode(name, data, 1, newBudget(limit))
}

// decode reads one value of a text that begins on a line of the file.
func decode(name string, data []byte, line int, b *budget) (any, error) {
	data = bytes.TrimPrefix(data, []byte("\uFEFF"))
	if at := badUTF8(data); at >= 0 {
		return nil, fmt.Errorf("%s:%d: got bytes that are not UTF-8", name, line+bytes.Count(data[:at], []byte("\n")))
	}
	d := &decoder{dec: json.NewDecoder(bytes.NewReader(data)), budget: b}
	d.dec.UseNumber()
	v, err := d.value(0)
	if err == nil {
		if _, more := d.dec.Token(); more != io.EOF {
			err = errors.New("got more after the value, want one value (a file of several is .jsonl)")
		}
	}
	if err != nil {
		at := min(int(d.dec.InputOffset()), len(data))
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			at = min(max(at, int(syntax.Offset)), len(data))
		}
		return nil, fmt.Errorf("%s:%d: %w", name, line+bytes.Count(data[:at], []byte("\n")), worded(err))
	}
	return v, nil
}

// worded is an error of the library in the words of a reader.
func worded(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || strings.Contains(err.Error(), "unexpected end of JSON") {
		return errors.New("the file ends before its value does")
	}
	return err
}

func badUTF8(data []byte) int {
	for i := 0; i < len(data); {
		r, n := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return -1
}

type decoder struct {
	dec    *json.Decoder
	budget *budget
}

func (d *decoder) value(depth int) (any, error) {
	if depth > deepest {
		return nil, fmt.Errorf("brackets are nested deeper than %d", deepest)
	}
	t, err := d.dec.Token()
	if err != nil {
		return nil, err
	}
	if err := d.budget.spend(valueBytes); err != nil {
		return nil, err
	}
	switch t := t.(type) {
	case json.Delim:
		if t == '[' {
			return d.list(depth)
		}
		return d.object(depth)
	case json.Number:
		return hostNumber(string(t))
	case string:
		return t, d.budget.spend(len(t))
	}
	return t, nil // true, false, null
}

// hostNumber is an int64 where the text is a whole number, else a float64.
func hostNumber(s string) (any, error) {
	if !strings.ContainsAny(s, ".eE") && s != "-0" {
		i, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%s is beyond the whole numbers of 64 bits\nhint: write it as a float: %s.0", s, s)
		}
		return i, nil
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return nil, fmt.Errorf("%s is beyond the numbers of 64 bits", s)
	}
	return f, nil
}

func (d *decoder) list(depth int) (any, error) {
	out := []any{}
	for d.dec.More() {
		v, err := d.value(depth + 1)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	_, err := d.dec.Token()
	return out, err
}

func (d *decoder) object(depth int) (any, error) {
	r := &Record{}
	seen := map[string]bool{}
	for d.dec.More() {
		t, err := d.dec.Token()
		if err != nil {
			return nil, err
		}
		key, ok := t.(string)
		if !ok {
			return nil, fmt.Errorf("got %v, want the name of a field", t)
		}
		if seen[key] {
			return nil, fmt.Errorf("field %q is given twice", key)
		}
		seen[key] = true
		if err := d.budget.spend(len(key) + valueBytes); err != nil {
			return nil, err
		}
		v, err := d.value(depth + 1)
		if err != nil {
			return nil, err
		}
		r.Add(key, v)
	}
	if _, err := d.dec.Token(); err != nil {
		return nil, err
	}
	return arrayForm(r)
}
