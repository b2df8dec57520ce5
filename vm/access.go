package vm

import (
	"fmt"
	"strings"

	"interp/compiler"
	"interp/internal/diag"
	"interp/ir"
	"interp/nnrt/tensor"
	"interp/stdlib"
)

// indexOp is a0[Ix].
func (m *Machine) indexOp(f *frame, in *ir.Instr) (ir.Value, error) {
	v := f.regs[in.Args[0]]
	items, known, err := m.items(f, in.Ix)
	if err != nil {
		return nil, err
	}
	if !known {
		return unknown(), nil
	}
	return m.indexItems(v, items, in.Span)
}

// ixValue is an index item with its values: an entry, or bounds of a slice.
type ixValue struct {
	kind         ir.IxKind
	axis         string
	lo, hi, step ir.Value
}

// items reads the values of index items. What is not known yet is forced; check cannot, and then
// known is false, unless it is a single number: then only the place is unknown.
func (m *Machine) items(f *frame, ix []ir.IxItem) (out []ixValue, known bool, err error) {
	out, known = make([]ixValue, len(ix)), true
	for i, it := range ix {
		o := ixValue{kind: it.Kind, axis: it.Axis}
		for _, p := range []struct {
			r ir.Reg
			v *ir.Value
		}{{it.Lo, &o.lo}, {it.Hi, &o.hi}, {it.Step, &o.step}} {
			if p.r == ir.NoReg {
				continue
			}
			v, err := m.materialise(f.regs[p.r], m.cur.Span)
			if err != nil {
				return nil, false, err
			}
			if *p.v, err = m.indexPart(v); err != nil {
				return nil, false, asIndex(err)
			}
			if l, ok := (*p.v).(*ir.Lazy); ok && (it.Kind != ir.IxEntry || !one(l)) {
				known = false
			}
		}
		out[i] = o
	}
	return out, known, nil
}

// asIndex says of a decision on the run at hand, where it is an index, what takes entries inside a run.
func asIndex(err error) error {
	if e, ok := err.(*ir.Error); ok && e.Hint == hintInRun {
		return &ir.Error{Code: e.Code, Msg: e.Msg, Hint: "pick(x, ids), take(x, ids, axis) and gather take entries inside a run; or save the index in a run of its own, before"}
	}
	return err
}

// one says that a lazy value is a single number.
func one(l *ir.Lazy) bool {
	return l.Kind == ir.KInt || l.Kind == ir.KArray && l.Type.Rank() == 0
}

// indexPart makes a value known that an index needs.
func (m *Machine) indexPart(v ir.Value) (ir.Value, error) {
	if p, ok := v.(stdlib.Positions); ok {
		at, err := m.indexPart(p.At)
		return stdlib.Positions{At: at}, err
	}
	if ir.IsKnown(v) {
		return v, nil
	}
	if m.check != nil {
		if err := m.unknowable(v); err != nil {
			return nil, err
		}
		if l, ok := v.(*ir.Lazy); ok && one(l) {
			return l, nil
		}
		return unknown(), nil
	}
	return m.force(v)
}

// indexItems is v[items].
func (m *Machine) indexItems(v ir.Value, items []ixValue, span diag.Span) (ir.Value, error) {
	switch x := v.(type) {
	case *cells:
		ix, err := m.tensorIx(items)
		if err != nil {
			return nil, err
		}
		if hasUnknown(ix) {
			whole, err := m.materialise(x, span)
			if err != nil {
				return unknown(), nil
			}
			return m.indexValue(whole, ix, span)
		}
		return m.indexCells(x, ix, span)
	case *ir.Record:
		return field(x, items)
	case *ir.Lazy:
		switch {
		case x.Kind == ir.KArray:
		case x.Kind == ir.KList && x.Elems != nil:
			return m.indexItems(&ir.List{Items: x.Elems}, items, span)
		case m.check != nil:
			return unknown(), nil
		default:
			k, err := m.force(x)
			if err != nil {
				return nil, err
			}
			return m.indexItems(k, items, span)
		}
	case *ir.List, string:
		return m.indexHost(v, items, span)
	case *siteRef:
		ix, err := m.tensorIx(items)
		if err != nil {
			return nil, err
		}
		return m.readSite(x, ix, span)
	}
	if _, ok := ir.TypeOf(v); !ok {
		return nil, &ir.Error{Code: "E0306", Msg: "only lists, strings, records and arrays can be indexed, got " + ir.KindOf(v).String(), Hint: m.cur.Hint}
	}
	ix, err := m.tensorIx(items)
	if err != nil {
		return nil, err
	}
	return m.index(v, ix, span)
}

func hasUnknown(ix []tensor.Ix) bool {
	for _, it := range ix {
		if it.Unknown {
			return true
		}
	}
	return false
}

