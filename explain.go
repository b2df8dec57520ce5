package interp

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"interp/compiler/plan"
	"interp/internal/diag"
	"interp/vm"
	"interp/vm/exec"
)

// Explanation is what a run costs.
type Explanation struct {
	*plan.Report
	Forced []int // lines that needed a value of a run before the end
	source *diag.Source
}

// Explain plans the program's runs and computes only what the script has to know to go on.
// dump, if not nil, gets the plans of all chunks.
func (p *Program) Explain(ctx context.Context, o Options, dump io.Writer) (*Explanation, error) {
	s, err := newSession(o, vm.Library{})
	if err != nil {
		return nil, err
	}
	return s.explain(ctx, p, dump)
}

func (s *Session) explain(ctx context.Context, p *Program, dump io.Writer) (out *Explanation, err error) {
	defer caught(&err)
	if err := s.check(ctx, p).Err(); err != nil {
		return nil, err
	}
	e, err := s.machine.Explain(ctx, p.code, exec.Options{Mem: s.o.Mem, Progress: s.o.Progress}, dump)
	if err != nil {
		return nil, scriptError(p.name, p.text, err)
	}
	out = &Explanation{Report: e.Report, source: diag.NewSource(p.name, p.text)}
	for _, at := range e.Forced {
		if l := out.lineOf(at); !slices.Contains(out.Forced, l) {
			out.Forced = append(out.Forced, l)
		}
	}
	return out, nil
}

func (e *Explanation) lineOf(at diag.Span) int {
	line, _ := e.source.Pos(at.Start)
	return line
}

// Graph prints the intervention graph that the program describes.
func (p *Program) Graph(ctx context.Context, o Options) (text string, err error) {
	defer caught(&err)
	s, err := newSession(o, vm.Library{})
	if err != nil {
		return "", err
	}
	if err := s.check(ctx, p).Err(); err != nil {
		return "", err
	}
	if _, err := s.machine.Explain(ctx, p.code, exec.Options{Mem: s.o.Mem, Progress: s.o.Progress}, nil); err != nil {
		return "", scriptError(p.name, p.text, err)
	}
	return s.machine.Graph().String(), nil
}

// Print writes the explanation as tables: each layer's four stages, then the sums.
func (e *Explanation) Print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', tabwriter.AlignRight)
	for _, m := range e.Models {
		fmt.Fprintf(w, "%s\t\tstates dense\tplanned\tGFLOP dense\tplanned\t\n", m.Name)
		for l, layer := range m.Layers {
			for _, s := range layer.Stages {
				fmt.Fprintf(w, "layer %d\t%s\t%d\t%d\t%.4g\t%.4g\t\n", l, s.Stage, s.StatesDense, s.StatesPlanned, gflop(s.FlopsDense), gflop(s.FlopsPlanned))
			}
		}
		fmt.Fprintf(w, "logits\t\t%d\t%d\t%.4g\t%.4g\t\n", m.LogitsDense, m.LogitsPlanned, gflop(m.LogitsDense*m.LogitFlops), gflop(m.LogitsPlanned*m.LogitFlops))
	}
	if e.Modules > 0 {
		fmt.Fprintf(w, "modules\tapplied\t\t\t%.4g\t%.4g\t\n", gflop(e.Modules), gflop(e.Modules))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(out, "\nstates   %d dense, %d planned%s\n", e.StatesDense, e.StatesPlanned, times(e.StatesDense, e.StatesPlanned))
	fmt.Fprintf(out, "GFLOP    %.4g dense, %.4g planned%s\n", gflop(e.FlopsDense), gflop(e.FlopsPlanned), times(e.FlopsDense, e.FlopsPlanned))
	if e.StatesPlanned == 0 && e.FlopsPlanned == 0 {
		fmt.Fprintln(out, "         nothing that is read has to be computed: a save counts where the script or -o uses it")
	}
	if e.Gradients > 0 {
		fmt.Fprintf(out, "         gradients: %d; the rows that they read are counted, the way back is not\n", e.Gradients)
	}
	fmt.Fprintf(out, "passes   %d in %d chunks\n", e.Passes, e.Chunks)
	fmt.Fprintf(out, "memory   %s at the peak\n", Bytes(e.PeakBytes))
	if err := e.printNoOps(out); err != nil {
		return err
	}
	lines := make([]string, len(e.Forced))
	for i, l := range e.Forced {
		lines[i] = fmt.Sprint(l)
	}
	if len(lines) > 0 {
		fmt.Fprintf(out, "forced   by line %s: a value was needed there, and what was outstanding was run\n", strings.Join(lines, ", "))
	}
	return nil
}

// printNoOps counts sets that change nothing, by line and reason.
func (e *Explanation) printNoOps(out io.Writer) error {
	type row struct {
		line   int
		reason string
	}
	var rows []row
	count := map[row]int{}
	for _, n := range e.NoOps {
		r := row{e.lineOf(n.Set.Span), n.Reason}
		if count[r]++; count[r] == 1 {
			rows = append(rows, r)
		}
	}
	_, err := fmt.Fprintf(out, "no-ops   %d\n", len(e.NoOps))
	for _, r := range rows {
		if err == nil {
			_, err = fmt.Fprintf(out, "         line %d, %d times: %s\n", r.line, count[r], r.reason)
		}
	}
	return err
}

func gflop(n int64) float64 { return float64(n) / 1e9 }

// times says how many times less was planned.
func times(dense, planned int64) string {
	if planned <= 0 || dense <= planned {
		return ""
	}
	return fmt.Sprintf(", %.1f times less", float64(dense)/float64(planned))
}
