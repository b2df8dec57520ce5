package exec

import (
	"interp/compiler/plan"
	"interp/nnrt"
)

// keyLists finds, for one layer, the keys and values that each column sees: pieces of slabs that
// cover positions 0 to its own. Columns of one chain share what their common prefix needed.
type keyLists struct {
	at    []int32 // by column of the plan: end of its list in spans, 0: none yet
	spans [][2]int32
	arena []nnrt.KeyRun
	chain []kvRow
}

func (k *keyLists) reset(n int) {
	if cap(k.at) < n {
		k.at = make([]int32, n)
	}
	k.at = k.at[:n]
	clear(k.at)
	k.spans, k.arena = append(k.spans[:0], [2]int32{}), k.arena[:0]
}

// of is the list of column c at a layer.
func (k *keyLists) of(x *chunkRun, c plan.ColID, model int16, layer int) []nnrt.KeyRun {
	k.chain = k.chain[:0]
	var known []nnrt.KeyRun
	for d := c; d >= 0; d = x.table.Prev(d) {
		if i := x.slot[d]; i >= 0 && k.at[i] > 0 {
			s := k.spans[k.at[i]]
			known = k.arena[s[0]:s[1]]
			break
		} else if i < 0 {
			if known = x.seenBefore(d, layer); known != nil {
				break
			}
		}
		k.chain = append(k.chain, x.kv(d, model, layer))
	}
	from := int32(len(k.arena))
	k.arena = append(k.arena, known...)
	for i := len(k.chain) - 1; i >= 0; i-- {
		k.add(from, k.chain[i])
	}
	k.spans = append(k.spans, [2]int32{from, int32(len(k.arena))})
	if i := x.slot[c]; i >= 0 {
		k.at[i] = int32(len(k.spans) - 1)
	}
	list := k.arena[from:len(k.arena):len(k.arena)]
	if x.grow {
		x.remember(c, layer, list)
	}
	return list
}

// seenBefore is the list of a kept column that an earlier plan made, if no row was dropped since.
func (x *chunkRun) seenBefore(c plan.ColID, layer int) []nnrt.KeyRun {
	k := x.e.kept.at(c)
	if k == nil || k.seen == nil || k.chain != x.e.kept.drops+1 {
		return nil
	}
	return k.seen[layer]
}

// remember notes the list of a column whose chain goes on. It counts once the planner finds the chain
// complete.
func (x *chunkRun) remember(c plan.ColID, layer int, list []nnrt.KeyRun) {
	k := x.e.kept.at(c)
	if k == nil {
		return
	}
	if k.seen == nil {
		k.seen = make([][]nnrt.KeyRun, len(k.kv))
	}
	k.seen[layer] = append(k.seen[layer][:0], list...)
}

// add lengthens the last piece if the row stands right behind it, else begins another.
func (k *keyLists) add(from int32, r kvRow) {
	w := r.s.width
	if n := len(k.arena) - 1; n >= int(from) {
		last := &k.arena[n]
		if end := last.N * w; end < cap(last.Buf) && r.i*w < len(r.s.buf) && &last.Buf[:end+1][end] == &r.s.buf[r.i*w] {
			last.Buf = last.Buf[:end+w]
			last.N++
			return
		}
	}
	k.arena = append(k.arena, nnrt.KeyRun{Buf: r.s.buf[r.i*w : (r.i+1)*w], N: 1, Stride: w})
}
