package compiler

import "math"

// modelVals are numbers of the model in use.
var modelVals = map[string]bool{
	"n_layers": true, "n_heads": true, "d_model": true, "d_head": true, "d_mlp": true,
	"d_vocab": true, "n_ctx": true, "bos": true, "eos": true,
}

// constants are numbers that no model changes.
var constants = map[string]any{"inf": math.Inf(1), "nan": math.NaN(), "pi": math.Pi}

// habits are names that users of Python and its libraries write, with what to write here.
var habits = map[string]string{
	"np": "the functions of the library have no prefix: mean(x)", "numpy": "the functions of the library have no prefix: mean(x)",
	"torch": "the functions of the library have no prefix: softmax(x)", "F": "the functions of the library have no prefix: softmax(x)",
	"math": "the functions of the library have no prefix: sqrt(x)", "tracer": "write  trace { invoke p { ... } }",
	"model": "sites need no prefix: transformer.h[0].output; another model is  m = model(\"name\")",
	"true":  "write True", "false": "write False", "null": "write None", "none": "write None",
	"dict": "a record: {a: 1}", "list": "a list: [e for x in xs]", "tuple": "a list: [a, b]", "set": "set stands before a site: set SITE = e",
	"open": "data comes in by  input name", "map": "write [f(x) for x in xs]", "filter": "write [x for x in xs if c]",
	"e": "write exp(1)", "tensor": "a list is an array where one is wanted", "array": "a list is an array where one is wanted",
	"to_tokens": "tokens(s)", "to_single_token": "token(s)", "to_str_tokens": "token_labels(s)", "to_string": "decode(ids)", "tokenizer": "tokens(s), token(s), decode(ids)",
	"cache": "activations are read by name: blocks[3].hook_resid_post", "rearrange": "transpose(x, a, b), reshape(x, [...])", "einops": "transpose(x, a, b), reshape(x, [...])",
	"argsort_desc": "topk(x, k)", "cat": "concat(xs, axis)", "concatenate": "concat(xs, axis)", "swapaxes": "transpose(x, a, b)",
	"zeros_like": "zeros(x.shape)", "ones_like": "ones(x.shape)", "full_like": "full(x.shape, v)", "percentile": "quantile(x, q)", "eig": "eigvals(x)",
	"square": "x ** 2", "bmm": "a @ b", "allclose": "all(abs(a - b) < 1e-5)", "isclose": "abs(a - b) < 1e-5", "nnsight": "sites need no prefix: transformer.h[0].output",
	"isinstance": "type(x) == \"int\"", "cfg": "n_layers, n_heads, d_model and the like are names of their own",
	"get_act_name": "site(\"q\", 3)", "utils": "the functions of the library have no prefix: token_labels(s)", "patching": "loop over layers and positions: set site(\"z\", layer)[:, pos] = clean_z[layer][:, pos]",
	"config": "n_layers, n_heads, d_model and the like are names of their own", "run_with_cache": "invoke prompt { save z = blocks[3].attn.hook_z }",
	"run_with_hooks": "invoke prompt { set blocks[3].attn.hook_z = 0 }", "hooks": "invoke prompt { set blocks[3].attn.hook_z = 0 }",
}

// siteHabits are paths of the module tree that hold no activation, with what to write instead.
var siteHabits = map[string]string{
	"transformer.input": "it holds token ids: tokens(prompt)", "transformer.wte.input": "it holds token ids: tokens(prompt)",
	"transformer.wpe.input": "it holds positions: range(len(tokens(prompt)))",
}

// argHabits are names of arguments that other libraries have.
var argHabits = map[string]string{"dim": "axis", "axes": "axis", "keepdim": "", "keepdims": "", "descending": "reverse"}

// methodHabits are methods that have no meaning here, with the reason.
var methodHabits = map[string]string{
	"append": "a list does not change: xs = xs + [x]", "extend": "a list does not change: xs = xs + ys",
	"clone": "values never change: there is nothing to clone", "cpu": "values live in one place: leave it out",
	"cuda": "values live in one place: leave it out", "numpy": "an array needs no conversion", "item": "an array of one element works as a number",
	"save": "write  save name = ...", "value": "a saved name is the value itself", "tolist": "an array needs no conversion",
	"items": "for k in r gives the keys: r[k]", "keys": "for k in r gives the keys", "values": "[r[k] for k in r]", "get": "r[name] if name in r else None", "view": "reshape(x, [...])",
	"size": "x.shape", "unsqueeze": "expand(x, name, at=0)", "permute": "transpose(x, [a, b, c])", "ravel": "reshape(x, -1)",
	"ndim": "len(x.shape)", "astype": "int64 and bool meet float32 by themselves", "T": "transpose(x, 0, 1)",
	"backward": "grad(metric, SITE)", "grad": "grad(metric, SITE)", "cat": "concat(xs, axis)", "long": "int(x)", "dim": "len(x.shape)",
	"flatten": "reshape(x, -1)", "shape": "the length of a list is len(xs)", "to": "values live in one place: leave it out",
}
