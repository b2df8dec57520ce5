package parser

import (
	"interp/grammar"
	"interp/internal/diag"
)

// refuse reports what the tags of the tree let through and the language does not.
func refuse(st grammar.Stmt, errs *diag.List) {
	switch s := st.(type) {
	case *grammar.Simple:
		refuseSimple(s, errs)
	case *grammar.Set:
		refuseSite(s.Target, errs)
	case *grammar.Def:
		refuseParams(s.Params, errs)
	case *grammar.Edit:
		refuseParams(s.Params, errs)
	case *grammar.For:
		unique(errs, "for", s.Vars)
	case *grammar.Iter:
		if s.Steps != nil && s.Steps.Axis != nil {
			errs.Errorf(s.Steps.Span(), "E0101", "write  iter "+s.Steps.Axis.ID+" in 1:3 { ... }", "iter: expected 'in', got '='")
		} else if s.Steps != nil && s.Steps.Dots {
			errs.Errorf(s.Steps.Span(), "E0101", "write  iter all { ... }", "iter: expected steps or 'all', got '...'")
		}
	}
	grammar.Walk(st, func(n grammar.Node) bool {
		refuseInside(n, errs)
		return true
	})
}

func refuseSimple(s *grammar.Simple, errs *diag.List) {
	switch {
	case s.Op == "" && len(s.Left) > 1:
		errs.Errorf(s.Span(), "E0118", "to show values, write  print a, b", "statement: expected '=', got end of line")
	case s.Op != "" && s.Op != "=" && (len(s.Left) > 1 || len(s.Right) > 1):
		errs.Errorf(s.Span(), "E0110", "write one statement for each", "assignment: %s takes one name and one value", s.Op)
	case s.Op != "":
		for _, l := range s.Left {
			if what, hint := notAssignable(l); what != "" {
				errs.Errorf(l.Span(), "E0110", hint, "assignment: cannot assign to %s", what)
			}
		}
	}
}

// notAssignable says what e is, if it is no name with fields and indices.
func notAssignable(e grammar.Expr) (what, hint string) {
	o, ok := e.(*grammar.Operand)
	if !ok {
		return "an expression", ""
	}
	switch x := o.X.(type) {
	case *grammar.Name:
	case *grammar.Const:
		return x.Text, ""
	case *grammar.Tuple, *grammar.List:
		return "a list", "write  a, b = ...  without brackets"
	default:
		return "a value", ""
	}
	for _, s := range o.Suffix {
		if s.Args != nil {
			if n, ok := o.X.(*grammar.Name); ok && placeCalls[n.ID] {
				return "a call", "an activation is changed by set: write  set " + n.ID + "(...) = ..."
			}
			return "a call", "a def is written  def f(x) { return ... }"
		}
	}
	return "", ""
}

// placeCalls are functions whose result is a place after set.
var placeCalls = map[string]bool{"slice": true, "site": true}

func refuseSite(e grammar.Expr, errs *diag.List) {
	const hint = "write  set SITE[...] = value"
	o, ok := e.(*grammar.Operand)
	if !ok {
		errs.Errorf(e.Span(), "E0110", hint, "set: expected a site, got an expression")
		return
	}
	if _, ok := o.X.(*grammar.Name); !ok {
		errs.Errorf(e.Span(), "E0110", hint, "set: expected a site, got a value")
	}
}

func refuseParams(params []*grammar.Param, errs *diag.List) {
	names := make([]*grammar.Name, len(params))
	var given *grammar.Param
	for i, p := range params {
		names[i] = p.Name
		if p.Default != nil {
			given = p
		} else if given != nil {
			other := given.Span()
			errs.Add(diag.Diag{Span: p.Span(), Code: "E0114", Msg: "def: parameter '" + p.Name.ID + "' without a default after one with",
				Other: &other, OtherMsg: "this one has a default", Hint: "put parameters without a default first"})
		}
	}
	unique(errs, "def", names)
}

