package exec

import (
	"slices"
	"sort"

	"interp/compiler/plan"
	"interp/nnrt"
	"interp/nnrt/arch"
)

// pool hands out rows and takes them back, so that a chunk's rows cost no garbage.
type pool struct {
	free  map[int][][]float32 // by width
	slabs [][]float32         // buffers of slabs, by size
	live  int64               // bytes out
	peak  int64
}

const slabRows = 32 // rows made at once

func newPool() pool { return pool{free: map[int][][]float32{}} }

// get fills dst with rows of a width; they hold old numbers.
func (p *pool) get(dst [][]float32, width int) {
	free := p.free[width]
	for i := range dst {
		if len(free) == 0 {
			n := min(slabRows, len(dst)-i)
			slab := make([]float32, n*width)
			for k := range n {
				free = append(free, slab[k*width:(k+1)*width:(k+1)*width])
			}
		}
		dst[i], free = free[len(free)-1], free[:len(free)-1]
	}
	p.free[width] = free
	p.count(len(dst) * width)
}

func (p *pool) put(row []float32) {
	p.free[len(row)] = append(p.free[len(row)], row)
	p.count(-len(row))
}

func (p *pool) count(n int) {
	p.live += int64(4 * n)
	p.peak = max(p.peak, p.live)
}

// slab is a block of rows of keys and values, one after the other, so that attention reads a chain in
// few pieces.
type slab struct {
	buf   []float32
	width int
	used  int
	live  int // rows of a slab that goes back to the pool when none is left; 0: it does not
}

// kvRow is a row in a slab.
type kvRow struct {
	s *slab
	i int
}

func (r kvRow) row() []float32 { return r.s.buf[r.i*r.s.width : (r.i+1)*r.s.width] }

func newSlab(rows, width int) *slab { return &slab{buf: make([]float32, rows*width), width: width} }

// slab is a slab for a time: the smallest buffer that holds it, or one with room for a larger slab
// later.
func (p *pool) slab(rows, width int) *slab {
	n := rows * width
	p.count(n)
	i := sort.Search(len(p.slabs), func(i int) bool { return len(p.slabs[i]) >= n })
	if i == len(p.slabs) {
		return &slab{buf: make([]float32, n+n/2), width: width, live: rows}
	}
	buf := p.slabs[i]
	p.slabs = slices.Delete(p.slabs, i, i+1)
	return &slab{buf: buf, width: width, live: rows}
}

// leave gives up a row of a slab.
func (p *pool) leave(r kvRow) {
	if r.s.live == 0 {
		return
	}
	p.count(-r.s.width)
	if r.s.live--; r.s.live == 0 {
		i := sort.Search(len(p.slabs), func(i int) bool { return len(p.slabs[i]) >= len(r.s.buf) })
		p.slabs = slices.Insert(p.slabs, i, r.s.buf)
	}
}

// next is the row behind the last one; false if the slab is full.
func (s *slab) next() (kvRow, bool) {
	if (s.used+1)*s.width > len(s.buf) {
		return kvRow{}, false
	}
	s.used++
	return kvRow{s, s.used - 1}, true
}

// keptCol is what is kept of a column between plans.
type keptCol struct {
	rows  [][]float32 // by point; nil: not kept
	kv    []kvRow     // by layer: where its rows of keys and values stand
	bytes int64
	used  int64           // number of the last plan that touched it
	chain int64           // when it was found that the whole chain's keys are kept: the store's drops then, plus 1
	seen  [][]nnrt.KeyRun // by layer: what the column sees, good for as long
}

// set keeps a row of n numbers.
func (s *store) set(k *keptCol, p arch.Point, row []float32, n int) {
	k.rows[p] = row
	k.bytes += int64(4 * n)
	s.bytes += int64(4 * n)
}

// store is the cache of rows between plans.
type store struct {
	cols  []*keptCol // by column of the table; nil: nothing
	n     int
	bytes int64
	limit int64
	clock int64
	drops int64 // rows or columns dropped so far
}

func newStore(limit int64) store { return store{limit: limit} }

// at is what is kept of a column, nil for nothing.
func (s *store) at(c plan.ColID) *keptCol {
	if int(c) >= len(s.cols) {
		return nil
	}
	return s.cols[c]
}

