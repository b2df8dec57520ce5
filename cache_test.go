package interp

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCacheDir(t *testing.T) {
	home := t.TempDir()
	rows := []struct {
		name, hubCache, hfHome, xdg, want string
	}{
		{"HF_HUB_CACHE before all", "/c", "/h", "/x", "/c"},
		{"hub in HF_HOME", "", "/h", "/x", filepath.Join("/h", "hub")},
		{"the user's cache", "", "", "/x", filepath.Join("/x", "huggingface", "hub")},
		{"the home directory", "", "", "", filepath.Join(home, ".cache", "huggingface", "hub")},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			t.Setenv("HF_HUB_CACHE", r.hubCache)
			t.Setenv("HF_HOME", r.hfHome)
			t.Setenv("XDG_CACHE_HOME", r.xdg)
			t.Setenv("HOME", home)
			t.Setenv("USERPROFILE", home)
			if got := CacheDir(); got != r.want {
				t.Errorf("got %s, want %s", got, r.want)
			}
		})
	}
}

func TestCachedModels(t *testing.T) {
	t.Setenv("HF_HUB_CACHE", t.TempDir())
	write := func(path, text string) {
		t.Helper()
		path = filepath.Join(CacheDir(), path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	whole := func(dir string) {
		write(dir+"/config.json", "{}")
		write(dir+"/model.safetensors", "")
	}
	whole("models--openai-community--gpt2/snapshots/aaa")
	whole("models--o--two/snapshots/old")
	whole("models--o--two/snapshots/new")
	write("models--o--two/refs/main", "new\n")
	write("models--o--part/snapshots/aaa/config.json", "{}")
	write("models--o--part/refs/main", "aaa")
	write("models--o--evil/refs/main", "../../../..")
	whole("models--o--long/snapshots/aaa")
	write("models--o--long/refs/main", strings.Repeat("x", 1<<20))
	whole("models--o--\x1b[31mred\n/snapshots/aaa")
	if got := strings.Join(cachedNames(), " "); got != "o/long o/two openai-community/gpt2" {
		t.Errorf("models: got %q", got)
	}
	rows := []struct{ name, want string }{
		{"gpt2", "models--openai-community--gpt2/snapshots/aaa"}, {"openai-community/gpt2", "models--openai-community--gpt2/snapshots/aaa"},
		{"o/two", "models--o--two/snapshots/new"}, {"o/part", ""}, {"o/evil", ""}, {"o/none", ""},
	}
	for _, r := range rows {
		dir, ok := cached(r.name)
		want := ""
		if r.want != "" {
			want = filepath.Join(CacheDir(), filepath.FromSlash(r.want))
		}
		if dir != want || ok != (want != "") {
			t.Errorf("%s: got %q, want %q", r.name, dir, want)
		}
	}
}
