package tensor

import (
	"slices"
	"strconv"
	"strings"
)

// einsum is a parsed and checked product.
type einsum struct {
	in   [][]string // labels of each operand's axes
	out  []string
	name map[string]string // of a label: the name of an axis it stands for
}

// EinsumType is the type of Einsum.
func EinsumType(spec string, ts ...Type) (Type, error) {
	e, err := parseEinsum(spec, ts)
	if err != nil {
		return Type{}, opError(opName("einsum"), err)
	}
	t, err := e.typeOf(ts)
	return t, opError(opName("einsum"), err)
}

// EinsumPeak is how many numbers the largest of the products on the way has, for a budget: that may be
// far more than the result. It is 0 where rows have lengths of their own.
func EinsumPeak(spec string, ts ...Type) (int, error) {
	e, err := parseEinsum(spec, ts)
	if err != nil || anyRagged(ts) {
		return 0, opError(opName("einsum"), err)
	}
	size, err := e.sizes(ts)
	if err != nil {
		return 0, opError(opName("einsum"), err)
	}
	peak, acc := 0, []string(nil)
	for i, in := range e.in {
		needed := e.needed(i + 1)
		acc = slices.DeleteFunc(slices.Concat(acc, in), func(l string) bool { return !slices.Contains(needed, l) })
		slices.Sort(acc)
		acc = slices.Compact(acc)
		dims := make([]int, len(acc))
		for k, l := range acc {
			dims[k] = size[l]
		}
		peak = max(peak, Elements(dims))
	}
	return peak, nil
}

// Einsum multiplies operands and sums over what the result leaves out: "b p d, d v -> b p v".
// Labels are words apart, or single letters where no term has a space; "..." stands for the axes that a
// term does not name, aligned from the last as in NumPy. The axes of the result keep the operands' names.
// Products are taken from left to right; each sum runs in order.
func Einsum(spec string, xs ...*Array) (*Array, error) {
	ts := types(xs)
	e, err := parseEinsum(spec, ts)
	if err != nil {
		return nil, opError(opName("einsum"), err)
	}
	if _, err := e.typeOf(ts); err != nil {
		return nil, opError(opName("einsum"), err)
	}
	var out *Array
	if anyRagged(ts) {
		l, err := e.lifting(ts)
		if err != nil {
			return nil, opError(opName("einsum"), err)
		}
		out, err = l.run(xs, e.infer, e.eval)
		if err != nil {
			return nil, opError(opName("einsum"), err)
		}
	} else {
		t, _ := e.infer(ts)
		if out, err = e.eval(t, xs); err != nil {
			return nil, opError(opName("einsum"), err)
		}
	}
	out.carry(xs...)
	return out, nil
}

// parseEinsum reads the labels and checks them against the operands' axes.
func parseEinsum(spec string, ts []Type) (*einsum, error) {
	left, right, ok := strings.Cut(spec, "->")
	if !ok {
		return nil, errf("%q has no ->", spec).hint(`write the result's axes: "b p d, d v -> b p v"`)
	}
	terms := strings.Split(left, ",")
	if len(terms) != len(ts) {
		return nil, errf("%q names %d operands, got %d", spec, len(terms), len(ts))
	}
	e, dots, cut := &einsum{name: map[string]string{}}, 0, einsumCut(terms, right, ts)
	for i, t := range terms {
		labels, n, err := spelledOut(t, cut(t), func(int) int { return ts[i].Rank() })
		if err != nil {
			return nil, err
		}
		if len(labels) != ts[i].Rank() {
			return nil, errf("%q gives %d axes to operand %d, which has shape %s", strings.TrimSpace(t), len(labels), i+1, ts[i])
		}
		for k, l := range labels {
			if e.name[l] == "" {
				e.name[l] = ts[i].Axes[k]
			}
		}
		e.in, dots = append(e.in, labels), max(dots, n)
	}
	var err error
	if e.out, _, err = spelledOut(right, cut(right), func(own int) int { return own + dots }); err != nil {
		return nil, err
	}
	return e, e.checkOut()
}

// ellipsis stands for the axes that an operand has beside its labels.
const ellipsis = "..."

