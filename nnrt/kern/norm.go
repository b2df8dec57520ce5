package kern

import "math"

// LayerNormScale is sqrt(var + eps), the variance over the width and divided by it. x: [width].
func LayerNormScale(x []float32, eps float32) float32 { return host.layerNormScale(x, eps) }

func (im *impl) layerNormScale(x []float32, eps float32) float32 {
	return sqrt(im.sqDev(x, im.mean(x))/float32(len(x)) + eps)
}

// LayerNorm is (x - mean) / scale * w + b, a rounding each. The scale is given, so that one that was
// set counts. out, x, w, b: [width]; b may be nil.
func LayerNorm(out, x []float32, scale float32, w, b []float32) {
	host.norm(out[:len(x)], x, host.mean(x), scale, w, b)
}

// RMSNormScale is sqrt(mean of squares + eps). x: [width].
func RMSNormScale(x []float32, eps float32) float32 {
	return sqrt(host.dot(x, x)/float32(len(x)) + eps)
}

// RMSNorm is x / scale * w. out, x, w: [width].
func RMSNorm(out, x []float32, scale float32, w []float32) {
	host.norm(out[:len(x)], x, 0, scale, w, nil)
}

// LayerNormBack adds the gradient of x with the scale held fixed. dx, dy, w: [width].
//
//	dx_i = g_i - mean(g)   with g_i = dy_i w_i / scale
func LayerNormBack(dx []float32, scale float32, w, dy []float32) {
	host.layerNormBack(dx, scale, w, dy)
}

func (im *impl) layerNormBack(dx []float32, scale float32, w, dy []float32) {
	g := make([]float32, len(dy))
	for i, d := range dy {
		g[i] = float32(d*w[i]) / scale
	}
	m := im.mean(g)
	for i, v := range g {
		dx[i] += v - m
	}
}

// LayerNormBackScale is the gradient of the scale, -sum dy w (x - mean) / scale^2. x, w, dy: [width].
func LayerNormBackScale(x []float32, scale float32, w, dy []float32) float32 {
	return host.normBackScale(x, host.mean(x), scale, w, dy)
}

func (im *impl) normBackScale(x []float32, mean, scale float32, w, dy []float32) float32 {
	g, d := make([]float32, len(x)), make([]float32, len(x))
	for i, v := range x {
		g[i], d[i] = dy[i]*w[i], v-mean
	}
	return -im.dot(g, d) / float32(scale*scale)
}

// LayerNormScaleBack adds the gradient of x through the scale that LayerNormScale gave.
// dx, x: [width].
//
//	dx_i = ds (x_i - mean) / (width scale)
func LayerNormScaleBack(dx, x []float32, scale, ds float32) {
	normScaleBack(dx, x, host.mean(x), scale, ds)
}

func normScaleBack(dx, x []float32, mean, scale, ds float32) {
	f := ds / float32(float32(len(x))*scale)
	for i, v := range x {
		dx[i] += float32((v - mean) * f)
	}
}

// RMSNormBack adds the gradient of x with the scale held fixed, dy w / scale. dx, dy, w: [width].
func RMSNormBack(dx []float32, scale float32, w, dy []float32) {
	for i, d := range dy {
		dx[i] += float32(d*w[i]) / scale
	}
}

// RMSNormBackScale is the gradient of the scale, -sum dy w x / scale^2. x, w, dy: [width].
func RMSNormBackScale(x []float32, scale float32, w, dy []float32) float32 {
	return host.normBackScale(x, 0, scale, w, dy)
}

// RMSNormScaleBack adds the gradient of x through the scale that RMSNormScale gave. dx, x: [width].
func RMSNormScaleBack(dx, x []float32, scale, ds float32) { normScaleBack(dx, x, 0, scale, ds) }

// LayerNormBackWeight adds dy (x - mean) / scale, the gradient of the weight. dw, x, dy: [width].
func LayerNormBackWeight(dw, x []float32, scale float32, dy []float32) {
	m := host.mean(x)
	for i, v := range x {
		dw[i] += float32(dy[i] * float32((v-m)/scale))
	}
}

func sqrt(x float32) float32 { return float32(math.Sqrt(float64(x))) }
