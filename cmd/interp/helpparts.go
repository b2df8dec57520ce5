package main

import (
	"flag"
	"regexp"
	"slices"
	"strings"

	"interp"
	"interp/ir"
	"interp/nnrt/arch"
	"interp/stdlib"
)

// parts are the pages under one name: a command, a statement, a function, a group of them, a site, an
// option.
func parts(p *page, name string) (out []func()) {
	for _, c := range commands() {
		if c.name == name {
			out = append(out, func() { p.command(c) })
		}
	}
	for _, s := range statements {
		if s.name == name || s.name == partOf[name] {
			out = append(out, func() { p.statement(s) })
		}
	}
	if r, ok := stdlib.Lookup(name); ok && !r.Hidden {
		out = append(out, func() { p.function(r) })
	}
	if rows := group(name); len(rows) > 0 {
		out = append(out, func() { p.group(rows) })
	}
	if s, m := siteNamed(name); s != nil {
		out = append(out, func() { p.site(s, m) })
	}
	if sites, m := sitesWith(name); len(out) == 0 && len(sites) > 0 {
		out = append(out, func() { p.sites(sites, m) })
	}
	if f := newRunFlags("run").set.Lookup(strings.TrimLeft(name, "-")); f != nil && (len(out) == 0 || name != f.Name) {
		out = append(out, func() { p.option(f) })
	}
	return out
}

// option is an option of run in one line.
func (p *page) option(f *flag.Flag) {
	arg, usage, _ := strings.Cut(f.Usage, "\t")
	p.printf("%s: %s\n", strings.TrimSpace("-"+f.Name+" "+arg), usage)
}

var brackets = regexp.MustCompile(`\[[^\]]*\]`)

// siteNamed finds a site of the model inside the binary, under any of its names.
func siteNamed(name string) (*arch.Site, *interp.Model) {
	m, err := interp.OpenModel(interp.DefaultModel)
	if err != nil {
		return nil, nil
	}
	a := m.Runtime().Arch()
	s := a.SiteNamed(name)
	if s == nil {
		s, _ = a.Lookup(brackets.ReplaceAllString(name, "[]"))
	}
	return s, m
}

// sitesWith are the sites of the model inside the binary that have a part of such a name: hook_z, attn.
func sitesWith(name string) (found []*arch.Site, m *interp.Model) {
	m, err := interp.OpenModel(interp.DefaultModel)
	if err != nil {
		return nil, nil
	}
	for _, s := range m.Runtime().Arch().Sites {
		for _, n := range siteNames(s) {
			if slices.Contains(strings.Split(strings.ReplaceAll(n, "[]", ""), "."), name) {
				found = append(found, s)
				break
			}
		}
	}
	return found, m
}

// sites are the pages of several sites; of more than a few a table.
func (p *page) sites(list []*arch.Site, m *interp.Model) {
	if len(list) == 1 {
		p.site(list[0], m)
		return
	}
	if p.err == nil {
		p.err = siteTable(p.w, list)
	}
	p.printf("\ninterp help NAME explains one\n")
}

// site lists the names of a site.
func (p *page) site(s *arch.Site, m *interp.Model) {
	layer := ""
	if s.Layered {
		layer = ", layer"
	}
	p.printf("%s: an activation, in %s with the axes %s\n\nnames\n  site(\"%s\"%s)\n", s.Name, m.Name(), siteAxes(s), s.Name, layer)
	for _, n := range siteNames(s)[1:] {
		p.printf("  %s\n", strings.ReplaceAll(n, "[]", "[layer]"))
	}
}

// group is the functions of a group of the library.
func group(name string) (rows []*ir.OpRow) {
	for _, r := range stdlib.Rows() {
		if strings.EqualFold(r.Group, name) {
			rows = append(rows, r)
		}
	}
	return rows
}

// group lists the functions of a group.
func (p *page) group(rows []*ir.OpRow) {
	p.printf("%s\n", rows[0].Group)
	for _, r := range rows {
		p.row(r)
	}
}

// library lists the functions by group.
func (p *page) library() {
	group := ""
	for _, r := range stdlib.Rows() {
		if r.Group != group {
			group = r.Group
			p.printf("%s\n", group)
		}
		p.row(r)
	}
	p.printf("\ninterp help NAME explains one\n")
}

// row is a function in one line: its name and the beginning of its documentation.
func (p *page) row(r *ir.OpRow) {
	doc := r.Doc
	if i := strings.Index(doc, ". "); i >= 0 {
		doc = doc[:i+1]
	}
	if runes := []rune(doc); len(runes) > 76 {
		doc = string(runes[:73]) + "..."
	}
	p.printf("  %-15s %s\n", r.Name, doc)
}

// function is everything there is to know of a function.
func (p *page) function(r *ir.OpRow) {
	p.printf("%s    (%s)\n\n%s\n", signature(r), r.Group, wrap(r.Doc))
	if len(r.Params) > 0 {
		p.printf("\n")
	}
	for _, x := range r.Params {
		p.printf("  %-10s %s\n", x.Name, x.Doc)
	}
	switch {
	case r.NoGrad != "":
		p.printf("\nno gradient: %s\n", r.NoGrad)
	case r.Grad != nil:
		p.printf("\nhas a gradient\n")
	}
	if r.Example != "" {
		p.printf("\nexample\n%s", indent(r.Example))
	}
}

// signature is how a function is called.
func signature(r *ir.OpRow) string {
	if r.Value && len(r.Params) == 0 {
		return r.Name
	}
	var ps []string
	for _, x := range r.Params {
		switch {
		case x.Rest:
			ps = append(ps, "*"+x.Name)
		case x.Optional:
			ps = append(ps, x.Name+"="+stdlib.Repr(x.Default))
		default:
			ps = append(ps, x.Name)
		}
	}
	if r.Value {
		return r.Name + "[" + strings.Join(ps, ", ") + "]"
	}
	return r.Name + "(" + strings.Join(ps, ", ") + ")"
}
