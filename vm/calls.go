package vm

import (
	"fmt"

	"interp/compiler"
	"interp/internal/diag"
	"interp/ir"
	"interp/nnrt/tensor"
)

// callOp is a call of a row of the library with its arguments in place.
func (m *Machine) callOp(f *frame, in *ir.Instr) (ir.Value, error) {
	n := len(in.Row.Params)
	given := make([]ir.Value, 0, n)
	have := make([]bool, 0, n)
	for i := range in.Args {
		v, err := m.arg(f, in, i)
		if err != nil {
			return nil, err
		}
		given, have = append(given, v), append(have, in.Args[i] != ir.NoReg)
	}
	return m.callRow(in.Row, given, have, in.Span)
}

// callRow calls a row with the values of its first parameters: those that have says are given, all
// of them if it is nil. One that takes the rest has a list.
func (m *Machine) callRow(row *ir.OpRow, given []ir.Value, have []bool, span diag.Span) (ir.Value, error) {
	args := make([]ir.Value, len(row.Params))
	for k, p := range row.Params {
		switch {
		case k < len(given) && (have == nil || have[k]):
			args[k] = given[k]
		case p.Rest:
			args[k] = &ir.List{}
		default:
			args[k] = p.Default
		}
	}
	for k, p := range row.Params {
		if l, ok := args[k].(*ir.List); ok && p.Array && !ir.IsKnown(l) {
			a, err := m.asArray(l)
			if err != nil {
				return nil, err
			}
			args[k] = a
		}
	}
	c := &ir.Call{Row: row, Args: args, Env: m.env(), Span: span}
	if row.Output {
		return nil, m.output(c)
	}
	return m.callKnown(c)
}

// env is what a call may use of its surroundings.
func (m *Machine) env() *ir.Env {
	span := m.cur.Span
	e := &ir.Env{Model: m.inUse(), Seed: m.seed, Site: m.callKey(span),
		Warn:   func(d string) { m.warnText("W0301", d, span) },
		Charge: m.charge}
	e.Op = func(row *ir.OpRow, attrs any, args ...ir.Value) (ir.Value, error) {
		return m.callKnown(&ir.Call{Row: row, Args: args, Attrs: attrs, Env: e, Span: span})
	}
	e.Index = func(v ir.Value, ix []tensor.Ix) (ir.Value, error) { return m.index(v, ix, span) }
	e.Call = func(fn ir.Value, args ...ir.Value) (ir.Value, error) {
		v, err := m.callValue(fn, args, nil, m.cur)
		if err != nil {
			return nil, err
		}
		return m.force(v)
	}
	return e
}

// inUse is the model that the line at hand speaks of.
func (m *Machine) inUse() ir.Model {
	if m.rs.inv != nil {
		return m.rs.inv.model
	}
	if m.rs.trace != nil {
		return m.rs.trace.model
	}
	return m.model
}

// callKnown calls a row at once if its arguments are known, else as a node. What must be known and is
// not is forced; check leaves it unknown.
func (m *Machine) callKnown(c *ir.Call) (ir.Value, error) {
	known, cost := true, 0
	for _, a := range c.Args {
		known = known && ir.IsKnown(a)
		cost += size(a)
	}
	if err := m.charge(cost); err != nil {
		return nil, err
	}
	if m.check != nil {
		return m.checkCall(c, known)
	}
	v, err := m.apply(c)
	if err == nil || known || fatal(err) {
		return v, err
	}
	if err != error(ir.ErrForce) && !hostLazy(c.Args) {
		return nil, err
	}
	forced := *c
	forced.Args = append([]ir.Value(nil), c.Args...)
	for i, a := range c.Args {
		if err == error(ir.ErrForce) || !lazyArray(a) {
			k, ferr := m.force(a)
			if ferr != nil {
				return nil, ferr
			}
			forced.Args[i] = k
		}
	}
	return m.apply(&forced)
}

