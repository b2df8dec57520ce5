package kern

import "sync"

// Attention computes softmax(q k^T scale) v, the bits of Scores, Softmax and Mix, without writing the
// scores out. Query i sees the keys of runs[i], position 0 first. Queries that stand together and
// see the same memory are worked on together, so the rows of one prompt should.
//
//	q, z: [rows][heads d_head]
func (p *Pool) Attention(z, q [][]float32, runs [][]KeyRun, hn, kvHeads, dHead int, scale float32) {
	h := heads{hn, kvHeads, dHead, scale}
	checkRows("q", q, len(q), hn*dHead)
	checkRows("z", z, len(q), hn*dHead)
	longest := 0
	for _, r := range runs[:len(q)] {
		h.check(r)
		longest = max(longest, keyCount(r))
	}
	lists := joinAll(runs[:len(q)])
	size := groupSize(len(q), longest, h, p.threads)
	groups := (len(q) + size - 1) / size
	p.Run(groups*kvHeads, func(w, i int) {
		lo := i / kvHeads * size
		hi := min(lo+size, len(q))
		a := &p.scratch[w].att
		a.start(p.impl, h, i%kvHeads, lists[lo:hi])
		a.query(q[lo:hi])
		a.weigh()
		a.result(z[lo:hi])
		a.release()
	})
}

// groupSize is how many queries are worked on together: their scores stay in the second cache.
func groupSize(rows, keys int, h heads, threads int) int {
	const most, cells = 96, 1 << 17
	size := min(most, max(tileRows, cells/(max(keys, 1)*(h.n/h.kv))))
	if want := 2 * threads; (rows+size-1)/size*h.kv < want {
		size = max(1, rows*h.kv/want)
	}
	return size
}

// Scores are the scaled products of one query with its keys. dst: [heads keys]; q: [heads d_head].
func Scores(dst, q []float32, runs []KeyRun, hn, kvHeads, dHead int, scale float32) {
	host.scores(dst, q, runs, heads{hn, kvHeads, dHead, scale})
}

// Mix weighs the values of one query's keys with its pattern. z: [heads d_head];
// pattern: [heads keys].
func Mix(z, pattern []float32, runs []KeyRun, hn, kvHeads, dHead int) {
	host.mix(z, pattern, runs, heads{hn, kvHeads, dHead, 1})
}

// spare is scratch memory for single queries.
var spare = sync.Pool{New: func() any { return new(attScratch) }}

func (im *impl) scores(dst, q []float32, runs []KeyRun, h heads) {
	h.check(runs)
	a := spare.Get().(*attScratch)
	defer spare.Put(a)
	list := [][]KeyRun{joined(nil, runs)}
	n := keyCount(runs)
	for g := range h.kv {
		a.start(im, h, g, list)
		a.query([][]float32{q})
		for r := range a.rep {
			copy(dst[(g*a.rep+r)*n:][:n], a.s[r])
		}
	}
	a.release()
}

func (im *impl) mix(z, pattern []float32, runs []KeyRun, h heads) {
	h.check(runs)
	a := spare.Get().(*attScratch)
	defer spare.Put(a)
	list := [][]KeyRun{joined(nil, runs)}
	n := keyCount(runs)
	for g := range h.kv {
		a.start(im, h, g, list)
		for r := range a.rep {
			copy(a.s[r][:n], pattern[(g*a.rep+r)*n:][:n])
		}
		a.result([][]float32{z})
	}
	a.release()
}

// attScratch is attention of some queries with one head of keys. A line is one query head of one
// query; rep lines share a head of keys.
//
// The queries' lists of runs are walked in levels: at a level each query stands before one run, and
// neighbours that stand before the same memory form a segment. Scores of a tile are computed up to
// its longest query; what is beyond a query's own run is overwritten at the next level or not read.
// Values are summed together up to the shortest query of the tile, the rest query by query, since
// adding 0 times a value could change a bit.
type attScratch struct {
	im    *impl
	h     heads
	head  int // of keys
	rep   int // query heads to a head of keys
	lists [][]KeyRun
	keys  []int       // by query
	s     [][]float32 // scores, then the pattern, by line
	qz    [][]float32 // queries, then results, by line
	cur   []cursor

	cells, a, b []float32
	tiles       []segTile
	cuts        []tileAt
	edge        [][]float32
}

