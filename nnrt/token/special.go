package token

import (
	"cmp"
	"slices"
)

// specials are the tokens that are recognised in text as they stand, before it is split. At one place
// the longest wins; otherwise the one that begins first.
type specials struct {
	ids     map[string]int32
	lengths [256][]int // by first byte: the lengths of those that begin so, longest first
}

func newSpecials(ids map[string]int32) *specials {
	s := &specials{ids: ids}
	for text := range ids {
		list := &s.lengths[text[0]]
		if !slices.Contains(*list, len(text)) {
			*list = append(*list, len(text))
		}
	}
	for _, list := range s.lengths {
		slices.SortFunc(list, func(a, b int) int { return cmp.Compare(b, a) })
	}
	return s
}

// find is the first special token in a text, from start up to stop; both are the text's length
// where there is none.
func (s *specials) find(text string) (start, stop int, id int32) {
	if len(s.ids) == 0 {
		return len(text), len(text), 0
	}
	for i := range len(text) {
		for _, n := range s.lengths[text[i]] {
			if n > len(text)-i {
				continue
			}
			if id, ok := s.ids[text[i:i+n]]; ok {
				return i, i + n, id
			}
		}
	}
	return len(text), len(text), 0
}
