package plan

import "interp/nnrt/arch"

// order is everything the planner asks about the points of one architecture. It follows from the
// table's Inputs, Keys, Arrive and KV alone; nothing here knows a model. All block layers are alike,
// so the tables of a block are worked out once, on layer 1 of a copy that is four layers deep.
type order struct {
	a       *arch.Arch
	n       arch.Point // number of points
	layers  int
	kv      []arch.Point // by layer
	arrival []arch.Point // by layer
	last    []arch.Point // by point: the last point that reads it structurally
	wide    []bool       // by point: a number a key (scores, pattern)
	places  []place      // by point
	all     [][]arch.Point
	weight  int64 // bytes of the rows of a column that live at once
	embed   section
	block   section
	final   section
}

// place is where a point stands: the answers of Arch, looked up once.
type place struct {
	sec    *section
	k      int    // in the section
	dep    []bool // its row of sec.dep
	layer  int
	arrive bool
	keys   bool // it reads the chain's keys and values
}

// section is the embedding points, one block, or the final points. All indices count from its
// first point; len(dep) is the first point of the section after it.
type section struct {
	dep    [][]bool // does a later point follow from a point
	beside [][]int  // later points of the section that do not
	until  []int    // how far a whole row set to another column's row carries; -1: for ever
	under  []int    // highest point below that points after it read; -1: none
}

func derive(a *arch.Arch) *order {
	o := &order{a: a, n: arch.Point(a.Points()), layers: a.Dims.Layers}
	for l := range o.layers {
		o.kv = append(o.kv, a.KV(l))
		o.arrival = append(o.arrival, a.Arrival(l))
	}
	o.all, o.last, o.wide = make([][]arch.Point, o.n), make([]arch.Point, o.n), make([]bool, o.n)
	for p := range o.n {
		o.all[p], o.last[p] = inputs(a, p), p
		for _, q := range o.all[p] {
			o.last[q] = p
		}
		for _, x := range a.Row(p).Axes {
			o.wide[p] = o.wide[p] || x.Size == arch.Keys
		}
	}
	o.weight = o.liveBytes()
	deep := *a
	deep.Dims.Layers = 4
	d, err := arch.New(deep)
	if err != nil { // the same table passed these checks before
		d = a
	}
	o.embed = deriveSection(d, 0, len(a.Embed))
	o.block = deriveSection(d, d.At(1, 0), len(a.Block))
	o.final = deriveSection(d, d.At(d.Dims.Layers, 0), len(a.Final))
	o.places = make([]place, o.n)
	for p := range o.n {
		x := place{sec: &o.block, k: a.Off(p), layer: a.Layer(p), arrive: a.Row(p).Arrive, keys: a.Row(p).Keys}
		if x.layer < 0 {
			x.sec = &o.embed
		} else if x.layer >= o.layers {
			x.sec = &o.final
		}
		x.dep = x.sec.dep[x.k]
		o.places[p] = x
	}
	return o
}

// liveBytes is the most that a column's rows take at once when they are made point by point and
// freed after their last reader; attention's rows, which are rarely written out, aside.
func (o *order) liveBytes() int64 {
	peak := 0
	for p := range o.n - 1 {
		live := 0
		for q := range p + 1 {
			if (o.last[q] >= p || q == p) && !o.wide[q] {
				live += o.a.Width(q, 0)
			}
		}
		peak = max(peak, live)
	}
	return int64(4 * peak)
}

// inputs are all points of a column that its row at p is made from: those of the table and, where
// keys are read, the column's own keys and the arrival of the prefix.
func inputs(a *arch.Arch, p arch.Point) []arch.Point {
	in := a.Inputs(p)
	if a.Row(p).Keys {
		l := a.Layer(p)
		in = append(append([]arch.Point(nil), in...), a.KV(l), a.Arrival(l))
	}
	return in
}

