package grammar

// Walk calls f for n and, where f returns true, for everything below it, in the order of the script.
func Walk(n Node, f func(Node) bool) {
	if n == nil || !f(n) {
		return
	}
	w := walker(f)
	switch n := n.(type) {
	case *Script:
		w.stmts(n.Stmts)
	case *Block:
		w.stmts(n.Stmts)
	case Stmt:
		w.stmt(n)
	case Expr:
		w.expr(n)
	case Primary:
		w.primary(n)
	default:
		w.part(n)
	}
}

type walker func(Node) bool

func (w walker) stmts(list []Stmt) {
	for _, s := range list {
		Walk(s, w)
	}
}

func (w walker) exprs(list ...Expr) {
	for _, e := range list {
		if e != nil {
			Walk(e, w)
		}
	}
}

func (w walker) names(list ...*Name) {
	for _, n := range list {
		if n != nil {
			Walk(n, w)
		}
	}
}

func (w walker) params(list []*Param) {
	for _, p := range list {
		Walk(p, w)
	}
}

func (w walker) block(b *Block) {
	if b != nil {
		Walk(b, w)
	}
}

func (w walker) stmt(s Stmt) {
	switch s := s.(type) {
	case *Simple:
		w.exprs(s.Left...)
		w.exprs(s.Right...)
	case *Set:
		w.exprs(s.Target, s.Value)
	case *Save:
		w.names(s.Name)
		w.exprs(s.Index...)
		w.exprs(s.Value)
	case *Model:
		w.exprs(s.Value)
	case *Input:
		w.names(s.Name)
		w.exprs(s.Default)
	case *Print:
		w.exprs(s.Args...)
	case *Assert:
		w.exprs(s.Cond, s.Message)
	case *Return:
		w.exprs(s.Values...)
	default:
		w.header(s)
	}
}

func (w walker) header(s Stmt) {
	switch s := s.(type) {
	case *Def:
		w.names(s.Name)
		w.params(s.Params)
		w.block(s.Body)
	case *If:
		w.exprs(s.Cond)
		w.block(s.Then)
		for _, e := range s.Elifs {
			Walk(e, w)
		}
		w.block(s.Else)
	case *For:
		w.names(s.Vars...)
		w.exprs(s.In)
		w.block(s.Body)
	case *Run:
		if s.Args != nil {
			Walk(s.Args, w)
		}
		w.block(s.Body)
	case *Invoke:
		w.exprs(s.Prompt)
		w.exprs(s.With...)
		w.block(s.Body)
	case *Iter:
		w.names(s.Var)
		if s.Steps != nil {
			Walk(s.Steps, w)
		}
		w.block(s.Body)
	case *Edit:
		w.names(s.Name)
		w.params(s.Params)
		w.block(s.Body)
	}
}

func (w walker) expr(e Expr) {
	switch e := e.(type) {
	case *Cond:
		w.exprs(e.Then, e.Test, e.Else)
	case *Binary:
		w.exprs(e.L, e.R)
	case *Compare:
		w.exprs(e.Args...)
	case *Unary:
		w.exprs(e.X)
	case *Operand:
		Walk(e.X, w)
		for _, s := range e.Suffix {
			Walk(s, w)
		}
	}
}

func (w walker) primary(p Primary) {
	switch p := p.(type) {
	case *FString:
		for _, q := range p.Parts {
			Walk(q, w)
		}
	case *Tuple:
		w.exprs(p.Items...)
	case *List:
		w.exprs(p.Items...)
		for _, c := range p.For {
			Walk(c, w)
		}
	case *Record:
		for _, f := range p.Fields {
			Walk(f, w)
		}
	}
}

func (w walker) part(n Node) {
	switch n := n.(type) {
	case *Param:
		w.names(n.Name)
		w.exprs(n.Default)
	case *Elif:
		w.exprs(n.Cond)
		w.block(n.Then)
	case *Suffix:
		if n.Args != nil {
			Walk(n.Args, w)
		}
		if n.Index != nil {
			Walk(n.Index, w)
		}
	case *Args:
		for _, a := range n.List {
			Walk(a, w)
		}
	case *Arg:
		w.names(n.Name)
		w.exprs(n.Value)
	case *Index:
		for _, i := range n.Items {
			Walk(i, w)
		}
	case *Item:
		w.names(n.Axis)
		w.exprs(n.Lo, n.Hi, n.Step)
	case *Part:
		w.exprs(n.Fill)
	case *CompFor:
		w.names(n.Vars...)
		w.exprs(n.In)
		for _, c := range n.If {
			Walk(c, w)
		}
	case *Field:
		w.names(n.Name)
		if n.Str != nil {
			Walk(n.Str, w)
		}
		w.exprs(n.Value)
	}
}