// field is r["name"].
func field(r *ir.Record, items []ixValue) (ir.Value, error) {
	if len(items) == 1 && items[0].kind == ir.IxEntry {
		if k, ok := items[0].lo.(string); ok {
			return fieldNamed(r, k, "")
		}
		if _, ok := items[0].lo.(*ir.Lazy); ok {
			return unknown(), nil
		}
	}
	return nil, &ir.Error{Code: "E0306", Msg: "a record is indexed by one of its fields' names", Hint: "r[\"name\"] or r.name; it has " + strings.Join(r.Keys, ", ")}
}

// fieldNamed is a field; habit says what to write in place of a method of other languages.
func fieldNamed(r *ir.Record, name, habit string) (ir.Value, error) {
	if v, ok := r.Get(name); ok {
		return v, nil
	}
	hint := "it has " + strings.Join(r.Keys, ", ")
	if near := compiler.Suggest(name, r.Keys); near != "" {
		hint = "did you mean " + near + "?"
	} else if habit != "" {
		hint = habit + "; " + hint
	}
	return nil, &ir.Error{Code: "E0307", Msg: "the record has no field " + name, Hint: hint}
}

// indexHost is an index of a list or a string.
func (m *Machine) indexHost(v ir.Value, items []ixValue, span diag.Span) (ir.Value, error) {
	if len(items) != 1 || items[0].axis != "" || items[0].kind == ir.IxDots {
		if l, ok := v.(*ir.List); ok {
			if a, err := m.asArray(l); err == nil {
				return m.indexItems(a, items, span)
			}
		}
		return nil, &ir.Error{Code: "E0306", Msg: "a " + ir.KindOf(v).String() + " takes one index", Hint: "one after the other: x[0][1]"}
	}
	it := items[0]
	if l, ok := it.lo.(*ir.Lazy); ok && it.kind == ir.IxEntry && l != nil {
		return unknown(), nil
	}
	if s, ok := v.(string); ok {
		chars := &ir.List{}
		for _, r := range s {
			chars.Items = append(chars.Items, string(r))
		}
		out, err := m.indexList(chars, it, "string")
		if l, ok := out.(*ir.List); ok && err == nil {
			return joinText(l.Items), nil
		}
		return out, err
	}
	return m.indexList(v.(*ir.List), it, "list")
}

func joinText(items []ir.Value) string {
	var b strings.Builder
	for _, e := range items {
		b.WriteString(e.(string))
	}
	return b.String()
}

func (m *Machine) indexList(l *ir.List, it ixValue, what string) (ir.Value, error) {
	n := len(l.Items)
	if err := m.charge(n / 8); err != nil {
		return nil, err
	}
	ix, err := m.tensorIx([]ixValue{it})
	if err != nil {
		return nil, err
	}
	switch ix[0].Kind {
	case tensor.Entry:
		i, err := listIndex(ix[0].I, n, what)
		if err != nil {
			return nil, err
		}
		return l.Items[i], nil
	case tensor.List:
		out := &ir.List{}
		for _, k := range ix[0].List {
			i, err := listIndex(k, n, what)
			if err != nil {
				return nil, err
			}
			out.Items = append(out.Items, l.Items[i])
		}
		return out, nil
	case tensor.Slice:
		sel, err := tensor.ResolveIndex(tensor.NewType(tensor.F32, nil, []int{n}), ix)
		if err != nil {
			return nil, err
		}
		out := &ir.List{}
		for _, i := range seq(sel[0], n) {
			out.Items = append(out.Items, l.Items[i])
		}
		return out, nil
	}
	return nil, &ir.Error{Code: "E0306", Msg: "at() is an index of arrays, got " + what}
}

func listIndex(i, n int, what string) (int, error) {
	if i < -n || i >= n {
		if n == 0 {
			return 0, &ir.Error{Code: "E0303", Msg: fmt.Sprintf("index %d: the %s is empty", i, what)}
		}
		return 0, &ir.Error{Code: "E0303", Msg: fmt.Sprintf("index %d is out of range for a %s of length %d", i, what, n), Hint: fmt.Sprintf("valid: %d to %d", -n, n-1)}
	}
	return (i + n) % n, nil
}

// tensorIx turns items into an index of an array.
func (m *Machine) tensorIx(items []ixValue) ([]tensor.Ix, error) {
	out := make([]tensor.Ix, len(items))
	for i, it := range items {
		x := tensor.Ix{Axis: it.axis}
		var err error
		switch it.kind {
		case ir.IxDots:
			x.Kind = tensor.Ellipsis
		case ir.IxSlice:
			x.Kind = tensor.Slice
			for _, p := range []struct {
				v   ir.Value
				n   *int
				has *bool
			}{{it.lo, &x.Lo, &x.HasLo}, {it.hi, &x.Hi, &x.HasHi}, {it.step, &x.Step, &x.HasStep}} {
				if p.v == nil {
					continue
				}
				n, ok := intOf(p.v)
				if !ok {
					return nil, &ir.Error{Code: "E0306", Msg: "slice: want whole numbers, got " + ir.KindOf(p.v).String()}
				}
				*p.n, *p.has = clampInt(n), true
			}
		default:
			err = m.entryIx(it.lo, &x)
		}
		if err != nil {
			return nil, err
		}
		out[i] = x
	}
	return out, nil
}

