package token

import (
	"fmt"
	"strings"
)

// ByteRunes is how GPT-2's files write each byte as one printable character: those printable in
// Latin-1 stand for themselves, the others follow from U+0100 on, so that a space is Ġ.
func ByteRunes() [256]rune {
	var table [256]rune
	next := rune(256)
	for b := range table {
		r := rune(b)
		if r >= '!' && r <= '~' || r >= '¡' && r <= '¬' || r >= '®' {
			table[b] = r
			continue
		}
		table[b] = next
		next++
	}
	return table
}

// byteTable is ByteRunes both ways.
type byteTable struct {
	runes [256]rune
	bytes [256 + 68]int16 // by rune; 68 bytes are not printable; -1: stands for no byte
}

func newByteTable() *byteTable {
	t := &byteTable{runes: ByteRunes()}
	for r := range t.bytes {
		t.bytes[r] = -1
	}
	for b, r := range t.runes {
		t.bytes[r] = int16(b)
	}
	return t
}

// decode is the bytes that a written token stands for.
func (t *byteTable) decode(written string) (string, error) {
	b := make([]byte, 0, len(written))
	for _, r := range written {
		if int(r) >= len(t.bytes) || t.bytes[r] < 0 {
			return "", fmt.Errorf("%q stands for no byte", r)
		}
		b = append(b, byte(t.bytes[r]))
	}
	return string(b), nil
}

// encode writes bytes as the files do.
func (t *byteTable) encode(text string) string {
	var b strings.Builder
	for i := range len(text) {
		b.WriteRune(t.runes[text[i]])
	}
	return b.String()
}
