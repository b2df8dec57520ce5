package results

import (
	"archive/zip"
	"bytes"
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// npy is a file by hand.
func npy(dict, body string) string {
	head := dict + "\n"
	return npyMagic + "\x01\x00" + string([]byte{byte(len(head)), byte(len(head) >> 8)}) + head + body
}

// npz is a zip of files by alternating names and contents.
func npz(parts ...string) string {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(parts); i += 2 {
		w, err := z.Create(parts[i])
		if err == nil {
			_, err = w.Write([]byte(parts[i+1]))
		}
		if err != nil {
			panic(err)
		}
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return b.String()
}

func f4(shape, body string) string {
	return npy("{'descr': '<f4', 'fortran_order': False, 'shape': ("+shape+"), }", body)
}

const oneF4 = "\x00\x00\x80\x3f"

func TestRead(t *testing.T) {
	dense := func(data any, shape ...int) *Array {
		return &Array{Axes: make([]string, len(shape)), Shape: append([]int{}, shape...), Data: data}
	}
	for _, c := range []struct {
		name, file, data string
		want             any
	}{
		{"any value", "x.json", `{"b": [1, 2.0, -0], "a": null}`, rec("b", list(int64(1), 2.0, math.Copysign(0, -1)), "a", nil)},
		{"a mark before and spaces behind", "x.json", "\uFEFF 1 \r\n", int64(1)},
		{"an array", "x.json", `{"shape": [1, 2], "data": [1, "NaN"], "axes": ["a", "b"], "labels": {"b": ["x", "y"]}}`,
			&Array{Axes: []string{"a", "b"}, Shape: []int{1, 2}, Data: []float32{1, float32(nan)}, Labels: map[string][]string{"b": {"x", "y"}}}},
		{"not quite an array", "x.json", `{"shape": "round", "size": 3}`, rec("shape", "round", "size", int64(3))},
		{"records", "x.jsonl", "{\"a\": 1}\n\n[true]\r\n\"x\"", list(rec("a", int64(1)), list(true), "x")},
		{"lines", "x.txt", "a\r\n\n b", list("a", "", " b")},
		{"no line", "x.txt", "", list()},
		{"a table", "x.csv", "name,n,p,q\r\n\"a,b\",1,0.5,\n c,-2,,x\n",
			list(rec("name", "a,b", "n", int64(1), "p", 0.5, "q", ""), rec("name", " c", "n", int64(-2), "p", nil, "q", "x"))},
		{"not numbers", "x.csv", "a,b\n0x10,1_0\n", list(rec("a", "0x10", "b", "1_0"))},
		{"numbers past 64 bits", "x.csv", "a\n9223372036854775808\n", list(rec("a", 9223372036854775808.0))},
		{"only a header", "x.csv", "a,b\n", list()},
		{"a matrix", "x.npy", f4("1, 2", oneF4+oneF4), dense([]float32{1, 1}, 1, 2)},
		{"a scalar", "x.npy", f4("", oneF4), dense([]float32{1})},
		{"no numbers", "x.npy", f4("0, 3", ""), dense([]float32{}, 0, 3)},
		{"from the other end", "x.npy", npy("{'descr': '>i2', 'fortran_order': False, 'shape': (2,), }", "\x01\x02\xff\xff"), dense([]int64{258, -1}, 2)},
		{"columns first", "x.npy", npy("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }", "\x00\x0a\x01\x0b\x02\x0c"), dense([]int64{0, 1, 2, 10, 11, 12}, 2, 3)},
		{"halves", "x.npy", npy("{'descr': '<f2', 'fortran_order': False, 'shape': (5,), }", "\x00\x3c\x00\xc0\x01\x00\x00\x7c\xff\x7b"),
			dense([]float32{1, -2, 1.0 / (1 << 24), float32(namedFloats["Infinity"]), 65504}, 5)},
		{"texts", "x.npy", npy("{'descr': '<U2', 'fortran_order': False, 'shape': (2,), }", "a\x00\x00\x00\x00\x00\x00\x00\xe9\x00\x00\x00b\x00\x00\x00"), list("a", "éb")},
		{"arrays", "x.NPZ", npz("b.npy", f4("1,", oneF4), "a.npy", f4("", oneF4)), rec("b", dense([]float32{1}, 1), "a", dense([]float32{1}))},
		{"ragged parts that do not fit", "x.npz", npz("x/0.npy", f4("1,", oneF4), "x.outer.npy", f4("1,", oneF4)), rec("x/0", dense([]float32{1}, 1), "x.outer", dense([]float32{1}, 1))},
		{"weights", "x.safetensors", "", rec("w", int64(1))},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), c.file)
			if err := os.WriteFile(file, []byte(c.data), 0o644); err != nil {
				t.Fatal(err)
			}
			got, err := Read(file, ReadOptions{Safetensors: func(string) (*Record, error) { return rec("w", int64(1)), nil }})
			if err != nil {
				t.Fatal(err)
			}
			if !same(got, c.want) {
				t.Errorf("got %#v, want %#v", got, c.want)
			}
		})
	}
}

