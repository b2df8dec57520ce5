// Package models holds the models inside the binary, each a folder in
// Hugging Face's layout: config.json, model.safetensors, vocab.json and
// merges.txt.
//
// The command in models/train remakes the files; docs/models.md says what they
// were trained on and how well they do.
package models

import (
	"embed"
	"io/fs"
	"slices"
)

// Default is the model that a script runs on when none is named.
const Default = "ioi-mini"

//go:embed ioi-mini
var files embed.FS

// names lists the embedded folders in order.
var names = []string{"ioi-mini"}

// Names returns the names of the embedded models in order.
func Names() []string { return slices.Clone(names) }

// FS returns the folder of the embedded model with that name, and whether
// there is one.
func FS(name string) (fs.FS, bool) {
	if !slices.Contains(names, name) {
		return nil, false
	}
	dir, err := fs.Sub(files, name)
	return dir, err == nil
}
