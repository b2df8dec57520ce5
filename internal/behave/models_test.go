package behave

import (
	"errors"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"interp"
	"interp/internal/shared"
	"interp/nnrt"
	"interp/nnrt/kern"
)

// machine is who computes: threads and the level of their vector instructions.
type machine struct {
	threads int
	isa     kern.ISA
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

// codes are the codes of the errors of a script, in order.
func codes(err error) []string {
	var bad *interp.ScriptError
	if !errors.As(err, &bad) {
		return nil
	}
	var out []string
	for _, d := range bad.Findings {
		if !slices.Contains(out, d.Code) && d.Code[0] == 'E' {
			out = append(out, d.Code)
		}
	}
	return out
}
