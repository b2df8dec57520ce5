package grammar

// Expr is an expression: *Cond, *Binary, *Compare, *Unary or *Operand.
type Expr interface {
	Node
	expr()
}

// OrExpr is an expression without a top-level "a if c else b": what a comprehension runs over.
type OrExpr interface{ Expr }

// Primary is what an operand begins with: *Name, *Number, *Const, *String, *FString, *Tuple, *List
// or *Record.
type Primary interface {
	Node
	primary()
}

// Cond is Then if Test else Else.
type Cond struct {
	Range
	Then, Test, Else Expr
}

// Binary is one operator between two values: or and | & + - * / // % @ **.
type Binary struct {
	Range
	Op    string
	OpPos Pos
	L, R  Expr
}

// Compare is a chain: a < b <= c. Ops is one shorter than Args; an Op is one of
// == != < <= > >= in "not in".
type Compare struct {
	Range
	Ops  []string
	Args []Expr
}

// Unary is -x, +x, ~x or not x.
type Unary struct {
	Range
	Op string
	X  Expr
}

// Operand is a primary with its suffixes, kept flat, so that the path of a site is one node:
// transformer.h[0].input[0, -1].
type Operand struct {
	Range
	X      Primary   `parser:"@@"`
	Suffix []*Suffix `parser:"@@*"`
}

// Suffix is .name, (arguments) or [index]; exactly one of its fields is given.
type Suffix struct {
	Range
	Attr  string `parser:"'.' @Ident"`
	Args  *Args  `parser:"| @@"`
	Index *Index `parser:"| @@"`
}

// Args are a call's arguments, positional ones first.
type Args struct {
	Range
	List []*Arg `parser:"'(' ( @@ ( ',' @@ )* ','? )? ')'"`
}

// Arg is an argument; Name is nil if it is positional.
type Arg struct {
	Range
	Name  *Name `parser:"( @@ '=' )?"`
	Value Expr  `parser:"@@"`
}

// Index is [items], at least one.
type Index struct {
	Range
	Items []*Item `parser:"'[' @@ ( ',' @@ )* ','? ']'"`
}

// Item is one index: e, or a slice lo:hi:step (Colon is set, any part may be nil), or ..., perhaps
// by the name of its axis.
type Item struct {
	Range
	Axis  *Name `parser:"( @@ '=' )?"`
	Dots  bool  `parser:"( @'...'"`
	Lo    Expr  `parser:"| ( @@?"`
	Colon bool  `parser:"( @':'"`
	Hi    Expr  `parser:"@@?"`
	Step  Expr  `parser:"( ':' @@? )? )? )! )"`
}

// Name is an identifier.
type Name struct {
	Range
	ID string `parser:"@Ident"`
}

// Number is an integer or a float as written; Int and Float read it.
type Number struct {
	Range
	Text string `parser:"@Number"`
}

// Const is True, False or None.
type Const struct {
	Range
	Text string `parser:"@( 'True' | 'False' | 'None' )"`
}

// String is a literal as written, with its quotes and, of a raw string, its r; Value reads it.
type String struct {
	Range
	Text string `parser:"@String"`
}

// FString is f"text {field:spec} text".
type FString struct {
	Range
	Open  string  `parser:"@StrOpen"`
	Parts []*Part `parser:"@@*"`
	Close string  `parser:"@StrClose"`
}

// Part is text of an f-string, as written (Literal reads it), or a field: then Fill is not nil and
// Spec is ":.2f" or "".
type Part struct {
	Range
	Text string `parser:"@StrText"`
	Fill Expr   `parser:"| FillOpen @@"`
	Spec string `parser:"@FillSpec? FillClose"`
}

// Tuple is (a), which is a, or (a, b) or (a,) or (), which are lists. Comma tells (a,) from (a).
type Tuple struct {
	Range
	Items []Expr `parser:"'(' ( @@ ( ',' @@ )*"`
	Comma bool   `parser:"@','? )? ')'"`
}

// Grouping says that the brackets only group: (a).
func (t *Tuple) Grouping() bool { return len(t.Items) == 1 && !t.Comma }

// List is [a, b] or, with For, [e for x in xs if c].
type List struct {
	Range
	Items []Expr     `parser:"'[' ( @@ ( ',' @@ )* ','?"`
	For   []*CompFor `parser:"@@* )? ']'"`
}

// CompFor is for a, b in xs if c if d.
type CompFor struct {
	Range
	Vars []*Name  `parser:"'for' @@ ( ',' @@ )*"`
	In   OrExpr   `parser:"'in' @@"`
	If   []OrExpr `parser:"( 'if' @@ )*"`
}

// Record is {clean: "...", n: 3}.
type Record struct {
	Range
	Fields []*Field `parser:"RecOpen ( @@ ( ',' @@ )* ','? )? RecClose"`
}

// Field is one of a record; either a word (Name) or a string (Str) names it, and Key reads both.
type Field struct {
	Range
	Name  *Name   `parser:"( @@"`
	Str   *String `parser:"| @@ ) ':'"`
	Value Expr    `parser:"@@"`
}

// Key is the field's name.
func (f *Field) Key() string {
	if f.Str != nil {
		return f.Str.Value()
	}
	return f.Name.ID
}

// BareName is the name that e consists of, or nil.
func BareName(e Expr) *Name {
	if o, ok := e.(*Operand); ok && len(o.Suffix) == 0 {
		if n, ok := o.X.(*Name); ok {
			return n
		}
	}
	return nil
}

func (*Cond) expr()    {}
func (*Binary) expr()  {}
func (*Compare) expr() {}
func (*Unary) expr()   {}
func (*Operand) expr() {}

func (*Name) primary()    {}
func (*Number) primary()  {}
func (*Const) primary()   {}
func (*String) primary()  {}
func (*FString) primary() {}
func (*Tuple) primary()   {}
func (*List) primary()    {}
func (*Record) primary()  {}
