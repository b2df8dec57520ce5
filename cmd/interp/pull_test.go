package main

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
)

func TestPullCommand(t *testing.T) {
	files := http.StripPrefix("/owner/proto/resolve/main/", http.FileServer(http.Dir(model)))
	hub := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/owner/proto/") {
			http.NotFound(w, r)
			return
		}
		files.ServeHTTP(w, r)
	}))
	defer hub.Close()
	home := t.TempDir()
	t.Setenv("HF_ENDPOINT", hub.URL)
	t.Setenv("HF_HUB_CACHE", "")
	t.Setenv("HF_HOME", home)
	t.Setenv("HF_HUB_OFFLINE", "")

	if got := call(t, "", "-model", "owner/proto", "-c", "print n_layers"); got.status != 1 || !strings.Contains(got.err, "interp pull owner/proto fetches it") {
		t.Errorf("before: status %d, %s", got.status, got.err)
	}
	got := call(t, "", "pull", "owner/proto")
	dir := strings.TrimSpace(got.out)
	if got.status != 0 || filepath.Dir(filepath.Dir(dir)) != filepath.Join(home, "hub", "models--owner--proto") {
		t.Fatalf("%+v", got)
	}
	for _, file := range []string{"config.json", "vocab.json", "merges.txt", "model.safetensors"} {
		if !strings.Contains(got.err, file+"  ") {
			t.Errorf("nothing is told of %s: %q", file, got.err)
		}
	}
	if strings.Contains(got.err, "\r") {
		t.Errorf("a line that changes, where there is no terminal: %q", got.err)
	}
	if got := call(t, "", "-model", "owner/proto", "-c", `invoke "John" { save l = logits[0, -1] }; print l.shape`); got.out != "[630]\n" {
		t.Errorf("the model does not run: %+v", got)
	}
	if got := call(t, "", "models"); !strings.Contains(got.out, "owner/proto") {
		t.Errorf("models does not list it: %s", got.out)
	}
	if got := call(t, "", "pull", "owner/none"); got.status != 1 || !strings.Contains(got.err, "has no config.json of a model owner/none") {
		t.Errorf("%+v", got)
	}
	if got := call(t, "", "pull", "./proto"); got.status != 1 || !strings.Contains(got.err, "want one of the hub") {
		t.Errorf("%+v", got)
	}
	t.Setenv("HF_HUB_OFFLINE", "1")
	if got := call(t, "", "pull", "owner/proto"); got.status != 1 || !strings.Contains(got.err, "HF_HUB_OFFLINE") {
		t.Errorf("%+v", got)
	}
}
