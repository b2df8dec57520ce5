package exec

import (
	"fmt"
	"slices"

	"interp/compiler/plan"
	"interp/ir"
	"interp/nnrt/arch"
)

// held are the gradients that the work at hand reads: made for a chunk, let go of behind the last one
// that reads them. From then on they are results like others, which may be dropped and made again.
type held struct {
	at     map[ir.NodeID]result
	bytes  int64
	lowest map[ir.NodeID]arch.Point // by metric: the lowest site asked for so far
	passes int64                    // bytes of the rows of the reverse passes under way
}

func newHeld() held {
	return held{at: map[ir.NodeID]result{}, lowest: map[ir.NodeID]arch.Point{}}
}

// meet notes the sites of gradients that are asked for.
func (h *held) meet(g *ir.Graph, ids []ir.NodeID) {
	for _, id := range ids {
		n, p := &g.Nodes[id], arch.Point(0)
		if n.View != nil {
			p = n.View.Pt
		}
		if low, ok := h.lowest[n.Args[0]]; !ok || p < low {
			h.lowest[n.Args[0]] = p
		}
	}
}

func (h *held) has(id ir.NodeID) bool {
	_, ok := h.at[id]
	return ok
}

// add holds a gradient, if -mem (0: no bound) allows it beside those held.
func (h *held) add(id ir.NodeID, r result, mem int64) {
	if n := h.bytes + r.bytes(); mem > 0 && n > mem {
		r = result{err: &ir.Error{Code: "E0417", Msg: fmt.Sprintf("gradients that are read together take %s of memory, -mem allows %s", sizeText(n), sizeText(mem)),
			Hint: "allow more with -mem, or ask for fewer at once: fewer prompts, sites or parameters"}}
	}
	h.at[id] = r
	h.bytes += r.bytes()
}

// release lets go of the gradients that nothing at hand reads any more, and gives the others. Those that
// only later chunks read go as well where they take the room of rows.
func (h *held) release(e *Batched, made []plan.ValID, stays func(plan.ValID) bool) []plan.ValID {
	drop := func(v plan.ValID) {
		id := e.table.HostNode(v)
		h.bytes -= h.at[id].bytes()
		e.known.add(v, h.at[id])
		delete(h.at, id)
	}
	made = slices.DeleteFunc(made, func(v plan.ValID) bool {
		if !stays(v) {
			drop(v)
			return true
		}
		return false
	})
	for len(made) > 0 && h.bytes > e.keptBytes() {
		drop(made[0])
		made = made[1:]
	}
	return made
}

// passBytes is what the rows of reverse passes that go together may take, beside those of forward ones and
// what is kept.
func (e *Batched) passBytes() int64 {
	n := e.bytes() / 2
	if e.opts.Mem > 0 {
		n = min(n, e.opts.Mem/4)
	}
	return n
}

// passOf estimates the bytes of the rows that the reverse pass of a gradient's metric reads and makes, as
// far down as is asked of it: those of each run up to the last position read, and above the keys of the
// last layer only what is read.
func (e *Batched) passOf(v plan.ValID) int64 {
	n := &e.g.Nodes[e.table.HostNode(v)]
	low, trace := e.hosts.lowest[n.Args[0]], traceOf(e.g, n)
	tops := map[ir.RunID]map[int32]arch.Point{} // of runs, by position: the highest point read
	e.g.Walk(n.Args, func(_ ir.NodeID, n *ir.Node) []ir.NodeID {
		if n.Kind != ir.NRead {
			if n.Kind == ir.NGrad { // a constant
				return nil
			}
			return n.Args
		}
		var sets []ir.NodeID
		for _, p := range n.View.Pieces {
			r := e.g.Runs[p.Run]
			if r.Trace != trace {
				continue
			}
			if tops[p.Run] == nil {
				tops[p.Run] = map[int32]arch.Point{}
				for i := range r.Sets {
					sets = append(sets, r.Sets[i].Val)
				}
			}
			tops[p.Run][p.Pos] = max(tops[p.Run][p.Pos], n.View.Pt)
		}
		return sets
	})
	var sum int64
	for id, at := range tops {
		if rt, ok := e.g.Runs[id].Model.(Differentiable); ok {
			sum += passOfRun(rt, low, at)
		}
	}
	return sum
}

// passOfRun is passOf for one run, of which rows up to some points are read, by position.
func passOfRun(rt Differentiable, low arch.Point, tops map[int32]arch.Point) int64 {
	a := rt.Arch()
	reads, err := readPoints(rt)
	if err != nil { // the pass will say it
		return 0
	}
	last, top := int32(0), arch.Point(0)
	for pos, p := range tops {
		last, top = max(last, pos), max(top, p)
	}
	l := a.Layer(top)
	if l < 0 {
		l = a.Dims.Layers - 1
	}
	keys := min(top, a.KV(l))
	var sum int64
	for pos := range last + 1 {
		for p := low; p <= max(keys, tops[pos]); p++ {
			if !a.Row(p).Arrive {
				sum += passBytes(a, reads, p, pos)
			}
		}
	}
	return sum
}
