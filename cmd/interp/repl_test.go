package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"interp"
)

func TestPipedSessions(t *testing.T) {
	saved := filepath.Join(t.TempDir(), "x.json")
	drawn := filepath.Join(t.TempDir(), "x.svg")
	rows := []struct {
		name, in string
		status   int
		out      string // all of the standard output
		err      string // contained in the standard error; "" wants it empty
	}{
		{"no prompts", "x = 1\nx + 1\n", 0, "2\n", ""},
		{"no newline at the end", "1 + 1", 0, "2\n", ""},
		{"Windows' ends of lines", "x = 1\r\nx\r\n", 0, "1\n", ""},
		{"an entry of several lines", "for i in range(2) {\n    print i\n}\nprint 5\n", 0, "0\n1\n5\n", ""},
		{"a line that goes on", "x = [1,\n2,\n3]\nlen(x)\n", 0, "3\n", ""},
		{"a comma in a comment ends nothing", "x = 1 # a,\nx\n", 0, "1\n", ""},
		{"else on the next line", "if False {\n    print 1\n}\n# no:\nelse {\n    print 2\n}\nprint 3\n", 0, "2\n3\n", ""},
		{"an if without else", "if True { print 1 }\nprint 2\n", 0, "1\n2\n", ""},
		{"an if at the end", "if True { print 1 }", 0, "1\n", ""},
		{"an error, and on", "x = 1\ny = nosuch\nx\n", 1, "1\n", "stdin:2:5: undefined name nosuch"},
		{"lines are counted over comments and commands", "# one\n\n:model\nnosuch\n", 1, "", "stdin:4:1: undefined name nosuch"},
		{"what was never finished", "x = (1,\n", 1, "", "never closed"},
		{":quit", "print 1\n:quit\nprint 2\n", 0, "1\n", ""},
		{"quit as people type it", "print 1\nquit()\nprint 2\n", 0, "1\n", ""},
		{"a variable of that name", "quit = 3\nquit\n", 0, "3\n", ""},
		{"the beginning of a command's name", "1\n:q\n2\n", 0, "1\n", ""},
		{"an unknown command", ":chekc\n", 1, "", "did you mean :check?"},
		{":check", ":check x = [1, 2]\nprint 1\n", 0, "x list of 2\n1\n", "nothing wrong"},
		{":check of the last entry", "z = 4\n:check\n", 0, "z int\n", "nothing wrong"},
		{":check finds", ":check y = nosuch\n", 1, "", "undefined name nosuch"},
		{":check leaves names", ":check y = 1\ny\n", 1, "y int\n", "undefined name y"},
		{":check of several lines", ":check for i in range(3) {\n  x = i\n}\nprint 1\n", 0, "x int\n1\n", "nothing wrong"},
		{":help on a word that headers have", ":help if\n:quit\n", 0, topicText("if"), ""},
		{":save of nothing", ":save\n", 1, "", "want a file"},
		{":save of an unknown form", ":save x.txt\n", 1, "", `got the ending ".txt"`},
		{":save", "save n = 7\n:save " + saved + "\n", 0, "", "written: "},
		{":save of a picture without one", ":save " + drawn + "\n", 1, "", "picture"},
		{":model of none", ":model nosuch\nprint 1\n", 1, "1\n", "interp pull nosuch fetches it"},
		{":help of an unknown topic", ":help invok\n", 1, "", "did you mean invoke?"},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			got := call(t, r.in, "-model", model)
			out := strings.ReplaceAll(got.out, modelLine(t), "")
			if got.status != r.status || out != r.out {
				t.Errorf("status %d, want %d; printed %q, want %q", got.status, r.status, out, r.out)
			}
			if r.err == "" && got.err != "" || !strings.Contains(got.err, r.err) {
				t.Errorf("complained %q, want %q", got.err, r.err)
			}
		})
	}
	var values map[string]any
	readJSON(t, saved, &values)
	if n, _ := values["n"].(map[string]any); fmt.Sprint(n["data"]) != "[7]" {
		t.Errorf("saved %v", values)
	}
}

// topicText is the page of a topic.
func topicText(topic string) string {
	var b strings.Builder
	(&page{w: &b}).topic(topic)
	return b.String()
}

// modelLine is what :model prints.
func modelLine(t *testing.T) string {
	t.Helper()
	m, err := interp.OpenModel(model)
	if err != nil {
		t.Fatal(err)
	}
	return model + ": " + m.Summary() + "\n"
}

func TestSessionWithoutArguments(t *testing.T) {
	if got := call(t, "print 1 + 1\n"); got.status != 0 || got.out != "2\n" || got.err != "" {
		t.Errorf("%+v", got)
	}
}

func TestSessionWritesFilesAtItsEnd(t *testing.T) {
	dir := t.TempDir()
	values, stats := filepath.Join(dir, "x.json"), filepath.Join(dir, "stats.json")
	got := call(t, "save a = 1\ninvoke \"John\" { save l = logits[0, -1, 0] }\n", "-model", model, "-o", values, "-stats", stats)
	if got.status != 0 {
		t.Fatalf("%+v", got)
	}
	var saved, took map[string]any
	readJSON(t, values, &saved)
	readJSON(t, stats, &took)
	if saved["a"] == nil || saved["l"] == nil || took["states_planned"] == 0.0 {
		t.Errorf("saved %v, took %v", saved, took)
	}
}

