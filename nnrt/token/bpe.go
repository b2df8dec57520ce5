package token

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
)

// bpe merges the bytes of a word into tokens, pairs of lowest rank first.
//
// Most words of a text are one token. Whether the merges do lead there is found once a token and kept
// in whole, which is read without a lock; the other short words are kept in a cache of bounded size.
type bpe struct {
	ids    map[string]int32 // the bytes of a token to its id
	bytes  [256]int32       // the token of a single byte, or -1
	merges map[pair]merge
	whole  []atomic.Int32 // by id: unknown, isWhole, isNot

	mu    sync.RWMutex
	cache map[string][]int32
}

// pair is two tokens that stand side by side.
type pair struct{ left, right int32 }

// merge is what becomes of a pair, and how early.
type merge struct{ rank, id int32 }

const (
	isWhole = 1 + iota // the merges turn the token's bytes into the token
	isNot
)

// The cache holds words up to this length, and so many of them.
const (
	maxCachedWord = 64
	maxCached     = 1 << 15
)

// newBPE builds the machine for a vocabulary of so many tokens.
func newBPE(ids map[string]int32, size int, merges map[pair]merge) *bpe {
	m := &bpe{ids: ids, merges: merges, whole: make([]atomic.Int32, size), cache: map[string][]int32{}}
	for b := range m.bytes {
		m.bytes[b] = -1
		if id, ok := ids[string([]byte{byte(b)})]; ok {
			m.bytes[b] = id
		}
	}
	return m
}

func (m *bpe) next(text string) int { return nextWord(text) }

func (m *bpe) encode(word string, out []int32) ([]int32, error) {
	id, known := m.ids[word]
	if known {
		switch m.whole[id].Load() {
		case isWhole:
			return append(out, id), nil
		case 0:
			return m.learn(word, id, out)
		}
	}
	return m.cached(word, out)
}

// learn merges a word that is a token for the first time.
func (m *bpe) learn(word string, id int32, out []int32) ([]int32, error) {
	n := len(out)
	out, err := m.merge(word, out)
	if err != nil {
		return out, err
	}
	if len(out) == n+1 && out[n] == id {
		m.whole[id].Store(isWhole)
	} else {
		m.whole[id].Store(isNot)
	}
	return out, nil
}

func (m *bpe) cached(word string, out []int32) ([]int32, error) {
	if len(word) > maxCachedWord {
		return m.merge(word, out)
	}
	m.mu.RLock()
	ids, ok := m.cache[word]
	m.mu.RUnlock()
	if ok {
		return append(out, ids...), nil
	}
	n := len(out)
	out, err := m.merge(word, out)
	if err != nil {
		return out, err
	}
	ids = append([]int32(nil), out[n:]...)
	m.mu.Lock()
	if len(m.cache) < maxCached {
		m.cache[strings.Clone(word)] = ids // the word is part of a text that may be large
	}
	m.mu.Unlock()
	return out, nil
}

// merge appends the tokens of a word. The parts form a list linked by position; a heap holds the pairs
// that may merge, by rank and then from the left, so a word of n bytes takes n log n steps.
func (m *bpe) merge(word string, out []int32) ([]int32, error) {
	w := parts{ids: make([]int32, len(word)), next: make([]int32, len(word)), prev: make([]int32, len(word))}
	for i := range len(word) {
		id := m.bytes[word[i]]
		if id < 0 {
			return out, fmt.Errorf("the vocabulary has no token for the byte %#02x in %s", word[i], quote(word))
		}
		w.ids[i], w.next[i], w.prev[i] = id, int32(i+1), int32(i-1)
	}
	var queue heap
	for i := range w.ids {
		m.offer(&queue, &w, int32(i))
	}
	for len(queue) > 0 {
		rank, at := queue.pop()
		to, ok := m.at(&w, at)
		if !ok || to.rank != rank {
			continue // a part of the pair has merged since
		}
		w.join(at, to.id)
		m.offer(&queue, &w, at)
		m.offer(&queue, &w, w.prev[at])
	}
	for i := int32(0); int(i) < len(w.ids); i = w.next[i] {
		out = append(out, w.ids[i])
	}
	return out, nil
}

// at is the merge of the part at a position with the part after it.
func (m *bpe) at(w *parts, at int32) (merge, bool) {
	if at < 0 || w.ids[at] < 0 || int(w.next[at]) == len(w.ids) {
		return merge{}, false
	}
	to, ok := m.merges[pair{w.ids[at], w.ids[w.next[at]]}]
	return to, ok
}

func (m *bpe) offer(queue *heap, w *parts, at int32) {
	if to, ok := m.at(w, at); ok {
		queue.push(to.rank, at)
	}
}

// parts are the tokens of a word while it merges, each at the position of its first byte; a position
// inside a part has the id -1.
type parts struct{ ids, next, prev []int32 }

// join merges the part at a position with the next one.
func (w *parts) join(at, id int32) {
	gone := w.next[at]
	w.ids[at], w.ids[gone] = id, -1
	w.next[at] = w.next[gone]
	if after := w.next[at]; int(after) < len(w.ids) {
		w.prev[after] = at
	}
}

// heap is a binary heap of ranks and positions, the lowest rank first and then the leftmost.
type heap []uint64

func (h *heap) push(rank, at int32) {
	q := append(*h, uint64(rank)<<32|uint64(at))
	for i := len(q) - 1; i > 0 && q[i] < q[(i-1)/2]; i = (i - 1) / 2 {
		q[i], q[(i-1)/2] = q[(i-1)/2], q[i]
	}
	*h = q
}

func (h *heap) pop() (rank, at int32) {
	q := *h
	top, last := q[0], len(q)-1
	q[0] = q[last]
	q = q[:last]
	for i := 0; ; {
		least := i
		for c := 2*i + 1; c <= 2*i+2 && c < len(q); c++ {
			if q[c] < q[least] {
				least = c
			}
		}
		if least == i {
			break
		}
		q[i], q[least] = q[least], q[i]
		i = least
	}
	*h = q
	return int32(top >> 32), int32(uint32(top))
}
