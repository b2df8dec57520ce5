package vm

import (
	"interp/ir"
	"interp/nnrt/arch"
)

// setPlace is what a set changes, for the question whether a site read above it is what flows on: a
// point, and of keys and values (one point, two sites) which.
type setPlace struct {
	pt  arch.Point
	sub int
}

// markOld marks the reads of the invoke's prompts that stand above a set of their site, in whatever row.
func (inv *invoke) markOld() {
	last := map[setPlace][]int32{} // by row, the number of the last set
	for row, id := range inv.runs {
		r := inv.m.b.g.Runs[id]
		for i := range r.Sets {
			s := &r.Sets[i]
			if int(s.Pos) >= len(r.Tokens) {
				continue
			}
			at := setPlace{s.Pt, subOf(inv.model.Arch(), s)}
			if last[at] == nil {
				last[at] = make([]int32, len(inv.runs))
			}
			last[at][row] = int32(i) + 1
		}
	}
	if len(last) == 0 {
		return
	}
	b := inv.m.b
	for k := inv.firstNode; k < len(b.g.Nodes); k++ {
		v := b.views[ir.NodeID(k)]
		if v == nil || v.inv != inv {
			continue
		}
		for row, n := range last[setPlace{v.pt, v.site.Sub}] {
			if n > v.after[row] {
				b.g.Nodes[k].View.Old = true
			}
		}
	}
}

// subOf says which of keys and values a set changes.
func subOf(a *arch.Arch, s *ir.Set) int {
	if !a.Row(s.Pt).KV {
		return 0
	}
	first := s.Sl.Off
	if s.Sl.List != nil && len(s.Sl.List.At) > 0 {
		first = s.Sl.List.At[0]
	}
	return int(first) * 2 / a.Width(s.Pt, int(s.Pos))
}
