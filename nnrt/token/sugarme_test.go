package token

import (
	"errors"
	"maps"
	"os"
	"slices"
	"testing"

	"github.com/sugarme/tokenizer"
)

func TestTheLibrarysInterfaceGivesOurIds(t *testing.T) {
	tok := gpt2(t)
	lib, err := tok.Sugarme()
	if err != nil {
		t.Fatal(err)
	}
	rows := oracles(t)
	for i, row := range rows {
		if testing.Short() && i%10 != 0 {
			continue
		}
		enc, err := lib.EncodeSingle(row.S)
		if err != nil {
			t.Fatalf("%q: %v", row.S, err)
		}
		ids := make([]int32, len(enc.Ids))
		for i, id := range enc.Ids {
			ids[i] = int32(id)
		}
		if !slices.Equal(ids, row.IDs) {
			t.Errorf("%s: %q: got %v, want %v", row.Kind, row.S, ids, row.IDs)
		}
		if back := lib.Decode(enc.Ids, false); back != row.S {
			t.Errorf("%q decodes to %q", row.S, back)
		}
	}
}

func TestTheLibrarysViewOfAToken(t *testing.T) {
	tok := tiny(t)
	lib, err := tok.Sugarme()
	if err != nil {
		t.Fatal(err)
	}
	enc, err := lib.EncodeSingle("ab<end> ab")
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"ab", "<end>", "Ġab"}; !slices.Equal(enc.Tokens, want) {
		t.Errorf("tokens = %q, want %q", enc.Tokens, want)
	}
	if want := [][]int{{0, 2}, {2, 7}, {7, 10}}; !slices.EqualFunc(enc.Offsets, want, slices.Equal[[]int]) {
		t.Errorf("offsets = %v, want %v", enc.Offsets, want)
	}
	id, ok := lib.TokenToId("Ġab")
	if name, ok2 := lib.IdToToken(id); !ok || !ok2 || name != "Ġab" {
		t.Errorf("token %d is %q", id, name)
	}
	if _, ok := lib.IdToToken(1000); ok {
		t.Error("token 1000 exists")
	}
	if n := lib.GetVocabSize(true); n != tok.Size() || len(lib.GetVocab(true)) != n {
		t.Errorf("size = %d, want %d", n, tok.Size())
	}
	words, err := lib.GetModel().Tokenize("Ġaba")
	if err != nil || len(words) != 2 || words[0].Value != "Ġab" || words[1].Value != "a" || words[1].Offsets[0] != len("Ġab") {
		t.Errorf("the model makes %v of a word, %v", words, err)
	}
	if _, err := lib.GetModel().Tokenize("日"); err == nil {
		t.Error("the model takes a character that stands for no byte")
	}
	if _, err := lib.EncodeSingle("z"); err == nil {
		t.Error("a byte without a token is no error")
	}
}

func TestTheLibrarysModelSavesWhatLoadReads(t *testing.T) {
	for _, name := range []string{"ioi-proto", "tinystories-char", "tiny"} {
		t.Run(name, func(t *testing.T) {
			tok := tiny(t)
			if name != "tiny" {
				tok = trained(t, name)
			}
			lib, err := tok.Sugarme()
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			if err := lib.GetModel().Save(dir); err != nil {
				t.Fatal(err)
			}
			again, err := Load(os.DirFS(dir))
			if err != nil || !slices.Equal(again.texts, tok.texts) {
				t.Errorf("the saved vocabulary differs: %v", err)
			}
			if !maps.Equal(again.special.ids, tok.special.ids) {
				t.Errorf("special tokens are %v, want %v", again.special.ids, tok.special.ids)
			}
			if b, ok := tok.split.(*bpe); ok && len(again.split.(*bpe).merges) != len(b.merges) {
				t.Errorf("the saved merges differ")
			}
		})
	}
}

func TestThereIsNoLibraryViewOfIdsOnly(t *testing.T) {
	if lib, err := new(Tokenizer).Sugarme(); lib != (*tokenizer.Tokenizer)(nil) || !errors.Is(err, ErrNone) {
		t.Errorf("got %v, %v", lib, err)
	}
}
