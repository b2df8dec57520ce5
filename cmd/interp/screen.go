package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/chzyer/readline"

	"interp"
	"interp/internal/draw"
)

// isTerminal says whether a stream is one.
func isTerminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && readline.IsTerminal(int(f.Fd()))
}

// screen is how pictures are printed to a stream.
func screen(w io.Writer) draw.TermOptions {
	o := draw.TermOptions{Colors: draw.Detect(w), Width: 80}
	if n, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && n > 0 {
		o.Width = n
	} else if isTerminal(w) {
		if n := readline.GetScreenWidth(); n > 0 {
			o.Width = n
		}
	}
	return o
}

// colors says whether diagnostics are coloured.
func colors(w io.Writer) bool { return draw.Detect(w) != draw.NoColors }

func isPicture(path string) bool {
	return slices.Contains(draw.Formats, strings.ToLower(filepath.Ext(path))) && interp.CheckPath(path) == nil
}

// progress is one line of a terminal that says how far a long run is.
type progress struct {
	mu    sync.Mutex
	w     io.Writer // nil: none
	start time.Time // of the work at hand
	last  time.Time // of the line
	done  int64
	shown bool
}

const (
	quietFor  = 500 * time.Millisecond
	lineEvery = 100 * time.Millisecond
)

func newProgress(w io.Writer, quiet bool) *progress {
	p := &progress{}
	if !quiet && isTerminal(w) {
		p.w = w
	}
	return p
}

// show is called with states.
func (p *progress) show(done, total int64) {
	if p.w == nil || total <= 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if p.start.IsZero() || done < p.done {
		p.start = now
	}
	p.done = done
	if now.Sub(p.start) < quietFor || now.Sub(p.last) < lineEvery {
		return
	}
	p.last, p.shown = now, true
	took := now.Sub(p.start).Seconds()
	rate := float64(done) / took
	left := "?"
	if rate > 0 {
		left = time.Duration(float64(max(total-done, 0)) / rate * 1e9).Round(time.Second).String()
	}
	fmt.Fprintf(p.w, "\r\x1b[K%3.0f %%  %d of %d states  %.0f states/s  %s left", 100*float64(done)/float64(total), done, total, rate, left)
}

// clear removes the line.
func (p *progress) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shown {
		p.shown = false
		io.WriteString(p.w, "\r\x1b[K")
	}
}

// before clears the line before a script's output.
func (p *progress) before(w io.Writer) io.Writer { return clearing{p, w} }

type clearing struct {
	p *progress
	w io.Writer
}

// Write passes output on.
func (c clearing) Write(b []byte) (int, error) {
	c.p.clear()
	return c.w.Write(b)
}
