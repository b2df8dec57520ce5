package results

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"
)

var nan = math.NaN()

func rec(pairs ...any) *Record {
	r := &Record{}
	for i := 0; i < len(pairs); i += 2 {
		r.Add(pairs[i].(string), pairs[i+1])
	}
	return r
}

func list(v ...any) []any { return v }

// values are one of each form, with the JSON that design and manual promise.
var values = []struct {
	name  string
	value any
	json  string
}{
	{"an array", &Array{Axes: []string{"layer", "pos"}, Shape: []int{2, 2}, Data: []float32{0.1, -2, 1e-7, 3e8}},
		`{"shape": [2, 2], "data": [0.1, -2, 1e-07, 300000000], "axes": ["layer", "pos"], "dtype": "float32"}`},
	{"what is no number", &Array{Axes: []string{""}, Shape: []int{4}, Data: []float32{float32(nan), float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.Copysign(0, -1))}},
		`{"shape": [4], "data": ["NaN", "Infinity", "-Infinity", -0], "axes": [""], "dtype": "float32"}`},
	{"labels of axes", &Array{Axes: []string{"layer", "pos"}, Shape: []int{1, 2}, Data: []float32{1, 2}, Labels: map[string][]string{"pos": {" John", "é\n"}}},
		`{"shape": [1, 2], "data": [1, 2], "axes": ["layer", "pos"], "dtype": "float32", "labels": {"pos": [" John", "é\n"]}}`},
	{"a scalar array", &Array{Axes: []string{}, Shape: []int{}, Data: []float32{2.5}}, `{"shape": [], "data": [2.5], "axes": [], "dtype": "float32"}`},
	{"an empty array", &Array{Axes: []string{"a", "b"}, Shape: []int{0, 3}, Data: []float32{}}, `{"shape": [0, 3], "data": [], "axes": ["a", "b"], "dtype": "float32"}`},
	{"bools", &Array{Axes: []string{""}, Shape: []int{2}, Data: []bool{true, false}}, `{"shape": [2], "data": [1, 0], "axes": [""], "dtype": "bool"}`},
	{"whole numbers", &Array{Axes: []string{""}, Shape: []int{2}, Data: []int64{math.MaxInt64, math.MinInt64}},
		`{"shape": [2], "data": [9223372036854775807, -9223372036854775808], "axes": [""], "dtype": "int64"}`},
	{"ragged", &Array{Axes: []string{"batch", "pos"}, Outer: []int{2}, Rows: [][]int{{2}, {1}}, Data: []float32{1, 2, 3}},
		`{"axes": ["batch", "pos"], "outer": [2], "rows": [{"shape": [2], "data": [1, 2]}, {"shape": [1], "data": [3]}], "dtype": "float32"}`},
	{"ragged under two axes", &Array{Axes: []string{"a", "b", "pos", "d"}, Outer: []int{1, 2}, Rows: [][]int{{2, 2}, {0, 2}}, Data: []int64{1, 2, 3, 4}},
		`{"axes": ["a", "b", "pos", "d"], "outer": [1, 2], "rows": [{"shape": [2, 2], "data": [1, 2, 3, 4]}, {"shape": [0, 2], "data": []}], "dtype": "int64"}`},
	{"an int", int64(7), `{"shape": [], "data": [7], "axes": [], "dtype": "int64"}`},
	{"a float", 1.0 / 3, `{"shape": [], "data": [0.3333333333333333], "axes": [], "dtype": "float64"}`},
	{"a bool", true, `{"shape": [], "data": [1], "axes": [], "dtype": "bool"}`},
	{"ids", list(int64(1), int64(2)), `{"shape": [2], "data": [1, 2], "axes": [""], "dtype": "int64"}`},
	{"ids of prompts", list(list(int64(1), int64(2)), list(int64(3))), `{"axes": ["", ""], "outer": [2], "rows": [{"shape": [2], "data": [1, 2]}, {"shape": [1], "data": [3]}], "dtype": "int64"}`},
	{"a string", "a \"b\"\n<&>é\u2028", `"a \"b\"\n<&>é\u2028"`},
	{"strings", list("a", " b"), `["a", " b"]`},
	{"none", nil, `null`},
	{"an empty list", list(), `[]`},
	{"a record", rec("b", int64(1), "a", 2.0, "c", list(nil, true, nan), "d", &Array{Shape: []int{1}, Axes: []string{"x"}, Data: []float32{1}}),
		`{"b": 1, "a": 2.0, "c": [null, true, "NaN"], "d": {"shape": [1], "data": [1], "axes": ["x"], "dtype": "float32"}}`},
	{"a mixed list", list("a", int64(1), list()), `["a", 1, []]`},
}

