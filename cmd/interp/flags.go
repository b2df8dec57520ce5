package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"interp"
	"interp/compiler"
	"interp/nnrt"
)

// runFlags are the options of commands that run or check scripts.
type runFlags struct {
	set      *flag.FlagSet
	code     *string // of -c; nil: not given
	model    string
	outputs  listFlag
	plan     string
	threads  int
	mem      string
	maxSteps int64
	seed     uint64
	dtype    string
	quiet    bool
	dump     string
	profile  string
	sets     listFlag
	ins      listFlag
	stats    string
}

func newRunFlags(name string) *runFlags {
	f := &runFlags{set: newFlags(name)}
	s := f.set
	s.Func("c", "TEXT\trun a script from the command line, in place of a file", func(text string) error { f.code = &text; return nil })
	s.StringVar(&f.model, "model", "", "NAME|FOLDER\tthe model, in place of the script's own")
	s.Var(&f.outputs, "o", "FILE\twrite results (.json .npz) or pictures (.png .svg .html); repeatable")
	s.StringVar(&f.plan, "plan", "batched", "batched|naive\tnaive shares nothing: it is the reference")
	s.IntVar(&f.threads, "threads", 0, "N\tthreads that compute; one for each core otherwise")
	s.StringVar(&f.mem, "mem", "", "SIZE\tmemory to stay within, as 8GiB or 500MB; half of the machine's otherwise")
	s.Int64Var(&f.maxSteps, "max-steps", 0, "N\thost steps after which a script is stopped; 100 million otherwise")
	s.Uint64Var(&f.seed, "seed", 0, "N\tthe seed of everything random; 0 otherwise")
	s.StringVar(&f.dtype, "dtype", "f32", "f32|bf16\thow weights are held; f32 otherwise")
	s.BoolVar(&f.quiet, "quiet", false, "\tno progress and no warnings")
	s.StringVar(&f.dump, "dump", "", "ast|ir|graph|plan\tprint that stage of the script and do not run it")
	s.StringVar(&f.profile, "cpuprofile", "", "FILE\twrite a profile of the processor")
	s.Var(&f.sets, "set", "NAME=VALUE\tan input: a literal of the language, else a string; repeatable")
	s.Var(&f.ins, "in", "NAME=FILE\tan input: .json .jsonl .csv .txt .npy .npz .safetensors; repeatable")
	s.StringVar(&f.stats, "stats", "", "FILE\twrite what the run took, as JSON")
	return f
}

func newFlags(name string) *flag.FlagSet {
	s := flag.NewFlagSet(name, flag.ContinueOnError)
	s.SetOutput(io.Discard)
	s.Usage = func() {}
	return s
}

// parse reads options anywhere on the line, and gives the other arguments. After -- nothing is an option.
func parse(s *flag.FlagSet, args []string) (rest []string, err error) {
	for len(args) > 0 {
		if err := s.Parse(args); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				return nil, errHelp
			}
			return nil, badFlag(s, err)
		}
		ended := len(args) > s.NArg() && args[len(args)-s.NArg()-1] == "--"
		args = s.Args()
		if ended {
			return append(rest, args...), nil
		}
		if len(args) > 0 {
			rest, args = append(rest, args[0]), args[1:]
		}
	}
	return rest, nil
}

// firstWord is where the first argument stands that is neither an option nor the value of one; behind --
// there is none, so that a script may have a command's name.
func firstWord(args []string) int {
	takes := newRunFlags("").set
	for i := 0; i < len(args); i++ {
		name := strings.TrimPrefix(strings.TrimPrefix(args[i], "-"), "-")
		switch {
		case name == args[i] || args[i] == "-":
			return i
		case args[i] == "--":
			return len(args)
		}
		f := takes.Lookup(name) // nil: with its value behind =, or an option without a value of some command
		if f == nil {
			continue
		}
		if b, ok := f.Value.(interface{ IsBoolFlag() bool }); !ok || !b.IsBoolFlag() {
			i++
		}
	}
	return len(args)
}

// badFlag says in our words what the flag package complains of.
func badFlag(s *flag.FlagSet, err error) error {
	text := err.Error()
	if name, ok := strings.CutPrefix(text, "flag provided but not defined: -"); ok {
		var names []string
		s.VisitAll(func(f *flag.Flag) { names = append(names, f.Name) })
		if near := compiler.Suggest(strings.TrimLeft(name, "-"), names); near != "" {
			return usagef("there is no option -%s; did you mean -%s?", name, near)
		}
		return usagef("there is no option -%s of interp %s", name, s.Name())
	}
	if name, ok := strings.CutPrefix(text, "flag needs an argument: -"); ok {
		arg, _, _ := strings.Cut(s.Lookup(name).Usage, "\t")
		return usagef("-%s: got nothing, want %s", name, arg)
	}
	if m := badValue.FindStringSubmatch(text); m != nil {
		arg, _, ok := strings.Cut(s.Lookup(m[2]).Usage, "\t")
		switch {
		case !ok:
			return usagef("%s", text)
		case arg == "N":
			arg = "a whole number"
		case arg == "":
			arg = "true or false"
		}
		return usagef("-%s: got %s, want %s", m[2], m[1], arg)
	}
	return usagef("%s", text)
}

var badValue = regexp.MustCompile(`^invalid (?:boolean )?value (".*") for (?:flag )?-([a-z-]+):`)

