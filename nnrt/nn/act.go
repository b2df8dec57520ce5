package nn

import "interp/nnrt/kern"

// Act is the activation of an MLP: one number to one number.
type Act uint8

// The activations.
const (
	GELUTanh Act = iota // the tanh approximation of GELU
	GELU                // x Phi(x), by the error function
	ReLU
)

var actNames = []struct {
	name string
	act  Act
}{
	{"gelu_new", GELUTanh},
	{"gelu_pytorch_tanh", GELUTanh},
	{"gelu", GELU},
	{"relu", ReLU},
}

// ActNamed finds an activation by the name a configuration gives it.
func ActNamed(name string) (Act, bool) {
	for _, a := range actNames {
		if a.name == name {
			return a.act, true
		}
	}
	return 0, false
}

// ActNames are the names known.
func ActNames() []string {
	out := make([]string, len(actNames))
	for i, a := range actNames {
		out[i] = a.name
	}
	return out
}

// actFuncs are an activation and its reverse, which adds: out, x [width]; dx, x, dy [width].
var actFuncs = [...]struct {
	rows func(out, x []float32)
	back func(dx, x, dy []float32)
}{
	GELUTanh: {kern.GELUNew, kern.GELUNewBack},
	GELU:     {kern.GELU, kern.GELUBack},
	ReLU:     {kern.ReLU, kern.ReLUBack},
}

// Rows applies the activation. out, x: [rows][width].
func (a Act) Rows(p *kern.Pool, out, x [][]float32) {
	eachRow(p, x, func(r int) { actFuncs[a].rows(out[r], x[r]) })
}

// Back adds the gradients of what the activation was applied to. dx, x, dy: [rows][width].
func (a Act) Back(p *kern.Pool, dx, x, dy [][]float32) {
	eachRow(p, x, func(r int) { actFuncs[a].back(dx[r], x[r], dy[r]) })
}
