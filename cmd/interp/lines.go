package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/chzyer/readline"
)

// lines is where a session reads from.
type lines interface {
	Line(prompt string) (string, error) // io.EOF at the end, errInterrupt for Ctrl-C
	Remember(entry string)              // for the keys that bring entries back
	Close() error
}

// errInterrupt is Ctrl-C while a line is awaited.
var errInterrupt = errors.New("interrupted")

// openLines opens the input of a session: with editing where a person sits at it.
func (a *app) openLines(complete func(line string) (tails []string, length int)) (l lines, terminal bool) {
	screen := a.err
	if !isTerminal(screen) {
		screen = a.out
	}
	terminal = isTerminal(a.in) && isTerminal(screen)
	if terminal && os.Getenv("TERM") != "dumb" {
		if l, err := openEditor(a.ctx, screen, complete); err == nil {
			return l, true
		}
	}
	p := &plainLines{app: a, got: make(chan lineOrEnd, 256)}
	if terminal {
		p.screen = screen
	}
	go p.readAll()
	return p, terminal
}

// plainLines are lines without editing: of a pipe, a file, a dumb terminal.
type plainLines struct {
	*app
	screen io.Writer // for prompts; nil: none
	got    chan lineOrEnd
	ahead  []string // lines looked at
	end    error
}

type lineOrEnd struct {
	text string
	err  error
}

// readAll sends lines until the input ends.
func (p *plainLines) readAll() {
	r := bufio.NewReader(p.in)
	for n := 1; ; n++ {
		var text []byte
		for {
			part, err := r.ReadSlice('\n')
			text = append(text, part...)
			if errors.Is(err, bufio.ErrBufferFull) && len(text) <= mostScript {
				continue
			}
			if len(text) > mostScript {
				err = fmt.Errorf("line %d is longer than %d MiB", n, mostScript>>20)
			}
			if err != nil && (len(text) == 0 || !errors.Is(err, io.EOF)) {
				p.got <- lineOrEnd{err: err}
				return
			}
			break
		}
		p.got <- lineOrEnd{text: strings.TrimRight(string(text), "\r\n")}
	}
}

func (p *plainLines) prompts() bool { return p.screen != nil }

// Line is the next line.
func (p *plainLines) Line(prompt string) (string, error) {
	if len(p.ahead) > 0 {
		line := p.ahead[0]
		p.ahead = p.ahead[1:]
		return line, nil
	}
	if p.prompts() {
		io.WriteString(p.screen, prompt)
	}
	return p.fetch()
}

// fetch waits for a line of the input.
func (p *plainLines) fetch() (string, error) {
	if p.end != nil {
		return "", p.end
	}
	select {
	case l := <-p.got:
		p.end = l.err
		return l.text, l.err
	case <-p.interrupts:
		return "", errInterrupt
	case <-p.ctx.Done():
		return "", p.ctx.Err()
	}
}

// next says whether the next line that says something begins with a word. It waits for that line; the
// comments before it are dropped.
func (p *plainLines) next(word string) bool {
	for i := 0; ; i++ {
		if i == len(p.ahead) {
			line, err := p.fetch()
			if err != nil {
				return false
			}
			p.ahead = append(p.ahead, line)
		}
		line := strings.TrimSpace(p.ahead[i])
		if line == "" || line[0] == '#' {
			continue
		}
		rest, ok := strings.CutPrefix(line, word)
		if ok = ok && (rest == "" || strings.ContainsAny(rest[:1], " \t{")); ok {
			clear(p.ahead[:i])
		}
		return ok
	}
}

// Remember does nothing: there are no keys.
func (p *plainLines) Remember(string) {}

// Close does nothing: the input is the caller's.
func (p *plainLines) Close() error { return nil }

// editor is a terminal with editing, history and completion.
type editor struct{ rl *readline.Instance }

// newline stands for the ends of lines in an entry of the history, which is one line there.
const newline = "⏎"

func openEditor(ctx context.Context, screen io.Writer, complete func(line string) ([]string, int)) (*editor, error) {
	rl, err := readline.NewEx(&readline.Config{
		HistoryFile: historyFile(), HistoryLimit: 2000, DisableAutoSaveHistory: true, HistorySearchFold: true,
		AutoComplete: completer(complete), InterruptPrompt: "^C", EOFPrompt: "\n",
		Stdout: screen, Stderr: screen,
	})
	if err != nil {
		return nil, err
	}
	context.AfterFunc(ctx, func() { rl.Close() })
	return &editor{rl}, nil
}

// Line is a line, edited.
func (e *editor) Line(prompt string) (string, error) {
	e.rl.SetPrompt(prompt)
	line, err := e.rl.Readline()
	if errors.Is(err, readline.ErrInterrupt) {
		err = errInterrupt
	}
	return strings.ReplaceAll(line, newline, "\n"), err
}

// Remember adds an entry to the history, in memory where the file cannot be written.
func (e *editor) Remember(entry string) {
	if !strings.Contains(entry, newline) {
		_ = e.rl.SaveHistory(strings.ReplaceAll(entry, "\n", newline)) // a history is a comfort, not a need
	}
}

// Close gives the terminal back.
func (e *editor) Close() error { return e.rl.Close() }

// completer fits a function to readline.
type completer func(line string) (tails []string, length int)

// Do gives what may follow the text before the cursor. Candidates that do not fit the screen are left
// out: readline lays them out in columns and cannot do that.
func (c completer) Do(line []rune, pos int) ([][]rune, int) {
	tails, length := c(string(line[:pos]))
	var out [][]rune
	for _, t := range tails {
		if width := readline.GetScreenWidth(); length+len(t)+2 < width {
			out = append(out, []rune(t))
		}
	}
	return out, length
}

// historyFile is a file in the user's folder for state, "" where there can be none.
func historyFile() string {
	dir := os.Getenv("XDG_STATE_HOME")
	if dir == "" && runtime.GOOS == "windows" {
		dir = os.Getenv("LOCALAPPDATA")
	}
	if dir == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return ""
		}
		dir = filepath.Join(home, ".local", "state")
	}
	dir = filepath.Join(dir, "interp")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return ""
	}
	return filepath.Join(dir, "history")
}
