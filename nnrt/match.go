package nnrt

import (
	"fmt"
	"slices"
	"strings"

	"interp/nnrt/arch"
)

// prefix is what most checkpoints put before every name but the unembedding's.
const prefix = "transformer."

// match finds the tensor of each weight of the architecture, by name with or without the prefix, and
// checks its shape. Masks that older checkpoints hold are no weights; other tensors are reported.
func match(a *arch.Arch, tied bool, src source) (names map[string]string, warnings []string, err error) {
	names = map[string]string{}
	for _, file := range src.Names() {
		short := strings.TrimPrefix(file, prefix)
		w := weightOf(a, short)
		switch {
		case w == nil && isMask(short):
		case w == nil:
			warnings = append(warnings, fmt.Sprintf("tensor %q is not part of %s: ignored", file, a.Name))
		case names[short] != "":
			return nil, nil, fmt.Errorf("%s: tensors %q and %q are the same weight", src.Where(), names[short], file)
		default:
			if info, _ := src.Info(file); !slices.Equal(info.Shape, w.Shape) {
				return nil, nil, fmt.Errorf("%s: tensor %q: got shape %v, want %v", info.File, file, info.Shape, w.Shape)
			} else if !info.DType.Readable() {
				return nil, nil, fmt.Errorf("%s: tensor %q: got dtype %s, want F32, F16 or BF16", info.File, file, info.DType)
			}
			names[short] = file
		}
	}
	if err := complete(a, tied, names); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", src.Where(), err)
	}
	return names, warnings, nil
}

// complete names the first weight that is missing. One that is tied is the other, whatever the
// checkpoint holds under its own name.
func complete(a *arch.Arch, tied bool, names map[string]string) error {
	for i := range a.Weights {
		w := &a.Weights[i]
		for l := range a.Dims.Layers {
			name := strings.Replace(w.Name, "[]", fmt.Sprint(l), 1)
			if tied && w.Tied != "" {
				names[name] = names[w.Tied]
			}
			if names[name] == "" {
				if w.Tied == "" {
					name = prefix + name
				}
				return fmt.Errorf("tensor %q is missing, want shape %v", name, w.Shape)
			}
			if !w.Layers {
				break
			}
		}
	}
	return nil
}

func weightOf(a *arch.Arch, short string) *arch.Weight {
	for i := range a.Weights {
		if w := &a.Weights[i]; w.Matches(short, a.Dims.Layers) {
			return w
		}
	}
	return nil
}

func isMask(short string) bool {
	return strings.HasSuffix(short, ".attn.bias") || strings.HasSuffix(short, ".attn.masked_bias")
}
