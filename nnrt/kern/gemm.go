package kern

import "sync/atomic"

// Sizes of blocks; none of them changes a bit of the result. A block of B, [blockK][32], shares the
// first level cache with a sliver of A; the packed part of A lies in the second.
const (
	tileRows = 12
	blockK   = 256
	superK   = 1024
	packedA  = 1 << 18 // numbers
	smallJob = 1 << 17 // multiplications not worth a second worker
)

// scratch is a worker's memory, kept between jobs.
type scratch struct {
	a     []float32 // packed A
	tiles []tileAt  // its slivers
	key   packKey   // what is in a
	b     []float32 // part of a panel
	tmp   [][]float32
	att   attScratch
}

type packKey struct {
	job    int64
	m0, k0 int
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
		h := (rows - row + n - i - 1) / (n - i)
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
	for r := 0; r < t.rows; r += 4 {
		var s [4][]float32
		for q := range s {
			s[q] = x[at+min(r+q, t.rows-1)][k0 : k0+k]
		}
		im.pack4(dst[r:], t.as, s[0], s[1], s[2], s[3])
	}
}

// job numbers; only whether two are equal matters.
var jobs atomic.Int64

// gemm is a product of matrices: c[r][n-n0] = (c or 0) + sum over k of a[r][k] b[k][n], n in [n0, n1).
type gemm struct {
	pool   *Pool
	id     int64
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
}

// run does the product.
func (g *gemm) run() {
	if g.m == 0 || g.n1 <= g.n0 {
		return
	}
	if g.k == 0 {
		g.empty()
		return
	}
	g.id = jobs.Add(1)
	g.plan()
	blocks := (g.m + g.rowsMB - 1) / g.rowsMB
	g.pool.Run(blocks*g.groups, func(w, i int) {
		g.unit(g.pool.scratch[w], i/g.groups, i%g.groups)
	})
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
		g.kSuper = min(g.k, superK)
		most := max(packedA/g.kSuper, tileRows)
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

// unit computes some panels of a block of rows.
func (g *gemm) unit(s *scratch, block, group int) {
	m0 := block * g.rowsMB
	m := min(g.rowsMB, g.m-m0)
	p0 := g.n0/panel + group*g.panels
	p1 := min(p0+g.panels, panels(g.n1))
	for k0 := 0; k0 < g.k; k0 += g.kSuper {
		k := min(g.kSuper, g.k-k0)
		g.packA(s, m0, m, k0, k)
		for p := p0; p < p1; p++ {
			g.panel(s, p*panel, m0, k0, k)
		}
	}
	if g.finish != nil {
		n0, n1 := max(p0*panel, g.n0), min(p1*panel, g.n1)
		for r := m0; r < m0+m; r++ {
			g.finish(r, n0, n1)
		}
	}
}

// packA packs a block of A by slivers, each by blocks of k.
func (g *gemm) packA(s *scratch, m0, m, k0, k int) {
	key := packKey{g.id, m0, k0}
	if s.key == key {
		return
	}
	s.key = key
	s.tiles = slivers(s.tiles[:0], m, k)
	last := s.tiles[len(s.tiles)-1]
	a := grown(&s.a, last.at+last.as*k)
	for _, t := range s.tiles {
		g.a.pack(g.pool.impl, a[t.at:], t, m0, k0, k)
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
		next := ahead(b, bs, kc)
		for _, t := range s.tiles {
			a, c := s.a[t.at+k*t.as:], g.c[m0+t.row:m0+t.row+t.rows]
			if full {
				im.tile(t.rows, kc, a, t.as, b, bs, c, n-g.n0, acc, next)
			} else {
				g.edge(s, t, kc, a, b, bs, c, n, lo, hi, acc)
			}
			if len(next) > kc*4 {
				next = next[kc*4:]
			}
		}
	}
}

// ahead is the memory right behind a block of B if a later block lies there, else nil.
func ahead(b []float32, bs, k int) []float32 {
	b = b[:cap(b)]
	if bs != panel || len(b) < 2*k*panel || k == 0 {
		return nil
	}
	return b[k*panel : 2*k*panel]
}

// edge is a tile of which only columns lo to hi-1 are wanted.
func (g *gemm) edge(s *scratch, t tileAt, k int, a, b []float32, bs int, c [][]float32, n, lo, hi int, acc bool) {
	if acc {
		for r, row := range c {
			copy(s.tmp[r][lo-n:], row[lo-g.n0:hi-g.n0])
		}
	}
	g.pool.impl.tile(t.rows, k, a, t.as, b, bs, s.tmp[:t.rows], 0, acc, nil)
	for r, row := range c {
		copy(row[lo-g.n0:hi-g.n0], s.tmp[r][lo-n:])
	}
}
