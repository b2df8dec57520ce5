package tensor

import (
	"fmt"
	"slices"
)

// What an axis of a result takes from an operand, where it is not one of the operand's axes.
const (
	Absent = -1 // the operand is the same all along it
	Whole  = -2 // each entry needs the whole operand: an index cannot be pushed through
)

// Mapping gives, for each axis of a result, the axis of one operand that it runs along: entry i of
// the result needs no more of the operand than its entry i (its only entry where it has length 1).
// Absent and Whole stand where there is none.
type Mapping struct{ In []int }

// Meeting is how operands of an element-wise operation come together.
type Meeting struct {
	Axes    []string  // names of the result
	Maps    []Mapping // one an operand
	Warning string    // two axes of the model meet by place
}

// modelAxes are names that mean something: two different ones side by side are a likely mistake.
var modelAxes = []string{"batch", "pos", "query", "key", "head", "layer", "d_model", "d_head", "d_mlp", "d_vocab", "qkv"}

// Meet decides which axes of the operands meet, by names and number of axes alone:
//
//  1. equal rank: by place; the left names stay
//  2. the smaller's axes are all named and occur in the larger in the same order: by name
//  3. otherwise from the right; two different names at one place are an error
func Meet(ts ...Type) (Meeting, error) {
	m := Meeting{Axes: ts[0].Axes, Maps: []Mapping{identity(ts[0].Rank())}}
	for _, t := range ts[1:] {
		if err := m.add(t.Axes); err != nil {
			return m, err
		}
	}
	return m, nil
}

func identity(rank int) Mapping {
	in := make([]int, rank)
	for k := range in {
		in[k] = k
	}
	return Mapping{in}
}

// add brings in one more operand.
func (m *Meeting) add(axes []string) error {
	left, right, err := m.meet(axes)
	if err != nil {
		return err
	}
	names := make([]string, len(left))
	for k := range names {
		if left[k] >= 0 {
			names[k] = m.Axes[left[k]]
		}
		if names[k] == "" && right[k] >= 0 {
			names[k] = axes[right[k]]
		}
	}
	for i, old := range m.Maps {
		in := make([]int, len(left))
		for k, l := range left {
			in[k] = Absent
			if l >= 0 {
				in[k] = old.In[l]
			}
		}
		m.Maps[i] = Mapping{in}
	}
	m.Axes, m.Maps = names, append(m.Maps, Mapping{right})
	return nil
}

// meet pairs the axes there are with those of one more operand: for each axis of the result the
// axis on either side, or Absent.
func (m *Meeting) meet(axes []string) (left, right []int, err error) {
	n := max(len(m.Axes), len(axes))
	if len(m.Axes) == len(axes) {
		return identity(n).In, identity(n).In, m.byPlace(axes)
	}
	large, small := m.Axes, axes
	if len(small) > len(large) {
		large, small = small, large
	}
	in, ok := byName(large, small)
	if !ok {
		if in, err = fromRight(large, small); err != nil {
			return nil, nil, err
		}
	}
	if len(axes) > len(m.Axes) {
		return in, identity(n).In, nil
	}
	return identity(n).In, in, nil
}

// byPlace checks operands of equal rank.
func (m *Meeting) byPlace(axes []string) error {
	if !sameOrder(m.Axes, axes) {
		return errf("the same axes in another order: %s and %s", namesText(m.Axes), namesText(axes)).
			hint("transpose or rename one of them first")
	}
	for k, right := range axes {
		left := m.Axes[k]
		if left != right && m.Warning == "" && slices.Contains(modelAxes, left) && slices.Contains(modelAxes, right) {
			m.Warning = left + " meets " + right
		}
	}
	return nil
}

// sameOrder says whether the names that two operands share follow one another alike.
func sameOrder(a, b []string) bool {
	last := -1
	for _, name := range a {
		k := slices.Index(b, name)
		if name == "" || k < 0 || slices.Index(b[k+1:], name) >= 0 {
			continue
		}
		if k < last {
			return false
		}
		last = k
	}
	return true
}

// byName finds each axis of the smaller operand in the larger, in order.
func byName(large, small []string) ([]int, bool) {
	in := make([]int, len(large))
	next := 0
	for k, name := range large {
		in[k] = Absent
		if next < len(small) && small[next] != "" && small[next] == name {
			in[k] = next
			next++
		}
	}
	return in, next == len(small)
}

func fromRight(large, small []string) ([]int, error) {
	in := make([]int, len(large))
	for k := range large {
		in[k] = max(Absent, k-(len(large)-len(small)))
		if in[k] < 0 {
			continue
		}
		if a, b := large[k], small[in[k]]; a != b && a != "" && b != "" {
			return nil, errf("axis %s meets axis %s: axes are %s and %s", a, b, namesText(large), namesText(small)).
				hint("%s", hintApart(large, small))
		}
	}
	return in, nil
}

