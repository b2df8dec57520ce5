package ir

import "interp/internal/diag"

// A Program is what the compiler makes of one script, or of one entry of a session: functions of
// typed instructions. Instructions are three-address: they read registers and write one. Control flow
// is structured: an if, a loop, an invoke is one instruction with blocks. Names are resolved to
// variables (slots of a scope), rows of the library and paths of sites; nothing is looked up by name
// while it runs, except the fields of records and what belongs to a model.
//
//	func main
//	    r0 = const 3
//	    store x, r0
//	    r1 = load x
//	    if r1
//	    {
//	        print r1
//	    }
//
// Registers belong to a function and are assigned before they are used on every way through its
// blocks (Verify).
type Program struct {
	Name    string   // of the file
	Main    *Func    // the script's own statements
	Funcs   []*Func  // defs and edits, in the order of the source
	Globals []string // names of the script's variables, by slot; a session's earlier ones come first
}

// FuncKind tells a script, a def and an edit apart.
type FuncKind uint8

// The kinds of functions.
const (
	FuncMain FuncKind = iota
	FuncDef
	FuncEdit
)

// Func is the script itself, a def or an edit.
type Func struct {
	Name   string
	Kind   FuncKind
	Level  int         // 0 the script, 1 what stands in it, 2 what stands in those
	Params []FuncParam // the first variables, in order
	Vars   []string    // names by slot; of the script see Program.Globals
	Regs   int
	Body   *Block
	Span   diag.Span
}

// FuncParam is a parameter of a def or an edit.
type FuncParam struct {
	Name    string
	Default bool // its default is an argument of the instruction that makes the function
}

// Block is a sequence of instructions.
type Block struct{ Instrs []*Instr }

// Reg is a register of a function.
type Reg int32

// NoReg is no register: an argument that was left out.
const NoReg Reg = -1

// Var is a variable: a slot of the scope at a level. Level 0 is the script.
type Var struct {
	Level, Slot int
	Name        string
}

// Instr is one instruction. Which fields count is said by its opcode's row (opcode.go).
type Instr struct {
	Op     Op
	Dst    Reg    // NoReg: none
	Args   []Reg  // in the opcode's order; optional ones may be NoReg
	Name   string // a variable, attribute, operator, path or kind
	Var    Var
	Vars   []Var // of a loop, an unpacking; of a run: those that end with it
	Val    Value // a constant
	Row    *OpRow
	Keys   []string // names of arguments (those by name come last), of a record's fields, of indices
	Ix     []IxItem
	Parts  []string // of an f-string: text, specification, text, ... , text
	Fn     *Func
	Blocks []*Block
	Site   uint64 // of a call: its ordinal in the tree
	Hint   string // what to add to an error
	Span   diag.Span
}

// IxKind is the form of an index item.
type IxKind uint8

// The forms.
const (
	IxEntry IxKind = iota // Lo: a number, a list of numbers, a text (of a record), at(...)
	IxSlice               // Lo:Hi:Step, each perhaps NoReg
	IxDots                // ...
)

// IxItem is one item between index brackets.
type IxItem struct {
	Kind         IxKind
	Axis         string // by name
	Lo, Hi, Step Reg
}