// cursor is where a query stands: before run i, at position pos.
type cursor struct{ i, pos int }

// start sets up for some queries.
func (a *attScratch) start(im *impl, h heads, head int, lists [][]KeyRun) {
	a.im, a.h, a.head, a.rep, a.lists = im, h, head, h.n/h.kv, lists
	a.keys, a.cur = a.keys[:0], a.cur[:0]
	longest := 0
	for _, l := range lists {
		n := keyCount(l)
		a.keys = append(a.keys, n)
		longest = max(longest, n)
	}
	lines := len(lists) * a.rep
	ld := longest + panel // a tile may write beyond the last key
	cells := grown(&a.cells, lines*ld)
	a.s = a.s[:0]
	for i := range lines {
		a.s = append(a.s, cells[i*ld:(i+1)*ld])
	}
}

// release drops what belongs to the caller.
func (a *attScratch) release() {
	a.lists = nil
	clear(a.qz)
}

// lines points qz at the lines of rows.
func (a *attScratch) lines(rows [][]float32) {
	a.qz = a.qz[:0]
	for _, row := range rows {
		for r := range a.rep {
			at := (a.head*a.rep + r) * a.h.dim
			a.qz = append(a.qz, row[at:at+a.h.dim])
		}
	}
}

// weigh turns scores into the pattern.
func (a *attScratch) weigh() {
	for i, n := range a.keys {
		for _, s := range a.s[i*a.rep : (i+1)*a.rep] {
			if n > 0 {
				a.im.softmax(s[:n], s[:n])
			}
		}
	}
}

// levels calls f for every segment: queries lo to hi-1 stand at pos before the same memory.
func (a *attScratch) levels(f func(lo, hi int, run KeyRun)) {
	a.cur = append(a.cur[:0], make([]cursor, len(a.lists))...)
	for more := true; more; {
		more = false
		for lo := 0; lo < len(a.lists); {
			c := a.cur[lo]
			if c.i == len(a.lists[lo]) {
				lo++
				continue
			}
			run := a.lists[lo][c.i]
			hi := lo + 1
			for hi < len(a.lists) && a.stands(hi, c.pos, run) {
				hi++
			}
			more = true
			f(lo, hi, run)
			for q := lo; q < hi; q++ {
				a.cur[q].pos += a.lists[q][a.cur[q].i].N
				a.cur[q].i++
			}
			lo = hi
		}
	}
}

func (a *attScratch) stands(q, pos int, run KeyRun) bool {
	c := a.cur[q]
	return c.pos == pos && c.i < len(a.lists[q]) && a.lists[q][c.i].same(run)
}

// segTile is a tile of lines; its queries see least to most keys of the segment's run.
type segTile struct {
	tileAt
	least, most int
}

// cut makes tiles of the lines of a segment, and says how many keys its queries see at most. A query
// that sees less than the one before it starts a new tile, since it belongs to another prompt.
func (a *attScratch) cut(lo, hi, k int) (most int) {
	a.tiles = a.tiles[:0]
	at := 0
	for lo < hi {
		end := lo + 1
		for end < hi && a.left(end) >= a.left(end-1) {
			end++
		}
		a.cuts = slivers(a.cuts[:0], (end-lo)*a.rep, k)
		for _, t := range a.cuts {
			t.row += lo * a.rep
			t.at += at
			// The queries of a tile see ever more.
			s := segTile{t, a.left(t.row / a.rep), a.left((t.row + t.rows - 1) / a.rep)}
			a.tiles = append(a.tiles, s)
			most = max(most, s.most)
		}
		last := a.tiles[len(a.tiles)-1]
		at = last.at + last.as*k
		lo = end
	}
	grown(&a.a, at)
	a.a = a.a[:cap(a.a)]
	return most
}

// left is the number of keys of the run that a query stands before.
func (a *attScratch) left(q int) int { return a.lists[q][a.cur[q].i].N }
