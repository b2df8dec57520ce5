package nn

import kern "interp/nnrt/kernstub"

// Attention is causal attention of one layer between its projections. A query's keys and values come
// as runs of rows [2 kv_heads d_head], keys first, that cover the positions from 0 to its own.
type Attention struct {
	Heads, KVHeads, DHead int
	Scale                 float32 // scores are multiplied by it
}

// Scores are the scaled products of queries with their keys. q: [rows][heads d_head];
// out: [rows][heads keys].
func (a *Attention) Scores(out, q [][]float32, keys [][]kern.KeyRun) {
	for r := range q {
		kern.Scores(out[r], q[r], keys[r], a.Heads, a.KVHeads, a.DHead, a.Scale)
	}
}

// Pattern is the softmax of each head's scores. out, scores: [rows][heads keys].
func (a *Attention) Pattern(out, scores [][]float32) {
	for r, s := range scores {
		n := len(s) / a.Heads
		for h := range a.Heads {
			kern.Softmax(out[r][h*n:(h+1)*n], s[h*n:(h+1)*n])
		}
	}
}

// Mix weighs the values with the pattern. pattern: [rows][heads keys]; out: [rows][heads d_head].
func (a *Attention) Mix(out, pattern [][]float32, keys [][]kern.KeyRun) {
	for r := range pattern {
		kern.Mix(out[r], pattern[r], keys[r], a.Heads, a.KVHeads, a.DHead)
	}
}

// Fused is Scores, Pattern and Mix in one, without writing scores or pattern out; the same bits.
func (a *Attention) Fused(p *kern.Pool, out, q [][]float32, keys [][]kern.KeyRun) {
	for r := range q {
		n := 0
		for _, run := range keys[r] {
			n += run.N
		}
		s := [][]float32{make([]float32, a.Heads*n)}
		a.Scores(s, q[r:r+1], keys[r:r+1])
		a.Pattern(s, s)
		a.Mix(out[r:r+1], s, keys[r:r+1])
	}
}

// Queries is the width of a row of queries.
func (a *Attention) Queries() int { return a.Heads * a.DHead }

// each calls f with every key of a query, ascending, that has memory: its number and the place of its
// row.
func each(keys []kern.KeyRun, f func(j int, row []float32)) {
	j := 0
	for _, run := range keys {
		for i := range run.N {
			if run.Buf != nil {
				f(j, run.Buf[i*run.Stride:])
			}
			j++
		}
	}
}

// shared is the key and value head that a head uses.
func (a *Attention) shared(h int) int { return h * a.KVHeads / a.Heads * a.DHead }

// ScoresBack adds the gradients of queries, keys ascending. dq: [rows][heads d_head];
// ds: [rows][heads keys].
func (a *Attention) ScoresBack(dq [][]float32, keys [][]kern.KeyRun, ds [][]float32) {
	for r, d := range ds {
		n := len(d) / a.Heads
		each(keys[r], func(j int, row []float32) {
			for h := range a.Heads {
				axpy(dq[r][h*a.DHead:(h+1)*a.DHead], float32(d[h*n+j]*a.Scale), row[a.shared(h):][:a.DHead])
			}
		})
	}
}

// ScoresBackKeys adds the gradients of keys, rows in the order given. dkeys: runs of
// [2 kv_heads d_head]; q: [rows][heads d_head]; ds: [rows][heads keys].
func (a *Attention) ScoresBackKeys(dkeys [][]kern.KeyRun, q, ds [][]float32) {
	for r, d := range ds {
		n := len(d) / a.Heads
		each(dkeys[r], func(j int, row []float32) {
			for h := range a.Heads {
				axpy(row[a.shared(h):][:a.DHead], float32(d[h*n+j]*a.Scale), q[r][h*a.DHead:(h+1)*a.DHead])
			}
		})
	}
}

// PatternBack adds the gradients of scores. ds, scores, dp: [rows][heads keys].
//
//	ds_j = p_j (dp_j - sum_k p_k dp_k)
func (a *Attention) PatternBack(ds, scores, dp [][]float32) {
	for r, s := range scores {
		n := len(s) / a.Heads
		p := make([]float32, n)
		for h := range a.Heads {
			kern.Softmax(p, s[h*n:(h+1)*n])
			d, sum := dp[r][h*n:(h+1)*n], 0.0
			for j, v := range p {
				sum += float64(v) * float64(d[j])
			}
			for j, v := range p {
				ds[r][h*n+j] += float32(float64(v) * (float64(d[j]) - sum))
			}
		}
	}
}

// MixBack adds the gradients of patterns. dp: [rows][heads keys]; dz: [rows][heads d_head].
func (a *Attention) MixBack(dp [][]float32, keys [][]kern.KeyRun, dz [][]float32) {
	for r, d := range dz {
		n := len(dp[r]) / a.Heads
		each(keys[r], func(j int, row []float32) {
			values := row[a.KVHeads*a.DHead:]
			for h := range a.Heads {
				dp[r][h*n+j] += dot(d[h*a.DHead:(h+1)*a.DHead], values[a.shared(h):])
			}
		})
	}
}

// MixBackKeys adds the gradients of values, rows in the order given. dkeys: runs of
// [2 kv_heads d_head]; pattern: [rows][heads keys]; dz: [rows][heads d_head].
func (a *Attention) MixBackKeys(dkeys [][]kern.KeyRun, pattern, dz [][]float32) {
	for r, p := range pattern {
		n := len(p) / a.Heads
		each(dkeys[r], func(j int, row []float32) {
			values := row[a.KVHeads*a.DHead:]
			for h := range a.Heads {
				axpy(values[a.shared(h):][:a.DHead], p[h*n+j], dz[r][h*a.DHead:(h+1)*a.DHead])
			}
		})
	}
}

// dot is a sum of products in order, each rounded.
func dot(a, b []float32) float32 {
	s := float32(0)
	for i, v := range a {
		s += float32(v * b[i])
	}
	return s
}
