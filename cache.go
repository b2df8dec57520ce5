package interp

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"interp/nnrt"
	"interp/nnrt/weights"
)

// CacheDir is the Hugging Face hub's cache: HF_HUB_CACHE, or hub under HF_HOME, or under
// ~/.cache/huggingface.
func CacheDir() string {
	if dir := os.Getenv("HF_HUB_CACHE"); dir != "" {
		return dir
	}
	home := os.Getenv("HF_HOME")
	if home == "" {
		cache := os.Getenv("XDG_CACHE_HOME")
		if cache == "" {
			user, err := os.UserHomeDir()
			if err != nil {
				user = "."
			}
			cache = filepath.Join(user, ".cache")
		}
		home = filepath.Join(cache, "huggingface")
	}
	return filepath.Join(home, "hub")
}

// repoDir is the folder of a repository in the cache: models--owner--name.
func repoDir(name string) string {
	return filepath.Join(CacheDir(), "models--"+strings.ReplaceAll(name, "/", "--"))
}

// cached is the folder of a model's main revision in the cache, or of its only one. A name without an
// owner also finds openai-community's, where GPT-2 lives.
func cached(name string) (dir string, ok bool) {
	for _, repo := range []string{name, "openai-community/" + name} {
		root := repoDir(repo)
		if ref, ok := mainRef(root); ok {
			dir := filepath.Join(root, "snapshots", filepath.Base(ref))
			if isModel(dir) {
				return dir, true
			}
		}
		snaps, err := os.ReadDir(filepath.Join(root, "snapshots"))
		if err == nil && len(snaps) == 1 {
			if dir := filepath.Join(root, "snapshots", snaps[0].Name()); isModel(dir) {
				return dir, true
			}
		}
	}
	return "", false
}

// mainRef is the revision that a repository of the cache has as its main one. A file that is no revision's
// name, or a pipe, is none.
func mainRef(root string) (ref string, ok bool) {
	path := filepath.Join(root, "refs", "main")
	if st, err := os.Stat(path); err != nil || !st.Mode().IsRegular() || st.Size() > 256 {
		return "", false
	}
	data, err := os.ReadFile(path)
	return strings.TrimSpace(string(data)), err == nil
}

// isModel says that a folder of the cache has a whole model: weights, or the index of them, come last.
func isModel(dir string) bool {
	for _, file := range []string{weights.ModelFile, weights.IndexFile} {
		if _, err := os.Stat(filepath.Join(dir, file)); err == nil {
			_, err := os.Stat(filepath.Join(dir, nnrt.ConfigFile))
			return err == nil
		}
	}
	return false
}

// cachedNames lists the models in the cache that can be named.
func cachedNames() []string {
	dirs, err := os.ReadDir(CacheDir())
	if err != nil {
		return nil
	}
	var out []string
	for _, d := range dirs {
		name, ok := strings.CutPrefix(d.Name(), "models--")
		if !ok {
			continue
		}
		name = strings.ReplaceAll(name, "--", "/")
		if !repoName.MatchString(name) {
			continue // not the hub's, and maybe nothing to send to a terminal
		}
		if _, ok := cached(name); ok {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}
