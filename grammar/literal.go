package grammar

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// IsInt says that the number is written as an integer.
func (n *Number) IsInt() bool {
	return based(n.Text) || !strings.ContainsAny(n.Text, ".eE")
}

func based(t string) bool {
	return len(t) > 1 && t[0] == '0' && strings.ContainsRune("xXoObB", rune(t[1]))
}

// Int is the value of an integer; the lexer has refused those that do not fit.
func (n *Number) Int() int64 {
	v, _ := parseInt(n.Text)
	return v
}

// Float is the value as a float64, also of an integer.
func (n *Number) Float() float64 {
	if n.IsInt() {
		return float64(n.Int())
	}
	v, _ := strconv.ParseFloat(strings.ReplaceAll(n.Text, "_", ""), 64)
	return v
}

// parseInt reads an integer as Python writes it: 1_000, 0x1F, 0b1, 0o7. A 0 before digits is no
// octal, as in 007.
func parseInt(t string) (int64, error) {
	base := 10
	if based(t) {
		base = 0
	}
	return strconv.ParseInt(strings.ReplaceAll(t, "_", ""), base, 64)
}

// Value is the text that a literal stands for.
func (s *String) Value() string {
	t := s.Text
	if t[0] == 'r' {
		return t[2 : len(t)-1]
	}
	return unescape(t[1:len(t)-1], false)
}

// Literal is the text that a piece of an f-string stands for.
func (p *Part) Literal() string { return unescape(p.Text, true) }

// unescape resolves escapes and, in an f-string, doubled braces.
func unescape(t string, braces bool) string {
	if !strings.ContainsRune(t, '\\') && (!braces || !strings.ContainsAny(t, "{}")) {
		return t
	}
	var b strings.Builder
	for i := 0; i < len(t); {
		c := t[i]
		switch {
		case braces && (c == '{' || c == '}'):
			b.WriteByte(c)
			i += 2
		case c != '\\':
			b.WriteByte(c)
			i++
		default:
			n := escapeLen(t[i:])
			if n == 0 {
				return b.String() // the lexer has refused it
			}
			b.WriteString(escaped(t[i : i+n]))
			i += n
		}
	}
	return b.String()
}

// escapeLen is the length of the escape sequence that t begins with, 0 if it is none.
func escapeLen(t string) int {
	if len(t) < 2 {
		return 0
	}
	switch t[1] {
	case 'n', 't', 'r', '\\', '"', '\'':
		return 2
	case 'u':
		if digits := codeDigits(t[2:]); digits != "" {
			if r, err := strconv.ParseUint(digits, 16, 32); err == nil && utf8.ValidRune(rune(r)) && r <= utf8.MaxRune {
				if t[2] == '{' {
					return len(digits) + 4
				}
				return 6
			}
		}
	}
	return 0
}

// codeDigits are the hexadecimal digits of \u00e9 or \u{1F600}, without the \u; "" if badly written.
func codeDigits(t string) string {
	d := t
	if strings.HasPrefix(t, "{") {
		j := strings.IndexByte(t[:min(len(t), 8)], '}')
		if j < 2 {
			return ""
		}
		d = t[1:j]
	} else if len(t) >= 4 {
		d = t[:4]
	} else {
		return ""
	}
	for i := range len(d) {
		if c := d[i] | 0x20; !(c >= '0' && c <= '9' || c >= 'a' && c <= 'f') {
			return ""
		}
	}
	return d
}

func escaped(e string) string {
	switch e[1] {
	case 'n':
		return "\n"
	case 't':
		return "\t"
	case 'r':
		return "\r"
	case 'u':
		r, _ := strconv.ParseUint(codeDigits(e[2:]), 16, 32)
		return string(rune(r))
	}
	return e[1:]
}
