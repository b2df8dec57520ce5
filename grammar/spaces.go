package grammar

// between is what stands before an item on its line.
func (f *formatter) between(it item) string {
	switch {
	case it.comment:
		return "  "
	case it.start && f.top().oneLine && f.prev.Kind != BlockOpen:
		return "; "
	case f.spaced(it):
		return " "
	}
	return ""
}

// spaced says whether a blank stands between the item and the one before it.
func (f *formatter) spaced(it item) bool {
	p := f.prev
	switch {
	case inText(p.Kind, it.Kind):
		return false
	case p.Kind == FillOpen:
		return it.Kind == RecOpen // {{ would be a brace
	case it.Kind == FillClose:
		return p.Kind == RecClose
	case p.Kind == RecOpen, it.Kind == RecClose, it.Is(","):
		return false
	case p.Kind == BlockOpen, p.Kind == BlockClose, it.Kind == BlockOpen, it.Kind == BlockClose:
		return true
	case f.unary:
		return p.Text == it.Text // --x would be a step
	case p.Is("("), p.Is("["), p.Is("."), it.Is(")"), it.Is("]"):
		return false
	case it.Is("."):
		return p.Kind == Num && it.gap // 1 .e5 is no 1.e5
	case p.Is("="), it.Is("="):
		return f.top().text != "(" && f.top().text != "["
	case it.Is(":"):
		return p.Is(",")
	case p.Is(":"):
		return f.top().kind == RecOpen
	case it.Is("("), it.Is("["):
		return f.spacedOpen(it)
	}
	return true
}

// spacedOpen says whether a blank stands before ( or [: none in a call or an index. Of print (x) and
// print(x) both are right.
func (f *formatter) spacedOpen(it item) bool {
	p := f.prev
	switch {
	case p.Kind == Keyword && p.Text == "print":
		return it.gap
	case p.Kind == Keyword && (p.Text == "trace" || p.Text == "generate"):
		return false
	}
	return !EndsOperand(p.Token)
}

// inText says that two neighbours touch because one is text of an f-string.
func inText(a, b Kind) bool {
	return a == StrOpen || a == StrText || b == StrText || b == StrClose || b == FillSpec || b == FillOpen
}
