package nnrt

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
)

// small is a configuration that is right; rows of the tests change one field.
const small = `"model_type": "gpt2", "n_layer": 2, "n_head": 4, "n_embd": 64, "vocab_size": 300, "n_positions": 64`

func TestConfigurationsThatAreWrongAreNamed(t *testing.T) {
	for _, row := range []struct{ name, text, want string }{
		{"no JSON", `{`, "config.json: not JSON"},
		{"another model", `{"model_type": "llama"}`, `model_type: got "llama", want "gpt2"`},
		{"another architecture", `{"architectures": ["BertModel"]}`, `model_type: got "BertModel"`},
		{"no model", `{}`, "model_type is missing"},
		{"no layers", `{"model_type": "gpt2"}`, "n_layer is missing"},
		{"negative layers", `{` + small + `, "n_layer": -2}`, "n_layer: got -2, want 1 to"},
		{"a fraction", `{` + small + `, "n_embd": 64.5}`, "n_embd: got number 64.5, want int64"},
		{"a string", `{` + small + `, "n_head": "4"}`, "n_head: got string, want int64"},
		{"heads that do not divide", `{` + small + `, "n_head": 5}`, "n_embd: got 64, want a multiple of n_head, which is 5"},
		{"a huge width", `{` + small + `, "n_embd": 9000000000}`, "n_embd: got 9000000000, want 1 to"},
		{"a huge vocabulary", `{` + small + `, "vocab_size": 1e18}`, "vocab_size"},
		{"huge all in all", `{` + small + `, "n_embd": 1048576, "n_layer": 4096}`, "parameters, want at most"},
		{"two contexts", `{` + small + `, "n_ctx": 32}`, "n_ctx: got 32, want 64 as in n_positions"},
		{"an inner width of zero", `{` + small + `, "n_inner": 0}`, "n_inner: got 0"},
		{"an unknown activation", `{` + small + `, "activation_function": "swish"}`, `activation_function: got "swish", want one of gelu_new`},
		{"an epsilon of one", `{` + small + `, "layer_norm_epsilon": 1}`, "layer_norm_epsilon: got 1"},
		{"a token out of the vocabulary", `{` + small + `, "eos_token_id": 300}`, "eos_token_id: got 300, want 0 to 299"},
		{"a token that is text", `{` + small + `, "bos_token_id": "x"}`, `bos_token_id: got "x"`},
		{"an encoder", `{` + small + `, "add_cross_attention": true}`, "add_cross_attention"},
		{"a file of spaces", strings.Repeat(" ", maxConfig+1), "more than 1048576 bytes"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := Open("m", fstest.MapFS{ConfigFile: {Data: []byte(row.text)}})
			if err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("got %v, want an error that says %q", err, row.want)
			}
		})
	}
}

func TestAConfigurationThatIsAPipeIsNotWaitedFor(t *testing.T) {
	_, err := Open("m", fstest.MapFS{ConfigFile: {Mode: fs.ModeNamedPipe}})
	if err == nil || !strings.Contains(err.Error(), "config.json: not a regular file") {
		t.Errorf("got %v, want an error", err)
	}
}

func TestConfigurationsAreRead(t *testing.T) {
	for _, row := range []struct {
		name, text string
		ok         func(c Config) bool
	}{
		{"defaults", small, func(c Config) bool {
			return c.Tied && c.Scale && !c.ByLayer && c.Dims.DMlp == 256 && c.Dims.DHead == 16 && c.Epsilon == 1e-5 && c.BOS == -1 && c.EOS == -1
		}},
		{"n_inner null", small + `, "n_inner": null`, func(c Config) bool { return c.Dims.DMlp == 256 }},
		{"n_inner", small + `, "n_inner": 100`, func(c Config) bool { return c.Dims.DMlp == 100 }},
		{"an untied head", small + `, "tie_word_embeddings": false`, func(c Config) bool { return !c.Tied }},
		{"scores by layer", small + `, "scale_attn_by_inverse_layer_idx": true`, func(c Config) bool { return c.ByLayer }},
		{"scores as they are", small + `, "scale_attn_weights": false`, func(c Config) bool { return c.scores == 1 }},
		{"a list of ends", small + `, "eos_token_id": [7, 8]`, func(c Config) bool { return c.EOS == 7 }},
		{"Hugging Face's own bos and eos with a small vocabulary are none", small + `, "bos_token_id": 50256, "eos_token_id": 50256`,
			func(c Config) bool { return c.BOS == -1 && c.EOS == -1 }},
		{"bos and eos that are left out are Hugging Face's", strings.Replace(small, "300", "50257", 1),
			func(c Config) bool { return c.BOS == 50256 && c.EOS == 50256 }},
		{"no bos", strings.Replace(small, "300", "50257", 1) + `, "bos_token_id": null`, func(c Config) bool { return c.BOS == -1 && c.EOS == 50256 }},
		{"token 0", small + `, "bos_token_id": 0`, func(c Config) bool { return c.BOS == 0 }},
		{"relu", small + `, "activation_function": "relu"`, func(c Config) bool { return c.Activation == "relu" }},
	} {
		t.Run(row.name, func(t *testing.T) {
			c, err := parseConfig([]byte("{" + row.text + "}"))
			if err != nil || !row.ok(c) {
				t.Errorf("got %+v, %v", c, err)
			}
		})
	}
}

func TestModelTypeMayBeLeftToTheArchitecture(t *testing.T) {
	text := strings.Replace(small, `"model_type": "gpt2"`, `"architectures": ["GPT2LMHeadModel"]`, 1)
	if _, err := parseConfig([]byte("{" + text + "}")); err != nil {
		t.Error(err)
	}
}

func FuzzConfig(f *testing.F) {
	f.Add([]byte("{" + small + "}"))
	f.Add([]byte(`{"model_type": "gpt2", "n_layer": 1e9, "eos_token_id": []}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := Open("m", fstest.MapFS{ConfigFile: {Data: text}})
		if err == nil && (m.arch.Dims.DModel%m.arch.Dims.Heads != 0 || m.Summary() == "") {
			t.Errorf("%s was taken", text)
		}
	})
}