// entryIx reads an index that is no slice: a number, a list of numbers, at(...).
func (m *Machine) entryIx(v ir.Value, x *tensor.Ix) error {
	if n, ok := intOf(v); ok {
		x.Kind, x.I = tensor.Entry, clampInt(n)
		return nil
	}
	switch y := v.(type) {
	case *ir.Lazy:
		x.Kind, x.Unknown = tensor.Entry, true
		return nil
	case stdlib.Positions:
		x.Kind = tensor.Per
		if l, ok := y.At.(*ir.Lazy); ok && l != nil {
			x.Unknown = true
			return nil
		}
		if n, ok := intOf(y.At); ok {
			x.List = []int{clampInt(n)}
			return nil
		}
		v = y.At
	case string:
		return &ir.Error{Code: "E0306", Msg: "a string is no index", Hint: fmt.Sprintf("the id of a token: token(%q)", y)}
	case nil:
		return &ir.Error{Code: "E0306", Msg: "index: want a whole number, got None", Hint: `a new axis of length 1: expand(x, "name", at=0); axes of one name meet without it`}
	case float64, bool:
		return &ir.Error{Code: "E0306", Msg: "index: want a whole number, got " + ir.KindOf(v).String()}
	default:
		x.Kind = tensor.List
	}
	list, ok := listItems(v)
	if !ok {
		return &ir.Error{Code: "E0306", Msg: "index: want a whole number or a list of them, got " + ir.KindOf(v).String()}
	}
	if err := m.charge(len(list)); err != nil {
		return err
	}
	x.List = make([]int, len(list))
	for i, e := range list {
		n, ok := intOf(e)
		if !ok {
			err := &ir.Error{Code: "E0306", Msg: "index: want whole numbers, got " + ir.KindOf(e).String()}
			if t, ok := ir.TypeOf(e); ok && t.DT == tensor.Bool {
				err.Msg, err.Hint = "index: want whole numbers, got a condition", "where(c, x, 0) chooses by it; its places are [i for i in range(len(c)) if c[i]]"
			}
			return err
		}
		x.List[i] = clampInt(n)
	}
	return nil
}

// indexValue is v[ix] where the index is resolved: of arrays, and of lists by entries.
func (m *Machine) indexValue(v ir.Value, ix []tensor.Ix, span diag.Span) (ir.Value, error) {
	if len(ix) == 0 {
		return v, nil
	}
	if l, ok := v.(*ir.Lazy); ok && l.Kind != ir.KArray {
		return unknown(), nil
	}
	l, ok := v.(*ir.List)
	if !ok || ix[0].Kind != tensor.Entry {
		return m.index(v, ix, span)
	}
	if ix[0].Unknown {
		return unknown(), nil
	}
	i, err := listIndex(ix[0].I, len(l.Items), "list")
	if err != nil {
		return nil, err
	}
	return m.indexValue(l.Items[i], ix[1:], span)
}

// attrOp is a0.Name.
func (m *Machine) attrOp(f *frame, in *ir.Instr) (ir.Value, error) {
	v, err := m.arg(f, in, 0)
	if err != nil {
		return nil, err
	}
	return m.attr(v, in.Name, in.Hint)
}

func (m *Machine) attr(v ir.Value, name, hint string) (ir.Value, error) {
	switch x := v.(type) {
	case *ir.Record:
		return fieldNamed(x, name, hint)
	case *modelValue:
		return m.modelField(x, name)
	case *ir.Lazy:
		if x.Kind != ir.KAny && x.Kind != ir.KRecord {
			break
		}
		if m.check != nil {
			return unknown(), nil
		}
		k, err := m.force(x)
		if err != nil {
			return nil, err
		}
		return m.attr(k, name, hint)
	}
	if t, ok := ir.TypeOf(v); ok {
		switch name {
		case "shape":
			return shapeList(t), nil
		case "axes":
			return stdlib.Strings(t.Axes), nil
		}
	}
	if row, ok := m.opts.Lookup(name); ok && !row.Hidden && hint == "" {
		hint = "it is called: ." + name + "(...)"
	}
	return nil, &ir.Error{Code: "E0307", Msg: fmt.Sprintf("%s has no field %s", ir.KindOf(v), name), Hint: hint}
}

// shapeList is x.shape: of a ragged axis a list of lengths, one for each row that they depend on.
func shapeList(t tensor.Type) ir.Value {
	out := &ir.List{}
	for k, d := range t.Dims {
		if d >= 0 {
			out.Items = append(out.Items, int64(d))
			continue
		}
		lens := &ir.List{}
		for _, n := range t.Lengths(k) {
			lens.Items = append(lens.Items, int64(n))
		}
		out.Items = append(out.Items, lens)
	}
	return out
}
