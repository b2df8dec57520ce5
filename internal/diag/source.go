package diag

import (
	"sort"
	"strings"
	"unicode/utf8"
)

// Source is a script with a table of its lines, for turning offsets into lines and columns.
type Source struct {
	Name, Text string
	lines      []int // offset of each line's first byte
}

// NewSource makes the table.
func NewSource(name, text string) *Source {
	s := &Source{Name: name, Text: text, lines: make([]int, 1, strings.Count(text, "\n")+1)}
	for i := 0; ; {
		j := strings.IndexByte(text[i:], '\n')
		if j < 0 {
			return s
		}
		i += j + 1
		s.lines = append(s.lines, i)
	}
}

// Pos is the line and the column of an offset, from 1, the column in characters. An offset outside
// the text is moved to its nearest end.
func (s *Source) Pos(offset int) (line, col int) {
	offset = min(max(offset, 0), len(s.Text))
	line = sort.SearchInts(s.lines, offset+1)
	return line, utf8.RuneCountInString(s.Text[s.lines[line-1]:offset]) + 1
}

// Line is the text of a line counted from 1, without its end.
func (s *Source) Line(line int) string {
	if line < 1 || line > len(s.lines) {
		return ""
	}
	end := len(s.Text)
	if line < len(s.lines) {
		end = s.lines[line] - 1
	}
	return strings.TrimSuffix(s.Text[s.lines[line-1]:end], "\r")
}

// bytesInto is the offset within its line.
func (s *Source) bytesInto(line, offset int) int {
	return min(max(offset, 0), len(s.Text)) - s.lines[line-1]
}
