package main

import (
	"flag"
	"strings"
)

// notes say what the table of commands has no room for, with examples.
var notes = map[string]string{
	"run": `Prints what the script prints; -o writes saved values and pictures to files. After an error or
Ctrl-C the files of -o hold what was complete by then, and _failed says why.

  interp ioi.patch
  interp ioi.patch -model gpt2 -o out.json -o map.png
  interp sweep.patch -set layer=5 -in prompts=ioi.jsonl
  interp -c 'print n_layers'
`,
	"check": `Opens the model's configuration and tokenizer, never its weights, and reports every error at once.
It takes the options of run, and writes no files. -shapes prints what each line makes, with its
shape; -json writes the findings for tools: a list of {file, severity, code, line, col, end_line,
end_col, start, end, message, hint, note, other}, where there is nothing []. The status is 1 where there
is an error; warnings do not change it.

  interp check -shapes ioi.patch
`,
	"explain": `Plans the script's runs and computes only what the script has to know to go on: a value that decides
an if, a loop or an index. Dense is a forward pass for every prompt, planned what is left when equal
work is shared and unneeded work left out. It takes the options of run, and writes no files.

  interp explain ioi.patch -model gpt2
`,
	"fmt": `Prints the canonical layout; -w writes the files in place. Comments stay. - is the standard input.

  interp fmt -w scripts/*.patch
`,
	"test": `Runs archives (txtar: a script, its inputs and what it printed and saved) and compares. A directory
stands for the archives in it. -update rewrites what differs, -update=diff shows what it would change.
An archive of your own begins like this; -update fills the empty sections, of which each may be left out:

  What it is about. Headers: model: NAME, args: -set k=3, tol: 1e-4, exit: 1.
  model: ioi-mini
  -- script.patch --
  print n_layers
  -- stdout --
  -- stderr --
  -- saved.json --

  interp test golden
  interp test -update mine.txtar
`,
	"models": `Lists the models inside the program and in the cache of the Hugging Face hub (HF_HUB_CACHE, or hub
under HF_HOME, or under ~/.cache/huggingface). A folder with config.json and model.safetensors needs no
listing: -model ./folder.
`,
	"pull": `Fetches config.json, the tokenizer and the weights (safetensors) of a model into the cache that
Hugging Face's own libraries use. What is there already is not fetched again; what was cut off goes on
where it ended. HF_ENDPOINT chooses another hub, HF_TOKEN gives access to models that ask for it.

  interp pull gpt2
  interp pull EleutherAI/pythia-70m
`,
	"sites": `Lists the activations of a model under all their names, with their axes: the short name for site(name),
the hook name (TransformerLens), the module paths (Hugging Face, nnsight). In a script the layer stands
in the brackets: transformer.h[3].attn.c_proj.input.

  interp sites -model gpt2
`,
	"help": `Without a topic it lists commands, options and kinds of topics.

  interp help set
  interp help topk
  interp help E0301
`,
	"version": "Prints the release, or the commit that the program was built from.\n",
}

// command is the page of a command.
func (p *page) command(c command) {
	args := c.args
	if takesRunFlags[c.name] {
		args = strings.TrimSpace("[OPTIONS] " + args)
	}
	p.printf("interp %s\n\n%s\n\n%s", strings.TrimSpace(c.name+" "+args), upper(c.doc), notes[c.name])
	if takesRunFlags[c.name] {
		p.printf("\noptions\n")
		p.flags(newRunFlags(c.name).set)
	}
}

var takesRunFlags = map[string]bool{"run": true, "check": true, "explain": true}

// flags lists options.
func (p *page) flags(s *flag.FlagSet) {
	s.VisitAll(func(f *flag.Flag) {
		arg, usage, _ := strings.Cut(f.Usage, "\t")
		p.printf("  %-24s %s\n", strings.TrimSpace("-"+f.Name+" "+arg), usage)
	})
}

// session is the page of the session.
func (p *page) session() {
	p.printf(`A session reads entries and runs them: names, models and computed activations last from entry to
entry, and a bare expression is shown; _ is the one shown last. An entry goes on over several lines
while a bracket or a block is open. What fails leaves the names as they were. Ctrl-C cancels the
entry or what it computes, Ctrl-D ends. Tab completes names and sites, the arrow keys bring entries
back. Lines that begin with a colon are commands; the beginning of a name will do:

`)
	for _, c := range replCommands() {
		p.printf("  %-17s %s\n", strings.TrimSpace(":"+c.name+" "+c.args), c.doc)
	}
	p.printf(`
  > invoke "After John and Mary went to the store" { save last = logits[0, -1] }
  > top = topk(last, 3)
  > [decode([i]) for i in top.indices]

Topics of :help: a statement (invoke, set, save, ...), a function, an error's code, statements, functions.
`)
}

func upper(s string) string { return strings.ToUpper(s[:1]) + s[1:] + "." }
