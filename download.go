package interp

import (
	"cmp"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"time"
)

// hexHash is an ETag that is a hash of the content: git's SHA-1 of small files, SHA-256 of large ones.
// plainName is what may be the name of a file in the cache.
var (
	hexHash   = regexp.MustCompile(`^([0-9a-f]{40}|[0-9a-f]{64})$`)
	plainName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)
)

// blob fetches a file of the repository to the cache's blobs, under the name of its hash, and gives its
// path. It is whole or not there; what a broken connection or Ctrl-C leaves is kept beside it and
// completed by the next call.
func (p *puller) blob(name string) (path string, err error) {
	dir := filepath.Join(p.root, "blobs")
	most := int64(0)
	for tries := 0; ; {
		a, err := p.hub.get(p.ctx, p.name, name, 0)
		if err != nil {
			return "", err
		}
		if err := p.same(a); err != nil {
			a.Body.Close()
			return "", err
		}
		path := filepath.Join(dir, p.commit+"-"+name) // of a plain file server, which tells no hash
		if plainName.MatchString(a.etag) {
			path = filepath.Join(dir, a.etag)
		}
		if st, err := os.Stat(path); err == nil && hexHash.MatchString(a.etag) && (a.size < 0 || st.Size() == a.size) {
			a.Body.Close()
			return path, nil
		}
		if err := os.MkdirAll(dir, 0o755); err != nil {
			a.Body.Close()
			return "", err
		}
		have, err := p.download(a, name, path)
		if err == nil {
			return path, nil
		}
		if tries++; p.ctx.Err() != nil || !errors.Is(err, errCut) || have <= most && tries > 3 {
			return "", cmp.Or(p.ctx.Err(), err)
		}
		if have > most { // it is worth trying as long as more comes than ever before
			most, tries = have, 0
		}
	}
}

// same requires all files to be of one commit.
func (p *puller) same(a *answer) error {
	commit := cmp.Or(a.commit, "main")
	if !plainName.MatchString(commit) {
		return fmt.Errorf("the hub %s gives the commit %q, want a hash", p.hub.endpoint, commit)
	}
	if p.commit != "" && p.commit != commit {
		return fmt.Errorf("%s changed on the hub while it was fetched: try again", p.name)
	}
	p.commit = commit
	return nil
}

// errCut says that a connection ended early, or that nothing came any more.
var errCut = errors.New("the connection ended before the file did")

// download completes the part of a file that is there, checks it and gives it its name. have is how
// many bytes are there, also after an error.
func (p *puller) download(a *answer, name, path string) (have int64, err error) {
	defer func() { a.Body.Close() }()
	part, err := os.OpenFile(path+".incomplete", os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return 0, err
	}
	defer part.Close()
	sum := hashOf(a)
	if have, err = io.Copy(sum, part); err != nil {
		return 0, err
	}
	if have > 0 && a.size >= 0 && a.etag != "" {
		rest, err := p.hub.get(p.ctx, p.name, name, have)
		switch {
		case err == nil && rest.from == have && rest.etag == a.etag:
			a.Body.Close()
			a.Response = rest.Response
		case err == nil:
			rest.Body.Close()
			have = 0
		case have == a.size && errors.Is(err, errRange):
			a.Body.Close()
			a.Body = io.NopCloser(eof{})
		case errors.Is(err, errRange):
			have = 0
		default:
			return have, err
		}
	} else {
		have = 0
	}
	if have == 0 {
		sum = hashOf(a)
	}
	if _, err := part.Seek(have, io.SeekStart); err != nil {
		return 0, err
	}
	if err := part.Truncate(have); err != nil {
		return 0, err
	}
	stalled := time.AfterFunc(p.hub.patience, func() { a.Body.Close() })
	defer stalled.Stop()
	w := &counted{p: p, name: name, done: have, total: a.size, came: func() { stalled.Reset(p.hub.patience) }}
	n, err := io.Copy(io.MultiWriter(part, sum, w), a.Body)
	have += n
	var disk *os.PathError
	switch {
	case p.ctx.Err() != nil:
		return have, p.ctx.Err()
	case errors.As(err, &disk):
		return have, disk
	case err != nil || a.size >= 0 && have < a.size:
		return have, fmt.Errorf("%s of %s: %w, at byte %d of %d; pull again to go on there", name, p.name, errCut, have, a.size)
	}
	if err := part.Close(); err != nil {
		return have, err
	}
	if err := p.verify(a, name, have, sum); err != nil {
		return 0, errors.Join(err, os.Remove(part.Name()))
	}
	return have, os.Rename(part.Name(), path)
}

// verify compares size and hash with what the hub told.
func (p *puller) verify(a *answer, name string, size int64, sum hash.Hash) error {
	if a.size >= 0 && size != a.size {
		return fmt.Errorf("%s of %s: got %d bytes, the hub says %d", name, p.name, size, a.size)
	}
	if got := hex.EncodeToString(sum.Sum(nil)); hexHash.MatchString(a.etag) && got != a.etag && (len(a.etag) == 64 || a.size >= 0) {
		return fmt.Errorf("%s of %s: the bytes that came have the hash %s, the hub says %s: pull again", name, p.name, got, a.etag)
	}
	return nil
}

// hashOf is the hash that an answer's ETag is of.
func hashOf(a *answer) hash.Hash {
	if len(a.etag) == 40 {
		h := sha1.New()
		fmt.Fprintf(h, "blob %d\x00", a.size)
		return h
	}
	return sha256.New()
}

// eof is a body without bytes.
type eof struct{}

func (eof) Read([]byte) (int, error) { return 0, io.EOF }

// counted reports progress.
type counted struct {
	p           *puller
	name        string
	done, total int64
	came        func() // called as bytes come
}

// Write counts bytes.
func (c *counted) Write(b []byte) (int, error) {
	c.done += int64(len(b))
	c.came()
	if c.p.progress != nil {
		c.p.progress(c.name, c.done, c.total)
	}
	return len(b), nil
}
