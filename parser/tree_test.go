package parser

import (
	"strings"
	"sync"
	"testing"

	"interp/grammar"
)

// trees are scripts with their dumps; a row of several lines has the lines of the dump joined by " / ".
var trees = []struct{ name, src, want string }{
	{"an expression", "x", "expr x"},
	{"assignments", "x = 1\na, b = f(x)\nr.a[0] += 2\nx /= 2", "assign = x <- 1 / assign = a, b <- f(x) / assign += r.a[0] <- 2 / assign /= x <- 2"},
	{"unpacking a pair", "a, b = b, a", "assign = a, b <- b, a"},
	{"set", "set h[0].output[:, -1] *= 2", "set *= h[0].output[:, (- 1)] 2"},
	{"save", "save x = 1\nsave y[i, j,] = f(2)", "save x 1 / save y[i, j] f(2)"},
	{"model and input", "model \"gpt2\"\ninput p\ninput l = 5", `model "gpt2" / input p / input l 5`},
	{"print, assert, return", "print\nprint a, b\nassert x, \"no\"\nreturn\nreturn a, b", `print / print a, b / assert x "no" / return / return a, b`},
	{"def", "def f(a, b=1,) { return a }\ndef g() { }", "def f(a, b=1) /     return a / def g()"},
	{"if", "if a { x } else if b { y } elif c { } else { z }", "if a /     expr x / else if b /     expr y / else if c / else /     expr z"},
	{"for", "for i, x in enumerate(xs) { }", "for i, x in enumerate(xs)"},
	{"trace and generate", "trace { a }\ntrace(model=m) { }\ngenerate(max_new_tokens=3) { }", "trace /     expr a / trace(model=m) / generate(max_new_tokens=3)"},
	{"invoke", "invoke p { }\ninvoke [a, b] with e(1, 2), f { x }\ninvoke p with [e(h) for h in hs] { }",
		"invoke p / invoke [a, b] with e(1, 2), f /     expr x / invoke p with [e(h) for h in hs]"},
	{"iter", "iter 2 { }\niter 1:3 { }\niter 1: { }\niter :3 { }\niter all { }\niter k in 1:3 { }\niter k in all { }\niter n - 1 { }",
		"iter 2 / iter 1:3 / iter 1: / iter :3 / iter all / iter k in 1:3 / iter k in all / iter (- n 1)"},
	{"edit", "edit e { set x = 0 }\nedit e(l, h=1) { }", "edit e /     set = x 0 / edit e(l, h=1)"},
	{"blocks in blocks", "if a { if b { c }; d }", "if a /     if b /         expr c /     expr d"},
	{"a statement after a block", "if a { b } c", "if a /     expr b / expr c"},

	{"levels", "x = a or b and not c == d | e & f + g * -h ** i", "assign = x <- (or a (and b (not (compare c == (| d (& e (+ f (* g (- (** h i))))))))))"},
	{"left and right", "x = a - b - c ** d ** e", "assign = x <- (- (- a b) (** c (** d e)))"},
	{"a power of a sign", "x = 2 ** -1", "assign = x <- (** 2 (- 1))"},
	{"division", "x = a / b // c % d @ e", "assign = x <- (@ (% (// (/ a b) c) d) e)"},
	{"chains", "x = 0 < a <= b != c not in d in e", "assign = x <- (compare 0 < a <= b != c not in d in e)"},
	{"not binds less than comparing", "x = not a in b", "assign = x <- (not (compare a in b))"},
	{"not after an operator of its level", "x = a and not b or not not c", "assign = x <- (or (and a (not b)) (not (not c)))"},
	{"conditions are right-associative", "x = a if b else c if d else e", "assign = x <- (if b a (if d c e))"},
	{"signs", "x = --y + ~z", "assign = x <- (+ (- (- y)) (~ z))"},
	{"brackets", "x = (a + b) * (c)", "assign = x <- (* (group (+ a b)) (group c))"},
	{"lists in round brackets", "x = ()\ny = (a,)\nz = (a, b)", "assign = x <- (list ) / assign = y <- (list a) / assign = z <- (list a, b)"},
	{"lists", "x = []\ny = [1, 2,]\nz = [[1], a]", "assign = x <- [] / assign = y <- [1, 2] / assign = z <- [[1], a]"},
	{"comprehensions", "x = [a if b else c for a, b in z if a if not b for c in a or b]", "assign = x <- [(if b a c) for a, b in z if a if (not b) for c in (or a b)]"},
	{"records", "x = {a: 1, \"b c\": {}, for: 2}.a", `assign = x <- {"a": 1, "b c": {}, "for": 2}.a`},
	{"paths", "x = transformer.h[layer].input[0, pos, :]", "assign = x <- transformer.h[layer].input[0, pos, :]"},
	{"slices", "x = a[:, ::2, 1:, :-1, 1:2:3, ..., b:c]", "assign = x <- a[:, ::2, 1:, :(- 1), 1:2:3, ..., b:c]"},
	{"an empty step is no step", "x = a[1::]", "assign = x <- a[1:]"},
	{"axes by name", "x = a[0, pos=-1, head=0:2]", "assign = x <- a[0, pos=(- 1), head=0:2]"},
	{"an item that is a name", "x = a[pos]", "assign = x <- a[pos]"},
	{"an argument that is a comparison", "f(a == b, c=d == e)", "expr f((compare a == b), c=(compare d == e))"},
	{"strings", `x = "a\n{b}" + 'c' + r"\d"`, `assign = x <- (+ (+ "a\n{b}" "c") "\\d")`},
	{"f-strings", `x = f"a{{ {b + 1:.2f}{c}"`, `assign = x <- (f "a{ " {(+ b 1):.2f} {c})`},
	{"f-strings in f-strings", `x = f"{f"{a}" if b else ""}"`, `assign = x <- (f {(if b (f {a}) "")})`},
	{"constants", "x = [True, False, None]", "assign = x <- [True, False, None]"},
}

