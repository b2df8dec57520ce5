package behave

import (
	"strings"
	"testing"
)

// TestFound has the scripts that random ones were shrunk to, when plans differed or a right script was
// refused: all are right, and every way to run them gives the same bits.
func TestFound(t *testing.T) {
	for _, c := range []struct{ name, src string }{
		{"tokens of a list of one prompt", `
			generate(max_new_tokens=1) { invoke [[0, 0, 0]] { save ids = generated } }`},
		{"queries and keys change places", `
			invoke [0, 1, 2] {
				x = blocks[0].attn.hook_q
				set blocks[0].attn.hook_q = blocks[0].attn.hook_k
				set blocks[0].attn.hook_k = x
				save a = logits
			}`},
		{"a part of c_attn changes by what stands, in prompts of two lengths", `
			invoke [[0, 1, 2], [0]] {
				set transformer.h[0].attn.c_attn.output[:, :, :, 1, :] -= 0.5
				save a = logits
			}`},
		{"a row of a ragged change depends on itself alone", `
			invoke [[0, 1, 2, 0], [0, 1]] {
				set blocks[0].attn.hook_v[0, 1] = blocks[1].attn.hook_v[0, 0]
				set transformer.h[0].output += 1
				set transformer.h[0].attn.c_attn.output[:, :, [0, 1]] += 1
				save a = logits
			}`},
		{"a head's result set at all positions, beside a set from an earlier one", `
			invoke [0, 1, 2, 0] {
				set blocks[0].attn.hook_result[0, :, :] = 0.5
				set hook_pos_embed[:, 1, 11] -= blocks[1].attn.hook_v[0:1, 0, 0, 9]
				save a = logits
			}`},
		{"a ragged value that is a product", `
			invoke [[0, 1, 2, 0], [1]] {
				set blocks[0].ln1.hook_normalized[:, :, :18] -= blocks[0].ln1.hook_normalized[d_model=25:43] @ randn(18, 18)
				save a = logits
			}`},
		{"an index of what is computed in a chain, each link twice of the one before", `
			invoke [0, 1, 2] { save v = transformer.h[0].output[0] }
			x = v
			for i in range(60) { x = x * x * 0.1 + x * 0.5 }
			save a = x[1, 3]`},
		{"a chain of such links is set", `
			invoke [[0, 1, 2], [2, 1]] {
				x = transformer.h[0].output
				y = transformer.h[1].output[:, 0]
				for i in range(60) { x = x * x * 0.1 + x * 0.5; y = sqrt(abs(y)) + y * 0.1 }
				set transformer.h[2].mlp.output[:, 1] = x[:, 1]
				set transformer.h[0].output[:, -1] = y
				save a = logits
			}`},
		{"a chain of such links in a step of generation", `
			generate(max_new_tokens=3) {
				invoke [0, 1, 2] {
					iter 1 {
						x = transformer.h[1].output
						for i in range(60) { x = sqrt(abs(x)) + x * 0.1 }
						set transformer.h[2].output = x
						save a = logits[0, -1]
					}
				}
			}`},
		{"a vector that each step of a descent reads twice", `
			invoke [0, 1, 2] { save h = transformer.h[1].output[0] }
			w = zeros(d_model)
			for i in range(40) { w = w - 0.1 * (transpose(h) @ (sigmoid(h @ w) - 0.5)) }
			invoke [0, 1, 2] { set transformer.h[1].output[:, -1] += w; save a = logits[0, -1] }`},
		{"logits set to what depends on all of them", `
			invoke [[0, 0, 0]] {
				set logits[:, :, 1] = sum(logits[:, :, 1])
				save a = logits
			}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			for range 3 {
				ref, err := disagree(t, "models/nano-sort", script{[]string{strings.ReplaceAll(c.src, "\t", "") + "\n"}})
				if err == nil {
					err = ref.err
				}
				if err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}
