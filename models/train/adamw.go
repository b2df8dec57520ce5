package main

import (
	"math"

	"interp/nnrt/kern"
)

// adamW is the optimizer of Loshchilov and Hutter (2019), with a warm-up, a cosine to a fiftieth of the
// peak, and gradients clipped by their common norm.
type adamW struct {
	rate         float64 // peak
	warm, steps  int
	decay        float64 // of matrices
	clip         float64
	fade1, fade2 float64 // powers of beta1 and beta2
	beta1, beta2 float64
}

func newAdamW(rate float64, steps int) *adamW {
	return &adamW{rate: rate, warm: min(100, steps/10), steps: steps, decay: 0.05, clip: 1, fade1: 1, fade2: 1, beta1: 0.9, beta2: 0.98}
}

// at is the learning rate of a step.
func (o *adamW) at(step int) float64 {
	if step < o.warm {
		return o.rate * float64(step+1) / float64(o.warm)
	}
	x := float64(step-o.warm) / float64(max(1, o.steps-o.warm))
	return o.rate * (0.51 + float64(0.49*math.Cos(math.Pi*x)))
}

// step moves the parameters against their gradients. It returns the norm of those.
func (o *adamW) step(p *kern.Pool, params []*param, step int) float64 {
	sq := make([]float64, len(params))
	p.Run(len(params), func(_, i int) { sq[i] = float64(kern.SumSq(params[i].g)) })
	total := 0.0
	for _, s := range sq {
		total += s
	}
	size, shrink := math.Sqrt(total), float32(1)
	if size > o.clip {
		shrink = float32(o.clip / size)
	}
	o.fade1 *= o.beta1
	o.fade2 *= o.beta2
	rate := o.at(step)
	b1, b2 := float32(o.beta1), float32(o.beta2)
	c1, c2 := float32(1-o.beta1), float32(1-o.beta2)
	step1, root2 := float32(rate/(1-o.fade1)), float32(math.Sqrt(1-o.fade2))
	p.Run(len(params), func(_, i int) {
		x := params[i]
		keep := float32(1)
		if len(x.shape) == 2 {
			keep = float32(1 - float64(rate*o.decay))
		}
		for j, g := range x.g {
			g *= shrink
			m := float32(b1*x.m[j]) + float32(c1*g)
			v := float32(b2*x.v[j]) + float32(float32(c2*g)*g)
			x.m[j], x.v[j] = m, v
			root := float32(math.Sqrt(float64(v)))/root2 + 1e-8
			x.x[j] = float32(x.x[j]*keep) - float32(step1*m)/root
		}
	})
	return size
}
