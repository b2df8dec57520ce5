package interp

import (
	"fmt"

	"interp/grammar"
	"interp/internal/results"
	"interp/nnrt/weights"
	"interp/parser"
)

// Literal reads a value as a script writes it: a number, a string, True, False, None, a list or a
// record of those. Anything else is not ok, and stands for itself as text.
func Literal(text string) (v any, ok bool) {
	e, errs := parser.ParseExpr("", []byte(text))
	if errs.HasErrors() || e == nil {
		return nil, false
	}
	return literal(e)
}

func literal(e grammar.Expr) (any, bool) {
	switch e := e.(type) {
	case *grammar.Unary:
		v, ok := literal(e.X)
		switch x := v.(type) {
		case int64:
			if e.Op == "-" {
				x = -x
			}
			return x, ok && (e.Op == "-" || e.Op == "+")
		case float64:
			if e.Op == "-" {
				x = -x
			}
			return x, ok && (e.Op == "-" || e.Op == "+")
		}
	case *grammar.Operand:
		if len(e.Suffix) == 0 {
			return literalPrimary(e.X)
		}
	}
	return nil, false
}

func literalPrimary(p grammar.Primary) (any, bool) {
	switch x := p.(type) {
	case *grammar.Number:
		if x.IsInt() {
			return x.Int(), true
		}
		return x.Float(), true
	case *grammar.Const:
		switch x.Text {
		case "True", "False":
			return x.Text == "True", true
		}
		return nil, true
	case *grammar.String:
		return x.Value(), true
	case *grammar.Tuple:
		if x.Grouping() {
			return literal(x.Items[0])
		}
		return literals(x.Items)
	case *grammar.List:
		if x.For == nil {
			return literals(x.Items)
		}
	case *grammar.Record:
		r := &results.Record{}
		for _, f := range x.Fields {
			v, ok := literal(f.Value)
			if !ok {
				return nil, false
			}
			r.Add(f.Key(), v)
		}
		return r, true
	}
	return nil, false
}

func literals(items []grammar.Expr) (any, bool) {
	out := []any{}
	for _, e := range items {
		v, ok := literal(e)
		if !ok {
			return nil, false
		}
		out = append(out, v)
	}
	return out, true
}

// ReadInput reads the file of an input by its ending: .json, .jsonl, .csv, .txt, .npy, .npz and
// .safetensors. mem bounds the bytes of its values; 0 is half of the machine's memory.
func ReadInput(path string, mem int64) (any, error) {
	if mem == 0 {
		mem = memoryLimit()
	}
	return results.Read(path, results.ReadOptions{Limit: mem, Safetensors: func(path string) (*results.Record, error) { return readTensors(path, mem) }})
}

// stored are the types of safetensors that are no float32, by NumPy's names.
var stored = map[weights.DType]string{"F64": "f8", "I64": "i8", "I32": "i4", "I16": "i2", "I8": "i1", "U64": "u8", "U32": "u4", "U16": "u2", "U8": "u1", "BOOL": "b1"}

// readTensors reads all tensors of a safetensors file: those that float32 holds as float32, the others as they are.
func readTensors(path string, mem int64) (*results.Record, error) {
	set, err := weights.OpenFile(path)
	if err != nil {
		return nil, err
	}
	defer set.Close()
	out := &results.Record{}
	for _, name := range set.Names() {
		info, _ := set.Info(name)
		if mem -= max(4, info.DType.Size()) * int64(info.Count); mem < 0 {
			return nil, fmt.Errorf("%s: the tensors take more memory than -mem allows", path)
		}
		data, err := readTensor(set, name, info)
		if err != nil {
			return nil, err
		}
		out.Add(name, &results.Array{Axes: make([]string, len(info.Shape)), Shape: info.Shape, Data: data})
	}
	return out, nil
}

func readTensor(set *weights.Set, name string, info weights.Info) (any, error) {
	kind, ok := stored[info.DType]
	if !ok {
		return set.Read(name)
	}
	raw, err := set.ReadRaw(name)
	if err != nil {
		return nil, err
	}
	data, err := results.Numbers(kind, raw, info.Count)
	if err != nil {
		return nil, fmt.Errorf("%s: tensor %q: %w", info.File, name, err)
	}
	return data, nil
}
