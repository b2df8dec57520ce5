package grammar

// Script is a file: its statements, and the tokens and comments they were read from.
type Script struct {
	Range
	File  *File
	Stmts []Stmt
}

// Stmt is one statement: *Simple, *Set, *Save, *Model, *Input, *Print, *Assert, *Return, *Def,
// *If, *For, *Run, *Invoke, *Iter or *Edit.
type Stmt interface {
	Node
	// Blocks lists the statement's blocks in the order of the script.
	Blocks() []*Block
}

// Block is { statements }. It is one token to the grammar, and its statements are parsed alone.
type Block struct {
	Range
	Ref   string `parser:"@BlockTok"`
	Stmts []Stmt
}

type noBlocks struct{}

// Blocks lists the statement's blocks: none.
func (noBlocks) Blocks() []*Block { return nil }

// Simple is an expression or an assignment: e, or a = e, or a, b = e, or x[i] += e.
// Op is "" for an expression.
type Simple struct {
	noBlocks
	Range
	Left  []Expr `parser:"@@ ( ',' @@ )*"`
	Op    string `parser:"( @( '=' | '+=' | '-=' | '*=' | '/=' )"`
	Right []Expr `parser:"@@ ( ',' @@ )* )?"`
}

// Set is the intervention: set SITE[...] = e, or with += -= *= /=.
type Set struct {
	noBlocks
	Range
	Target Expr   `parser:"'set' @@"`
	Op     string `parser:"@( '=' | '+=' | '-=' | '*=' | '/=' )"`
	Value  Expr   `parser:"@@"`
}

// Save is what outlives a run: save name = e, or save name[i, j] = e.
type Save struct {
	noBlocks
	Range
	Name  *Name  `parser:"'save' @@"`
	Index []Expr `parser:"( '[' @@ ( ',' @@ )* ','? ']' )?"`
	Value Expr   `parser:"'=' @@"`
}

// Model names the script's default model.
type Model struct {
	noBlocks
	Range
	Value Expr `parser:"'model' @@"`
}

// Input declares a value that the command line gives; Default is nil if it must.
type Input struct {
	noBlocks
	Range
	Name    *Name `parser:"'input' @@"`
	Default Expr  `parser:"( '=' @@ )?"`
}

// Print is print a, b.
type Print struct {
	noBlocks
	Range
	Args []Expr `parser:"'print' ( @@ ( ',' @@ )* )?"`
}

// Assert is assert condition, message; Message may be nil.
type Assert struct {
	noBlocks
	Range
	Cond    Expr `parser:"'assert' @@"`
	Message Expr `parser:"( ',' @@ )?"`
}

// Return ends a function; several values are a list.
type Return struct {
	noBlocks
	Range
	Values []Expr `parser:"'return' ( @@ ( ',' @@ )* )?"`
}

// Def is a function.
type Def struct {
	Range
	Name   *Name    `parser:"'def' @@"`
	Params []*Param `parser:"'(' ( @@ ( ',' @@ )* ','? )? ')'"`
	Body   *Block   `parser:"@@"`
}

// Param is a parameter of a def or an edit; Default may be nil.
type Param struct {
	Range
	Name    *Name `parser:"@@"`
	Default Expr  `parser:"( '=' @@ )?"`
}

// If is if, any number of else if, and else, which may be nil.
type If struct {
	Range
	Cond  Expr    `parser:"'if' @@"`
	Then  *Block  `parser:"@@"`
	Elifs []*Elif `parser:"@@*"`
	Else  *Block  `parser:"( 'else' @@ )?"`
}

// Elif is one else if.
type Elif struct {
	Range
	Cond Expr   `parser:"( 'elif' | 'else' 'if' ) @@"`
	Then *Block `parser:"@@"`
}

// For is for a, b in xs { ... }.
type For struct {
	Range
	Vars []*Name `parser:"'for' @@ ( ',' @@ )*"`
	In   Expr    `parser:"'in' @@"`
	Body *Block  `parser:"@@"`
}

// Run is trace or generate with its arguments; Args may be nil.
type Run struct {
	Range
	Kind string `parser:"@( 'trace' | 'generate' )"`
	Args *Args  `parser:"@@?"`
	Body *Block `parser:"@@"`
}

// Invoke runs prompts under the edits of With.
type Invoke struct {
	Range
	Prompt Expr   `parser:"'invoke' @@"`
	With   []Expr `parser:"( 'with' @@ ( ',' @@ )* )?"`
	Body   *Block `parser:"@@"`
}

// Iter restricts its body to generation steps: iter 2, iter 1:3, iter all, iter k in 1:3.
// Var may be nil; of All and Steps exactly one is given.
type Iter struct {
	Range
	Var   *Name  `parser:"'iter' ( @@ 'in' )?"`
	All   bool   `parser:"( @'all'"`
	Steps *Item  `parser:"| @@ )"`
	Body  *Block `parser:"@@"`
}

// Edit is a named set of interventions; without brackets Params is nil.
type Edit struct {
	Range
	Name   *Name    `parser:"'edit' @@"`
	Params []*Param `parser:"( '(' ( @@ ( ',' @@ )* ','? )? ')' )?"`
	Body   *Block   `parser:"@@"`
}

// Blocks lists the statement's blocks: its body.
func (s *Def) Blocks() []*Block { return []*Block{s.Body} }

// Blocks lists the statement's blocks: its body.
func (s *For) Blocks() []*Block { return []*Block{s.Body} }

// Blocks lists the statement's blocks: its body.
func (s *Run) Blocks() []*Block { return []*Block{s.Body} }

// Blocks lists the statement's blocks: its body.
func (s *Invoke) Blocks() []*Block { return []*Block{s.Body} }

// Blocks lists the statement's blocks: its body.
func (s *Iter) Blocks() []*Block { return []*Block{s.Body} }

// Blocks lists the statement's blocks: its body.
func (s *Edit) Blocks() []*Block { return []*Block{s.Body} }

// Blocks lists the branches in order.
func (s *If) Blocks() []*Block {
	b := []*Block{s.Then}
	for _, e := range s.Elifs {
		b = append(b, e.Then)
	}
	if s.Else != nil {
		b = append(b, s.Else)
	}
	return b
}
