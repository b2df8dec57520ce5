package plan

// Limit bounds a chunk.
type Limit struct {
	Columns int   // some 4,096: a pass over the weights is then a small part of the work
	Bytes   int64 // of rows and of results
	Reverse int64 // of the rows of reverse passes
	// Passes says what the rows of the reverse pass of a gradient's metric take; nil: gradients cost nothing.
	Passes func(gradient ValID) int64
}

// Chunk is a part of the wanted values that is planned and run by itself.
type Chunk struct {
	Want   []ValID // in order: wanted ones, and values that a later chunk goes on with
	Carry  []ValID // the latter
	Cols   []ColID // columns it may touch
	Grads  []ValID // gradients that it may read, or that those rest on
	Weight int64   // estimate of bytes
	fresh  int     // columns of which the executor has nothing
	passes int64   // bytes of the rows of reverse passes
}

// Chunks cuts the wanted values in script order into groups of bounded size. A value that needs more
// than one chunk holds (a mean over thousands of prompts) is cut through its operands: a chunk then
// ends with some of them, and a later one goes on. Ids order chunks, so operands come first.
func (p *Planner) Chunks(want []ValID, have Kept, lim Limit) []Chunk {
	c := p.chunker(have, lim)
	for _, v := range want {
		c.final[v] = true
	}
	for _, v := range want {
		c.unit(v)
	}
	return c.close()
}

// Gradients are those that some rest on, by what their metrics are made from, and these themselves: what
// the executor has not.
func (p *Planner) Gradients(of []ValID, have Kept) []ValID {
	c := p.chunker(have, Limit{Passes: func(ValID) int64 { return 0 }})
	for _, v := range of {
		c.reads(v)
	}
	c.walk()
	return c.out[0].Grads
}

func (p *Planner) chunker(have Kept, lim Limit) *chunker {
	c := &chunker{t: p.t, have: have, lim: lim, at: p.epochs(), epoch: &p.epoch, valAt: map[ValID]int32{}, readAt: map[ValID]int32{}, passAt: map[ValID]int32{}, final: map[ValID]bool{}}
	c.open()
	return c
}

type chunker struct {
	t      *Table
	have   Kept
	lim    Limit
	at     []int32 // by column: number of the last chunk that reaches it, counted through all calls
	epoch  *int32
	valAt  map[ValID]int32 // chunk in which a value is made
	readAt map[ValID]int32 // number of the last chunk that reaches what a value is computed from, as at
	passAt map[ValID]int32 // the same for metrics whose reverse pass it takes
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
	last := &c.out[len(c.out)-1]
	before := *last
	c.take(last, v)
	if c.cuts(x) && len(c.units[len(c.out)-1]) > 0 && c.over(last, &before) {
		for _, d := range last.Cols[len(before.Cols):] { // the next chunk's
			c.at[d] = 0
		}
		*last = before
		c.open()
		last = &c.out[len(c.out)-1]
		c.take(last, v)
	}
	n := len(c.out) - 1
	c.units[n] = append(c.units[n], v)
	c.valAt[v] = int32(n)
}

// take adds to a chunk what a value takes.
func (c *chunker) take(last *Chunk, v ValID) {
	last.Weight += c.t.bytes(v)
	if c.cuts(c.t.vals[v]) {
		c.reads(v)
		last.Weight += c.walk()
	}
}

// cuts says that a chunk may begin with a value: what is computed from others goes with them.
func (c *chunker) cuts(x val) bool { return x.kind == vRead || x.gradient() && c.lim.Passes != nil }

// over says that a chunk is too large by what was added to it. The gradients of a metric share its pass.
func (c *chunker) over(now, before *Chunk) bool {
	return now.fresh > c.lim.Columns || now.Weight > c.lim.Bytes || now.passes > max(c.lim.Reverse, before.passes)
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
	case vHost:
		if x.gradient() {
			return 4 * int64(x.b)
		}
	}
	return 0
}

// push reaches a column.
func (c *chunker) push(d ColID) {
	if d >= 0 && c.at[d] != *c.epoch {
		c.at[d] = *c.epoch
		c.stack = append(c.stack, d)
	}
}

// walk adds the columns reached, and those that they are made from, to the chunk, and says how much those
// weigh that the executor has not.
func (c *chunker) walk() int64 {
	var sum int64
	last := &c.out[len(c.out)-1]
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
			c.push(n.base)
		}
		c.push(n.alias)
		c.push(n.prev)
		if n.ownEdit && n.alias < 0 {
			for l := n.list; l != 0 && c.t.lists[l].edit.Pt == n.fork; l = c.t.lists[l].parent {
				c.reads(c.t.lists[l].edit.Val)
			}
		}
	}
	return sum
}

// reads reaches the columns that a value is computed from. Values share operands as they will.
func (c *chunker) reads(v ValID) {
	x := c.t.vals[v]
	if x.kind == vRead {
		c.push(ColID(x.b))
		return
	}
	if c.readAt[v] == *c.epoch {
		return
	}
	if x.gradient() && c.lim.Passes != nil && !c.have.Value(v) {
		c.readAt[v] = *c.epoch
		c.gradient(v)
		return
	}
	below := c.t.operands(x)
	if len(below) == 0 || c.have.Value(v) {
		return
	}
	c.readAt[v] = *c.epoch
	for _, a := range below {
		c.reads(a)
	}
}

// gradient reaches what the reverse pass of a gradient reads.
func (c *chunker) gradient(v ValID) {
	last := &c.out[len(c.out)-1]
	last.Grads = append(last.Grads, v)
	metric := c.t.vals[v].metric()
	if c.passAt[metric] != *c.epoch {
		c.passAt[metric] = *c.epoch
		last.passes += c.lim.Passes(v)
	}
	c.reads(metric)
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
