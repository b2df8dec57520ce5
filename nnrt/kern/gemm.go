package kern

// Sizes of blocks; none of them changes a bit of the result. What is packed of A stays in the second
// level cache, a block of B with it.
const (
	tileRows = 12
	blockK   = 768
	packedA  = 1 << 18 // numbers of A packed at a time
	packRun  = 256     // numbers of a row packed at a time
	smallJob = 1 << 17 // multiplications not worth a second worker
	smallA   = 1 << 14 // numbers of A not worth a second worker
)

// scratch is a worker's memory, kept between jobs.
type scratch struct {
	b   []float32 // part of a panel
	tmp [][]float32
	att attScratch
}

func newScratch() *scratch {
	s := &scratch{tmp: make([][]float32, tileRows)}
	cells := make([]float32, tileRows*panel)
	for i := range s.tmp {
		s.tmp[i] = cells[i*panel : (i+1)*panel]
	}
	return s
}

func (s *scratch) panel(n int) []float32 { return grown(&s.b, n) }

// grown gives the first n numbers of a buffer, which is made anew if it is too short.
func grown(buf *[]float32, n int) []float32 {
	if cap(*buf) < n {
		*buf = make([]float32, n+n/4)
	}
	return (*buf)[:n]
}

// tileAt is a sliver of packed A: rows from row, stored at at with distance as.
type tileAt struct{ row, rows, at, as int }

// slivers cuts rows into tiles of nearly equal height.
func slivers(to []tileAt, rows, k int) []tileAt {
	n := (rows + tileRows - 1) / tileRows
	at, row := 0, 0
	for i := range n {
		h := (rows - row) / (n - i)
		as := (h + 3) &^ 3
		if h == 1 {
			as = 1
		}
		to = append(to, tileAt{row, h, at, as})
		at += as * k
		row += h
	}
	return to
}

// left is the left side of a product: it packs rows of A for some k as dst[k as + row].
type left interface {
	pack(im *impl, dst []float32, t tileAt, m0, k0, k int)
}

// rowsOf is A given by its rows.
type rowsOf [][]float32

func (x rowsOf) pack(im *impl, dst []float32, t tileAt, m0, k0, k int) {
	at := m0 + t.row
	if t.rows == 1 {
		copy(dst, x[at][k0:k0+k])
		return
	}
	for i := 0; i < k; i += packRun { // short, so that the part of dst stays in the first cache
		n := min(packRun, k-i)
		for r := 0; r < t.rows; r += 4 {
			var s [4][]float32
			for q := range s {
				s[q] = x[at+min(r+q, t.rows-1)][k0+i : k0+i+n]
			}
			im.pack4(dst[i*t.as+r:], t.as, s[0], s[1], s[2], s[3])
		}
	}
}

// gemm is a product of matrices: c[r][n-n0] = (c or 0) + sum over k of a[r][k] b[k][n], n in [n0, n1).
type gemm struct {
	pool   *Pool
	a      left
	b      source
	c      [][]float32
	m, k   int
	n0, n1 int
	acc    bool                  // start from what is in c
	finish func(row, n0, n1 int) // called when columns [n0, n1) of a row are summed; may be nil
	rowsMB int                   // rows of a block of A
	kSuper int                   // its k
	panels int                   // panels of a unit of work
	groups int                   // units side by side

	tiles []tileAt // the slivers of the packed block
	pa    []float32
}

// run does the product: block by block of A, which all workers pack and then use.
func (g *gemm) run() {
	if g.m == 0 || g.n1 <= g.n0 {
		return
	}
	if g.k == 0 {
		g.empty()
		return
	}
	g.pool.products.Lock()
	defer g.pool.products.Unlock()
	g.plan()
	for m0 := 0; m0 < g.m; m0 += g.rowsMB {
		for k0 := 0; k0 < g.k; k0 += g.kSuper {
			k := min(g.kSuper, g.k-k0)
			g.packA(m0, k0, k)
			g.pool.Run(g.groups, func(w, i int) { g.unit(g.pool.scratch[w], i, m0, k0, k) })
		}
	}
}

// empty is the product without any k.
func (g *gemm) empty() {
	for r, row := range g.c[:g.m] {
		if !g.acc {
			clear(row[:g.n1-g.n0])
		}
		if g.finish != nil {
			g.finish(r, g.n0, g.n1)
		}
	}
}

