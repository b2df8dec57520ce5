package grammar

import "interp/internal/diag"

// Kind is the type of a token; negative, as participle wants.
type Kind int

// The kinds of tokens. Braces of blocks and of records are different tokens: the lexer decides.
const (
	EOF       Kind = -(iota + 1)
	Sep            // end of a statement: a newline or ;
	Ident          // a name
	Keyword        // a word of the language, where it is one
	Num            // a number
	Str            // "...", '...', r"...": a whole literal
	StrOpen        // f" or f'
	StrText        // text of an f-string, as written
	FillOpen       // { in an f-string
	FillSpec       // :.2f in an f-string
	FillClose      // } in an f-string
	StrClose       // the closing quote of an f-string
	Op             // operators, separators, ( ) [ ]
	BlockOpen
	BlockClose
	RecOpen
	RecClose
	BlockTok // a whole block, folded by the parser
	Bad      // what no token begins with; an error has been reported
)

// kindNames are the kinds as the tags of the tree write them.
var kindNames = map[string]Kind{
	"EOF": EOF, "Sep": Sep, "Ident": Ident, "Keyword": Keyword, "Number": Num, "String": Str,
	"StrOpen": StrOpen, "StrText": StrText, "FillOpen": FillOpen, "FillSpec": FillSpec,
	"FillClose": FillClose, "StrClose": StrClose, "Op": Op, "BlockOpen": BlockOpen,
	"BlockClose": BlockClose, "RecOpen": RecOpen, "RecClose": RecClose, "BlockTok": BlockTok, "Bad": Bad,
}

// KindNames calls f with every kind and its name in the tags of the tree.
func KindNames(f func(name string, k Kind)) {
	for n, k := range kindNames {
		f(n, k)
	}
}

// Token is a piece of a script; Text is a slice of it, except where the lexer closed a bracket that
// the script left open.
type Token struct {
	Kind Kind
	Text string
	Pos  Pos
}

// End is the offset after the token.
func (t Token) End() int { return t.Pos.Offset + len(t.Text) }

// Span is the token's place.
func (t Token) Span() diag.Span { return diag.Span{Start: t.Pos.Offset, End: t.End()} }

// Is says that the token is this operator or keyword.
func (t Token) Is(text string) bool { return t.Text == text && (t.Kind == Op || t.Kind == Keyword) }

// Comment is a # and the rest of its line; Own says that nothing stands before it on the line.
type Comment struct {
	Text string
	Pos  Pos
	Own  bool
}

// File is a script after the lexer.
type File struct {
	Name, Text string
	Tokens     []Token // ends with EOF, a Sep before it if there is any token
	Comments   []Comment
	Errs       diag.List
	Stopped    bool // by a limit: what follows was not read, and nothing is worth parsing
	Open       bool // the text ended inside a bracket, a block or after an operator
}