func deriveSection(a *arch.Arch, from arch.Point, n int) section {
	s := section{dep: make([][]bool, n), beside: make([][]int, n), until: make([]int, n), under: make([]int, n)}
	for f := range n {
		s.dep[f] = make([]bool, n+1)
		s.dep[f][f] = true
		s.under[f] = -1
		for p := f + 1; p <= n && int(from)+p < a.Points(); p++ {
			for _, q := range inputs(a, from+arch.Point(p)) {
				k := int(q - from)
				if k >= f && s.dep[f][k] {
					s.dep[f][p] = true
				}
				// also for columns that fork from here later
				if k >= 0 && k < f && k > s.under[f] && !a.Row(q).Arrive {
					s.under[f] = k
				}
			}
			if p < n && !s.dep[f][p] && !a.Row(from+arch.Point(p)).Arrive {
				s.beside[f] = append(s.beside[f], p)
			}
		}
		s.until[f] = carries(a, from, f, s.dep[f])
	}
	return s
}

// carries finds up to where a column is another one, if their rows at point f of a section are
// equal: the first point that also reads something else.
func carries(a *arch.Arch, from arch.Point, f int, dep []bool) int {
	in := map[arch.Point]bool{from + arch.Point(f): true}
	for p := from + arch.Point(f) + 1; int(p) < a.Points(); p++ {
		k := int(p - from)
		follows := k >= len(dep) || dep[k]
		same := !a.Row(p).Arrive
		if !follows && same {
			continue
		}
		for _, q := range inputs(a, p) {
			same = same && in[q]
		}
		if !same {
			return k
		}
		in[p] = true
	}
	return -1
}

// section of a point, with the point's place in it.
func (o *order) section(p arch.Point) (*section, int) { return o.places[p].sec, o.places[p].k }

func (o *order) layer(p arch.Point) int { return o.places[p].layer }

// vis is the first point at which a later column can see an edit at p: the arrival of the same
// block if its keys follow from p, else of the next, Never beyond the last attention.
func (o *order) vis(p arch.Point) arch.Point {
	l := o.layer(p)
	if l < 0 {
		l = 0
	} else if l < o.layers && !o.places[p].dep[o.places[o.kv[l]].k] {
		l++
	}
	if l >= o.layers {
		return arch.Never
	}
	return o.arrival[l]
}

// cut says that everything later in the column follows from the row at p and from other columns:
// the residual stream.
func (o *order) cut(p arch.Point) bool {
	s, k := o.section(p)
	return s.under[k] < 0 && len(s.beside[k]) == 0
}

// until gives, for a whole row set at p to another column's row at p, the first point whose inputs
// are not all that column's.
func (o *order) until(p arch.Point) arch.Point {
	s, k := o.section(p)
	if s.until[k] < 0 {
		return arch.Never
	}
	q := p + arch.Point(s.until[k]-k)
	if q > o.a.At(o.layers, 0) && o.layer(p) < o.layers {
		return arch.Never // it would end at an attention that is not there
	}
	return q
}

// under is the highest point of the base that is still wanted when the whole row at p is set: what
// points after p read from before it; -1: nothing.
func (o *order) under(p arch.Point) arch.Point {
	s, k := o.section(p)
	if s.under[k] < 0 {
		return -1
	}
	return p - arch.Point(k-s.under[k])
}

// besideTop is the highest point after f, up to s, that does not follow from f: it is the base's,
// whatever happened at f. -1: none.
func (o *order) besideTop(f, s arch.Point) arch.Point {
	sec, k := o.section(f)
	for i := len(sec.beside[k]) - 1; i >= 0; i-- {
		if p := f + arch.Point(sec.beside[k][i]-k); p <= s {
			return p
		}
	}
	return -1
}

// follows says whether the row at p, after f, changes when the row at f does.
func (o *order) follows(f, p arch.Point) bool {
	x := &o.places[f]
	at := x.k + int(p-f)
	return at >= len(x.dep)-1 || x.dep[at] || o.places[p].arrive
}

// lastArrival is the last arrival at or before p, -1 if there is none.
func (o *order) lastArrival(p arch.Point) arch.Point {
	l := min(o.layer(p), o.layers-1)
	if l >= 0 && p < o.arrival[l] {
		l--
	}
	if l < 0 {
		return -1
	}
	return o.arrival[l]
}
