package results

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The .npy format: magic, version, length of the header, a Python dictionary as text, numbers.
// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html

const (
	npyMagic = "\x93NUMPY"
	mostAxes = 32
)

// writeNPY writes a dense array.
func writeNPY(w io.Writer, shape []int, data any) error {
	switch d := data.(type) {
	case []float32:
		return writeNumbers(w, "<f4", shape, d)
	case []float64:
		return writeNumbers(w, "<f8", shape, d)
	case []int64:
		return writeNumbers(w, "<i8", shape, d)
	case []bool:
		return writeNumbers(w, "|b1", shape, d)
	case []string:
		wide := widest(d)
		return writeNumbers(w, fmt.Sprintf("<U%d", wide), shape, wideRunes(d, wide))
	}
	return fmt.Errorf("results: an array of %T has no NumPy form", data)
}

// writeNumbers writes in parts: a large array takes no second one of bytes.
func writeNumbers[T any](w io.Writer, descr string, shape []int, data []T) error {
	if _, err := w.Write(npyHeader(descr, shape)); err != nil {
		return err
	}
	for part := range slices.Chunk(data, 1<<14) {
		if err := binary.Write(w, binary.LittleEndian, part); err != nil {
			return err
		}
	}
	return nil
}

// widest is the code points of the longest text, at least 1.
func widest(texts []string) int {
	wide := 1
	for _, s := range texts {
		wide = max(wide, utf8.RuneCountInString(s))
	}
	return wide
}

// npyHeader pads the header so that the numbers begin at a multiple of 64 bytes.
func npyHeader(descr string, shape []int) []byte {
	dims := ""
	for _, d := range shape {
		dims += strconv.Itoa(d) + ", "
	}
	if len(shape) == 1 {
		dims = strings.TrimSuffix(dims, " ")
	} else {
		dims = strings.TrimSuffix(dims, ", ")
	}
	text := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", descr, dims)
	const before = len(npyMagic) + 4
	pad := 64 - (before+len(text)+1)%64
	text += strings.Repeat(" ", pad%64) + "\n"
	out := append([]byte(npyMagic), 1, 0)
	out = binary.LittleEndian.AppendUint16(out, uint16(len(text)))
	return append(out, text...)
}

// wideRunes is strings as NumPy has them: equally many code points each, filled up with zeros.
func wideRunes(texts []string, wide int) []uint32 {
	out := make([]uint32, 0, len(texts)*wide)
	for _, s := range texts {
		n := 0
		for _, r := range s {
			out = append(out, uint32(r))
			n++
		}
		out = append(out, make([]uint32, wide-n)...)
	}
	return out
}

var (
	npyDescr   = regexp.MustCompile(`'descr':\s*'([<>|=])([a-zA-Z])(\d+)'`)
	npyFortran = regexp.MustCompile(`'fortran_order':\s*(True|False)`)
	npyShape   = regexp.MustCompile(`'shape':\s*\(([0-9, ]*)\)`)
)

// npyFile is an array as the file has it.
type npyFile struct {
	order   binary.ByteOrder
	kind    string // letter and bytes of an element: f4
	letter  byte
	wide    int
	fortran bool
	shape   []int
}

// parseNPY reads the header and gives what follows it.
func parseNPY(data []byte) (*npyFile, []byte, error) {
	if len(data) < 12 || string(data[:6]) != npyMagic {
		return nil, nil, errors.New("is no NumPy array: it does not begin with \\x93NUMPY")
	}
	from, n := 10, int(binary.LittleEndian.Uint16(data[8:]))
	if data[6] > 1 {
		from, n = 12, int(binary.LittleEndian.Uint32(data[8:]))
	}
	if data[6] < 1 || data[6] > 3 || n > 1<<20 || n > len(data)-from {
		return nil, nil, fmt.Errorf("is no NumPy array: version %d with a header of %d bytes", data[6], n)
	}
	head := string(data[from : from+n])
	descr, fortran, shape := npyDescr.FindStringSubmatch(head), npyFortran.FindStringSubmatch(head), npyShape.FindStringSubmatch(head)
	if descr == nil || fortran == nil || shape == nil {
		return nil, nil, fmt.Errorf("NumPy header %.200q: want plain numbers or strings (no objects, no fields)", head)
	}
	f := &npyFile{order: binary.LittleEndian, letter: descr[2][0], fortran: fortran[1] == "True", shape: []int{}}
	if descr[1] == ">" {
		f.order = binary.BigEndian
	}
	var err error
	if f.wide, err = strconv.Atoi(descr[3]); err != nil || f.wide > 1<<24 {
		return nil, nil, fmt.Errorf("NumPy header: elements of %s bytes", descr[3])
	}
	f.kind = descr[2] + descr[3]
	for _, d := range strings.Split(shape[1], ",") {
		if d = strings.TrimSpace(d); d == "" {
			continue
		}
		k, err := strconv.Atoi(d)
		if err != nil || k > math.MaxInt32 || len(f.shape) == mostAxes {
			return nil, nil, fmt.Errorf("NumPy header: shape (%s): want at most %d lengths below 2^31", shape[1], mostAxes)
		}
		f.shape = append(f.shape, k)
	}
	return f, data[from+n:], nil
}

