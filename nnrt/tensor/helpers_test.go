package tensor

import (
	"strings"
	"testing"
)

// digits is an array whose element at coordinate (i, j, k) is i*100 + j*10 + k, so that a wrong
// index shows.
func digits(axes string, dims ...int) *Array {
	data := make([]float32, prod(dims))
	coord := make([]int, len(dims))
	for i := range data {
		v := 0
		for _, c := range coord {
			v = v*10 + c
		}
		data[i] = float32(v)
		odometer(coord, dims)
	}
	return FromF32(names(axes, len(dims)), dims, data)
}

// names splits "batch pos _"; _ is unnamed.
func names(axes string, n int) []string {
	out := make([]string, n)
	for i, a := range strings.Fields(axes) {
		if a != "_" {
			out[i] = a
		}
	}
	return out
}

// raggedDigits is a batch of rows of the given lengths: [batch pos d=2], batch in the hundreds.
func raggedDigits(lens ...int) *Array {
	rows := make([]*Array, len(lens))
	for i, n := range lens {
		one := digits("pos d", n, 2)
		v := make([]float32, n*2)
		for j, x := range one.F32() {
			v[j] = x + float32(100*i)
		}
		rows[i] = FromF32([]string{"pos", "d"}, []int{n, 2}, v)
	}
	out, err := NewRagged([]string{"batch", "pos", "d"}, rows)
	if err != nil {
		panic(err)
	}
	return out
}

func vec(axis string, v ...float32) *Array { return FromF32(names(axis, 1), []int{len(v)}, v) }

func ints(v ...int64) *Array { return FromI64(nil, []int{len(v)}, v) }

// check compares with the printed form, or with the error's message and hint.
func check(t *testing.T, got *Array, err error, want string) {
	t.Helper()
	text := ""
	switch e, ok := err.(*Error); {
	case ok && e != nil:
		text = "error: " + e.Msg
		if e.Hint != "" {
			text += "\nhint: " + e.Hint
		}
	case err != nil:
		text = "error: " + err.Error()
	default:
		text = got.String()
	}
	if text != want {
		t.Errorf("got\n%s\nwant\n%s", text, want)
	}
}

// at is shorthand for index items.
func at(i int) Ix             { return Ix{Kind: Entry, I: i} }
func all() Ix                 { return Ix{Kind: Slice} }
func from(lo, hi int) Ix      { return Ix{Kind: Slice, Lo: lo, Hi: hi, HasLo: true, HasHi: true} }
func step(n int) Ix           { return Ix{Kind: Slice, Step: n, HasStep: true} }
func pick(i ...int) Ix        { return Ix{Kind: List, List: i} }
func per(i ...int) Ix         { return Ix{Kind: Per, List: i} }
func named(n string, i Ix) Ix { i.Axis = n; return i }