// hostLazy says that some argument is a value of the host that is not known yet.
func hostLazy(args []ir.Value) bool {
	for _, a := range args {
		if !ir.IsKnown(a) && !lazyArray(a) {
			return true
		}
	}
	return false
}

func lazyArray(v ir.Value) bool {
	l, ok := v.(*ir.Lazy)
	return ok && l.Kind == ir.KArray && l.Type.Rank() > 0
}

// checkCall is a call in check: of arrays only types are known.
func (m *Machine) checkCall(c *ir.Call, known bool) (ir.Value, error) {
	if known && c.Row.Eval != nil && !c.Row.Weights && m.small(c) {
		return c.Row.Eval(c)
	}
	if c.Row.Infer == nil {
		return unknown(), nil
	}
	v, err := m.infer(c)
	switch {
	case err == error(ir.ErrForce) && known && c.Row.Eval != nil:
		return c.Row.Eval(c)
	case err == error(ir.ErrForce):
		for _, a := range c.Args {
			if err := m.unknowable(a); err != nil {
				return nil, err
			}
		}
		return unknown(), nil
	case err != nil && (hasAny(c.Args) || hostLazy(c.Args)):
		return unknown(), nil
	}
	return v, err
}

// infer is apply without evaluation.
func (m *Machine) infer(c *ir.Call) (ir.Value, error) {
	lazy := *c
	row := *c.Row
	if row.Eval != nil && !m.lazyCall(c) {
		v, err := c.Row.Infer(c)
		if l, ok := v.(*ir.Lazy); ok && err == nil && l.Node == 0 {
			n := *l
			n.Node = ir.NoNode
			return &n, nil
		}
		return v, err
	}
	return m.apply(&lazy)
}

func (m *Machine) lazyCall(c *ir.Call) bool {
	for _, a := range c.Args {
		if !ir.IsKnown(a) {
			return true
		}
	}
	return false
}

const smallArray = 4096

// small says that a call on known values is worth doing in check: little goes in and comes out.
func (m *Machine) small(c *ir.Call) bool {
	n := 0
	for _, a := range c.Args {
		n += size(a)
	}
	if n > 1<<16 {
		return false
	}
	if c.Row.Infer == nil {
		return true
	}
	v, err := c.Row.Infer(c)
	l, ok := v.(*ir.Lazy)
	return err != nil || !ok || l.Kind != ir.KArray || l.Type.Size() <= smallArray
}

// hasAny says that of some value check knows nothing.
func hasAny(vs []ir.Value) bool {
	for _, v := range vs {
		switch x := v.(type) {
		case *ir.Lazy:
			if x.Kind == ir.KAny || x.Kind == ir.KList && x.Elems == nil || x.Kind == ir.KRecord {
				return true
			}
		case *ir.List:
			if hasAny(x.Items) {
				return true
			}
		case *ir.Record:
			if hasAny(x.Vals) {
				return true
			}
		}
	}
	return false
}

func (m *Machine) funcOp(f *frame, in *ir.Instr) (ir.Value, error) {
	v := &funcValue{fn: in.Fn, outer: f}
	k := 0
	for _, p := range in.Fn.Params {
		var d ir.Value
		if p.Default {
			x, err := m.arg(f, in, k)
			if err != nil {
				return nil, err
			}
			d = x
			k++
		}
		v.defaults = append(v.defaults, d)
	}
	return v, nil
}

func (m *Machine) funcRowOp(_ *frame, in *ir.Instr) (ir.Value, error) { return &rowFunc{in.Row}, nil }

func (m *Machine) callFuncOp(f *frame, in *ir.Instr) (ir.Value, error) {
	args, err := m.args(f, in, 1)
	if err != nil {
		return nil, err
	}
	fn, err := m.arg(f, in, 0)
	if err != nil {
		return nil, err
	}
	return m.callValue(fn, args, in.Keys, in)
}

