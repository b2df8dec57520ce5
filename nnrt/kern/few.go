package kern

// few multiplies all of A, which is a few tiles, with panels p0 to p1-1: at most fewPanels of them. Such
// a product waits for B to come from memory. So B is fetched a little ahead, evenly, while the tiles are
// summed; and what is summed stays at hand until there is much of every row, since a line of C here and
// there keeps the memory from B.
func (g *gemm) few(s *scratch, p0, p1 int) {
	at := p0 * panel
	lo, hi := max(at, g.n0), min(p1*panel, g.n1)
	last := g.tiles[len(g.tiles)-1]
	rows := s.few[:last.row+last.rows]
	if g.acc {
		for r, row := range rows {
			copy(row[lo-at:hi-at], g.c[g.m0+r][lo-g.n0:])
		}
	}
	if m, ok := g.b.(turned); ok {
		g.fewTurned(s, m, p0, p1)
	} else {
		for p := p0; p < p1; p++ {
			g.fewPanel(s, p*panel, (p-p0)*panel)
		}
	}
	for r, row := range rows {
		copy(g.c[g.m0+r][lo-g.n0:], row[lo-at:hi-at])
		if g.finish != nil {
			g.finish(g.m0+r, lo, hi)
		}
	}
}

// fewPanel sums the panel at column n into columns off to off+31 of s.few.
func (g *gemm) fewPanel(s *scratch, n, off int) {
	block := fewK
	if _, ok := g.b.(packed); ok && len(g.tiles) == 1 {
		block = g.k
	}
	for k0 := 0; k0 < g.k; k0 += block {
		k := min(block, g.k-k0)
		g.fewPart(s, n, off, k0, k, g.soon(n, k0, k))
	}
}

// fewTurned sums panels p0 to p1-1 of a matrix transposed: side by side, as their numbers lie.
func (g *gemm) fewTurned(s *scratch, m turned, p0, p1 int) {
	for k0 := 0; k0 < g.k; k0 += panel {
		for p := p0; p < p1; p++ {
			after, k := p+1, k0
			if after == p1 {
				after, k = p0, k0+panel
			}
			g.fewPart(s, p*panel, (p-p0)*panel, k0, min(panel, g.k-k0), g.hint(m.Mat, m.at(after*panel, k)))
		}
	}
}

// fewPart adds k rows of the panel at column n, and fetches what comes next.
func (g *gemm) fewPart(s *scratch, n, off, k0, k int, h hint) {
	im := g.pool.impl
	m, half := g.b.(packed)
	half = half && m.Type == BF16
	var b []float32
	bs := panel
	if !half {
		b, bs = g.b.part(im, s.panel(partSize), n, k0, k)
	}
	for _, t := range g.tiles {
		if len(h.b) < k*h.step/4 {
			h.step = 0
		}
		a, c, acc := g.pa[t.at+k0*t.as:], s.few[t.row:t.row+t.rows], g.acc || k0 > 0
		if half {
			im.tileHalf(t.rows, k, a, t.as, m.h[(n/panel*m.K+k0)*panel:], panel, c, off, acc, h)
		} else {
			im.tile(t.rows, k, a, t.as, b, bs, c, off, acc, h)
		}
		h.b = h.b[k*h.step/4:]
	}
}

// soon is the part of B that lies behind k rows from row k0 on, or nearer if that is far.
func (g *gemm) soon(n, k0, k int) hint {
	m, ok := g.b.(packed)
	if !ok {
		return hint{}
	}
	if len(g.tiles) == 1 {
		k = fewAhead
	}
	return g.hint(m.Mat, (n/panel*m.K+k0+k)*panel)
}

// hint asks for a matrix from a number on, a row of a panel for each k of all tiles.
func (g *gemm) hint(m *Mat, at int) hint {
	if at >= panels(m.N)*m.K*panel {
		return hint{}
	}
	return hint{b: m.from(at), step: max(16, (m.width()/len(g.tiles)+15)&^15)}
}
