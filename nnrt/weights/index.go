package weights

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
)

// openSharded opens every shard the index names.
func openSharded(fsys fs.FS) (*Set, error) {
	where, err := readIndex(fsys)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", IndexFile, err)
	}
	s := &Set{where: IndexFile, tensors: make(map[string]located, len(where))}
	if err := s.addShards(fsys, where); err != nil {
		s.Close()
		return nil, err
	}
	return s.finish(), nil
}

// addShards opens the files in order of their names, so that the first thing wrong is always the same.
func (s *Set) addShards(fsys fs.FS, where map[string]string) error {
	names := make([]string, 0, len(where))
	for name := range where {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		if c := strings.Compare(where[a], where[b]); c != 0 {
			return c
		}
		return strings.Compare(a, b)
	})
	var sh *shard
	for _, name := range names {
		if file := where[name]; sh == nil || sh.name != file {
			var err error
			if sh, err = openShard(fsys, file); err != nil {
				return fmt.Errorf("%s: tensor %q: %w", IndexFile, name, err)
			}
			s.shards = append(s.shards, sh)
		}
		e, ok := sh.header.tensors[name]
		if !ok {
			return fmt.Errorf("%s: tensor %q is not in %s", IndexFile, name, sh.name)
		}
		s.tensors[name] = located{e, sh}
	}
	return nil
}

// readIndex reads the map from tensors to files.
func readIndex(fsys fs.FS) (map[string]string, error) {
	info, err := fs.Stat(fsys, IndexFile)
	if err != nil {
		return nil, cause(IndexFile, err)
	}
	if !info.Mode().IsRegular() { // a pipe would wait for ever
		return nil, errors.New("not a regular file")
	}
	f, err := fsys.Open(IndexFile)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxHeader+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxHeader {
		return nil, fmt.Errorf("more than %d bytes", maxHeader)
	}
	return parseIndex(text)
}

func parseIndex(text []byte) (map[string]string, error) {
	var outer struct {
		Map json.RawMessage `json:"weight_map"`
	}
	if err := json.Unmarshal(text, &outer); err != nil {
		return nil, fmt.Errorf("not JSON: %w", err)
	}
	if outer.Map == nil {
		return nil, errors.New("there is no weight_map")
	}
	where := map[string]string{}
	err := eachField(outer.Map, func(name string, dec *json.Decoder) error {
		var file string
		if err := dec.Decode(&file); err != nil {
			return fmt.Errorf("tensor %q: %w", name, err)
		}
		// A shard lies beside its index: a path could point anywhere.
		if !fs.ValidPath(file) || file == "." || strings.ContainsAny(file, `/\`) {
			return fmt.Errorf("tensor %q: %q is not the name of a file in this folder", name, file)
		}
		where[name] = file
		return nil
	})
	if err == nil && len(where) == 0 {
		err = errors.New("weight_map is empty")
	}
	return where, err
}
