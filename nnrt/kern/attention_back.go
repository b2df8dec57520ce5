package kern

// each calls f with every key of a query, position ascending, whose run has memory: its number and
// its row. Runs without memory stand for keys whose gradient nobody wants.
func eachKey(runs []KeyRun, f func(j int, row []float32)) {
	j := 0
	for _, run := range runs {
		if run.Buf == nil {
			j += run.N
			continue
		}
		for i := range run.N {
			f(j, run.Buf[i*run.Stride:])
			j++
		}
	}
}

// part is the key of a head in a row of keys.
func (h heads) part(row []float32, head int) []float32 {
	at := head * h.kv / h.n * h.dim
	return row[at : at+h.dim]
}

// ScoresBack adds the gradient of a query, keys ascending. dq: [heads d_head]; ds: [heads keys].
func ScoresBack(dq []float32, runs []KeyRun, ds []float32, hn, kvHeads, dHead int, scale float32) {
	h := heads{hn, kvHeads, dHead, scale}
	h.check(runs)
	n := keyCount(runs)
	eachKey(runs, func(j int, row []float32) {
		for a := range hn {
			Axpy(dq[a*dHead:(a+1)*dHead], float32(ds[a*n+j]*scale), h.part(row, a))
		}
	})
}

// ScoresBackKeys adds the gradients of the keys that one query saw, into runs shaped like theirs; the
// caller gives the queries in the order the sum shall have. A run without memory is passed over.
// q: [heads d_head]; ds: [heads keys].
func ScoresBackKeys(dkeys []KeyRun, q, ds []float32, hn, kvHeads, dHead int, scale float32) {
	h := heads{hn, kvHeads, dHead, scale}
	n := keyCount(dkeys)
	eachKey(dkeys, func(j int, row []float32) {
		for a := range hn {
			Axpy(h.part(row, a), float32(ds[a*n+j]*scale), q[a*dHead:(a+1)*dHead])
		}
	})
}

// MixBack adds the gradient of a pattern: products of dz with the values, in 16 lanes.
// dp: [heads keys]; dz: [heads d_head].
func MixBack(dp []float32, runs []KeyRun, dz []float32, hn, kvHeads, dHead int) {
	h := heads{hn, kvHeads, dHead, 1}
	h.check(runs)
	n := keyCount(runs)
	eachKey(runs, func(j int, row []float32) {
		for a := range hn {
			dp[a*n+j] += Dot(dz[a*dHead:(a+1)*dHead], h.part(row[kvHeads*dHead:], a))
		}
	})
}

// MixBackKeys adds the gradients of the values that one query saw, as ScoresBackKeys does those of
// the keys. pattern: [heads keys]; dz: [heads d_head].
func MixBackKeys(dkeys []KeyRun, pattern, dz []float32, hn, kvHeads, dHead int) {
	h := heads{hn, kvHeads, dHead, 1}
	n := keyCount(dkeys)
	eachKey(dkeys, func(j int, row []float32) {
		for a := range hn {
			Axpy(h.part(row[kvHeads*dHead:], a), pattern[a*n+j], dz[a*dHead:(a+1)*dHead])
		}
	})
}