// noArgs refuses arguments of a command that takes none.
func noArgs(s *flag.FlagSet, rest []string) error {
	if len(rest) > 0 {
		return usagef("%s: got %s, want no arguments", s.Name(), strings.Join(rest, " "))
	}
	return nil
}

// errHelp asks for a command's help.
var errHelp = errors.New("help")

// listFlag collects the values of an option that may be repeated.
type listFlag []string

func (l *listFlag) String() string { return strings.Join(*l, " ") }

// Set adds a value.
func (l *listFlag) Set(v string) error {
	*l = append(*l, v)
	return nil
}

// options are the flags as options of a run.
func (f *runFlags) options(ctx context.Context) (o interp.Options, err error) {
	o = interp.Options{Plan: f.plan, Threads: f.threads, MaxSteps: f.maxSteps, Seed: f.seed, Inputs: map[string]any{}, Saves: interp.ReadSaves}
	switch f.plan {
	case "batched", "naive":
	default:
		return o, usagef("-plan: got %q, want batched or naive", f.plan)
	}
	switch f.dtype {
	case "f32":
	case "bf16":
		o.DType = nnrt.BF16
	default:
		return o, usagef("-dtype: got %q, want f32 or bf16", f.dtype)
	}
	if f.threads < 0 || f.threads > interp.MaxThreads {
		return o, usagef("-threads: got %d, want 1 to %d, or 0 for one each core", f.threads, interp.MaxThreads)
	}
	if f.maxSteps < 0 {
		return o, usagef("-max-steps: got %d, want a positive number", f.maxSteps)
	}
	if o.Mem, err = bytesOf(f.mem); err != nil {
		return o, err
	}
	for _, path := range f.outputs {
		if err := interp.CheckPath(path); err != nil {
			return o, usagef("-o: %v", err)
		}
		if !isPicture(path) {
			o.Saves = interp.AllSaves
		}
	}
	if err := writable(append([]string{f.stats, f.profile}, f.outputs...)); err != nil {
		return o, err
	}
	if f.model != "" {
		if o.Model, err = interp.OpenModel(f.model); err != nil {
			return o, err
		}
	}
	return o, f.inputs(ctx, &o)
}

// writable finds, before anything is computed, files that could not be written then.
func writable(paths []string) error {
	var seen []string
	for _, path := range paths {
		if path == "" {
			continue
		}
		at := filepath.Clean(path)
		twice := slices.Contains(seen, at)
		seen = append(seen, at)
		if twice {
			return usagef("%s would be written twice", path)
		}
		if filepath.Ext(path) == ".patch" {
			return usagef("%s has the name of a script, want another file to write", path)
		}
		if st, err := os.Stat(path); err == nil && st.IsDir() {
			return fmt.Errorf("%s cannot be written: it is a directory", path)
		}
		file, err := os.CreateTemp(filepath.Dir(path), ".interp-*")
		if errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("%s cannot be written: there is no directory %s", path, filepath.Dir(path))
		} else if err != nil {
			return fmt.Errorf("%s cannot be written: %w", path, errors.Unwrap(err))
		}
		file.Close()
		os.Remove(file.Name())
	}
	return nil
}

// inputs reads what -set and -in give.
func (f *runFlags) inputs(ctx context.Context, o *interp.Options) error {
	for _, s := range f.sets {
		name, text, ok := strings.Cut(s, "=")
		if !ok || name == "" {
			return usagef("-set: got %q, want NAME=VALUE", s)
		}
		if _, twice := o.Inputs[name]; twice {
			return usagef("-set: %s is given twice", name)
		}
		v, ok := interp.Literal(text)
		if !ok {
			v = text
		}
		o.Inputs[name] = v
	}
	for _, s := range f.ins {
		name, path, ok := strings.Cut(s, "=")
		if !ok || name == "" || path == "" {
			return usagef("-in: got %q, want NAME=FILE", s)
		}
		if _, twice := o.Inputs[name]; twice {
			return usagef("-in: %s is given twice", name)
		}
		v, err := await(ctx, func() (any, error) { return interp.ReadInput(path, o.Mem) })
		if err != nil {
			return err
		}
		o.Inputs[name] = v
	}
	return nil
}

var byteUnits = []struct {
	name string
	n    float64
}{{"kib", 1 << 10}, {"mib", 1 << 20}, {"gib", 1 << 30}, {"tib", 1 << 40}, {"kb", 1e3}, {"mb", 1e6}, {"gb", 1e9}, {"tb", 1e12},
	{"k", 1 << 10}, {"m", 1 << 20}, {"g", 1 << 30}, {"t", 1 << 40}, {"b", 1}}

// bytesOf reads 8GiB, 500MB, 1e9; nothing is 0.
func bytesOf(s string) (int64, error) {
	if s == "" {
		return 0, nil
	}
	num, unit := strings.ToLower(strings.TrimSpace(s)), 1.0
	for _, u := range byteUnits {
		if t, ok := strings.CutSuffix(num, u.name); ok {
			num, unit = strings.TrimSpace(t), u.n
			break
		}
	}
	x, err := strconv.ParseFloat(num, 64)
	if err != nil || !(x*unit >= 1<<20) || x*unit > 1<<60 {
		return 0, usagef("-mem: got %q, want at least 1MiB, as 8GiB or 500MB", s)
	}
	return int64(x * unit), nil
}

var dumps = []string{"ast", "ir", "graph", "plan"}

func checkDump(d string) error {
	if d != "" && !slices.Contains(dumps, d) {
		return usagef("-dump: got %q, want %s", d, strings.Join(dumps, ", "))
	}
	return nil
}
