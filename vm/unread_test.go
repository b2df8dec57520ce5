package vm

import (
	"strings"
	"testing"
)

func TestSetsThatReachNothingAreWarnedOf(t *testing.T) {
	tests := []struct {
		name, body string
		lines      []string // that are warned of
	}{
		{"read below", "set transformer.h[1].input[0, 0, :] = 0\nsave y = logits", nil},
		{"read above", "save y = transformer.h[0].output\nset transformer.h[1].output = 0", []string{"set transformer.h[1].output"}},
		{"a read of the site before its set", "save y = transformer.h[1].input\nset transformer.h[1].input = 0", []string{"set transformer.h[1].input"}},
		{"a read of the site after its set", "set transformer.h[1].input = 0\nsave y = transformer.h[1].input", nil},
		{"a position beyond the read", "set transformer.h[0].input[0, 1, :] = 0\nsave y = logits[0, 0]", []string{"set transformer.h[0].input"}},
		{"a position before the read", "set transformer.h[0].input[0, 0, :] = 0\nsave y = logits[0, 1]", nil},
		{"an empty slice", "set transformer.h[0].input[0, 2:1, :] = 0\nsave y = logits", []string{"set transformer.h[0].input"}},
		{"an empty list of heads", "set blocks[0].attn.hook_z[:, :, 3:2, :] = 0\nsave y = logits", []string{"set blocks[0].attn.hook_z"}},
		{"through another set", "a = transformer.h[0].output[0, 0]\nset transformer.h[0].output[0, 0, :] = 0\nb = transformer.h[0].output[0, 0]\nset transformer.h[1].output[0, 1, :] = a + b\nsave y = logits", nil},
		{"one firing of many is enough", "for l in range(n_layers) { set blocks[l].attn.hook_z[:, :, 0, :] = 0 }\nsave y = transformer.h[1].input", nil},
		{"written over whole", "set transformer.h[1].input[0, 0, :64] = 1\nset transformer.h[1].input = 0\nsave y = logits", []string{"set transformer.h[1].input[0, 0, :64]"}},
		{"written over in the same part", "set blocks[0].attn.hook_z[head=1] = 1\nset blocks[0].attn.hook_z[head=1] = 0\nsave y = logits", []string{"set blocks[0].attn.hook_z[head=1]"}},
		{"written over in another part", "set blocks[0].attn.hook_z[head=1] = 1\nset blocks[0].attn.hook_z[head=2] = 0\nsave y = logits", nil},
		{"written over by what it gave", "set transformer.h[1].input = 1\nset transformer.h[1].input *= 2\nsave y = logits", nil},
		{"read before it is written over", "set transformer.h[1].input = 1\nsave y = transformer.h[1].input\nset transformer.h[1].input = 0\nsave z = logits\nprint z", nil},
		{"a head's result", "set blocks[0].attn.hook_result[0, 0, 1, :] = 0\nsave y = logits", nil},
	}
	model := openModel(t, "ioi-proto")
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			src := "invoke \"After John and\" {\n" + tt.body + "\n}\nprint y"
			p, errs := compile(src)
			if p == nil {
				t.Fatal(errorsOf(errs))
			}
			r := New(Options{Model: model}).Check(t.Context(), p)
			var got []string
			for _, d := range r.Findings {
				if d.Code == "W0304" {
					line := src[strings.LastIndexAny(src[:d.Start], "\n{")+1 : d.End]
					got = append(got, line)
				} else {
					t.Errorf("%s %s", d.Code, d.Msg)
				}
			}
			if len(got) != len(tt.lines) || len(got) > 0 && !strings.HasPrefix(got[0], tt.lines[0]) {
				t.Errorf("warned of %q, want %q", got, tt.lines)
			}
		})
	}
}