// callValue calls what a value stands for; the last arguments go by the names in keys.
func (m *Machine) callValue(fn ir.Value, args []ir.Value, keys []string, in *ir.Instr) (ir.Value, error) {
	switch x := fn.(type) {
	case *funcValue:
		bound, err := bindParams(x, args, keys)
		if err != nil {
			return nil, err
		}
		if x.fn.Kind == ir.FuncEdit {
			return &editCall{edit: x, args: bound, site: in.Site, span: in.Span}, nil
		}
		return m.callFunc(x, bound, in)
	case *rowFunc:
		given, have, err := bindRow(x.row, args, keys)
		if err != nil {
			return nil, err
		}
		return m.callRow(x.row, given, have, in.Span)
	case *siteRef:
		if len(args) != 1 || len(keys) > 0 {
			return nil, &ir.Error{Code: "E0202", Msg: fmt.Sprintf("a module is applied to one value, got %d", len(args))}
		}
		return m.applySite(x, args[0], in.Span)
	case *ir.Lazy:
		if m.check != nil {
			return unknown(), nil
		}
	}
	return nil, &ir.Error{Code: "E0310", Msg: ir.KindOf(fn).String() + " is no function", Hint: in.Hint}
}

// bindParams gives a def's parameters their values.
func bindParams(fn *funcValue, args []ir.Value, keys []string) ([]ir.Value, error) {
	ps, name := fn.fn.Params, fn.fn.Name
	wrong := func(format string, a ...any) error {
		return &ir.Error{Code: "E0202", Msg: name + ": " + fmt.Sprintf(format, a...)}
	}
	out, given := append([]ir.Value(nil), fn.defaults...), make([]bool, len(ps))
	for i, v := range args {
		k := i
		if j := i - (len(args) - len(keys)); j >= 0 {
			k = -1
			for n, p := range ps {
				if p.Name == keys[j] {
					k = n
				}
			}
			if k < 0 {
				return nil, wrong("there is no argument %s", keys[j])
			}
		}
		if k >= len(ps) {
			return nil, wrong("it takes %d arguments, got %d", len(ps), len(args))
		}
		if given[k] {
			return nil, wrong("%s is given twice", ps[k].Name)
		}
		out[k], given[k] = v, true
	}
	for k, p := range ps {
		if !given[k] && !p.Default {
			return nil, wrong("%s is missing", p.Name)
		}
	}
	return out, nil
}

// bindRow is the same for a row of the library.
func bindRow(row *ir.OpRow, args []ir.Value, keys []string) ([]ir.Value, []bool, error) {
	wrong := func(format string, a ...any) error {
		return &ir.Error{Code: "E0202", Msg: row.Name + ": " + fmt.Sprintf(format, a...)}
	}
	n, rest := len(row.Params), row.Rest()
	given, have := make([]ir.Value, n), make([]bool, n)
	var more []ir.Value
	for i, v := range args {
		k := i
		if j := i - (len(args) - len(keys)); j >= 0 {
			k = -1
			for q, p := range row.Params {
				if p.Name == keys[j] && !p.Rest {
					k = q
				}
			}
			if k < 0 {
				return nil, nil, &ir.Error{Code: "E0202", Msg: row.Name + " has no argument " + keys[j], Hint: compiler.ArgHint(row, keys[j])}
			}
		} else if rest >= 0 && k >= rest {
			more = append(more, v)
			continue
		}
		switch {
		case k >= n:
			return nil, nil, wrong("it takes %d arguments, got %d", n, len(args))
		case have[k]:
			return nil, nil, wrong("%s is given twice", row.Params[k].Name)
		default:
			given[k], have[k] = v, true
		}
	}
	if rest >= 0 {
		given[rest], have[rest] = &ir.List{Items: more}, true
	}
	for k, p := range row.Params {
		if !p.Optional && !have[k] {
			return nil, nil, wrong("%s is missing", p.Name)
		}
	}
	return given, have, nil
}

const maxCalls = 1000

