package token

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf8"
)

// entry is one line of a vocabulary as the file writes it.
type entry struct {
	text string
	id   int64
}

// listing is a vocabulary as a file has it: its entries in the file's order, and each one's id.
type listing struct {
	entries []entry
	ids     map[string]int64
}

// add appends an entry; a text that is there already is an error.
func (l *listing) add(e entry) error {
	if _, ok := l.ids[e.text]; ok {
		return fmt.Errorf("%q occurs twice", e.text)
	}
	l.ids[e.text] = e.id
	l.entries = append(l.entries, e)
	return nil
}

// parseListing reads a JSON object of texts and ids. It is written by hand because decoding into a map
// hides a text that occurs twice, and the decoder's tokens take a fifth of a second on GPT-2's file.
func parseListing(text []byte) (*listing, error) {
	l := &listing{ids: make(map[string]int64, len(text)/20)}
	s := scanner{text: text}
	if !s.take('{') {
		return nil, errors.New("not a JSON object of texts and ids")
	}
	for first := true; !s.take('}'); first = false {
		if !first && !s.take(',') {
			return nil, s.errorf("want a comma or the closing brace")
		}
		e, err := s.entry()
		if err != nil {
			return nil, err
		}
		if err := l.add(e); err != nil {
			return nil, err
		}
	}
	if s.skip(); s.at < len(s.text) {
		return nil, s.errorf("want nothing after the object")
	}
	return l, nil
}

// scanner reads the tokens of JSON that a listing needs.
type scanner struct {
	text []byte
	at   int
}

func (s *scanner) errorf(format string, args ...any) error {
	return fmt.Errorf("not JSON of texts and ids: byte %d: "+format, append([]any{s.at}, args...)...)
}

// skip passes over white space.
func (s *scanner) skip() {
	for s.at < len(s.text) {
		switch s.text[s.at] {
		case ' ', '\t', '\n', '\r':
			s.at++
		default:
			return
		}
	}
}

// take passes over a character, if it is the next.
func (s *scanner) take(c byte) bool {
	s.skip()
	if s.at < len(s.text) && s.text[s.at] == c {
		s.at++
		return true
	}
	return false
}

func (s *scanner) entry() (entry, error) {
	text, err := s.string()
	if err != nil {
		return entry{}, err
	}
	if !s.take(':') {
		return entry{}, s.errorf("want a colon after %s", quote(text))
	}
	s.skip()
	start := s.at
	for s.at < len(s.text) && (s.text[s.at] == '-' || '0' <= s.text[s.at] && s.text[s.at] <= '9') {
		s.at++
	}
	id, err := strconv.ParseInt(string(s.text[start:s.at]), 10, 64)
	if err != nil {
		return entry{}, s.errorf("want a whole number for the id of %s", quote(text))
	}
	return entry{text, id}, nil
}

// string reads a text in quotes.
func (s *scanner) string() (string, error) {
	if !s.take('"') {
		return "", s.errorf("want a text in quotes")
	}
	var buf [64]byte // most texts fit
	out := buf[:0]
	for s.at < len(s.text) {
		switch c := s.text[s.at]; {
		case c == '"':
			s.at++
			if !utf8.Valid(out) {
				return "", s.errorf("%s is not UTF-8", quote(string(out)))
			}
			return string(out), nil
		case c < ' ':
			return "", s.errorf("a control character in a text")
		case c == '\\':
			r, err := s.escape()
			if err != nil {
				return "", err
			}
			out = utf8.AppendRune(out, r)
		default:
			out = append(out, c)
			s.at++
		}
	}
	return "", s.errorf("a text without its closing quote")
}

// escape reads what a backslash begins; \u comes in pairs for what lies past U+FFFF.
func (s *scanner) escape() (rune, error) {
	n := 2
	if s.at+1 < len(s.text) && s.text[s.at+1] == 'u' {
		n = 6
		if r := s.hex(s.at); 0xd800 <= r && r < 0xdc00 {
			n = 12
		}
	}
	if s.at+n > len(s.text) {
		return 0, s.errorf("an escape without its end")
	}
	if r := s.hex(s.at); n == 6 && r >= 0 && (r < 0xd800 || r > 0xdfff) { // the usual one, quickly
		s.at += n
		return r, nil
	}
	var one string
	err := json.Unmarshal(append(append([]byte{'"'}, s.text[s.at:s.at+n]...), '"'), &one)
	r, size := utf8.DecodeRuneInString(one)
	if err != nil || size != len(one) || r == utf8.RuneError {
		return 0, s.errorf("the escape %q", s.text[s.at:s.at+n])
	}
	s.at += n
	return r, nil
}

// hex is the value of the \uXXXX at a place, or -1.
func (s *scanner) hex(at int) rune {
	if at+6 > len(s.text) {
		return -1
	}
	r := rune(0)
	for _, c := range s.text[at+2 : at+6] {
		switch {
		case '0' <= c && c <= '9':
			r = r<<4 | rune(c-'0')
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return -1
		}
	}
	return r
}