func TestJSONForms(t *testing.T) {
	for _, c := range values {
		t.Run(c.name, func(t *testing.T) {
			var b strings.Builder
			if err := WriteJSON(&b, File{Values: []Named{{"x", c.value}}}); err != nil {
				t.Fatal(err)
			}
			if want := "{\n  \"x\": " + c.json + "\n}\n"; b.String() != want {
				t.Errorf("got\n%s\nwant\n%s", b.String(), want)
			}
			if !json.Valid([]byte(b.String())) {
				t.Error("is no JSON")
			}
		})
	}
}

func TestJSONFile(t *testing.T) {
	var b strings.Builder
	f := File{Meta: &Meta{"1.0", "ioi-mini", "ab12", 3, "f32"}, Failed: "x.patch:1:1: no", Values: []Named{{"z", "1"}, {"a b", "2"}}}
	if err := WriteJSON(&b, f); err != nil {
		t.Fatal(err)
	}
	want := `{
  "_meta": {"version":"1.0","model":"ioi-mini","weights":"ab12","seed":3,"dtype":"f32"},
  "_failed": "x.patch:1:1: no",
  "z": "1",
  "a b": "2"
}
`
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}

// same is equality in which NaN equals NaN and 0 differs from -0.
func same(a, b any) bool {
	var x, y bytes.Buffer
	for _, w := range []struct {
		b *bytes.Buffer
		v any
	}{{&x, a}, {&y, b}} {
		if WriteJSON(w.b, File{Values: []Named{{"v", w.v}}}) != nil {
			return false
		}
	}
	return bytes.Equal(x.Bytes(), y.Bytes())
}

func TestJSONRoundTrip(t *testing.T) {
	for _, c := range values {
		t.Run(c.name, func(t *testing.T) {
			var b bytes.Buffer
			if err := WriteJSON(&b, File{Values: []Named{{"x", c.value}}}); err != nil {
				t.Fatal(err)
			}
			v, err := DecodeJSON("x.json", b.Bytes(), 0)
			if err != nil {
				t.Fatal(err)
			}
			got, _ := v.(*Record).Get("x")
			if !same(got, c.value) {
				t.Errorf("got %#v, want %#v", got, c.value)
			}
		})
	}
}

func TestFloatsReadBackTheSame(t *testing.T) {
	for i := range 20000 {
		// Bits spread over all exponents.
		v := math.Float32frombits(uint32(i) * 214748)
		got, err := DecodeJSON("", appendFloat(nil, float64(v), 32), 0)
		if err != nil {
			t.Fatal(err)
		}
		if s, ok := got.(string); ok {
			got = namedFloats[s]
		}
		f, isFloat := got.(float64)
		if n, ok := got.(int64); ok {
			f, isFloat = float64(n), true
		}
		if g := float32(f); !isFloat || g != v && !(math.IsNaN(float64(g)) && math.IsNaN(float64(v))) {
			t.Fatalf("%x %v came back as %v", math.Float32bits(v), v, got)
		}
	}
}

func npzOf(t *testing.T, f File) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := WriteNPZ(&b, f); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestNPZRoundTrip(t *testing.T) {
	for _, c := range values {
		if _, isArray := c.value.(*Array); !isArray && AsArray(c.value) == nil {
			continue // see TestNPZEntries
		}
		t.Run(c.name, func(t *testing.T) {
			r, err := DecodeNPZ("x.npz", npzOf(t, File{Values: []Named{{"x", c.value}}}), 0)
			if err != nil {
				t.Fatal(err)
			}
			want := *AsArray(c.value)
			want.Labels = nil
			if got, _ := r.Get("x"); len(r.Keys) != 1 || !same(got, &want) {
				t.Errorf("got %v, want x alone, as %v", r, want)
			}
		})
	}
}

