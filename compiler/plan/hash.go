package plan

// colIndex finds columns by content: open addressing over ids, the keys stand in the table's arena.
type colIndex struct {
	slots []int32 // id+1; 0 is empty
	n     int
}

func colHash(prev ColID, tok int32, list listID) uint64 {
	h := uint64(uint32(prev))<<32 | uint64(uint32(tok))
	h = (h ^ uint64(uint32(list))*0x9e3779b97f4a7c15) * 0xbf58476d1ce4e5b9
	return h ^ h>>29
}

func (x *colIndex) find(cols []col, prev ColID, tok int32, list listID) (ColID, bool) {
	if len(x.slots) == 0 {
		return 0, false
	}
	mask := uint64(len(x.slots) - 1)
	for i := colHash(prev, tok, list) & mask; ; i = (i + 1) & mask {
		s := x.slots[i]
		if s == 0 {
			return 0, false
		}
		if n := &cols[s-1]; n.prev == prev && n.tok == tok && n.list == list {
			return ColID(s - 1), true
		}
	}
}

// add enters a column that find did not find; it is the last of cols.
func (x *colIndex) add(cols []col, c ColID) {
	if 2*(x.n+1) > len(x.slots) {
		x.slots, x.n = make([]int32, max(64, 4*len(x.slots))), 0
		for d := range c {
			x.put(cols, d)
		}
	}
	x.put(cols, c)
}

func (x *colIndex) put(cols []col, c ColID) {
	n, mask := &cols[c], uint64(len(x.slots)-1)
	i := colHash(n.prev, n.tok, n.list) & mask
	for x.slots[i] != 0 {
		i = (i + 1) & mask
	}
	x.slots[i] = int32(c) + 1
	x.n++
}

// intern returns the index of k in *a, appending it when new.
func intern[K comparable](a *[]K, ix map[K]int32, k K) int32 {
	if i, ok := ix[k]; ok {
		return i
	}
	i := int32(len(*a))
	*a = append(*a, k)
	ix[k] = i
	return i
}
