package interp

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"interp/internal/results"
)

// tensorFile writes a safetensors file of one tensor x of two elements.
func tensorFile(t *testing.T, dtype string, data []byte) string {
	t.Helper()
	head := fmt.Sprintf(`{"x":{"dtype":%q,"shape":[2],"data_offsets":[0,%d]}}`, dtype, len(data))
	file := binary.LittleEndian.AppendUint64(nil, uint64(len(head)))
	path := filepath.Join(t.TempDir(), "acts.safetensors")
	if err := os.WriteFile(path, append(append(file, head...), data...), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// A file of tensors for -in may hold ids, masks and doubles, not weights alone.
func TestInputTensorsOfEveryType(t *testing.T) {
	tests := []struct {
		dtype, data string
		want        any
	}{
		{"F32", "\x00\x00\x80\x3f\x00\x00\x00\xc0", []float32{1, -2}},
		{"F16", "\x00\x3c\x00\xc0", []float32{1, -2}},
		{"BF16", "\x80\x3f\x00\xc0", []float32{1, -2}},
		{"F64", "\x00\x00\x00\x00\x00\x00\xf0\x3f\x00\x00\x00\x00\x00\x00\x00\xc0", []float64{1, -2}},
		{"I64", "\x01\x00\x00\x00\x00\x00\x00\x00\xfe\xff\xff\xff\xff\xff\xff\xff", []int64{1, -2}},
		{"U64", "\x01\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00", []int64{1, 2}},
		{"I32", "\x01\x00\x00\x00\xfe\xff\xff\xff", []int64{1, -2}},
		{"U32", "\x01\x00\x00\x00\xfe\xff\xff\xff", []int64{1, 1<<32 - 2}},
		{"I16", "\x01\x00\xfe\xff", []int64{1, -2}},
		{"U16", "\x01\x00\xfe\xff", []int64{1, 65534}},
		{"I8", "\x01\xfe", []int64{1, -2}},
		{"U8", "\x01\xfe", []int64{1, 254}},
		{"BOOL", "\x01\x00", []bool{true, false}},
	}
	for _, tt := range tests {
		t.Run(tt.dtype, func(t *testing.T) {
			v, err := ReadInput(tensorFile(t, tt.dtype, []byte(tt.data)), 0)
			if err != nil {
				t.Fatal(err)
			}
			x, _ := v.(*results.Record).Get("x")
			if a := x.(*results.Array); !reflect.DeepEqual(a.Data, tt.want) || !reflect.DeepEqual(a.Shape, []int{2}) {
				t.Errorf("got %v %v, want %v", a.Shape, a.Data, tt.want)
			}
		})
	}
	path := tensorFile(t, "F8_E5M2", []byte{1, 2})
	if _, err := ReadInput(path, 0); err == nil || !strings.HasPrefix(err.Error(), path+`: tensor "x": dtype F8_E5M2`) {
		t.Errorf("a type that cannot be read: got %v, want its path and name", err)
	}
}