func TestNPZEntries(t *testing.T) {
	f := File{Meta: &Meta{Model: "m"}, Failed: "no", Values: []Named{
		{"x", values[0].value}, {"g", values[7].value}, {"r", rec("a", int64(1), "b", rec("c", "s"))}, {"s", "é"}, {"l", list("a", "bcd")}, {"n", nil}, {"zero", "a\x00"},
	}}
	z, err := zip.NewReader(bytes.NewReader(npzOf(t, f)), int64(len(npzOf(t, f))))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range z.File {
		names = append(names, strings.TrimSuffix(e.Name, ".npy"))
		if e.Method != zip.Store {
			t.Errorf("%s is packed", e.Name)
		}
	}
	want := "_meta _failed x x.axes g/0 g/1 g.axes g.outer r.a r.a.axes r.b.c s l n zero"
	if got := strings.Join(names, " "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	r, err := DecodeNPZ("", npzOf(t, f), 0)
	if err != nil {
		t.Fatal(err)
	}
	for k, want := range map[string]any{"_failed": "no", "s": "é", "l": list("a", "bcd"), "n": "null", "r.b.c": "s", "zero": `"a\u0000"`} {
		if got, _ := r.Get(k); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %#v, want %#v", k, got, want)
		}
	}
}

// TestNPYBytes: the layout byte by byte, as numpy.lib.format describes it.
func TestNPYBytes(t *testing.T) {
	for _, c := range []struct {
		name  string
		shape []int
		data  any
		head  string
		body  string
	}{
		{"a matrix", []int{2, 1}, []float32{1, -2}, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1), }", "\x00\x00\x80\x3f\x00\x00\x00\xc0"},
		{"a vector", []int{1}, []int64{-2}, "{'descr': '<i8', 'fortran_order': False, 'shape': (1,), }", "\xfe\xff\xff\xff\xff\xff\xff\xff"},
		{"a scalar", []int{}, []float64{1}, "{'descr': '<f8', 'fortran_order': False, 'shape': (), }", "\x00\x00\x00\x00\x00\x00\xf0\x3f"},
		{"bools", []int{2}, []bool{true, false}, "{'descr': '|b1', 'fortran_order': False, 'shape': (2,), }", "\x01\x00"},
		{"texts", []int{2}, []string{"é", "ab"}, "{'descr': '<U2', 'fortran_order': False, 'shape': (2,), }", "\xe9\x00\x00\x00\x00\x00\x00\x00a\x00\x00\x00b\x00\x00\x00"},
		{"no texts", []int{0}, []string{}, "{'descr': '<U1', 'fortran_order': False, 'shape': (0,), }", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var b bytes.Buffer
			if err := writeNPY(&b, c.shape, c.data); err != nil {
				t.Fatal(err)
			}
			got := b.Bytes()
			n := int(binary.LittleEndian.Uint16(got[8:]))
			if string(got[:8]) != "\x93NUMPY\x01\x00" || (10+n)%64 != 0 {
				t.Errorf("begins with %q and a header of %d bytes", got[:8], n)
			}
			head := string(got[10 : 10+n])
			if strings.TrimRight(head, " \n") != c.head || !strings.HasSuffix(head, "\n") {
				t.Errorf("header %q", head)
			}
			if string(got[10+n:]) != c.body {
				t.Errorf("numbers %q, want %q", got[10+n:], c.body)
			}
		})
	}
}

