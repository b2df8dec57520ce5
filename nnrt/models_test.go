package nnrt

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"testing"

	"interp/internal/parity"
	"interp/internal/shared"
)

// readJSON reads a recording of testdata/models.
func readJSON(t *testing.T, into any, elem ...string) {
	t.Helper()
	text, err := os.ReadFile(shared.Repo(append([]string{"testdata", "models"}, elem...)...))
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// highest is the id of the greatest logit, of equals the lowest.
func highest(logits []float32) int32 { return int32(slices.Index(logits, slices.Max(logits))) }

func TestNanoSortSortsAllInputs(t *testing.T) {
	m := open(t, "models", "nano-sort")
	logits := m.Arch().Logits()
	for n := range 729 {
		letters := make([]int32, 6)
		for i, k := range []int{243, 81, 27, 9, 3, 1} {
			letters[i] = int32(n / k % 3)
		}
		ids := slices.Clone(letters)
		for range 6 {
			rows := dense(t, m, ids)[logits]
			ids = append(ids, highest(rows[len(ids)-1]))
		}
		slices.Sort(letters)
		if !slices.Equal(ids[6:], letters) {
			t.Fatalf("%v is sorted to %v", ids[:6], ids[6:])
		}
	}
}

// partial is a tensor that nano-sort's author recorded: base64 of float32.
type partial struct {
	Shape []int  `json:"shape"`
	Data  string `json:"data"`
}

func (p partial) numbers(t *testing.T) []float64 {
	t.Helper()
	raw, err := base64.StdEncoding.DecodeString(p.Data)
	if err != nil {
		t.Fatal(err)
	}
	out := make([]float64, len(raw)/4)
	for i := range out {
		out[i] = float64(math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:])))
	}
	return out
}

func TestNanoSortAgreesWithItsAuthorsActivations(t *testing.T) {
	m := open(t, "models", "nano-sort")
	var file map[string]json.RawMessage
	readJSON(t, &file, "nano-sort", "t0-partials.json")
	get := func(name string) []float64 {
		var p partial
		if err := json.Unmarshal(file[name], &p); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return p.numbers(t)
	}
	ids := get("idx")
	var batch [][][][]float32
	for b := range 3 {
		prompt := make([]int32, 11)
		for i := range prompt {
			prompt[i] = int32(ids[11*b+i])
		}
		batch = append(batch, dense(t, m, prompt))
	}
	for _, s := range []struct {
		name  string
		layer int
		kind  string
	}{
		{"tok_emb", -1, "wte"}, {"x", 0, "resid_pre"}, {"ln1", 0, "ln1"}, {"y", 0, "z"}, {"yProj", 0, "attn_out"},
		{"attnResid", 0, "resid_mid"}, {"ln2", 0, "ln2"}, {"fc", 0, "pre"}, {"gelu", 0, "post"}, {"mlp", 0, "mlp_out"},
		{"block0", 1, "resid_pre"}, {"block1", 2, "resid_pre"}, {"block2", 3, "resid_pre"}, {"ln_f", 3, "lnf"}, {"lm_head", 3, "logits"},
	} {
		p, ok := m.Arch().Named(s.layer, s.kind)
		if !ok {
			t.Fatalf("there is no %s", s.kind)
		}
		var got []float32
		for _, rows := range batch {
			got = append(got, slices.Concat(rows[p]...)...)
		}
		want := get(s.name)
		if len(got) != len(want) {
			t.Fatalf("%s has %d numbers, want %d", s.name, len(got), len(want))
		}
		for i := range got {
			if d := math.Abs(float64(got[i]) - want[i]); !(d <= 1e-5) {
				t.Fatalf("%s is the first to diverge: number %d is %v, want %v", s.name, i, got[i], want[i])
			}
		}
	}
}

func TestTinyStoriesAgreesWithItsRecordedLogits(t *testing.T) {
	m := open(t, "models", "tinystories-char")
	var file struct {
		Runs map[string]struct {
			IDs    []int32   `json:"ids"`
			Logits []float64 `json:"last_logits"`
		} `json:"runs"`
		A int32 `json:"token_A"`
		B int32 `json:"token_B"`
		// by run
		Clean, Corrupted string
		CleanDiff        float64 `json:"clean_diff"`
		CorruptedDiff    float64 `json:"corrupted_diff"`
	}
	readJSON(t, &file, "tinystories-char", "golden.json")
	for text, run := range file.Runs {
		t.Run(fmt.Sprintf("%q", text), func(t *testing.T) {
			ids, err := m.Tokenizer().Encode(text)
			if err != nil || !slices.Equal(ids, run.IDs) {
				t.Errorf("tokens %v, %v, want %v", ids, err, run.IDs)
			}
			rows := dense(t, m, run.IDs)[m.Arch().Logits()]
			last := rows[len(rows)-1]
			if d := parity.Distance(last, run.Logits); !(d <= near) {
				t.Errorf("logits: relative distance %.2g, want at most %.0g", d, near)
			}
			diff := float64(last[file.A]) - float64(last[file.B])
			for name, want := range map[string]float64{file.Clean: file.CleanDiff, file.Corrupted: file.CorruptedDiff} {
				if name == text && math.Abs(diff-want) > 1e-4 {
					t.Errorf("logit difference %v, want %v", diff, want)
				}
			}
		})
	}
}

func TestIOIAgreesWithItsReference(t *testing.T) {
	m := open(t, "models", "ioi-proto")
	var ref struct {
		Tokens        []int32
		Corrupted     []int32 `json:"corrupted_tokens"`
		John, Mary    int32
		CleanDiff     float64 `json:"clean_diff"`
		CorruptedDiff float64 `json:"corrupted_diff"`
	}
	readJSON(t, &ref, "ioi-proto", "reference.json")
	for _, c := range []struct {
		name string
		ids  []int32
		want float64
	}{{"the clean prompt", ref.Tokens, ref.CleanDiff}, {"the corrupted prompt", ref.Corrupted, ref.CorruptedDiff}} {
		t.Run(c.name, func(t *testing.T) {
			rows := dense(t, m, c.ids)[m.Arch().Logits()]
			last := rows[len(rows)-1]
			if got := float64(last[ref.John] - last[ref.Mary]); math.Abs(got-c.want) > 1e-4 {
				t.Errorf("logit difference %v, want %v", got, c.want)
			}
		})
	}
}
