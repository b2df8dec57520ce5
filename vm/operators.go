package vm

import (
	"fmt"
	"math"
	"strings"

	"interp/internal/diag"
	"interp/ir"
	"interp/nnrt/tensor"
	"interp/stdlib"
)

func (m *Machine) binaryOp(f *frame, in *ir.Instr) (ir.Value, error) {
	a, err := m.arg(f, in, 0)
	if err != nil {
		return nil, err
	}
	b, err := m.arg(f, in, 1)
	if err != nil {
		return nil, err
	}
	return m.binary(in.Name, a, b, in.Span)
}

// binary is a op b: on values of the host as in Python, on arrays by the library.
func (m *Machine) binary(op string, a, b ir.Value, span diag.Span) (ir.Value, error) {
	ka, kb := ir.KindOf(a), ir.KindOf(b)
	switch {
	case ka == ir.KAny || kb == ir.KAny:
		if op == "==" || op == "!=" || m.computable([]ir.Value{a, b}) {
			return m.hostNode(op, a, b, span)
		}
		return unknown(), nil
	case op == "in" || op == "not in":
		return m.contains(op, a, b, span)
	case arrayOp(op, ka, kb, a, b):
		return m.arrayBinary(op, a, b, span)
	case !ir.IsKnown(a) || !ir.IsKnown(b):
		switch {
		case numeric(ka) && numeric(kb) && op != "==" && op != "!=":
			return m.arrayBinary(op, a, b, span)
		case !hostHas(op, ka, kb):
			return nil, m.mismatch(op, a, b)
		case !places(op, a, b):
			return m.hostNode(op, a, b, span)
		}
	}
	if err := m.charge(resultSize(op, a, b)); err != nil {
		return nil, err
	}
	return hostBinary(op, a, b)
}

// hostHas says that an operator of the host works on values of two kinds; of numbers alone the library has it.
func hostHas(op string, a, b ir.Kind) bool {
	sequence := func(k ir.Kind) bool { return k == ir.KString || k == ir.KList }
	switch op {
	case "==", "!=":
		return true
	case "+", "<", "<=", ">", ">=":
		return a == b && sequence(a)
	case "*":
		return sequence(a) && (b == ir.KInt || b == ir.KBool) || sequence(b) && (a == ir.KInt || a == ir.KBool)
	}
	return false
}

// places says that an operator only places the items of lists, so that they need not be known.
func places(op string, a, b ir.Value) bool {
	counts := func(v ir.Value) bool { _, ok := v.(int64); return ok }
	return op == "+" && listed(a) && listed(b) || op == "*" && (listed(a) && counts(b) || counts(a) && listed(b))
}

func listed(v ir.Value) bool { _, ok := v.(*ir.List); return ok }

func numeric(k ir.Kind) bool {
	return k == ir.KInt || k == ir.KFloat || k == ir.KBool || k == ir.KArray
}

// arrayOp says that an operator is one of arrays: an operand is an array, or both are lists where
// only arrays have the operator.
func arrayOp(op string, ka, kb ir.Kind, a, b ir.Value) bool {
	if op == "@" {
		return true
	}
	if ka != ir.KArray && kb != ir.KArray {
		return false
	}
	other := kb
	if kb == ir.KArray {
		other = ka
	}
	if op == "==" || op == "!=" {
		return numeric(other) || other == ir.KList
	}
	return true
}

// arrayBinary calls the operator's row of the library.
func (m *Machine) arrayBinary(op string, a, b ir.Value, span diag.Span) (ir.Value, error) {
	name := op
	if op == "@" {
		name = "matmul"
	}
	row, ok := m.opts.Lookup(name)
	if !ok {
		return nil, &ir.Error{Code: "E0304", Msg: fmt.Sprintf("%s does not work on %s and %s", op, ir.KindOf(a), ir.KindOf(b))}
	}
	for _, v := range []ir.Value{a, b} {
		if k := ir.KindOf(v); !numeric(k) && k != ir.KList {
			return nil, m.mismatch(op, a, b)
		}
	}
	v, err := m.callRow(row, []ir.Value{a, b}, nil, span)
	if e, ok := err.(*ir.Error); ok {
		return nil, &ir.Error{Code: e.Code, Msg: strings.TrimPrefix(e.Msg, name+": "), Hint: e.Hint}
	}
	return v, err
}

// mismatch is the error of an operator that its operands do not have.
func (m *Machine) mismatch(op string, a, b ir.Value) error { return mismatch(op, a, b) }

