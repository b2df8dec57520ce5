package weights

import (
	"encoding/binary"
	"strings"
	"testing"
)

func TestBrokenFiles(t *testing.T) {
	long := func(n uint64, rest string) []byte {
		return append(binary.LittleEndian.AppendUint64(nil, n), rest...)
	}
	whole := file(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`, 8)
	for _, row := range []struct {
		name string
		data []byte
		want string
	}{
		{"an empty file", nil, "0 bytes is too short"},
		{"seven bytes", []byte("1234567"), "7 bytes is too short"},
		{"a header past the end", long(100, `{}`), "the header says 100 bytes, the file has 2"},
		{"a header length of all ones", long(1<<64-1, `{}`), "the header says 18446744073709551615 bytes"},
		{"a header over the limit", long(maxHeader+1, strings.Repeat(" ", maxHeader+1)), "want at most 16777216"},
		{"an empty header", long(0, ""), "not a JSON object"},
		{"a header that is a list", file(`[]`, 0), "not a JSON object"},
		{"a header that ends early", file(`{"a":`, 0), `tensor "a"`},
		{"a header that ends between fields", file(`{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},`, 0), "not JSON"},
		{"a header of two objects", file(`{}{}`, 0), "goes on after"},
		{"a name that is no string", file(`{1:2}`, 0), "not JSON"},
		{"data without tensors", file(`{}`, 4), "the tensors end at byte 0 of 4"},
		{"the last byte missing", whole[:len(whole)-1], `"a"`},
		{"a byte too many", append(whole[:len(whole):len(whole)], 0), "end at byte 8 of 9"},
		{"two tensors of one name", file(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, 8), `"a" occurs twice`},
		{"overlapping tensors", file(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}`, 12), `tensor "b" overlaps tensor "a"`},
		{"the same bytes twice", file(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`, 8), `tensor "b" overlaps tensor "a"`},
		{"a gap", file(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[5,9]}}`, 9), `bytes 4 to 5 of the data, before tensor "b"`},
		{"offsets past the data", file(`{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}`, 8), `tensor "a": data_offsets [0 12] lie outside`},
		{"offsets in falling order", file(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[8,4]}}`, 8), "lie outside"},
		{"a negative offset", file(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}`, 8), "lie outside"},
		{"an offset past 64 bits", file(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,36893488147419103232]}}`, 8), `tensor "a"`},
		{"one offset", file(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}`, 4), "two data_offsets"},
		{"three offsets", file(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}`, 4), "two data_offsets"},
		{"no dtype", file(`{"a":{"shape":[1],"data_offsets":[0,4]}}`, 4), "want dtype"},
		{"no shape", file(`{"a":{"dtype":"F32","data_offsets":[0,4]}}`, 4), "want dtype, shape"},
		{"null for a tensor", file(`{"a":null}`, 0), `tensor "a": want dtype`},
		{"a number for a tensor", file(`{"a":4}`, 0), `tensor "a"`},
		{"an unknown dtype", file(`{"a":{"dtype":"F31","shape":[1],"data_offsets":[0,4]}}`, 4), `tensor "a": unknown dtype "F31"`},
		{"a negative dimension", file(`{"a":{"dtype":"F32","shape":[-1,-1],"data_offsets":[0,4]}}`, 4), "negative dimension"},
		{"a dimension that is a fraction", file(`{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}`, 4), `tensor "a"`},
		{"a shape whose product overflows", file(`{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}`, 0), "overflows"},
		{"a shape whose bytes overflow", file(`{"a":{"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,0]}}`, 0), "takes 4611686018427387904 elements of 4 bytes"},
		{"a shape too large for its bytes", file(`{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}`, 8), "takes 3 elements of 4 bytes, data_offsets [0 8] give 8"},
		{"bytes that are no whole elements", file(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,6]}}`, 6), "give 6 bytes"},
		{"metadata that is no object of strings", file(`{"__metadata__":{"a":1}}`, 0), "__metadata__"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := Open(folder(map[string][]byte{ModelFile: row.data}))
			wantError(t, err, ModelFile, row.want)
		})
	}
}

func FuzzHeader(f *testing.F) {
	f.Add([]byte(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`), int64(8))
	f.Add([]byte(`{"__metadata__":{"format":"pt"},"a":{"dtype":"BF16","shape":[1,2],"data_offsets":[0,4]},"b":{"dtype":"F16","shape":[],"data_offsets":[4,6]}}`), int64(6))
	f.Add([]byte(`{"a":{"dtype":"I64","shape":[0,9],"data_offsets":[0,0]}}   `), int64(0))
	f.Fuzz(func(t *testing.T, text []byte, data int64) {
		if data < 0 {
			return
		}
		h, err := parseHeader(text, data)
		if err != nil {
			return
		}
		var sum int64
		for name, e := range h.tensors {
			if e.begin < h.raw || e.end < e.begin || e.end > h.raw+data {
				t.Fatalf("%q lies at %d to %d of %d bytes", name, e.begin, e.end, h.raw+data)
			}
			if int64(e.count)*dtypes[e.dtype].size != e.end-e.begin {
				t.Fatalf("%q: %d elements of %s in %d bytes", name, e.count, e.dtype, e.end-e.begin)
			}
			sum += e.end - e.begin
		}
		if sum != data {
			t.Fatalf("tensors take %d of %d bytes", sum, data)
		}
	})
}