// plan chooses the sizes of blocks.
func (g *gemm) plan() {
	g.kSuper, g.rowsMB = g.k, g.m
	if g.m*g.k > packedA {
		g.kSuper = min(g.k, blockK)
		most := packedA / g.kSuper
		blocks := (g.m + most - 1) / most
		each := (g.m + blocks - 1) / blocks
		g.rowsMB = (each + tileRows - 1) / tileRows * tileRows
	}
	n := panels(g.n1) - g.n0/panel
	g.panels = max(1, min(16, n/(4*g.pool.threads)))
	if g.m*g.k*(g.n1-g.n0) < smallJob {
		g.panels = n
	}
	g.groups = (n + g.panels - 1) / g.panels
}

// rows is the number of rows of the block at row m0.
func (g *gemm) rows(m0 int) int { return min(g.rowsMB, g.m-m0) }

// packA packs a block of A by slivers.
func (g *gemm) packA(m0, k0, k int) {
	p := g.pool
	g.tiles = slivers(p.tiles[:0], g.rows(m0), k)
	last := g.tiles[len(g.tiles)-1]
	g.pa = grown(&p.packed, last.at+last.as*k)
	p.tiles = g.tiles
	one := func(_, i int) {
		t := g.tiles[i]
		g.a.pack(p.impl, g.pa[t.at:], t, m0, k0, k)
	}
	if g.rows(m0)*k >= smallA {
		p.Run(len(g.tiles), one)
		return
	}
	for i := range g.tiles {
		one(0, i)
	}
}

// unit multiplies a block of A with some panels.
func (g *gemm) unit(s *scratch, group, m0, k0, k int) {
	p0 := g.n0/panel + group*g.panels
	p1 := min(p0+g.panels, panels(g.n1))
	for p := p0; p < p1; p++ {
		g.panel(s, p*panel, m0, k0, k)
	}
	if g.finish != nil && k0+k == g.k {
		n0, n1 := max(p0*panel, g.n0), min(p1*panel, g.n1)
		for r := m0; r < m0+g.rows(m0); r++ {
			g.finish(r, n0, n1)
		}
	}
}

// panel multiplies all slivers with the panel at column n.
func (g *gemm) panel(s *scratch, n, m0, k0, kn int) {
	im, buf := g.pool.impl, s.panel(blockK*panel)
	lo, hi := max(n, g.n0), min(n+panel, g.n1)
	full := hi-lo == panel
	for k := 0; k < kn; k += blockK {
		kc := min(blockK, kn-k)
		b, bs := g.b.part(im, buf, n, k0+k, kc)
		acc := g.acc || k0+k > 0
		next, step := g.ahead(n, k0, k, kn)
		for _, t := range g.tiles {
			a, c := g.pa[t.at+k*t.as:], g.c[m0+t.row:m0+t.row+t.rows]
			h := hint{rows: t.row+2*t.rows <= g.rows(m0)}
			if step > 0 && len(next) >= kc*step/4 {
				h.b, h.step = next, step
				next = next[kc*step/4:]
			}
			if full {
				im.tile(t.rows, kc, a, t.as, b, bs, c, n-g.n0, acc, h)
			} else {
				g.edge(s, t, kc, a, b, bs, c, n, lo, hi, acc)
			}
		}
	}
}

// ahead is the part of B that follows rows k0+k and up of the panel at column n, and how fast to fetch
// it each k, so that all of it is fetched by the tiles that use the part before.
func (g *gemm) ahead(n, k0, k, kn int) ([]float32, int) {
	m, ok := g.b.(packed)
	if !ok || m.Type != F32 {
		return nil, 0
	}
	if k += blockK; k >= kn {
		n, k = n+panel, 0
	}
	at := (n/panel*m.K + k0 + k) * panel
	return m.w[min(at, len(m.w)):], max(16, (panel*4/len(g.tiles)+15)&^15)
}

// edge is a tile of which only columns lo to hi-1 are wanted.
func (g *gemm) edge(s *scratch, t tileAt, k int, a, b []float32, bs int, c [][]float32, n, lo, hi int, acc bool) {
	if acc {
		for r, row := range c {
			copy(s.tmp[r][lo-n:], row[lo-g.n0:hi-g.n0])
		}
	}
	g.pool.impl.tile(t.rows, k, a, t.as, b, bs, s.tmp[:t.rows], 0, acc, hint{})
	for r, row := range c {
		copy(row[lo-g.n0:hi-g.n0], s.tmp[r][lo-n:])
	}
}
