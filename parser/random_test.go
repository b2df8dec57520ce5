package parser

import (
	"fmt"
	"math/rand"
	"strings"
	"testing"
	"time"

	"interp/grammar"
	"interp/internal/diag"
)

// writer writes random scripts in random layout: blanks, newlines and comments wherever they may stand.
type writer struct {
	r     *rand.Rand
	b     strings.Builder
	depth int // of brackets: newlines are free inside
	field int // of f-strings: none are
}

func (g *writer) put(parts ...string) {
	for _, p := range parts {
		g.b.WriteString(p)
		g.gap()
	}
}

func (g *writer) gap() {
	n := g.r.Intn(40)
	switch {
	case n == 0:
		g.b.WriteString("  \t ")
	case n == 1 && g.depth > 0 && g.field == 0:
		g.b.WriteString("\n   ")
	case n == 2 && g.depth > 0 && g.field == 0:
		g.b.WriteString(" # c, ( { \" \n")
	case n == 3 && g.depth > 0 && g.field == 0:
		g.b.WriteString("\r\n# own\n\n # two\n")
	default:
		g.b.WriteString(" ")
	}
}

func (g *writer) pick(s ...string) string { return s[g.r.Intn(len(s))] }

func (g *writer) within(open, close string, f func()) {
	g.depth++
	g.put(open)
	f()
	g.depth--
	g.put(close)
}

func (g *writer) list(n int, f func()) {
	for i := range n {
		if i > 0 {
			g.put(",")
		}
		f()
	}
	if n > 0 && g.r.Intn(4) == 0 {
		g.put(",")
	}
}

func (g *writer) leaf() {
	g.put(g.pick("x", "y", "layer", "1", "2.5", "-1", "True", "None", `"s { } \u{1F600}"`, "logits", "1e-3", "'q'", `r"\d"`, "5.", "0x1F", "trace"))
}

func (g *writer) expr(d int) {
	if d <= 0 {
		g.leaf()
		return
	}
	switch g.r.Intn(16) {
	case 0, 1, 2:
		g.expr(d - 1)
		g.put(g.pick("+", "-", "*", "/", "//", "%", "@", "**", "==", "<", "and", "or", "in", "not in", "&", "|", ">="))
		g.operand(d - 1)
	case 3:
		g.put(g.pick("-", "+", "~", "not", "- -", "+ -"))
		g.operand(d - 1)
	case 4:
		g.within("(", ")", func() { g.expr(d - 1) })
	case 5:
		g.within("[", "]", func() { g.list(g.r.Intn(4), func() { g.expr(d - 1) }) })
	case 6:
		g.comprehension(d)
	case 7:
		g.within("{", "}", func() {
			keys := []string{"a:", "for:", `"k" :`, "input:"}
			g.list(g.r.Intn(4), func() { g.put(keys[0]); keys = keys[1:]; g.expr(d - 1) })
		})
	case 8:
		g.operand(d - 1)
		g.put("if")
		g.operand(d - 1)
		g.put("else")
		g.expr(d - 1)
	case 9:
		g.fstring(d)
	default:
		g.operand(d)
	}
}

func (g *writer) comprehension(d int) {
	g.within("[", "]", func() {
		g.expr(d - 1)
		g.put("for", "i", ",", "j", "in")
		g.operand(d - 1)
		g.put("if")
		g.operand(d - 1)
	})
}

func (g *writer) fstring(d int) {
	g.field++
	g.b.WriteString(`f"text {{ \u{1F600} {`)
	g.gap()
	g.expr(d - 2)
	g.b.WriteString(g.pick("", ":.2f", ":d") + `}{x} }} end"`)
	g.field--
	g.gap()
}

// operand is one with suffixes.
func (g *writer) operand(d int) {
	if d <= 0 {
		g.leaf()
		return
	}
	g.put(g.pick("x", "y", "layer", "transformer.h[0].input", "input", "model", "tokens", "f"))
	for range g.r.Intn(3) {
		switch g.r.Intn(3) {
		case 0:
			g.put(".", g.pick("clean", "input", "set", "T"))
		case 1:
			g.within("(", ")", func() { g.arguments(d) })
		case 2:
			g.within("[", "]", func() { g.items(d) })
		}
	}
}

func (g *writer) arguments(d int) {
	names := []string{"axis", "set", "model"}
	named := false
	g.list(g.r.Intn(4), func() {
		if named = named || g.r.Intn(3) == 0; named {
			g.put(names[0] + "=")
			names = names[1:]
		}
		g.expr(d - 1)
	})
}

func (g *writer) items(d int) {
	n := 1 + g.r.Intn(3)
	g.list(n, func() {
		switch n--; g.r.Intn(5) {
		case 0:
			g.put(":")
		case 1:
			g.put("...")
		case 2:
			g.expr(d - 2)
			g.put(":")
			g.expr(d - 2)
			g.put(g.pick("", ":", ": 2"))
		case 3:
			if n == 0 {
				g.put("pos", "=")
			}
			g.expr(d - 2)
		default:
			g.expr(d - 2)
		}
	})
}

