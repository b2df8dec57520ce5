package main

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"interp/nnrt/token"
)

// endOfText is the token between texts.
const endOfText = "<|endoftext|>"

// vocabulary is a byte-level BPE in GPT-2's format: ids are the bytes, the merges in their order and
// the end of text.
type vocabulary struct {
	tokens []string    // as written: each byte one printable character
	merges [][2]string // by rank
}

// spelling is a word as the tokens it is cut into so far.
type spelling struct {
	count  int
	tokens []string
}

// learn merges the most frequent pair of neighbours until every word is one token. Of equally frequent
// pairs the first in order of bytes is merged. words: how often each occurs.
func learn(words map[string]int) vocabulary {
	runes := token.ByteRunes()
	var v vocabulary
	for _, r := range slices.Sorted(slices.Values(runes[:])) {
		v.tokens = append(v.tokens, string(r))
	}
	var open []*spelling
	for _, w := range slices.Sorted(maps.Keys(words)) {
		s := &spelling{count: words[w]}
		for _, b := range []byte(w) {
			s.tokens = append(s.tokens, string(runes[b]))
		}
		open = append(open, s)
	}
	for {
		pair, ok := frequent(open)
		if !ok {
			v.tokens = append(v.tokens, endOfText)
			return v
		}
		v.merges = append(v.merges, pair)
		if merged := pair[0] + pair[1]; !slices.Contains(v.tokens, merged) {
			v.tokens = append(v.tokens, merged)
		}
		for _, s := range open {
			s.merge(pair)
		}
	}
}

// frequent is the pair of neighbours that occurs most often.
func frequent(words []*spelling) (pair [2]string, ok bool) {
	counts := map[[2]string]int{}
	for _, s := range words {
		for i := range len(s.tokens) - 1 {
			counts[[2]string{s.tokens[i], s.tokens[i+1]}] += s.count
		}
	}
	for p, n := range counts {
		order := cmp.Or(cmp.Compare(counts[pair], n), cmp.Compare(p[0], pair[0]), cmp.Compare(p[1], pair[1]))
		if !ok || order < 0 {
			pair, ok = p, true
		}
	}
	return pair, ok
}

// merge joins a pair wherever it stands, from the left.
func (s *spelling) merge(pair [2]string) {
	out := s.tokens[:0]
	for i := 0; i < len(s.tokens); i++ {
		if i+1 < len(s.tokens) && s.tokens[i] == pair[0] && s.tokens[i+1] == pair[1] {
			out = append(out, pair[0]+pair[1])
			i++
			continue
		}
		out = append(out, s.tokens[i])
	}
	s.tokens = out
}

// mergesText is merges.txt.
func (v vocabulary) mergesText() string {
	var out strings.Builder
	out.WriteString("#version: 0.2\n")
	for _, m := range v.merges {
		out.WriteString(m[0] + " " + m[1] + "\n")
	}
	return out.String()
}

// ids are the tokens' numbers, for vocab.json.
func (v vocabulary) ids() map[string]int {
	out := map[string]int{}
	for i, t := range v.tokens {
		out[t] = i
	}
	return out
}