func TestReadErrors(t *testing.T) {
	stored := string(npzOf(t, File{Values: []Named{{"a", &Array{Shape: []int{}, Data: []float32{1}}}}}))
	for _, c := range []struct{ file, data, want string }{
		{"x.parquet", "", `got the ending ".parquet", want one of .json .jsonl .csv .txt .npz .npy .safetensors`},
		{"x.json", "", ":1: the file ends before its value does"},
		{"x.json", "[1,\n2", ":2: the file ends before its value does"},
		{"x.json", "[1,\n2 3]", ":2: invalid character '3' after array element"},
		{"x.json", "{\"a\": 1,\n\"a\": 2}", ":2: field \"a\" is given twice"},
		{"x.json", "1\n2", ":2: got more after the value, want one value (a file of several is .jsonl)"},
		{"x.json", "9223372036854775808", ":1: 9223372036854775808 is beyond the whole numbers of 64 bits\nhint: write it as a float: 9223372036854775808.0"},
		{"x.json", "1e999", ":1: 1e999 is beyond the numbers of 64 bits"},
		{"x.json", "\"\n\xff\"", ":2: got bytes that are not UTF-8"},
		{"x.json", strings.Repeat("[", 300), ":1: brackets are nested deeper than 200"},
		{"x.json", `{"shape": [2], "data": [1], "axes": ["a"]}`, ":1: array: got 1 numbers, the shape is [2]"},
		{"x.json", `{"shape": [-1], "data": [1], "axes": ["a"]}`, ":1: array: shape: got -1, want lengths"},
		{"x.json", `{"shape": [4294967296, 4294967296], "data": [], "axes": ["a"]}`, ":1: array: shape: got 4294967296, want lengths"},
		{"x.json", `{"shape": [1], "data": ["x"], "axes": ["a"]}`, ":1: array: element 0 is x, want a number"},
		{"x.json", `{"shape": [1], "data": [1e300], "axes": ["a"]}`, ":1: array: element 0 is 1e+300, beyond the numbers of 32 bits"},
		{"x.json", `{"shape": [1], "data": [2], "dtype": "bool"}`, ":1: array: element 0 is 2, want a whole number from 0 to 1"},
		{"x.json", `{"shape": [1], "data": [2], "dtype": "f32"}`, ":1: array: got the dtype \"f32\", want float32, float64, int64 or bool"},
		{"x.json", `{"shape": [1], "data": [2], "axes": []}`, ":1: array: got 0 axes, want 1"},
		{"x.json", `{"axes": ["a"], "outer": [2], "rows": []}`, ":1: array: got 0 rows, outer is [2]"},
		{"x.jsonl", "1\n{\n2", ":2: the file ends before its value does"},
		{"x.csv", "", ": is empty, want a first row that names the fields"},
		{"x.csv", "a,b\n1\n", ":2: got 1 fields, want 2 as in the first row"},
		{"x.csv", "a,a\n", ":1: the first row has the field \"a\" twice"},
		{"x.csv", "a\n\"b", ":2: extraneous or missing \" in quoted-field"},
		{"x.txt", "a\n\xff", ":2: got bytes that are not UTF-8"},
		{"x.npy", "", ": is no NumPy array: it does not begin with \\x93NUMPY"},
		{"x.npy", npyMagic + "\x09\x00\x00\x00\x00\x00", ": is no NumPy array: version 9 with a header of 0 bytes"},
		{"x.npy", npyMagic + "\x02\x00\xff\xff\xff\xff", ": is no NumPy array: version 2 with a header of 4294967295 bytes"},
		{"x.npy", f4("2", oneF4), ": the file ends early: got 4 bytes of numbers, want 8"},
		{"x.npy", f4("2000000000, 2000000000, 2000000000", oneF4), ": shape [2000000000 2000000000 2000000000] has more elements than the file"},
		{"x.npy", f4("99999999999999999999", oneF4), ": NumPy header: shape (99999999999999999999): want at most 32 lengths below 2^31"},
		{"x.npy", npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", ""), ": NumPy header \"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }\\n\": want plain numbers or strings"},
		{"x.npy", npy("{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }", oneF4+oneF4), ": got NumPy's type c8, want f2 f4 f8"},
		{"x.npy", npy("{'descr': '<u8', 'fortran_order': False, 'shape': (1,), }", strings.Repeat("\xff", 8)), ": element 0 is 18446744073709551615, beyond"},
		{"x.npy", npy("{'descr': '<U1', 'fortran_order': False, 'shape': (1,), }", strings.Repeat("\xff", 4)), ": string 0 has 0xffffffff, which is no character"},
		{"x.npy", npy("{'descr': '<U1', 'fortran_order': False, 'shape': (1, 1), }", oneF4), ": got strings of shape [1 1], want one string or a list of strings"},
		{"x.npz", "PK", ": is no zip of NumPy arrays: zip: not a valid zip file"},
		{"x.npz", npz("a.txt", ""), ": got the entry \"a.txt\", want names that end in .npy"},
		{"x.npz", npz("a.npy", "x"), ": a: is no NumPy array"},
		{"x.npz", npz("a.npy", f4("", oneF4), "a.npy", f4("", oneF4)), ": a: is there twice"},
		{"x.npz", strings.Replace(stored, oneF4, "\x01\x00\x80\x3f", 1), ": a: zip: checksum error"},
	} {
		t.Run(c.want, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), c.file)
			if err := os.WriteFile(file, []byte(c.data), 0o644); err != nil {
				t.Fatal(err)
			}
			v, err := Read(file, ReadOptions{})
			if err == nil {
				t.Fatalf("got %#v", v)
			}
			if got, ok := strings.CutPrefix(err.Error(), file); !ok || !strings.HasPrefix(strings.TrimPrefix(got, ": got the ending"), strings.TrimPrefix(c.want, "got the ending")) {
				t.Errorf("got  %q\nwant %q", err, c.want)
			}
		})
	}
}

