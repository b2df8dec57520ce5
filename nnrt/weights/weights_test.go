package weights

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/fstest"

	"interp/internal/shared"
)

// halves are elements written out by hand: their bits and their value.
var halves = []struct {
	bits  uint16
	value float32
}{
	{0x0000, 0}, {0x3c00, 1}, {0xc000, -2}, {0x3555, 0.333251953125}, {0x7bff, 65504},
	{0x0001, 5.9604644775390625e-08}, {0x03ff, 6.097555160522461e-05}, {0x0400, 6.103515625e-05}, {0x8001, -5.9604644775390625e-08},
	{0x7c00, float32(math.Inf(1))}, {0xfc00, float32(math.Inf(-1))},
}

func TestHalvesWidenExactly(t *testing.T) {
	for _, row := range halves {
		if got := float16(row.bits); got != row.value {
			t.Errorf("float16(%#04x) = %v, want %v", row.bits, got, row.value)
		}
	}
	if got := float16(0x8000); got != 0 || !math.Signbit(float64(got)) {
		t.Errorf("float16(0x8000) = %v, want -0", got)
	}
	if got := float16(0x7e01); got == got {
		t.Errorf("float16(0x7e01) = %v, want NaN", got)
	}
	for h := range 1 << 16 { // against the definition, in float64
		exp, frac := h>>10&0x1f, float64(h&0x3ff)
		want := math.Ldexp(1+frac/1024, exp-15)
		if exp == 0 {
			want = math.Ldexp(frac/1024, -14)
		}
		if exp != 31 && math.Abs(float64(float16(uint16(h)))) != want {
			t.Fatalf("float16(%#04x) = %v, want %v", h, float16(uint16(h)), want)
		}
	}
}

// mixed holds one tensor of each readable type, one that is not, a number and an empty one.
func mixed() []byte {
	data := []byte{0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0, 0, 0, 0x40, 0x40, 0, 0, 0x80, 0xc0} // 1 -2 3 -4
	data = append(data, 0x80, 0x3f, 0x00, 0xc0)                                         // bf16 1 -2
	data = append(data, 0x00, 0x3c, 0x00, 0xc0)                                         // f16 1 -2
	data = append(data, 7)                                                              // u8, so that what follows is misaligned
	data = append(data, 0, 0, 0x28, 0x42)                                               // 42
	head := file(`{"__metadata__":{"format":"pt"},"m":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},`+
		`"b":{"dtype":"BF16","shape":[2],"data_offsets":[16,20]},"h":{"dtype":"F16","shape":[2,1],"data_offsets":[20,24]},`+
		`"mask":{"dtype":"U8","shape":[1],"data_offsets":[24,25]},"one":{"dtype":"F32","shape":[],"data_offsets":[25,29]},`+
		`"none":{"dtype":"F32","shape":[0,3],"data_offsets":[29,29]}}`, 0)
	return append(head, data...)
}

func open(t *testing.T, files map[string][]byte) *Set {
	t.Helper()
	s, err := Open(folder(files))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestReadsWidenToFloat32(t *testing.T) {
	s := open(t, map[string][]byte{ModelFile: mixed()})
	for name, want := range map[string][]float32{
		"m": {1, -2, 3, -4}, "b": {1, -2}, "h": {1, -2}, "one": {42}, "none": {},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := s.Read(name)
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("Read = %v, %v, want %v", got, err, want)
			}
			dst := make([]float32, len(want))
			if err := s.ReadF32(name, dst); err != nil || !slices.Equal(dst, want) {
				t.Errorf("ReadF32 = %v, %v, want %v", dst, err, want)
			}
			wantError(t, s.ReadF32(name, make([]float32, len(want)+1)), ModelFile, fmt.Sprintf("%q", name), "room for")
		})
	}
	if got := fmt.Sprint(s.Names()); got != "[b h m mask none one]" {
		t.Errorf("Names = %s", got)
	}
	if info, ok := s.Info("m"); !ok || info.DType != F32 || fmt.Sprint(info.Shape) != "[2 2]" || info.Count != 4 {
		t.Errorf("Info = %v %v", info, ok)
	}
	if got := s.Metadata()["format"]; got != "pt" {
		t.Errorf("metadata format = %q", got)
	}
	if s.Bytes() != 29 {
		t.Errorf("Bytes = %d, want 29", s.Bytes())
	}
}

func TestRowsAreReadApart(t *testing.T) {
	s := open(t, map[string][]byte{ModelFile: mixed()})
	for _, row := range []struct {
		name     string
		from, to int
		want     []float32
		err      string
	}{
		{"m", 1, 2, []float32{3, -4}, ""},
		{"m", 0, 2, []float32{1, -2, 3, -4}, ""},
		{"h", 1, 2, []float32{-2}, ""},
		{"m", 1, 1, nil, ""},
		{"none", 0, 0, nil, ""},
		{"m", 1, 3, nil, "rows 1 to 3, the tensor has 2"},
		{"m", -1, 1, nil, "rows -1 to 1"},
		{"m", 2, 1, nil, "rows 2 to 1"},
		{"one", 0, 1, nil, "no rows"},
	} {
		t.Run(fmt.Sprintf("%s %d to %d", row.name, row.from, row.to), func(t *testing.T) {
			got, err := s.ReadRows(row.name, row.from, row.to)
			if row.err != "" {
				wantError(t, err, ModelFile, row.name, row.err)
			} else if err != nil || !slices.Equal(got, row.want) {
				t.Errorf("got %v, %v, want %v", got, err, row.want)
			}
		})
	}
}

