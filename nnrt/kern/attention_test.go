package kern

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// naiveAttention is attention of one query with the orders of the law.
func naiveAttention(im *impl, q []float32, runs []KeyRun, h heads) (scores, pattern, z []float32) {
	n := keyCount(runs)
	rows := make([][]float32, n)
	eachKey(runs, func(j int, row []float32) { rows[j] = row })
	scores, pattern, z = make([]float32, h.n*n), make([]float32, h.n*n), make([]float32, h.n*h.dim)
	for a := range h.n {
		for j, row := range rows {
			s := float32(0)
			for c, k := range h.part(row, a) {
				s = madd(im, q[a*h.dim+c], k, s)
			}
			scores[a*n+j] = s * h.scale
		}
		if n == 0 {
			continue
		}
		im.softmax(pattern[a*n:(a+1)*n], scores[a*n:(a+1)*n])
		for j, row := range rows {
			for c, v := range h.part(row[h.kv*h.dim:], a) {
				z[a*h.dim+c] = madd(im, pattern[a*n+j], v, z[a*h.dim+c])
			}
		}
	}
	return scores, pattern, z
}

// world makes lists of runs as sweeps do: prompts that share a prefix, each with keys of its own,
// given run by run or key by key.
func world(r *rand.Rand, rows int, h heads, longest int, single bool) [][]KeyRun {
	width := 2*h.kv*h.dim + r.IntN(3)
	base := random(r, longest*width)
	own, fork := base, longest
	var lists [][]KeyRun
	for i := 0; i < rows; {
		if i > 0 || r.IntN(2) == 0 {
			own, fork = random(r, longest*width), r.IntN(longest)
		}
		for n := r.IntN(longest + 1); n <= longest && i < rows; n, i = n+1, i+1 {
			var l []KeyRun
			for at := 0; at < n; {
				buf, end := base, min(n, fork)
				if at >= fork {
					buf, end = own, n
				}
				if single {
					end = at + 1
				}
				l = append(l, KeyRun{buf[at*width : end*width], end - at, width})
				at = end
			}
			lists = append(lists, l)
		}
	}
	return lists
}

var shapes = []heads{{2, 2, 8, 0.3}, {3, 3, 64, 0.125}, {4, 2, 20, 0.25}, {6, 2, 33, 0.2}, {1, 1, 1, 1}}

func TestAttention(t *testing.T) {
	for _, im := range levels() {
		for _, threads := range []int{1, 2} {
			p := NewPool(threads, WithISA(im.level))
			defer p.Close()
			for i, h := range shapes {
				for _, longest := range []int{1, 5, 40, 300} {
					t.Run(fmt.Sprintf("%s, %d threads, %d heads on %d of %d, %d keys", im.level, threads, h.n, h.kv, h.dim, longest), func(t *testing.T) {
						r := rand.New(rand.NewPCG(uint64(i), uint64(longest)))
						rows := 1 + r.IntN(60)
						runs := world(r, rows, h, longest, i%2 == 0)
						q, z := randomRows(r, rows, h.n*h.dim), randomRows(r, rows, h.n*h.dim)
						p.Attention(z, q, runs, h.n, h.kv, h.dim, h.scale)
						for i := range rows {
							s, pattern, want := naiveAttention(im, q[i], runs[i], h)
							wantBits(t, fmt.Sprintf("fused, row %d of %d", i, rows), z[i], want)
							got := make([]float32, len(s))
							im.scores(got, q[i], runs[i], h)
							wantBits(t, "scores", got, s)
							one := random(r, len(want))
							im.mix(one, pattern, runs[i], h)
							wantBits(t, "mix", one, want)
						}
					})
				}
			}
		}
	}
}

