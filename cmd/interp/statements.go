package main

// statement is a statement of the language, or what belongs to one, for help.
type statement struct{ name, form, doc, example string }

// statements are the topics of help that are no functions.
var statements = []statement{
	{"model", `model "NAME"`, "The script's model: a name or a folder. The option -model takes precedence. m = model(\"NAME\") binds another one, for trace(model=m).",
		"model \"ioi-mini\"\nprint n_layers > 0"},
	{"invoke", "invoke PROMPT [with EDIT, ...] { ... }", "Runs the model on a prompt: a string, a list of token ids, or a list of prompts of any lengths. The body describes one forward pass, in any order. Alone, an invoke is a trace of its own.",
		"invoke \"After John and Mary\" {\n    save last = logits[0, -1]\n}\nprint last.shape"},
	{"trace", "trace { invoke ... }", "Invokes that belong together: values of one may flow into another by name, and gradients through both. trace(model=m) runs another model.",
		"trace {\n    invoke \"John\" { h = transformer.h[0].output }\n    invoke \"Mary\" { set transformer.h[0].output = h; save l = logits[0, -1] }\n}\nprint l.shape"},
	{"generate", "generate(max_new_tokens=N) { invoke ... }", "Decodes N tokens; temperature=, top_k=, top_p=, seed=, stop= choose how. Outside iter a body speaks of the prompt. generated is the list of the new ids.",
		"generate(max_new_tokens=2) {\n    invoke \"After John\" { save out = generated }\n}\nprint len(out)"},
	{"iter", "iter [K in] A:B { ... }", "The body applies at those steps of generate: iter 1:3, iter 2, iter 1:, iter all, iter k in 0:4.",
		"generate(max_new_tokens=3) {\n    invoke \"After John\" {\n        iter k in 0:3 { save best[k] = argmax(logits[0, -1]) }\n    }\n}\nprint best.shape"},
	{"set", "set SITE[i, ...] = E", "The intervention: changes an activation, or a slice of one, in this invoke. Also += -= *= /=. What flows on is the value after all sets. interp sites lists the sites.",
		"invoke \"After John\" {\n    set transformer.h[0].attn.c_proj.input[0, -1, 0, :] = 0\n    save l = logits[0, -1]\n}\nprint l.shape"},
	{"save", "save NAME[i, ...] = E", "What outlives the invoke. With indices it fills an array, labelled by them. At the top level it marks a result, which -o writes.",
		"for layer in range(n_layers) {\n    invoke \"John\" { save norms[layer] = norm(transformer.h[layer].output) }\n}\nprint norms.shape"},
	{"edit", "edit NAME(PARAMS) { set ... }", "A set of interventions to reuse: invoke PROMPT with NAME(...) { ... }. Edits apply in the order written, before the body.",
		"edit ablate(l) { set transformer.h[l].mlp.output = 0 }\ninvoke \"John\" with ablate(0) { save l = logits[0, -1] }\nprint l.shape"},
	{"input", "input NAME [= DEFAULT]", "A value given by the command line: -set NAME=VALUE or -in NAME=FILE. The only way that data gets in.",
		"input layer = 0\nprint layer"},
	{"def", "def NAME(PARAMS) { ... return E }", "A function. It reads outer names and cannot change them. Called from an invoke it may read and set that invoke's sites. There is no recursion.",
		"def double(x, by=2) { return x * by }\nprint double(4)"},
	{"for", "for NAME in XS { ... }", "Over a list, an array's first axis, range(n), or the keys of a record. There is no while: every script ends.",
		"for i, x in enumerate([5, 6]) { print i, x }"},
	{"if", "if E { ... } else if E { ... } else { ... }", "On a value of an earlier run it computes that run first. In an invoke, where(c, a, b) chooses element by element. As an expression: a if c else b.",
		"x = 3\nif x > 2 { print \"large\" } else { print \"small\" }"},
	{"print", "print E, ...", "A line of output, in the order of the script. It forces no run: a print in a sweep leaves the sweep one plan.",
		"print \"width\", d_model > 0"},
	{"assert", "assert E [, MESSAGE]", "Stops the script where E is not true.", "assert 1 + 1 == 2, \"arithmetic\""},
	{"slices", "x[i, a:b:c, -1, :, head=9]", "By position, then by the names of axes; negative from the end; a list of integers picks entries; ... fills up. Slices of sites are read and set.",
		"invoke \"After John\" { save q = blocks[0].attn.hook_q[0, -1, head=1] }\nprint q.axes"},
	{"strings", `"plain", f"{x:.2f}", r"raw"`, "A plain string is literal: a prompt may hold braces. f\"...\" puts values in. Escapes: \\n \\t \\\" \\\\ \\u00e9 \\u{1F600}.",
		"x = 0.5\nprint f\"{x:.2f} of {n_heads > 0}\""},
	{numbers, "n_layers n_heads d_model d_head d_mlp d_vocab n_ctx bos eos", "Sizes and special tokens of the model in use; of another one m.n_layers. Constants: inf, nan, pi.",
		"print d_model == n_heads * d_head"},
}

// partOf is the topic that explains a word.
var partOf = map[string]string{
	"return": "def", "with": "edit", "else": "if", "generated": "generate", "all": "iter",
	"n_layers": numbers, "n_heads": numbers, "d_model": numbers, "d_head": numbers, "d_mlp": numbers, "d_vocab": numbers, "n_ctx": numbers,
	"bos": numbers, "eos": numbers, "inf": numbers, "nan": numbers, "pi": numbers,
}

const numbers = "numbers of the model"

// words are what begins or belongs to statements, for completion.
func words() []string {
	out := []string{"else", "in", "and", "or", "not", "with", "return", "True", "False", "None", "generated", "all"}
	for _, s := range statements {
		if s.name != "slices" && s.name != "strings" && s.name != numbers {
			out = append(out, s.name)
		}
	}
	return out
}
