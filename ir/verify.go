package ir

import "fmt"

// Verify checks what every program must hold: the shape of each instruction by its opcode's row, and
// that registers are assigned before they are used on every way through the blocks. An error is a
// defect of the compiler, never of a script.
func Verify(p *Program) error {
	for _, f := range append([]*Func{p.Main}, p.Funcs...) {
		v := verifier{fn: f, globals: len(p.Globals)}
		if err := v.block(f.Body, newRegSet(f.Regs)); err != nil {
			return fmt.Errorf("%s %s: %w", funcKinds[f.Kind], f.Name, err)
		}
	}
	return nil
}

type verifier struct {
	fn      *Func
	globals int
}

// regSet says which registers are assigned.
type regSet []bool

func newRegSet(n int) regSet { return make(regSet, n) }

func (s regSet) copy() regSet { return append(regSet(nil), s...) }

// meet keeps what both have.
func (s regSet) meet(t regSet) {
	for i := range s {
		s[i] = s[i] && t[i]
	}
}

func (v *verifier) block(b *Block, have regSet) error {
	for i, in := range b.Instrs {
		if err := v.instr(in, have); err != nil {
			return fmt.Errorf("instruction %d, %s: %w", i, in.Op, err)
		}
	}
	return nil
}

func (v *verifier) instr(in *Instr, have regSet) error {
	if in.Op >= opEnd {
		return fmt.Errorf("no such opcode")
	}
	f := in.Op.Form()
	for _, check := range shapeChecks {
		if !check.ok(in, f) {
			return fmt.Errorf("%s", check.text)
		}
	}
	if in.Dst != NoReg && (in.Dst < 0 || int(in.Dst) >= len(have)) {
		return fmt.Errorf("%s is no register of the function", in.Dst)
	}
	if err := v.uses(in, have); err != nil {
		return err
	}
	if err := v.vars(in); err != nil {
		return err
	}
	if err := v.blocks(in, have); err != nil {
		return err
	}
	if in.Dst != NoReg {
		have[in.Dst] = true
	}
	return nil
}

// shapeChecks hold for the fields of an instruction.
var shapeChecks = []struct {
	text string
	ok   func(*Instr, *Form) bool
}{
	{"too few or too many arguments", func(in *Instr, f *Form) bool {
		n := len(in.Args)
		return n >= f.Args[0] && (f.Args[1] < 0 || n <= f.Args[1])
	}},
	{"a result where there is none, or none where there is one", func(in *Instr, f *Form) bool { return f.Dst == (in.Dst != NoReg) }},
	{"wrong number of blocks", func(in *Instr, f *Form) bool {
		return len(in.Blocks) >= f.Blocks[0] && len(in.Blocks) <= f.Blocks[1]
	}},
	{"no row", func(in *Instr, f *Form) bool { return f.Row == (in.Row != nil) || in.Op == OpMethod }},
	{"no function", func(in *Instr, f *Form) bool { return f.Fn == (in.Fn != nil) }},
	{"no name", func(in *Instr, f *Form) bool { return !f.Ident || in.Name != "" }},
	{"more names than arguments", func(in *Instr, f *Form) bool { return len(in.Keys) <= len(in.Args) }},
	{"arguments do not fit the row", func(in *Instr, f *Form) bool { return in.Op != OpCall || len(in.Args) >= rowLeast(in.Row) }},
	{"texts do not fit the fields", func(in *Instr, f *Form) bool { return in.Op != OpFormat || len(in.Parts) == 2*len(in.Args)+1 }},
	{"fields do not fit their names", func(in *Instr, f *Form) bool { return in.Op != OpRecord || len(in.Keys) == len(in.Args) }},
}

// rowLeast is how many registers a call must have: one a parameter, the rest's apart.
func rowLeast(r *OpRow) int {
	n := len(r.Params)
	if n > 0 && r.Params[n-1].Rest {
		n--
	}
	return n
}

func (v *verifier) uses(in *Instr, have regSet) error {
	regs := append([]Reg(nil), in.Args...)
	for _, it := range in.Ix {
		regs = append(regs, it.Lo, it.Hi, it.Step)
	}
	for _, r := range regs {
		switch {
		case r == NoReg:
		case r < 0 || int(r) >= len(have):
			return fmt.Errorf("%s is no register of the function", r)
		case !have[r]:
			return fmt.Errorf("%s is used before it is assigned", r)
		}
	}
	return nil
}

func (v *verifier) vars(in *Instr) error {
	vars := in.Vars
	if in.Op.Form().Var {
		vars = append([]Var{in.Var}, vars...)
	}
	for _, x := range vars {
		n := v.globals
		if x.Level > 0 {
			n = len(v.fn.Vars)
		}
		if x.Level < 0 || x.Level > v.fn.Level || x.Slot < 0 || (x.Level == 0 || x.Level == v.fn.Level) && x.Slot >= n {
			return fmt.Errorf("%s is no variable here", x)
		}
	}
	return nil
}

// blocks checks the blocks of an instruction. What both branches of an if assign is assigned after
// it; what a block assigns that may not run, or may run often, is not.
func (v *verifier) blocks(in *Instr, have regSet) error {
	if len(in.Blocks) == 0 {
		return nil
	}
	var after regSet
	for _, b := range in.Blocks {
		s := have.copy()
		if err := v.block(b, s); err != nil {
			return err
		}
		if (in.Op == OpAnd || in.Op == OpOr) && !s[in.Dst] {
			return fmt.Errorf("the block leaves nothing in %s", in.Dst)
		}
		if after == nil {
			after = s
		} else {
			after.meet(s)
		}
	}
	if in.Op == OpIf && len(in.Blocks) == 2 {
		copy(have, after)
	}
	return nil
}
