package ir

// Op is an opcode.
type Op uint8

// The opcodes. Args lists what each reads.
const (
	OpConst     Op = iota // Val
	OpLoad                // Var
	OpStore               // Var = a0
	OpMove                // a0
	OpUnary               // Name a0
	OpBinary              // a0 Name a1
	OpTruth               // whether a0 is true; Name "not": is not; Name "model": is a model
	OpAnd                 // a0 if it is false, else what the block leaves in Dst
	OpOr                  // a0 if it is true, else what the block leaves in Dst
	OpList                // args
	OpRecord              // Keys: args
	OpFormat              // Parts with args between
	OpIndex               // a0[Ix]
	OpAttr                // a0.Name
	OpCall                // Row(args), one a parameter, then the rest; NoReg: its default
	OpCallFunc            // a0(args...), the last len(Keys) by name
	OpMethod              // a0.Name(args...): a field, a member of a model, or Row with a0 in front
	OpFunc                // a def or an edit as a value: Fn, args are its defaults
	OpFuncRow             // a function of the library as a value: Row
	OpModelVal            // a number of the model in use: Name
	OpModelOpen           // model(a0), a value
	OpGenerated           // the ids generated so far
	OpWeight              // Row[Ix]: a value of the library that is made in parts
	OpSite                // the place Name, perhaps of the model a0; Ix has an item for each [] of the path
	OpSiteNamed           // site(a0, a1): a place named as text
	OpRead                // the activation at place a0, [Ix] of it; also of a value that is no place
	OpApply               // place a0 applied to a1
	OpGrad                // gradient of a0 with respect to place a1[Ix]
	OpGradParam           // gradient of a0 with respect to the parameter named a1
	OpUnpack              // a0 taken apart into Vars
	OpSetIndex            // Dst is a0 with [Ix] changed to a1
	OpSetField            // Dst is a0 with field Name changed to a1
	OpSet                 // set place a0[Ix] Name a1
	OpSetSlice            // set slice(place a0, a1, a2, a3, a4) Name a5
	OpSave                // save Var[args, their names in Keys] = the last arg
	OpModel               // model a0
	OpInput               // input Var; the block stores its default
	OpPrint               // args
	OpAssert              // a0, message a1
	OpReturn              // a0
	OpShow                // a0, a bare value of a session; Vars, the name of the last one
	OpIf                  // a0: block 0, else block 1
	OpFor                 // Vars in a0: block
	OpComp                // Dst is the list of what OpYield gives in the block
	OpYield               // a0
	OpTrace               // trace or generate (Name), Keys: args; block; Vars end with it
	OpInvoke              // prompt a0, edits args 1..; block; Vars end with it
	OpIter                // Ix has one item; Vars: one or none; block
	opEnd
)

// Form is what Verify and the printer know of an opcode.
type Form struct {
	Name   string
	Args   [2]int // the least and the most; -1: any number
	Dst    bool
	Blocks [2]int
	Row    bool
	Fn     bool
	Var    bool
	Ident  bool // Name is needed
}

