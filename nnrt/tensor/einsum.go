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
// Labels are words apart, or single letters where no operand has a space. The axes of the result
// keep the operands' names. "..." stands for the axes that a term does not name, aligned from the last
// as in NumPy. Products are taken from left to right; each sum runs in order.
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
	letters := !strings.ContainsAny(strings.TrimSpace(right), " \t")
	for i, t := range terms {
		letters = letters && oneLetter(t, ts[i].Rank())
		if strings.Count(t, ellipsis) > 1 {
			return nil, errf("%q has ... twice", strings.TrimSpace(t))
		}
	}
	e := &einsum{name: map[string]string{}}
	covered := 0 // the most axes that "..." stands for
	for i, t := range terms {
		labels := einsumLabels(t, letters)
		if at := slices.Index(labels, ellipsis); at >= 0 {
			n := ts[i].Rank() - len(labels) + 1
			covered = max(covered, n)
			labels = slices.Concat(labels[:at], ellipsisLabels(n), labels[at+1:])
		}
		if len(labels) != ts[i].Rank() {
			return nil, errf("%q gives %d axes to operand %d, which has shape %s", strings.TrimSpace(t), len(labels), i+1, ts[i])
		}
		for k, l := range labels {
			if e.name[l] == "" {
				e.name[l] = ts[i].Axes[k]
			}
		}
		e.in = append(e.in, labels)
	}
	e.out = einsumLabels(right, letters)
	if at := slices.Index(e.out, ellipsis); at >= 0 {
		e.out = slices.Concat(e.out[:at], ellipsisLabels(covered), e.out[at+1:])
	}
	return e, e.checkOut()
}

// ellipsis stands for the axes that a term does not name.
const ellipsis = "..."

// ellipsisLabels has the labels of n axes under "...", counted from the last as NumPy aligns them.
func ellipsisLabels(n int) []string {
	var out []string
	for k := n; k > 0; k-- {
		out = append(out, ellipsis+strconv.Itoa(k))
	}
	return out
}

// oneLetter says whether a term can be read with a label a letter: no blanks, and as many as axes.
func oneLetter(term string, rank int) bool {
	term = strings.TrimSpace(term)
	before, after, open := strings.Cut(term, ellipsis)
	n := len(before) + len(after)
	return !strings.ContainsAny(term, " \t") && (n == rank || open && n < rank)
}

func einsumLabels(term string, letters bool) []string {
	if !letters {
		return strings.Fields(strings.ReplaceAll(term, ellipsis, " "+ellipsis+" "))
	}
	before, after, open := strings.Cut(strings.TrimSpace(term), ellipsis)
	labels := strings.Split(before, "")
	if open {
		labels = slices.Concat(labels, []string{ellipsis}, strings.Split(after, ""))
	}
	return slices.DeleteFunc(labels, func(s string) bool { return s == "" })
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
