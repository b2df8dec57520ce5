package interp

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"interp/internal/draw"
	"interp/internal/results"
	"interp/nnrt"
)

// Results are what a run gives besides its printed text.
type Results struct {
	Values   []Named // saves, in the order of their first save, and what write named
	Pictures []Picture
	Stats    Stats
	Failed   string // why the script did not reach its end; "" where it did
	meta     results.Meta
	model    *nnrt.Model // the script's
}

// reason says why a script did not reach its end.
func reason(err error) string {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, context.Canceled):
		return "interrupted"
	}
	return err.Error()
}

// Value is a result: nil, bool, int64, float64, string, []any, *results.Record or *results.Array.
func (r *Results) Value(name string) (any, bool) {
	for _, v := range r.Values {
		if v.Name == name {
			return v.Value, true
		}
	}
	return nil, false
}

// Formats are the endings of files that Write makes.
var Formats = append([]string{".json", ".npz"}, draw.Formats...)

// CheckPath says whether Write knows the form that a path asks for.
func CheckPath(path string) error {
	if ext := strings.ToLower(filepath.Ext(path)); !slices.Contains(Formats, ext) {
		return fmt.Errorf("%s: got the ending %q, want one of %s", path, ext, strings.Join(Formats, " "))
	}
	return nil
}

// Write writes results or pictures to a file, by its ending, whole or not at all.
func (r *Results) Write(path string) error {
	if err := CheckPath(path); err != nil {
		return err
	}
	if slices.Contains(draw.Formats, strings.ToLower(filepath.Ext(path))) {
		return draw.Write(path, r.Pictures)
	}
	meta := r.meta
	if r.model != nil {
		hash, err := r.model.Hash()
		if err != nil {
			return err
		}
		meta.Model, meta.Weights = r.model.Name(), hash
	}
	return results.Write(path, results.File{Meta: &meta, Failed: r.Failed, Values: r.Values})
}

// results gathers what there is by now.
func (s *Session) results() *Results {
	st := s.machine.Stats()
	r := &Results{Values: s.out.values, Pictures: s.out.pictures,
		Stats: results.Stats{LoadS: s.loadS, CheckS: s.checkS, PlanS: st.PlanSeconds, RunS: s.runS,
			StatesDense: st.StatesDense, StatesPlanned: st.StatesPlanned,
			GFLOPDense: float64(st.FlopsDense) / 1e9, GFLOPPlanned: float64(st.FlopsPlanned) / 1e9,
			Passes: st.Passes, Chunks: st.Chunks, Noops: st.NoOps, PeakBytes: st.PeakBytes, Threads: s.o.Threads},
		meta: results.Meta{Version: Version(), Seed: s.o.Seed, DType: "f32"}}
	if s.o.DType == nnrt.BF16 {
		r.meta.DType = "bf16"
	}
	r.model, _ = s.machine.Model().(*nnrt.Model)
	return r
}