// einsumCut is how the terms are cut into labels: words apart or, where no term has a space, single letters;
// a word alone is one label where each operand has one axis and the letters do not fit.
func einsumCut(terms []string, right string, ts []Type) func(string) []string {
	letters, fit, words := true, true, true
	for i, t := range append(slices.Clone(terms), right) {
		t = strings.TrimSpace(t)
		letters = letters && !strings.ContainsAny(t, " \t")
		if i < len(ts) {
			fit = fit && (len(t) == ts[i].Rank() || strings.Contains(t, ellipsis))
			words = words && ts[i].Rank() == 1
		}
	}
	if letters && (fit || !words) {
		return einsumLetters
	}
	return einsumWords
}

func einsumWords(term string) []string {
	return strings.Fields(strings.ReplaceAll(term, ellipsis, " "+ellipsis+" "))
}

func einsumLetters(term string) []string {
	var out []string
	for i, part := range strings.Split(strings.TrimSpace(term), ellipsis) {
		if i > 0 {
			out = append(out, ellipsis)
		}
		out = append(out, slices.DeleteFunc(strings.Split(part, ""), func(s string) bool { return s == "" })...)
	}
	return out
}

// spelledOut puts labels in the place of a term's ellipsis, so that there are as many as rank says, which is
// told how many there are without it; dots is how many were put there. They count from the right, so that
// those of several operands meet there.
func spelledOut(term string, labels []string, rank func(own int) int) (out []string, dots int, err error) {
	at := slices.Index(labels, ellipsis)
	if at < 0 {
		return labels, 0, nil
	}
	if slices.Contains(labels[at+1:], ellipsis) {
		return nil, 0, errf("%q has ... twice", strings.TrimSpace(term))
	}
	dots = max(rank(len(labels)-1)-len(labels)+1, 0)
	out = slices.Clone(labels[:at])
	for k := dots; k > 0; k-- {
		out = append(out, ellipsis+strconv.Itoa(k))
	}
	return append(out, labels[at+1:]...), dots, nil
}

func (e *einsum) checkOut() error {
	for i, l := range e.out {
		if slices.Contains(e.out[:i], l) {
			return errf("the result has %q twice", l)
		}
		if !slices.ContainsFunc(e.in, func(in []string) bool { return slices.Contains(in, l) }) {
			return errf("the result has %q, which no operand has", l)
		}
	}
	return nil
}

func (e *einsum) typeOf(ts []Type) (Type, error) {
	if !anyRagged(ts) {
		return e.infer(ts)
	}
	l, err := e.lifting(ts)
	if err != nil {
		return Type{}, err
	}
	return l.typeOf(ts, e.infer)
}

// sizes has the length of each label.
func (e *einsum) sizes(ts []Type) (map[string]int, error) {
	size := map[string]int{}
	for i, labels := range e.in {
		for k, l := range labels {
			n, seen := size[l]
			if seen && n != ts[i].Dims[k] {
				return nil, errf("%q has length %d and %d", l, n, ts[i].Dims[k])
			}
			size[l] = ts[i].Dims[k]
		}
	}
	return size, nil
}

func (e *einsum) infer(ts []Type) (Type, error) {
	size, err := e.sizes(ts)
	if err != nil {
		return Type{}, err
	}
	out := Type{DT: F32, Axes: []string{}, Dims: []int{}}
	for _, l := range e.out {
		out.Axes, out.Dims = append(out.Axes, e.name[l]), append(out.Dims, size[l])
	}
	return out, nil
}

// lifting finds the labels of the row axes in all operands and in the result.
func (e *einsum) lifting(ts []Type) (*lifting, error) {
	l := &lifting{at: []int{}}
	for i, t := range ts {
		for _, k := range t.rowAxes() {
			label := e.in[i][k]
			if slices.Contains(l.names, label) {
				continue
			}
			at := slices.Index(e.out, label)
			if at < 0 {
				return nil, errf("sums over %q, on which the lengths of the rows depend", label).
					hint("keep it in the result and sum after, or pad(x, value) first")
			}
			l.names, l.at, l.dims = append(l.names, label), append(l.at, at), append(l.dims, t.Dims[k])
		}
	}
	for i, t := range ts {
		axes := make([]int, len(l.names))
		for j, label := range l.names {
			axes[j] = slices.Index(e.in[i], label)
			if k := axes[j]; k >= 0 && t.Dims[k] != l.dims[j] {
				return nil, errf("%q has length %d and %d", label, l.dims[j], t.Dims[k])
			}
		}
		l.axes = append(l.axes, axes)
	}
	return l, nil
}

