package interp

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

// hub speaks the hub's protocol: a file of a repository is at NAME/resolve/REVISION/FILE. Answers tell
// the commit that the revision is at, and the file's hash; of large files the redirect to another host
// tells hash and size.
type hub struct {
	endpoint, token string
	client          *http.Client
	patience        time.Duration // that nothing may come for, after which a connection counts as cut
}

const defaultHub = "https://huggingface.co"

func newHub(o PullOptions) *hub {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.ResponseHeaderTimeout = cmp.Or(o.patience, time.Minute)
	return &hub{endpoint: strings.TrimRight(cmp.Or(o.Endpoint, os.Getenv("HF_ENDPOINT"), defaultHub), "/"),
		token: cmp.Or(o.Token, os.Getenv("HF_TOKEN")), client: &http.Client{Transport: t}, patience: t.ResponseHeaderTimeout}
}

// answer is a file on its way.
type answer struct {
	*http.Response
	commit string
	etag   string // the hash of the content: sha256 of large files, git's of small ones
	size   int64  // of the whole file; -1: not told
	from   int64  // where the body begins in it
}

// get asks for a file of a repository's main revision, from a byte on.
func (h *hub) get(ctx context.Context, repo, file string, from int64) (*answer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, h.endpoint+"/"+repo+"/resolve/main/"+file, nil)
	if err != nil {
		return nil, fmt.Errorf("the hub %s: %w", h.endpoint, err)
	}
	req.Header.Set("User-Agent", "interp/"+Version())
	req.Header.Set("Accept-Encoding", "identity") // sizes and ranges are of the file itself
	if h.token != "" {
		req.Header.Set("Authorization", "Bearer "+h.token)
	}
	if from > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", from))
	}
	resp, err := h.client.Do(req)
	if err != nil {
		return nil, h.unreachable(ctx, err)
	}
	a := &answer{Response: resp, size: -1}
	if err := h.refused(a, repo, file); err != nil {
		resp.Body.Close()
		return nil, err
	}
	a.read()
	return a, nil
}

// unreachable words a failure of the network.
func (h *hub) unreachable(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	return fmt.Errorf("the hub %s cannot be reached: %w (HF_ENDPOINT names another)", h.endpoint, err)
}

// refused words a status that brings no file.
func (h *hub) refused(a *answer, repo, file string) error {
	switch code := a.StatusCode; {
	case code == http.StatusOK, code == http.StatusPartialContent:
		return nil
	case code == http.StatusRequestedRangeNotSatisfiable:
		return errRange
	case code == http.StatusUnauthorized, code == http.StatusForbidden:
		hint := "or needs an account: set HF_TOKEN to its access token"
		if h.token != "" {
			hint = "or HF_TOKEN has no access: its terms may have to be accepted on " + h.endpoint + "/" + repo
		}
		return fmt.Errorf("the hub %s refuses %s (%s): there is no such model, %s", h.endpoint, repo, a.Status, hint)
	case code == http.StatusNotFound:
		return &notFound{hub: h.endpoint, repo: repo, file: file}
	}
	return fmt.Errorf("the hub %s answers %s for %s of %s", h.endpoint, a.Status, file, repo)
}

// errRange says that there is nothing from that byte on.
var errRange = errors.New("nothing is left of the file")

// notFound is a file, or a whole repository, that the hub does not have.
type notFound struct{ hub, repo, file string }

func (e *notFound) Error() string {
	return fmt.Sprintf("the hub %s has no %s of a model %s: names are as on its pages, gpt2 or EleutherAI/pythia-70m", e.hub, e.file, e.repo)
}

// Is makes it a missing file.
func (e *notFound) Is(target error) bool { return target == os.ErrNotExist }

// read takes what the headers tell, those of redirects before those of the last answer.
func (a *answer) read() {
	var chain []*http.Response
	for r := a.Response; r != nil; r = r.Request.Response {
		chain = append([]*http.Response{r}, chain...)
	}
	for _, r := range chain {
		a.commit = cmp.Or(a.commit, r.Header.Get("X-Repo-Commit"))
		a.etag = cmp.Or(a.etag, bare(r.Header.Get("X-Linked-Etag")))
		if n, err := strconv.ParseInt(r.Header.Get("X-Linked-Size"), 10, 64); err == nil && a.size < 0 {
			a.size = n
		}
	}
	a.etag = cmp.Or(a.etag, bare(a.Header.Get("ETag")))
	if a.StatusCode == http.StatusPartialContent {
		var last, total int64
		if n, _ := fmt.Sscanf(a.Header.Get("Content-Range"), "bytes %d-%d/%d", &a.from, &last, &total); n == 3 && a.size < 0 {
			a.size = total
		}
	} else if a.size < 0 {
		a.size = a.ContentLength
	}
}

// bare is an ETag without quotes and the mark of weak ones.
func bare(etag string) string { return strings.Trim(strings.TrimPrefix(etag, "W/"), `"`) }
