package interp

import (
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"interp/internal/shared"
)

// fakeHub serves a repository as the Hugging Face hub does: small files with git's hash, weights by a
// redirect that tells the SHA-256.
type fakeHub struct {
	*httptest.Server
	mu     sync.Mutex
	files  map[string][]byte
	commit string
	asked  []string // requests that brought bytes: file, or file@from
	cutAt  int      // bytes of weights after which the connection ends; 0: never
	silent bool     // it does not end there, nothing comes any more
	longer int      // bytes that a file is said to have and has not
	wrong  string   // a file whose bytes are not what its hash says
	plain  bool     // tells nothing: a plain file server
	token  string   // wanted; "": none
}

func newFakeHub(t *testing.T) *fakeHub {
	t.Helper()
	h := &fakeHub{files: map[string][]byte{}, commit: "0123456789abcdef0123456789abcdef01234567"}
	dir := shared.Repo("testdata", "models", "ioi-proto")
	for _, name := range []string{"config.json", "tokenizer.json", "vocab.json", "merges.txt", "model.safetensors"} {
		if data, err := os.ReadFile(filepath.Join(dir, name)); err == nil {
			h.files[name] = data
		}
	}
	h.Server = httptest.NewServer(http.HandlerFunc(h.serve))
	t.Cleanup(h.Close)
	t.Setenv("HF_HUB_CACHE", t.TempDir())
	t.Setenv("HF_ENDPOINT", h.URL+"/")
	t.Setenv("HF_TOKEN", "")
	return h
}

func (h *fakeHub) serve(w http.ResponseWriter, r *http.Request) {
	if h.token != "" && r.Header.Get("Authorization") != "Bearer "+h.token {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	name, redirected := strings.CutPrefix(r.URL.Path, "/store/")
	if !redirected {
		var ok bool
		if name, ok = strings.CutPrefix(r.URL.Path, "/some/model/resolve/main/"); !ok {
			w.WriteHeader(http.StatusNotFound)
			return
		}
	}
	data, ok := h.files[name]
	if !ok {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	if !h.plain && !redirected {
		w.Header().Set("X-Repo-Commit", h.commit)
		if strings.HasSuffix(name, ".safetensors") {
			w.Header().Set("X-Linked-Etag", fmt.Sprintf("%q", fmt.Sprintf("%x", sha256.Sum256(data))))
			w.Header().Set("X-Linked-Size", strconv.Itoa(len(data)))
			w.Header().Set("ETag", `"of-the-redirect"`)
			http.Redirect(w, r, "/store/"+name, http.StatusFound)
			return
		}
		sum := sha1.Sum(append(fmt.Appendf(nil, "blob %d\x00", len(data)), data...))
		w.Header().Set("ETag", fmt.Sprintf(`W/"%x"`, sum))
	}
	if name == h.wrong {
		data = slices.Clone(data)
		data[len(data)/2] ^= 1
	}
	from := 0
	if n, _ := fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &from); n == 1 {
		if from >= len(data) {
			w.WriteHeader(http.StatusRequestedRangeNotSatisfiable)
			return
		}
		w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, len(data)-1, len(data)))
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(data)-from+h.longer))
	if from > 0 {
		name += "@" + strconv.Itoa(from)
		w.WriteHeader(http.StatusPartialContent)
	}
	h.mu.Lock()
	h.asked = append(h.asked, name)
	h.mu.Unlock()
	body := data[from:]
	if h.cutAt > 0 && h.cutAt < len(body) {
		w.Write(body[:h.cutAt])
		w.(http.Flusher).Flush()
		if h.silent {
			<-r.Context().Done()
		}
		panic(http.ErrAbortHandler)
	}
	w.Write(body)
}

// pullOnce fetches the fake hub's model.
func pullOnce(t *testing.T) (string, error) {
	t.Helper()
	return Pull(context.Background(), "some/model", PullOptions{})
}

func TestPull(t *testing.T) {
	h := newFakeHub(t)
	dir, err := pullOnce(t)
	if err != nil {
		t.Fatal(err)
	}
	root := filepath.Join(CacheDir(), "models--some--model")
	if want := filepath.Join(root, "snapshots", h.commit); dir != want {
		t.Errorf("got the folder %s, want %s", dir, want)
	}
	for name, want := range h.files {
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(got) != string(want) {
			t.Errorf("%s: %d bytes, %v, want %d", name, len(got), err, len(want))
		}
	}
	if ref, _ := os.ReadFile(filepath.Join(root, "refs", "main")); string(ref) != h.commit {
		t.Errorf("refs/main has %q", ref)
	}
	sum := fmt.Sprintf("%x", sha256.Sum256(h.files["model.safetensors"]))
	if _, err := os.Stat(filepath.Join(root, "blobs", sum)); err != nil {
		t.Error(err)
	}
	m, err := OpenModel("some/model")
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Load(1, 0); err != nil {
		t.Error(err)
	}
	if !slices.ContainsFunc(Models(), func(m ModelInfo) bool { return m.Name == "some/model" && m.Err == nil }) {
		t.Error("Models does not list it")
	}
}

