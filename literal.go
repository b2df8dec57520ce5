package interp

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

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

// readTensors reads all tensors of a safetensors file as float32.
func readTensors(path string, mem int64) (*results.Record, error) {
	set, err := weights.Open(oneFile(path))
	if err != nil {
		return nil, err
	}
	defer set.Close()
	out := &results.Record{}
	for _, name := range set.Names() {
		info, _ := set.Info(name)
		if mem -= 4 * int64(info.Count); mem < 0 {
			return nil, fmt.Errorf("%s: the tensors take more memory than -mem allows", filepath.Base(path))
		}
		data := make([]float32, info.Count)
		if err := set.ReadF32(name, data); err != nil {
			return nil, err
		}
		out.Add(name, &results.Array{Axes: make([]string, len(info.Shape)), Shape: info.Shape, Data: data})
	}
	return out, nil
}

// oneFile is a folder whose weights file is the file of this path.
type oneFile string

// Open opens the file under the name that a folder's weights have.
func (f oneFile) Open(name string) (fs.File, error) {
	if name != weights.ModelFile {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return os.Open(string(f))
}