// term is an operand, or a product so far, with one label an axis.
type term struct {
	labels []string
	dims   []int
	data   []float32
}

// eval multiplies from left to right.
func (e *einsum) eval(out Type, xs []*Array) (*Array, error) {
	acc := e.operand(0, xs[0])
	for i := 1; i < len(xs); i++ {
		acc = acc.times(e.operand(i, xs[i]), e.needed(i+1))
	}
	acc = acc.keep(e.out)
	return wrap(out, acc.arrange(e.out).data), nil
}

// needed has the labels that the result or a later operand uses.
func (e *einsum) needed(from int) []string {
	return append(slices.Concat(e.in[min(from, len(e.in)):]...), e.out...)
}

// operand takes the diagonal of labels that occur twice.
func (e *einsum) operand(i int, x *Array) term {
	own := strides(x.Dims)
	t := term{}
	var steps []int
	for k, l := range e.in[i] {
		if j := slices.Index(t.labels, l); j >= 0 {
			steps[j] += own[k]
			continue
		}
		t.labels, t.dims, steps = append(t.labels, l), append(t.dims, x.Dims[k]), append(steps, own[k])
	}
	t.data = spread(t.dims, steps, x.F32())
	return t
}

// arrange puts the labels in another order; those it has not get length 1.
func (t term) arrange(order []string) term {
	own := strides(t.dims)
	out := term{labels: order, dims: make([]int, len(order))}
	steps := make([]int, len(order))
	for i, l := range order {
		out.dims[i] = 1
		if k := slices.Index(t.labels, l); k >= 0 {
			out.dims[i], steps[i] = t.dims[k], own[k]
		}
	}
	out.data = spread(out.dims, steps, t.data)
	return out
}

// keep sums over labels that nobody needs.
func (t term) keep(needed []string) term {
	var stay, gone []string
	for _, l := range t.labels {
		if slices.Contains(needed, l) {
			stay = append(stay, l)
		} else {
			gone = append(gone, l)
		}
	}
	if len(gone) == 0 {
		return t
	}
	n := len(stay)
	all := t.arrange(append(slices.Clone(stay), gone...))
	dims := append(slices.Clone(all.dims[:n]), prod(all.dims[n:]))
	data := alongRows(all.data, dims, n, 1, func(in, out []float32) { out[0] = float32(sum(in)) })
	return term{labels: stay, dims: all.dims[:n], data: data}
}

// times multiplies two terms as a batch of matrices and sums over what is not needed any more.
func (t term) times(u term, needed []string) term {
	t, u = t.keep(append(slices.Clone(needed), u.labels...)), u.keep(append(slices.Clone(needed), t.labels...))
	var batch, inner, left, right []string
	for _, l := range t.labels {
		switch both, need := slices.Contains(u.labels, l), slices.Contains(needed, l); {
		case both && need:
			batch = append(batch, l)
		case both:
			inner = append(inner, l)
		default:
			left = append(left, l)
		}
	}
	for _, l := range u.labels {
		if !slices.Contains(t.labels, l) {
			right = append(right, l)
		}
	}
	a, b := t.arrange(slices.Concat(batch, left, inner)), u.arrange(slices.Concat(batch, inner, right))
	nb, nl, nr := len(batch), len(left), len(right)
	p := matmulPlan{
		lead: a.dims[:nb], stepA: strides(a.dims[:nb]), stepB: strides(a.dims[:nb]),
		m: prod(a.dims[nb : nb+nl]), k: prod(a.dims[nb+nl:]), n: prod(b.dims[len(b.dims)-nr:]),
	}
	dims := slices.Concat(a.dims[:nb+nl], b.dims[len(b.dims)-nr:])
	p.out = NewType(F32, nil, dims)
	return term{labels: slices.Concat(batch, left, right), dims: dims, data: p.run(a.data, b.data)}
}
