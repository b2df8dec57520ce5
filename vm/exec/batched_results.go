package exec

import (
	"interp/compiler/plan"
	"interp/ir"
	"interp/nnrt/tensor"
)

// result is what became of a value.
type result struct {
	value ir.Value
	nums  []float32 // as sets write them; nil: those of value
	err   error
}

// results are those of operations and of reads, kept between plans: a mean over many prompts that thousands
// of runs are set to is worked out once. The oldest go first.
type results struct {
	at    map[plan.ValID]result
	queue []plan.ValID
	bytes int64
	limit int64
}

func newResults(limit int64) results { return results{at: map[plan.ValID]result{}, limit: limit} }

func (k *results) add(id plan.ValID, r result) {
	n := r.bytes()
	if _, ok := k.at[id]; ok || r.err != nil || n > k.limit/4 {
		return
	}
	k.at[id] = r
	k.queue = append(k.queue, id)
	k.bytes += n
}

func (r result) bytes() int64 {
	n := int64(128)
	if a, ok := r.value.(*tensor.Array); ok {
		n += a.Bytes()
	}
	return n
}

func (k *results) trim(evict func() bool) {
	for len(k.queue) > 0 && (k.bytes > k.limit || evict != nil && evict()) {
		id := k.queue[0]
		k.queue = k.queue[1:]
		k.bytes -= k.at[id].bytes()
		delete(k.at, id)
	}
}
