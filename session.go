package interp

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"time"

	"interp/compiler"
	"interp/internal/diag"
	"interp/ir"
	"interp/nnrt"
	"interp/vm"
	"interp/vm/exec"
)

// Options are what a program runs with. The zero value runs on the default model, prints nothing and
// computes all saves.
type Options struct {
	Model  *Model                            // in place of the script's own; nil: what the script names, else the default
	Open   func(name string) (*Model, error) // what model "name" means; nil: OpenModel
	Out    io.Writer                         // printed text and pictures; nil: none
	Screen TermOptions                       // how pictures are printed
	Inputs map[string]any                    // for input statements: bool, int, float64, string, slices and maps of these, *Array, *Record
	Saves  SavePolicy                        // which saves are computed
	Plan   string                            // "batched", the default, or "naive": the reference
	Seed   uint64                            // of everything random

	Threads  int        // 0: one for each core
	DType    nnrt.DType // of weights that are not loaded yet
	MaxSteps int64      // host steps; 0: 10^8
	Mem      int64      // bytes; 0: half of the machine's memory

	Warn     func(text string)       // rendered warnings, as they come; nil: none
	Progress func(done, total int64) // states of the work at hand: computed, and an estimate of all
}

// MaxThreads is how many threads may be asked for.
const MaxThreads = 1024

// SavePolicy says which saves a run computes.
type SavePolicy int

// The policies.
const (
	AllSaves  SavePolicy = iota // they are results
	ReadSaves                   // those that something printed or drawn needs
)

// Session runs programs one after the other. They share names, models and whatever was computed.
type Session struct {
	o       Options
	names   *compiler.Session
	machine *vm.Machine
	engine  exec.Engine
	models  *modelSet
	out     *output
	budget  *budget
	loadS   float64
	checkS  float64
	runS    float64
	warned  int
	told    []*nnrt.Model // whose warnings were given
	past    string        // the entries so far
}

// NewSession begins a session of a REPL.
func NewSession(o Options) (*Session, error) { return newSession(o, vm.Library{}) }

func newSession(o Options, look compiler.Lookup) (s *Session, err error) {
	defer caught(&err)
	if o.Threads < 0 || o.Mem < 0 || o.MaxSteps < 0 {
		return nil, errors.New("threads, memory and steps are counted from 0")
	}
	if o.Threads > MaxThreads {
		return nil, fmt.Errorf("threads: got %d, want at most %d", o.Threads, MaxThreads)
	}
	if o.DType > nnrt.BF16 {
		return nil, fmt.Errorf("dtype: got %d, want nnrt.F32 or nnrt.BF16", o.DType)
	}
	if o.Threads == 0 {
		o.Threads = runtime.GOMAXPROCS(0)
	}
	if o.Mem == 0 {
		o.Mem = memoryLimit()
	}
	s = &Session{o: o, names: compiler.NewSession(look), out: &output{w: o.Out, screen: o.Screen}, budget: newBudget(o.Mem)}
	switch o.Plan {
	case "", "batched":
		s.engine = exec.NewBatched(exec.Options{Mem: o.Mem, Progress: o.Progress})
	case "naive":
		s.engine = exec.NewNaive(exec.Options{Mem: o.Mem, Progress: o.Progress})
	default:
		return nil, fmt.Errorf("plan: got %q, want batched or naive", o.Plan)
	}
	s.models = newModelSet(o)
	inputs, err := inputValues(o.Inputs)
	if err != nil {
		return nil, err
	}
	vo := vm.Options{FixedModel: o.Model != nil, Open: s.models.open, Ready: s.load, Engine: s.engine, Out: s.out, Seed: o.Seed,
		MaxSteps: o.MaxSteps, Mem: s.budget.spend, Inputs: inputs, Results: o.Saves == AllSaves}
	if vo.Model, err = s.models.standard(); err != nil {
		return nil, err
	}
	s.machine = vm.New(vo)
	return s, nil
}

// load makes a model's weights ready, and counts the time.
func (s *Session) load(ctx context.Context, m ir.Model) error {
	t0 := time.Now()
	defer func() { s.loadS += time.Since(t0).Seconds() }()
	model := m.(*nnrt.Model)
	if err := model.LoadContext(ctx, nnrt.LoadOptions{Pool: pool(s.o.Threads), DType: s.o.DType}); err != nil {
		return err
	}
	s.budget.rebase()
	s.warnOf(model)
	return nil
}

// warnOf gives the warnings of a model, once.
func (s *Session) warnOf(m *nnrt.Model) {
	if slices.Contains(s.told, m) {
		return
	}
	s.told = append(s.told, m)
	for _, w := range m.Warnings() {
		s.warn("warning: " + m.Name() + ": " + w + "\n")
	}
}

func (s *Session) warn(text string) {
	if s.o.Warn != nil {
		s.o.Warn(text)
	}
}

// check runs a program on shapes and joins what the compiler found.
func (s *Session) check(ctx context.Context, p *Program) *Report {
	r := s.machine.Check(ctx, p.code)
	found := append(p.warnings(s.o.Saves == AllSaves), r.Findings...)
	found.Sort()
	return &Report{name: p.name, text: p.text, Findings: found, Shapes: r.Shapes, Complete: r.Complete}
}

// run checks and runs a program.
func (s *Session) run(ctx context.Context, p *Program) (*Results, error) {
	t0 := time.Now()
	loaded := s.loadS
	err := s.checkAndRun(ctx, p)
	s.runS += time.Since(t0).Seconds() - (s.loadS - loaded)
	err = scriptError(p.name, p.text, err)
	res := s.results()
	res.Failed = reason(err)
	return res, err
}

func (s *Session) checkAndRun(ctx context.Context, p *Program) (err error) {
	defer caught(&err)
	t0 := time.Now()
	report := s.check(ctx, p)
	s.checkS += time.Since(t0).Seconds()
	if err := cmp.Or(ctx.Err(), report.Err()); err != nil {
		return err
	}
	s.warnAll(p, report.Findings)
	s.warned = len(s.machine.Warnings())
	err = s.machine.Run(ctx, p.code)
	s.warnAll(p, s.news(report.Findings))
	return err
}

// news are the machine's warnings that check did not give before.
func (s *Session) news(known diag.List) diag.List {
	var out diag.List
	for _, w := range s.machine.Warnings()[s.warned:] {
		seen := false
		for _, k := range known {
			seen = seen || k.Span == w.Span && k.Msg == w.Msg
		}
		if !seen {
			out.Add(w)
		}
	}
	return out
}

func (s *Session) warnAll(p *Program, list diag.List) {
	if len(list) > 0 {
		s.warn(list.Text(p.name, p.text))
	}
}

func callText(call, file string, line int) string {
	return fmt.Sprintf("%s, called at %s:%d", call, file, line)
}
