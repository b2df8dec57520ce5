package parser

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestHostileInputIsBounded gives the parser what breaks a recursive descent parser. want begins the
// first message, "" if the input is sound; the bounds are some way above what is needed.
func TestHostileInputIsBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("megabytes of brackets: not in -short")
	}
	rep := strings.Repeat
	const deep, row, long = "nested more than 200", "expression has more than 1000", "script is longer than 500000"
	rows := []struct {
		name, text string
		want       string
		megabytes  int
	}{
		{"1 MB of (", rep("(", 1<<20), deep, 10},
		{"1 MB of [", rep("[", 1<<20), deep, 10},
		{"1 MB of {", rep("{", 1<<20), deep, 10},
		{"1 MB of )", rep(")", 1<<20), "')' closes nothing", 10},
		{"1 MB of }", rep("}", 1<<20), "'}' closes nothing", 10},
		{"a million nested blocks", rep("if 1 {\n", 1000000), deep, 50},
		{"a million blocks in a row", rep("if 1 { }\n", 1000000), long, 900},
		{"95,000 blocks in a row", rep("if 1 { }\n", 95000), "", 700},
		{"100,000 else if", "if 1 { }" + rep(" else if 1 { }", 100000), row, 1000},
		{"a million minuses", "x = " + rep("- ", 1000000) + "1", row, 20},
		{"a million nots", "x = " + rep("not ", 1000000) + "a", row, 20},
		{"a million additions", "x = 1" + rep("+1", 1000000), row, 20},
		{"a million comparisons", "x = 1" + rep("<1", 1000000), row, 20},
		{"100,000 ternaries", "x = 1" + rep(" if 1 else 1", 100000), row, 20},
		{"900 minuses", "x = " + rep("-", 900) + "1", "", 20},
		{"900 powers", "x = 1" + rep("**1", 900), "", 20},
		{"400 ternaries", "x = 1" + rep(" if 1 else 1", 400), "", 20},
		{"190 nested lists", "x = " + rep("[", 190) + "1" + rep("]", 190), "", 20},
		{"190 nested calls", "x = " + rep("f(", 190) + "1" + rep(")", 190), "", 20},
		{"95 nested records in indices", "x = " + rep("x[{a: ", 95) + "1" + rep("}]", 95), "", 20},
		{"95 nested f-strings", "x = " + rep(`f"{`, 95) + "1" + rep(`}"`, 95), "", 20},
		{"100,000 nested f-strings", "x = " + rep(`f"{`, 100000), deep, 20},
		{"100,000 fields", `x = f"` + rep("{a}", 100000) + `"`, "", 600},
		{"a string of 10 MB", `x = "` + rep("a", 10<<20) + `"`, "", 40},
		{"a string of 10 MB of escapes", `x = "` + rep(`\n`, 5<<20) + `"`, "", 40},
		{"a string of 10 MB that is not closed", `x = "` + rep("a", 10<<20), "string is never closed", 40},
		{"1 MB of quotes", rep(`"`, 1<<20), "there are no strings in three quotes", 10},
		{"17 MB", rep("# c\n", 5<<20), "script is larger than 16 MiB", 100},
		{"16 MB of a;", rep("a;", 8<<20), long, 300},
		{"a list of 100,000", "x = [" + rep("1.5, ", 100000) + "]", "", 600},
		{"a list of a million", "x = [" + rep("1,", 1000000) + "]", long, 300},
		{"100,000 suffixes", "x = a" + rep("[0]", 100000), "", 600},
		{"a million fields", "x = a" + rep(".b", 1000000), long, 300},
		{"a name of 1 MB", "x = " + rep("a", 1<<20), "", 20},
		{"a word of 1 MB that begins no statement", rep("a", 1<<20) + " b", "statement: expected end of line", 20},
		{"a number of 1 MB", "x = " + rep("1", 1<<20), "integer '111", 20},
		{"an exponent of 1 MB", "x = 1e" + rep("1", 1<<20), "number '1e111", 20},
		{"a million newlines", rep("\n", 1000000), "", 50},
		{"a million ;", rep(";", 1000000), "", 20},
		{"a million comments", rep("# x\n", 1000000), long, 250},
		{"comments before else", "if 1 { }" + rep("\n# c", 200000) + "\nelse { }", "", 100},
		{"newlines before a brace", "if 1 # c" + rep("\n", 400000) + "{ }", "", 50},
		{"comments after every block", rep("if a { }\n# c\n# c\n", 60000), "", 700},
		{"many headers without a block", rep("if 1\n"+rep("\n", 1000), 1000), "if: expected '{'", 50},
		{"newlines in a field in brackets", `f"{` + rep("(", 190) + rep("\n", 100000), "'{' in an f-string is never closed", 50},
		{"a million errors", rep("x = = 1\n", 1000000), long, 600},
		{"90,000 errors", rep("x = = 1\n", 90000), "assignment: expected an expression", 400},
		{"a million unclosed brackets", rep("x = (1\nprint 1\n", 1000000), "'(' is never closed", 100},
		{"1 MB of NUL", rep("\x00", 1<<20), "unexpected character", 50},
		{"1 MB of 0xff", rep("\xff", 1<<20), "script is not UTF-8", 10},
		{"100,000 names of a comprehension", "x = [a for " + rep("a, ", 100000) + "b in c]", "for: 'a' is given twice", 300},
		{"100,000 variables and no in", "for " + rep("a, ", 100000) + "a { }", "for: expected ',' or 'in'", 300},
		{"100,000 arguments", "f(" + rep("a=1, ", 100000) + ")", "call: 'a' is given twice", 600},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			_, errs := Parse("h", []byte(r.text))
			shown := errs.Text("h", r.text)
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			mb := int(after.TotalAlloc-before.TotalAlloc) >> 20
			t.Log(took.Round(100*time.Microsecond), mb, "MB allocated", len(shown), "bytes of messages")
			switch {
			case r.want == "" && len(errs) > 0:
				t.Errorf("got errors:\n%.500s", shown)
			case r.want != "" && (len(errs) == 0 || !strings.HasPrefix(errs[0].Msg, r.want)):
				t.Errorf("got\n%.500s\nwant %s", shown, r.want)
			}
			if mb > r.megabytes {
				t.Errorf("allocated %d MB, want at most %d", mb, r.megabytes)
			}
			if took > 20*time.Second {
				t.Errorf("took %v", took)
			}
			if len(shown) > 50*700 {
				t.Errorf("messages of %d bytes", len(shown))
			}
		})
	}
}

