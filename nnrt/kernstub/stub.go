// Package kern is a stand-in.
package kern

import "math"

type Pool struct{}

func NewPool(int) *Pool { return &Pool{} }

type Mat struct {
	K, N int
	w    []float32
}

func NewMat(_ *Pool, k, n int, src []float32, ld int, transposed bool) *Mat {
	m := &Mat{k, n, make([]float32, k*n)}
	for i := range k {
		for j := range n {
			if transposed {
				m.w[i*n+j] = src[j*ld+i]
			} else {
				m.w[i*n+j] = src[i*ld+j]
			}
		}
	}
	return m
}

type Opts struct {
	Bias   []float32
	Add    [][]float32
	N0, N1 int
}

func (p *Pool) MatMul(out, in [][]float32, b *Mat, o Opts) {
	n1 := o.N1
	if n1 == 0 {
		n1 = b.N
	}
	for r, x := range in {
		y := out[r]
		clear(y)
		for k, v := range x {
			w := b.w[k*b.N+o.N0 : k*b.N+n1]
			for j, u := range w {
				y[j] += float32(v * u)
			}
		}
		if o.Bias != nil {
			for j := range y {
				y[j] += o.Bias[j]
			}
		}
	}
}

func (p *Pool) MatMulT(dx, dy [][]float32, b *Mat, o Opts) {
	n1 := o.N1
	if n1 == 0 {
		n1 = b.N
	}
	for r, d := range dy {
		for k := range b.K {
			w := b.w[k*b.N+o.N0 : k*b.N+n1]
			s := float32(0)
			for j, u := range w {
				s += float32(d[j] * u)
			}
			dx[r][k] += s
		}
	}
}

func LayerNormScale(x []float32, eps float32) float32 {
	m, v := 0.0, 0.0
	for _, a := range x {
		m += float64(a)
	}
	m /= float64(len(x))
	for _, a := range x {
		v += (float64(a) - m) * (float64(a) - m)
	}
	return float32(math.Sqrt(v/float64(len(x)) + float64(eps)))
}

func mean(x []float32) float32 {
	m := 0.0
	for _, a := range x {
		m += float64(a)
	}
	return float32(m / float64(len(x)))
}

func LayerNorm(out, x []float32, scale float32, w, b []float32) {
	m := mean(x)
	for i, a := range x {
		out[i] = float32((a-m)/scale*w[i]) + b[i]
	}
}

type KeyRun struct {
	Buf       []float32
	N, Stride int
}

func Scores(out, q []float32, runs []KeyRun, h, kvh, dh int, scale float32) {
	n := len(out) / h
	j := 0
	for _, r := range runs {
		for i := range r.N {
			k := r.Buf[i*r.Stride:]
			for a := range h {
				s := float32(0)
				kk := k[a*kvh/h*dh:]
				for c := range dh {
					s += float32(q[a*dh+c] * kk[c])
				}
				out[a*n+j] = s * scale
			}
			j++
		}
	}
}

func Softmax(out, x []float32) {
	m := float32(math.Inf(-1))
	for _, v := range x {
		m = max(m, v)
	}
	s := 0.0
	for i, v := range x {
		out[i] = float32(math.Exp(float64(v - m)))
		s += float64(out[i])
	}
	for i := range out {
		out[i] = float32(float64(out[i]) / s)
	}
}

func Mix(z, p []float32, runs []KeyRun, h, kvh, dh int) {
	n := len(p) / h
	clear(z)
	j := 0
	for _, r := range runs {
		for i := range r.N {
			v := r.Buf[i*r.Stride+kvh*dh:]
			for a := range h {
				vv := v[a*kvh/h*dh:]
				for c := range dh {
					z[a*dh+c] += float32(p[a*n+j] * vv[c])
				}
			}
			j++
		}
	}
}