func TestReadPlaces(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := errors.Join(os.Mkdir("d.json", 0o755), os.WriteFile("big.txt", make([]byte, 2000), 0o644)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ file, want string }{
		{"no.json", "no.json: there is no such file"},
		{"d.json", "d.json: is a directory, want a file"},
		{"big.txt", "big.txt: is larger than 1000 bytes\nhint: give a smaller file, or more memory with -mem"},
	} {
		if _, err := Read(c.file, ReadOptions{Limit: 1000}); err == nil || err.Error() != c.want {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
}

// TestBudget: files that are small and say they are large.
func TestBudget(t *testing.T) {
	bomb := npz("a.npy", f4("25000000,", strings.Repeat("\x00", 100_000_000)))
	if len(bomb) > 200_000 {
		t.Fatalf("the packed file has %d bytes", len(bomb))
	}
	for _, c := range []struct {
		name string
		read func() (any, error)
	}{
		{"a zip that unpacks to much", func() (any, error) { return DecodeNPZ("x", []byte(bomb), 1<<20) }},
		{"many small values", func() (any, error) { return DecodeJSON("x", []byte("["+strings.Repeat("1,", 50_000)+"1]"), 1<<20) }},
		{"many empty lines", func() (any, error) { return DecodeText("x", []byte(strings.Repeat("\n", 50_000)), 1<<20) }},
		{"many fields", func() (any, error) { return DecodeCSV("x", []byte(strings.Repeat(",", 50_000)), 1<<20) }},
		{"many lines", func() (any, error) { return DecodeJSONL("x", []byte(strings.Repeat("1\n", 50_000)), 1<<20) }},
		{"one byte an element", func() (any, error) {
			return DecodeNPY("x", []byte(npy("{'descr': '|b1', 'fortran_order': False, 'shape': (1000000,), }", strings.Repeat("\x01", 1_000_000))), 1<<20)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			grown := testing.AllocsPerRun(1, func() {
				if v, err := c.read(); err == nil || !strings.Contains(err.Error(), "take more than 1048576 bytes") {
					t.Errorf("got %T, %v", v, err)
				}
			})
			if grown > 300_000 {
				t.Errorf("%v allocations", grown)
			}
		})
	}
}

func FuzzRead(f *testing.F) {
	for _, c := range values {
		for _, form := range readers {
			var b bytes.Buffer
			var err error
			switch form.ext {
			case ".npz":
				err = WriteNPZ(&b, File{Values: []Named{{"x", c.value}}})
			case ".npy":
				if a := AsArray(c.value); a != nil && !a.IsRagged() {
					err = writeNPY(&b, a.Shape, a.Data)
				}
			default:
				err = WriteJSON(&b, File{Values: []Named{{"x", c.value}}})
			}
			if err != nil {
				f.Fatal(err)
			}
			f.Add(form.ext, b.Bytes())
		}
	}
	f.Add(".npy", []byte(f4("1000000000000, 0", "")))
	f.Add(".npy", []byte(npy("{'descr': '<U0', 'fortran_order': True, 'shape': (9,), }", "abc")))
	f.Add(".csv", []byte("a,b\n1,nan\n,\"x\n\"\n"))
	f.Fuzz(func(t *testing.T, ext string, data []byte) {
		for _, form := range readers {
			if form.ext != ext {
				continue
			}
			v, err := form.read("f", data, 1<<22)
			if err != nil {
				continue
			}
			// What was read can be written, and is read back the same.
			var b bytes.Buffer
			if err := WriteJSON(&b, File{Values: []Named{{"x", v}}}); err != nil {
				t.Fatal(err)
			}
			again, err := DecodeJSON("f", b.Bytes(), 0)
			if err != nil {
				t.Fatalf("%v\n%s", err, b.Bytes())
			}
			if got, _ := again.(*Record).Get("x"); AsArray(v) != nil && !same(got, v) {
				t.Fatalf("got %#v, want %#v", got, v)
			}
		}
	})
}

func TestRecord(t *testing.T) {
	r := rec("a", int64(1), "b", nil)
	if v, ok := r.Get("b"); v != nil || !ok {
		t.Errorf("b: got %v %v", v, ok)
	}
	if _, ok := r.Get("c"); ok || !reflect.DeepEqual(r.Keys, []string{"a", "b"}) {
		t.Errorf("c is there: %v", r)
	}
}
