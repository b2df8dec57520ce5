package plan

import (
	"interp/ir"
	"interp/nnrt/arch"
	"interp/nnrt/tensor"
)

// Node is the address of a node's value.
func (b *Builder) Node(id ir.NodeID) (ValID, error) {
	v := b.node(id)
	return v, b.take()
}

// Partial is Node while tokens are being generated: those produced so far are what a run generated.
func (b *Builder) Partial(f func() error) error {
	b.now = true
	defer func() { b.now = false }()
	return f()
}

// Hosts are the gradients met since the last call.
func (b *Builder) Hosts() []ir.NodeID {
	ids := b.hosts
	b.hosts = nil
	return ids
}

func (b *Builder) grow() {
	for len(b.nodes) < len(b.g.Nodes) {
		b.nodes, b.nums = append(b.nodes, -1), append(b.nums, -1)
	}
}

func (b *Builder) node(id ir.NodeID) ValID {
	b.grow()
	if v := b.nodes[id]; v >= 0 || b.err != nil {
		return v
	}
	if v, ok := b.brief[id]; ok {
		return v
	}
	if b.brief == nil {
		b.brief = map[ir.NodeID]ValID{}
		defer func() { b.brief = nil }()
	}
	fickle, n := b.fickle, &b.g.Nodes[id]
	var v ValID
	switch n.Kind {
	case ir.NConst:
		v = b.constOf(n.Const)
	case ir.NRead:
		v = b.view(n, layout{typ: n.Type, typed: true, scatter: n.View.Scatter, fill: n.View.Fill})
	case ir.NOp:
		v = b.op(n)
	case ir.NTokens:
		v = b.tokens(id, n)
	default:
		v = b.gradient(id, n)
	}
	switch {
	case b.err != nil:
	case b.fickle == fickle:
		b.nodes[id] = v
	default:
		b.brief[id] = v
	}
	return v
}

// gradient is the address of a gradient. Its metric is lowered as well: one of later steps waits for their
// tokens, and what it is made from is what the gradient rests on.
func (b *Builder) gradient(id ir.NodeID, n *ir.Node) ValID {
	metric := b.node(n.Args[0])
	if b.err != nil {
		return 0
	}
	b.hosts = append(b.hosts, id)
	return b.val(val{vHost, int32(id), int32(n.Type.Size()), int32(metric) + 1})
}

func (b *Builder) op(n *ir.Node) ValID {
	args := make([]ValID, len(n.Args))
	for i, a := range n.Args {
		args[i] = b.node(a)
	}
	if b.err != nil {
		return 0
	}
	return b.val(val{vOp, b.opOf(n), b.args.intern(args), 0})
}

// tokens is what runs generated: known when they are done. While they go on, what one reads of it is
// a value of its own.
func (b *Builder) tokens(id ir.NodeID, n *ir.Node) ValID {
	serial := int32(0)
	wait := b.pending(n.View.Pieces, func(r *ir.Run, _ *ir.Piece) int { return r.Gen.N })
	switch {
	case wait != nil && !b.now:
		b.fail(wait)
		return 0
	case wait != nil:
		for _, p := range n.View.Pieces {
			if wait.Tokens[p.Run] > 0 {
				serial += int32(len(b.g.Runs[p.Run].Gen.Done)) + 1
				b.fickle++
			}
		}
	}
	return b.val(val{vHost, int32(id), serial, 0})
}

// view is the address of a read: its pieces by content, and how they are laid out.
func (b *Builder) view(n *ir.Node, l layout) ValID {
	v := n.View
	if wait := b.pending(v.Pieces, func(r *ir.Run, p *ir.Piece) int { return int(p.Pos) - len(r.Tokens) + 1 }); wait != nil {
		b.fail(wait)
		return 0
	}
	ids := make([]ValID, len(v.Pieces))
	for i := range v.Pieces {
		ids[i] = b.piece(v.Pt, v.Pieces[i])
		if b.err != nil {
			return 0
		}
	}
	at := int32(0)
	if l.typed {
		at = b.layouts.intern(l)
	} else if len(ids) == 1 {
		return ids[0]
	}
	return b.val(val{vView, at, b.args.intern(ids), 0})
}

func (b *Builder) piece(p arch.Point, x ir.Piece) ValID {
	r := b.run(x.Run)
	if !r.Closed { // sets may follow
		b.fickle++
	}
	c := b.at(r, x.Pos, p, x.After)
	if b.err != nil {
		return 0
	}
	return b.read(p, c, b.slice(x.Sl, r.o.a.Width(p, int(x.Pos))))
}

// numbers is the address of a node's value as a set writes it: its numbers in order, whatever their
// shape.
func (b *Builder) numbers(id ir.NodeID) ValID {
	b.grow()
	if v := b.nums[id]; v >= 0 || b.err != nil {
		return v
	}
	n := &b.g.Nodes[id]
	v, fickle := ValID(-1), b.fickle
	switch n.Kind {
	case ir.NConst:
		if x, ok := Numbers(n.Const); ok {
			v = b.numbersOf(x)
		} else {
			v = b.constOf(n.Const)
		}
	case ir.NRead:
		if n.View.Scatter != nil {
			v = b.node(id)
		} else {
			v = b.view(n, layout{})
		}
	default:
		v = b.node(id)
	}
	if b.err == nil && b.fickle == fickle {
		b.nums[id] = v
	}
	return v
}

// Numbers are the numbers of a host value as rows hold them.
func Numbers(v ir.Value) ([]float32, bool) {
	switch x := v.(type) {
	case *tensor.Array:
		return x.F32(), true
	case float64:
		return []float32{float32(x)}, true
	case int64:
		return []float32{float32(x)}, true
	case bool:
		if x {
			return []float32{1}, true
		}
		return []float32{0}, true
	}
	return nil, false
}
