package vm

import (
	"slices"

	"interp/ir"
	"interp/nnrt/tensor"
	"interp/stdlib"
)

// undecided is a and b, a or b, or a chain of comparisons, of truths that depend on a run: a truth that is
// not known yet, so that nothing is forced before something is decided by it. nil: a has to be decided,
// because it is known, or b is no truth, does something, or fails.
func (m *Machine) undecided(f *frame, in *ir.Instr, a ir.Value) (ir.Value, error) {
	if _, lazy := a.(*ir.Lazy); !lazy || !isTruth(a) || !onlyComputes(in.Blocks[0]) {
		return nil, nil
	}
	if m.check != nil {
		m.check.maybe++
		defer func() { m.check.maybe-- }()
	}
	if _, err := m.block(f, in.Blocks[0]); err != nil {
		if fatal(err) {
			return nil, err
		}
		return nil, nil
	}
	b := f.regs[in.Dst]
	switch {
	case isTruth(b):
	case m.check != nil: // where a is decided here, and b is looked at already
		_, _, err := m.truth(a)
		return join(a, b), err
	default:
		return nil, nil
	}
	return m.op(logicRow, in.Op == ir.OpOr, in.Span, a, b)
}

// isTruth says that a value is True or False, if perhaps not known yet.
func isTruth(v ir.Value) bool {
	switch x := v.(type) {
	case bool:
		return true
	case *ir.Lazy:
		return x.Kind == ir.KBool || x.Kind == ir.KArray && x.Type.DT == tensor.Bool && !x.Type.IsRagged() && x.Type.Size() == 1
	}
	return false
}

// computing are the instructions that compute a value and do nothing else.
var computing = map[ir.Op]bool{ir.OpConst: true, ir.OpLoad: true, ir.OpMove: true, ir.OpBinary: true, ir.OpUnary: true, ir.OpTruth: true,
	ir.OpAttr: true, ir.OpIndex: true, ir.OpList: true, ir.OpSite: true, ir.OpRead: true, ir.OpModelVal: true, ir.OpWeight: true,
	ir.OpCall: true, ir.OpAnd: true, ir.OpOr: true}

// onlyComputes says that a block may be run whether or not its value is used.
func onlyComputes(b *ir.Block) bool {
	for _, in := range b.Instrs {
		if !computing[in.Op] || in.Row != nil && (in.Row.Output || in.Row.Special) {
			return false
		}
		if !slices.ContainsFunc(in.Blocks, func(b *ir.Block) bool { return !onlyComputes(b) }) {
			continue
		}
		return false
	}
	return true
}

// logicRow is and, or where Attrs says so, of two truths.
var logicRow = &ir.OpRow{Name: "logic", Hidden: true, NoGrad: "a truth value has none",
	Infer: func(*ir.Call) (ir.Value, error) { return &ir.Lazy{Kind: ir.KBool}, nil },
	Eval: func(c *ir.Call) (ir.Value, error) {
		a, err := stdlib.Truth(c.Args[0])
		if err != nil {
			return nil, err
		}
		if a == c.Attrs.(bool) {
			return a, nil
		}
		return stdlib.Truth(c.Args[1])
	},
}
