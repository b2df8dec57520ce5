package stdlib

import (
	"math"

	"interp/ir"
	"interp/nnrt/tensor"
)

// operators are the rows behind the signs of the language where an operand is an array. The machine
// computes with host numbers itself.
var operators = func() []*ir.OpRow {
	var rows []*ir.OpRow
	for op := tensor.Add; op <= tensor.Or; op++ {
		name := op.String()
		if op == tensor.Maximum || op == tensor.Minimum {
			continue // functions of the library
		}
		rows = append(rows, binaryRow(op, &ir.OpRow{Name: name, Hidden: true, Doc: "a " + name + " b, element by element."}))
	}
	for _, op := range []tensor.UnOp{tensor.Neg, tensor.Pos, tensor.Not} {
		rows = append(rows, unaryRow(op, &ir.OpRow{Name: "unary " + op.String(), Hidden: true, Doc: op.String() + "a, element by element."}))
	}
	return rows
}()

// binaryRow completes the row of an element-wise operation of two arrays.
func binaryRow(op tensor.BinOp, r *ir.OpRow) *ir.OpRow {
	r.Params = []ir.Param{arr("a", "an array or a number"), arr("b", "an array or a number")}
	r.Infer = func(c *ir.Call) (ir.Value, error) {
		a, err := typeArg(c, 0)
		if err != nil {
			return nil, err
		}
		b, err := typeArg(c, 1)
		if err != nil {
			return nil, err
		}
		t, warning, err := tensor.BinaryType(op, a, b)
		warn(c, warning)
		return lazyArray(t, err)
	}
	r.Eval = func(c *ir.Call) (ir.Value, error) {
		if !r.Hidden && host(c, 2) {
			return hostBinary(op, c.Args[0], c.Args[1])
		}
		a, err := arrayArg(c, 0)
		if err != nil {
			return nil, err
		}
		b, err := arrayArg(c, 1)
		if err != nil {
			return nil, err
		}
		if c.Env != nil && c.Env.Warn != nil {
			_, warning, _ := tensor.BinaryType(op, a.Type, b.Type)
			warn(c, warning)
		}
		return value(tensor.Binary(op, a, b))
	}
	r.Maps = meetMaps
	differentiable(r, op.HasGrad(), gradAB(func(a, b, out, dout *tensor.Array, arg int) (*tensor.Array, error) {
		return tensor.BinaryGrad(op, a, b, out, dout, arg)
	}))
	return r
}

func warn(c *ir.Call, text string) {
	if text != "" && c.Env != nil && c.Env.Warn != nil {
		c.Env.Warn(text)
	}
}

// meetMaps says how element-wise operands run along the axes of the result.
func meetMaps(c *ir.Call, _ tensor.Type) [][]int {
	var ts []tensor.Type
	for _, v := range c.Args {
		if t, ok := ir.TypeOf(v); ok {
			ts = append(ts, t)
		}
	}
	m, err := tensor.Meet(ts...)
	if err != nil {
		return nil
	}
	out := make([][]int, len(ts))
	for i := range ts {
		out[i] = m.Maps[i].In
	}
	return out
}

// unaryRow completes the row of an element-wise operation of one array.
func unaryRow(op tensor.UnOp, r *ir.OpRow) *ir.OpRow {
	r.Params = []ir.Param{arr("x", "an array or a number")}
	r.Infer = func(c *ir.Call) (ir.Value, error) {
		t, err := typeArg(c, 0)
		if err != nil {
			return nil, err
		}
		return lazyArray(tensor.UnaryType(op, t))
	}
	r.Eval = func(c *ir.Call) (ir.Value, error) {
		if host(c, 1) {
			return hostUnary(op, c.Args[0])
		}
		a, err := arrayArg(c, 0)
		if err != nil {
			return nil, err
		}
		return value(tensor.Unary(op, a))
	}
	r.Maps = meetMaps
	differentiable(r, op.HasGrad(), gradX(func(_ *ir.Call, x, out, dout *tensor.Array) (*tensor.Array, error) {
		return tensor.UnaryGrad(op, x, out, dout)
	}))
	return r
}

// hostUnary is the operation on a number of the host, in float64.
func hostUnary(op tensor.UnOp, v ir.Value) (ir.Value, error) {
	if n, ok := intOf(v); ok { // True counts as 1
		a, err := tensor.Unary(op, tensor.Int(n))
		if err != nil {
			return nil, err
		}
		if a.DT == tensor.I64 {
			return a.I64()[0], nil
		}
	}
	x, _ := floatOf(v)
	return op.Host(x), nil
}

// hostBinary is a function of two numbers of the host: whole numbers stay whole, others are float64.
func hostBinary(op tensor.BinOp, a, b ir.Value) (ir.Value, error) {
	m, ok1 := intOf(a)
	n, ok2 := intOf(b)
	if ok1 && ok2 && (op != tensor.Pow || n >= 0) {
		out, err := tensor.Binary(op, tensor.Int(m), tensor.Int(n))
		if err != nil {
			return nil, err
		}
		return out.I64()[0], nil
	}
	x, _ := floatOf(a)
	y, _ := floatOf(b)
	switch op {
	case tensor.Maximum:
		return math.Max(x, y), nil
	case tensor.Minimum:
		return math.Min(x, y), nil
	}
	return math.Pow(x, y), nil
}
