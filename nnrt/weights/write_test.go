package weights

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestWhatIsWrittenIsRead(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, ModelFile)
	nan := math.Float32frombits(0x7fc12345)
	tensors := []Tensor{
		{"z\"é", []int{2, 3}, []float32{11, 12, 13, 21, 22, nan}},
		{"a", nil, []float32{float32(math.Inf(-1))}},
		{"empty", []int{0, 5}, nil},
	}
	if err := Write(path, tensors, map[string]string{"format": "pt", "by": "test"}); err != nil {
		t.Fatal(err)
	}
	s, err := OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, want := range tensors {
		got, err := s.Read(want.Name)
		if err != nil || !slices.EqualFunc(got, want.Data, func(a, b float32) bool { return math.Float32bits(a) == math.Float32bits(b) }) {
			t.Errorf("%s = %v, %v, want %v", want.Name, got, err, want.Data)
		}
		if info, _ := s.Info(want.Name); !slices.Equal(info.Shape, want.Shape) {
			t.Errorf("%s has shape %v, want %v", want.Name, info.Shape, want.Shape)
		}
	}
	if m := s.Metadata(); m["by"] != "test" || len(m) != 2 {
		t.Errorf("metadata = %v", m)
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("files left: %v", left)
	}
}

func TestAFailedWriteLeavesTheOldFile(t *testing.T) {
	for _, row := range []struct {
		name    string
		tensors []Tensor
		want    string
	}{
		{"data that does not fill its shape", []Tensor{{"a", []int{2}, []float32{1}}}, "1 elements, shape [2] has 2"},
		{"a name twice", []Tensor{{"a", nil, []float32{1}}, {"a", nil, []float32{1}}}, "the name is taken"},
		{"the name of the metadata", []Tensor{{"__metadata__", nil, []float32{1}}}, "the name is taken"},
		{"a negative dimension", []Tensor{{"a", []int{-1, -1}, []float32{1}}}, "shape [-1 -1]"},
	} {
		t.Run(row.name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "x.safetensors")
			if err := os.WriteFile(path, []byte("old"), 0o644); err != nil {
				t.Fatal(err)
			}
			wantError(t, Write(path, row.tensors, nil), path, row.want)
			if old, _ := os.ReadFile(path); string(old) != "old" {
				t.Errorf("the old file holds %q", old)
			}
			if left, _ := os.ReadDir(dir); len(left) != 1 {
				t.Errorf("files left: %v", left)
			}
		})
	}
	wantError(t, Write(filepath.Join(t.TempDir(), "no", "x"), nil, nil), "no such file")
}

func TestHashKnowsTheWeightsAndNotTheLayout(t *testing.T) {
	a := Tensor{"a", []int{2}, []float32{1, 2}}
	b := Tensor{"b", []int{1}, []float32{3}}
	hash := func(files map[string][]byte) string {
		h, err := open(t, files).Hash()
		if err != nil || len(h) != 16 {
			t.Fatalf("Hash = %q, %v", h, err)
		}
		return h
	}
	encode := func(tensors ...Tensor) []byte {
		var out strings.Builder
		if err := Encode(&out, tensors, nil); err != nil {
			t.Fatal(err)
		}
		return []byte(out.String())
	}
	one := hash(map[string][]byte{ModelFile: encode(a, b)})
	for name, files := range map[string]map[string][]byte{
		"the other order": {ModelFile: encode(b, a)},
		"two shards":      {IndexFile: []byte(`{"weight_map":{"a":"a.st","b":"b.st"}}`), "a.st": encode(a), "b.st": encode(b)},
	} {
		if got := hash(files); got != one {
			t.Errorf("%s: hash %s, want %s", name, got, one)
		}
	}
	for name, tensors := range map[string][]Tensor{
		"another value": {a, {"b", []int{1}, []float32{4}}},
		"another name":  {a, {"c", []int{1}, []float32{3}}},
		"another shape": {{"a", []int{2, 1}, []float32{1, 2}}, b},
		"one less":      {a},
	} {
		if got := hash(map[string][]byte{ModelFile: encode(tensors...)}); got == one {
			t.Errorf("%s: the same hash %s", name, got)
		}
	}
}
