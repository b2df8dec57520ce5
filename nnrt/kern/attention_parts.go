package kern

// query computes the scores of all lines. q: [queries][heads d_head].
func (a *attScratch) query(q [][]float32) {
	a.lines(q)
	a.levels(func(lo, hi int, run KeyRun) { a.scoreSegment(lo, hi, run) })
	for i, n := range a.keys {
		for _, s := range a.s[i*a.rep : (i+1)*a.rep] {
			a.im.scale(s[:n], a.h.scale, s[:n])
		}
	}
}

// scoreSegment multiplies the queries of a segment with its keys, 32 keys at a time.
func (a *attScratch) scoreSegment(lo, hi int, run KeyRun) {
	d, pos := a.h.dim, a.cur[lo].pos
	most := a.cut(lo, hi, d)
	for _, t := range a.tiles {
		rowsOf(a.qz).pack(a.im, a.a[t.at:], t.tileAt, 0, 0, d)
	}
	run = a.widest(lo, hi, run)
	kt := grown(&a.b, max(d, partK)*panel)
	for k := 0; k < most; k += panel {
		a.turnKeys(kt, run.from(k), min(panel, most-k))
		for _, t := range a.tiles {
			if t.most > k {
				a.im.tile(t.rows, d, a.a[t.at:], t.as, kt, panel, a.s[t.row:t.row+t.rows], pos+k, false, hint{})
			}
		}
	}
}

// widest is the run of a segment's query that sees the most.
func (a *attScratch) widest(lo, hi int, run KeyRun) KeyRun {
	for q := lo; q < hi; q++ {
		if r := a.lists[q][a.cur[q].i]; r.N > run.N {
			run = r
		}
	}
	return run
}

// turnKeys packs n keys as columns: kt[c*32+i] is number c of key i.
func (a *attScratch) turnKeys(kt []float32, run KeyRun, n int) {
	d := a.h.dim
	if n == panel && d%panel == 0 {
		for c := 0; c < d; c += panel {
			a.im.turn(kt[c*panel:], run.Buf[a.head*d+c:], run.Stride)
		}
		return
	}
	for i := 0; i < n; i += 4 {
		var s [4][]float32
		for q := range s {
			s[q] = run.Buf[min(i+q, n-1)*run.Stride+a.head*d:][:d]
		}
		a.im.pack4(kt[i:], panel, s[0], s[1], s[2], s[3])
	}
}

// result computes the lines of z from the pattern. z: [queries][heads d_head].
func (a *attScratch) result(z [][]float32) {
	a.lines(z)
	for i, n := range a.keys {
		if n == 0 {
			for _, line := range a.qz[i*a.rep : (i+1)*a.rep] {
				clear(line)
			}
		}
	}
	a.levels(func(lo, hi int, run KeyRun) { a.mixSegment(lo, hi, run) })
}

// mixSegment adds the values of a segment's run.
func (a *attScratch) mixSegment(lo, hi int, run KeyRun) {
	pos := a.cur[lo].pos
	run = a.widest(lo, hi, run)
	a.cut(lo, hi, partK)
	common := 0
	for _, t := range a.tiles {
		common = max(common, t.least)
	}
	for k := 0; k < common; k += partK {
		a.packPattern(pos+k, k)
		for c := 0; c < a.h.dim; c += panel {
			a.mixBlock(run, pos, k, min(partK, common-k), c)
		}
	}
	for _, t := range a.tiles {
		for i := t.row; i < t.row+t.rows && t.most > t.least; i++ {
			if n := a.left(i / a.rep); n > t.least {
				a.mixLine(run, pos, i, t.least, n)
			}
		}
	}
}

// packPattern packs a block of the pattern for every tile.
func (a *attScratch) packPattern(at, k int) {
	for _, t := range a.tiles {
		if n := min(partK, t.least-k); n > 0 {
			rowsOf(a.s).pack(a.im, a.a[t.at:], t.tileAt, 0, at, n)
		}
	}
}

// mixBlock adds n keys from key k on to columns c to c+31 of every tile.
func (a *attScratch) mixBlock(run KeyRun, pos, k, n, c int) {
	b, bs := a.values(run.from(k), n, c, len(a.tiles) > 2)
	for _, t := range a.tiles {
		if n := min(n, t.least-k); n > 0 {
			a.add(t.rows, n, a.a[t.at:], t.as, b, bs, a.qz[t.row:t.row+t.rows], c, pos+k > 0)
		}
	}
}

// mixLine adds keys from to to-1 of a run to one line.
func (a *attScratch) mixLine(run KeyRun, pos, i, from, to int) {
	p := a.s[i][pos:]
	for c := 0; c < a.h.dim; c += panel {
		for k := from; k < to; k += partK {
			n := min(partK, to-k)
			b, bs := a.values(run.from(k), n, c, false)
			a.add(1, n, p[k:k+n], 1, b, bs, a.qz[i:i+1], c, pos+k > 0)
		}
	}
}

// values is columns c to c+31 of n values: as they lie, or packed if asked or if the head is narrower.
func (a *attScratch) values(run KeyRun, n, c int, pack bool) ([]float32, int) {
	at := (a.h.kv+a.head)*a.h.dim + c
	w := min(panel, a.h.dim-c)
	if w == panel && !pack {
		return run.Buf[at:], run.Stride
	}
	b := grown(&a.b, max(a.h.dim, partK)*panel)
	if w < panel {
		clear(b[:n*panel])
	}
	for i := range n {
		copy(b[i*panel:(i+1)*panel], run.Buf[i*run.Stride+at:][:w])
	}
	return b, panel
}

// add is a tile, by way of memory of its own where the head ends within it.
func (a *attScratch) add(rows, n int, p []float32, ps int, b []float32, bs int, z [][]float32, c int, acc bool) {
	w := a.h.dim - c
	if w >= panel {
		a.im.tile(rows, n, p, ps, b, bs, z, c, acc, hint{})
		return
	}
	if a.edge == nil {
		a.edge = cut(make([]float32, tileRows*panel), tileRows, panel, panel)
	}
	for r, line := range z {
		copy(a.edge[r], line[c:])
	}
	a.im.tile(rows, n, p, ps, b, bs, a.edge[:rows], 0, acc, hint{})
	for r, line := range z {
		copy(line[c:], a.edge[r][:w])
	}
}
