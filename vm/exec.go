package vm

import (
	"interp/internal/diag"
	"interp/ir"
)

// frame is one call: registers and variables.
type frame struct {
	fn    *ir.Func
	regs  []ir.Value
	vars  []ir.Value
	outer *frame // of the scope that the function stands in
	key   uint64 // of the chain of calls
	call  diag.Span
	ret   ir.Value
	rets  []ir.Value // in check: what branches that may run return
	yield []*collector
	saved map[int]diag.Span // slots that save has filled
}

// unset is a variable without a value.
type unset struct{}

// at is the frame of a variable's scope.
func (m *Machine) at(f *frame, level int) *frame {
	if level == 0 {
		return m.globals
	}
	for f.fn.Level > level {
		f = f.outer
	}
	return f
}

func (m *Machine) slot(f *frame, v ir.Var) *ir.Value { return &m.at(f, v.Level).vars[v.Slot] }

// control says how a block ended.
type control uint8

const (
	goesOn control = iota
	returns
)

// handler does one instruction.
type handler func(m *Machine, f *frame, in *ir.Instr) (control, error)

var handlers [ir.Ops]handler

func init() {
	simple := func(h func(m *Machine, f *frame, in *ir.Instr) error) handler {
		return func(m *Machine, f *frame, in *ir.Instr) (control, error) { return goesOn, h(m, f, in) }
	}
	value := func(h func(m *Machine, f *frame, in *ir.Instr) (ir.Value, error)) handler {
		return func(m *Machine, f *frame, in *ir.Instr) (control, error) {
			v, err := h(m, f, in)
			if err == nil {
				err = ir.Measure(v)
			}
			if err == nil {
				f.regs[in.Dst] = v
			}
			return goesOn, err
		}
	}
	handlers = [ir.Ops]handler{
		ir.OpConst: value(func(_ *Machine, _ *frame, in *ir.Instr) (ir.Value, error) { return in.Val, nil }),
		ir.OpLoad:  value((*Machine).load), ir.OpStore: simple((*Machine).store), ir.OpMove: value((*Machine).move),
		ir.OpUnary: value((*Machine).unaryOp), ir.OpBinary: value((*Machine).binaryOp), ir.OpTruth: value((*Machine).truthOp),
		ir.OpAnd: (*Machine).andOr, ir.OpOr: (*Machine).andOr,
		ir.OpList: value((*Machine).listOp), ir.OpRecord: value((*Machine).recordOp), ir.OpFormat: value((*Machine).formatOp),
		ir.OpIndex: value((*Machine).indexOp), ir.OpAttr: value((*Machine).attrOp),
		ir.OpCall: value((*Machine).callOp), ir.OpCallFunc: value((*Machine).callFuncOp), ir.OpMethod: value((*Machine).methodOp),
		ir.OpFunc: value((*Machine).funcOp), ir.OpFuncRow: value((*Machine).funcRowOp),
		ir.OpModelVal: value((*Machine).modelValOp), ir.OpModelOpen: value((*Machine).modelOpenOp), ir.OpGenerated: value((*Machine).generatedOp),
		ir.OpWeight: value((*Machine).weightOp), ir.OpSite: value((*Machine).siteOp), ir.OpSiteNamed: value((*Machine).siteNamedOp),
		ir.OpRead: value((*Machine).readOp), ir.OpApply: value((*Machine).applyOp), ir.OpGrad: value((*Machine).gradOp), ir.OpGradParam: value((*Machine).gradParamOp),
		ir.OpUnpack: simple((*Machine).unpackOp), ir.OpSetIndex: value((*Machine).setIndexOp), ir.OpSetField: value((*Machine).setFieldOp),
		ir.OpSet: simple((*Machine).setOp), ir.OpSetSlice: simple((*Machine).setSliceOp), ir.OpSave: simple((*Machine).saveOp),
		ir.OpModel: simple((*Machine).modelOp), ir.OpInput: (*Machine).inputOp,
		ir.OpPrint: simple((*Machine).printOp), ir.OpAssert: simple((*Machine).assertOp), ir.OpShow: simple((*Machine).showOp),
		ir.OpReturn: (*Machine).returnOp, ir.OpIf: (*Machine).ifOp, ir.OpFor: (*Machine).forOp,
		ir.OpComp: value((*Machine).compOp), ir.OpYield: simple((*Machine).yieldOp),
		ir.OpTrace: (*Machine).traceOp, ir.OpInvoke: (*Machine).invokeOp, ir.OpIter: (*Machine).iterOp,
	}
}

