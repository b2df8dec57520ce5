package plan

// Limit bounds a chunk.
type Limit struct {
	Columns int   // some 4,096: a pass over the weights is then a small part of the work
	Bytes   int64 // of rows and of results
}

// Chunk is a part of the wanted values that is planned and run by itself.
type Chunk struct {
	Want   []ValID // in order: wanted ones, and values that a later chunk goes on with
	Carry  []ValID // the latter
	Cols   []ColID // columns it may touch
	Weight int64   // estimate of bytes
	fresh  int     // columns of which the executor has nothing
}

// Chunks cuts the wanted values in script order into groups of bounded size. A value that needs more
// than one chunk holds (a mean over thousands of prompts) is cut through its operands: a chunk then
// ends with some of them, and a later one goes on. Ids order chunks, so operands come first.
func (p *Planner) Chunks(want []ValID, have Kept, lim Limit) []Chunk {
	c := &chunker{t: p.t, have: have, lim: lim, at: p.epochs(), epoch: &p.epoch, valAt: map[ValID]int32{}, readAt: map[ValID]int32{}, final: map[ValID]bool{}}
	for _, v := range want {
		c.final[v] = true
	}
	c.open()
	for _, v := range want {
		c.unit(v)
	}
	return c.close()
}

type chunker struct {
	t      *Table
	have   Kept
	lim    Limit
	at     []int32 // by column: number of the last chunk that reaches it, counted through all calls
	epoch  *int32
	valAt  map[ValID]int32 // chunk in which a value is made
	readAt map[ValID]int32 // number of the last chunk that reaches what a value is computed from, as at
	final  map[ValID]bool
	units  [][]ValID // by chunk
	out    []Chunk
	stack  []ColID
}

func (c *chunker) open() {
	c.out, c.units = append(c.out, Chunk{}), append(c.units, nil)
	*c.epoch++
}

func (p *Planner) epochs() []int32 {
	if n := len(p.t.cols) - len(p.chunked); n > 0 {
		p.chunked = append(p.chunked, make([]int32, n)...)
	}
	return p.chunked
}

// unit places a value after its operands.
func (c *chunker) unit(v ValID) {
	if _, ok := c.valAt[v]; ok || c.have.Value(v) {
		return
	}
	x := c.t.vals[v]
	if x.kind == vConst {
		return
	}
	for _, a := range c.t.operands(x) {
		c.unit(a)
	}
	n := len(c.out)
	last := &c.out[n-1]
	mark, fresh := len(last.Cols), last.fresh
	weight := c.t.bytes(v)
	if x.kind == vRead {
		weight += c.reach(ColID(x.b))
	}
	if len(c.units[n-1]) > 0 && (last.fresh > c.lim.Columns || last.Weight+weight > c.lim.Bytes) && x.kind == vRead {
		for _, d := range last.Cols[mark:] { // the next chunk's
			c.at[d] = 0
		}
		last.Cols, last.fresh = last.Cols[:mark], fresh
		c.open()
		n++
		last = &c.out[n-1]
		weight = c.t.bytes(v) + c.reach(ColID(x.b))
	}
	last.Weight += weight
	c.units[n-1] = append(c.units[n-1], v)
	c.valAt[v] = int32(n - 1)
}

// bytes of a value's numbers, as far as they are known beforehand.
func (t *Table) bytes(v ValID) int64 {
	switch x := t.vals[v]; x.kind {
	case vRead:
		n := &t.cols[x.b]
		w := 0
		if x.c == 0 {
			w = t.orders[n.model].a.Width(pointOf(x), int(n.pos))
		} else {
			w = t.slices[x.c].Len(0)
		}
		return int64(4 * w)
	case vView:
		return t.layouts.all[x.a].typ.Bytes()
	case vOp:
		return t.ops.all[x.a].node.Type.Bytes()
	}
	return 0
}

// reach adds the columns that a column is made from to the chunk, and says how much those weigh that the
// executor has not.
func (c *chunker) reach(from ColID) int64 {
	var sum int64
	last := &c.out[len(c.out)-1]
	push := func(d ColID) {
		if d >= 0 && c.at[d] != *c.epoch {
			c.at[d] = *c.epoch
			c.stack = append(c.stack, d)
		}
	}
	push(from)
	for len(c.stack) > 0 {
		d := c.stack[len(c.stack)-1]
		c.stack = c.stack[:len(c.stack)-1]
		last.Cols = append(last.Cols, d)
		n := &c.t.cols[d]
		o := c.t.orders[n.model]
		if !c.have.Column(d) {
			sum += o.weight
			last.fresh++
		}
		if !c.t.whole(n) || o.under(n.fork) >= 0 || o.besideTop(n.fork, o.n) >= 0 {
			push(n.base)
		}
		push(n.alias)
		push(n.prev)
		if n.ownEdit && n.alias < 0 {
			for l := n.list; l != 0 && c.t.lists[l].edit.Pt == n.fork; l = c.t.lists[l].parent {
				c.reads(c.t.lists[l].edit.Val, push)
			}
		}
	}
	return sum
}

// reads pushes the columns that a value is computed from, which share operands as they will.
func (c *chunker) reads(v ValID, push func(ColID)) {
	x := c.t.vals[v]
	if x.kind == vRead {
		push(ColID(x.b))
		return
	}
	below := c.t.operands(x)
	if len(below) == 0 || c.readAt[v] == *c.epoch {
		return
	}
	c.readAt[v] = *c.epoch
	for _, a := range below {
		c.reads(a, push)
	}
}

// close decides what each chunk hands on: wanted values, and what later chunks read.
func (c *chunker) close() []Chunk {
	need := map[ValID]bool{}
	for i := len(c.units) - 1; i >= 0; i-- {
		var want []ValID
		for _, v := range c.units[i] {
			if c.final[v] || need[v] {
				want = append(want, v)
			}
		}
		for _, v := range c.units[i] {
			for _, a := range c.t.operands(c.t.vals[v]) {
				if at, ok := c.valAt[a]; ok && int(at) < i {
					need[a] = true
				}
			}
		}
		c.out[i].Want = want
		for _, v := range want {
			if need[v] {
				c.out[i].Carry = append(c.out[i].Carry, v)
			}
		}
	}
	return c.out
}
