package stdlib

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"interp/ir"
	"interp/nnrt/tensor"
)

// textRows work on strings.
var textRows = []*ir.OpRow{
	{Name: "join", Doc: "The strings of a list with sep between them; sep.join(list), as in Python, is the same.", NoGrad: noNumbers,
		Params: []ir.Param{par("list", "a list of strings"), opt("sep", "", "what stands between")}, Example: "print join([\"a\", \"b\"], \"-\")\n# a-b", Infer: lazyKind(ir.KString), Eval: evalJoin},
	{Name: "split", Doc: "The parts of a string between separators; without one, its words.", NoGrad: noNumbers,
		Params: []ir.Param{par("s", "a string"), opt("sep", nil, "the separator; None: white space")}, Example: "print split(\"a b\"), split(\"a,b\", \",\")\n# [\"a\", \"b\"] [\"a\", \"b\"]", Infer: forced, Eval: evalSplit},
	{Name: "replace", Doc: "A string with every occurrence of old made new.", NoGrad: noNumbers,
		Params: []ir.Param{par("s", "a string"), par("old", "what goes"), par("new", "what comes")}, Example: "print replace(\"John\", \"John\", \"Mary\")\n# Mary", Infer: lazyKind(ir.KString), Eval: evalReplace},
	{Name: "format", Doc: "A value as text by a specification: [.n][f|e|g|d|%], as in an f-string.", NoGrad: noNumbers,
		Params: []ir.Param{par("x", "a number"), opt("spec", "", "such as .2f")}, Example: "print format(3.14159, \".2f\")\n# 3.14", Infer: lazyKind(ir.KString), Eval: evalFormat},
	caseRow("upper", "In capital letters.", "print upper(\"ab\")\n# AB", strings.ToUpper),
	caseRow("lower", "In small letters.", "print lower(\"AB\")\n# ab", strings.ToLower),
	caseRow("strip", "Without white space at either end.", "print strip(\" a \")\n# a", strings.TrimSpace),
	{Name: "starts_with", Doc: "Whether a string begins with another.", NoGrad: noNumbers,
		Params: []ir.Param{par("s", "a string"), par("prefix", "its beginning")}, Example: "print starts_with(\"John\", \"Jo\")\n# True", Infer: lazyKind(ir.KBool), Eval: evalStartsWith},
	{Name: "fill", Doc: "A template with each [name] replaced by the record's field of that name.", NoGrad: noNumbers,
		Params: []ir.Param{par("template", "a string"), par("fields", "a record of strings")}, Example: "print fill(\"[A] and [B]\", {A: \"John\", B: \"Mary\"})\n# John and Mary", Infer: lazyKind(ir.KString), Eval: evalFill},
}

func caseRow(name, doc, example string, f func(string) string) *ir.OpRow {
	return &ir.OpRow{Name: name, Doc: doc, Example: example, NoGrad: noNumbers, Params: []ir.Param{par("s", "a string")}, Infer: lazyKind(ir.KString),
		Eval: func(c *ir.Call) (ir.Value, error) {
			s, err := stringArg(c, 0)
			return f(s), err
		}}
}

func evalJoin(c *ir.Call) (ir.Value, error) {
	list, sepAt := 0, 1
	if _, ok := c.Args[0].(string); ok { // ", ".join(xs)
		list, sepAt = 1, 0
	}
	items, err := itemsArg(c, list)
	if err != nil {
		return nil, err
	}
	sep, err := stringArg(c, sepAt)
	if err != nil {
		return nil, err
	}
	parts, n := make([]string, len(items)), 0
	for i, e := range items {
		s, ok := e.(string)
		if !ok {
			return nil, errf("join: item %d: want a string, got %s", i, ir.KindOf(e))
		}
		parts[i] = s
		n += len(s) + len(sep)
	}
	if err := charge(c, n); err != nil {
		return nil, err
	}
	return strings.Join(parts, sep), nil
}

func evalSplit(c *ir.Call) (ir.Value, error) {
	s, err := stringArg(c, 0)
	if err != nil {
		return nil, err
	}
	parts := strings.Fields(s)
	if c.Args[1] != nil {
		sep, err := stringArg(c, 1)
		if err != nil {
			return nil, err
		}
		if sep == "" {
			return nil, errf("split: the separator is empty")
		}
		parts = strings.Split(s, sep)
	}
	return Strings(parts), charge(c, len(s))
}

// Strings is a list of strings as a value.
func Strings(ss []string) *ir.List {
	out := make([]ir.Value, len(ss))
	for i, s := range ss {
		out[i] = s
	}
	return &ir.List{Items: out}
}

func evalReplace(c *ir.Call) (ir.Value, error) {
	var s [3]string
	for i := range s {
		var err error
		if s[i], err = stringArg(c, i); err != nil {
			return nil, err
		}
	}
	if err := charge(c, len(s[0])+strings.Count(s[0], s[1])*len(s[2])); err != nil {
		return nil, err
	}
	return strings.ReplaceAll(s[0], s[1], s[2]), nil
}

func evalStartsWith(c *ir.Call) (ir.Value, error) {
	s, err := stringArg(c, 0)
	if err != nil {
		return nil, err
	}
	p, err := stringArg(c, 1)
	return strings.HasPrefix(s, p), err
}

func evalFormat(c *ir.Call) (ir.Value, error) {
	spec, err := stringArg(c, 1)
	if err != nil {
		return nil, err
	}
	return Format(c.Args[0], spec)
}

