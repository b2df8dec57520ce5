package nn

import "interp/nnrt/kern"

// Attention is causal attention of one layer between its projections. A query's keys and values come
// as runs of rows [2 kv_heads d_head], keys first, that cover the positions from 0 to its own.
type Attention struct {
	Heads, KVHeads, DHead int
	Scale                 float32 // scores are multiplied by it
}

// Queries is the width of a row of queries.
func (a *Attention) Queries() int { return a.Heads * a.DHead }

// Fused is Scores, Pattern and Mix in one, without writing scores or pattern out; the same bits.
// q, out: [rows][heads d_head].
func (a *Attention) Fused(p *kern.Pool, out, q [][]float32, keys [][]kern.KeyRun) {
	p.Attention(out, q, keys, a.Heads, a.KVHeads, a.DHead, a.Scale)
}

// Scores are the scaled products of queries with their keys. q: [rows][heads d_head];
// out: [rows][heads keys].
func (a *Attention) Scores(p *kern.Pool, out, q [][]float32, keys [][]kern.KeyRun) {
	eachRow(p, q, func(r int) { kern.Scores(out[r], q[r], keys[r], a.Heads, a.KVHeads, a.DHead, a.Scale) })
}

// Pattern is the softmax of each head's scores. out, scores: [rows][heads keys].
func (a *Attention) Pattern(p *kern.Pool, out, scores [][]float32) {
	eachRow(p, scores, func(r int) {
		a.heads(len(scores[r]), func(from, to int) { kern.Softmax(out[r][from:to], scores[r][from:to]) })
	})
}

// Mix weighs the values with the pattern. pattern: [rows][heads keys]; out: [rows][heads d_head].
func (a *Attention) Mix(p *kern.Pool, out, pattern [][]float32, keys [][]kern.KeyRun) {
	eachRow(p, out, func(r int) { kern.Mix(out[r], pattern[r], keys[r], a.Heads, a.KVHeads, a.DHead) })
}

// heads cuts a row of scores into those of each head.
func (a *Attention) heads(width int, f func(from, to int)) {
	n := width / a.Heads
	for h := range a.Heads {
		f(h*n, (h+1)*n)
	}
}

// ScoresBack adds the gradients of queries, keys ascending. dq: [rows][heads d_head];
// ds: [rows][heads keys].
func (a *Attention) ScoresBack(p *kern.Pool, dq [][]float32, keys [][]kern.KeyRun, ds [][]float32) {
	eachRow(p, dq, func(r int) { kern.ScoresBack(dq[r], keys[r], ds[r], a.Heads, a.KVHeads, a.DHead, a.Scale) })
}

// ScoresBackKeys adds the gradients of keys, rows in the order given. dkeys: runs of
// [2 kv_heads d_head]; q: [rows][heads d_head]; ds: [rows][heads keys].
func (a *Attention) ScoresBackKeys(dkeys [][]kern.KeyRun, q, ds [][]float32) {
	for r, d := range ds {
		kern.ScoresBackKeys(dkeys[r], q[r], d, a.Heads, a.KVHeads, a.DHead, a.Scale)
	}
}

// PatternBack adds the gradients of scores. ds, scores, dp: [rows][heads keys].
func (a *Attention) PatternBack(p *kern.Pool, ds, scores, dp [][]float32) {
	eachRow(p, scores, func(r int) {
		pattern := make([]float32, len(scores[r]))
		a.heads(len(pattern), func(from, to int) {
			kern.Softmax(pattern[from:to], scores[r][from:to])
			kern.SoftmaxBack(ds[r][from:to], pattern[from:to], dp[r][from:to])
		})
	})
}

// MixBack adds the gradients of patterns. dp: [rows][heads keys]; dz: [rows][heads d_head].
func (a *Attention) MixBack(p *kern.Pool, dp [][]float32, keys [][]kern.KeyRun, dz [][]float32) {
	eachRow(p, dz, func(r int) { kern.MixBack(dp[r], keys[r], dz[r], a.Heads, a.KVHeads, a.DHead) })
}

// MixBackKeys adds the gradients of values, rows in the order given. dkeys: runs of
// [2 kv_heads d_head]; pattern: [rows][heads keys]; dz: [rows][heads d_head].
func (a *Attention) MixBackKeys(dkeys [][]kern.KeyRun, pattern, dz [][]float32) {
	for r, d := range dz {
		kern.MixBackKeys(dkeys[r], pattern[r], d, a.Heads, a.KVHeads, a.DHead)
	}
}