// col is at, made if need be.
func (s *store) col(c plan.ColID, a *arch.Arch) *keptCol {
	if k := s.at(c); k != nil {
		return k
	}
	k := &keptCol{rows: make([][]float32, a.Points()), kv: make([]kvRow, a.Dims.Layers), used: s.clock}
	k.bytes = int64(24*a.Points() + 16*a.Dims.Layers)
	for len(s.cols) <= int(c) {
		s.cols = append(s.cols, nil)
	}
	s.cols[c] = k
	s.n++
	s.bytes += k.bytes
	return k
}

// clear drops everything.
func (s *store) clear() {
	s.drops++
	s.cols, s.n, s.bytes = nil, 0, 0
}

// ids of the columns of which something is kept, ascending.
func (s *store) ids() []plan.ColID {
	var ids []plan.ColID
	for c, k := range s.cols {
		if k != nil {
			ids = append(ids, plan.ColID(c))
		}
	}
	return ids
}

// trim drops the columns longest unused until the rest fits. Those that later chunks of the same work
// read may take the whole room for rows before they go too; evict, in tests, drops any row.
func (s *store) trim(evict func() bool, stays func(plan.ColID) bool) {
	if evict != nil {
		s.evict(evict)
	}
	if s.bytes <= s.limit {
		return
	}
	ids := s.ids()
	s.oldest(slices.DeleteFunc(slices.Clone(ids), stays), s.limit)
	if most := keptShare * s.limit; s.bytes > most {
		s.oldest(slices.DeleteFunc(ids, func(c plan.ColID) bool { return !stays(c) }), most)
	}
}

// oldest drops columns until what is kept fits.
func (s *store) oldest(old []plan.ColID, limit int64) {
	slices.SortFunc(old, func(a, b plan.ColID) int { // the later column of a chain goes first
		if x, y := s.cols[a].used, s.cols[b].used; x != y {
			return int(x - y)
		}
		return int(b - a)
	})
	for _, c := range old {
		if s.bytes <= limit {
			return
		}
		s.forget(c)
	}
}

func (s *store) forget(c plan.ColID) {
	if k := s.at(c); k != nil {
		s.bytes -= k.bytes
		s.cols[c] = nil
		s.n--
		s.drops++
	}
}

func (s *store) evict(drop func() bool) {
	for _, c := range s.ids() {
		k := s.cols[c]
		for p, row := range k.rows {
			if row != nil && drop() {
				k.rows[p] = nil
				s.drops++
				k.bytes -= int64(4 * len(row))
				s.bytes -= int64(4 * len(row))
			}
		}
	}
}

// sharing says which columns and values of a chunk later chunks read.
type sharing struct {
	chunks []plan.Chunk
	left   map[plan.ColID]int // chunks still to come that reach a column, where more than one does
	carry  map[plan.ValID]bool
	grads  map[plan.ValID]int // gradients, by the last chunk that may read them
	at     int                // the present chunk
	made   []plan.ValID       // gradients made for chunks so far, and not let go of
}

func (e *Batched) share(chunks []plan.Chunk) *sharing {
	s := &sharing{chunks: chunks, left: map[plan.ColID]int{}, carry: map[plan.ValID]bool{}, grads: map[plan.ValID]int{}}
	if len(chunks) < 2 {
		return s
	}
	n := map[plan.ColID]int{}
	for i := range chunks {
		for _, c := range chunks[i].Cols {
			n[c]++
		}
		for _, v := range chunks[i].Carry {
			s.carry[v] = true
		}
		for _, v := range chunks[i].Grads {
			s.grads[v] = i
		}
	}
	for c, k := range n {
		if k > 1 {
			s.left[c] = k
		}
	}
	return s
}

// keeps says that a chunk after the present one, which is not closed, reads the present one's column.
func (s *sharing) keeps(c plan.ColID) bool { return s.left[c] > 1 }

// still says that a chunk which is not closed reads the column.
func (s *sharing) still(c plan.ColID) bool { return s.left[c] > 0 }

// later says that a chunk after the present one reads the value.
func (s *sharing) later(v plan.ValID) bool { return s.carry[v] }

// rest says that a chunk which is not closed may read the gradient.
func (s *sharing) rest(v plan.ValID) bool { return s.grads[v] >= s.at }

// close ends chunk i.
func (s *sharing) close(i int) {
	for _, c := range s.chunks[i].Cols {
		if n, ok := s.left[c]; ok {
			s.left[c] = n - 1
		}
	}
	s.chunks[i].Cols = nil
	s.at = i + 1
}
