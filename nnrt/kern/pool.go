package kern

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// Pool is a fixed set of workers. The goroutine that calls Run is one of them, so a pool of one has
// no goroutines at all. Workers wait for the next Run awake for as long as waking one takes; after that
// they sleep, since another process may have work for the processor.
type Pool struct {
	mu      sync.Mutex // one Run at a time
	threads int
	impl    *impl
	scratch []*scratch // by worker
	slab    slab

	products sync.Mutex // one product at a time uses
	packed   []float32  // its left side and
	tiles    []tileAt   // the slivers of that
	cuts     []int      // and the units of work

	job    atomic.Pointer[job]
	beds   []bed // by worker; worker 0 is the caller
	closed atomic.Bool
}

// bed is where a worker sleeps.
type bed struct {
	asleep atomic.Bool
	wake   chan struct{}
	_      [48]byte // a cache line each
}

// Option sets something of a pool.
type Option func(*Pool)

// WithISA makes a pool use the kernels of that level, or the best below it that the processor has.
func WithISA(l ISA) Option { return func(p *Pool) { p.impl = implFor(l) } }

// NewPool makes a pool of that many workers; less than 1 means one for each processor.
func NewPool(threads int, opts ...Option) *Pool {
	if threads < 1 {
		threads = runtime.GOMAXPROCS(0)
	}
	p := &Pool{threads: threads, impl: host, scratch: make([]*scratch, threads), beds: make([]bed, threads)}
	for _, o := range opts {
		o(p)
	}
	for w := range threads {
		p.scratch[w] = newScratch()
		if w > 0 {
			p.beds[w].wake = make(chan struct{}, 1)
			go p.work(w)
		}
	}
	return p
}

// Threads is the number of workers.
func (p *Pool) Threads() int { return p.threads }

// ISA is the level of the pool's kernels.
func (p *Pool) ISA() ISA { return p.impl.level }

// Close ends the workers. A Run after it does all the work itself.
func (p *Pool) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed.Swap(true) {
		return
	}
	for w := 1; w < p.threads; w++ {
		p.rouse(w)
	}
}

// Run calls f(worker, i) for every i in [0, n) and returns when all calls have. Numbers are claimed
// in ascending order; worker is below Threads and names the caller's goroutine, so f may keep memory
// by it. Calls of Run from several goroutines follow one another; f must not call Run on its own
// pool. After a panic in f the numbers left are dropped and the panic is raised again here.
func (p *Pool) Run(n int, f func(worker, i int)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.threads == 1 || n <= 1 || p.closed.Load() {
		for i := range n {
			f(0, i)
		}
		return
	}
	j := &job{n: int64(n), f: f, done: make(chan struct{}, 1)}
	p.job.Store(j)
	for w := 1; w < min(p.threads, n); w++ {
		p.rouse(w)
	}
	j.run(0)
	p.job.Store(nil)
	j.wait()
	if x := j.fault.Load(); x != nil {
		panic(fmt.Sprintf("kern: a worker: %v", x.value))
	}
}

// work is the life of a worker.
func (p *Pool) work(w int) {
	var last *job
	for {
		last = p.await(w, last)
		if last == nil {
			return
		}
		if last.join() {
			last.run(w)
			last.leave()
		}
	}
}

// await waits for a job other than the last one; nil: the pool is closed.
func (p *Pool) await(w int, last *job) *job {
	b := &p.beds[w]
	var j *job
	ready := func() bool {
		j = p.job.Load()
		return j != nil && j != last || p.closed.Load()
	}
	for !awake(ready) {
		b.asleep.Store(true)
		if !ready() {
			<-b.wake
		}
		b.asleep.Store(false)
	}
	if p.closed.Load() {
		return nil
	}
	return j
}

// wakeTime is what waking a sleeping goroutine takes, and its processor.
const wakeTime = 60 * time.Microsecond

// awake waits for that long, or until f.
func awake(f func() bool) bool {
	t0 := time.Now()
	for turn := range mostTurns { // some clocks tick in milliseconds
		if f() {
			return true
		}
		if relax(); turn%16 == 15 && time.Since(t0) > wakeTime {
			break
		}
	}
	return f()
}

// rouse wakes a worker if it sleeps.
func (p *Pool) rouse(w int) {
	if !p.beds[w].asleep.Load() {
		return
	}
	select {
	case p.beds[w].wake <- struct{}{}:
	default:
	}
}

// job is one Run. Workers join it as long as it is open and claim numbers until none is left.
type job struct {
	n     int64
	f     func(worker, i int)
	next  atomic.Int64
	state atomic.Int64 // workers inside; shut is added once nobody may join
	done  chan struct{}
	fault atomic.Pointer[fault]
}

type fault struct{ value any }

const shut = -1 << 40

func (j *job) join() bool {
	if j.state.Add(1) > 0 {
		return true
	}
	j.leave()
	return false
}

func (j *job) leave() {
	if j.state.Add(-1) == shut {
		select {
		case j.done <- struct{}{}:
		default:
		}
	}
}

// wait shuts the job and returns when the workers inside have left it.
func (j *job) wait() {
	if j.state.Add(shut) == shut {
		return
	}
	if awake(func() bool { return j.state.Load() == shut }) {
		return
	}
	for j.state.Load() != shut {
		<-j.done
	}
}

// run claims numbers and calls f with them.
func (j *job) run(w int) {
	defer func() {
		if x := recover(); x != nil {
			j.next.Store(j.n)
			j.fault.CompareAndSwap(nil, &fault{x})
		}
	}()
	for {
		i := j.next.Add(1) - 1
		if i >= j.n {
			return
		}
		j.f(w, int(i))
	}
}
