package main

import (
	"slices"
	"strings"

	"interp"
	"interp/nnrt/arch"
)

// complete gives what may follow the text before the cursor: the tails of candidates, and how many
// characters of them stand there.
func (r *repl) complete(line string) (tails []string, length int) {
	if rest, ok := strings.CutPrefix(line, ":"); ok {
		return completeCommand(rest)
	}
	path := lastPath(line)
	switch {
	case strings.TrimSpace(line) == "":
		return []string{"    "}, 0
	case path == "":
		return nil, 0
	}
	if strings.ContainsAny(path, ".[") {
		m := r.session.Model()
		if m == nil {
			return nil, 0
		}
		return completePath(path, m.Runtime().Arch())
	}
	return among(path, append(r.session.Names(), words()...))
}

// among gives the candidates that begin with a word.
func among(word string, candidates []string) (tails []string, length int) {
	slices.Sort(candidates)
	for _, c := range slices.Compact(candidates) {
		if tail, ok := strings.CutPrefix(c, word); ok {
			tails = append(tails, tail)
		}
	}
	return tails, len(word)
}

// completeCommand completes a command of the session, or what it is given.
func completeCommand(line string) ([]string, int) {
	var candidates []string
	name, arg, given := strings.Cut(line, " ")
	switch {
	case !given:
		for _, c := range replCommands() {
			candidates = append(candidates, c.name)
		}
		return among(name, candidates)
	case name != "" && strings.HasPrefix("help", name):
		return among(arg, topics())
	case name != "" && strings.HasPrefix("model", name):
		for _, m := range interp.Models() {
			candidates = append(candidates, m.Name)
		}
		return among(arg, candidates)
	}
	return nil, 0
}

// lastPath is the name or path at the end of a line: letters, digits, dots and whole brackets.
func lastPath(line string) string {
	at := len(line)
	for at > 0 {
		c := line[at-1]
		if c == ']' {
			open := strings.LastIndexByte(line[:at], '[')
			if open < 0 {
				break
			}
			at = open
			continue
		}
		if c != '.' && c != '_' && (c < '0' || c > '9') && (c|32 < 'a' || c|32 > 'z') {
			break
		}
		at--
	}
	return line[at:]
}

// completePath completes a path of sites by its next word.
func completePath(path string, a *arch.Arch) ([]string, int) {
	last := 0
	var plain strings.Builder
	depth := 0
	for i, c := range path {
		switch c {
		case '[':
			depth++
			plain.WriteString("[")
		case ']':
			depth--
			plain.WriteString("]")
			last = i + 1
		case '.':
			last = i + 1
			plain.WriteRune(c)
		default:
			if depth == 0 {
				plain.WriteRune(c)
			}
		}
	}
	var tails []string
	for _, p := range a.Paths() {
		tail, ok := strings.CutPrefix(p, plain.String())
		if !ok || tail == "" {
			continue
		}
		if i := strings.IndexAny(tail[1:], ".["); i >= 0 {
			tail = tail[:i+1]
		}
		tail = strings.TrimSuffix(tail, "]")
		tails = append(tails, tail)
	}
	slices.Sort(tails)
	return slices.Compact(tails), len(path) - last
}
