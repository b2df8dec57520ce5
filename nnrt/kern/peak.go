package kern

import (
	"sync"
	"time"
)

// Peak is the most multiplications and additions a second that the pool's workers do at once with all
// numbers at hand: what measured products are compared with. It takes some milliseconds.
func (p *Pool) Peak() float64 {
	rates := make([]float64, p.threads)
	var ready, done sync.WaitGroup
	ready.Add(len(rates))
	for w := range rates {
		done.Go(func() {
			ready.Done()
			ready.Wait()
			rates[w] = peak(p.impl)
		})
	}
	done.Wait()
	sum := 0.0
	for _, r := range rates {
		sum += r
	}
	return sum
}

// peak is Peak of one worker: the best of some runs of the tile on one step of A and B.
func peak(im *impl) float64 {
	const k, runs = 4096, 64
	a, b, c := make([]float32, 2*panel), make([]float32, 2*panel), cut(make([]float32, tileRows*panel), tileRows, panel, panel)
	best := time.Duration(1 << 62)
	for range runs {
		t := time.Now()
		im.tile(tileRows, k, a, 0, b, 0, c, 0, false, hint{})
		best = min(best, time.Since(t))
	}
	return 2 * tileRows * panel * k / best.Seconds()
}
