package ir

import (
	"strings"
	"testing"
)

// sound is a program that verifies; each call makes a new one.
//
//	script
//	    r0 = const 1
//	    if r0 { r1 = const 2 } else { r1 = const 3 }
//	    r2 = and r0 { r2 = move r1 }
//	    for i in r0 { store x, r1 }
//	    r3 = call row(r1, -)
//	    print r2, r3
func sound() *Program {
	constant := func(dst Reg, v int64) *Instr { return &Instr{Op: OpConst, Dst: dst, Val: v} }
	block := func(in ...*Instr) *Block { return &Block{in} }
	row := &OpRow{Name: "row", Params: []Param{{Name: "x"}, {Name: "y", Optional: true}}}
	return &Program{Globals: []string{"x", "i"}, Main: &Func{Regs: 4, Body: block(
		constant(0, 1),
		&Instr{Op: OpIf, Dst: NoReg, Args: []Reg{0}, Blocks: []*Block{block(constant(1, 2)), block(constant(1, 3))}},
		&Instr{Op: OpAnd, Dst: 2, Args: []Reg{0}, Blocks: []*Block{block(&Instr{Op: OpMove, Dst: 2, Args: []Reg{1}})}},
		&Instr{Op: OpFor, Dst: NoReg, Args: []Reg{0}, Vars: []Var{{0, 1, "i"}}, Blocks: []*Block{block(&Instr{Op: OpStore, Dst: NoReg, Args: []Reg{1}, Var: Var{0, 0, "x"}})}},
		&Instr{Op: OpCall, Dst: 3, Args: []Reg{1, NoReg}, Row: row},
		&Instr{Op: OpPrint, Dst: NoReg, Args: []Reg{2, 3}},
	)}}
}

func TestASoundProgramVerifies(t *testing.T) {
	if err := Verify(sound()); err != nil {
		t.Fatal(err)
	}
}

// TestVerifyFindsPlantedDefects breaks the sound program in one place at a time.
func TestVerifyFindsPlantedDefects(t *testing.T) {
	const (
		first, branch, and, loop, call, show = 0, 1, 2, 3, 4, 5
	)
	for _, c := range []struct {
		name, want string
		plant      func(p *Program, b []*Instr)
	}{
		{"an opcode that does not exist", "no such opcode", func(_ *Program, b []*Instr) { b[first].Op = opEnd }},
		{"a missing argument", "too few or too many arguments", func(_ *Program, b []*Instr) { b[and].Args = nil }},
		{"an argument too many", "too few or too many arguments", func(_ *Program, b []*Instr) { b[loop].Args = []Reg{0, 0} }},
		{"a result that is thrown away", "a result where there is none", func(_ *Program, b []*Instr) { b[first].Dst = NoReg }},
		{"a result of a print", "a result where there is none", func(_ *Program, b []*Instr) { b[show].Dst = 0 }},
		{"a result in a register that is not there", "r4 is no register", func(_ *Program, b []*Instr) { b[call].Dst = 4 }},
		{"a block's result in a register that is not there", "r9 is no register", func(_ *Program, b []*Instr) { b[and].Dst = 9 }},
		{"an argument in a register that is not there", "r7 is no register", func(_ *Program, b []*Instr) { b[show].Args[0] = 7 }},
		{"a register before it is assigned", "r3 is used before it is assigned", func(_ *Program, b []*Instr) { b[loop].Args[0] = 3 }},
		{"a register that one branch does not assign", "r1 is used before it is assigned", func(_ *Program, b []*Instr) { b[branch].Blocks[1].Instrs = nil }},
		{"a register of a branch that may not be taken", "r1 is used before it is assigned", func(_ *Program, b []*Instr) { b[branch].Blocks = b[branch].Blocks[:1] }},
		{"a register that only a loop assigns", "r2 is used before it is assigned", func(_ *Program, b []*Instr) {
			b[and].Op, b[and].Dst = OpIf, NoReg
			b[loop].Blocks[0].Instrs[0] = &Instr{Op: OpMove, Dst: 2, Args: []Reg{1}}
		}},
		{"an index in a register before it is assigned", "r2 is used before it is assigned", func(_ *Program, b []*Instr) {
			b[and] = &Instr{Op: OpIndex, Dst: 2, Args: []Reg{1}, Ix: []IxItem{{Lo: 2, Hi: NoReg, Step: NoReg}}}
		}},
		{"an and whose block leaves nothing", "the block leaves nothing in r2", func(_ *Program, b []*Instr) { b[and].Blocks[0].Instrs = nil }},
		{"a loop without a block", "wrong number of blocks", func(_ *Program, b []*Instr) { b[loop].Blocks = nil }},
		{"a call of no row", "no row", func(_ *Program, b []*Instr) { b[call].Row = nil }},
		{"a call with fewer registers than parameters", "arguments do not fit the row", func(_ *Program, b []*Instr) { b[call].Args = []Reg{1} }},
		{"a function that is none", "no function", func(_ *Program, b []*Instr) { b[first].Op = OpFunc }},
		{"an operator without a name", "no name", func(_ *Program, b []*Instr) { b[first].Op, b[first].Args = OpModelVal, nil }},
		{"more names than arguments", "more names than arguments", func(_ *Program, b []*Instr) { b[show].Keys = []string{"a", "b", "c"} }},
		{"an f-string with a text too few", "texts do not fit the fields", func(_ *Program, b []*Instr) {
			b[call] = &Instr{Op: OpFormat, Dst: 3, Args: []Reg{1}, Parts: []string{"a", ""}}
		}},
		{"a record with a value too many", "fields do not fit their names", func(_ *Program, b []*Instr) {
			b[call] = &Instr{Op: OpRecord, Dst: 3, Args: []Reg{1, 2}, Keys: []string{"a"}}
		}},
		{"a variable that the script has not", "is no variable here", func(_ *Program, b []*Instr) { b[loop].Blocks[0].Instrs[0].Var.Slot = 2 }},
		{"a loop variable of a scope that is not around", "is no variable here", func(_ *Program, b []*Instr) { b[loop].Vars[0].Level = 1 }},
		{"a defect in a def", "def f: instruction 0, print: r0 is no register", func(p *Program, _ []*Instr) {
			p.Funcs = []*Func{{Name: "f", Kind: FuncDef, Level: 1, Body: &Block{[]*Instr{{Op: OpPrint, Dst: NoReg, Args: []Reg{0}}}}}}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := sound()
			c.plant(p, p.Main.Body.Instrs)
			err := Verify(p)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}
