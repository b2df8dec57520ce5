package token

import (
	"encoding/json"
	"os"
	"slices"
	"testing"
	"time"

	"interp/internal/shared"
)

// gpt2 is the tokenizer of GPT-2 itself.
func gpt2(t testing.TB) *Tokenizer {
	t.Helper()
	tok, err := Load(os.DirFS(shared.Path(t, "data", "gpt2-vocab")))
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

// oracle is a text and the ids that OpenAI's own encoder gives.
type oracle struct {
	Kind string
	S    string
	IDs  []int32
}

func oracles(t testing.TB) []oracle {
	t.Helper()
	text, err := os.ReadFile(shared.Path(t, "data", "tokenizer-oracle.json"))
	if err != nil {
		t.Fatal(err)
	}
	var rows []oracle
	if err := json.Unmarshal(text, &rows); err != nil {
		t.Fatal(err)
	}
	if len(rows) < 4000 {
		t.Fatalf("only %d texts", len(rows))
	}
	return rows
}

func TestIdsAreThoseOfOpenAI(t *testing.T) {
	tok := gpt2(t)
	if tok.Size() != 50257 {
		t.Fatalf("Size = %d, want 50257", tok.Size())
	}
	rows := oracles(t)
	for pass := range 2 { // the second time from the caches
		for _, row := range rows {
			got, err := tok.Encode(row.S)
			if err != nil || !slices.Equal(got, row.IDs) {
				t.Errorf("pass %d, %s: %q: got %v, %v, want %v", pass, row.Kind, row.S, got, err, row.IDs)
			}
			if back, err := tok.Decode(got); err != nil || back != row.S {
				t.Errorf("%q decodes to %q, %v", row.S, back, err)
			}
		}
	}
	t.Logf("%d texts agree", len(rows))
}

func TestEveryTokenOfGPT2DecodesAndIsFound(t *testing.T) {
	tok := gpt2(t)
	for id := range tok.Size() {
		text, err := tok.Decode([]int32{int32(id)})
		if err != nil {
			t.Fatal(err)
		}
		if back, ok := tok.ID(text); !ok || int(back) != id {
			t.Fatalf("token %d is %q, which is token %d, %v", id, text, back, ok)
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	dir := shared.Path(b, "data", "gpt2-vocab")
	for b.Loop() {
		if _, err := Load(os.DirFS(dir)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncode(b *testing.B) {
	tok := gpt2(b)
	rows := oracles(b)
	n, start := 0, time.Now()
	for b.Loop() {
		for _, row := range rows {
			ids, err := tok.Encode(row.S)
			if err != nil {
				b.Fatal(err)
			}
			n += len(ids)
		}
	}
	b.ReportMetric(float64(n)/time.Since(start).Seconds()/1e6, "Mtokens/s")
}
