package kern

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
