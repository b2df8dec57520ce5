package kern

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestPoolRunsEveryNumberOnce(t *testing.T) {
	for _, threads := range []int{1, 2, 5} {
		p := NewPool(threads)
		for _, n := range []int{0, 1, 2, 3, 1000} {
			for range 200 {
				seen := make([]atomic.Int32, n)
				p.Run(n, func(w, i int) {
					if w < 0 || w >= threads {
						t.Errorf("worker %d of %d", w, threads)
					}
					seen[i].Add(1)
				})
				for i := range seen {
					if seen[i].Load() != 1 {
						t.Fatalf("%d threads: number %d of %d ran %d times", threads, i, n, seen[i].Load())
					}
				}
			}
		}
		p.Close()
		p.Close()
		ran := 0
		p.Run(3, func(w, i int) { ran++ })
		if ran != 3 {
			t.Errorf("after Close %d of 3 ran", ran)
		}
	}
}

func TestPoolWakesSleepers(t *testing.T) {
	p := NewPool(3)
	defer p.Close()
	for range 5 {
		time.Sleep(5 * time.Millisecond) // long enough for the workers to fall asleep
		var both sync.WaitGroup
		both.Add(2)
		p.Run(2, func(_, _ int) { both.Done(); both.Wait() }) // returns only if two run at once
	}
}

func TestPoolServesSeveralCallers(t *testing.T) {
	p := NewPool(2)
	defer p.Close()
	var all sync.WaitGroup
	var sum atomic.Int64
	for range 4 {
		all.Go(func() {
			for range 100 {
				inside := 0 // written by worker 0 alone, which must be this goroutine
				p.Run(8, func(w, i int) {
					if w == 0 {
						inside++
					}
					sum.Add(int64(i))
				})
			}
		})
	}
	all.Wait()
	if sum.Load() != 4*100*28 {
		t.Errorf("sum is %d, want %d", sum.Load(), 4*100*28)
	}
}

func TestPoolRaisesPanics(t *testing.T) {
	for _, threads := range []int{1, 3} {
		p := NewPool(threads)
		for i := range 20 {
			func() {
				defer func() {
					if recover() == nil {
						t.Error("the panic was lost")
					}
				}()
				p.Run(10, func(_, k int) {
					if k == i%10 {
						panic("planted")
					}
				})
			}()
		}
		var n atomic.Int32
		p.Run(10, func(_, _ int) { n.Add(1) })
		if n.Load() != 10 {
			t.Errorf("after a panic %d of 10 ran", n.Load())
		}
		p.Close()
	}
}
