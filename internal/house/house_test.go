package house

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// order has the packages from the top of the house to the bottom: each may import those below it.
var order = []string{
	"interp/models/train", "interp/golden", "interp/scripts", "interp/cmd/interp", "interp/internal/golden", "interp/internal/behave", "interp/internal/conform", "interp",
	"interp/docs", "interp/vm", "interp/compiler", "interp/vm/exec", "interp/internal/toy", "interp/compiler/plan",
	"interp/stdlib", "interp/ir", "interp/parser", "interp/grammar",
	"interp/internal/parity", "interp/nnrt", "interp/nnrt/nn", "interp/nnrt/kern", "interp/nnrt/tensor",
	"interp/nnrt/arch", "interp/nnrt/token", "interp/nnrt/weights", "interp/internal/draw", "interp/internal/results",
	"interp/internal/diag", "interp/models", "interp/internal/shared", "interp/internal/house",
}

// libraries has the one package that imports each third-party library.
var libraries = map[string]string{
	"github.com/alecthomas/participle/v2": "interp/parser",
	"gorgonia.org/tensor":                 "interp/nnrt/tensor",
	"github.com/sugarme/tokenizer":        "interp/nnrt/token",
	"github.com/chzyer/readline":          "interp/cmd/interp",
}

type goPackage struct {
	ImportPath string
	Imports    []string
}

func packages(t *testing.T) []goPackage {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "interp/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []goPackage
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func TestImportsPointDown(t *testing.T) {
	for _, p := range packages(t) {
		from := slices.Index(order, p.ImportPath)
		if from < 0 {
			t.Errorf("%s has no place in the order", p.ImportPath)
			continue
		}
		for _, imp := range p.Imports {
			if imp != "interp" && !strings.HasPrefix(imp, "interp/") {
				continue
			}
			if to := slices.Index(order, imp); to <= from {
				t.Errorf("%s imports %s, which stands above it", p.ImportPath, imp)
			}
		}
	}
}

func TestPlannerKnowsTheTablesAlone(t *testing.T) {
	for _, p := range packages(t) {
		if p.ImportPath != "interp/compiler/plan" {
			continue
		}
		for _, imp := range p.Imports {
			if strings.HasPrefix(imp, "interp/nnrt") && imp != "interp/nnrt/arch" && imp != "interp/nnrt/tensor" {
				t.Errorf("%s imports %s", p.ImportPath, imp)
			}
		}
	}
}

func TestLibrariesHaveOneImporter(t *testing.T) {
	for _, p := range packages(t) {
		for _, imp := range p.Imports {
			for lib, owner := range libraries {
				if (imp == lib || strings.HasPrefix(imp, lib+"/")) && p.ImportPath != owner {
					t.Errorf("%s imports %s, which is for %s alone", p.ImportPath, imp, owner)
				}
			}
		}
	}
}
