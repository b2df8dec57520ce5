package grammar

func (d *dumper) expr(e Expr) {
	switch e := e.(type) {
	case *Cond:
		d.put("(if ", e.Test, " ", e.Then, " ", e.Else, ")")
	case *Binary:
		d.put("(", e.Op, " ", e.L, " ", e.R, ")")
	case *Unary:
		d.put("(", e.Op, " ", e.X, ")")
	case *Compare:
		d.put("(compare ", e.Args[0])
		for i, op := range e.Ops {
			d.put(" ", op, " ", e.Args[i+1])
		}
		d.put(")")
	case *Operand:
		d.primary(e.X)
		for _, s := range e.Suffix {
			d.suffix(s)
		}
	}
}

func (d *dumper) suffix(s *Suffix) {
	switch {
	case s.Args != nil:
		d.args(s.Args)
	case s.Index != nil:
		d.put("[")
		for i, it := range s.Index.Items {
			d.comma(i)
			d.item(it)
		}
		d.put("]")
	default:
		d.put(".", s.Attr)
	}
}

func (d *dumper) args(a *Args) {
	d.put("(")
	for i, x := range a.List {
		d.comma(i)
		if x.Name != nil {
			d.put(x.Name, "=")
		}
		d.put(x.Value)
	}
	d.put(")")
}

func (d *dumper) item(it *Item) {
	if it.Axis != nil {
		d.put(it.Axis, "=")
	}
	if it.Dots {
		d.put("...")
		return
	}
	d.maybe("", it.Lo)
	if it.Colon {
		d.put(":")
		d.maybe("", it.Hi)
		d.maybe(":", it.Step)
	}
}

func (d *dumper) primary(p Primary) {
	switch p := p.(type) {
	case *Name:
		d.put(p)
	case *Number:
		d.put(p.Text)
	case *Const:
		d.put(p.Text)
	case *String:
		d.quoted(p.Value())
	case *FString:
		d.fstring(p)
	case *Tuple:
		d.tuple(p)
	case *List:
		d.list(p)
	case *Record:
		d.put("{")
		for i, f := range p.Fields {
			d.comma(i)
			d.quoted(f.Key())
			d.put(": ", f.Value)
		}
		d.put("}")
	}
}

func (d *dumper) fstring(s *FString) {
	d.put("(f")
	for _, p := range s.Parts {
		d.put(" ")
		if p.Fill == nil {
			d.quoted(p.Literal())
			continue
		}
		d.put("{", p.Fill, p.Spec, "}")
	}
	d.put(")")
}

func (d *dumper) tuple(t *Tuple) {
	if t.Grouping() {
		d.put("(group ", t.Items[0], ")")
		return
	}
	d.put("(list ")
	d.exprs(t.Items)
	d.put(")")
}

func (d *dumper) list(l *List) {
	d.put("[")
	d.exprs(l.Items)
	for _, c := range l.For {
		d.put(" for ")
		d.names(c.Vars)
		d.put(" in ", c.In)
		for _, e := range c.If {
			d.put(" if ", e)
		}
	}
	d.put("]")
}
