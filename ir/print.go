package ir

import (
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Write prints the program: one function after the other, blocks indented.
func (p *Program) Write(w io.Writer) error {
	pr := &progPrinter{}
	pr.fn(p.Main)
	for _, f := range p.Funcs {
		pr.b.WriteByte('\n')
		pr.fn(f)
	}
	_, err := io.WriteString(w, pr.b.String())
	return err
}

// String is what Write prints.
func (p *Program) String() string {
	var b strings.Builder
	_ = p.Write(&b) // a Builder never fails
	return b.String()
}

type progPrinter struct {
	b     strings.Builder
	depth int
}

func (p *progPrinter) line(format string, args ...any) {
	p.b.WriteString(strings.Repeat("    ", p.depth))
	fmt.Fprintf(&p.b, format, args...)
	p.b.WriteByte('\n')
}

var funcKinds = [...]string{FuncMain: "script", FuncDef: "def", FuncEdit: "edit"}

func (p *progPrinter) fn(f *Func) {
	params := make([]string, len(f.Params))
	for i, x := range f.Params {
		params[i] = x.Name
		if x.Default {
			params[i] += "="
		}
	}
	head := funcKinds[f.Kind]
	if f.Kind != FuncMain {
		head += " " + f.Name + "(" + strings.Join(params, ", ") + ")"
	}
	p.line("%s", head)
	p.block(f.Body)
}

func (p *progPrinter) block(b *Block) {
	p.depth++
	for _, in := range b.Instrs {
		p.instr(in)
	}
	p.depth--
}

func (p *progPrinter) instr(in *Instr) {
	parts := []string{in.Op.String()}
	if in.Dst != NoReg {
		parts[0] = in.Dst.String() + " = " + parts[0]
	}
	if in.Op.Form().Var {
		parts = append(parts, in.Var.String())
	}
	if in.Row != nil {
		parts = append(parts, in.Row.Name)
	}
	if in.Fn != nil {
		parts = append(parts, in.Fn.Name)
	}
	if in.Name != "" {
		parts = append(parts, in.Name)
	}
	if in.Op == OpConst {
		parts = append(parts, constText(in.Val))
	}
	parts = append(parts, p.args(in)...)
	if len(in.Ix) > 0 {
		parts = append(parts, ixText(in.Ix))
	}
	if in.Op == OpFormat {
		parts = append(parts, fmt.Sprintf("%q", in.Parts))
	}
	if len(in.Vars) > 0 {
		names := make([]string, len(in.Vars))
		for i, v := range in.Vars {
			names[i] = v.String()
		}
		parts = append(parts, "("+strings.Join(names, " ")+")")
	}
	p.line("%s", strings.Join(parts, " "))
	for i, b := range in.Blocks {
		if i > 0 {
			p.line("else")
		}
		p.block(b)
	}
}

// args are the arguments, with the names of those that are given by name.
func (p *progPrinter) args(in *Instr) []string {
	named := len(in.Args) - len(in.Keys)
	if in.Op == OpSave {
		named = 0
	}
	out := make([]string, len(in.Args))
	for i, a := range in.Args {
		out[i] = a.String()
		if k := i - named; k >= 0 && k < len(in.Keys) && in.Keys[k] != "" {
			out[i] = in.Keys[k] + "=" + out[i]
		}
	}
	return out
}

func (r Reg) String() string {
	if r == NoReg {
		return "_"
	}
	return "r" + strconv.Itoa(int(r))
}

// String names a variable: x of the script, x@1 of a def, x@2 of a def in a def.
func (v Var) String() string {
	if v.Level == 0 {
		return v.Name
	}
	return v.Name + "@" + strconv.Itoa(v.Level)
}

func constText(v Value) string {
	switch x := v.(type) {
	case nil:
		return "None"
	case bool:
		if x {
			return "True"
		}
		return "False"
	case string:
		return strconv.Quote(x)
	}
	return fmt.Sprint(v)
}

func ixText(items []IxItem) string {
	parts := make([]string, len(items))
	for i, it := range items {
		if it.Axis != "" {
			parts[i] = it.Axis + "="
		}
		switch it.Kind {
		case IxDots:
			parts[i] += "..."
		case IxEntry:
			parts[i] += it.Lo.String()
		default:
			text := func(r Reg) string {
				if r == NoReg {
					return ""
				}
				return r.String()
			}
			parts[i] += text(it.Lo) + ":" + text(it.Hi)
			if it.Step != NoReg {
				parts[i] += ":" + it.Step.String()
			}
		}
	}
	return "[" + strings.Join(parts, ", ") + "]"
}
