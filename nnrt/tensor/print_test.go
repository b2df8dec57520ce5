package tensor

import (
	"math"
	"strings"
	"testing"
)

func TestPrint(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	big := Zeros(NewType(I64, []string{"a", "b"}, []int{40, 30}))
	row := "[0 0 0 ... 0 0 0]"
	for _, c := range []struct {
		name string
		x    *Array
		want string
	}{
		{"a number", Float(0.1), "0.1"},
		{"a whole number", Float(3), "3.0"},
		{"a small number", Float(1e-7), "1e-07"},
		{"not a number", vec("", nan, inf, -inf, 1), "[4]\n[   nan    inf   -inf 1.0000]"},
		{"large numbers", vec("", 1e10, 1), "[2]\n[1.0000e+10 1.0000e+00]"},
		{"small numbers", vec("", 1e-5), "[1]\n[1.0000e-05]"},
		{"truth values", FromBool(nil, []int{2}, []bool{true, false}), "[2]\n[ True False]"},
		{"truth values alike", FromBool(nil, []int{2}, []bool{true, true}), "[2]\n[ True  True]"},
		{"nothing", Zeros(NewType(F32, nil, []int{0})), "[0]\n[]"},
		{"more than 1,000", big, "[a=40 b=30]\n[" + row + "\n " + row + "\n " + row + "\n ...\n " + row + "\n " + row + "\n " + row + "]"},
		{"a long row wraps", Zeros(NewType(F32, nil, []int{12})), "[12]\n[" + strings.Repeat("0.0000 ", 9) + "0.0000\n 0.0000 0.0000]"},
	} {
		t.Run(c.name, func(t *testing.T) { check(t, c.x, nil, c.want) })
	}
}
