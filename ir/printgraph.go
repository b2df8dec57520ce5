package ir

import (
	"fmt"
	"io"
	"strings"

	"interp/nnrt/tensor"
)

// Write prints the graph: the runs with their prompts and sets, then the nodes.
//
//	run 1: invoke 1, ioi-mini, 16 tokens 33 12 ...
//	    set blocks[2].resid_pre[4] = n12
//	n12 = read blocks[2].resid_pre[run 0: 4] : [d_model=128]
func (g *Graph) Write(w io.Writer) error {
	var b strings.Builder
	for _, r := range g.Runs {
		g.run(&b, r)
	}
	for i := range g.Nodes {
		if i > 0 { // node 0 stands for no value
			g.node(&b, NodeID(i))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// String is what Write prints.
func (g *Graph) String() string {
	var b strings.Builder
	_ = g.Write(&b) // a Builder never fails
	return b.String()
}

func (g *Graph) run(b *strings.Builder, r *Run) {
	fmt.Fprintf(b, "run %d: invoke %d", r.ID, r.Invoke)
	if r.Row > 0 {
		fmt.Fprintf(b, " row %d", r.Row)
	}
	fmt.Fprintf(b, ", %s, %d tokens", r.Model.Name(), len(r.Tokens))
	for _, id := range r.Tokens {
		fmt.Fprintf(b, " %d", id)
	}
	if r.Gen != nil {
		fmt.Fprintf(b, ", %d more", r.Gen.N)
	}
	b.WriteByte('\n')
	for _, s := range r.Sets {
		fmt.Fprintf(b, "    set %s[%d]%s = n%d\n", r.Model.Arch().PointName(s.Pt), s.Pos, s.Sl, s.Val)
	}
}

func (g *Graph) node(b *strings.Builder, id NodeID) {
	n := &g.Nodes[id]
	fmt.Fprintf(b, "n%d = ", id)
	switch n.Kind {
	case NConst:
		fmt.Fprintf(b, "const %s", nodeConst(n.Const))
	case NRead:
		b.WriteString("read " + n.View.text())
	case NOp:
		b.WriteString(n.Call.Row.Name + nodesText(n.Args))
	case NGrad:
		fmt.Fprintf(b, "grad of n%d with respect to ", n.Args[0])
		if n.Param != "" {
			b.WriteString("param " + n.Param)
		} else {
			b.WriteString(n.View.text())
		}
	case NTokens:
		b.WriteString("tokens of" + n.View.runs())
	}
	if n.VKind == KArray {
		b.WriteString(" : " + n.Type.String())
	} else {
		b.WriteString(" : " + n.VKind.String())
	}
	b.WriteByte('\n')
}

func nodesText(ids []NodeID) string {
	parts := make([]string, len(ids))
	for i, id := range ids {
		parts[i] = fmt.Sprintf("n%d", id)
	}
	return "(" + strings.Join(parts, ", ") + ")"
}

// nodeConst is a constant in short.
func nodeConst(v Value) string {
	switch x := v.(type) {
	case *tensor.Array:
		if x.Size() > 4 {
			return "array"
		}
		return strings.ReplaceAll(x.String(), "\n", " ")
	case *List:
		return fmt.Sprintf("list of %d", len(x.Items))
	case *Record:
		return fmt.Sprintf("record of %d", len(x.Vals))
	case string:
		return fmt.Sprintf("%q", x)
	}
	return fmt.Sprint(v)
}

// text is a site's point with the rows read, run by run: positions as ranges.
func (v *View) text() string {
	var b strings.Builder
	b.WriteString(v.point())
	b.WriteByte('[')
	for i := 0; i < len(v.Pieces); {
		p := v.Pieces[i]
		n := 1
		for i+n < len(v.Pieces) && v.Pieces[i+n].Run == p.Run && v.Pieces[i+n].Pos == p.Pos+int32(n) && v.Pieces[i+n].Sl == p.Sl {
			n++
		}
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "run %d: %d", p.Run, p.Pos)
		if n > 1 {
			fmt.Fprintf(&b, ":%d", int(p.Pos)+n)
		}
		b.WriteString(p.Sl.String())
		i += n
	}
	b.WriteByte(']')
	return b.String()
}

func (v *View) point() string {
	if v.Model == nil {
		return "?"
	}
	return v.Model.Arch().PointName(v.Pt)
}

func (v *View) runs() string {
	out := ""
	for i, p := range v.Pieces {
		if i == 0 || p.Run != v.Pieces[i-1].Run {
			out += fmt.Sprintf(" run %d", p.Run)
		}
	}
	return out
}

// String writes the places picked; the whole row is empty.
func (s Slice) String() string {
	switch {
	case s.List != nil:
		return fmt.Sprintf("{%d places}", len(s.List.At))
	case s.Whole():
		return ""
	}
	out := fmt.Sprintf("{%d+%dx%d", s.Off, s.N1, s.S1)
	if s.N2 > 1 {
		out += fmt.Sprintf("+%dx%d", s.N2, s.S2)
	}
	if s.N3 > 1 {
		out += fmt.Sprintf("+%dx%d", s.N3, s.S3)
	}
	return out + "}"
}