func TestSavedPictureIsTheLast(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.svg")
	got := call(t, "heatmap([[1.0, 2.0]], title=\"first\")\nheatmap([[1.0, 2.0]], title=\"second\")\nx = 1\n:save "+path+"\n", "-model", model)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v: %+v", err, got)
	}
	if !strings.Contains(string(data), "second") || strings.Contains(string(data), "first") {
		t.Error("the file does not have the last picture")
	}
	if more, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*")); len(more) != 1 {
		t.Errorf("got the files %v, want one", more)
	}
}

// scripted is a terminal: lines and what happens between them.
type scripted struct {
	lines []func() (string, error)
	seen  []string
}

func (s *scripted) Line(string) (string, error) {
	if len(s.lines) == 0 {
		return "", io.EOF
	}
	next := s.lines[0]
	s.lines = s.lines[1:]
	return next()
}

func (s *scripted) Remember(entry string) { s.seen = append(s.seen, entry) }
func (s *scripted) Close() error          { return nil }

func line(text string) func() (string, error) { return func() (string, error) { return text, nil } }

func TestInterruptsOfASession(t *testing.T) {
	var out, errs bytes.Buffer
	interrupts := make(chan os.Signal, 1)
	a := &app{ctx: context.Background(), out: &out, err: &errs, interrupts: interrupts}
	s := &scripted{}
	r := &repl{app: a, flags: newRunFlags("run"), bar: newProgress(a.err, true), lines: s, terminal: true}
	m, err := interp.OpenModel(model)
	if err != nil {
		t.Fatal(err)
	}
	// the progress of the long entry presses Ctrl-C
	pressed := false
	o := interp.Options{Model: m, Out: &out, Saves: interp.ReadSaves, Threads: 1, Progress: func(int64, int64) {
		if !pressed {
			pressed = true
			interrupts <- os.Interrupt
		}
	}}
	if r.session, err = interp.NewSession(o); err != nil {
		t.Fatal(err)
	}
	long := `x = 2; for i in range(400) { invoke [i % 600, i // 2, 3] { set transformer.h[0].input *= 2; save l[i] = logits[0, -1, 0] } }; print sum(l) < 1.0e9`
	s.lines = []func() (string, error){
		line("x = 1"),
		line("f("), func() (string, error) { return "", errInterrupt }, // the entry is dropped
		line(long),
		line("print x"),
	}
	if err := r.loop(); err != nil {
		t.Fatal(err)
	}
	if !pressed {
		t.Fatal("the long entry made no progress")
	}
	if !strings.Contains(errs.String(), "interrupted") || out.String() != "1\n" {
		t.Errorf("printed %q, complained %q", out.String(), errs.String())
	}
	if want := []string{"x = 1", long, "print x"}; !slices.Equal(s.seen, want) {
		t.Errorf("remembered %q", s.seen)
	}
}

func TestInterruptWhileAScriptIsAwaited(t *testing.T) {
	for _, args := range [][]string{{"-"}, {"check", "-"}, {"fmt", "-"}} {
		interrupts := make(chan os.Signal, 1)
		interrupts <- os.Interrupt
		r, w := io.Pipe()
		defer w.Close()
		var out, errs bytes.Buffer
		a := &app{ctx: context.Background(), in: r, out: &out, err: &errs, interrupts: interrupts}
		if status := a.main(args); status != exitInterrupted {
			t.Errorf("%q: status %d, want %d: %s", args, status, exitInterrupted, errs.String())
		}
	}
}

func TestInterruptOfAPipedSessionEndsIt(t *testing.T) {
	interrupts := make(chan os.Signal, 1)
	interrupts <- os.Interrupt
	r, w := io.Pipe()
	defer w.Close()
	var out, errs bytes.Buffer
	a := &app{ctx: context.Background(), in: r, out: &out, err: &errs, interrupts: interrupts}
	if status := a.main([]string{"-model", model}); status != exitInterrupted {
		t.Errorf("status %d, want %d: %s", status, exitInterrupted, errs.String())
	}
}

func TestCompletion(t *testing.T) {
	m, err := interp.OpenModel(model)
	if err != nil {
		t.Fatal(err)
	}
	s, err := interp.NewSession(interp.Options{Model: m})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Exec(context.Background(), "t", "my_value = 1"); err != nil {
		t.Fatal(err)
	}
	r := &repl{session: s}
	rows := []struct {
		line, want string // a candidate that is wanted; "" wants none
	}{
		{"", "    "}, {"  ", "    "}, {"x = ", ""},
		{"print my_v", "alue"}, {"soft", "max"}, {"n_lay", "ers"}, {"trans", "former"}, {"invo", "ke"}, {"x = log_s", "oftmax"},
		{"set transformer.h", "["}, {"transformer.h[3].attn.c_p", "roj"}, {"transformer.h[layer + 1].attn.c_proj.", "input"},
		{"blocks[0].hook_resid_p", "re"}, {"f(lm_head.o", "utput"}, {"nosuch.x", ""}, {"transformer.nosuch", ""},
		{":ch", "eck"}, {":help inv", "oke"}, {":model ioi", "-mini"}, {":nosuch x", ""},
	}
	for _, row := range rows {
		tails, length := r.complete(row.line)
		if row.want == "" && len(tails) > 0 || row.want != "" && !slices.Contains(tails, row.want) {
			t.Errorf("%q: got %q, want %q", row.line, tails, row.want)
		}
		if length > len(row.line) {
			t.Errorf("%q: %d characters of it are shared", row.line, length)
		}
	}
}

func TestHistoryFile(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_STATE_HOME", dir)
	if got, want := historyFile(), filepath.Join(dir, "interp", "history"); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	t.Setenv("XDG_STATE_HOME", file(t, "no-directory", ""))
	if got := historyFile(); got != "" {
		t.Errorf("got %q where no file can be", got)
	}
}
