package results

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Meta says how results came about.
type Meta struct {
	Version string `json:"version"`
	Model   string `json:"model"`
	Weights string `json:"weights"` // a hash
	Seed    uint64 `json:"seed"`
	DType   string `json:"dtype"`
}

// File is what -o writes.
type File struct {
	Meta   *Meta   // nil: none
	Failed string  // why the script did not reach its end; "" where it did
	Values []Named // in the order they were saved
}

// WriteJSON writes an object of the results, one a line: _meta, _failed where the script failed, then
// the names in the order of saving. Arrays, numbers and lists of numbers are
//
//	{"shape": [2, 3], "data": [numbers row by row], "axes": ["layer", "pos"], "dtype": "float32", "labels": {"pos": [...]}}
//	{"axes": [...], "outer": [2], "rows": [{"shape": [3], "data": [...]}, ...], "dtype": "int64"}
//
// Strings, lists of strings and records are plain JSON; inside them numbers are plain too, and arrays
// have the form above. Numbers have the fewest digits that read back the same in their type.
func WriteJSON(w io.Writer, f File) error {
	if err := f.check(); err != nil {
		return err
	}
	e := &encoder{b: bufio.NewWriter(w)}
	e.text("{")
	sep := "\n  "
	entry := func(name string, write func()) {
		e.text(sep)
		e.string(name)
		e.text(": ")
		write()
		sep = ",\n  "
	}
	if f.Meta != nil {
		entry("_meta", func() { e.plain(f.Meta) })
	}
	if f.Failed != "" {
		entry("_failed", func() { e.string(f.Failed) })
	}
	for _, v := range f.Values {
		entry(v.Name, func() { e.top(v.Value) })
	}
	e.text("\n}\n")
	if e.err != nil {
		return e.err
	}
	return e.b.Flush()
}

// encoder writes JSON and keeps the first error about a value; b keeps that of writing.
type encoder struct {
	b   *bufio.Writer
	err error
	num []byte
}

func (e *encoder) text(s string) { e.b.WriteString(s) }

func (e *encoder) plain(v any) {
	data, err := json.Marshal(v)
	if err != nil && e.err == nil {
		e.err = err
	}
	e.b.Write(data)
}

// string writes a string, letters of all languages as they are.
func (e *encoder) string(s string) {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil && e.err == nil {
		e.err = err
	}
	e.text(strings.TrimSuffix(b.String(), "\n"))
}

// top writes a result.
func (e *encoder) top(v any) {
	if a := AsArray(v); a != nil {
		e.array(a)
		return
	}
	e.value(v)
}

// value writes what is inside a list or record.
func (e *encoder) value(v any) {
	switch v := v.(type) {
	case nil:
		e.text("null")
	case bool:
		e.text(strconv.FormatBool(v))
	case int64:
		e.text(strconv.FormatInt(v, 10))
	case float64:
		e.hostFloat(v)
	case string:
		e.string(v)
	case []any:
		e.list(len(v), func(i int) { e.value(v[i]) })
	case *Record:
		e.text("{")
		for i, k := range v.Keys {
			if i > 0 {
				e.text(", ")
			}
			e.string(k)
			e.text(": ")
			e.value(v.Vals[i])
		}
		e.text("}")
	case *Array:
		e.array(v)
	default:
		if e.err == nil {
			e.err = fmt.Errorf("results: a value of type %T has no JSON form", v)
		}
	}
}

func (e *encoder) list(n int, f func(int)) {
	e.text("[")
	for i := range n {
		if i > 0 {
			e.text(", ")
		}
		f(i)
	}
	e.text("]")
}

// hostFloat keeps a float a float: 1.0, not 1.
func (e *encoder) hostFloat(v float64) {
	e.num = appendFloat(e.num[:0], v, 64)
	e.b.Write(e.num)
	if !strings.ContainsAny(string(e.num), ".eNI") {
		e.text(".0")
	}
}

func (e *encoder) array(a *Array) {
	if a.IsRagged() {
		e.text(`{"axes": `)
		e.strings(a.Axes)
		e.text(`, "outer": `)
		e.ints(a.Outer)
		e.text(`, "rows": `)
		e.text("[")
		a.EachRow(func(i int, row *Array) {
			if i > 0 {
				e.text(", ")
			}
			e.text(`{"shape": `)
			e.ints(row.Shape)
			e.text(`, "data": `)
			e.data(row.Data)
			e.text("}")
		})
		e.text("]")
	} else {
		e.text(`{"shape": `)
		e.ints(a.Shape)
		e.text(`, "data": `)
		e.data(a.Data)
		e.text(`, "axes": `)
		e.strings(a.Names())
	}
	e.text(`, "dtype": "` + a.DType() + `"`)
	e.labels(a)
	e.text("}")
}

// Names are the axes of a dense array, "" for each that has none.
func (a *Array) Names() []string {
	if a.Axes == nil {
		return make([]string, len(a.Shape))
	}
	return a.Axes
}

// labels writes those of named axes, in the order of the axes.
func (e *encoder) labels(a *Array) {
	sep := `, "labels": {`
	for i, axis := range a.Axes {
		if axis == "" || a.Labels[axis] == nil || slices.Index(a.Axes, axis) < i {
			continue
		}
		e.text(sep)
		e.string(axis)
		e.text(": ")
		e.strings(a.Labels[axis])
		sep = ", "
	}
	if sep == ", " {
		e.text("}")
	}
}

func (e *encoder) strings(s []string) { e.list(len(s), func(i int) { e.string(s[i]) }) }
func (e *encoder) ints(v []int)       { e.list(len(v), func(i int) { e.text(strconv.Itoa(v[i])) }) }

func (e *encoder) data(data any) {
	switch d := data.(type) {
	case []float32:
		e.list(len(d), func(i int) { e.float(float64(d[i]), 32) })
	case []float64:
		e.list(len(d), func(i int) { e.float(d[i], 64) })
	case []int64:
		e.list(len(d), func(i int) { e.text(strconv.FormatInt(d[i], 10)) })
	case []bool:
		e.list(len(d), func(i int) {
			if d[i] {
				e.text("1")
			} else {
				e.text("0")
			}
		})
	default:
		if e.err == nil {
			e.err = fmt.Errorf("results: an array of %T has no JSON form", data)
		}
	}
}

func (e *encoder) float(v float64, bits int) {
	e.num = appendFloat(e.num[:0], v, bits)
	e.b.Write(e.num)
}

// appendFloat writes a float of 32 or 64 bits in the fewest digits that read back the same.
func appendFloat(b []byte, v float64, bits int) []byte {
	switch {
	case math.IsNaN(v):
		return append(b, `"NaN"`...)
	case math.IsInf(v, 1):
		return append(b, `"Infinity"`...)
	case math.IsInf(v, -1):
		return append(b, `"-Infinity"`...)
	}
	verb := byte('f')
	if abs := math.Abs(v); abs != 0 && (abs < 1e-5 || abs >= 1e16) {
		verb = 'e'
	}
	return strconv.AppendFloat(b, v, verb, -1, bits)
}