// callFunc runs a def's body.
func (m *Machine) callFunc(fn *funcValue, args []ir.Value, in *ir.Instr) (ir.Value, error) {
	for _, g := range m.stack {
		if g.fn == fn.fn {
			return nil, &ir.Error{Code: "E0203", Msg: fn.fn.Name + " calls itself", Hint: "every script ends: loop over a range instead"}
		}
	}
	if len(m.stack) > maxCalls {
		return nil, &ir.Error{Code: "E0412", Msg: fmt.Sprintf("more than %d calls inside one another", maxCalls)}
	}
	g, err := m.enter(fn, args, in.Site, in.Span)
	if err != nil {
		return nil, err
	}
	c, err := m.block(g, fn.fn.Body)
	m.leave()
	m.cur = in
	if err != nil {
		return nil, err
	}
	if c != returns {
		g.ret = nil
	}
	for _, r := range g.rets {
		g.ret = join(g.ret, r)
	}
	return g.ret, nil
}

// enter makes the frame of a call.
func (m *Machine) enter(fn *funcValue, args []ir.Value, site uint64, at diag.Span) (*frame, error) {
	g := &frame{fn: fn.fn, outer: fn.outer, regs: make([]ir.Value, fn.fn.Regs), vars: make([]ir.Value, len(fn.fn.Vars)),
		key: ir.Mix(m.stack[len(m.stack)-1].key, m.loopKey(), site), call: at, saved: map[int]diag.Span{}}
	for i := range g.vars {
		g.vars[i] = unset{}
	}
	copy(g.vars, args)
	m.stack = append(m.stack, g)
	return g, m.charge(len(g.regs) + len(g.vars))
}

func (m *Machine) leave() { m.stack = m.stack[:len(m.stack)-1] }

// callKey names the call at hand: its ordinal in the tree, the chain of calls, the loop indices.
func (m *Machine) callKey(diag.Span) uint64 {
	return ir.Mix(m.stack[len(m.stack)-1].key, m.loopKey(), m.cur.Site)
}

func (m *Machine) loopKey() uint64 {
	k := uint64(0)
	for _, l := range m.loops {
		k = ir.Mix(k, l.in.Site, uint64(l.index)+1)
	}
	return k
}

// methodOp is v.f(a): a field of a record, a member of a model, or f(v, a).
func (m *Machine) methodOp(f *frame, in *ir.Instr) (ir.Value, error) {
	args, err := m.args(f, in, 0)
	if err != nil {
		return nil, err
	}
	v := args[0]
	switch x := v.(type) {
	case *ir.Record:
		if fn, ok := x.Get(in.Name); ok {
			return m.callValue(fn, args[1:], in.Keys, in)
		}
	case *modelValue:
		return m.modelMethod(x, args[1:], in)
	case *ir.Lazy:
		if (x.Kind == ir.KAny || x.Kind == ir.KRecord) && m.check != nil {
			return unknown(), nil
		}
	}
	if in.Row == nil {
		if _, ok := v.(*ir.Record); ok {
			_, err := fieldNamed(v.(*ir.Record), in.Name, in.Hint)
			return nil, err
		}
		return nil, &ir.Error{Code: "E0307", Msg: fmt.Sprintf("%s has no function %s", ir.KindOf(v), in.Name), Hint: in.Hint}
	}
	given, have, err := bindRow(in.Row, args, in.Keys)
	if err != nil {
		return nil, err
	}
	return m.callRow(in.Row, given, have, in.Span)
}

// modelMethod is m.tokens(s): a function that speaks of the model.
func (m *Machine) modelMethod(x *modelValue, args []ir.Value, in *ir.Instr) (ir.Value, error) {
	if in.Row == nil {
		return nil, &ir.Error{Code: "E0307", Msg: x.String() + " has no function " + in.Name, Hint: in.Hint}
	}
	given, have, err := bindRow(in.Row, args, in.Keys)
	if err != nil {
		return nil, err
	}
	return m.of(x.model, func() (ir.Value, error) { return m.callRow(in.Row, given, have, in.Span) })
}
