package interp

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"interp/ir"
	"interp/models"
	"interp/nnrt"
	"interp/nnrt/kern"
)

// DefaultModel is the model of scripts that name none.
const DefaultModel = models.Default

// Model is a model that was opened: its configuration and its tokens, its weights when they are needed.
type Model struct {
	rt   *nnrt.Model
	from string
}

// OpenModel opens a model by its name: a folder (a name with / or .), a model inside the binary, or one
// in the Hugging Face hub's cache. Nothing is fetched.
func OpenModel(name string) (*Model, error) {
	fsys, from, err := find(name)
	if err != nil {
		return nil, err
	}
	rt, err := nnrt.Open(name, fsys)
	if err != nil {
		return nil, err
	}
	return &Model{rt: rt, from: from}, nil
}

// Name is the name the model was opened under.
func (m *Model) Name() string { return m.rt.Name() }

// From says where the model is: a folder, or the binary.
func (m *Model) From() string { return m.from }

// Summary describes the model in one line.
func (m *Model) Summary() string { return m.rt.Summary() }

// Runtime is the model's runtime.
func (m *Model) Runtime() *nnrt.Model { return m.rt }

// Load reads the weights; a run does so by itself. Zero threads are one for each core.
func (m *Model) Load(threads int, t nnrt.DType) error {
	if threads <= 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	return m.rt.Load(nnrt.LoadOptions{Pool: pool(threads), DType: t})
}

// Close releases the weights, after the last run: a closed model is not used again.
func (m *Model) Close() error { return m.rt.Close() }

// find resolves a model's name to its folder.
func find(name string) (fsys fs.FS, from string, err error) {
	if name == "" {
		return nil, "", errors.New("the name of a model is empty")
	}
	if strings.ContainsAny(name, "/."+string(filepath.Separator)) {
		if st, err := os.Stat(name); err == nil && st.IsDir() {
			return os.DirFS(name), name, nil
		} else if err == nil {
			return nil, "", fmt.Errorf("model %s: is a file, want a folder with config.json", name)
		}
		if dir, ok := cached(name); ok {
			return os.DirFS(dir), dir, nil
		}
		if !repoName.MatchString(name) {
			return nil, "", fmt.Errorf("model %s: there is no such folder", name)
		}
		return nil, "", fmt.Errorf("model %s: there is no such folder, and no model of that name in %s; interp pull %s fetches it", name, CacheDir(), name)
	}
	if fsys, ok := models.FS(name); ok {
		return fsys, "in the binary", nil
	}
	if dir, ok := cached(name); ok {
		return os.DirFS(dir), dir, nil
	}
	return nil, "", fmt.Errorf("model %s: is not inside the binary (%s) and not in %s; interp pull %s fetches it", name, strings.Join(models.Names(), ", "), CacheDir(), name)
}

// ModelInfo is one model that can be opened.
type ModelInfo struct {
	Name, From, Summary string
	Err                 error // why it cannot be opened
}

// Models lists the models that are here: inside the binary and in the hub's cache.
func Models() []ModelInfo {
	var out []ModelInfo
	for _, name := range append(models.Names(), cachedNames()...) {
		m, err := OpenModel(name)
		if err != nil {
			out = append(out, ModelInfo{Name: name, Err: err})
			continue
		}
		out = append(out, ModelInfo{Name: name, From: m.From(), Summary: m.Summary()})
	}
	return out
}

// modelSet has the models of a session: each name is one model.
type modelSet struct {
	opened map[string]*Model
	source func(name string) (*Model, error)
	fixed  *Model
}

func newModelSet(o Options) *modelSet {
	s := &modelSet{opened: map[string]*Model{}, source: o.Open, fixed: o.Model}
	if s.source == nil {
		s.source = OpenModel
	}
	return s
}

func (s *modelSet) open(name string) (ir.Model, error) {
	if m, ok := s.opened[name]; ok {
		return m.rt, nil
	}
	m, err := s.source(name)
	if err != nil {
		return nil, err
	}
	s.opened[name] = m
	return m.rt, nil
}

// standard is the model of a script that names none.
func (s *modelSet) standard() (ir.Model, error) {
	if s.fixed != nil {
		s.opened[s.fixed.Name()] = s.fixed
		return s.fixed.rt, nil
	}
	return s.open(DefaultModel)
}

var pools struct {
	sync.Mutex
	of map[int]*kern.Pool
}

// pool is the worker pool of so many threads, shared by all models.
func pool(threads int) *kern.Pool {
	pools.Lock()
	defer pools.Unlock()
	if pools.of == nil {
		pools.of = map[int]*kern.Pool{}
	}
	if pools.of[threads] == nil {
		pools.of[threads] = kern.NewPool(threads)
	}
	return pools.of[threads]
}
