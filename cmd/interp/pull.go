package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"interp"
)

// pullCommand fetches models.
func (a *app) pullCommand(args []string) error {
	s := newFlags("pull")
	rest, err := parse(s, args)
	switch {
	case err != nil:
		return err
	case len(rest) != 1:
		return usagef("pull: got %d names, want one, as gpt2 or EleutherAI/pythia-70m", len(rest))
	case os.Getenv("HF_HUB_OFFLINE") == "1":
		return errors.New("HF_HUB_OFFLINE is set: nothing is fetched")
	}
	bar := &pullProgress{app: a, live: isTerminal(a.err)}
	dir, err := interp.Pull(a.ctx, rest[0], interp.PullOptions{Progress: bar.show})
	bar.end()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(a.out, dir)
	return err
}

// pullProgress tells of each file as it comes: on a terminal in a line that changes, else when it is
// whole.
type pullProgress struct {
	*app
	live        bool
	file        string
	done, total int64
	from        int64 // bytes that were there
	start, last time.Time
}

// show is called with the bytes of a file.
func (p *pullProgress) show(file string, done, total int64) {
	now := time.Now()
	if file != p.file {
		p.end()
		p.file, p.start, p.last, p.from = file, now, time.Time{}, done
	}
	p.done, p.total = done, total
	if p.live && now.Sub(p.last) >= lineEvery {
		p.last = now
		fmt.Fprintf(p.err, "\r\x1b[K%s", p.line(now))
	}
}

// line says how far the file is.
func (p *pullProgress) line(now time.Time) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s  %s", p.file, interp.Bytes(p.done))
	if p.total > p.done {
		fmt.Fprintf(&b, " of %s", interp.Bytes(p.total))
		if took := now.Sub(p.start).Seconds(); took > 1 && p.done > p.from {
			rate := float64(p.done-p.from) / took
			fmt.Fprintf(&b, "  %s/s  %s left", interp.Bytes(int64(rate)), time.Duration(float64(p.total-p.done)/rate*1e9).Round(time.Second))
		}
	}
	return b.String()
}

// end closes the line of the file at hand.
func (p *pullProgress) end() {
	if p.file == "" {
		return
	}
	if p.live {
		fmt.Fprint(p.err, "\r\x1b[K")
	}
	fmt.Fprintln(p.err, p.line(p.start))
	p.file = ""
}
