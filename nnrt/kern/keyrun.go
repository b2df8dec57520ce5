package kern

import "fmt"

// KeyRun is some keys and values that lie at even distances: row i starts at Buf[i*Stride] and is
// [2 kv_heads d_head], keys first. A query sees the runs of its list one after another, as the keys
// of positions 0, 1, 2 and so on.
type KeyRun struct {
	Buf       []float32
	N, Stride int
}

// from is the run without its first i keys.
func (r KeyRun) from(i int) KeyRun { return KeyRun{r.Buf[i*r.Stride:], r.N - i, r.Stride} }

// same says that two runs start with the same memory.
func (r KeyRun) same(o KeyRun) bool { return &r.Buf[0] == &o.Buf[0] && r.Stride == o.Stride }

// joined appends runs, those that follow one another in memory made into one, so that keys may be
// given one by one.
func joined(to []KeyRun, runs []KeyRun) []KeyRun {
	first := len(to)
	for _, r := range runs {
		if r.N == 0 {
			continue
		}
		if n := len(to) - 1; n >= first && follows(to[n], r) {
			end := to[n].N * to[n].Stride
			to[n].Buf = to[n].Buf[:end+len(r.Buf)]
			to[n].N += r.N
			continue
		}
		to = append(to, r)
	}
	return to
}

func follows(a, b KeyRun) bool {
	end := a.N * a.Stride
	if a.Stride != b.Stride || cap(a.Buf) < end+len(b.Buf) {
		return false
	}
	return &a.Buf[:end+1][end] == &b.Buf[0]
}

// joinAll is joined for the lists of many queries.
func joinAll(lists [][]KeyRun) [][]KeyRun {
	n := 0
	for _, l := range lists {
		n += len(l)
	}
	arena, out := make([]KeyRun, 0, n), make([][]KeyRun, len(lists))
	for i, l := range lists {
		at := len(arena)
		arena = joined(arena, l)
		out[i] = arena[at:len(arena):len(arena)]
	}
	return out
}

func keyCount(runs []KeyRun) int {
	n := 0
	for _, r := range runs {
		n += r.N
	}
	return n
}

// heads is the form of an attention layer.
type heads struct {
	n, kv, dim int
	scale      float32
}

func (h heads) check(runs []KeyRun) {
	if h.kv < 1 || h.n%h.kv != 0 || h.dim < 1 {
		panic(fmt.Sprintf("kern: %d heads of %d on %d of keys", h.n, h.dim, h.kv))
	}
	for _, r := range runs {
		if need := (r.N-1)*r.Stride + 2*h.kv*h.dim; r.N < 0 || r.N > 0 && (len(r.Buf) < need || r.Stride < 1) {
			panic(fmt.Sprintf("kern: %d keys, %d apart, in %d numbers, want %d", r.N, r.Stride, len(r.Buf), need))
		}
	}
}
