package tensor

import "slices"

// rowwiseAxes never broadcast in set: a value of one position is not meant for all.
var rowwiseAxes = []string{"pos", "query", "key"}

// AlignSet says how a value goes into a slice: of equal rank by place, of smaller rank by name or
// from the right. It may not have more axes than the slice; length 1 broadcasts, but not over pos,
// query and key. The warning, perhaps empty, says that two axes of the model met by place.
func AlignSet(value, slice Type) (Mapping, string, error) {
	if value.Rank() > slice.Rank() {
		e := errf("value has shape %s, the slice has %s", value.Shape(), slice.Shape())
		return Mapping{}, "", e.hint("index the value down to the axes of the slice: %s", namesText(slice.Axes))
	}
	m, err := Meet(slice, value)
	if err != nil {
		return Mapping{}, "", err
	}
	_, err = m.settle(slice, value)
	return m.Maps[1], m.Warning, err
}

// settle checks the lengths of a value against those of the slice.
func (m Meeting) settle(slice, value Type) (Type, error) {
	ts := []Type{slice, value}
	if anyRagged(ts) {
		l, err := m.lifting(ts)
		if err != nil {
			return Type{}, setMisfit(slice, value, err)
		}
		t, err := l.typeOf(ts, func(ts []Type) (Type, error) { return m.settle(ts[0], ts[1]) })
		if err != nil {
			return t, setMisfit(slice, value, err)
		}
		return t, nil
	}
	for k, in := range m.Maps[1].In {
		if in < 0 || value.Dims[in] == slice.Dims[k] {
			continue
		}
		if value.Dims[in] != 1 {
			e := errf("value has shape %s, the slice has %s", value.Shape(), slice.Shape())
			if name := m.rowwise(slice, value, k, in); name != "" {
				e = e.hint("%s has length %d in the value and %d in the slice: choose entries of both, as in [%s=-1]", name, value.Dims[in], slice.Dims[k], name)
			}
			return Type{}, e
		}
		if name := m.rowwise(slice, value, k, in); name != "" {
			return Type{}, errf("value has one entry of %s, the slice has %d: shapes %s and %s", name, slice.Dims[k], value, slice).
				hint("index the value so that the axis goes, and it is set at every %s", name)
		}
	}
	return slice, nil
}

func (m Meeting) rowwise(slice, value Type, k, in int) string {
	for _, name := range []string{slice.Axes[k], value.Axes[in]} {
		if slices.Contains(rowwiseAxes, name) {
			return name
		}
	}
	return ""
}

func setMisfit(slice, value Type, err error) *Error {
	if e, ok := err.(*Error); ok {
		return errf("value has shape %s, the slice has %s: %s", value.Shape(), slice.Shape(), e.Msg).hint("%s", e.Hint)
	}
	return errf("value has shape %s, the slice has %s", value.Shape(), slice.Shape())
}

// Spread lays a value out in the full shape of the slice it is set into, with the slice's element
// type where it is float32, else the value's own promoted to hold both.
func Spread(value *Array, slice Type) (*Array, error) {
	m, err := Meet(slice, value.Type)
	if err != nil {
		return nil, err
	}
	if _, _, err := AlignSet(value.Type, slice); err != nil {
		return nil, err
	}
	value = value.As(promote(slice.DT, value.DT))
	shape := Zeros(slice.with(Bool))
	return m.run([]*Array{shape, value}, value.DT, func(out Type, xs []*Array) (*Array, error) {
		return broadcast(xs[1], m.Maps[1], out), nil
	})
}

// promote is the element type that holds both.
func promote(a, b DType) DType {
	switch {
	case a == b:
		return a
	case a == F32 || b == F32:
		return F32
	}
	return I64
}

// SetIndexType is the type of a after a[ix] = value: its own, promoted to hold the value's numbers.
func SetIndexType(a Type, ix []Ix, value Type) (Type, string, error) {
	sels, err := ResolveIndex(a, ix)
	if err != nil {
		return Type{}, "", err
	}
	_, warning, err := AlignSet(value, SelType(a, sels))
	return a.with(promote(a.DT, value.DT)), warning, err
}

// SetIndex is a copy of a in which a[ix] is value.
func SetIndex(a *Array, ix []Ix, value *Array) (*Array, error) {
	t, _, err := SetIndexType(a.Type, ix, value.Type)
	if err != nil {
		return nil, err
	}
	sels, err := ResolveIndex(a.Type, ix)
	if err != nil {
		return nil, err
	}
	full, err := Spread(value.As(t.DT), SelType(a.Type, sels))
	if err != nil {
		return nil, err
	}
	return scatter(a.As(t.DT), sels, full), nil
}

// scatter is a copy of a with the selected numbers replaced by those of value, of equal type and size.
func scatter(a *Array, sels []Sel, value *Array) *Array {
	data := buffer(a.DT, a.Size())
	copyPart(data, 0, a.raw(), 0, a.Size())
	at := 0
	for _, s := range selSpans(a.Type, sels) {
		copyPart(data, s.off, value.raw(), at, s.n)
		at += s.n
	}
	out := wrap(a.Type, data)
	out.Labels = a.Labels
	return out
}
