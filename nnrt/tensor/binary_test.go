package tensor

import (
	"errors"
	"math"
	"strings"
	"testing"
)

func TestWhichAxesMeet(t *testing.T) {
	for _, c := range []struct {
		name string
		a, b *Array
		want string // type, or error
		warn string
	}{
		{"equal rank by place", digits("batch pos", 2, 3), digits("batch pos", 2, 1), "[batch=2 pos=3]", ""},
		{"the left names stay, with a warning", digits("batch d_model", 3, 2), digits("pos d_model", 3, 2), "[batch=3 d_model=2]", "batch meets pos"},
		{"unnamed meets anything", digits("_ _", 3, 2), digits("pos d_model", 3, 2), "[pos=3 d_model=2]", ""},
		{"the same names in another order", digits("batch pos", 2, 2), digits("pos batch", 2, 2), "the same axes in another order: [batch pos] and [pos batch]", ""},
		{"by name", digits("layer batch d", 4, 2, 3), digits("layer d", 4, 3), "[layer=4 batch=2 d=3]", ""},
		{"by name from the left", digits("batch pos", 2, 5), digits("batch pos d", 2, 5, 3), "[batch=2 pos=5 d=3]", ""},
		{"from the right", digits("batch pos d", 2, 5, 3), digits("_", 3), "[batch=2 pos=5 d=3]", ""},
		{"two names at one place", digits("batch pos d", 2, 5, 3), digits("head", 3), "axis d meets axis head: axes are [batch pos d] and [head]", ""},
		{"lengths that do not fit", digits("batch pos", 2, 5), digits("batch pos", 2, 3), "shapes [batch=2 pos=5] and [batch=2 pos=3] do not fit: axis pos has 5 and 3", ""},
		{"a number goes with all", digits("batch pos", 2, 5), Float(1), "[batch=2 pos=5]", ""},
		{"ragged with each row's own", raggedDigits(2, 3), digits("batch d", 2, 2), "[batch=2 pos=2|3 d=2]", ""},
		{"ragged with ragged", raggedDigits(2, 3), raggedDigits(2, 3), "[batch=2 pos=2|3 d=2]", ""},
		{"ragged rows of other lengths", raggedDigits(2, 3), raggedDigits(2, 4), "row 1: shapes [batch=1 pos=3 d=2] and [batch=1 pos=4 d=2] do not fit: axis pos has 3 and 4", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			ty, warn, err := BinaryType(Add, c.a.Type, c.b.Type)
			got := ty.String()
			if err != nil {
				got = err.Error()[len("+: "):]
			}
			if got != c.want || warn != c.warn {
				t.Errorf("got %q, warning %q", got, warn)
			}
			out, err2 := Binary(Add, c.a, c.b)
			if (err == nil) != (err2 == nil) || err == nil && !out.Type.Equal(ty) {
				t.Errorf("Binary gives %v", err2)
			}
		})
	}
}

func TestAxesThatDoNotMeetGetAHint(t *testing.T) {
	var e *Error
	const expand = `expand(x, "name", at=1) puts an axis of length 1 there; axes that all have names meet by them`
	if _, _, err := BinaryType(Sub, digits("", 3, 4).Type, digits("", 3).Type); !errors.As(err, &e) || e.Hint != expand {
		t.Errorf("rows less their means: %v, hint %q", err, e.Hint)
	}
	if _, _, err := BinaryType(Sub, digits("", 3, 4).Type, digits("", 5).Type); !errors.As(err, &e) || e.Hint != "" {
		t.Errorf("lengths of nothing: %v, hint %q", err, e.Hint)
	}
	for _, c := range []struct{ a, b, want string }{
		{"batch pos d", "head", "rename one of them, or use outer(a, b)"},
		{"_ batch d", "_ batch", `they meet by name when each axis of [_ batch] has one: rename(x, 0, "part") on both sides`},
		{"_ batch d", "_ head", "rename one of them, or use outer(a, b)"},
	} {
		ones := func(axes string) *Array { return digits(axes, []int{1, 1, 1}[:len(strings.Fields(axes))]...) }
		_, _, err := BinaryType(Add, ones(c.a).Type, ones(c.b).Type)
		if !errors.As(err, &e) || e.Hint != c.want {
			t.Errorf("%s and %s: %v, hint %q", c.a, c.b, err, e.Hint)
		}
	}
}

func TestBinaryValues(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	yes, no := FromBool(nil, []int{2}, []bool{true, false}), FromBool(nil, []int{2}, []bool{false, false})
	for _, c := range []struct {
		name string
		op   BinOp
		a, b *Array
		want string
	}{
		{"integers stay integers", Add, ints(1, 2), Int(3), "[2]\n[4 5]"},
		{"division gives floats", Div, ints(1, 2), Int(4), "[2]\n[0.2500 0.5000]"},
		{"floor division of negatives", FloorDiv, ints(-7, 7), Int(2), "[2]\n[-4  3]"},
		{"the remainder has the divisor's sign", Mod, ints(-7, 7), ints(3, -3), "[2]\n[ 2 -2]"},
		{"floats floor too", FloorDiv, vec("", -7, 7.5), Float(2), "[2]\n[-4.0000  3.0000]"},
		{"float remainder", Mod, vec("", -7.5, 7.5), Float(2), "[2]\n[0.5000 1.5000]"},
		{"integer division by zero", FloorDiv, ints(1), Int(0), "error: //: division by zero"},
		{"float division by zero", Div, vec("", 1, -1, 0), Float(0), "[3]\n[ inf -inf  nan]"},
		{"integer overflow", Mul, ints(math.MaxInt64), Int(2), "error: *: integer overflow: 9223372036854775807 * 2\nhint: make one side a float"},
		{"products of negatives do not overflow", Mul, ints(-3, 3), ints(-4, -4), "[2]\n[ 12 -12]"},
		{"integer powers", Pow, ints(2, -3), ints(10, 3), "[2]\n[1024  -27]"},
		{"bools add as numbers", Add, yes, yes, "[2]\n[2 0]"},
		{"bools join", Or, yes, no, "[2]\n[ True False]"},
		{"only bools join", And, ints(1, 2), yes, "error: & joins bool arrays: got int64 and bool\nhint: compare first, as in (x > 0) & (y > 0)"},
		{"comparisons with nan are false", Ge, vec("", nan, inf), vec("", nan, 1), "[2]\n[False  True]"},
		{"nan is unequal to itself", Ne, vec("", nan), vec("", nan), "[1]\n[ True]"},
		{"maximum keeps nan", Maximum, vec("", nan, 1), vec("", 1, nan), "[2]\n[nan nan]"},
		{"broadcast along both", Add, digits("a _", 2, 1), digits("_ b", 1, 3), "[a=2 b=3]\n[[ 0.0000  1.0000  2.0000]\n [10.0000 11.0000 12.0000]]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Binary(c.op, c.a, c.b)
			check(t, got, err, c.want)
		})
	}
}

func TestBroadcastNaiveTwin(t *testing.T) {
	a, b := digits("layer batch pos d", 2, 3, 4, 5), digits("layer pos d", 2, 4, 5)
	got, err := Binary(Sub, a, b)
	if err != nil {
		t.Fatal(err)
	}
	i := 0
	for l := range 2 {
		for x := range 3 {
			for p := range 4 {
				for d := range 5 {
					want := float32(l*1000+x*100+p*10+d) - float32(l*100+p*10+d)
					if got.F32()[i] != want {
						t.Fatalf("at %d %d %d %d: got %v, want %v", l, x, p, d, got.F32()[i], want)
					}
					i++
				}
			}
		}
	}
}
