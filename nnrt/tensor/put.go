package tensor

// Put is a copy of a in which the selected entries are those of value, which spreads over them as in
// set.
func Put(a *Array, sels []Sel, value *Array) (*Array, error) {
	dt := promote(a.DT, value.DT)
	full, err := Spread(value.As(dt), SelType(a.Type, sels))
	if err != nil {
		return nil, err
	}
	return scatter(a.As(dt), sels, full), nil
}
