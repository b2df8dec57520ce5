// Package nnrt is the transformer runtime: it opens checkpoints and computes rows of activations. It
// knows nothing of scripts, runs or columns; training uses the same code.
//
// The unit is the row: the numbers at one point of an architecture (package arch) for one token
// position. A caller packs rows of any positions of any prompts and asks for a point:
//
//	           In[0], In[1]: rows of the points it is made of
//	Tok, Pos ─▶ Rows(point) ─▶ Out            Keys: the keys and values a query sees, in runs
//	           DIn[0], DIn[1] ◀─ Back(point) ◀─ D
//
// Invariants. A row has the same bits whatever it is packed with, however many threads there are, and
// whether a layer's points are asked for one by one or fused. Back adds; within one call rows come in
// the order given. A Model is immutable once loaded and safe for concurrent use.
package nnrt

import (
	"fmt"
	"io/fs"
	"sync"

	"interp/nnrt/arch"
	"interp/nnrt/kern"
	"interp/nnrt/nn"
	"interp/nnrt/token"
	"interp/nnrt/weights"
)

// Model is a checkpoint: opened, it has its configuration and tokenizer; loaded, its weights too.
type Model struct {
	name   string
	config Config
	arch   *arch.Arch
	tokens *token.Tokenizer
	open   func() (source, error) // of the weights

	mu       sync.Mutex
	src      source // open from the first use of a weight to Close
	names    map[string]string
	warnings []string
	pool     *kern.Pool
	o        LoadOptions
	layers   map[nn.Layer]string // the names their weights stand under
	units    []map[string]unit   // by layer + 1; nil before Load
}

// source is where weights come from.
type source interface {
	Where() string // the file that lists the tensors
	Names() []string
	Info(name string) (weights.Info, bool)
	ReadF32(name string, dst []float32) error
	ReadRows(name string, from, to int) ([]float32, error)
	Hash() (string, error)
	Close() error
}

// Open reads the configuration and the tokenizer of a model in a Hugging Face folder, not its weights.
// The file system is used again by Load and must stay.
func Open(name string, fsys fs.FS) (*Model, error) {
	c, err := readConfig(fsys)
	if err != nil {
		return nil, fmt.Errorf("model %s: %w", name, err)
	}
	m, err := newModel(name, c, func() (source, error) {
		s, err := weights.Open(fsys)
		if err != nil {
			return nil, err
		}
		return s, nil
	})
	if err != nil {
		return nil, err
	}
	if m.tokens, err = token.Load(fsys); err != nil {
		return nil, fmt.Errorf("model %s: %w", name, err)
	}
	if n := m.tokens.Size(); n > c.Dims.DVocab {
		m.warnings = append(m.warnings, fmt.Sprintf("the tokenizer has %d tokens, vocab_size in %s is %d: those beyond cannot be read", n, ConfigFile, c.Dims.DVocab))
	}
	return m, nil
}

func newModel(name string, c Config, open func() (source, error)) (*Model, error) {
	kind, ok := architectures[c.Arch]
	if !ok {
		return nil, fmt.Errorf("model %s: there is no architecture %q", name, c.Arch)
	}
	a, err := kind.table(c.Dims)
	if err != nil {
		return nil, fmt.Errorf("model %s: %w", name, err)
	}
	return &Model{name: name, config: c, arch: a, open: open}, nil
}

// Name is the name the model was opened under.
func (m *Model) Name() string { return m.name }

// Arch is the architecture with the model's sizes.
func (m *Model) Arch() *arch.Arch { return m.arch }

// Config is what config.json says.
func (m *Model) Config() Config { return m.config }

// Tokenizer turns text into token ids. That of a model without one knows ids only.
func (m *Model) Tokenizer() *token.Tokenizer { return m.tokens }

// BOS is the token that begins a text, -1 where the configuration names none.
func (m *Model) BOS() int { return m.config.BOS }

// EOS is the token that ends a text, -1 where the configuration names none.
func (m *Model) EOS() int { return m.config.EOS }

// Hash identifies the weights: 16 hexadecimal digits. The first call reads all of them.
func (m *Model) Hash() (string, error) {
	src, err := m.source()
	if err != nil {
		return "", err
	}
	return src.Hash()
}

// Warnings are what was odd about the weights: tensors that are not used.
func (m *Model) Warnings() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]string(nil), m.warnings...)
}

// Summary describes the model in one line: "GPT-2, 12 layers, 12 heads, width 768, 50257 tokens,
// context 1024, 124.4 M parameters".
func (m *Model) Summary() string {
	d := m.arch.Dims
	return fmt.Sprintf("%s, %d layers, %d heads, width %d, %d tokens, context %d, %s parameters",
		architectures[m.config.Arch].title, d.Layers, d.Heads, d.DModel, d.DVocab, d.NCtx, millions(m.config.Params))
}

func millions(n int64) string {
	switch x := float64(n); {
	case n < 1e5:
		return fmt.Sprintf("%.1f k", x/1e3)
	case n < 1e9:
		return fmt.Sprintf("%.1f M", x/1e6)
	default:
		return fmt.Sprintf("%.1f G", x/1e9)
	}
}

// Close lets go of the files of the weights. The model must not be used afterwards.
func (m *Model) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.src == nil {
		return nil
	}
	err := m.src.Close()
	m.src = nil
	return err
}
