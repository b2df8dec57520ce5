package nn

import "interp/nnrt/kern"

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

// Scales computes the scales. x: [rows][width]; out: [rows][1].
func (n *LayerNorm) Scales(p *kern.Pool, out, x [][]float32) {
	eachRow(p, x, func(r int) { out[r][0] = kern.LayerNormScale(x[r], n.Eps) })
}

// Normalize computes the rows, given their scales. out, x: [rows][width]; scale: [rows][1].
func (n *LayerNorm) Normalize(p *kern.Pool, out, x, scale [][]float32) {
	eachRow(p, x, func(r int) { kern.LayerNorm(out[r], x[r], scale[r][0], n.W, n.B) })
}

// ScalesBack adds the gradients of what is normalised, from those of the scales. dx, x: [rows][width];
// ds: [rows][1].
func (n *LayerNorm) ScalesBack(p *kern.Pool, dx, x, ds [][]float32) {
	eachRow(p, x, func(r int) {
		kern.LayerNormScaleBack(dx[r], x[r], kern.LayerNormScale(x[r], n.Eps), ds[r][0])
	})
}

// NormalizeBack adds the gradients of what is normalised, the scales held fixed. dx, dy: [rows][width];
// scale: [rows][1].
func (n *LayerNorm) NormalizeBack(p *kern.Pool, dx, scale, dy [][]float32) {
	eachRow(p, dy, func(r int) { kern.LayerNormBack(dx[r], scale[r][0], n.W, dy[r]) })
}

// NormalizeBackScales adds the gradients of the scales. ds, scale: [rows][1]; x, dy: [rows][width].
func (n *LayerNorm) NormalizeBackScales(p *kern.Pool, ds, x, scale, dy [][]float32) {
	eachRow(p, dy, func(r int) { ds[r][0] += kern.LayerNormBackScale(x[r], scale[r][0], n.W, dy[r]) })
}

// BackParam adds the gradient of the weight or the bias, row by row. acc: [width]; x, dy:
// [rows][width]; scale: [rows][1].
func (n *LayerNorm) BackParam(acc []float32, x, scale, dy [][]float32, bias bool) {
	for r, d := range dy {
		if bias {
			kern.Add(acc, acc, d)
		} else {
			kern.LayerNormBackWeight(acc, x[r], scale[r][0], d)
		}
	}
}
