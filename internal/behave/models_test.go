package behave

import (
	"errors"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"interp"
	"interp/internal/diag"
	"interp/internal/shared"
	"interp/nnrt"
	"interp/nnrt/kern"
	"interp/vm"
)

// machine is who computes: threads and the level of their vector instructions.
type machine struct {
	threads int
	isa     kern.ISA
	twin    bool // the same weights, opened again
}

var opened struct {
	sync.Mutex
	of map[string]map[machine]*interp.Model
}

// modelOn is a model of testdata, loaded for a machine. Tests share it.
func modelOn(t testing.TB, name string, on machine) *interp.Model {
	t.Helper()
	opened.Lock()
	defer opened.Unlock()
	if m := opened.of[name][on]; m != nil {
		return m
	}
	m, err := interp.OpenModel(shared.Repo(filepath.Join("testdata", name)))
	if err == nil {
		err = m.Runtime().Load(nnrt.LoadOptions{Pool: kern.NewPool(on.threads, kern.WithISA(on.isa))})
	}
	if err != nil {
		t.Fatal(err)
	}
	if opened.of == nil {
		opened.of = map[string]map[machine]*interp.Model{}
	}
	if opened.of[name] == nil {
		opened.of[name] = map[machine]*interp.Model{}
	}
	opened.of[name][on] = m
	return m
}

// best is the highest level of the processor.
func best() kern.ISA { return kern.NewPool(1).ISA() }

// other is a second level that gives the same bits, where the processor has two.
func other() kern.ISA {
	if best() == kern.AVX512 {
		return kern.AVX2
	}
	return best()
}

// codes are the codes of the errors that a script failed with.
func codes(err error) []string {
	var bad *interp.ScriptError
	var one *vm.Error
	var list found
	switch {
	case errors.As(err, &bad):
		list.List = bad.Findings
	case errors.As(err, &one):
		return []string{one.Diag.Code}
	case !errors.As(err, &list):
		return nil
	}
	var out []string
	for _, d := range list.List {
		if d.Sev == diag.Error && !slices.Contains(out, d.Code) {
			out = append(out, d.Code)
		}
	}
	return out
}
