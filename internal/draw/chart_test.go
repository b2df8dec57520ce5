package draw

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		lo, hi float64
		want   string
	}{
		{0, 1, "0.0 0.2 0.4 0.6 0.8 1.0"},
		{-1, 4, "-1 0 1 2 3 4"},
		{1, 2, "1.0 1.2 1.4 1.6 1.8 2.0"},
		{0, 11, "0 2 4 6 8 10 12"},
		{-0.3, 0.7, "-0.4 -0.2 0.0 0.2 0.4 0.6 0.8"},
		{0, 1e-9, "0 2e-10 4e-10 6e-10 8e-10 1e-09"},
		{0, 5e6, "0 1e+06 2e+06 3e+06 4e+06 5e+06"},
		{1000000, 1000010, "1000000 1000002 1000004 1000006 1000008 1000010"},
	} {
		t.Run(fmt.Sprint(c.lo, " to ", c.hi), func(t *testing.T) {
			if got := strings.Join(tickTexts(ticks(c.lo, c.hi)), " "); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// TestTicksOfAnything: floats of any bits give few finite ticks in order that hold the range.
func TestTicksOfAnything(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 20000 {
		a := math.Float64frombits(r.Uint64())
		b := a + math.Abs(a)*math.Pow(2, -float64(r.IntN(60)))
		if r.IntN(2) == 0 {
			b = math.Float64frombits(r.Uint64())
		}
		lo, hi := span([]float64{a, b})
		if !(lo < hi) || !finite(lo) || !finite(hi) {
			t.Fatalf("span of %v %v: %v to %v", a, b, lo, hi)
		}
		at := ticks(lo, hi)
		slack := (hi/2 - lo/2) / 1e6
		if len(at) < 2 || len(at) > 4*tickTarget+1 || at[0]-slack > lo || at[len(at)-1]+slack < hi {
			t.Fatalf("%v to %v: ticks %v", lo, hi, at)
		}
		for i, v := range at {
			if !finite(v) || i > 0 && v < at[i-1] {
				t.Fatalf("%v to %v: ticks %v", lo, hi, at)
			}
		}
		for _, v := range []float64{a, b, lo, hi} {
			if s := share(v, at[0], at[len(at)-1]); finite(v) && !(s >= 0 && s <= 1) {
				t.Fatalf("%v lies at %v of %v", v, s, at)
			}
		}
	}
}

func TestShort(t *testing.T) {
	for _, c := range []struct {
		most, v float64
		want    string
	}{
		{1, 0.456, "0.46"}, {1, -0.001, "0.00"}, {123, -12.34, "-12.3"}, {5000, 12.6, "13"}, {0.01, 0.0012, "1.2e-03"}, {1e9, 2e8, "2.0e+08"},
		{0, 0, "0.00"}, {1, nan, "nan"}, {1, inf, "inf"}, {1, -inf, "-inf"},
	} {
		if got := short(c.most)(c.v); got != c.want {
			t.Errorf("%v where the largest is %v: got %s, want %s", c.v, c.most, got, c.want)
		}
	}
}

func TestNumber(t *testing.T) {
	for v, want := range map[float64]string{float64(float32(0.1)): "0.1", 0.1: "0.1", 1e300: "1e+300", 3: "3", -0.25: "-0.25"} {
		if got := number(v); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestLabels(t *testing.T) {
	for in, want := range map[string]string{
		" John": "·John", "  ": "··", "a b": "a b", "a ": "a·", "": "", "\n": `\n`, "\n\n ": `\n\n·`, "\xff": `\xff`, "\u202e": `\u{202e}`, "é": "é",
		"\x1b[31m": `\u{1b}[31m`, "\ufffd": `\u{fffd}`, strings.Repeat("x", 400): strings.Repeat("x", 300) + "…",
	} {
		if got := token(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}
