package tensor

import (
	"math"
	"slices"
)

// The reducers take the numbers of one result, in order.

func sum(x []float32) float64 {
	s := 0.0
	for _, v := range x {
		s += float64(v)
	}
	return s
}

func mean(x []float32) float64 { return sum(x) / float64(len(x)) }

// variance divides by n - 1; of one number, or none, it is not a number, as in NumPy with ddof=1.
func variance(x []float32) float64 {
	if len(x) < 2 {
		return math.NaN()
	}
	m, s := mean(x), 0.0
	for _, v := range x {
		d := float64(v) - m
		s += float64(d * d) // rounded before it is added: no processor may fuse the two
	}
	return s / float64(len(x)-1)
}

func std(x []float32) float64 { return math.Sqrt(variance(x)) }

func sem(x []float32) float64 { return std(x) / math.Sqrt(float64(len(x))) }

func norm(x []float32) float64 {
	s := 0.0
	for _, v := range x {
		s += float64(v) * float64(v) // exact in float64
	}
	return math.Sqrt(s)
}

func product64(x []float32) float64 {
	p := 1.0
	for _, v := range x {
		p *= float64(v)
	}
	return p
}

func least(x []float32) float64 {
	m := x[0]
	for _, v := range x[1:] {
		m = min32(m, v)
	}
	return float64(m)
}

func greatest(x []float32) float64 {
	m := x[0]
	for _, v := range x[1:] {
		m = max32(m, v)
	}
	return float64(m)
}

func median(x []float32) float64 { return quantile(x, 0.5) }

// quantile interpolates between the two nearest, as NumPy does by default.
func quantile(x []float32, q float64) float64 {
	for _, v := range x {
		if v != v {
			return math.NaN()
		}
	}
	if len(x) == 0 {
		return math.NaN()
	}
	s := slices.Clone(x)
	slices.Sort(s)
	at := q * float64(len(s)-1)
	i := int(math.Floor(at))
	lo, hi := float64(s[i]), float64(s[min(i+1, len(s)-1)])
	if lo == hi || at == float64(i) {
		return lo
	}
	return lo + float64((hi-lo)*(at-float64(i)))
}

func sumInt(x []int64) (s int64, err error) {
	for _, v := range x {
		if s, err = addInt(s, v); err != nil {
			return 0, err
		}
	}
	return s, nil
}

func productInt(x []int64) (int64, error) {
	p := int64(1)
	var err error
	for _, v := range x {
		if p, err = mulInt(p, v); err != nil {
			return 0, err
		}
	}
	return p, nil
}

func leastInt(x []int64) (int64, error)    { return slices.Min(x), nil }
func greatestInt(x []int64) (int64, error) { return slices.Max(x), nil }

type opName string

func (n opName) String() string { return string(n) }

// QuantileType is the type of Quantile.
func QuantileType(t Type, q float64, axes []Ax) (Type, error) {
	r, err := planQuantile(t, q, axes)
	return r.out, err
}

func planQuantile(t Type, q float64, axes []Ax) (reduction, error) {
	if !(q >= 0 && q <= 1) {
		return reduction{}, errf("quantile: q is %v, want a number from 0 to 1", q)
	}
	k, err := ResolveAxes(t, axes)
	if err != nil {
		return reduction{}, opError(opName("quantile"), err)
	}
	r, err := planAxes(opName("quantile"), t, k, F32, false)
	return r, opError(opName("quantile"), err)
}

// Quantile is the number below which the share q of the numbers along the axes lies, interpolated
// between the two nearest.
//
//	a: [batch d], q, "batch"; result: [d]
func Quantile(a *Array, q float64, axes []Ax) (*Array, error) {
	r, err := planQuantile(a.Type, q, axes)
	if err != nil {
		return nil, err
	}
	return r.run(a, func(out Type, l *Array) (*Array, error) {
		data := alongRows(l.F32(), l.Dims, l.Rank()-1, 1, func(in, res []float32) { res[0] = float32(quantile(in, q)) })
		return wrap(out, data), nil
	})
}
