package token

import (
	"slices"
	"testing"
)

func TestGPT2sPatternSplits(t *testing.T) {
	for _, row := range []struct {
		text string
		want []string
	}{
		{"After John and Mary", []string{"After", " John", " and", " Mary"}},
		{"it's he'd I'm we've you'll they're can't", []string{"it", "'s", " he", "'d", " I", "'m", " we", "'ve", " you", "'ll", " they", "'re", " can", "'t"}},
		{"IT'S 'x '", []string{"IT", "'", "S", " '", "x", " '"}},
		{"'st", []string{"'s", "t"}},
		{"a  b", []string{"a", " ", " b"}},
		{"a   b", []string{"a", "  ", " b"}},
		{"a  ", []string{"a", "  "}},
		{"a\n\nb", []string{"a", "\n", "\n", "b"}},
		{"a\n b", []string{"a", "\n", " b"}},
		{"a \nb", []string{"a", " ", "\n", "b"}},
		{" \u00a0x", []string{" ", "\u00a0", "x"}},
		{"12ab, 3.5", []string{"12", "ab", ",", " 3", ".", "5"}},
		{"x\u2460\u00bd y", []string{"x", "\u2460\u00bd", " y"}},
		{"a\u0300b", []string{"a", "\u0300", "b"}}, // a mark is no letter
		{"a\x1cb", []string{"a", "\x1c", "b"}},     // no white space either
		{"a \x1cb", []string{"a", " \x1c", "b"}},
		{"a\u2028b", []string{"a", "\u2028", "b"}},
		{"a\xff\xfe b", []string{"a", "\xff\xfe", " b"}},
		{" ", []string{" "}},
	} {
		t.Run(row.text, func(t *testing.T) {
			var got []string
			for s := row.text; s != ""; {
				n := nextWord(s)
				got = append(got, s[:n])
				s = s[n:]
			}
			if !slices.Equal(got, row.want) {
				t.Errorf("got %q, want %q", got, row.want)
			}
		})
	}
}

func TestTheLongestSpecialTokenWins(t *testing.T) {
	s := newSpecials(map[string]int32{"<a>": 1, "<a><b>": 2, "<b>": 3, "b>": 4})
	for _, row := range []struct {
		text        string
		start, stop int
		id          int32
	}{
		{"x<a>y", 1, 4, 1}, {"<a><b>", 0, 6, 2}, {"<<b>", 1, 4, 3}, {"ab>", 1, 3, 4}, {"<a", 2, 2, 0}, {"", 0, 0, 0},
	} {
		t.Run(row.text, func(t *testing.T) {
			start, stop, id := s.find(row.text)
			if start != row.start || stop != row.stop || stop > start && id != row.id {
				t.Errorf("got %d to %d, id %d", start, stop, id)
			}
		})
	}
}

func TestTheTableOfBytes(t *testing.T) {
	runes := ByteRunes()
	for b, want := range map[byte]rune{' ': 'Ġ', '\n': 'Ċ', 'a': 'a', 0: 'Ā', 0x7f: 'ġ', 0xad: 'Ń', 0xff: 'ÿ'} {
		if runes[b] != want {
			t.Errorf("byte %#02x is %q, want %q", b, runes[b], want)
		}
	}
	table := newByteTable()
	for b := range 256 {
		text := string([]byte{byte(b), 'x'})
		if back, err := table.decode(table.encode(text)); err != nil || back != text {
			t.Errorf("%q comes back as %q, %v", text, back, err)
		}
	}
}