// refuseInside checks one node of a statement.
func refuseInside(n grammar.Node, errs *diag.List) {
	switch n := n.(type) {
	case *grammar.Args:
		refuseArgs(n, errs)
	case *grammar.Index:
		refuseItems(n, errs)
	case *grammar.List:
		if len(n.For) > 0 && len(n.Items) > 1 {
			errs.Errorf(n.Items[0].Span().To(n.Items[len(n.Items)-1].Span()), "E0116", "for pairs, write  [[a, b] for ...]", "list: a comprehension has one element, got %d", len(n.Items))
		}
	case *grammar.CompFor:
		unique(errs, "for", n.Vars)
	case *grammar.Record:
		refuseFields(n, errs)
	case *grammar.Operand:
		refuseHabits(n, errs)
	}
}

func refuseArgs(a *grammar.Args, errs *diag.List) {
	var names []*grammar.Name
	for _, x := range a.List {
		if x.Name == nil && len(names) > 0 {
			misplaced(errs, x.Span(), names[0], "call: positional argument after a named one", "positional arguments come first")
			return
		}
		if x.Name != nil {
			names = append(names, x.Name)
		}
	}
	unique(errs, "call", names)
}

func refuseItems(x *grammar.Index, errs *diag.List) {
	var names []*grammar.Name
	for _, it := range x.Items {
		if it.Axis == nil && len(names) > 0 {
			misplaced(errs, it.Span(), names[0], "index: position after a named axis", "positions come first, then names: z[0, head=9]")
			return
		}
		if it.Axis != nil {
			names = append(names, it.Axis)
		}
	}
	unique(errs, "index", names)
}

func misplaced(errs *diag.List, at diag.Span, named *grammar.Name, msg, hint string) {
	other := named.Span()
	errs.Add(diag.Diag{Span: at, Code: "E0114", Msg: msg, Hint: hint, Other: &other, OtherMsg: "this one is named"})
}

// unique reports the first name of a list that stands in it twice.
func unique(errs *diag.List, what string, names []*grammar.Name) {
	if len(names) < 2 {
		return
	}
	seen := make(map[string]*grammar.Name, len(names))
	for _, n := range names {
		if first := seen[n.ID]; first != nil {
			twice(errs, what, n.ID, n.Span(), first.Span())
			return
		}
		seen[n.ID] = n
	}
}

func twice(errs *diag.List, what, name string, at, first diag.Span) {
	errs.Add(diag.Diag{Span: at, Code: "E0115", Msg: what + ": '" + short(name) + "' is given twice", Other: &first, OtherMsg: "first here"})
}

func refuseFields(r *grammar.Record, errs *diag.List) {
	seen := make(map[string]*grammar.Field, len(r.Fields))
	for _, f := range r.Fields {
		k := f.Key()
		if first := seen[k]; first != nil {
			twice(errs, "record", k, keySpan(f), keySpan(first))
			return
		}
		seen[k] = f
	}
}

func keySpan(f *grammar.Field) diag.Span {
	if f.Str != nil {
		return f.Str.Span()
	}
	return f.Name.Span()
}

// refuseHabits reports nnsight's x.save() and SITE.output.value.
func refuseHabits(o *grammar.Operand, errs *diag.List) {
	for i, s := range o.Suffix {
		switch {
		case s.Attr == "save" && i+1 < len(o.Suffix) && o.Suffix[i+1].Args != nil && len(o.Suffix[i+1].Args.List) == 0:
			errs.Errorf(s.Span().To(o.Suffix[i+1].Span()), "E0119", "write  save name = ...", "'.save()' is not part of the language")
		case s.Attr == "value" && i > 0 && (o.Suffix[i-1].Attr == "output" || o.Suffix[i-1].Attr == "input"):
			errs.Errorf(s.Span(), "E0119", "leave .value out: what was saved is the value", "'.value' is not part of the language")
		}
	}
}