// block runs instructions. In check an error is noted, what it leaves is unknown, and it goes on.
func (m *Machine) block(f *frame, b *ir.Block) (control, error) {
	for _, in := range b.Instrs {
		m.cur = in
		c, err := m.step(f, in)
		if err != nil {
			err = m.fault(in, err)
			if m.check == nil || !m.check.report(m, err) {
				return goesOn, err
			}
			m.poison(f, in)
			continue
		}
		if c != goesOn {
			return c, nil
		}
	}
	return goesOn, nil
}

func (m *Machine) step(f *frame, in *ir.Instr) (control, error) {
	if err := m.charge(0); err != nil {
		return goesOn, err
	}
	return handlers[in.Op](m, f, in)
}

// poison makes what an instruction would have given unknown.
func (m *Machine) poison(f *frame, in *ir.Instr) {
	if in.Dst != ir.NoReg {
		f.regs[in.Dst] = unknown()
	}
	for _, b := range in.Blocks {
		for _, inner := range b.Instrs {
			m.poison(f, inner)
		}
	}
	switch in.Op {
	case ir.OpStore, ir.OpInput:
		*m.slot(f, in.Var) = unknown()
	case ir.OpSave:
		p := m.slot(f, in.Var)
		if c, ok := (*p).(*cells); *p == (unset{}) || ok && len(c.order) == 0 {
			*p = unknown()
		}
	case ir.OpUnpack, ir.OpShow:
		for _, v := range in.Vars {
			*m.slot(f, v) = unknown()
		}
	}
}

// unknown is a value of which check knows nothing.
func unknown() *ir.Lazy { return &ir.Lazy{Node: ir.NoNode} }

// unknownOf is an unknown value of a kind.
func unknownOf(k ir.Kind) *ir.Lazy { return &ir.Lazy{Node: ir.NoNode, Kind: k} }

// arg is an argument as a value: saved cells as an array.
func (m *Machine) arg(f *frame, in *ir.Instr, i int) (ir.Value, error) {
	if in.Args[i] == ir.NoReg {
		return nil, nil
	}
	return m.materialise(f.regs[in.Args[i]], in.Span)
}

func (m *Machine) args(f *frame, in *ir.Instr, from int) ([]ir.Value, error) {
	out := make([]ir.Value, 0, len(in.Args)-from)
	for i := from; i < len(in.Args); i++ {
		v, err := m.arg(f, in, i)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

func (m *Machine) load(f *frame, in *ir.Instr) (ir.Value, error) {
	v := *m.slot(f, in.Var)
	if _, ok := v.(unset); ok {
		return nil, &ir.Error{Code: "E0213", Msg: in.Var.Name + " has no value here", Hint: "the line that gives it one did not run"}
	}
	return v, nil
}

func (m *Machine) store(f *frame, in *ir.Instr) error {
	v, err := m.arg(f, in, 0)
	if err != nil {
		return err
	}
	m.shape(in, in.Var.Name, v)
	*m.slot(f, in.Var) = v
	return nil
}

func (m *Machine) move(f *frame, in *ir.Instr) (ir.Value, error) { return f.regs[in.Args[0]], nil }

func (m *Machine) listOp(f *frame, in *ir.Instr) (ir.Value, error) {
	items, err := m.args(f, in, 0)
	if err != nil {
		return nil, err
	}
	return &ir.List{Items: items}, m.charge(len(items))
}

func (m *Machine) recordOp(f *frame, in *ir.Instr) (ir.Value, error) {
	vals, err := m.args(f, in, 0)
	if err != nil {
		return nil, err
	}
	return &ir.Record{Keys: in.Keys, Vals: vals}, m.charge(len(vals))
}