func mismatch(op string, a, b ir.Value) error {
	ka, kb := ir.KindOf(a), ir.KindOf(b)
	e := &ir.Error{Code: "E0304", Msg: fmt.Sprintf("%s does not work on %s and %s", op, ka, kb)}
	switch {
	case (op == "+" || op == "%") && (ka == ir.KString || kb == ir.KString):
		e.Hint = `f"{x}" puts a value into a string`
	case ka == ir.KList && kb == ir.KList:
		e.Hint = "two lists are joined by +; as arrays: stack(xs) " + op + " stack(ys)"
	case ka == ir.KList || kb == ir.KList:
		e.Hint = "as an array: stack(xs)"
	case ka == ir.KNone || kb == ir.KNone:
		e.Hint = "a def without return gives None"
	}
	return e
}

// hostNode is an operator on values of the host that are not known yet.
func (m *Machine) hostNode(op string, a, b ir.Value, span diag.Span) (ir.Value, error) {
	return m.op(hostRow, hostAttrs{op, hostKind(op, ir.KindOf(a), ir.KindOf(b))}, span, a, b)
}

type hostAttrs struct {
	op   string
	kind ir.Kind
}

// hostRow is an operator on values of the host.
var hostRow = &ir.OpRow{Name: "host", Hidden: true, NoGrad: "values of the host have no gradient",
	Infer: func(c *ir.Call) (ir.Value, error) { return &ir.Lazy{Kind: c.Attrs.(hostAttrs).kind}, nil },
	Eval: func(c *ir.Call) (ir.Value, error) {
		op, a, b := c.Attrs.(hostAttrs).op, c.Args[0], c.Args[1]
		if ir.KindOf(a) == ir.KArray || ir.KindOf(b) == ir.KArray {
			if v, ok := arrayPair(op, a, b); ok {
				return v, nil
			}
		}
		switch op {
		case "in", "not in":
			t, err := member(a, b)
			return t == (op == "in"), err
		}
		return hostBinary(op, a, b)
	},
}

// arrayPair works an operator out on an array of one element and a number, as numbers.
func arrayPair(op string, a, b ir.Value) (ir.Value, bool) {
	x, ok1 := floatOf(a)
	y, ok2 := floatOf(b)
	if !ok1 || !ok2 {
		return nil, false
	}
	v, err := hostBinary(op, x, y)
	return v, err == nil
}

func hostKind(op string, a, b ir.Kind) ir.Kind {
	switch {
	case comparison(op):
		return ir.KBool
	case op == "+" && a == b && (a == ir.KString || a == ir.KList):
		return a
	case op == "*" && (a == ir.KString || b == ir.KString):
		return ir.KString
	}
	return ir.KAny
}

func comparison(op string) bool {
	switch op {
	case "==", "!=", "<", "<=", ">", ">=", "in", "not in":
		return true
	}
	return false
}

// resultSize is how much an operator on host values makes.
func resultSize(op string, a, b ir.Value) int {
	n := 0
	switch op {
	case "+":
		n = size(a) + size(b)
	case "==", "!=", "<", "<=", ">", ">=":
		n = min(size(a), size(b)) // what is looked at
	}
	if op == "*" {
		k, s := int64(0), 0
		if x, ok := a.(int64); ok {
			k, s = x, size(b)+1
		} else if x, ok := b.(int64); ok {
			k, s = x, size(a)+1
		}
		if _, str := a.(string); str || listed(a) || listed(b) {
			n = repeated(k, s)
		} else if _, str := b.(string); str {
			n = repeated(k, s)
		}
	}
	return n
}

// repeated is the size of k copies of a value.
func repeated(k int64, size int) int {
	return tensor.Elements([]int{int(max(k, 0)), size})
}

// hostBinary is an operator on known values of the host, as in Python.
func hostBinary(op string, a, b ir.Value) (ir.Value, error) {
	switch op {
	case "==":
		return equal(a, b), nil
	case "!=":
		return !equal(a, b), nil
	case "<", "<=", ">", ">=":
		k, err := stdlib.Compare(a, b)
		if err != nil {
			return nil, mismatch(op, a, b)
		}
		return !unordered(a, b) && holds(op, k), nil
	case "&", "|":
		x, ok1 := a.(bool)
		y, ok2 := b.(bool)
		if !ok1 || !ok2 {
			e := mismatch(op, a, b).(*ir.Error)
			e.Hint = map[string]string{"&": "conditions are joined by and", "|": "conditions are joined by or"}[op]
			return nil, e
		}
		return x && y || op == "|" && (x || y), nil
	}
	if v, ok, err := hostSequence(op, a, b); ok || err != nil {
		return v, err
	}
	return hostNumber(op, a, b)
}

func holds(op string, k int) bool {
	switch op {
	case "<":
		return k < 0
	case "<=":
		return k <= 0
	case ">":
		return k > 0
	}
	return k >= 0
}

// unordered says that an operand is not a number, so that no order holds.
func unordered(a, b ir.Value) bool {
	x, _ := a.(float64)
	y, _ := b.(float64)
	return math.IsNaN(x) || math.IsNaN(y)
}

