package golden

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// words splits a line as a shell does: at blanks, but not in '...' or "...".
func words(line string) ([]string, error) {
	var out []string
	var word strings.Builder
	open, quote := false, rune(0)
	for _, r := range line {
		switch {
		case r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '"' || r == '\'':
			open, quote = true, r
		case r == ' ' || r == '\t':
			if open {
				out = append(out, word.String())
				word.Reset()
			}
			open = false
		default:
			open = true
			word.WriteRune(r)
		}
	}
	if quote != 0 {
		return nil, fmt.Errorf("a %c is never closed", quote)
	}
	if open {
		out = append(out, word.String())
	}
	return out, nil
}

// The options that an archive may give, and what their values are.
const (
	plainOption = iota // any text
	boolOption         // none
	pathOption         // a file
	namedPath          // NAME=FILE
)

var options = map[string]int{
	"set": plainOption, "seed": plainOption, "plan": plainOption, "mem": plainOption, "max-steps": plainOption,
	"threads": plainOption, "dtype": plainOption,
	"quiet": boolOption, "json": boolOption, "shapes": boolOption,
	"o": pathOption, "stats": pathOption, "in": namedPath,
}

var runCommands = []string{"run", "check", "explain"}

// checkArgs refuses what could read or write outside the run's directory, or is not about a run.
func checkArgs(args []string) error {
	if len(args) > 0 && slices.Contains(runCommands, args[0]) {
		args = args[1:]
	}
	for len(args) > 0 {
		arg := args[0]
		args = args[1:]
		name := strings.TrimLeft(arg, "-")
		if name == arg || len(arg)-len(name) > 2 {
			return fmt.Errorf("got %q, want options, after run, check or explain or alone", arg)
		}
		name, value, given := strings.Cut(name, "=")
		kind, ok := options[name]
		switch {
		case name == "model":
			return fmt.Errorf("-model is a line of its own, model: NAME")
		case !ok:
			return fmt.Errorf("-%s cannot stand in an archive", name)
		case kind == boolOption:
			continue
		case !given && len(args) == 0:
			return fmt.Errorf("-%s needs a value", name)
		case !given:
			value, args = args[0], args[1:]
		}
		if kind == namedPath {
			_, value, _ = strings.Cut(value, "=")
		}
		if kind != plainOption && !filepath.IsLocal(value) {
			return fmt.Errorf("-%s %s lies outside the directory of the run", name, value)
		}
	}
	return nil
}

// command says whether the arguments name another command than run.
func command(args []string) string {
	if len(args) > 0 && slices.Contains(runCommands, args[0]) {
		return args[0]
	}
	return "run"
}