// TestTimeGrowsWithDepthLinearly would show alternatives that are tried again at every level.
func TestTimeGrowsWithDepthLinearly(t *testing.T) {
	for _, p := range [][2]string{{"(", ")"}, {"[", "]"}, {"f(a=", ")"}, {"x[", "]"}, {"{a: ", "}"}, {`f"{`, `}"`}, {"-(", ")"}, {"[a for a in ", "]"}} {
		t.Run(p[0], func(t *testing.T) {
			fastest := func(n int) time.Duration {
				s := []byte("x = " + strings.Repeat(p[0], n) + "1" + strings.Repeat(p[1], n))
				best := time.Hour
				for range 7 {
					start := time.Now()
					if _, errs := Parse("d", s); errs.HasErrors() {
						t.Fatal(errs.Text("d", string(s)))
					}
					best = min(best, time.Since(start))
				}
				return best
			}
			shallow, deep := fastest(12), fastest(90)
			if deep > 60*shallow+20*time.Millisecond {
				t.Errorf("depth 12 takes %v, depth 90 %v", shallow, deep)
			}
		})
	}
}

// realistic is a script of at least so many lines as people write them.
func realistic(lines int) string {
	var b strings.Builder
	for i, n := 0, 0; n < lines; i++ {
		fmt.Fprintf(&b, sample, i, i, i, i)
		n += strings.Count(sample, "\n")
	}
	return b.String()
}

const sample = `clean%d = "After John and Mary went to the store, Mary gave a bottle of milk to"
def logit_diff%d(logits, a=" John", b=" Mary") {
    return logits[0, -1, token(a)] - logits[0, -1, token(b)]
}
# the sweep
for layer in range(n_layers) {
    for pos in range(len(tokens(corrupted))) {
        invoke corrupted {                       # an invoke alone is its own trace
            set transformer.h[layer].input[0, pos, :] = clean_resid[layer][0, pos, :]
            save patched%d[layer, pos] = logit_diff(lm_head.output)
        }
    }
}
if mean(patched) > 0.5 and not done or n == 3 { print f"{mean(patched):.2f}", [x for x in xs if x > 0] }
heatmap((patched%d - corrupted_diff) / (clean_diff - corrupted_diff),
        x=token_labels(clean), xaxis="Position", yaxis="Layer",
        title="Normalized logit difference after patching the residual stream")
`

func BenchmarkParse(b *testing.B) {
	for _, n := range []int{1000, 20000} {
		text := realistic(n)
		lines := strings.Count(text, "\n")
		b.Run(fmt.Sprint(n, " lines"), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(text)))
			for range b.N {
				if _, errs := Parse("b", []byte(text)); errs.HasErrors() {
					b.Fatal(errs.Text("b", text))
				}
			}
			b.ReportMetric(float64(lines)*float64(b.N)/b.Elapsed().Seconds(), "lines/s")
		})
	}
}

func BenchmarkSetup(b *testing.B) {
	for range b.N {
		newMachine()
	}
}
