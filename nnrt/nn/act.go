package nn

import "math"

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

// Rows applies the activation. out, x: [rows][width].
func (a Act) Rows(out, x [][]float32) {
	for r, row := range x {
		for i, v := range row {
			u := float64(v)
			switch a {
			case GELUTanh:
				u = 0.5 * u * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(u+0.044715*u*u*u)))
			case GELU:
				u = 0.5 * u * (1 + math.Erf(u/math.Sqrt2))
			case ReLU:
				u = max(u, 0)
			}
			out[r][i] = float32(u)
		}
	}
}

// Back adds the gradients of what the activation was applied to. dx, x, dy: [rows][width].
func (a Act) Back(dx, x, dy [][]float32) {
	for r, row := range x {
		for i, v := range row {
			dx[r][i] += float32(float64(dy[r][i]) * a.slope(float64(v)))
		}
	}
}

func (a Act) slope(u float64) float64 {
	switch a {
	case GELUTanh:
		c := math.Sqrt(2 / math.Pi)
		t := math.Tanh(c * (u + 0.044715*u*u*u))
		return 0.5*(1+t) + 0.5*u*(1-t*t)*c*(1+3*0.044715*u*u)
	case GELU:
		return 0.5*(1+math.Erf(u/math.Sqrt2)) + u*math.Exp(-u*u/2)/math.Sqrt(2*math.Pi)
	}
	if u > 0 {
		return 1
	}
	return 0
}
