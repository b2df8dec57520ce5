package nnrt

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"slices"
	"strconv"
	"strings"

	"interp/nnrt/arch"
	"interp/nnrt/nn"
)

// ConfigFile is the file of a Hugging Face folder that describes the model.
const ConfigFile = "config.json"

// Bounds of a configuration. They are far above any model of the kind, and low enough that the tables
// of an architecture and the sizes of its weights can be made without overflow or exhaustion.
const (
	maxConfig = 1 << 20 // bytes
	maxLayers = 1 << 12
	maxWidth  = 1 << 20
	maxVocab  = 1 << 26
	maxCtx    = 1 << 24
	maxParams = 1 << 40
)

// Config is what config.json says of a model, checked.
type Config struct {
	Arch       string // "gpt2"
	Dims       arch.Dims
	Activation string
	Epsilon    float32
	Tied       bool    // the unembedding is the token embedding
	Scale      bool    // scores are divided by the square root of d_head
	ByLayer    bool    // and further by the layer's number, counted from 1
	BOS, EOS   int     // -1: none
	Params     int64   // numbers in the checkpoint
	act        nn.Act  // of the name in Activation
	scores     float64 // what scores are multiplied by, before ByLayer
}

// rawConfig is the file's own fields; a nil pointer is an absent one.
type rawConfig struct {
	ModelType      *string         `json:"model_type"`
	Architectures  []string        `json:"architectures"`
	Activation     *string         `json:"activation_function"`
	Epsilon        *float64        `json:"layer_norm_epsilon"`
	Layers         *int64          `json:"n_layer"`
	Heads          *int64          `json:"n_head"`
	Embd           *int64          `json:"n_embd"`
	Inner          *int64          `json:"n_inner"`
	Positions      *int64          `json:"n_positions"`
	Ctx            *int64          `json:"n_ctx"`
	Vocab          *int64          `json:"vocab_size"`
	Tied           *bool           `json:"tie_word_embeddings"`
	Scale          *bool           `json:"scale_attn_weights"`
	ByLayer        bool            `json:"scale_attn_by_inverse_layer_idx"`
	CrossAttention bool            `json:"add_cross_attention"`
	BOS            json.RawMessage `json:"bos_token_id"`
	EOS            json.RawMessage `json:"eos_token_id"`
}

// readConfig reads and checks config.json.
func readConfig(fsys fs.FS) (Config, error) {
	info, err := fs.Stat(fsys, ConfigFile)
	if err != nil {
		return Config{}, fileCause(ConfigFile, err)
	}
	if !info.Mode().IsRegular() { // a pipe would wait for ever
		return Config{}, fmt.Errorf("%s: not a regular file", ConfigFile)
	}
	f, err := fsys.Open(ConfigFile)
	if err != nil {
		return Config{}, fileCause(ConfigFile, err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxConfig+1))
	if err != nil {
		return Config{}, fileCause(ConfigFile, err)
	}
	if len(text) > maxConfig {
		return Config{}, fmt.Errorf("%s: more than %d bytes", ConfigFile, maxConfig)
	}
	c, err := parseConfig(text)
	if err != nil {
		return Config{}, fmt.Errorf("%s: %w", ConfigFile, err)
	}
	return c, nil
}

// fileCause names a file once: errors of os and fs carry a path of their own.
func fileCause(name string, err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return fmt.Errorf("%s: %w", name, err)
}

func parseConfig(text []byte) (Config, error) {
	var raw rawConfig
	if err := json.Unmarshal(text, &raw); err != nil {
		var typ *json.UnmarshalTypeError
		if errors.As(err, &typ) && typ.Field != "" {
			return Config{}, fmt.Errorf("%s: got %s, want %s", typ.Field, typ.Value, typ.Type)
		}
		return Config{}, fmt.Errorf("not JSON: %w", err)
	}
	if err := raw.checkType(); err != nil {
		return Config{}, err
	}
	c := Config{Arch: "gpt2", Epsilon: 1e-5, Activation: "gelu_new", ByLayer: raw.ByLayer}
	c.Tied = raw.Tied == nil || *raw.Tied
	c.Scale = raw.Scale == nil || *raw.Scale
	if err := raw.sizes(&c.Dims); err != nil {
		return Config{}, err
	}
	if err := raw.numerics(&c); err != nil {
		return Config{}, err
	}
	var err error
	if c.BOS, err = tokenID("bos_token_id", raw.BOS, c.Dims.DVocab); err != nil {
		return Config{}, err
	}
	if c.EOS, err = tokenID("eos_token_id", raw.EOS, c.Dims.DVocab); err != nil {
		return Config{}, err
	}
	return c, c.count()
}