func TestKeysOneByOneAreJoined(t *testing.T) {
	buf := make([]float32, 60)
	var one []KeyRun
	for i := range 5 {
		one = append(one, KeyRun{buf[i*6 : (i+1)*6], 1, 6})
	}
	one = append(one, KeyRun{buf[36:42], 1, 6}, KeyRun{nil, 0, 6}, KeyRun{buf[42:60], 3, 6})
	got := joined(nil, one)
	if len(got) != 2 || got[0].N != 5 || got[1].N != 4 || len(got[0].Buf) != 30 || len(got[1].Buf) != 24 {
		t.Errorf("joined to %d runs", len(got))
	}
	if got := joined(nil, []KeyRun{{buf[:6:6], 1, 6}, {buf[6:12], 1, 6}}); len(got) != 2 {
		t.Errorf("a run was extended beyond its capacity")
	}
}

// TestAttentionGradients compares the reverse with differences of the forward in double precision.
func TestAttentionGradients(t *testing.T) {
	h := heads{4, 2, 3, 0.5}
	r := rand.New(rand.NewPCG(1, 1))
	width := 2 * h.kv * h.dim
	keys := random(r, 5*width)
	runs := []KeyRun{{keys[:2*width], 2, width}, {keys[2*width:], 3, width}}
	q, dz := random(r, h.n*h.dim), random(r, h.n*h.dim)
	n := 5

	_, pattern, _ := naiveAttention(&generic, q, runs, h)
	dp, ds, dq, dkeys := make([]float32, h.n*n), make([]float32, h.n*n), make([]float32, len(q)), make([]float32, len(keys))
	druns := []KeyRun{{dkeys[:2*width], 2, width}, {dkeys[2*width:], 3, width}}
	MixBack(dp, runs, dz, h.n, h.kv, h.dim)
	MixBackKeys(druns, pattern, dz, h.n, h.kv, h.dim)
	for a := range h.n {
		SoftmaxBack(ds[a*n:(a+1)*n], pattern[a*n:(a+1)*n], dp[a*n:(a+1)*n])
	}
	ScoresBack(dq, runs, ds, h.n, h.kv, h.dim, h.scale)
	ScoresBackKeys(druns, q, ds, h.n, h.kv, h.dim, h.scale)

	loss := func() float64 {
		sum := 0.0
		for a := range h.n {
			w, total := make([]float64, n), 0.0
			eachKey(runs, func(j int, row []float32) {
				s := 0.0
				for c, k := range h.part(row, a) {
					s += float64(q[a*h.dim+c]) * float64(k)
				}
				w[j] = math.Exp(s * float64(h.scale))
				total += w[j]
			})
			eachKey(runs, func(j int, row []float32) {
				for c, v := range h.part(row[h.kv*h.dim:], a) {
					sum += w[j] / total * float64(v) * float64(dz[a*h.dim+c])
				}
			})
		}
		return sum
	}
	check := func(what string, x, dx []float32) {
		for i := range x {
			v := x[i]
			x[i] = v + 1.0/512
			up, high := loss(), float64(x[i])
			x[i] = v - 1.0/512
			down, low := loss(), float64(x[i])
			x[i] = v
			if d := (up - down) / (high - low); math.Abs(d-float64(dx[i])) > 1e-4 {
				t.Errorf("%s %d: gradient %v, difference quotient %v", what, i, dx[i], d)
			}
		}
	}
	check("query", q, dq)
	check("keys and values", keys, dkeys)
}

func TestKeysWithoutMemoryArePassedOver(t *testing.T) {
	h := heads{1, 1, 2, 1}
	d := make([]float32, 4)
	druns := []KeyRun{{nil, 3, 4}, {d, 1, 4}}
	ScoresBackKeys(druns, []float32{1, 2}, []float32{9, 9, 9, 3}, h.n, h.kv, h.dim, h.scale)
	MixBackKeys(druns, []float32{9, 9, 9, 5}, []float32{1, 2}, h.n, h.kv, h.dim)
	wantBits(t, "the key with memory", d, []float32{3, 6, 5, 10})
}
