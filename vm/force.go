package vm

import (
	"errors"
	"fmt"
	"slices"

	"interp/ir"
)

// errUnknown is what forcing gives in check: nothing is computed there.
var errUnknown = errors.New("not known to check")

// force makes a value known: the host has to decide something.
func (m *Machine) force(v ir.Value) (ir.Value, error) {
	if ir.IsKnown(v) {
		return v, nil
	}
	if m.check != nil {
		if err := m.unknowable(v); err != nil {
			return nil, err
		}
		return nil, errUnknown
	}
	if !m.computable([]ir.Value{v}) {
		return nil, &ir.Error{Code: "E0408", Msg: "the value is not known"}
	}
	if err := m.described(v); err != nil {
		return nil, err
	}
	return m.compute(v)
}

// compute makes a value known whose runs are closed.
func (m *Machine) compute(v ir.Value) (ir.Value, error) {
	nodes := appendLazy(nil, v)
	if m.forced != nil {
		if err := m.catchUp(); err != nil {
			return nil, err
		}
	}
	if err := m.eval(nodes); err != nil {
		return nil, err
	}
	k, whole, err := m.fill(v)
	if err == nil && !whole {
		err = &ir.Error{Code: "E0408", Msg: "the value was not computed"}
	}
	return k, err
}

// unknowable is check's part of a decision on a value that is not known: refused, where no run will know
// it by then either.
func (m *Machine) unknowable(v ir.Value) error {
	m.sets.open = true
	return m.described(v)
}

const hintInRun = "where(c, a, b) chooses inside a run; or save the value in a run of its own, before"

// described refuses values of the run that is being described, whatever invoke of it they are of: it has not
// happened yet.
func (m *Machine) described(v ir.Value) error {
	t := m.rs.trace
	if t == nil && m.rs.inv != nil {
		t = m.rs.inv.trace
	}
	if t != nil && m.reads(v, t.firstNode, func(r *ir.Run) bool { return r.Trace == t.id }) {
		return &ir.Error{Code: "E0408", Msg: "this needs a value of the run that is being described, which is not known yet", Hint: hintInRun}
	}
	return nil
}

// reads says that a value depends on such a run, through the nodes from first on.
func (m *Machine) reads(v ir.Value, first int, such func(*ir.Run) bool) (yes bool) {
	m.b.g.Walk(appendLazy(nil, v), func(id ir.NodeID, n *ir.Node) []ir.NodeID {
		if int(id) < first {
			return nil
		}
		yes = yes || n.View != nil && slices.ContainsFunc(n.View.Pieces, func(p ir.Piece) bool { return such(m.b.g.Runs[p.Run]) })
		return n.Args
	})
	return yes
}

// eval computes nodes and writes what of the tape is filled by then.
func (m *Machine) eval(nodes []ir.NodeID) error {
	m.sets.want = append(m.sets.want, nodes...)
	want := m.missing(nodes, map[ir.NodeID]bool{})
	if len(want) == 0 {
		return nil
	}
	if err := m.prepare(); err != nil {
		return err
	}
	if err := m.chargeKept(want); err != nil {
		return err
	}
	var out error
	err := m.engineFor(nil).Eval(m.ctx, m.b.g, want, func(id ir.NodeID, v ir.Value, err error) {
		if err != nil {
			m.failed[id] = m.faultAt(m.b.g.Nodes[id].Span, err)
			return
		}
		m.known[id] = v
		if out == nil {
			out = m.tape.flush(m)
		}
	})
	if err != nil {
		return fmt.Errorf("%w", err)
	}
	return out
}

// missing are the nodes that are not computed yet, each once; seen gets them.
func (m *Machine) missing(nodes []ir.NodeID, seen map[ir.NodeID]bool) (out []ir.NodeID) {
	for _, id := range nodes {
		if _, ok := m.known[id]; !ok && m.failed[id] == nil && !seen[id] {
			out, seen[id] = append(out, id), true
		}
	}
	return out
}

// chargeKept counts the arrays that a run is to give, before it begins. The error is at the largest, and
// names the save that holds it.
func (m *Machine) chargeKept(want []ir.NodeID) error {
	if m.opts.Mem == nil {
		return nil
	}
	var sum, most int64
	largest, at := ir.NoNode, m.cur.Span
	for _, id := range want {
		n := &m.b.g.Nodes[id]
		if n.VKind != ir.KArray {
			continue
		}
		b := n.Type.Bytes()
		if sum += b; b > most {
			most, largest, at = b, id, n.Span
		}
	}
	err := m.opts.Mem(sum)
	if err == nil {
		return nil
	}
	var bad *ir.Error
	if name := m.saveOf(largest); name != "" && errors.As(err, &bad) {
		named := *bad
		named.Msg = fmt.Sprintf("save %s: %s; all results that are kept take %.4g MiB", name, bad.Msg, float64(sum)/(1<<20))
		err = &named
	}
	return m.faultAt(at, err)
}

// saveOf is the save that holds the value of a node; "" for none.
func (m *Machine) saveOf(id ir.NodeID) string {
	for _, name := range m.saves {
		if v, _, err := m.result(name); err == nil && slices.Contains(appendLazy(nil, v), id) {
			return name
		}
	}
	return ""
}

// prepare loads the weights of models that have runs, or modules in the graph.
func (m *Machine) prepare() error {
	for _, r := range m.b.g.Runs {
		if err := m.loaded(r.Model); err != nil {
			return err
		}
	}
	for _, model := range m.applied {
		if err := m.loaded(model); err != nil {
			return err
		}
	}
	return nil
}

// loaded sees to it that a model's weights are there.
func (m *Machine) loaded(model ir.Model) error {
	if m.opts.Ready == nil || m.ready[model] {
		return nil
	}
	if err := m.opts.Ready(m.ctx, model); err != nil {
		return err
	}
	m.ready[model] = true
	return nil
}