func evalFill(c *ir.Call) (ir.Value, error) {
	s, err := stringArg(c, 0)
	if err != nil {
		return nil, err
	}
	r, ok := c.Args[1].(*ir.Record)
	if !ok {
		return nil, wrong(c, 1, "a record")
	}
	var b strings.Builder
	for {
		i := strings.IndexByte(s, '[')
		if i < 0 {
			break
		}
		j := strings.IndexByte(s[i:], ']')
		if j < 0 {
			break
		}
		name := s[i+1 : i+j]
		v, ok := r.Get(name)
		if !ok {
			return nil, errf("fill: the template has [%s], the record has %s", name, strings.Join(r.Keys, ", "))
		}
		text := Text(v)
		if err := charge(c, i+len(text)); err != nil {
			return nil, err
		}
		b.WriteString(s[:i])
		b.WriteString(text)
		s = s[i+j+1:]
	}
	b.WriteString(s)
	return b.String(), nil
}

// Text is what print shows of a value: strings bare, inside lists quoted.
func Text(v ir.Value) string {
	if s, ok := v.(string); ok {
		return s
	}
	return Repr(v)
}

// Repr is a value as it stands inside a list: strings quoted.
func Repr(v ir.Value) string {
	switch x := v.(type) {
	case nil:
		return "None"
	case bool:
		if x {
			return "True"
		}
		return "False"
	case int64:
		return strconv.FormatInt(x, 10)
	case float64:
		return floatText(x)
	case string:
		return quote(x)
	case *tensor.Array:
		return x.String()
	case *ir.List:
		parts := make([]string, len(x.Items))
		for i, e := range x.Items {
			parts[i] = Repr(e)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case *ir.Record:
		parts := make([]string, len(x.Keys))
		for i, k := range x.Keys {
			parts[i] = fieldName(k) + ": " + Repr(x.Vals[i])
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case interface{ String() string }:
		return x.String()
	}
	return "<" + ir.KindOf(v).String() + ">"
}

// floatText is the shortest text that reads back the same, as Python writes it.
func floatText(x float64) string {
	switch {
	case math.IsNaN(x):
		return "nan"
	case math.IsInf(x, 1):
		return "inf"
	case math.IsInf(x, -1):
		return "-inf"
	}
	if a := math.Abs(x); a != 0 && (a < 1e-4 || a >= 1e16) {
		return strconv.FormatFloat(x, 'e', -1, 64)
	}
	s := strconv.FormatFloat(x, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

// quote writes a string as a script would.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < ' ' || r == 0x7f:
			b.WriteString(`\u` + strconv.FormatInt(0x10000+int64(r), 16)[1:])
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// fieldName is a record's key, quoted where it is no name.
func fieldName(k string) string {
	for i, r := range k {
		if r != '_' && !(r >= 'a' && r <= 'z') && !(r >= 'A' && r <= 'Z') && !(i > 0 && r >= '0' && r <= '9') {
			return quote(k)
		}
	}
	if k == "" {
		return `""`
	}
	return k
}

// Format is a value by a specification of an f-string: [.n][f|e|g|d|%].
func Format(v ir.Value, spec string) (string, error) {
	if spec == "" {
		return Text(v), nil
	}
	bad := func() (string, error) {
		return "", errf("format %q: want [.n] and one of f, e, g, d, %%", spec)
	}
	prec, rest := -1, spec
	if strings.HasPrefix(rest, ".") {
		i := 1
		for i < len(rest) && rest[i] >= '0' && rest[i] <= '9' {
			i++
		}
		n, err := strconv.Atoi(rest[1:i])
		if err != nil || n > 300 {
			return bad()
		}
		prec, rest = n, rest[i:]
	}
	if s, ok := v.(string); ok && rest == "" {
		if prec >= 0 && utf8.RuneCountInString(s) > prec {
			return string([]rune(s)[:prec]), nil
		}
		return s, nil
	}
	if rest == "d" {
		n, ok := intOf(v)
		if !ok || prec >= 0 {
			return "", errf("format %q: want a whole number, got %s", spec, ir.KindOf(v))
		}
		return strconv.FormatInt(n, 10), nil
	}
	x, ok := floatOf(v)
	if !ok {
		return "", errf("format %q: want a number, got %s", spec, ir.KindOf(v))
	}
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return floatText(x), nil
	}
	switch rest {
	case "f", "e":
		if prec < 0 {
			prec = 6
		}
		return strconv.FormatFloat(x, rest[0], prec, 64), nil
	case "g", "":
		if prec < 0 {
			prec = 6
		}
		return generalText(x, max(prec, 1)), nil
	case "%":
		if prec < 0 {
			prec = 6
		}
		return strconv.FormatFloat(100*x, 'f', prec, 64) + "%", nil
	}
	return bad()
}

// generalText is Python's g: significant digits, no zeros at the end, an exponent of two digits where
// the number is far from 1.
func generalText(x float64, prec int) string {
	if x == 0 {
		return strconv.FormatFloat(x, 'f', 0, 64)
	}
	e := strconv.FormatFloat(x, 'e', prec-1, 64)
	i := strings.IndexByte(e, 'e')
	exp, _ := strconv.Atoi(e[i+1:])
	if exp < -4 || exp >= prec {
		m := e[:i]
		if strings.Contains(m, ".") {
			m = strings.TrimRight(strings.TrimRight(m, "0"), ".")
		}
		return m + e[i:]
	}
	s := strconv.FormatFloat(x, 'f', prec-1-exp, 64)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s
}
