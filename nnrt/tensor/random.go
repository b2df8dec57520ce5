package tensor

import (
	"cmp"
	"math"
	"slices"
)

// A Key stands for one stream of random numbers. Element i of a stream depends on the key and i
// alone, never on what was drawn before: see Salmon et al., Parallel Random Numbers: As Easy as
// 1, 2, 3 (2011), whose Philox4x32-10 this is.
type Key struct{ k0, k1 uint32 }

// NewKey makes a key of numbers, such as a seed, a call site and loop indices.
func NewKey(parts ...uint64) Key {
	k := Key{}
	for _, p := range parts {
		k = k.With(p)
	}
	return k
}

// With is the key with one more part, such as a row.
func (k Key) With(part uint64) Key {
	out := philox([4]uint32{uint32(part), uint32(part >> 32), 0x6b657973, 1}, k)
	return Key{out[0], out[1]}
}

// philox is ten rounds of the cipher.
func philox(c [4]uint32, k Key) [4]uint32 {
	for range 10 {
		a, b := uint64(c[0])*0xD2511F53, uint64(c[2])*0xCD9E8D57
		c = [4]uint32{uint32(b>>32) ^ c[1] ^ k.k0, uint32(b), uint32(a>>32) ^ c[3] ^ k.k1, uint32(a)}
		k.k0 += 0x9E3779B9
		k.k1 += 0xBB67AE85
	}
	return c
}

// pair is element i as two independent 64-bit numbers.
func (k Key) pair(i uint64) (uint64, uint64) {
	c := philox([4]uint32{uint32(i), uint32(i >> 32), 0, 0}, k)
	return uint64(c[0]) | uint64(c[1])<<32, uint64(c[2]) | uint64(c[3])<<32
}

// Uniform is element i as a number from 0 to below 1.
func (k Key) Uniform(i uint64) float64 {
	a, _ := k.pair(i)
	return float64(a>>11) / (1 << 53)
}

// Normal is element i as a draw of the standard normal distribution (Box and Muller).
func (k Key) Normal(i uint64) float64 {
	a, b := k.pair(i)
	r := math.Sqrt(-2 * math.Log((float64(a>>11)+0.5)/(1<<53)))
	return r * math.Cos(2*math.Pi*float64(b>>11)/(1<<53))
}

// Intn is element i as a number from 0 to n-1; n is positive.
func (k Key) Intn(i uint64, n int) int {
	a, _ := k.pair(i)
	return int(a % uint64(n)) // the bias is below n / 2^64
}

// Permutation has 0 to n-1 in random order.
func (k Key) Permutation(n int) []int {
	at := make([]uint64, n)
	for i := range at {
		at[i], _ = k.pair(uint64(i))
	}
	out := identity(n).In
	slices.SortStableFunc(out, func(i, j int) int { return cmp.Compare(at[i], at[j]) })
	return out
}

// Choice has m draws from 0 to n-1, each from all of them; n is positive.
func (k Key) Choice(n, m int) []int {
	out := make([]int, m)
	for i := range out {
		out[i] = k.Intn(uint64(i), n)
	}
	return out
}

// Rand is an array of numbers from 0 to below 1. Element i, in row-major order, depends on the key
// and i alone; rounding to float32 never gives 1.
func Rand(t Type, k Key) *Array {
	return drawn(t, func(i uint64) float32 { return float32(math.Floor(k.Uniform(i)*(1<<24)) / (1 << 24)) })
}

// RandN is an array of draws of the standard normal distribution.
func RandN(t Type, k Key) *Array {
	return drawn(t, func(i uint64) float32 { return float32(k.Normal(i)) })
}

func drawn(t Type, f func(i uint64) float32) *Array {
	t = canonical(t).with(F32)
	data := make([]float32, t.Size())
	for i := range data {
		data[i] = f(uint64(i))
	}
	return wrap(t, data)
}

// Bootstrap resamples along axes n times and has the quantile q of the resampled means. Draw j of resample i
// depends on the key, i and j alone, so that all lines of numbers are resampled alike.
//
//	a: [batch d], "batch"; result: [d]
func Bootstrap(a *Array, axes []Ax, n int, q float64, k Key) (*Array, error) {
	if n < 1 {
		return nil, errf("bootstrap: n is %d, want at least 1", n)
	}
	axs, err := ResolveAxes(a.Type, axes)
	if err != nil {
		return nil, opError(opName("bootstrap"), err)
	}
	r, err := planAxes(opName("bootstrap"), a.Type, axs, F32, true)
	if err != nil {
		return nil, err
	}
	return r.run(a, func(out Type, l *Array) (*Array, error) {
		last := l.Rank() - 1
		if l.Dims[last] == 0 {
			return nil, errf("bootstrap: no numbers to draw from")
		}
		draws, means := k.resamples(n, l.Dims[last]), make([]float32, n)
		data := alongRows(l.F32(), l.Dims, last, 1, func(in, res []float32) {
			for i := range means {
				s := 0.0
				for _, at := range draws(i) {
					s += float64(in[at])
				}
				means[i] = float32(s / float64(len(in)))
			}
			res[0] = float32(quantile(means, q))
		})
		return wrap(out, data), nil
	})
}

// mostDraws is how many draws are kept for the next line of numbers; more are made again for each.
const mostDraws = 1 << 22

// resamples gives the m draws of each of n resamples.
func (k Key) resamples(n, m int) func(i int) []int {
	if n > mostDraws/m {
		return func(i int) []int { return k.With(uint64(i)).Choice(m, m) }
	}
	kept := make([][]int, n)
	for i := range kept {
		kept[i] = k.With(uint64(i)).Choice(m, m)
	}
	return func(i int) []int { return kept[i] }
}
