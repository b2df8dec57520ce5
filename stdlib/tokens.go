package stdlib

import (
	"fmt"

	"interp/ir"
	"interp/nnrt/tensor"
	"interp/nnrt/token"
)

// tokenRows turn text into ids and back with the tokenizer of the model in use.
var tokenRows = []*ir.OpRow{
	{Name: "tokens", Doc: "The token ids of a text, as a list. No token is ever prepended.", NoGrad: noNumbers,
		Params: []ir.Param{par("s", "a string; ids are given back as they are")}, Example: "print len(tokens(\"After John\"))\n# 2", Infer: forced, Eval: evalTokens},
	{Name: "token", Doc: "The id of a text that is one token; else an error that names the pieces.", NoGrad: noNumbers,
		Params: []ir.Param{par("s", "a string")}, Example: "print decode([token(\" John\")]) == \" John\"\n# True", Infer: forced, Eval: evalToken},
	{Name: "decode", Doc: "The text of token ids: of one id, or of a list.", NoGrad: noNumbers,
		Params: []ir.Param{par("ids", "an id or a list of ids")}, Example: "print decode(tokens(\"After John\"))\n# After John", Infer: lazyKind(ir.KString), Eval: evalDecode},
	{Name: "token_labels", Doc: "The text of each token of a prompt with its index behind it, for the axis of a picture.", NoGrad: noNumbers,
		Params: []ir.Param{par("prompt", "a string or ids")}, Example: "print token_labels(\"After John\")\n# [\"After_0\", \" John_1\"]", Infer: forced, Eval: evalLabels},
	{Name: "find", Doc: "The position of a text in a prompt's tokens: of its first token; nth counts occurrences, -1 is the last. An error if it is not there.", NoGrad: noNumbers,
		Params: []ir.Param{par("prompt", "a string or ids"), par("text", "a part of it"), opt("nth", int64(-1), "which occurrence")}, Example: "print find(\"After John and Mary went\", \" Mary\")\n# 3", Infer: forced, Eval: evalFind},
	{Name: "span", Doc: "Where a text stands in a prompt's tokens, as {start, stop}; its last occurrence. An error if it is not there.", NoGrad: noNumbers,
		Params: []ir.Param{par("prompt", "a string or ids"), par("text", "a part of it"), opt("nth", int64(-1), "which occurrence")}, Example: "print span(\"After John and Mary went\", \" and Mary\")\n# {start: 2, stop: 4}", Infer: forced, Eval: evalSpan},
}

// tokenizer is that of the model in use.
func tokenizer(c *ir.Call) (*token.Tokenizer, error) {
	m, ok := c.Env.Model.(interface{ Tokenizer() *token.Tokenizer })
	if !ok {
		return nil, &ir.Error{Code: "E0209", Msg: c.Row.Name + ": there is no model", Hint: `name one: model "ioi-mini"`}
	}
	return m.Tokenizer(), nil
}

// IDs reads token ids of a value: a list of whole numbers, or an array of them.
func IDs(v ir.Value) ([]int32, bool) {
	if a, ok := v.(*tensor.Array); ok && a.DT == tensor.I64 && a.Rank() <= 1 {
		out := make([]int32, a.Size())
		for i, n := range a.I64() {
			if n < 0 || n > 1<<30 {
				return nil, false
			}
			out[i] = int32(n)
		}
		return out, true
	}
	if n, ok := v.(int64); ok && n >= 0 && n <= 1<<30 {
		return []int32{int32(n)}, true
	}
	l, ok := v.(*ir.List)
	if !ok {
		return nil, false
	}
	out := make([]int32, len(l.Items))
	for i, e := range l.Items {
		n, ok := intOf(e)
		if !ok || n < 0 || n > 1<<30 {
			return nil, false
		}
		out[i] = int32(n)
	}
	return out, true
}

func idList(ids []int32) *ir.List {
	out := make([]ir.Value, len(ids))
	for i, id := range ids {
		out[i] = int64(id)
	}
	return &ir.List{Items: out}
}

