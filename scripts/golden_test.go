package scripts

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"interp"
	"interp/internal/results"
	"interp/internal/shared"
)

var update = flag.Bool("update", false, "put the scripts into their archives in golden/scripts; then: interp test -update golden/scripts")

// goldenArgs are the arguments of recorded runs: few samples and steps. in/sae.json in the archive is an
// autoencoder of six features that train_sae.patch made for ioi-proto, cut to three digits.
var goldenArgs = map[string]string{
	"causal_trace.patch":         "-set samples=2",
	"integrated_gradients.patch": "-set steps=50",
	"train_sae.patch":            "-set steps=30 -set features=32",
	"sae.patch":                  "-in sae=in/sae.json",
}

// mostSaved is how many numbers of results an archive holds; of scripts with more it holds what they print.
const mostSaved = 2000

// TestGoldenArchivesHoldTheScripts: each script has an archive, which holds it as it is here.
func TestGoldenArchivesHoldTheScripts(t *testing.T) {
	m := proto(t)
	for _, name := range all(t) {
		path := shared.Repo("golden", "scripts", strings.TrimSuffix(name, ".patch")+".txtar")
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if *update {
			record(t, m, name, path, src)
			continue
		}
		a, err := txtar.ParseFile(path)
		if err != nil {
			t.Error(err)
			continue
		}
		if a.Files[0].Name != "script.patch" || !bytes.Equal(a.Files[0].Data, src) {
			t.Errorf("%s does not hold %s as it is: go test ./scripts -run Archives -update", filepath.Base(path), name)
		}
	}
}

// record writes a script into its archive: the sections that are there stay, a new archive has empty ones.
func record(t *testing.T, m *interp.Model, name, path string, src []byte) {
	t.Helper()
	a, err := txtar.ParseFile(path)
	if err != nil {
		a = &txtar.Archive{Comment: []byte("model: testdata/models/ioi-proto\ntol: 1e-4\n")}
		if args := goldenArgs[name]; args != "" {
			a.Comment = append([]byte("args: "+args+"\n"), a.Comment...)
		}
		a.Files = []txtar.File{{Name: "script.patch"}}
		a.Files = append(a.Files, txtar.File{Name: "stdout"})
		if count(run(t, name, interp.Options{Model: m, Inputs: inputs(t, name, m)})) <= mostSaved {
			a.Files = append(a.Files, txtar.File{Name: "saved.json"})
		}
		a.Files = append(a.Files, txtar.File{Name: "stats.json", Data: []byte(`{"states_dense": 0, "states_planned": 0, "passes": 0, "noops": 0}` + "\n")})
	}
	a.Files[0].Data = src
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, txtar.Format(a), 0o644); err != nil {
		t.Fatal(err)
	}
}

// count is how many numbers the results of a run have.
func count(o outcome) (n int) {
	for _, v := range o.Values {
		n += size(v.Value)
	}
	return n
}

func size(v any) (n int) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			n += size(item)
		}
	case *results.Record:
		return size(v.Vals)
	case *results.Array:
		return v.Len()
	default:
		return 1
	}
	return n
}
