package kern

// Sizes of blocks; none of them changes a bit of the result. A unit of work is some panels of B and a
// part of A, some tiles of it, which are read from the second level cache.
const (
	tileRows  = 12
	partK     = 768
	partSize  = (partK + panel) * panel // of a part of B, and a square to make it in
	partTiles = 12
	madeTiles = 28      // where parts of B have to be made, which should not be done often
	mostA     = 1 << 21 // numbers of A packed at a time
	packRun   = 256     // numbers of a row packed at a time
	unitWidth = 32      // panels
	fewTiles  = 2       // products of no more tiles wait for B
	fewPanels = 8       // of C at hand
	fewK      = 192
	fewAhead  = 16      // rows of B fetched ahead, where there is one tile
	smallJob  = 1 << 17 // multiplications not worth a second worker
	smallA    = 1 << 14 // numbers of A not worth a second worker
)

// scratch is a worker's memory, kept between jobs.
type scratch struct {
	b   []float32 // part of a panel
	tmp [][]float32
	few [][]float32
	att attScratch
}

func newScratch() *scratch {
	const few = fewPanels*panel + lineSize/4 // rows a line apart from a power of two
	return &scratch{
		tmp: cut(make([]float32, tileRows*panel), tileRows, panel, panel),
		few: cut(make([]float32, fewTiles*tileRows*few), fewTiles*tileRows, fewPanels*panel, few),
	}
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
	cuts   []int                 // where units begin and end, in panels
	parts  int                   // parts of A, each with units of its own

	m0    int      // first row of A that is packed
	tiles []tileAt // the slivers of what is packed
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
	chunk := max(tileRows, mostA/g.k/tileRows*tileRows)
	for g.m0 = 0; g.m0 < g.m; g.m0 += chunk {
		g.packA(min(chunk, g.m-g.m0))
		g.plan()
		units := len(g.cuts) - 1
		g.pool.Run(g.parts*units, func(w, i int) { g.unit(g.pool.scratch[w], i/units, i%units) })
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

// plan cuts the work into units: enough of them that workers end together.
func (g *gemm) plan() {
	p0, p1 := g.n0/panel, panels(g.n1)
	g.parts = 1
	var width func(left int) int
	switch {
	case g.m*g.k*(g.n1-g.n0) < smallJob:
		width = func(left int) int { return left }
	case g.isFew(): // ever smaller
		width = func(left int) int { return max(1, min(fewPanels, left/(2*g.pool.threads))) }
	default:
		height := madeTiles
		if g.direct() {
			height = partTiles
		}
		g.parts = (len(g.tiles) + height - 1) / height
		units := (4*g.pool.threads + g.parts - 1) / g.parts
		w := max(1, min(unitWidth, (p1-p0)/units))
		width = func(int) int { return w }
	}
	g.cuts = append(g.pool.cuts[:0], p0)
	for p := p0; p < p1; {
		p = min(p1, p+width(p1-p))
		g.cuts = append(g.cuts, p)
	}
	g.pool.cuts = g.cuts
}

// isFew says that few does the work.
func (g *gemm) isFew() bool { return len(g.tiles) <= fewTiles }

// packA packs the next rows of A by slivers.
func (g *gemm) packA(rows int) {
	p := g.pool
	g.tiles = slivers(p.tiles[:0], rows, g.k)
	last := g.tiles[len(g.tiles)-1]
	g.pa = grown(&p.packed, last.at+last.as*g.k)
	p.tiles = g.tiles
	one := func(_, i int) {
		t := g.tiles[i]
		g.a.pack(p.impl, g.pa[t.at:], t, g.m0, 0, g.k)
	}
	if rows*g.k >= smallA {
		p.Run(len(g.tiles), one)
		return
	}
	for i := range g.tiles {
		one(0, i)
	}
}

// unit multiplies a part of A with some panels. Units of one part follow one another, so that it stays
// in the caches; B, which is read again for every part, is fetched ahead.
func (g *gemm) unit(s *scratch, part, i int) {
	p0, p1 := g.cuts[i], g.cuts[i+1]
	if g.isFew() {
		for ; p0 < p1; p0 += fewPanels {
			g.few(s, p0, min(p0+fewPanels, p1))
		}
		return
	}
	tiles := g.tiles[part*len(g.tiles)/g.parts : (part+1)*len(g.tiles)/g.parts]
	for k := 0; k < g.k; k += partK {
		for p := p0; p < p1; p++ {
			g.panel(s, tiles, p*panel, k, min(partK, g.k-k))
		}
	}
	if g.finish == nil {
		return
	}
	n0, n1 := max(p0*panel, g.n0), min(p1*panel, g.n1)
	last := tiles[len(tiles)-1]
	for r := tiles[0].row; r < last.row+last.rows; r++ {
		g.finish(g.m0+r, n0, n1)
	}
}

// panel multiplies some tiles with k rows of the panel at column n, from row k0 on.
func (g *gemm) panel(s *scratch, tiles []tileAt, n, k0, k int) {
	b, bs := g.b.part(g.pool.impl, s.panel(partSize), n, k0, k)
	g.sweep(s, tiles, b, bs, n, k0, k, g.ahead(n, k0, len(tiles)))
}

// sweep multiplies some tiles with a part of B.
func (g *gemm) sweep(s *scratch, tiles []tileAt, b []float32, bs, n, k0, k int, h hint) {
	lo, hi := max(n, g.n0), min(n+panel, g.n1)
	acc := g.acc || k0 > 0
	for i, t := range tiles {
		a, c := g.pa[t.at+k0*t.as:], g.c[g.m0+t.row:g.m0+t.row+t.rows]
		if hi-lo < panel {
			g.edge(s, k, a, t.as, b, bs, c, n, lo, hi, acc)
			continue
		}
		h.rows = i+1 < len(tiles)
		if len(h.b) < k*h.step/4 {
			h.step = 0
		}
		g.pool.impl.tile(t.rows, k, a, t.as, b, bs, c, n-g.n0, acc, h)
		h.b = h.b[k*h.step/4:]
	}
}

// ahead is the part of B that comes after the one from row k0 on of the panel at column n, and how
// fast to fetch it each k, so that all of it is fetched by the tiles that use the part before.
func (g *gemm) ahead(n, k0, tiles int) hint {
	m, ok := g.b.(packed)
	if !ok || n+panel >= g.n1 {
		return hint{}
	}
	return hint{b: m.from(((n/panel+1)*m.K + k0) * panel), step: max(16, (m.width()/tiles+15)&^15)}
}

// direct says that B is read as it lies.
func (g *gemm) direct() bool {
	m, ok := g.b.(packed)
	return ok && m.Type == F32
}

// edge is a tile of which only columns lo to hi-1 are wanted.
func (g *gemm) edge(s *scratch, k int, a []float32, as int, b []float32, bs int, c [][]float32, n, lo, hi int, acc bool) {
	if acc {
		for r, row := range c {
			copy(s.tmp[r][lo-n:], row[lo-g.n0:hi-g.n0])
		}
	}
	g.pool.impl.tile(len(c), k, a, as, b, bs, s.tmp[:len(c)], 0, acc, hint{})
	for r, row := range c {
		copy(row[lo-g.n0:hi-g.n0], s.tmp[r][lo-n:])
	}
}