// checkType refuses what is not GPT-2. A file without model_type is taken by its architectures.
func (r *rawConfig) checkType() error {
	kind := ""
	switch {
	case r.ModelType != nil:
		kind = *r.ModelType
	case slices.Contains(r.Architectures, "GPT2LMHeadModel"), slices.Contains(r.Architectures, "GPT2Model"):
		kind = "gpt2"
	case len(r.Architectures) > 0:
		kind = r.Architectures[0]
	default:
		return errors.New("model_type is missing")
	}
	if kind != "gpt2" {
		return fmt.Errorf("model_type: got %q, want \"gpt2\": the architectures here are GPT-2's", kind)
	}
	if r.CrossAttention {
		return errors.New("add_cross_attention: got true, want false: there is no encoder")
	}
	return nil
}

// sizes reads the dimensions.
func (r *rawConfig) sizes(d *arch.Dims) error {
	if r.Positions == nil {
		r.Positions = r.Ctx
	}
	for _, f := range []struct {
		name string
		from *int64
		to   *int
		most int64
	}{
		{"n_layer", r.Layers, &d.Layers, maxLayers},
		{"n_head", r.Heads, &d.Heads, maxWidth},
		{"n_embd", r.Embd, &d.DModel, maxWidth},
		{"vocab_size", r.Vocab, &d.DVocab, maxVocab},
		{"n_positions", r.Positions, &d.NCtx, maxCtx},
	} {
		if f.from == nil {
			return fmt.Errorf("%s is missing", f.name)
		}
		if *f.from < 1 || *f.from > f.most {
			return fmt.Errorf("%s: got %d, want 1 to %d", f.name, *f.from, f.most)
		}
		*f.to = int(*f.from)
	}
	if r.Ctx != nil && *r.Ctx != *r.Positions {
		return fmt.Errorf("n_ctx: got %d, want %d as in n_positions", *r.Ctx, *r.Positions)
	}
	if d.DModel%d.Heads != 0 {
		return fmt.Errorf("n_embd: got %d, want a multiple of n_head, which is %d", d.DModel, d.Heads)
	}
	d.KVHeads, d.DHead, d.DMlp = d.Heads, d.DModel/d.Heads, 4*d.DModel
	if r.Inner != nil {
		if *r.Inner < 1 || *r.Inner > 64*maxWidth {
			return fmt.Errorf("n_inner: got %d, want 1 to %d, or null for 4 n_embd", *r.Inner, 64*maxWidth)
		}
		d.DMlp = int(*r.Inner)
	}
	return nil
}

func (r *rawConfig) numerics(c *Config) error {
	if r.Epsilon != nil {
		if !(*r.Epsilon >= 0 && *r.Epsilon < 1) {
			return fmt.Errorf("layer_norm_epsilon: got %v, want 0 up to 1", *r.Epsilon)
		}
		c.Epsilon = float32(*r.Epsilon)
	}
	if r.Activation != nil {
		c.Activation = *r.Activation
	}
	var ok bool
	if c.act, ok = nn.ActNamed(c.Activation); !ok {
		return fmt.Errorf("activation_function: got %q, want one of %s", c.Activation, strings.Join(nn.ActNames(), ", "))
	}
	c.scores = 1
	if c.Scale {
		c.scores = 1 / math.Sqrt(float64(c.Dims.DHead))
	}
	return nil
}

// standardToken is bos_token_id and eos_token_id of a Hugging Face configuration that does not say
// otherwise. Small models of other vocabularies have it in their files all the same.
const standardToken = 50256

// tokenID reads an id that may be null or a list, of which the first counts.
func tokenID(field string, raw json.RawMessage, vocab int) (int, error) {
	if len(raw) == 0 {
		raw = strconv.AppendInt(nil, standardToken, 10)
	}
	var one *int64
	if err := json.Unmarshal(raw, &one); err != nil {
		var many []int64
		if json.Unmarshal(raw, &many) != nil || len(many) == 0 {
			return -1, fmt.Errorf("%s: got %s, want a token id, a list of them, or null", field, clip(string(raw)))
		}
		one = &many[0]
	}
	if one == nil {
		return -1, nil
	}
	if *one == standardToken && vocab <= standardToken {
		return -1, nil
	}
	if *one < 0 || *one >= int64(vocab) {
		return -1, fmt.Errorf("%s: got %d, want 0 to %d (vocab_size is %d)", field, *one, vocab-1, vocab)
	}
	return int(*one), nil
}

func clip(s string) string {
	if len(s) > 40 {
		return s[:40] + "..."
	}
	return s
}

// count adds up the parameters. No partial sum can overflow within the bounds above.
func (c *Config) count() error {
	d := c.Dims
	m, f, v := float64(d.DModel), float64(d.DMlp), float64(d.DVocab)
	n := float64(d.Layers)*(4*m*m+2*m*f+9*m+f) + m*(v+float64(d.NCtx)+2)
	if !c.Tied {
		n += m * v
	}
	if n > maxParams {
		return fmt.Errorf("n_layer, n_embd, n_inner and vocab_size make %.3g parameters, want at most %.3g", n, float64(maxParams))
	}
	c.Params = int64(n)
	return nil
}