// hintApart says what helps when two names stand at one place: a name for the axis that has none, where
// that alone keeps the operands from meeting by name.
func hintApart(large, small []string) string {
	unnamed := slices.Index(small, "")
	known := func(name string) bool { return name == "" || slices.Contains(large, name) }
	if unnamed >= 0 && !slices.ContainsFunc(small, func(name string) bool { return !known(name) }) {
		return fmt.Sprintf(`they meet by name when each axis of %s has one: rename(x, %d, "part") on both sides`, namesText(small), unnamed)
	}
	return "rename one of them, or use outer(a, b)"
}

func namesText(axes []string) string {
	t := make([]byte, 0, 32)
	for k, a := range axes {
		if k > 0 {
			t = append(t, ' ')
		}
		if a == "" {
			a = "_"
		}
		t = append(t, a...)
	}
	return "[" + string(t) + "]"
}

// shape broadcasts the lengths of the operands; length 1 goes with any.
func (m Meeting) shape(ts []Type) (Type, error) {
	if anyRagged(ts) {
		l, err := m.lifting(ts)
		if err != nil {
			return Type{}, err
		}
		return l.typeOf(ts, m.shape)
	}
	dims := make([]int, len(m.Axes))
	for k := range dims {
		dims[k] = 1
		for i, t := range ts {
			in := m.Maps[i].In[k]
			if in < 0 || t.Dims[in] == 1 || t.Dims[in] == dims[k] {
				continue
			}
			if dims[k] != 1 {
				return Type{}, m.misfit(ts, k)
			}
			dims[k] = t.Dims[in]
		}
	}
	return NewType(ts[0].DT, m.Axes, dims), nil
}

// misfit names the two lengths that do not go together.
func (m Meeting) misfit(ts []Type, k int) *Error {
	var seen []Type
	var dims []int
	for i, t := range ts {
		if in := m.Maps[i].In[k]; in >= 0 && t.Dims[in] != 1 && !slices.Contains(dims, t.Dims[in]) {
			seen, dims = append(seen, t), append(dims, t.Dims[in])
		}
	}
	where := Type{Axes: m.Axes}.axisText(k)
	err := errf("shapes %s and %s do not fit: axis %s has %d and %d", seen[0], seen[1], where, dims[0], dims[1])
	if at := missingAxis(seen[0], seen[1]); at >= 0 {
		return err.hint(`expand(x, "name", at=%d) puts an axis of length 1 there; axes that all have names meet by them`, at)
	}
	return err
}

// missingAxis is where a reduction took an axis away: the place at which one of two shapes has one axis
// more than the other, or -1.
func missingAxis(a, b Type) int {
	if len(a.Dims) < len(b.Dims) {
		a, b = b, a
	}
	if len(a.Dims) != len(b.Dims)+1 || anyRagged([]Type{a, b}) {
		return -1
	}
	for at := len(b.Dims); at >= 0; at-- {
		if slices.Equal(slices.Delete(slices.Clone(a.Dims), at, at+1), b.Dims) {
			return at
		}
	}
	return -1
}

// lifting splits ragged operands by the axes of the result that their lengths depend on.
func (m Meeting) lifting(ts []Type) (*lifting, error) {
	l := &lifting{at: []int{}}
	for k := range m.Axes {
		n, is := 1, false
		for i, t := range ts {
			in := m.Maps[i].In[k]
			if in < 0 {
				continue
			}
			is = is || slices.Contains(t.rowAxes(), in)
			n = max(n, t.Dims[in])
		}
		if is {
			l.at, l.dims, l.names = append(l.at, k), append(l.dims, n), append(l.names, m.Axes[k])
		}
	}
	for i, t := range ts {
		axes := make([]int, len(l.at))
		for j, k := range l.at {
			axes[j] = m.Maps[i].In[k]
		}
		if err := l.fit(t, axes); err != nil {
			return nil, err
		}
		l.axes = append(l.axes, axes)
	}
	return l, nil
}

// run does an element-wise operation: eval fills a dense result from dense operands.
func (m Meeting) run(xs []*Array, dt DType, eval func(out Type, xs []*Array) (*Array, error)) (*Array, error) {
	infer := func(ts []Type) (Type, error) {
		t, err := m.shape(ts)
		return t.with(dt), err
	}
	ts := types(xs)
	if !anyRagged(ts) {
		t, err := infer(ts)
		if err != nil {
			return nil, err
		}
		out, err := eval(t, xs)
		if err == nil {
			out.carry(xs...)
		}
		return out, err
	}
	l, err := m.lifting(ts)
	if err != nil {
		return nil, err
	}
	out, err := l.run(xs, infer, eval)
	if err == nil {
		out.carry(xs...)
	}
	return out, err
}

// steps has an operand's strides along the axes of a dense result: 0 where it broadcasts.
func (m Mapping) steps(t Type) []int {
	own := strides(t.Dims)
	s := make([]int, len(m.In))
	for k, in := range m.In {
		if in >= 0 && t.Dims[in] > 1 {
			s[k] = own[in]
		}
	}
	return s
}