func evalTokens(c *ir.Call) (ir.Value, error) {
	if l, ok := c.Args[0].(*ir.List); ok {
		if _, ok := IDs(l); ok {
			return l, nil
		}
	}
	s, err := stringArg(c, 0)
	if err != nil {
		return nil, err
	}
	if err := charge(c, len(s)); err != nil {
		return nil, err
	}
	t, err := tokenizer(c)
	if err != nil {
		return nil, err
	}
	ids, err := t.Encode(s)
	return idList(ids), noTokens(err)
}

// noTokens is the error of a text or of ids that a vocabulary does not have.
func noTokens(err error) error {
	if err == nil {
		return nil
	}
	return &ir.Error{Code: "E0401", Msg: err.Error()}
}

func evalToken(c *ir.Call) (ir.Value, error) {
	s, err := stringArg(c, 0)
	if err != nil {
		return nil, err
	}
	t, err := tokenizer(c)
	if err != nil {
		return nil, err
	}
	id, err := t.Single(s)
	if err != nil {
		return nil, &ir.Error{Code: "E0403", Msg: err.Error()}
	}
	return int64(id), nil
}

func evalDecode(c *ir.Call) (ir.Value, error) {
	ids, ok := IDs(c.Args[0])
	if !ok {
		return nil, notIDs(c)
	}
	t, err := tokenizer(c)
	if err != nil {
		return nil, err
	}
	text, err := t.Decode(ids)
	return result(text, noTokens(err))
}

// notIDs is the error of what decode cannot read: often the ids of several prompts.
func notIDs(c *ir.Call) error {
	if n, ok := intOf(c.Args[0]); ok {
		return noTokens(fmt.Errorf("token id %d is not in the vocabulary", n))
	}
	hint := ""
	if rows, _ := Items(c.Args[0]); len(rows) > 0 && nestedRow(rows[0]) {
		hint = "of several prompts one by one: [decode(ids) for ids in ...]"
	}
	return &ir.Error{Code: "E0302", Msg: wrong(c, 0, "a token id or a list of them").Error(), Hint: hint}
}

func nestedRow(v ir.Value) bool {
	t, _ := ir.TypeOf(v)
	return ir.KindOf(v) == ir.KList || t.Rank() > 0
}

func result[T any](v T, err error) (ir.Value, error) {
	if err != nil {
		return nil, err
	}
	return v, nil
}

// promptIDs reads a prompt: a string, or ids.
func promptIDs(c *ir.Call, i int) (*token.Tokenizer, []int32, error) {
	t, err := tokenizer(c)
	if err != nil {
		return nil, nil, err
	}
	if s, ok := c.Args[i].(string); ok {
		ids, err := t.Encode(s)
		return t, ids, noTokens(err)
	}
	ids, ok := IDs(c.Args[i])
	if !ok {
		return nil, nil, wrong(c, i, "a string or token ids")
	}
	return t, ids, nil
}

func evalLabels(c *ir.Call) (ir.Value, error) {
	t, ids, err := promptIDs(c, 0)
	if err != nil {
		return nil, err
	}
	labels, err := t.LabelsOf(ids)
	return Strings(labels), noTokens(err)
}

// place is the span that find and span speak of.
func place(c *ir.Call) (start, stop int, err error) {
	t, ids, err := promptIDs(c, 0)
	if err != nil {
		return 0, 0, err
	}
	text, err := stringArg(c, 1)
	if err != nil {
		return 0, 0, err
	}
	n, err := intArg(c, 2)
	if err != nil {
		return 0, 0, err
	}
	if start, stop, err = t.Span(ids, text, int(min(max(n, -maxRange), maxRange))); err != nil {
		return 0, 0, &ir.Error{Code: "E0404", Msg: err.Error()}
	}
	return start, stop, nil
}

func evalFind(c *ir.Call) (ir.Value, error) {
	at, _, err := place(c)
	return result(int64(at), err)
}

func evalSpan(c *ir.Call) (ir.Value, error) {
	lo, hi, err := place(c)
	return result(&ir.Record{Keys: []string{"start", "stop"}, Vals: []ir.Value{int64(lo), int64(hi)}}, err)
}
