package nn

import "interp/nnrt/kern"

// Linear is y = x W + b with W stored [in, out], as GPT-2's Conv1D does.
type Linear struct {
	W *kern.Mat // [in, out], packed
	B []float32 // [out]
}

// Load reads name.weight and name.bias.
func (l *Linear) Load(src Source, name string) error {
	w, err := src.Read(name + ".weight")
	if err != nil {
		return err
	}
	shape := src.Shape(name + ".weight")
	l.W = src.Pack(shape[0], shape[1], w, false)
	l.B, err = own(src, name+".bias")
	return err
}

// Rows computes outputs n0 to n1-1. in: [rows][in]; out: [rows][n1-n0].
func (l *Linear) Rows(p *kern.Pool, out, in [][]float32, n0, n1 int) {
	p.MatMul(out, in, l.W, kern.Opts{Bias: l.B[n0:n1], N0: n0, N1: n1})
}

// Back adds the inputs' gradients of outputs n0 to n1-1. dx: [rows][in]; dy: [rows][n1-n0].
func (l *Linear) Back(p *kern.Pool, dx, dy [][]float32, n0, n1 int) {
	p.MatMulT(dx, dy, l.W, kern.Opts{N0: n0, N1: n1})
}

// Out is the number of outputs.
func (l *Linear) Out() int { return len(l.B) }

// BackParam adds the gradient of the weight or the bias, row by row: outputs from n0 on. x: [rows][in];
// dy: [rows][outputs]; acc: [in out], or [out] for the bias.
func (l *Linear) BackParam(p *kern.Pool, acc []float32, x, dy [][]float32, n0 int, bias bool) {
	if !bias {
		p.AddOuter(acc[n0:], l.Out(), x, dy)
		return
	}
	for _, d := range dy {
		to := acc[n0 : n0+len(d)]
		kern.Add(to, to, d)
	}
}
