package token

import (
	"cmp"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// save writes vocab.json into a folder and, for a byte-level vocabulary, merges.txt and the list of
// special tokens.
func (m *libModel) save(dir, prefix string) error {
	text, err := m.vocabJSON()
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, prefix+vocabFile), text, 0o644); err != nil {
		return err
	}
	b, ok := m.t.split.(*bpe)
	if !ok {
		return nil
	}
	if err := os.WriteFile(filepath.Join(dir, prefix+mergesFile), []byte(m.mergesText(b)), 0o644); err != nil {
		return err
	}
	text, err = json.Marshal(map[string][]string{"additional_special_tokens": slices.Sorted(maps.Keys(m.t.special.ids))})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, prefix+specialFile), text, 0o644)
}

// vocabJSON is the vocabulary in order of its ids.
func (m *libModel) vocabJSON() ([]byte, error) {
	out := []byte("{")
	for id, w := range m.written {
		key, err := json.Marshal(w)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(id)
		if err != nil {
			return nil, err
		}
		if id > 0 {
			out = append(out, ',')
		}
		out = append(append(append(append(out, '\n'), key...), ": "...), value...)
	}
	return append(out, "\n}\n"...), nil
}

// mergesText is the merges in order of their ranks.
func (m *libModel) mergesText(b *bpe) string {
	pairs := slices.SortedFunc(maps.Keys(b.merges), func(x, y pair) int {
		return cmp.Compare(b.merges[x].rank, b.merges[y].rank)
	})
	var out strings.Builder
	out.WriteString("#version: 0.2\n")
	for _, p := range pairs {
		out.WriteString(m.written[p.left] + " " + m.written[p.right] + "\n")
	}
	return out.String()
}
