package main

import (
	"strings"
	"testing"

	"interp/internal/diag"
	"interp/stdlib"
)

func TestHelp(t *testing.T) {
	rows := []struct {
		args   string
		status int
		want   string
	}{
		{"help", 0, "-max-steps N"}, {"-h", 0, "commands"}, {"--help", 0, "Exit status"}, {"help --help", 0, "interp help [TOPIC]"},
		{"help check", 0, "interp check [OPTIONS]"}, {"check -h", 0, "-json"}, {"nosuch.patch -h", 0, "interp run"}, {"run --help", 0, "-set NAME=VALUE"},
		{"fmt -h", 0, "-w"}, {"models -h", 0, "models"}, {"sites -h", 0, "sites"}, {"pull -h", 0, "HF_ENDPOINT"}, {"test -h", 0, "-update"}, {"version -h", 0, "version"},
		{"help topk", 0, "topk(x, k, axis=None)"}, {"help Along an axis", 0, "softmax"}, {"help set", 0, "set SITE"}, {"help functions", 0, "einsum"},
		{"help statements", 0, "invoke"}, {"help errors", 0, "E0101"}, {"help -seed", 0, "-seed N"}, {"help session", 0, ":explain"},
		{"help n_layers", 0, "Constants"}, {"help generated", 0, "Decodes"}, {"help hook_z", 0, "z: an activation"}, {"help attn", 0, "hook_pattern"}, {"help all", 0, "iter"},
		{"help z", 0, "blocks[layer].attn.hook_z"}, {"help transformer.h[3].output", 0, "resid_post"}, {"help logits", 0, "d_vocab"},
		{"help e0101", 0, "E0101"}, {"help E9999", 2, "no help on E9999"}, {"help invok", 2, "did you mean invoke?"}, {"help matmull", 2, "did you mean matmul?"},
	}
	for _, r := range rows {
		t.Run(r.args, func(t *testing.T) {
			got := call(t, "", strings.Fields(r.args)...)
			text := got.out
			if r.status != 0 {
				text = got.err
			}
			if got.status != r.status || !strings.Contains(text, r.want) {
				t.Errorf("status %d, want %d with %q in\n%s%s", got.status, r.status, r.want, got.out, got.err)
			}
		})
	}
}

func TestHelpOnEverything(t *testing.T) {
	var names []string
	for _, r := range stdlib.Rows() {
		names = append(names, r.Name)
	}
	for _, c := range commands() {
		if notes[c.name] == "" {
			t.Errorf("no notes on %s", c.name)
		}
		names = append(names, c.name)
	}
	for _, c := range diag.Codes {
		names = append(names, c.ID)
	}
	for _, n := range names {
		got := call(t, "", "help", n)
		if got.status != 0 || !strings.Contains(got.out, n) {
			t.Errorf("help %s: status %d, %q", n, got.status, got.out)
		}
		for _, l := range strings.Split(got.out, "\n") {
			if len([]rune(l)) > 120 && diag.Title(n) == "" { // pages quote messages
				t.Errorf("help %s: a line of %d characters: %s", n, len([]rune(l)), l)
			}
		}
	}
}

func TestExamplesOfStatements(t *testing.T) {
	for _, s := range statements {
		if got := call(t, "", "-model", model, "-c", s.example); got.status != 0 || got.err != "" {
			t.Errorf("%s: status %d, %s", s.name, got.status, got.err)
		}
		if got := call(t, "", "help", s.name); got.status != 0 || !strings.Contains(got.out, s.form) {
			t.Errorf("help %s: status %d\n%s", s.name, got.status, got.out)
		}
	}
}