// decodeNPY reads a dense array of numbers as *Array, one of strings as a string or lists of them.
func decodeNPY(data []byte, b *budget) (any, error) {
	f, body, err := parseNPY(data)
	if err != nil {
		return nil, err
	}
	each := max(f.wide, 1)
	if f.letter == 'U' {
		each *= 4
	}
	n, err := checkedSize(f.shape, math.MaxInt/each)
	if err != nil {
		return nil, err
	}
	if n*each > len(body) {
		return nil, fmt.Errorf("the file ends early: got %d bytes of numbers, want %d", len(body), n*each)
	}
	if err := b.spend(n * max(each, 8)); err != nil {
		return nil, err
	}
	if f.letter == 'U' {
		return f.strings(body, n, b)
	}
	a := &Array{Shape: f.shape, Axes: make([]string, len(f.shape))}
	if a.Data, err = f.numbers(body, n); err != nil {
		return nil, err
	}
	if f.fortran {
		a.Data = rowMajor(a.Data, f.shape)
	}
	return a, nil
}

// Numbers reads n elements of one of NumPy's plain types (f8, i4, b1), the lowest byte first: floats up to
// 32 bits as float32, whole numbers as int64.
func Numbers(kind string, b []byte, n int) (any, error) {
	return (&npyFile{order: binary.LittleEndian, kind: kind}).numbers(b, n)
}

// numbers reads elements of any of NumPy's plain types: floats up to 32 bits as float32, whole
// numbers as int64.
func (f *npyFile) numbers(b []byte, n int) (any, error) {
	o := f.order
	switch f.kind {
	case "f2":
		return read(n, 2, b, func(b []byte) float32 { return half(o.Uint16(b)) }), nil
	case "f4":
		return read(n, 4, b, func(b []byte) float32 { return math.Float32frombits(o.Uint32(b)) }), nil
	case "f8":
		return read(n, 8, b, func(b []byte) float64 { return math.Float64frombits(o.Uint64(b)) }), nil
	case "b1":
		return read(n, 1, b, func(b []byte) bool { return b[0] != 0 }), nil
	case "i1":
		return read(n, 1, b, func(b []byte) int64 { return int64(int8(b[0])) }), nil
	case "u1":
		return read(n, 1, b, func(b []byte) int64 { return int64(b[0]) }), nil
	case "i2":
		return read(n, 2, b, func(b []byte) int64 { return int64(int16(o.Uint16(b))) }), nil
	case "u2":
		return read(n, 2, b, func(b []byte) int64 { return int64(o.Uint16(b)) }), nil
	case "i4":
		return read(n, 4, b, func(b []byte) int64 { return int64(int32(o.Uint32(b))) }), nil
	case "u4":
		return read(n, 4, b, func(b []byte) int64 { return int64(o.Uint32(b)) }), nil
	case "i8":
		return read(n, 8, b, func(b []byte) int64 { return int64(o.Uint64(b)) }), nil
	case "u8":
		out := read(n, 8, b, func(b []byte) int64 { return int64(o.Uint64(b)) })
		for i, v := range out {
			if v < 0 {
				return nil, fmt.Errorf("element %d is %d, beyond the whole numbers of 64 bits", i, uint64(v))
			}
		}
		return out, nil
	}
	return nil, fmt.Errorf("got NumPy's type %s, want f2 f4 f8 i1 i2 i4 i8 u1 u2 u4 u8 b1 or U", f.kind)
}

func read[T any](n, each int, b []byte, f func([]byte) T) []T {
	out := make([]T, n)
	for i := range out {
		out[i] = f(b[i*each:])
	}
	return out
}

// half widens a float of 16 bits.
func half(h uint16) float32 {
	sign, exp, frac := uint32(h>>15)<<31, uint32(h>>10)&31, uint32(h)&1023
	switch {
	case exp == 31:
		return math.Float32frombits(sign | 255<<23 | frac<<13)
	case exp > 0:
		return math.Float32frombits(sign | (exp+112)<<23 | frac<<13)
	}
	v := float32(frac) / (1 << 24)
	return math.Float32frombits(math.Float32bits(v) | sign)
}

// strings reads texts of equal width: a string, or lists of strings.
func (f *npyFile) strings(b []byte, n int, spend *budget) (any, error) {
	if len(f.shape) > 1 {
		return nil, fmt.Errorf("got strings of shape %v, want one string or a list of strings", f.shape)
	}
	if err := spend.spend(n * valueBytes); err != nil {
		return nil, err
	}
	out := make([]any, n)
	for i := range out {
		var s strings.Builder
		for k := range f.wide {
			r := f.order.Uint32(b[(i*f.wide+k)*4:])
			if r == 0 {
				break
			}
			if r > utf8.MaxRune || !utf8.ValidRune(rune(r)) {
				return nil, fmt.Errorf("string %d has %#x, which is no character", i, r)
			}
			s.WriteRune(rune(r))
		}
		out[i] = s.String()
	}
	if len(f.shape) == 0 {
		return out[0], nil
	}
	return out, nil
}

// rowMajor reorders numbers stored with the first index running fastest.
func rowMajor(data any, shape []int) any {
	switch d := data.(type) {
	case []float32:
		return reordered(d, shape)
	case []float64:
		return reordered(d, shape)
	case []int64:
		return reordered(d, shape)
	case []bool:
		return reordered(d, shape)
	}
	return data
}

func reordered[T any](in []T, shape []int) []T {
	out := make([]T, len(in))
	at := make([]int, len(shape))
	for i := range out {
		from, step := 0, 1
		for k, v := range at {
			from += v * step
			step *= shape[k]
		}
		out[i] = in[from]
		for k := len(at) - 1; k >= 0; k-- {
			if at[k]++; at[k] < shape[k] {
				break
			}
			at[k] = 0
		}
	}
	return out
}

// nulled says that a string would lose its end in NumPy's form.
func nulled(s string) bool { return bytes.IndexByte([]byte(s), 0) >= 0 }
