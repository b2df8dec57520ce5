package token

import (
	"unicode"
	"unicode/utf8"
)

// The classes of GPT-2's pattern.
const (
	spaces = iota
	letters
	digits
	others
)

// class is the class of a character. White space is Unicode's property (U+001C to U+001F are not);
// a byte that is no UTF-8 reads as U+FFFD, which is one of the others.
func class(r rune) int {
	switch {
	case r < utf8.RuneSelf:
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z':
			return letters
		case '0' <= r && r <= '9':
			return digits
		case r == ' ', '\t' <= r && r <= '\r':
			return spaces
		}
		return others
	case unicode.IsLetter(r):
		return letters
	case unicode.IsNumber(r):
		return digits
	case unicode.IsSpace(r):
		return spaces
	}
	return others
}

// nextWord is the length of what GPT-2's pattern matches at the start of a text that is not empty:
//
//	's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
//
// Some alternative matches everywhere, so words tile the text.
func nextWord(s string) int {
	if n := contraction(s); n > 0 {
		return n
	}
	start := 0
	if s[0] == ' ' && len(s) > 1 {
		start = 1
	}
	r, _ := utf8.DecodeRuneInString(s[start:])
	if c := class(r); c != spaces {
		stop, _ := run(s, start, c)
		return stop
	}
	stop, last := run(s, 0, spaces)
	if stop == len(s) || last == 0 {
		return stop
	}
	return last // \s+(?!\S): the last space goes with the word after it
}

// contraction is the length of 's, 't, 're and so on, or 0. The pattern knows only small letters.
func contraction(s string) int {
	if s[0] != '\'' || len(s) < 2 {
		return 0
	}
	switch s[1] {
	case 's', 't', 'm', 'd':
		return 2
	}
	if len(s) > 2 {
		switch s[1:3] {
		case "re", "ve", "ll":
			return 3
		}
	}
	return 0
}

// run is where the characters of class c from start on end, and where the last of them begins.
func run(s string, start, c int) (stop, last int) {
	stop, last = start, start
	for stop < len(s) {
		r, n := rune(s[stop]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(s[stop:])
		}
		if class(r) != c {
			break
		}
		last = stop
		stop += n
	}
	return stop, last
}
