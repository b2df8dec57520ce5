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
	size  int64 // bytes of one that is only pretended
}

// results are those of operations and of reads, kept between plans: a mean over many prompts that thousands
// of runs are set to is worked out once. The oldest go first. While a plan runs, those from before it stay,
// since it may count on them; its own go where they are too many, since it holds what it reads again.
type results struct {
	at    map[plan.ValID]result
	queue []plan.ValID
	fresh []plan.ValID // of the plan that runs
	bytes int64
	made  int64 // bytes of fresh
	limit int64
}

func newResults(limit int64) results { return results{at: map[plan.ValID]result{}, limit: limit} }

func (k *results) add(id plan.ValID, r result) {
	n := r.bytes()
	if _, ok := k.at[id]; ok || r.err != nil || n > k.limit/4 {
		return
	}
	k.at[id] = r
	k.fresh = append(k.fresh, id)
	k.bytes, k.made = k.bytes+n, k.made+n
	for k.made > k.limit {
		k.made -= k.drop(k.fresh[0])
		k.fresh = k.fresh[1:]
	}
}

// drop lets a result go.
func (k *results) drop(id plan.ValID) (bytes int64) {
	bytes = k.at[id].bytes()
	k.bytes -= bytes
	delete(k.at, id)
	return bytes
}

func (r result) bytes() int64 {
	n := 128 + r.size
	if a, ok := r.value.(*tensor.Array); ok {
		n += a.Bytes()
	}
	return n
}

// trim keeps the bound between plans.
func (k *results) trim(evict func() bool) {
	k.queue = append(k.queue, k.fresh...)
	k.fresh, k.made = nil, 0
	for len(k.queue) > 0 && (k.bytes > k.limit || evict != nil && evict()) {
		k.drop(k.queue[0])
		k.queue = k.queue[1:]
	}
}
