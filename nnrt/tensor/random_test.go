package tensor

import (
	"math"
	"slices"
	"testing"
)

func TestPhiloxMatchesThePublishedVectors(t *testing.T) {
	for _, c := range []struct {
		ctr, want [4]uint32
		key       Key
	}{
		{[4]uint32{}, [4]uint32{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}, Key{}},
		{[4]uint32{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, [4]uint32{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}, Key{0xffffffff, 0xffffffff}},
		{[4]uint32{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, [4]uint32{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}, Key{0xa4093822, 0x299f31d0}},
	} {
		if got := philox(c.ctr, c.key); got != c.want {
			t.Errorf("got %x, want %x", got, c.want)
		}
	}
}

func TestRandomElementsDependOnKeyAndPlaceAlone(t *testing.T) {
	short, long := Rand(NewType(F32, nil, []int{3}), NewKey(7, 1)), Rand(NewType(F32, nil, []int{50, 2}), NewKey(7, 1))
	if !slices.Equal(short.F32(), long.F32()[:3]) {
		t.Error("a longer array begins with other numbers")
	}
	if slices.Equal(short.F32(), Rand(NewType(F32, nil, []int{3}), NewKey(1, 7)).F32()) {
		t.Error("the order of the key's parts does not count")
	}
}

func TestRandomMoments(t *testing.T) {
	n := 40000
	u, g := Rand(NewType(F32, nil, []int{n}), NewKey(1)), RandN(NewType(F32, nil, []int{n}), NewKey(1))
	for _, c := range []struct {
		name           string
		x              *Array
		mean, variance float64
	}{{"uniform", u, 0.5, 1.0 / 12}, {"normal", g, 0, 1}} {
		if m, v := mean(c.x.F32()), variance(c.x.F32()); math.Abs(m-c.mean) > 0.02 || math.Abs(v-c.variance) > 0.03 {
			t.Errorf("%s: mean %v, variance %v", c.name, m, v)
		}
	}
	p := NewKey(2).Permutation(100)
	if slices.IsSorted(p) {
		t.Error("a permutation in order")
	}
	slices.Sort(p)
	if !slices.Equal(p, identity(100).In) {
		t.Error("not a permutation")
	}
}

func TestBootstrap(t *testing.T) {
	x := RandN(NewType(F32, []string{"batch"}, []int{200}), NewKey(4))
	bound := func(x *Array, axes []Ax, n int, q float64) []float32 {
		b, err := Bootstrap(x, axes, n, q, NewKey(9))
		if err != nil {
			t.Fatal(err)
		}
		return b.F32()
	}
	m, lo, hi := mean(x.F32()), bound(x, nil, 300, 0.025), bound(x, nil, 300, 0.975)
	// The middle 95 in 100 of the mean of 200 normal draws is about 2 * 1.96 / sqrt(200) wide.
	width := float64(hi[0] - lo[0])
	if width < 0.2 || width > 0.36 || m < float64(lo[0]) || m > float64(hi[0]) {
		t.Errorf("mean %v, from %v to %v", m, lo, hi)
	}
	two, err := Stack([]*Array{x, x}, 1)
	if err != nil {
		t.Fatal(err)
	}
	if both := bound(two, ax("batch"), 300, 0.025); both[0] != lo[0] || both[1] != lo[0] {
		t.Errorf("lines that are alike: got %v, want %v twice", both, lo)
	}
	kept, again := NewKey(1).resamples(3, 5), NewKey(1).resamples(mostDraws, 5)
	if !slices.Equal(kept(2), again(2)) {
		t.Errorf("draws that are kept: got %v, want %v", kept(2), again(2))
	}
}