var forms = [opEnd]Form{
	OpConst:     {Name: "const", Dst: true},
	OpLoad:      {Name: "load", Dst: true, Var: true},
	OpStore:     {Name: "store", Args: [2]int{1, 1}, Var: true},
	OpMove:      {Name: "move", Args: [2]int{1, 1}, Dst: true},
	OpUnary:     {Name: "unary", Args: [2]int{1, 1}, Dst: true, Ident: true},
	OpBinary:    {Name: "binary", Args: [2]int{2, 2}, Dst: true, Ident: true},
	OpTruth:     {Name: "truth", Args: [2]int{1, 1}, Dst: true},
	OpAnd:       {Name: "and", Args: [2]int{1, 1}, Dst: true, Blocks: [2]int{1, 1}},
	OpOr:        {Name: "or", Args: [2]int{1, 1}, Dst: true, Blocks: [2]int{1, 1}},
	OpList:      {Name: "list", Args: [2]int{0, -1}, Dst: true},
	OpRecord:    {Name: "record", Args: [2]int{0, -1}, Dst: true},
	OpFormat:    {Name: "format", Args: [2]int{0, -1}, Dst: true},
	OpIndex:     {Name: "index", Args: [2]int{1, 1}, Dst: true},
	OpAttr:      {Name: "attr", Args: [2]int{1, 1}, Dst: true, Ident: true},
	OpCall:      {Name: "call", Args: [2]int{0, -1}, Dst: true, Row: true},
	OpCallFunc:  {Name: "callfunc", Args: [2]int{1, -1}, Dst: true},
	OpMethod:    {Name: "method", Args: [2]int{1, -1}, Dst: true, Ident: true},
	OpFunc:      {Name: "func", Args: [2]int{0, -1}, Dst: true, Fn: true},
	OpFuncRow:   {Name: "funcrow", Dst: true, Row: true},
	OpModelVal:  {Name: "modelval", Dst: true, Ident: true},
	OpGenerated: {Name: "generated", Dst: true},
	OpWeight:    {Name: "weight", Dst: true, Row: true},
	OpSite:      {Name: "site", Args: [2]int{0, 1}, Dst: true, Ident: true},
	OpSiteNamed: {Name: "sitenamed", Args: [2]int{1, 2}, Dst: true},
	OpRead:      {Name: "read", Args: [2]int{1, 1}, Dst: true},
	OpApply:     {Name: "apply", Args: [2]int{2, 2}, Dst: true},
	OpGrad:      {Name: "grad", Args: [2]int{2, 2}, Dst: true},
	OpGradParam: {Name: "gradparam", Args: [2]int{2, 2}, Dst: true},
	OpUnpack:    {Name: "unpack", Args: [2]int{1, 1}},
	OpSetIndex:  {Name: "setindex", Args: [2]int{2, 2}, Dst: true},
	OpSetField:  {Name: "setfield", Args: [2]int{2, 2}, Dst: true, Ident: true},
	OpSet:       {Name: "set", Args: [2]int{2, 2}, Ident: true},
	OpSetSlice:  {Name: "setslice", Args: [2]int{6, 6}, Ident: true},
	OpSave:      {Name: "save", Args: [2]int{1, -1}, Var: true},
	OpModel:     {Name: "model", Args: [2]int{1, 1}},
	OpModelOpen: {Name: "modelopen", Args: [2]int{1, 1}, Dst: true},
	OpInput:     {Name: "input", Var: true, Blocks: [2]int{0, 1}},
	OpPrint:     {Name: "print", Args: [2]int{0, -1}},
	OpAssert:    {Name: "assert", Args: [2]int{1, 2}},
	OpReturn:    {Name: "return", Args: [2]int{0, 1}},
	OpShow:      {Name: "show", Args: [2]int{1, 1}},
	OpIf:        {Name: "if", Args: [2]int{1, 1}, Blocks: [2]int{1, 2}},
	OpFor:       {Name: "for", Args: [2]int{1, 1}, Blocks: [2]int{1, 1}},
	OpComp:      {Name: "comp", Dst: true, Blocks: [2]int{1, 1}},
	OpYield:     {Name: "yield", Args: [2]int{1, 1}},
	OpTrace:     {Name: "trace", Args: [2]int{0, -1}, Blocks: [2]int{1, 1}, Ident: true},
	OpInvoke:    {Name: "invoke", Args: [2]int{1, -1}, Blocks: [2]int{1, 1}},
	OpIter:      {Name: "iter", Blocks: [2]int{1, 1}},
}

// Form describes the opcode.
func (op Op) Form() *Form { return &forms[op] }

// Ops is the number of opcodes.
const Ops = int(opEnd)

func (op Op) String() string {
	if op >= opEnd {
		return "bad opcode"
	}
	return forms[op].Name
}
