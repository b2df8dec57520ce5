package interp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"interp/models"
	"interp/nnrt"
	"interp/nnrt/weights"
)

// PullOptions say where Pull fetches from. The zero value follows the environment.
type PullOptions struct {
	Endpoint string                               // the hub; "": HF_ENDPOINT, else https://huggingface.co
	Token    string                               // of an account; "": HF_TOKEN
	Progress func(file string, done, total int64) // bytes of a file, total -1 where the hub does not say; nil: none
	patience time.Duration                        // with a silent hub; 0: a minute
}

// tokenizerFiles are fetched where the repository has them.
var tokenizerFiles = []string{"tokenizer.json", "vocab.json", "merges.txt"}

var repoName = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)?$`)

// Pull fetches a model of a Hugging Face hub, such as gpt2 or EleutherAI/pythia-70m, into CacheDir and
// gives its folder: config.json, the tokenizer's files and the weights as safetensors. Files that are
// there are not fetched again, one that was cut off goes on where it ended. A model can be opened when
// all of it is there, not before.
func Pull(ctx context.Context, name string, o PullOptions) (dir string, err error) {
	switch {
	case slices.Contains(models.Names(), name):
		return "", fmt.Errorf("model %s is inside the binary: there is nothing to fetch", name)
	case !repoName.MatchString(name) || strings.Contains(name, "--") || strings.Contains(name, ".."):
		return "", fmt.Errorf("got the name %q, want one of the hub, as gpt2 or EleutherAI/pythia-70m", name)
	}
	p := &puller{ctx: ctx, hub: newHub(o), name: name, root: repoDir(name), progress: o.Progress}
	if err := p.file(nnrt.ConfigFile); err != nil {
		return "", err
	}
	for _, file := range tokenizerFiles {
		if err := p.file(file); err != nil && !errors.Is(err, os.ErrNotExist) {
			return "", err
		}
	}
	if _, err := nnrt.Open(name, os.DirFS(p.snapshot())); err != nil {
		return "", fmt.Errorf("the weights are not fetched: %w", err)
	}
	if err := p.weights(); err != nil {
		return "", err
	}
	return p.snapshot(), p.publish()
}

// puller fetches the files of one model.
type puller struct {
	ctx      context.Context
	hub      *hub
	name     string
	root     string // of the repository in the cache
	commit   string // that all files are of; "" before the first
	progress func(file string, done, total int64)
}

func (p *puller) snapshot() string { return filepath.Join(p.root, "snapshots", p.commit) }

// weights fetches model.safetensors, or the shards that its index lists. The index comes last in the
// folder: where it is, all shards are.
func (p *puller) weights() error {
	err := p.file(weights.ModelFile)
	if !errors.Is(err, os.ErrNotExist) {
		return err
	}
	blob, err := p.blob(weights.IndexFile)
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%s has neither %s nor %s: only weights as safetensors can be read", p.name, weights.ModelFile, weights.IndexFile)
	} else if err != nil {
		return err
	}
	text, err := os.ReadFile(blob)
	if err != nil {
		return err
	}
	shards, err := shardsOf(text)
	if err != nil {
		return fmt.Errorf("%s: %w", weights.IndexFile, err)
	}
	for _, s := range shards {
		if err := p.file(s); err != nil {
			return err
		}
	}
	return p.link(weights.IndexFile, blob)
}

var shardName = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._-]*\.safetensors$`)

// shardsOf lists the files of an index, each once.
func shardsOf(text []byte) ([]string, error) {
	var index struct {
		Map map[string]string `json:"weight_map"`
	}
	if err := json.Unmarshal(text, &index); err != nil {
		return nil, err
	}
	var out []string
	for _, file := range index.Map {
		if !shardName.MatchString(file) {
			return nil, fmt.Errorf("got the file %q, want a name that ends in .safetensors", file)
		}
		out = append(out, file)
	}
	if len(out) == 0 {
		return nil, errors.New("weight_map lists no files")
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// file fetches a file into the model's folder. It fails with os.ErrNotExist where the hub has none.
func (p *puller) file(name string) error {
	blob, err := p.blob(name)
	if err != nil {
		return err
	}
	return p.link(name, blob)
}

// link names a blob in the model's folder: by a symbolic link, as the hub's own libraries do, where the
// system has them, else by another name of the file.
func (p *puller) link(name, blob string) error {
	at := filepath.Join(p.snapshot(), name)
	if err := os.MkdirAll(p.snapshot(), 0o755); err != nil {
		return err
	}
	if err := os.Remove(at); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if os.Symlink(filepath.Join("..", "..", "blobs", filepath.Base(blob)), at) == nil || os.Link(blob, at) == nil {
		return nil
	}
	return os.Rename(blob, at)
}

// publish makes the commit the one that the model's name stands for.
func (p *puller) publish() error {
	ref := filepath.Join(p.root, "refs", "main")
	if err := os.MkdirAll(filepath.Dir(ref), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(ref+".new", []byte(p.commit), 0o644); err != nil {
		return err
	}
	return os.Rename(ref+".new", ref)
}
