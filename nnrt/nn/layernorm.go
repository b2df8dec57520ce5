package nn

import kern "interp/nnrt/kernstub"

// LayerNorm is y = (x - mean) / scale * w + b with scale = sqrt(var + eps), in two steps, because
// the scale is a site of its own. The variance is divided by the width.
type LayerNorm struct {
	W, B []float32 // [width]
	Eps  float32
}

// Load reads name.weight and name.bias.
func (n *LayerNorm) Load(src Source, name string) error {
	var err error
	if n.W, err = own(src, name+".weight"); err != nil {
		return err
	}
	n.B, err = own(src, name+".bias")
	return err
}

// Scale computes the scales. x: [rows][width]; out: [rows][1].
func (n *LayerNorm) Scale(out, x [][]float32) {
	for r, row := range x {
		out[r][0] = kern.LayerNormScale(row, n.Eps)
	}
}

// Normalize computes the rows, given their scales. out, x: [rows][width]; scale: [rows][1].
func (n *LayerNorm) Normalize(out, x, scale [][]float32) {
	for r, row := range x {
		kern.LayerNorm(out[r], row, scale[r][0], n.W, n.B)
	}
}

// ScaleBack adds the gradient of what is normalised, from that of the scale. dx, x: [rows][width];
// ds: [rows][1].
//
//	d scale / d x_i = (x_i - mean) / (width scale)
func (n *LayerNorm) ScaleBack(dx, x, ds [][]float32) {
	for r, row := range x {
		m := mean(row)
		f := float64(ds[r][0]) / (float64(len(row)) * float64(kern.LayerNormScale(row, n.Eps)))
		for i, v := range row {
			dx[r][i] += float32((float64(v) - m) * f)
		}
	}
}

// NormalizeBack adds the gradient of what is normalised, the scale held fixed. dx, dy: [rows][width];
// scale: [rows][1].
//
//	dx_i = g_i - mean(g)   with g_i = dy_i w_i / scale
func (n *LayerNorm) NormalizeBack(dx, scale, dy [][]float32) {
	g := make([]float32, len(n.W))
	for r, d := range dy {
		for i, v := range d {
			g[i] = float32(v*n.W[i]) / scale[r][0]
		}
		m := float32(mean(g))
		for i, v := range g {
			dx[r][i] += v - m
		}
	}
}

// NormalizeBackScale adds the gradient of the scale. ds, scale: [rows][1]; x, dy: [rows][width].
//
//	d scale = - sum_i dy_i w_i (x_i - mean) / scale^2
func (n *LayerNorm) NormalizeBackScale(ds, x, scale, dy [][]float32) {
	for r, d := range dy {
		m, sum := mean(x[r]), 0.0
		for i, v := range d {
			sum += float64(v) * float64(n.W[i]) * (float64(x[r][i]) - m)
		}
		s := float64(scale[r][0])
		ds[r][0] -= float32(sum / (s * s))
	}
}

// BackParam adds the gradient of the weight or the bias, row by row. acc: [width].
func (n *LayerNorm) BackParam(acc []float32, x, scale, dy [][]float32, bias bool) {
	for r, d := range dy {
		if bias {
			AddTo(acc, d)
			continue
		}
		m := mean(x[r])
		for i, v := range d {
			acc[i] += float32(float64(v) * (float64(x[r][i]) - m) / float64(scale[r][0]))
		}
	}
}

// mean is that of a row, summed in double precision in order.
func mean(x []float32) float64 {
	m := 0.0
	for _, v := range x {
		m += float64(v)
	}
	return m / float64(len(x))
}