func TestTrees(t *testing.T) {
	for _, r := range trees {
		t.Run(r.name, func(t *testing.T) {
			s, errs := Parse("t", []byte(r.src))
			if errs.HasErrors() {
				t.Fatal(errs.Text("t", r.src))
			}
			if got := strings.ReplaceAll(strings.TrimSuffix(dump(s), "\n"), "\n", " / "); got != r.want {
				t.Errorf("got  %s\nwant %s", got, r.want)
			}
			checkFormat(t, r.name, r.src)
		})
	}
}

func TestNodesStandWhereTheirTextIs(t *testing.T) {
	src := "# c\nif a + f(b, c=1) > 2 {  # d\n    set x.y[0, k=1:2] = [p for p in {q: \"s\"} if not r]\n} else if g { } else { h = (-i, f\"{j:.1f}k\") }  # e\nn = 1\n"
	s, errs := Parse("t", []byte(src))
	if errs.HasErrors() {
		t.Fatal(errs.Text("t", src))
	}
	var got []string
	grammar.Walk(s, func(n grammar.Node) bool {
		at := n.Span()
		got = append(got, strings.ReplaceAll(src[at.Start:at.End], "\n", "/"))
		return true
	})
	want := []string{
		src[4 : len(src)-1], src[4:strings.Index(src, "  # e")], "a + f(b, c=1) > 2", "a + f(b, c=1)", "a", "a", "f(b, c=1)", "f", "(b, c=1)", "(b, c=1)", "b", "b", "b", "c=1", "c", "1", "1", "2", "2",
		"{  # d\n    set x.y[0, k=1:2] = [p for p in {q: \"s\"} if not r]\n}", "set x.y[0, k=1:2] = [p for p in {q: \"s\"} if not r]",
		"x.y[0, k=1:2]", "x", ".y", "[0, k=1:2]", "[0, k=1:2]", "0", "0", "0", "k=1:2", "k", "1", "1", "2", "2",
		"[p for p in {q: \"s\"} if not r]", "[p for p in {q: \"s\"} if not r]", "p", "p", "for p in {q: \"s\"} if not r", "p", "{q: \"s\"}", "{q: \"s\"}", "q: \"s\"", "q", "\"s\"", "\"s\"", "not r", "r", "r",
		"else if g { }", "g", "g", "{ }", "{ h = (-i, f\"{j:.1f}k\") }", "h = (-i, f\"{j:.1f}k\")", "h", "h", "(-i, f\"{j:.1f}k\")", "(-i, f\"{j:.1f}k\")", "-i", "i", "i",
		"f\"{j:.1f}k\"", "f\"{j:.1f}k\"", "{j:.1f}", "j", "j", "k", "n = 1", "n", "n", "1", "1",
	}
	for i := range want {
		if w := strings.ReplaceAll(want[i], "\n", "/"); i >= len(got) || got[i] != w {
			t.Fatalf("node %d: got %q, want %q\n%q", i, got[i:min(len(got), i+1)], w, got)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d nodes, want %d: %q", len(got), len(want), got[len(want):])
	}
}

// TestChildrenStandInTheirParents holds for every node of every random script, and lines and columns
// agree with offsets.
func TestChildrenStandInTheirParents(t *testing.T) {
	for seed := range int64(150) {
		src := random(seed, 4, 3)
		s, errs := Parse("t", []byte(src))
		if errs.HasErrors() {
			t.Fatal(errs.Text("t", src))
		}
		checkPlaces(t, src, s, s)
	}
}

func checkPlaces(t *testing.T, src string, parent, n grammar.Node) {
	at, around := n.Span(), parent.Span()
	text := src[at.Start:at.End]
	if at.Start < around.Start || at.End > around.End || text == "" {
		t.Fatalf("%T %v %q in %T %v of\n%s", n, at, text, parent, around, src)
	}
	if _, inText := n.(*grammar.Part); strings.TrimSpace(text) != text && !inText {
		t.Fatalf("%T %q has blanks around it", n, text)
	}
	for _, p := range []grammar.Pos{n.At().Pos, n.At().EndPos} {
		line, bol := strings.Count(src[:p.Offset], "\n")+1, strings.LastIndexByte(src[:p.Offset], '\n')+1
		if p.Line != line || p.Column != p.Offset-bol+1 || p.Filename != "t" {
			t.Fatalf("%T %q: got %+v, want line %d, column %d", n, text, p, line, p.Offset-bol+1)
		}
	}
	grammar.Walk(n, func(c grammar.Node) bool {
		if c == n {
			return true
		}
		checkPlaces(t, src, n, c)
		return false
	})
}

func TestLinesMayEndInAnyWay(t *testing.T) {
	for _, r := range trees {
		a, _ := Parse("t", []byte(r.src))
		b, errs := Parse("t", []byte("\ufeff"+strings.ReplaceAll(r.src, "\n", "\r\n")))
		if errs.HasErrors() || dump(a) != dump(b) {
			t.Errorf("%s: %s", r.name, errs.Text("t", r.src))
		}
	}
}

func TestScriptsParseAtTheSameTime(t *testing.T) {
	text := realistic(100)
	want, _ := Parse("p", []byte(text))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if got, errs := Parse("p", []byte(text)); errs.HasErrors() || dump(got) != dump(want) {
				t.Error(errs)
			}
		})
	}
	wg.Wait()
}

