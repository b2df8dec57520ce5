package kern

import "math"

// Softmax is e^(x - max) over its sum, the sum in 16 lanes by place in the row. NaN or +Inf anywhere,
// or -Inf everywhere, make the row NaN. out, x: [n]; they may be the same.
func Softmax(out, x []float32) {
	if len(x) > 0 {
		host.softmax(out[:len(x)], x)
	}
}

// SoftmaxBack adds the gradient of what Softmax was applied to, p being its result. dx, p, dp: [n].
//
//	dx_j = p_j (dp_j - sum_k p_k dp_k)
func SoftmaxBack(dx, p, dp []float32) {
	s := Dot(p, dp)
	for j, v := range p {
		dx[j] += float32(v * (dp[j] - s))
	}
}

// vocabBlock is how many numbers of a long row are summed at a time.
const vocabBlock = 4096

// LogSumExp is max + log(sum of e^(x - max)), the sum by blocks of 4096 numbers that are added in
// order; -Inf for an empty row. x: [n].
func LogSumExp(x []float32) float32 { return host.logSumExp(x) }

func (im *impl) logSumExp(x []float32) float32 {
	m := im.maximum(x)
	if math.IsInf(float64(m), 0) {
		return Max(x)
	}
	s := float32(0)
	for at := 0; at < len(x); at += vocabBlock {
		s += im.expSum(x[at:min(at+vocabBlock, len(x))], m)
	}
	return m + float32(math.Log(float64(s)))
}

// LogSoftmax is x - LogSumExp(x). out, x: [n].
func LogSoftmax(out, x []float32) {
	l := LogSumExp(x)
	for i, v := range x {
		out[i] = v - l
	}
}
