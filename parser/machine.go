package parser

import (
	"io"

	"interp/grammar"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"
)

// machine is everything participle needs; it does not change after newMachine.
type machine struct {
	whole  *participle.Parser[statement]
	simple production
	words  map[string]production // by a statement's first word

	strings fragment[grammar.FString]
	tuples  fragment[grammar.Tuple]
	lists   fragment[grammar.List]
	records fragment[grammar.Record]
	args    fragment[grammar.Args]
	indexes fragment[grammar.Index]
}

// statement names every production once, so that participle builds one set of nodes; each parser of
// the machine is a view of it. One build takes 2 ms, one a production 15 ms.
type statement struct {
	Set     *grammar.Set     `parser:"  @@"`
	Save    *grammar.Save    `parser:"| @@"`
	Model   *grammar.Model   `parser:"| @@"`
	Input   *grammar.Input   `parser:"| @@"`
	Print   *grammar.Print   `parser:"| @@"`
	Assert  *grammar.Assert  `parser:"| @@"`
	Return  *grammar.Return  `parser:"| @@"`
	Def     *grammar.Def     `parser:"| @@"`
	If      *grammar.If      `parser:"| @@"`
	For     *grammar.For     `parser:"| @@"`
	Run     *grammar.Run     `parser:"| @@"`
	Invoke  *grammar.Invoke  `parser:"| @@"`
	Iter    *grammar.Iter    `parser:"| @@"`
	Edit    *grammar.Edit    `parser:"| @@"`
	Simple  *grammar.Simple  `parser:"| @@"`
	Operand *grammar.Operand `parser:"| @@"` // reached by climbing only; named for its parts
}

func newMachine() *machine {
	m := &machine{}
	m.whole = participle.MustBuild[statement](
		participle.UseLookahead(1), // more only loses the place of errors
		participle.Lexer(definition{}),
		participle.ParseTypeWith(m.expr),
		participle.ParseTypeWith(m.orExpr),
		participle.Union[grammar.Primary](&grammar.Name{}, &grammar.Number{}, &grammar.Const{}, &grammar.String{},
			&grammar.FString{}, &grammar.Tuple{}, &grammar.List{}, &grammar.Record{}),
	)
	m.strings, m.tuples, m.lists = newFragment[grammar.FString](m), newFragment[grammar.Tuple](m), newFragment[grammar.List](m)
	m.records, m.args, m.indexes = newFragment[grammar.Record](m), newFragment[grammar.Args](m), newFragment[grammar.Index](m)
	m.simple = newProduction[grammar.Simple](m)
	run := newProduction[grammar.Run](m)
	m.words = map[string]production{
		"set": newProduction[grammar.Set](m), "save": newProduction[grammar.Save](m),
		"model": newProduction[grammar.Model](m), "input": newProduction[grammar.Input](m),
		"print": newProduction[grammar.Print](m), "assert": newProduction[grammar.Assert](m),
		"return": newProduction[grammar.Return](m), "def": newProduction[grammar.Def](m),
		"if": newProduction[grammar.If](m), "for": newProduction[grammar.For](m), "trace": run, "generate": run,
		"invoke": newProduction[grammar.Invoke](m), "iter": newProduction[grammar.Iter](m), "edit": newProduction[grammar.Edit](m),
	}
	return m
}

// production reads one kind of statement from its tokens.
type production func(*lexer.PeekingLexer) (grammar.Stmt, error)

// production is chosen by the first word, so there is nothing to backtrack over.
func (m *machine) production(first grammar.Token) production {
	if first.Kind == grammar.Keyword {
		if p := m.words[first.Text]; p != nil {
			return p
		}
	}
	return m.simple
}

func newProduction[T any, P interface {
	*T
	grammar.Stmt
}](m *machine) production {
	p := view[T](m)
	return func(lex *lexer.PeekingLexer) (grammar.Stmt, error) {
		v, err := p.ParseFromLexer(lex)
		return P(v), err
	}
}

// fragment reads a part of an expression and leaves what follows it.
type fragment[T any] func(*lexer.PeekingLexer) (*T, error)

func newFragment[T any](m *machine) fragment[T] {
	p := view[T](m)
	return func(lex *lexer.PeekingLexer) (*T, error) {
		return p.ParseFromLexer(lex, participle.AllowTrailing(true))
	}
}

func view[T any](m *machine) *participle.Parser[T] {
	p, err := participle.ParserForProduction[T](m.whole)
	if err != nil {
		panic(err) // a type that is missing in statement: the first test fails
	}
	return p
}

// definition tells participle the names of our tokens.
type definition struct{}

// Symbols are the kinds of tokens as the tags write them.
func (definition) Symbols() map[string]lexer.TokenType {
	m := map[string]lexer.TokenType{}
	grammar.KindNames(func(name string, k grammar.Kind) { m[name] = lexer.TokenType(k) })
	return m
}

// Lex is what participle would call for a whole text; the splitter feeds it tokens instead.
func (definition) Lex(name string, r io.Reader) (lexer.Lexer, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	return &feed{tokens: grammar.Lex(name, string(b)).Tokens}, nil
}

// feed hands tokens to participle and ends them with an end of input at the place of end.
type feed struct {
	tokens []grammar.Token
	end    grammar.Pos
}

// Next is the next token.
func (f *feed) Next() (lexer.Token, error) {
	if len(f.tokens) == 0 {
		return lexer.Token{Type: lexer.EOF, Pos: lexer.Position(f.end)}, nil
	}
	t := &f.tokens[0]
	f.tokens = f.tokens[1:]
	return lexer.Token{Type: lexer.TokenType(t.Kind), Value: t.Text, Pos: lexer.Position(t.Pos)}, nil
}