func TestPullShards(t *testing.T) {
	h := newFakeHub(t)
	h.files["model-00001-of-00001.safetensors"] = h.files["model.safetensors"]
	delete(h.files, "model.safetensors")
	h.files["model.safetensors.index.json"] = []byte(`{"weight_map": {"a": "model-00001-of-00001.safetensors", "b": "model-00001-of-00001.safetensors"}}`)
	dir, err := pullOnce(t)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "model-00001-of-00001.safetensors")); err != nil {
		t.Error(err)
	}
	h.files["model.safetensors.index.json"] = []byte(`{"weight_map": {"a": "../../evil.safetensors"}}`)
	if _, err := pullOnce(t); err == nil || !strings.Contains(err.Error(), "evil") {
		t.Errorf("got %v, want an error that names the file", err)
	}
}

func TestPullGoesOn(t *testing.T) {
	h := newFakeHub(t)
	size := len(h.files["model.safetensors"])
	h.cutAt = size - 1000
	ctx, cancel := context.WithCancel(context.Background())
	stop := func(file string, done, _ int64) {
		if file == "model.safetensors" && done > int64(size)/2 {
			cancel()
		}
	}
	if _, err := Pull(ctx, "some/model", PullOptions{Progress: stop}); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v, want context.Canceled", err)
	}
	if _, err := OpenModel("some/model"); err == nil {
		t.Fatal("a model that is there in part was opened")
	}
	h.asked, h.cutAt = nil, 300_000
	if _, err := pullOnce(t); err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(h.asked, func(s string) bool { return strings.HasPrefix(s, "model.safetensors@") }) {
		t.Errorf("asked for %v, want the rest of the weights", h.asked)
	}
	if slices.Contains(h.asked, "vocab.json@1") {
		t.Error("a whole file was fetched again")
	}
	if _, err := OpenModel("some/model"); err != nil {
		t.Error(err)
	}
}

func TestPullErrors(t *testing.T) {
	rows := []struct {
		name, model string
		change      func(h *fakeHub)
		want        string
	}{
		{"no such model", "no/such", nil, "has no config.json of a model no/such"},
		{"a token is wanted", "some/model", func(h *fakeHub) { h.token = "secret" }, "set HF_TOKEN"},
		{"other bytes than the hash says", "some/model", func(h *fakeHub) { h.wrong = "model.safetensors" }, "the hub says"},
		{"other bytes of a small file", "some/model", func(h *fakeHub) { h.wrong = "config.json" }, "the hub says"},
		{"no weights", "some/model", func(h *fakeHub) { delete(h.files, "model.safetensors") }, "only weights as safetensors"},
		{"an architecture that is not known", "some/model", func(h *fakeHub) { h.files["config.json"] = []byte(`{"model_type": "mamba"}`) }, "the weights are not fetched"},
		{"a model of the binary", DefaultModel, nil, "inside the binary"},
		{"a path", "../x", nil, "want one of the hub"},
		{"two slashes", "a/b/c", nil, "want one of the hub"},
		{"nobody there", "some/model", func(h *fakeHub) { h.Close() }, "cannot be reached"},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			h := newFakeHub(t)
			if r.change != nil {
				r.change(h)
			}
			_, err := Pull(context.Background(), r.model, PullOptions{})
			if err == nil || !strings.Contains(err.Error(), r.want) {
				t.Fatalf("got %v, want %q", err, r.want)
			}
			if _, ok := cached(r.model); ok {
				t.Error("a model is in the cache")
			}
		})
	}
}

func TestPullWithToken(t *testing.T) {
	h := newFakeHub(t)
	h.token = "secret"
	t.Setenv("HF_TOKEN", "secret")
	if _, err := pullOnce(t); err != nil {
		t.Error(err)
	}
}

func TestPullOfAPlainFileServer(t *testing.T) {
	h := newFakeHub(t)
	h.plain = true
	if _, err := pullOnce(t); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenModel("some/model"); err != nil {
		t.Error(err)
	}
}

func TestPullAgainFetchesWhatChanged(t *testing.T) {
	h := newFakeHub(t)
	if _, err := pullOnce(t); err != nil {
		t.Fatal(err)
	}
	h.commit = strings.Repeat("f", 40)
	h.files["config.json"] = append(h.files["config.json"], '\n')
	dir, err := pullOnce(t)
	if err != nil {
		t.Fatal(err)
	}
	if filepath.Base(dir) != h.commit {
		t.Errorf("got the folder %s", dir)
	}
	if now, _ := cached("some/model"); now != dir {
		t.Errorf("the name stands for %s, want %s", now, dir)
	}
}

func TestPullDoesNotTryForEver(t *testing.T) {
	h := newFakeHub(t)
	h.plain, h.longer = true, 100
	if _, err := pullOnce(t); !errors.Is(err, errCut) || len(h.asked) > 10 {
		t.Errorf("a file that ends early each time: got %v after %d tries", err, len(h.asked))
	}
}

func TestPullOfAHubThatFallsSilent(t *testing.T) {
	h := newFakeHub(t)
	h.cutAt, h.silent = 2_000_000, true
	dir, err := Pull(context.Background(), "some/model", PullOptions{patience: 200 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(dir, "model.safetensors"))
	if err != nil || string(got) != string(h.files["model.safetensors"]) {
		t.Errorf("%d bytes of the weights, %v", len(got), err)
	}
}