// hostFloat is a number of the host as a float; True is 1.
func hostFloat(v ir.Value) (float64, bool) {
	switch x := v.(type) {
	case bool:
		if x {
			return 1, true
		}
		return 0, true
	case int64:
		return float64(x), true
	case float64:
		return x, true
	}
	return 0, false
}

// hostSequence is + and * of strings and lists.
func hostSequence(op string, a, b ir.Value) (ir.Value, bool, error) {
	switch x := a.(type) {
	case string:
		switch y := b.(type) {
		case string:
			if op == "+" {
				return x + y, true, nil
			}
		case int64:
			if op == "*" {
				return strings.Repeat(x, clampInt(max(y, 0))), true, nil
			}
		}
	case *ir.List:
		switch y := b.(type) {
		case *ir.List:
			if op == "+" {
				return &ir.List{Items: append(append(make([]ir.Value, 0, len(x.Items)+len(y.Items)), x.Items...), y.Items...)}, true, nil
			}
		case int64:
			return listTimes(op, x, y)
		}
	case int64:
		if op == "*" {
			switch y := b.(type) {
			case string:
				return strings.Repeat(y, clampInt(max(x, 0))), true, nil
			case *ir.List:
				return listTimes(op, y, x)
			}
		}
	}
	return nil, false, nil
}

func listTimes(op string, l *ir.List, n int64) (ir.Value, bool, error) {
	if op != "*" {
		return nil, false, nil
	}
	out := &ir.List{}
	for range clampInt(max(n, 0)) {
		out.Items = append(out.Items, l.Items...)
	}
	return out, true, nil
}

// contains is x in xs.
func (m *Machine) contains(op string, a, b ir.Value, span diag.Span) (ir.Value, error) {
	if t, ok := ir.TypeOf(b); ok && t.Rank() > 0 || !ir.IsKnown(a) || !ir.IsKnown(b) {
		if !ok && ir.IsKnown(a) && ir.IsKnown(b) {
			return nil, mismatch(op, a, b)
		}
		return m.op(hostRow, hostAttrs{op, ir.KBool}, span, a, b)
	}
	if err := m.charge(size(b)); err != nil {
		return nil, err
	}
	t, err := member(a, b)
	return t == (op == "in"), err
}

func member(a, b ir.Value) (bool, error) {
	switch y := b.(type) {
	case string:
		x, ok := a.(string)
		if !ok {
			return false, mismatch("in", a, b)
		}
		return strings.Contains(y, x), nil
	case *ir.List:
		for _, e := range y.Items {
			if equal(a, e) {
				return true, nil
			}
		}
		return false, nil
	case *ir.Record:
		x, ok := a.(string)
		if !ok {
			return false, mismatch("in", a, b)
		}
		_, has := y.Get(x)
		return has, nil
	case *tensor.Array:
		x, ok := floatOf(a)
		if !ok {
			return false, mismatch("in", a, b)
		}
		for _, e := range y.F32() {
			if e == float32(x) {
				return true, nil
			}
		}
		return false, nil
	}
	return false, mismatch("in", a, b)
}

// equal compares by structure; 1, 1.0 and True are equal, as in Python.
func equal(a, b ir.Value) bool {
	if x, ok := a.(int64); ok {
		if y, ok := b.(int64); ok {
			return x == y
		}
	}
	if x, ok := hostFloat(a); ok {
		y, ok := hostFloat(b)
		if !ok {
			if arr, is := b.(*tensor.Array); is && arr.Size() == 1 {
				f, err := arr.Float()
				return err == nil && float32(x) == float32(f)
			}
		}
		return ok && x == y
	}
	switch x := a.(type) {
	case nil:
		return b == nil
	case string:
		y, ok := b.(string)
		return ok && x == y
	case *ir.List:
		y, ok := b.(*ir.List)
		return ok && equalAll(x.Items, y.Items)
	case *ir.Record:
		y, ok := b.(*ir.Record)
		if !ok || len(x.Keys) != len(y.Keys) {
			return false
		}
		for i, k := range x.Keys {
			v, has := y.Get(k)
			if !has || !equal(x.Vals[i], v) {
				return false
			}
		}
		return true
	case *tensor.Array:
		return equalArrays(x, b)
	}
	return a == b
}

func equalAll(a, b []ir.Value) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !equal(a[i], b[i]) {
			return false
		}
	}
	return true
}

// equalArrays compares arrays inside lists and records: type and numbers.
func equalArrays(x *tensor.Array, b ir.Value) bool {
	y, ok := b.(*tensor.Array)
	if !ok {
		if _, num := hostFloat(b); num {
			return equal(b, x)
		}
		return false
	}
	if !x.Type.Equal(y.Type) {
		return false
	}
	p, q := x.F32(), y.F32()
	for i := range p {
		if p[i] != q[i] {
			return false
		}
	}
	return true
}