func TestNames(t *testing.T) {
	for _, c := range []struct {
		values []Named
		want   string
	}{
		{[]Named{{"x", nil}, {"x", nil}}, "two results are called x"},
		{[]Named{{"_meta", nil}}, `a result cannot be called "_meta": names that begin with _ are the file's own`},
		{[]Named{{"", nil}}, "a result needs a name"},
		{[]Named{{"../x", nil}}, `a result cannot be called "../x": want a name without slashes and control characters`},
	} {
		for _, ext := range []string{".json", ".npz"} {
			file := filepath.Join(t.TempDir(), "x"+ext)
			err := Write(file, File{Values: c.values})
			if err == nil || err.Error() != file+": not written: "+c.want {
				t.Errorf("got %v, want %s", err, c.want)
			}
		}
	}
	err := WriteNPZ(io.Discard, File{Values: []Named{{"r", rec("x", int64(1))}, {"r.x", int64(2)}}})
	if err == nil || !strings.HasPrefix(err.Error(), "results: two values would be called r.x in an .npz") {
		t.Errorf("got %v", err)
	}
}

func TestSameBytes(t *testing.T) {
	f := File{Meta: &Meta{}, Values: []Named{{"x", values[2].value}, {"r", values[18].value}}}
	for _, form := range []func(io.Writer, File) error{WriteJSON, WriteNPZ} {
		var a, b bytes.Buffer
		if err := errors.Join(form(&a, f), form(&b, f)); err != nil || !bytes.Equal(a.Bytes(), b.Bytes()) {
			t.Errorf("written twice the file differs (%v)", err)
		}
	}
}

func TestWriteFile(t *testing.T) {
	text := func(w io.Writer) error { _, err := io.WriteString(w, "new"); return err }
	full := func(w io.Writer) error {
		if _, err := io.WriteString(w, strings.Repeat("x", 1<<20)); err != nil {
			return err
		}
		return &os.PathError{Op: "write", Path: "temp", Err: syscall.ENOSPC}
	}
	for _, c := range []struct {
		name  string
		path  string
		write func(io.Writer) error
		err   string
		want  string // in f.json, which held "old" before
	}{
		{"a new file", "g.json", text, "", "old"},
		{"an old file", "f.json", text, "", "new"},
		{"through a link", "link.json", text, "", "new"},
		{"a full disk leaves the old file", "f.json", full, "f.json: not written: no space left on device", "old"},
		{"a full disk leaves no new file", "g.json", full, "g.json: not written: no space left on device", "old"},
		{"a directory", "d", text, "d: is a directory, want a file", "old"},
		{"no directory", "no/x.json", text, "no/x.json: the directory no does not exist\nhint: mkdir -p no", "old"},
		{"a file for a directory", "f.json/x.json", text, "f.json/x.json: f.json is a file, want a directory", "old"},
		{"a device", "/dev/full", text, "/dev/full: not written: no space left on device", "old"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			if err := errors.Join(os.Mkdir("d", 0o755), os.WriteFile("f.json", []byte("old"), 0o600), os.Symlink("f.json", "link.json")); err != nil {
				t.Fatal(err)
			}
			err := WriteFile(c.path, c.write)
			if (err == nil) != (c.err == "") || err != nil && err.Error() != c.err {
				t.Errorf("got %v, want %s", err, c.err)
			}
			if got, _ := os.ReadFile("f.json"); string(got) != c.want {
				t.Errorf("f.json holds %q, want %q", got, c.want)
			}
			if st, err := os.Stat("f.json"); err != nil || st.Mode().Perm() != 0o600 {
				t.Errorf("f.json: %v %v", st.Mode(), err)
			}
			left, _ := filepath.Glob(".*.part")
			if _, err := os.Stat("g.json"); len(left) > 0 || c.err != "" && err == nil {
				t.Errorf("left behind: %v, g.json: %v", left, err)
			}
		})
	}
}

func TestStats(t *testing.T) {
	file := filepath.Join(t.TempDir(), "s.json")
	if err := (Stats{LoadS: 0.5, StatesDense: 3, Threads: 2}).Write(file); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]float64
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	for _, k := range strings.Fields("load_s check_s plan_s run_s states_dense states_planned gflop_dense gflop_planned passes chunks noops peak_bytes threads") {
		if _, ok := got[k]; !ok {
			t.Errorf("lacks %s", k)
		}
	}
	if len(got) != 13 || got["load_s"] != 0.5 || got["threads"] != 2 {
		t.Errorf("got %s", data)
	}
}