func TestWhatCannotBeReadSaysWhy(t *testing.T) {
	s := open(t, map[string][]byte{ModelFile: mixed()})
	_, err := s.Read("mask")
	wantError(t, err, ModelFile, `"mask"`, "dtype U8, want F32, F16 or BF16")
	_, err = s.Read("nothing")
	wantError(t, err, ModelFile, `no tensor "nothing"`)
	if _, ok := s.Info("nothing"); ok {
		t.Error("Info knows a tensor that is not there")
	}
}

func TestAnIndexThatIsAPipeIsNotWaitedFor(t *testing.T) {
	_, err := Open(fstest.MapFS{IndexFile: {Mode: fs.ModeNamedPipe}})
	wantError(t, err, IndexFile, "not a regular file")
}

func TestShards(t *testing.T) {
	one := file(`{"a":{"dtype":"BF16","shape":[1],"data_offsets":[0,2]},"spare":{"dtype":"BF16","shape":[1],"data_offsets":[2,4]}}`, 4)
	two := file(`{"b":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}}`, 4)
	shards := func(index string) map[string][]byte {
		return map[string][]byte{IndexFile: []byte(index), "1.safetensors": one, "2.safetensors": two, "broken.safetensors": two[:9]}
	}
	good := shards(`{"metadata":{"total_size":6},"weight_map":{"b":"2.safetensors","a":"1.safetensors"}}`)
	t.Run("are read as one", func(t *testing.T) {
		s := open(t, good)
		if got := fmt.Sprint(s.Names()); got != "[a b]" {
			t.Errorf("Names = %s", got)
		}
		b, err := s.Read("b")
		if err != nil || len(b) != 2 || math.Float32bits(b[1]) != 0x03020000 {
			t.Errorf("b = %v, %v", b, err)
		}
	})
	for _, row := range []struct{ name, index, want string }{
		{"an index that is not JSON", `{`, "not JSON"},
		{"an index without a map", `{}`, "no weight_map"},
		{"an empty map", `{"weight_map":{}}`, "weight_map is empty"},
		{"a map that is a list", `{"weight_map":[]}`, "not a JSON object"},
		{"a file that is no string", `{"weight_map":{"a":1}}`, `tensor "a"`},
		{"a missing shard", `{"weight_map":{"a":"3.safetensors"}}`, `tensor "a": 3.safetensors: file does not exist`},
		{"a broken shard", `{"weight_map":{"a":"broken.safetensors"}}`, `broken.safetensors: the header says`},
		{"a path out of the folder", `{"weight_map":{"a":"../1.safetensors"}}`, `"../1.safetensors" is not the name of a file`},
		{"an absolute path", `{"weight_map":{"a":"/etc/passwd"}}`, "is not the name of a file"},
		{"a path with backslashes", `{"weight_map":{"a":"..\\1"}}`, "is not the name of a file"},
		{"a tensor that its shard lacks", `{"weight_map":{"a":"2.safetensors"}}`, `tensor "a" is not in 2.safetensors`},
		{"a name twice", `{"weight_map":{"a":"1.safetensors","a":"2.safetensors"}}`, `"a" occurs twice`},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := Open(folder(shards(row.index)))
			wantError(t, err, IndexFile, row.want)
		})
	}
}

func TestFoldersWithoutWeights(t *testing.T) {
	_, err := Open(folder(nil))
	wantError(t, err, "neither model.safetensors nor")
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v is not fs.ErrNotExist", err)
	}
	_, err = Open(folder(map[string][]byte{"pytorch_model.bin": nil}))
	wantError(t, err, "pytorch_model.bin", "convert")
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, ModelFile), 0o755); err != nil {
		t.Fatal(err)
	}
	_, err = OpenDir(dir)
	wantError(t, err, dir, "not a regular file")
}

func TestAFileCutOffWhileOpenIsAnError(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, ModelFile)
	if err := Write(path, []Tensor{{Name: "w", Shape: []int{1 << 16}, Data: make([]float32, 1<<16)}}, nil); err != nil {
		t.Fatal(err)
	}
	s, err := OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := os.Truncate(path, 1000); err != nil {
		t.Fatal(err)
	}
	_, err = s.Read("w")
	wantError(t, err, ModelFile, `tensor "w"`, "cut off while it was open")
	_, err = s.Hash()
	wantError(t, err, "cut off")
}

func TestReadsMayRunAtOnce(t *testing.T) {
	s, err := OpenDir(shared.Repo("testdata", "models", "ioi-proto"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	want := map[string][]float32{}
	for _, name := range s.Names() {
		if want[name], err = s.Read(name); err != nil {
			t.Fatal(err)
		}
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for _, name := range s.Names() {
				if got, err := s.Read(name); err != nil || !slices.Equal(got, want[name]) {
					t.Errorf("%s: %v", name, err)
				}
			}
		})
	}
	wg.Wait()
}

func TestTrainedModelsOpen(t *testing.T) {
	for folder, shape := range map[string]string{"ioi-proto": "[630 128]", "nano-sort": "[3 48]", "tinystories-char": "[169 64]"} {
		t.Run(folder, func(t *testing.T) {
			s, err := OpenDir(shared.Repo("testdata", "models", folder))
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			info, ok := s.Info("transformer.wte.weight")
			if !ok || fmt.Sprint(info.Shape) != shape {
				t.Errorf("wte has shape %v, want %s", info.Shape, shape)
			}
		})
	}
}