func TestWalkStopsWhereToldAndSeesEveryNode(t *testing.T) {
	s, _ := Parse("t", []byte("if a { b } else { c }\nx = [d for d in e]"))
	n := 0
	grammar.Walk(s, func(grammar.Node) bool { n++; return n < 2 })
	if n != 3 { // the script, the if and not what is in it, the assignment and not what is in it
		t.Errorf("%d nodes, want 3", n)
	}
}

func TestEBNFNamesEveryStatement(t *testing.T) {
	text := EBNF()
	for _, w := range []string{"Set", "Save", "Model", "Input", "Print", "Assert", "Return", "Def", "If", "For", "Run", "Invoke", "Iter", "Edit", "Simple", "Operand", "Record"} {
		if !strings.Contains("\n"+text, "\n"+w+" = ") {
			t.Errorf("%s is missing in\n%s", w, text)
		}
	}
	if strings.Contains(text, "tok>") || strings.Contains(text, "open>") {
		t.Errorf("names of tokens are left in\n%s", text)
	}
}

func TestParseExpr(t *testing.T) {
	for _, src := range []string{"1", "[1, 2]", "{a: \"b\"}", "-3.5", "a + b"} {
		if e, errs := ParseExpr("t", []byte(src)); e == nil || errs.HasErrors() || e.Span().End != len(src) {
			t.Errorf("%q: %v %s", src, e, errs.Text("t", src))
		}
	}
	for _, src := range []string{"", "a = 1", "a, b", "a; b", "print a", "(", "if a { }", "# a"} {
		if e, errs := ParseExpr("t", []byte(src)); e != nil || !errs.HasErrors() {
			t.Errorf("%q: got %v and no error", src, e)
		}
	}
}