func (g *writer) block(d int) {
	if g.r.Intn(3) == 0 {
		g.b.WriteString("{ y = 1 ; print x } ")
		return
	}
	g.b.WriteString(g.pick("{", "{ # open") + "\n")
	for range g.r.Intn(4) {
		g.stmt(d - 1)
	}
	g.b.WriteString(g.pick("", "# last\n", "\n\n\n") + "} ")
}

func (g *writer) stmt(d int) {
	kind := g.r.Intn(14)
	if d <= 0 {
		kind = g.r.Intn(7)
	}
	switch kind {
	case 0, 1:
		g.put(g.pick("x", "y", "z[0, :]", "r.a"), g.pick("=", "+="))
		g.expr(3)
	case 2:
		g.put("set", "transformer.h[layer].output[0, pos, :]", g.pick("=", "-="))
		g.expr(3)
	case 3:
		g.put("save", "r[layer, pos]", "=")
		g.expr(3)
	case 4:
		g.put("print")
		g.operand(3)
		g.put(",")
		g.operand(3)
	case 5:
		g.put("assert", "x", ",")
		g.expr(2)
	case 6:
		g.put(g.pick("a , b = f ( x ) ", "f ( x )", "input q = 3", "model 'gpt2'", "- x", "return", "trace = 3"))
	default:
		g.header(kind, d)
	}
	g.b.WriteString(g.pick("\n", "\n", "\n\n\n", " # end\n", ";\n", "\n# own\n", " ; "))
}

func (g *writer) header(kind, d int) {
	switch kind {
	case 7, 8:
		g.ifs(d)
		return
	case 9:
		g.put("for", "i", ",", "x", "in")
		g.operand(2)
	case 10:
		g.put(g.pick("trace", "generate ( max_new_tokens = 3 )"))
	case 11:
		g.put("invoke")
		g.operand(2)
		g.put(g.pick("", "with a , b ( 1 )"))
	case 12:
		g.put("iter", g.pick("1:3", "all", "0", "2 :", "k in 1 : 3", "k in all"))
	case 13:
		g.put(g.pick("edit e", "edit e ( l , h )", "def f ( a , b = 1 )"))
	}
	g.b.WriteString(g.pick("", "", "\n", " # c\n"))
	g.block(d)
}

func (g *writer) ifs(d int) {
	g.put("if")
	g.operand(2)
	g.block(d)
	if g.r.Intn(2) == 0 {
		g.b.WriteString(g.pick("", "\n", " # c\n", "\n\n# own\n") + g.pick("else if x ", "elif x "))
		g.block(d)
	}
	if g.r.Intn(2) == 0 {
		g.b.WriteString(g.pick("", "\n", " # c\n") + "else")
		g.b.WriteString(g.pick("", "\n", " # c\n"))
		g.block(d)
	}
}

// random is a script of n statements, the same for the same seed.
func random(seed int64, n, depth int) string {
	g := &writer{r: rand.New(rand.NewSource(seed))}
	for range n {
		g.stmt(depth)
	}
	return g.b.String()
}

// patience is how long the random tests go on; every seed is new in each.
const patience = 1500 * time.Millisecond

func TestRandomScriptsKeepTheirTreeAndCommentsWhenFormatted(t *testing.T) {
	n := 0
	for end, seed := time.Now().Add(patience), int64(0); time.Now().Before(end) && !t.Failed(); seed++ {
		checkFormat(t, fmt.Sprint("seed ", seed), random(seed, 1+int(seed%6), 3))
		n++
	}
	t.Log(n, "scripts")
}

// TestNoMutantPanics changes random scripts at random places: whatever comes out is parsed, rendered
// and, if it lexes, formatted.
func TestNoMutantPanics(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	bits := []string{"{", "}", "(", ")", "[", "]", `"`, "'", "\n", "#", ";", ",", ":", "=", "if", "else", "for", "in", "not", "...", "**", "-",
		"\\", "\x1b", "\u00e9", "invoke", "save", "{ {", "x", "1", `f"`, "}}", "++", "elif", "iter", "?", "."}
	n, bad := 0, 0
	for end, seed := time.Now().Add(patience), int64(0); time.Now().Before(end); seed++ {
		s := random(seed, 3, 2)
		for range 1 + r.Intn(4) {
			i := r.Intn(len(s) + 1)
			j := min(len(s), i+r.Intn(4))
			s = s[:i] + bits[r.Intn(len(bits))] + s[j:]
		}
		if tryAll(s) {
			bad++
		}
		n++
	}
	t.Log(n, "mutants,", bad, "with errors")
	if bad == 0 || bad == n {
		t.Error("the mutants try nothing")
	}
}

// tryAll does with a text whatever can be done, and says whether it has errors.
func tryAll(s string) bool {
	tree, errs := Parse("m", []byte(s))
	_ = errs.Text("m", s)
	_ = diag.WriteJSON(&strings.Builder{}, "m", s, errs)
	_ = grammar.Dump(&strings.Builder{}, tree)
	_ = grammar.Incomplete(s)
	_, _ = grammar.Format(s)
	return errs.HasErrors()
}
